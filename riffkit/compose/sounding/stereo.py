"""Where things are heard: panning, the width of a drum set and of a section, and pieces that lie on one side."""

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import SAMPLE_RATE

# Where the drums stand, from the listener's side: General MIDI keys, -1..1.
SPREAD = {
    41: -0.45, 43: -0.35, 45: -0.25, 47: 0.0, 48: 0.15, 50: 0.35,
    42: 0.3, 44: 0.3, 46: 0.3, 49: -0.4, 51: -0.5, 52: 0.5, 53: -0.5, 55: 0.25, 57: 0.45, 59: -0.5,
    54: 0.35, 56: 0.2, 58: 0.4, 60: 0.3, 61: 0.2, 62: -0.3, 63: -0.25, 64: -0.2, 65: 0.35, 66: 0.25,
    67: -0.4, 68: -0.35, 69: -0.4, 70: 0.4, 73: 0.4, 74: 0.4, 75: -0.35, 76: 0.35, 77: 0.3,
    80: -0.5, 81: -0.5, 82: 0.35, 83: -0.3, 85: 0.4,
}  # fmt: skip
SIDES = ("centre", "left", "right", "wide", "narrow")


def panned(loop: np.ndarray, pan: float) -> np.ndarray:
    """Place a loop from left to right: one of constant power if it is mono, a balance if it is stereo.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,) or (2, n), float32]
    pan : float [-1..1]

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    angle = (min(max(pan, -1.0), 1.0) + 1) * np.pi / 4
    gains = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
    if loop.ndim == 1:
        return gains * loop
    return gains * np.float32(np.sqrt(2)) * loop


def sectioned(loop: np.ndarray, seconds: float = 0.013) -> np.ndarray:
    """A mono loop spread as a section of players is: a share of it comes late, from either side with another sign.

    The sum of both channels is the loop as it was, so nothing is lost in mono.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,), float32]
    seconds : float [s]
        Of the delay.

    Returns
    -------
    np.ndarray [shape=(2, n), float32]

    References
    ----------
    Lauridsen, "Nogle forsoeg med forskellige former rum akustik gengivelse", 1954.
    """
    late = np.roll(equalized(loop, ("high pass", 250.0, 0.0)), round(seconds * SAMPLE_RATE))
    late *= np.float32(0.55)
    return np.stack([loop + late, loop - late]) * np.float32(np.sqrt(0.5))


def sided(mix: np.ndarray, side: str) -> np.ndarray:
    """Turn a whole piece to one side, or make it wide or narrow.

    Parameters
    ----------
    mix : np.ndarray [shape=(2, n), float32]
    side : str
        One of `SIDES`.

    Returns
    -------
    np.ndarray [shape=(2, n), float32]

    Raises
    ------
    ValueError
        If there is no such side.
    """
    if side not in SIDES:
        raise ValueError(f"side is {side!r}; expected one of {', '.join(SIDES)}")
    if side == "centre":
        return mix
    middle, edge = mix.mean(axis=0), (mix[0] - mix[1]) / 2
    if side == "narrow":
        return np.stack([middle + np.float32(0.06) * edge, middle - np.float32(0.06) * edge])
    if side == "wide":
        # Everything but the bass leans outwards: the sides up, and the middle itself made of two that differ.
        loose = sectioned(middle, 0.017) * np.float32(np.sqrt(2))
        low = equalized(middle, ("low pass", 180.0, 0.0))
        return np.float32(0.8) * loose + np.float32(0.2) * low + np.float32(1.7) * np.stack([edge, -edge])
    return panned(middle + np.float32(0.5) * edge, -0.86 if side == "left" else 0.86)
