"""The iterations of the inversion, block by block on all cores.

Each core takes 64 frames through window, FFT, magnitude update and inverse FFT while they are in its cache. Blocks are
added up in their own order, so the number of cores does not change a bit of the result.
"""

import math
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import scipy.fft

from . import attacks
from .attacks import N_BANDS
from .grid import RUN
from .mel import BLOCK, hann, n_workers

MOMENTUM = 0.99  # 0.5 costs 0.6 dB, 0 costs 0.9, 1.3 diverges


def blocks_of(n_frames):
    """Frames cut into (first, last) blocks of 64; the last one takes the rest (up to 127)."""
    n = max(n_frames // BLOCK, 1)
    return [(b * BLOCK, n_frames if b == n - 1 else (b + 1) * BLOCK) for b in range(n)]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _gather(sound, start, hop, window, frames):
    """frames[t] = window * sound from start + t * hop on, going round at the end."""
    period = len(sound)
    for t in range(frames.shape[0]):
        a = (start + t * hop) % period
        n = min(len(window), period - a)
        for i in range(n):
            frames[t, i] = sound[a + i] * window[i]
        for i in range(n, len(window)):
            frames[t, i] = sound[a + i - period] * window[i]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _overlap(frames, hop, window, out):
    """out = the frames, windowed and added, each `hop` after the one before."""
    out[:] = 0
    for t in range(frames.shape[0]):
        for i in range(len(window)):
            out[t * hop + i] += frames[t, i] * window[i]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _add_round(sound, start, piece):
    """sound[start:] += piece, going round at the end."""
    period = len(sound)
    for i in range(len(piece)):
        sound[(start + i) % period] += piece[i]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _joint_update(spectra, previous, momentum, mel, floor, rows, first, weights, back_weights, norm, bands, ratios):
    """Spectra of consistent sound -> spectra with momentum, magnitudes one step nearer to the mel, in place.

    The step is multiplicative (Kullback-Leibler, Lee & Seung 2001): |R| A'(mel / A|R|) / A'1. `mel` is (frames, bands).
    `ratios` (frames, 3) gets wanted over present energy in each of the three `bands` of attacks.py.
    """
    n_frames, n_bins = spectra.shape
    n_bands = mel.shape[1]
    x = np.zeros(n_bins + RUN, np.float32)
    g = np.empty(n_bins + RUN, np.float32)
    ratio = np.empty(n_bands, np.float32)
    energy = np.empty((N_BANDS, 2), np.float32)
    for t in range(n_frames):
        for k in range(n_bins):
            z = spectra[t, k]
            x[k] = math.sqrt(z.real * z.real + z.imag * z.imag)
        ratio[:] = 0
        g[:] = 0
        for r in range(len(rows)):
            a, total = first[r], np.float32(0)
            for i in range(RUN):
                total += weights[r, i] * x[a + i]
            ratio[rows[r]] += total
        energy[:] = floor * floor
        for j in range(n_bands):
            now, b = max(ratio[j], np.float32(0)), bands[j]
            energy[b, 0] += mel[t, j] * mel[t, j]
            energy[b, 1] += now * now
            ratio[j] = (mel[t, j] + floor) / (now + floor)
        for b in range(N_BANDS):
            ratios[t, b] = energy[b, 0] / energy[b, 1]
        for r in range(len(rows)):
            a, q = first[r], ratio[rows[r]]
            for i in range(RUN):
                g[a + i] += back_weights[r, i] * q
        for k in range(n_bins):
            z = spectra[t, k]
            e = z + momentum * (z - previous[t, k])
            previous[t, k] = z
            size = math.sqrt(e.real * e.real + e.imag * e.imag + np.float32(1e-30))
            spectra[t, k] = e * (x[k] * g[k] * norm[k] / size)


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _fixed_update(spectra, previous, momentum, magnitudes):
    """The same with magnitudes that stay (fast Griffin-Lim)."""
    for t in range(spectra.shape[0]):
        for k in range(spectra.shape[1]):
            z = spectra[t, k]
            e = z + momentum * (z - previous[t, k])
            previous[t, k] = z
            size = math.sqrt(e.real * e.real + e.imag * e.imag + np.float32(1e-30))
            spectra[t, k] = e * (magnitudes[t, k] / size)


class Rounds:
    """Sound and spectra of one chunk (a list of blocks), and the iterations on them.

    Parameters
    ----------
    grid : Grid
    params : SpectrogramParams
    blocks : list of (first, last)
        Frames of the whole; only their lengths and order matter here.
    circular : bool
        The last block is followed by the first.
    begins, ends : bool
        The chunk holds the begin or end of the whole, where windows saw the sound mirrored.
    mel : callable
        Block number in this chunk -> (n_mels, n) magnitudes; asked once.
    floor : float
        What is added to mel magnitudes before they are compared.
    joint : bool
        Correct magnitudes towards the mel; otherwise they stay.
    """

    def __init__(self, grid, params, blocks, *, circular, begins, ends, mel, floor, joint):
        self.grid, self.params, self.circular = grid, params, circular
        self.sizes = [last - first for first, last in blocks]
        self.offsets = np.concatenate([[0], np.cumsum(self.sizes)]).astype(int)
        self.n_frames = int(self.offsets[-1])
        self.window = hann(grid.window)
        self.mel, self.floor, self.joint = mel, np.float32(floor), joint
        self.wanted = [None] * len(blocks)  # mel (n, n_mels), or magnitudes that stay (n, bins)
        self.previous = [None] * len(blocks)
        inside = np.pad(np.arange((self.n_frames - 1) * grid.hop + 1), grid.window // 2, mode="reflect")[:-1]
        half = 0 if circular else grid.window // 2
        self.mirror_front = inside[: half * begins] + half
        self.mirror_back = inside[len(inside) - (half - 1) * ends :] + half if half and ends else inside[:0]
        self.gain = self._gain(grid.hop, grid.window)
        self.bands = attacks.bands_of(params)
        self.ratios = np.ones((self.n_frames, N_BANDS), np.float32)
        self.pool = ThreadPoolExecutor(n_workers()) if n_workers() > 1 and len(blocks) > 1 else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def _map(self, work):
        """work(0), work(1), ... for all blocks, in order, on all cores."""
        blocks = range(len(self.sizes))
        return map(work, blocks) if self.pool is None else self.pool.map(work, blocks)

    def _length(self, hop, window):
        return self.n_frames * hop if self.circular else (self.n_frames - 1) * hop + window

    def _gain(self, hop, window):
        """1 / the sum of all squared windows over each sample; a single hop of it in circular time."""
        squared = hann(window).astype(np.float64) ** 2
        if self.circular:
            total = np.zeros(hop)
            for a in range((window - 1) // hop * hop, -1, -hop):  # the order of the sum below: equal bits
                piece = squared[a : a + hop]
                total[: len(piece)] += piece
        else:
            total = np.zeros(self._length(hop, window))
            for t in range(self.n_frames):
                total[t * hop : t * hop + window] += squared
        return (1 / np.maximum(total, 1e-3 * total.max())).astype(np.float32)

    def _each_block(self, work, hop, window, gain):
        """Sound made of `work(i)` (windowed, added frames of block i), computed on all cores, added in order."""
        sound = np.zeros(self._length(hop, window), np.float32)
        for i, piece in enumerate(self._map(work)):
            _add_round(sound, int(self.offsets[i]) * hop, piece)
        sound.reshape(-1, len(gain))[:] *= gain  # one hop of it in circular time
        return sound

    def begin(self, first_guess):
        """Make the first sound; `first_guess(i)` gives magnitudes and phase of block i, (n, window // 2 + 1) each."""
        grid = self.grid
        signs = np.where(np.arange(grid.window // 2 + 1) % 2, -1, 1).astype(np.float32)  # centre -> start of the frame
        polar = [first_guess(i) for i in range(len(self.sizes))]

        def work(i):
            magnitudes, phase = polar[i]
            polar[i] = None
            spectra = np.empty(phase.shape, np.complex64)
            magnitudes = magnitudes * signs
            np.multiply(magnitudes, np.cos(phase), out=spectra.real)
            np.multiply(magnitudes, np.sin(phase), out=spectra.imag)
            frames = scipy.fft.irfft(spectra, n=grid.window)
            piece = np.empty((len(frames) - 1) * grid.hop + grid.window, np.float32)
            _overlap(frames, grid.hop, self.window, piece)
            return piece

        self.sound = self._each_block(work, grid.hop, grid.window, self.gain)

    def _mirror(self):
        """Beyond its ends the sound is mirrored, as it was for the windows of the forward transform."""
        sound = self.sound
        sound[: len(self.mirror_front)] = sound[self.mirror_front]
        sound[len(sound) - len(self.mirror_back) :] = sound[self.mirror_back]

    def iterate(self, sharpen=False):
        """One round: sound -> spectra -> updated spectra -> sound, and its attacks sharpened if asked."""
        self._mirror()
        grid, sound = self.grid, self.sound

        def work(i):
            frames = np.empty((self.sizes[i], grid.window), np.float32)
            _gather(sound, int(self.offsets[i]) * grid.hop, grid.hop, self.window, frames)
            spectra = scipy.fft.rfft(frames, n=grid.n_fft)
            self._update(i, spectra)
            frames = scipy.fft.irfft(spectra, n=grid.n_fft, overwrite_x=True)
            piece = np.empty((len(frames) - 1) * grid.hop + grid.window, np.float32)
            _overlap(frames, grid.hop, self.window, piece)
            return piece

        self.sound = self._each_block(work, grid.hop, grid.window, self.gain)
        self._sharpen_if(sharpen, sound)

    def _sharpen_if(self, wanted, before):
        if wanted and attacks.can_sharpen(self.grid):
            self._sharpen(before)

    def _sharpen(self, before):
        """Turn the sound up and down as the sound `before` the round would have needed it (see attacks.py)."""
        grid, n_frames = self.grid, self.n_frames
        step = grid.hop // 2
        span = grid.window // step
        weights = (hann(grid.window) ** 2).reshape(span, step).sum(axis=1)
        how = (*attacks.smoothers(grid.rate), self.circular)
        n_steps = len(self.sound) // step
        after = np.empty_like(self.sound)

        def work(i):
            first, last = int(self.offsets[i]) - attacks.HALO, int(self.offsets[i + 1]) + attacks.HALO
            if not self.circular or last - first > n_frames:
                first, last = max(first, 0), min(last, n_frames)
            steps = 2 * (last - first - 1) + span
            energies = attacks.step_energies(attacks.split(before, 2 * first * step, steps * step, *how), step)
            ratios = self.ratios.take(range(first, last), axis=0, mode="wrap")
            gains = attacks.gains_for(
                energies,
                ratios,
                weights,
                attacks.ROUNDS,
                np.float32(attacks.ACCELERATION),
                np.float32(attacks.LOWEST),
                np.float32(attacks.HIGHEST),
                np.float32(attacks.UNHEARD),
            )
            # the block's own steps: from the middle of its first window to the middle of the next block's first
            own, end = 2 * int(self.offsets[i]) + span // 2, 2 * int(self.offsets[i + 1]) + span // 2
            if not self.circular:
                own, end = (0 if i == 0 else own), (n_steps if i == len(self.sizes) - 1 else end)
            at = own - 2 * first
            gains = np.pad(gains, ((0, 0), (1, 1)), mode="edge")[:, at : at + end - own + 2]
            piece = np.empty((end - own) * step, np.float32)
            attacks.apply_gains(self.sound, own * step, gains, step, *how, piece)
            return own * step, piece

        for start, piece in self._map(work):
            start %= len(after)
            n = min(len(piece), len(after) - start)
            after[start : start + n] = piece[:n]
            after[: len(piece) - n] = piece[n:]
        self.sound = after

    def _update(self, i, spectra):
        grid, momentum = self.grid, np.float32(MOMENTUM)
        if self.previous[i] is None:
            self.previous[i] = spectra.copy()
            mel = self.mel(i)
            self.wanted[i] = np.ascontiguousarray(mel.T) if self.joint else grid.magnitudes(mel, fine=True)
        wanted, previous = self.wanted[i], self.previous[i]
        if self.joint:
            filters = (grid.rows, grid.first, grid.weights, grid.back_weights, grid.norm)
            ratios = self.ratios[self.offsets[i] : self.offsets[i + 1]]
            _joint_update(spectra, previous, momentum, wanted, self.floor, *filters, self.bands, ratios)
        else:
            _fixed_update(spectra, previous, momentum, wanted)

    def finish(self, out, lead, first, last, gain):
        """Write frames `first` to `last` of the whole (`lead` frames into this chunk), times `gain`, into `out`."""
        grid, params = self.grid, self.params
        hop, win = params.hop_length, params.win_length
        window = hann(win)
        self._mirror()

        def work(i):
            frames = np.empty((self.sizes[i], grid.window), np.float32)
            _gather(self.sound, int(self.offsets[i]) * grid.hop, grid.hop, self.window, frames)
            frames = scipy.fft.irfft(scipy.fft.rfft(frames), n=win)  # zeros fill the bins above
            piece = np.empty((len(frames) - 1) * hop + win, np.float32)
            _overlap(frames, hop, window, piece)
            return piece

        sound = self._each_block(work, hop, win, self._gain(hop, win))
        if self.circular:
            sound = np.roll(sound, -(win // 2))
        else:
            sound = sound[win // 2 :]
        part = sound[lead * hop : (lead + last - first) * hop]
        target = out[first * hop : last * hop]
        np.multiply(part[: len(target)], gain, out=target[: len(part)])
