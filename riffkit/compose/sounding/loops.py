"""Loops of 5.12 seconds, on which time is a circle: what rings past the end is heard at the start."""

from typing import NamedTuple

import numpy as np
import scipy.fft

from riffkit.compose.pieces.piece import LOOP_SECONDS

SAMPLE_RATE = 44100
LOOP_SAMPLES = round(LOOP_SECONDS * SAMPLE_RATE)  # 225,792 = 512 hops of 441
NYQUIST = SAMPLE_RATE / 2


class Tone(NamedTuple):
    """One note in samples: what synthesis plays.

    Parameters
    ----------
    start, length : int [samples]
    pitch : int [MIDI]
    velocity : int [1..127]
    bend : tuple of (int, float)
        Samples after the start, semitones away from `pitch`: straight lines between, held after the last.
    """

    start: int
    length: int
    pitch: int
    velocity: int
    bend: tuple[tuple[int, float], ...] = ()

    @property
    def seconds(self) -> float:
        """How long the key is held, in seconds."""
        return self.length / SAMPLE_RATE

    @property
    def force(self) -> float:
        """Velocity from 0 to 1."""
        return self.velocity / 127

    def hertz(self, n: int, ratio: float = 1.0) -> np.ndarray:
        """Frequency of each of `n` samples from the start of the note, its bend followed.

        Parameters
        ----------
        n : int [samples]
        ratio : float
            Of a partial, or of a voice out of tune.

        Returns
        -------
        np.ndarray [shape=(n,), float32, Hz]
        """
        if not self.bend:
            return np.full(n, hertz_of(self.pitch) * ratio, np.float32)
        return (hertz_of(self.pitch) * ratio * 2 ** (self.moved(np.arange(n)) / 12)).astype(np.float32)

    def moved(self, places: np.ndarray) -> np.ndarray:
        """How far the pitch has moved away from the key, in semitones.

        Parameters
        ----------
        places : np.ndarray [shape=(n,), samples from the start of the note]

        Returns
        -------
        np.ndarray [shape=(n,), float64]
        """
        samples, semitones = [place for place, _ in self.bend], [away for _, away in self.bend]
        return np.interp(places, samples, semitones) if self.bend else np.zeros(len(places))

    @property
    def highest(self) -> float:
        """The highest frequency that the note reaches, in Hz."""
        return hertz_of(self.pitch + max((semitones for _, semitones in self.bend), default=0.0))


def hertz_of(pitch: float) -> float:
    """Frequency of a MIDI note in equal temperament, A4 = 440 Hz.

    Parameters
    ----------
    pitch : float [MIDI]
    """
    return 440.0 * 2 ** ((pitch - 69) / 12)


def add_round(loop: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Add a sound to a loop, in place, from a sample on and round the end.

    Parameters
    ----------
    loop : np.ndarray [shape=(..., n)]
        Changed in place.
    sound : np.ndarray [shape=(..., m)]
        Of any length: what is longer than the loop is laid over itself.
    start : int [samples]
    """
    size = loop.shape[-1]
    start %= size
    done = 0
    while done < sound.shape[-1]:
        count = min(sound.shape[-1] - done, size - start)
        loop[..., start : start + count] += sound[..., done : done + count]
        done, start = done + count, 0


def folded(sound: np.ndarray, size: int = LOOP_SAMPLES) -> np.ndarray:
    """A sound of any length as a loop: its end laid over its start.

    Parameters
    ----------
    sound : np.ndarray [shape=(..., m)]
    size : int [samples]

    Returns
    -------
    np.ndarray [shape=(..., size), float32]
    """
    loop = np.zeros((*sound.shape[:-1], size), np.float32)
    add_round(loop, sound, 0)
    return loop


def seamless(sound: np.ndarray, overlap: int) -> np.ndarray:
    """Make a loop of a sound that goes on for ever: its last samples fade over into its first ones.

    The fade is one of equal power, right for noises, whose two ends have nothing in common.

    Parameters
    ----------
    sound : np.ndarray [shape=(..., n + overlap)]
    overlap : int [samples]

    Returns
    -------
    np.ndarray [shape=(..., n), float32]
    """
    size = sound.shape[-1] - overlap
    turn = np.linspace(0, np.pi / 2, overlap, dtype=np.float32)
    loop = sound[..., :size].astype(np.float32)
    loop[..., :overlap] = loop[..., :overlap] * np.sin(turn) + sound[..., size:] * np.cos(turn)
    return loop


def frequencies(n: int = LOOP_SAMPLES) -> np.ndarray:
    """Frequencies of the bins of a loop's spectrum.

    Parameters
    ----------
    n : int [samples]

    Returns
    -------
    np.ndarray [shape=(n // 2 + 1,), float32, Hz]
    """
    return np.fft.rfftfreq(n, 1 / SAMPLE_RATE).astype(np.float32)


def filtered(loop: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Filter a loop circularly by a response over `frequencies()`.

    Parameters
    ----------
    loop : np.ndarray [shape=(..., n), float32]
    response : np.ndarray [shape=(n // 2 + 1,), float32 or complex64]

    Returns
    -------
    np.ndarray [shape=(..., n), float32]
    """
    spectrum = scipy.fft.rfft(np.asarray(loop, np.float32))
    return scipy.fft.irfft(spectrum * response, loop.shape[-1])
