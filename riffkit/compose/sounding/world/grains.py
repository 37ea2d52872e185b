"""What sounds of the world are made of: noise without a seam, slow changes, and small sounds strewn over the loop."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.fft

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, add_round, frequencies
from riffkit.compose.sounding.stereo import panned
from riffkit.compose.sounding.synthesis.kernels import sweep

Sound = Callable[[np.random.Generator], np.ndarray]  # -> a stereo loop


def silence() -> np.ndarray:
    """An empty stereo loop.

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    return np.zeros((2, LOOP_SAMPLES), np.float32)


def clock(seconds: float) -> np.ndarray:
    """Time of each sample of a sound.

    Parameters
    ----------
    seconds : float [s]

    Returns
    -------
    np.ndarray [shape=(n,), float32, s]
    """
    return np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def noise(
    rng: np.random.Generator,
    *corners: tuple[float, float],
    together: float = 0.2,
) -> np.ndarray:
    """Stationary noise round the loop, its spectrum drawn as a line through corners; RMS 0.1.

    Parameters
    ----------
    rng : np.random.Generator
    corners : tuple of (float, float)
        Hz and dB of the power density, in rising order; straight lines between over the octaves.
    together : float [0..1]
        How much both channels share.

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    hertz = np.maximum(frequencies(), 10)
    points, levels = zip(*corners, strict=True)
    shape = 10 ** (np.interp(np.log2(hertz), np.log2(points), levels) / 20)
    phases = rng.standard_normal((6, len(hertz)), dtype=np.float32)
    left, right, both = (phases[2 * k] + 1j * phases[2 * k + 1] for k in range(3))
    share = np.float32(np.sqrt(together))
    rest = np.float32(np.sqrt(1 - together))
    spectra = np.stack([rest * left + share * both, rest * right + share * both]) * shape.astype(np.float32)
    spectra[:, 0] = 0
    out = scipy.fft.irfft(spectra.astype(np.complex64), LOOP_SAMPLES)
    return out * np.float32(0.1 / np.sqrt(np.mean(out**2)))


def slow(rng: np.random.Generator, quickest: int, slowest: int = 1) -> np.ndarray:
    """A change without aim, round the loop, between -1 and 1.

    Parameters
    ----------
    rng : np.random.Generator
    quickest, slowest : int
        Turns in the loop of its parts.

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    coarse = np.arange(4096, dtype=np.float32) / 4096
    line = np.zeros(4096, np.float32)
    for turns in range(slowest, quickest + 1):
        line += np.float32(rng.normal() / np.sqrt(turns)) * np.sin(2 * np.pi * (turns * coarse + rng.random()))
    line /= np.abs(line).max() + 1e-9
    place = np.arange(LOOP_SAMPLES) * (4096 / LOOP_SAMPLES)
    return np.interp(place, np.arange(4097), np.append(line, line[0])).astype(np.float32)


def places(rng: np.random.Generator, count: int, uneven: float = 1.0) -> list[int]:
    """Starts strewn over the loop: even ones moved by a share of the distance between them.

    Parameters
    ----------
    rng : np.random.Generator
    count : int
    uneven : float [0..1]

    Returns
    -------
    list of int [samples]
    """
    moved = np.arange(count) + uneven * (rng.random(count) - 0.5) + rng.random()
    return [int(one) % LOOP_SAMPLES for one in moved * LOOP_SAMPLES / count]


def strew(loop: np.ndarray, sound: np.ndarray, start: int, pan: float = 0.0, level: float = 1.0) -> None:
    """Add a small sound to a stereo loop, in place, round its end.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
        Changed in place.
    sound : np.ndarray [shape=(m,) or (2, m), float32]
    start : int [samples]
    pan : float [-1..1]
    level : float
    """
    add_round(loop, panned(np.asarray(sound, np.float32) * np.float32(level), pan), start)


def rain_of(
    loop: np.ndarray, sounds: Sequence[np.ndarray], count: int, rng: np.random.Generator, levels: float = 1.0
) -> None:
    """Strew sounds over a loop, in place: anywhere, any side, mostly soft.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
        Changed in place.
    sounds : sequence of np.ndarray [shape=(m,), float32]
    count : int
    rng : np.random.Generator
    levels : float
        How much softer than the loudest most are.
    """
    for start in rng.integers(0, loop.shape[1], count):
        sound = sounds[int(rng.integers(len(sounds)))]
        strew(loop, sound, int(start), float(rng.uniform(-0.9, 0.9)), float(rng.random() ** levels))


def chirp(
    course: Sequence[tuple[float, float]], level: Sequence[tuple[float, float]], partials: Sequence[float] = (1.0,)
) -> np.ndarray:
    """A tone that moves: birds, cats, sirens, lasers.

    Parameters
    ----------
    course : sequence of (float, float)
        Seconds and Hz; in between along the octaves.
    level : sequence of (float, float)
        Seconds and level.
    partials : sequence of float
        Strengths of the multiples.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    time = clock(course[-1][0])
    seconds, hertz = zip(*course, strict=True)
    f = 2 ** np.interp(time, seconds, np.log2(hertz))
    turn = 2 * np.pi * np.cumsum(f) / SAMPLE_RATE
    sound = np.zeros(len(time))
    for k, strength in enumerate(partials, 1):
        if strength:
            sound += strength * np.sin(k * turn) * (f * k < 20_000)
    shape = np.interp(time, [place for place, _ in level], [height for _, height in level])
    edge = min(len(time) // 2, 130)
    shape[:edge] *= np.linspace(0, 1, edge)
    shape[len(shape) - edge :] *= np.linspace(1, 0, edge)
    return (sound * shape).astype(np.float32)


def puff(rng: np.random.Generator, seconds: float, hertz: float, q: float, attack: float, kind: int = 1) -> np.ndarray:
    """A burst of filtered noise: up in `attack`, away by the end.

    Parameters
    ----------
    rng : np.random.Generator
    seconds : float [s]
    hertz : float [Hz]
    q : float
    attack : float [s]
    kind : int
        0 low-pass, 1 band-pass, 2 high-pass.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    time = clock(seconds)
    air = sweep(rng.standard_normal(len(time), dtype=np.float32), np.full(len(time), hertz, np.float32), q, kind)
    fall = np.maximum(seconds - attack, 1e-3)
    rise = np.minimum(time / np.float32(max(attack, 1e-4)), 1)
    shape = rise * np.exp(-np.maximum(time - np.float32(attack), 0) * np.float32(4.6 / fall))
    shape[-100:] *= np.linspace(1, 0, len(shape[-100:]), dtype=np.float32)
    return (air * shape).astype(np.float32)
