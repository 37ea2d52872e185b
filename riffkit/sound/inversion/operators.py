"""The inner grid of the inversion: a lower sample rate on which the same hop, window and bins fall on whole numbers.

Riffusion's pictures end at 10 kHz, so nothing is lost at 20 kHz, where a hop is 200 samples and a window 2000: ten
times fewer operations a pass than at 44.1 kHz with 17640 points. The bins of the two windows coincide (every 10 Hz),
so the way back to 44.1 kHz is one inverse FFT a frame with zeros in the upper bins: no resampler.
"""

import dataclasses
import math
from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.sparse

from riffkit.sound.compiling import compiled
from riffkit.sound.inversion.kernels.work import Sparse
from riffkit.sound.mel import mel_filters
from riffkit.sound.params import SpectrogramParams, hz_per_mel

PULL = 0.2  # how far magnitudes under wide filters are drawn to the smallest ones
NARROW, WIDE = 1.2, 2.5  # distances of filters, in bins of the window, where that begins and is complete


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """Sizes and operators for one `SpectrogramParams`; made by `grid_for`.

    Parameters
    ----------
    hop, window : int [samples at `rate`]
    stretch : int
        `n_fft` = stretch * window: the transform in which magnitudes are compared with the mel.
    rate : float [Hz]
        The inner sample rate.
    diagonal, below : np.ndarray [shape=(n_mels,) and (n_mels - 1,), float32]
        F F' = L D L', for the least-norm magnitudes.
    readout, readout_fine : Sparse
        From there to the window // 2 + 1 plain bins or the n_fft // 2 + 1 fine ones.
    filters : Sparse
        Weights of the mel filters on the fine bins.
    heard : Sparse
        The same, row by row of the mel.
    back : Sparse
        Weights of the way back, whose bins share what a filter hands out.
    pull : np.ndarray [shape=(n_fft // 2 + 1,), float32, 0..1]
        How far each fine bin is drawn to the least-norm magnitudes.
    resolved : bool
        Every filter holds a bin; where one does not, magnitudes cannot be corrected towards the mel.
    """

    hop: int
    window: int
    stretch: int
    rate: float
    diagonal: np.ndarray
    below: np.ndarray
    readout: Sparse
    readout_fine: Sparse
    filters: Sparse
    heard: Sparse
    back: Sparse
    pull: np.ndarray
    resolved: bool

    @property
    def n_fft(self) -> int:
        """Samples of the transform in which magnitudes are compared with the mel."""
        return self.window * self.stretch

    def solve(self, mel: np.ndarray) -> np.ndarray:
        """Tridiagonal solve (F F')^-1 mel: what `readout` makes the smallest magnitudes from.

        Parameters
        ----------
        mel : np.ndarray [shape=(n_mels, n), >= 0]

        Returns
        -------
        np.ndarray [shape=(n_mels, n), float32]
        """
        return _solve(self.diagonal, self.below, np.ascontiguousarray(mel, np.float32))

    def magnitudes(self, mel: np.ndarray, fine: bool = False) -> np.ndarray:
        """Least-norm magnitudes that give this mel, negative ones cut.

        Triangles overlap only their neighbours, so F F' is tridiagonal and x = F' (F F')^-1 mel costs two
        multiplications a bin; the numbers are those of a dense least-squares solver.

        Parameters
        ----------
        mel : np.ndarray [shape=(n_mels, n), >= 0]
        fine : bool
            On the fine bins, not the plain ones.

        Returns
        -------
        np.ndarray [shape=(n, bins), float32, >= 0]
        """
        return _read(self.readout_fine if fine else self.readout, np.ascontiguousarray(self.solve(mel).T))


@compiled(fastmath=True)
def _solve(diagonal: np.ndarray, below: np.ndarray, mel: np.ndarray) -> np.ndarray:
    z = mel.copy()
    for j in range(1, len(z)):
        for t in range(z.shape[1]):
            z[j, t] -= below[j - 1] * z[j - 1, t]
    for j in range(len(z)):
        for t in range(z.shape[1]):
            z[j, t] /= diagonal[j]
    for j in range(len(z) - 2, -1, -1):
        for t in range(z.shape[1]):
            z[j, t] -= below[j] * z[j + 1, t]
    return z


@compiled(fastmath=True)
def _read(readout: Sparse, z: np.ndarray) -> np.ndarray:
    out = np.empty((len(z), len(readout.starts) - 1), np.float32)
    for t in range(out.shape[0]):
        for k in range(out.shape[1]):
            total = np.float32(0)
            for e in range(readout.starts[k], readout.starts[k + 1]):
                total += readout.weights[e] * z[t, readout.columns[e]]
            out[t, k] = max(total, np.float32(0))
    return out


def _sparse(matrix: np.ndarray | scipy.sparse.sparray) -> Sparse:
    matrix = scipy.sparse.csr_matrix(matrix)
    matrix.eliminate_zeros()
    return Sparse(matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))


def _interpolation(n_from: int, positions: np.ndarray, cubic: bool) -> scipy.sparse.csr_matrix:
    """Sparse matrix that reads a curve at fractional `positions` (linear, or Catmull-Rom with mirrored ends)."""
    base = np.floor(positions + 1e-9)
    t = np.maximum(positions - base, 0)
    if cubic:
        taps = [-0.5 * t + t**2 - 0.5 * t**3, 1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3]
        taps.append(-0.5 * t**2 + 0.5 * t**3)
        offsets: tuple[int, ...] = (-1, 0, 1, 2)
    else:
        taps, offsets = [1 - t, t], (0, 1)
    rows = np.arange(len(positions))
    matrix = scipy.sparse.csr_matrix((len(positions), n_from))
    for tap, offset in zip(taps, offsets, strict=True):
        columns = np.abs((base + offset).astype(int))
        columns = np.where(columns > n_from - 1, 2 * (n_from - 1) - columns, columns).clip(0, n_from - 1)
        matrix = matrix + scipy.sparse.csr_matrix((tap, (rows, columns)), shape=matrix.shape)
    return matrix


def _fast(n: int) -> bool:
    return n % 2 == 0 and scipy.fft.next_fast_len(n, real=True) == n


@lru_cache(maxsize=8)
def grid_for(params: SpectrogramParams) -> Grid:
    """The `Grid` of these `params` (kept, so that the next call is free)."""
    hop, win, n_fft, rate = params.hop_length, params.win_length, params.n_fft, params.sample_rate
    common = math.gcd(hop, win)
    needed = math.ceil(common * 2 * params.fmax / rate - 1e-9)  # the top of the picture stays below half the rate
    scale = next((m for m in range(max(needed, 1), common) if _fast(m * win // common)), common)
    inner_hop, window = hop * scale // common, win * scale // common
    stretch = 1 if n_fft == win and window % 2 == 0 else 2  # n_fft of the grid is even
    filters = mel_filters(params).astype(np.float64)
    n_fine = min(int(np.ceil(params.fmax / rate * n_fft)) + 1, filters.shape[1])
    filters = scipy.sparse.csr_matrix(filters[:, :n_fine])

    gram = (filters @ filters.T).toarray()
    diagonal = np.diag(gram).copy()
    diagonal += 1e-9 * diagonal.max() + 1e-30  # filters without a bin stay solvable
    below = np.diag(gram, 1).copy()
    for j in range(len(below)):  # L D L'
        below[j] /= diagonal[j]
        diagonal[j + 1] -= below[j] ** 2 * diagonal[j]

    def read_at(bins_per_hz: float, n_bins: int) -> scipy.sparse.csr_matrix:
        positions = np.arange(n_bins) / bins_per_hz * n_fft / rate
        inside = positions <= n_fine - 1
        reading = _interpolation(n_fine, np.minimum(positions, n_fine - 1), cubic=False)
        return (scipy.sparse.diags(inside.astype(float)) @ reading @ filters.T).tocsr().astype(np.float64)

    fine_bins = window * stretch // 2 + 1
    positions = np.arange(n_fine) * (win * stretch / n_fft)
    bands = (filters @ _interpolation(fine_bins, np.minimum(positions, fine_bins - 1), cubic=True)).toarray()
    bands[np.abs(bands) <= 1e-4 * np.abs(bands).max(axis=1, keepdims=True)] = 0
    handed_out = np.maximum(bands, 0)
    shares = handed_out.sum(axis=0)
    norm = np.where(shares > 1e-6, 1 / (shares + 1e-6), 0)
    apart = params.mel_step * hz_per_mel(np.arange(fine_bins) * rate / (win * stretch))
    width = apart * win / rate
    return Grid(
        hop=inner_hop,
        window=window,
        stretch=stretch,
        rate=rate * scale / common,
        diagonal=diagonal.astype(np.float32),
        below=below.astype(np.float32),
        readout=_sparse(read_at(win / rate, window // 2 + 1)),
        readout_fine=_sparse(read_at(win * stretch / rate, fine_bins)),
        filters=_sparse(bands.T),
        heard=_sparse(bands),
        back=_sparse((handed_out * norm).T),
        pull=(PULL * np.clip((width - NARROW) / (WIDE - NARROW), 0, 1)).astype(np.float32),
        resolved=bool((np.diag(gram) > 0).all()),
    )


def lower_rows(params: SpectrogramParams, share: float = 0.25) -> SpectrogramParams | None:
    """The parameters of the lower rows alone: the same filters, fewer of them.

    Parameters
    ----------
    params : SpectrogramParams
    share : float [0..1]
        Of `fmax`: so far up they reach.

    Returns
    -------
    SpectrogramParams or None
        None if fewer than eight rows are left.
    """
    n_mels = math.floor(params.row_of(share * params.fmax))
    return dataclasses.replace(params, n_mels=n_mels, fmax=params.hz_of(n_mels)) if n_mels >= 8 else None
