"""One period of a tone as a table, added up from partials below hearing's edge, and how loud a note is over time."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE

TABLE = 4096  # samples of one period
HIGHEST = 18_500.0  # Hz: partials above are left out, so that none folds back

Spectrum = Callable[[Any, Any], Any]  # (number of the partial from 1, its frequency in Hz) -> its strength


def saw(n: Any, f: Any) -> Any:
    """Strengths of a sawtooth's partials.

    Parameters
    ----------
    n : np.ndarray [shape=(n_partials,), from 1]
    f : np.ndarray [shape=(n_partials,), Hz]
    """
    return 1 / n


def square(n: Any, f: Any) -> Any:
    """Strengths of a square wave's partials: the odd ones.

    Parameters
    ----------
    n : np.ndarray [shape=(n_partials,), from 1]
    f : np.ndarray [shape=(n_partials,), Hz]
    """
    return (n % 2) / n


def sine(n: Any, f: Any) -> Any:
    """Strengths of the partials of a sine: it has one.

    Parameters
    ----------
    n : np.ndarray [shape=(n_partials,), from 1]
    f : np.ndarray [shape=(n_partials,), Hz]
    """
    return (n == 1).astype(float)


def pulse(width: float) -> Spectrum:
    """Strengths of the partials of a pulse.

    Parameters
    ----------
    width : float [0..0.5]
        Share of the period that it is up.
    """
    return _pulse(width)


@lru_cache(maxsize=16)
def _pulse(width: float) -> Spectrum:
    return lambda n, f: np.sin(np.pi * n * width) / n


def table(spectrum: Spectrum, highest: float, scrambled: bool = False) -> np.ndarray:
    """One period of a tone, with its first sample once more at the end, at an RMS of 0.3.

    Parameters
    ----------
    spectrum : callable
        A function that is kept (no lambda made anew), as tables are remembered by it.
    highest : float [Hz]
        The highest frequency that the note reaches; rounded up to a semitone.
    scrambled : bool
        Partials start anywhere, not all at once: less of a peak.

    Returns
    -------
    np.ndarray [shape=(4097,), float32, read-only]
    """
    return _table(spectrum, int(np.ceil(12 * np.log2(highest / 440) - 1e-6)), scrambled)


@lru_cache(maxsize=4096)
def _table(spectrum: Spectrum, semitones: int, scrambled: bool) -> np.ndarray:
    highest = 440 * 2 ** (semitones / 12)
    count = max(1, min(int(HIGHEST / highest), TABLE // 2 - 1))
    numbers = np.arange(1, count + 1)
    spectrum_of = np.zeros(TABLE // 2 + 1, complex)
    phases = np.random.default_rng(0).random(count) if scrambled else np.full(count, 0.75)
    strengths = np.asarray(spectrum(numbers, numbers * highest), float) * np.ones(count)
    spectrum_of[numbers] = strengths * np.exp(2j * np.pi * phases)
    period = np.fft.irfft(spectrum_of)
    period *= 0.3 / np.sqrt(np.mean(period**2) + 1e-20)
    period = np.append(period, period[0]).astype(np.float32)
    period.setflags(write=False)
    return period


def held(n: int, length: int, attack: float, decay: float, sustain: float, release: float) -> np.ndarray:
    """How loud a note is: up, down to what is held, and away when the key is let go.

    Parameters
    ----------
    n : int [samples]
    length : int [samples]
        How long the key is down.
    attack, decay, release : float [s]
        To full level; to 1/e of the way down; to 1/e after the key.
    sustain : float [0..1]

    Returns
    -------
    np.ndarray [shape=(n,), float32]
        0 at both ends.
    """
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    rise = np.minimum(time / np.float32(max(attack, 0.0015)), 1)
    rise *= rise * (3 - 2 * rise)  # rounded at both ends
    level = np.float32(sustain) + np.float32(1 - sustain) * np.exp(np.minimum((attack - time) / np.float32(decay), 0))
    level *= rise
    if length < n:
        level[length:] *= np.exp(-time[: n - length] / np.float32(release))
    fade = min(n, 256)
    level[n - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return level


def lasting(length: int, release: float) -> int:
    """Samples of a note with its release: until it is 45 dB down.

    Parameters
    ----------
    length : int [samples]
        How long the key is down.
    release : float [s]
        To 1/e.
    """
    return length + round(5.2 * release * SAMPLE_RATE) + 256


def vibrato(n: int, hertz: float, semitones: float, after: float, rng: np.random.Generator) -> np.ndarray:
    """A vibrato that sets in after a while, as factors of the frequency.

    Parameters
    ----------
    n : int [samples]
    hertz : float [Hz]
    semitones : float
        How far up and down.
    after : float [s]
        Until it is full.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    depth = np.minimum(time / np.float32(max(after, 0.01)), 1) ** 2 * np.float32(semitones * np.log(2) / 12)
    turn = np.float32(2 * np.pi) * (np.float32(hertz * rng.uniform(0.93, 1.07)) * time)
    return 1 + depth * np.sin(turn)
