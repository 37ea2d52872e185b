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
import scipy.linalg
import scipy.sparse

from .mel import mel_filters

RUN = 8


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """Sizes and operators for one `SpectrogramParams`; made by `grid_for`.

    `hop`, `window`: samples at the inner `rate`. `n_fft` = `stretch` * `window`: the transform in which magnitudes are
    compared with the mel. `solver`, `readout`: mel -> least-norm magnitudes at the `window // 2 + 1` plain bins.
    `rows`, `first`, `weights`, `back_weights`, `norm`: the mel filters over the `n_fft // 2 + 1` fine bins, in runs
    of 8 bins, so that each is one vector operation (run r gives 8 weights from bin first[r] on to filter rows[r]).
    `resolved`: every filter holds a bin; where one does not, magnitudes cannot be corrected towards the mel.
    """

    hop: int
    window: int
    stretch: int
    rate: float
    solver: np.ndarray
    readout: scipy.sparse.csr_matrix
    readout_fine: scipy.sparse.csr_matrix
    rows: np.ndarray
    first: np.ndarray
    weights: np.ndarray
    back_weights: np.ndarray
    norm: np.ndarray
    resolved: bool

    @property
    def n_fft(self):
        return self.window * self.stretch

    def magnitudes(self, mel, fine=False):
        """The smallest magnitudes that give this mel (n_mels, n), negative ones cut: shape (n, bins), float32.

        Triangles overlap only their neighbours, so F F' is tridiagonal and x = F' (F F')^-1 mel costs two
        multiplications a bin; the numbers are those of a dense least-squares solver.
        """
        z = scipy.linalg.solveh_banded(self.solver, mel, lower=True, check_finite=False, overwrite_b=False)
        x = (self.readout_fine if fine else self.readout) @ z
        return np.maximum(x.T, 0, dtype=np.float32, order="C", casting="unsafe")


def _interpolation(n_from, positions, cubic):
    """Sparse matrix that reads a curve at fractional `positions` (linear, or Catmull-Rom with mirrored ends)."""
    base = np.floor(positions + 1e-9)
    t = np.maximum(positions - base, 0)
    if cubic:
        taps = [-0.5 * t + t**2 - 0.5 * t**3, 1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3]
        taps.append(-0.5 * t**2 + 0.5 * t**3)
        offsets = (-1, 0, 1, 2)
    else:
        taps, offsets = [1 - t, t], (0, 1)
    rows = np.arange(len(positions))
    matrix = scipy.sparse.csr_matrix((len(positions), n_from))
    for tap, offset in zip(taps, offsets, strict=True):
        columns = np.abs((base + offset).astype(int))
        columns = np.where(columns > n_from - 1, 2 * (n_from - 1) - columns, columns).clip(0, n_from - 1)
        matrix = matrix + scipy.sparse.csr_matrix((tap, (rows, columns)), shape=matrix.shape)
    return matrix


def _fast(n):
    return n % 2 == 0 and scipy.fft.next_fast_len(n, real=True) == n


@lru_cache(maxsize=8)
def grid_for(params):
    """The `Grid` of these `SpectrogramParams` (kept, so that the next call is free)."""
    hop, win, n_fft, rate = params.hop_length, params.win_length, params.n_fft, params.sample_rate
    common = math.gcd(hop, win)
    needed = math.ceil(common * 2 * params.fmax / rate - 1e-9)  # the top of the picture stays below half the rate
    scale = next((m for m in range(max(needed, 1), common) if _fast(m * win // common)), common)
    inner_hop, window = hop * scale // common, win * scale // common
    stretch = 1 if n_fft == win else 2
    filters = mel_filters(params).astype(np.float64)
    n_fine = min(int(np.ceil(params.fmax / rate * n_fft)) + 1, filters.shape[1])
    filters = scipy.sparse.csr_matrix(filters[:, :n_fine])

    gram = (filters @ filters.T).toarray()
    diagonal = np.diag(gram).copy()
    diagonal += 1e-9 * diagonal.max() + 1e-30  # filters without a bin stay solvable
    solver = np.stack([diagonal, np.append(np.diag(gram, 1), 0)])

    def read_at(bins_per_hz, n_bins):
        positions = np.arange(n_bins) / bins_per_hz * n_fft / rate
        inside = positions <= n_fine - 1
        reading = _interpolation(n_fine, np.minimum(positions, n_fine - 1), cubic=False)
        return (scipy.sparse.diags(inside.astype(float)) @ reading @ filters.T).tocsr().astype(np.float64)

    fine_bins = window * stretch // 2 + 1
    positions = np.arange(n_fine) * (win * stretch / n_fft)
    bands = (filters @ _interpolation(fine_bins, np.minimum(positions, fine_bins - 1), cubic=True)).toarray()
    rows, first, weights = [], [], []
    for j, row in enumerate(bands):
        inside = np.flatnonzero(np.abs(row) > 1e-4 * np.abs(row).max())
        for k in range(inside[0], inside[-1] + 1, RUN) if len(inside) else ():
            run = row[k : min(k + RUN, inside[-1] + 1)]
            rows.append(j)
            first.append(k)
            weights.append(np.pad(run, (0, RUN - len(run))))
    weights = np.array(weights, np.float32).reshape(-1, RUN)
    norm = 1 / (np.maximum(bands, 0).sum(axis=0) + 1e-6)
    return Grid(
        hop=inner_hop,
        window=window,
        stretch=stretch,
        rate=rate * scale / common,
        solver=solver,
        readout=read_at(win / rate, window // 2 + 1),
        readout_fine=read_at(win * stretch / rate, fine_bins),
        rows=np.array(rows, np.int32),
        first=np.array(first, np.int32),
        weights=weights,
        back_weights=np.maximum(weights, 0),
        resolved=bool((np.diag(gram) > 0).all()),
        norm=np.where(np.maximum(bands, 0).sum(axis=0) > 1e-6, norm, 0).astype(np.float32),
    )
