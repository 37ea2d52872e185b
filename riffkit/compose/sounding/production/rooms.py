"""Rooms, plates and springs: loops convolved with echoes that fade, left and right each with its own."""

from functools import lru_cache

import numpy as np
import scipy.fft

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, folded, frequencies
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.synthesis.kernels import sweep

# name: (seconds to -60 dB at low frequencies, at high ones, seconds before the first echo, its share against the dry)
ROOMS = {
    "default": (0.45, 0.25, 0.004, 0.16),
    "room": (0.9, 0.55, 0.008, 0.69),
    "hall": (2.2, 1.1, 0.022, 0.75),
    "cathedral": (6.0, 2.4, 0.04, 1.2),
    "plate": (1.7, 2.2, 0.001, 0.65),
    "spring": (1.8, 0.9, 0.03, 0.8),
}


@lru_cache(maxsize=8)
def response(name: str) -> np.ndarray:
    """What a room answers to a click, as the spectra of both channels.

    Parameters
    ----------
    name : str
        One of `ROOMS`.

    Returns
    -------
    np.ndarray [shape=(2, 112897), complex64, read-only, Hz as `loops.frequencies()`]
    """
    low, high, late, _ = ROOMS[name]
    n = round(min(low * 1.2, 7.0) * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    rng = np.random.default_rng(sum(name.encode()))
    noise = rng.standard_normal((2, n), dtype=np.float32)
    # Treble dies sooner than bass (or later, on a plate): two bands, each with its own fall.
    dull = np.stack([sweep(row, np.full(n, 2200, np.float32), 0.6, 0) for row in noise])
    echo = dull * np.exp(-6.9 * time / low) + (noise - dull) * np.exp(-6.9 * time / high)
    echo *= np.minimum(time / np.float32(0.01 if name != "plate" else 0.001), 1)
    if name == "spring":  # waves of every pitch travel at their own speed: each echo is a chirp
        echo = _springs(n, low, rng)
    if name in ("default", "room"):  # the walls, one by one
        for _ in range(14):
            place = int(rng.uniform(0.003, 0.035) * SAMPLE_RATE)
            echo[rng.integers(2), place] += rng.choice([-1, 1]) * 9 * np.exp(-place / (0.02 * SAMPLE_RATE))
    echo = echo / np.sqrt(np.sum(echo**2, axis=1, keepdims=True))
    spectra = scipy.fft.rfft(np.roll(folded(np.pad(echo, ((0, 0), (round(late * SAMPLE_RATE), 0)))), 0))
    hertz = frequencies()
    spectra = (spectra * (hertz**2 / (hertz**2 + 120.0**2))).astype(np.complex64)  # no mud below
    spectra.setflags(write=False)
    return spectra


def _springs(n: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros((2, n), np.float32)
    length = round(0.045 * SAMPLE_RATE)
    place = np.arange(length) / length
    for side in range(2):
        for spring in (0.033, 0.041):
            for k in range(1, int(seconds * 0.9 / spring)):
                # the k-th return is smeared k times as far: a sweep from low to high below 4.5 kHz
                size = min(length * k // 2 + 200, n)
                turn = 2 * np.pi * np.cumsum(200 + 4300 * np.linspace(0, 1, size) ** 2) / SAMPLE_RATE
                start = round(spring * (1 + 0.03 * side) * k * SAMPLE_RATE)
                size = max(0, min(size, n - start))
                chirp = np.sin(turn[:size] + rng.random() * 6) * np.hanning(size + 2)[1:-1]
                out[side, start : start + size] += (0.72**k / np.sqrt(k) * chirp).astype(np.float32)
    return out + 1e-6 * place[0]


def room(loop: np.ndarray, name: str, share: float | None = None, colour: np.ndarray | None = None) -> np.ndarray:
    """Put a loop into a room.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, 225792), float32]
    name : str
        One of `ROOMS`.
    share : float or None
        Level of the room beside the loop; None takes that of `ROOMS`.
    colour : np.ndarray or None [shape=(112897,), float32, Hz as `loops.frequencies()`]
        A response that both go through.

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    share = ROOMS[name][3] if share is None else share
    spectra = scipy.fft.rfft(loop)
    middle = (spectra[0] + spectra[1]) * np.float32(0.5)
    wet = response(name) * (np.float32(0.6) * spectra + np.float32(0.4) * middle)
    direct = 1.0 if share < 0.7 else 0.75 if share < 1 else 0.55
    both = np.float32(direct) * spectra + np.float32(share) * wet
    return scipy.fft.irfft(both if colour is None else both * colour, LOOP_SAMPLES)


def next_room(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Heard through a wall: the bass, some middle, and the room that one stands in.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    middle = loop.mean(axis=0)
    wall = equalized(middle, ("low pass", 420.0, 0.0), ("low pass", 700.0, 0.0), ("bell", 130.0, 5.0, 1.2))
    return room(np.stack([wall, wall]), "room", 0.5)
