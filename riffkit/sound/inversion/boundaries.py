"""The ends of a sound that is no loop: its first phase is turned until it agrees with its own mirror image.

The forward transform mirrors a sound at its ends, so the frames there saw every partial together with its image. How
loud the two are together hangs on the partial's phase at the end: they add up at 0 degrees and cancel at 90. Integrated
phase is right only up to a turn of each partial, which no other frame minds, and the iterations cannot turn a long note
as a whole. So it is done before them: of several turns each stretch of the spectrum, from one valley to the next, takes
the one whose mirrored frames come nearest to the mel. The turn fades over some frames, a hertz of detuning at most.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import scipy.fft
import scipy.sparse

from riffkit.sound.inversion.kernels.frames import gather, overlap
from riffkit.sound.inversion.operators import Grid
from riffkit.sound.mel import hann
from riffkit.sound.params import SpectrogramParams

TURNS = 16  # tried, over half a circle: the other half is the same sound upside down
FADE = 30  # frames over which a turn fades, at least
WORTHWHILE = 0.4  # share of the error that a turn must take away


class Place(NamedTuple):
    """Where in the whole a chunk lies.

    Parameters
    ----------
    periodic : bool
        Its last block is followed by its first.
    begins, ends : bool
        It holds the begin or end of the whole, where windows saw the sound mirrored.
    """

    periodic: bool
    begins: bool
    ends: bool


def frames_needed(grid: Grid) -> int:
    """How many frames of an end `agree_with_mirror` wants to see, on this `grid`."""
    return _fading(grid) + grid.window // grid.hop


def _touched(grid: Grid) -> int:
    """Frames whose windows reach the end, or just fail to."""
    return -(-(grid.window // 2) // grid.hop) + 1


def _fading(grid: Grid) -> int:
    return max(FADE, 3 * _touched(grid))


def reading(lag: float) -> tuple[int, np.ndarray]:
    """Weights of cubic (Lagrange) interpolation that read a sound somewhat earlier.

    Parameters
    ----------
    lag : float [samples]

    Returns
    -------
    whole, weights : int [samples], np.ndarray [shape=(4,), float32]
        For the samples from one before `whole` samples earlier to two after.
    """
    whole = int(np.ceil(lag))
    d = whole - lag
    if d == 0:
        return whole, np.array([0, 1, 0, 0], np.float32)
    weights = (-d * (d - 1) * (d - 2) / 6, (d + 1) * (d - 1) * (d - 2) / 2,
               -(d + 1) * d * (d - 2) / 2, (d + 1) * d * (d - 1) / 6)  # fmt: skip
    return whole, np.array(weights, np.float32)


def earlier(sound: np.ndarray, places: np.ndarray, lag: float) -> np.ndarray:
    """Delay: the sound somewhat before each of some places, by cubic interpolation where that is between samples.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,), float32]
    places : np.ndarray [shape=(m,), int, samples]
    lag : float [samples]

    Returns
    -------
    np.ndarray [shape=(m,), float32]
    """
    whole, weights = reading(lag)
    found = np.zeros(len(places), np.float32)
    for offset, weight in zip((-1, 0, 1, 2), weights, strict=True):
        if weight != 0:
            found += weight * sound[places - whole + offset]
    return found


def agree_with_mirror(sounds: list[np.ndarray], mels: list[np.ndarray], grid: Grid, lag: float) -> list[np.ndarray]:
    """The beginning of a sound with its partials turned towards their mirror image, in all channels alike.

    For its end, hand in sounds and mels backwards.

    Parameters
    ----------
    sounds : list of np.ndarray [shape=(n,), float32]
        From half a window before the first frame's centre, where it is mirrored; long enough for all frames of the mel.
    mels : list of np.ndarray [shape=(n_mels, frames_needed(grid)), float32]
        Magnitudes of the first frames, on one scale.
    grid : Grid
    lag : float [samples]
        The mirror stands half as far behind the first frame's centre.

    Returns
    -------
    list of np.ndarray [shape=(m,), float32]
        In place of as many samples of each sound, which goes on from there without a step.
    """
    half, n, hop = grid.window // 2, frames_needed(grid), grid.hop
    touched, fading = _touched(grid), _fading(grid)
    window, places = hann(grid.window), np.arange(n) * hop

    def spectra_of(samples: np.ndarray, count: int, n_fft: int) -> np.ndarray:
        frames = np.empty((count, grid.window), np.float32)
        gather(samples, places[:count], window, frames)
        return scipy.fft.rfft(frames, n=n_fft)

    def sound_of(spectra: np.ndarray) -> np.ndarray:
        n = len(spectra)
        samples = overlap(scipy.fft.irfft(spectra, n=grid.window), places[:n], window)
        covered = overlap(np.broadcast_to(window, (n, grid.window)), places[:n], window)
        return samples / np.maximum(covered, 1e-3 * covered.max())

    def mirrored(samples: np.ndarray) -> np.ndarray:
        samples = samples[: places[touched - 1] + grid.window].copy()
        samples[:half] = earlier(samples[::-1], len(samples) - 1 - np.arange(2 * half, half, -1), lag)
        return spectra_of(samples, touched, grid.n_fft)

    filters, nearest_row = _operators(grid, len(mels[0]))
    turns = (np.pi * np.arange(TURNS) / TURNS).astype(np.float32)
    turns[turns > np.pi / 2] -= np.float32(np.pi)

    def errors_of(sound: np.ndarray, spectra: np.ndarray, mel: np.ndarray) -> np.ndarray:
        """Of each turn, in each row [shape=(TURNS, n_mels)]."""
        # |straight cos + quarter sin| for all turns at once
        straight, quarter = mirrored(sound), mirrored(sound_of(1j * spectra[: touched + grid.window // hop]))
        a, b = _power(straight), _power(quarter)
        both = straight.real * quarter.real + straight.imag * quarter.imag
        cos, sin = np.cos(2 * turns)[:, None, None], np.sin(2 * turns)[:, None, None]
        together = np.sqrt(np.maximum((a + b) / 2 + (a - b) / 2 * cos + both * sin, 0))
        heard = (together.reshape(-1, together.shape[-1]) @ filters).reshape(TURNS, touched, -1)
        return ((heard - mel[:, :touched].T) ** 2).sum(1)

    spectra = [spectra_of(np.ascontiguousarray(sound), n, grid.window) for sound in sounds]
    errors = sum(map(errors_of, sounds, spectra, mels))
    # of the first frames that the end does not reach
    free = np.max([mel[:, touched : 2 * touched].mean(1) for mel in mels], axis=0)
    valleys = np.flatnonzero((free[1:-1] < free[:-2]) & (free[1:-1] <= free[2:])) + 1
    starts = np.concatenate([[0], valleys])
    errors = np.add.reduceat(errors, starts, axis=1)
    turn = np.where(errors.min(0) < (1 - WORTHWHILE) * errors[0], turns[errors.argmin(0)], np.float32(0))
    turn = np.repeat(turn, np.diff([*starts, len(mels[0])]))
    turn = np.where(nearest_row < 0, np.float32(0), turn[nearest_row])
    fade = np.clip((fading - np.arange(n)) / (fading - touched), 0, 1).astype(np.float32)
    angle = np.outer(fade, turn)
    for one in spectra:
        one *= np.cos(angle) + 1j * np.sin(angle)
    return [sound_of(one)[: fading * hop] for one in spectra]


def _power(spectra: np.ndarray) -> np.ndarray:
    return spectra.real**2 + spectra.imag**2


@lru_cache(maxsize=8)
def _operators(grid: Grid, n_mels: int) -> tuple[Any, np.ndarray]:
    """Mel filters as a matrix (fine bins, n_mels), and for each bin of the window the row that hears it best, or -1."""
    rows = (grid.filters.weights, grid.filters.columns, grid.filters.starts)
    filters = scipy.sparse.csr_matrix(rows, (grid.n_fft // 2 + 1, n_mels))
    plain = filters[:: grid.stretch].toarray()
    return filters, np.where(plain.max(1) > 0, plain.argmax(1), -1)


class Mirror:
    """Where a chunk's sound is its own mirror image: beyond the ends of the whole, as far as the chunk holds them.

    Parameters
    ----------
    grid : Grid
    params : SpectrogramParams
    n_frames : int
        Of the chunk.
    place : Place
    """

    def __init__(self, grid: Grid, params: SpectrogramParams, n_frames: int, place: Place) -> None:
        self.grid = grid
        inside = np.pad(np.arange((n_frames - 1) * grid.hop + 1), grid.window // 2, mode="reflect")[:-1]
        half = 0 if place.periodic else grid.window // 2
        self.front = inside[: half * place.begins] + half
        self.back = inside[len(inside) - (half - 1) * place.ends :] + half if half and place.ends else inside[:0]
        # the transform mirrors about the last sample, which lies one before the middle of the last frame
        self.lag = 2 * grid.rate / params.sample_rate if (n_frames - 1) * grid.hop > half + 4 else 0.0

    def fill(self, sound: np.ndarray) -> None:
        """Mirror a sound beyond its ends, as it was for the windows of the forward transform.

        Parameters
        ----------
        sound : np.ndarray [shape=(n,), float32]
            Changed in place.
        """
        sound[: len(self.front)] = sound[self.front]
        sound[len(sound) - len(self.back) :] = earlier(sound, self.back, self.lag)

    def turn(
        self,
        sounds: list[np.ndarray],
        mels: list[Callable[[int], np.ndarray]],
        sizes: list[int],
        run: Callable[[Callable[[int], Any], int], Iterable[Any]],
    ) -> None:
        """Turn the partials at both ends towards their mirror image, where the chunk holds an end and enough frames.

        Parameters
        ----------
        sounds : list of np.ndarray [shape=(n,), float32]
            One per channel; changed in place.
        mels : list of callable
            Block number -> magnitudes [shape=(n_mels, frames of the block)], on the sounds' scale.
        sizes : list of int [frames]
            Of the blocks.
        run : callable
            run(work, n) gives work(0) to work(n - 1).
        """
        n = frames_needed(self.grid)
        if sum(sizes) < n:
            return
        some = range(-(-n // min(sizes)))  # blocks that hold as many frames

        def front() -> list[np.ndarray]:
            wanted = [np.concatenate([mel(i) for i in some], axis=1)[:, :n] for mel in mels]
            return agree_with_mirror(sounds, wanted, self.grid, 0.0)

        def back() -> list[np.ndarray]:  # backwards; there the zero with which the window begins lies a sample earlier
            behind = [len(sizes) - 1 - i for i in some]
            wanted = [np.concatenate([mel(i)[:, ::-1] for i in behind], axis=1)[:, :n] for mel in mels]
            last = [sound[: -n * self.grid.hop - self.grid.window : -1] for sound in sounds]
            last = [np.concatenate([[np.float32(0)], sound]) for sound in last]
            return [sound[1:] for sound in agree_with_mirror(last, wanted, self.grid, self.lag)]

        ends = (front, len(self.front) > 0), (back, len(self.back) > 0)
        beginning, end = run(lambda i: ends[i][0]() if ends[i][1] else None, 2)
        for sound, turned in zip(sounds, beginning or (), strict=False):
            sound[: len(turned)] = turned
        for sound, turned in zip(sounds, end or (), strict=False):
            sound[: -len(turned) - 1 : -1] = turned
