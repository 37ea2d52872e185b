"""The ends of a sound that is no loop: its first phase is turned until it agrees with its own mirror image.

The forward transform mirrors a sound at its ends, so the frames there saw every partial together with its image. How
loud the two are together hangs on the partial's phase at the end: they add up at 0 degrees and cancel at 90. Integrated
phase is right only up to a turn of each partial, which no other frame minds, and the iterations cannot turn a long note
as a whole. So it is done before them: of several turns each stretch of the spectrum, from one valley to the next, takes
the one whose mirrored frames come nearest to the mel. The turn fades over some frames, a hertz of detuning at most.
"""

from functools import lru_cache

import numpy as np
import scipy.fft
import scipy.sparse

from riffkit.sound.inversion.kernels.loops import gather, overlap
from riffkit.sound.mel import hann

TURNS = 16  # tried, over half a circle: the other half is the same sound upside down
FADE = 30  # frames over which a turn fades, at least
WORTHWHILE = 0.4  # share of the error that a turn must take away


def frames_needed(grid):
    """How many frames of an end `agree_with_mirror` wants to see."""
    return _fading(grid) + grid.window // grid.hop


def _touched(grid):
    """Frames whose windows reach the end, or just fail to."""
    return -(-(grid.window // 2) // grid.hop) + 1


def _fading(grid):
    return max(FADE, 3 * _touched(grid))


def reading(lag):
    """How to read a sound `lag` samples earlier: whole samples, and the weights from one before there to two after."""
    whole = int(np.ceil(lag))
    d = whole - lag
    if d == 0:
        return whole, np.array([0, 1, 0, 0], np.float32)
    weights = (-d * (d - 1) * (d - 2) / 6, (d + 1) * (d - 1) * (d - 2) / 2,
               -(d + 1) * d * (d - 2) / 2, (d + 1) * d * (d - 1) / 6)  # fmt: skip
    return whole, np.array(weights, np.float32)


def earlier(sound, places, lag):
    """The sound `lag` samples before each of some places: by cubic interpolation where that is between samples."""
    whole, weights = reading(lag)
    found = np.zeros(len(places), np.float32)
    for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
        if weight != 0:
            found += weight * sound[places - whole + offset]
    return found


def agree_with_mirror(sound, mel, grid, lag):
    """The beginning of a sound with its partials turned towards their mirror image.

    For its end, hand in sound and mel backwards.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,), float32]
        From half a window before the first frame's centre, where it is mirrored; long enough for all frames of `mel`.
    mel : np.ndarray [shape=(n_mels, frames_needed(grid)), float32]
        Magnitudes of the first frames.
    grid : Grid
    lag : float [samples]
        The mirror stands half as far behind the first frame's centre.

    Returns
    -------
    np.ndarray [shape=(m,), float32]
        In place of as many samples of `sound`, which goes on from there without a step.
    """
    half, n, hop = grid.window // 2, frames_needed(grid), grid.hop
    touched, fading = _touched(grid), _fading(grid)
    window, places = hann(grid.window), np.arange(n) * hop

    def spectra_of(samples, count, n_fft):
        frames = np.empty((count, grid.window), np.float32)
        gather(samples, places[:count], window, frames)
        return scipy.fft.rfft(frames, n=n_fft)

    def sound_of(spectra):
        n = len(spectra)
        samples = overlap(scipy.fft.irfft(spectra, n=grid.window), places[:n], window)
        covered = overlap(np.broadcast_to(window, (n, grid.window)), places[:n], window)
        return samples / np.maximum(covered, 1e-3 * covered.max())

    def mirrored(samples):
        samples = samples[: places[touched - 1] + grid.window].copy()
        samples[:half] = earlier(samples[::-1], len(samples) - 1 - np.arange(2 * half, half, -1), lag)
        return spectra_of(samples, touched, grid.n_fft)

    spectra = spectra_of(np.ascontiguousarray(sound), n, grid.window)
    filters, nearest_row = _operators(grid, len(mel))
    turns = (np.pi * np.arange(TURNS) / TURNS).astype(np.float32)
    turns[turns > np.pi / 2] -= np.float32(np.pi)
    # |straight cos + quarter sin| for all turns at once
    straight, quarter = mirrored(sound), mirrored(sound_of(1j * spectra[: touched + grid.window // hop]))
    a, b = _power(straight), _power(quarter)
    both = straight.real * quarter.real + straight.imag * quarter.imag
    cos, sin = np.cos(2 * turns)[:, None, None], np.sin(2 * turns)[:, None, None]
    together = np.sqrt(np.maximum((a + b) / 2 + (a - b) / 2 * cos + both * sin, 0))
    heard = (together.reshape(-1, together.shape[-1]) @ filters).reshape(TURNS, touched, -1)
    errors = ((heard - mel[:, :touched].T) ** 2).sum(1)  # (turns, n_mels)

    free = mel[:, touched : 2 * touched].mean(1)  # of the first frames that the end does not reach
    valleys = np.flatnonzero((free[1:-1] < free[:-2]) & (free[1:-1] <= free[2:])) + 1
    starts = np.concatenate([[0], valleys])
    errors = np.add.reduceat(errors, starts, axis=1)
    turn = np.where(errors.min(0) < (1 - WORTHWHILE) * errors[0], turns[errors.argmin(0)], np.float32(0))
    turn = np.repeat(turn, np.diff([*starts, len(mel)]))
    turn = np.where(nearest_row < 0, np.float32(0), turn[nearest_row])
    fade = np.clip((fading - np.arange(n)) / (fading - touched), 0, 1).astype(np.float32)
    angle = np.outer(fade, turn)
    spectra *= np.cos(angle) + 1j * np.sin(angle)
    return sound_of(spectra)[: fading * hop]


def _power(spectra):
    return spectra.real**2 + spectra.imag**2


@lru_cache(maxsize=8)
def _operators(grid, n_mels):
    """Mel filters as a matrix (fine bins, n_mels), and for each bin of the window the row that hears it best, or -1."""
    rows = (grid.filters.weights, grid.filters.columns, grid.filters.starts)
    filters = scipy.sparse.csr_matrix(rows, (grid.n_fft // 2 + 1, n_mels))
    plain = filters[:: grid.stretch].toarray()
    return filters, np.where(plain.max(1) > 0, plain.argmax(1), -1)
