"""How loud the players are beside each other: by loudness as ears weigh it, not by the velocity of keys."""

import numba
import numpy as np

from riffkit.compose.sounding.equalizing import coefficients, equalized

# Loudness in a mix, in dB: lines above chords, pads beneath, bass and drums under it all.
LEVELS = {"m": -19.0, "c": -22.0, "a": -21.5, "b": -21.0, "p": -24.0, "x": -24.0, "drums": -19.5, "sounds": -20.0}
BENEATH = -6.5  # dB: sounds that are not music, where there is music
FULL = 0.97  # the highest peak
HIGHEST = 1.4  # the highest peak before it is bent down to that
MASTER = -18.5  # dB: loudness of a piece


@numba.njit(cache=True, nogil=True)
def _energies(loop: np.ndarray, shelf: np.ndarray, edge: np.ndarray, size: int) -> np.ndarray:
    """Mean square of stretches of `size` samples, through the two filters (b and a in one row) of ITU-R BS.1770."""
    out = np.zeros(len(loop) // size, np.float64)
    p, q, r, s = 0.0, 0.0, 0.0, 0.0
    for i in range(len(out) * size):
        x = loop[i]
        y = shelf[0] * x + p
        p, q = shelf[1] * x - shelf[4] * y + q, shelf[2] * x - shelf[5] * y
        z = edge[0] * y + r
        r, s = edge[1] * y - edge[4] * z + s, edge[2] * y - edge[5] * z
        out[i // size] += z * z / size
    return out


def loudness(loop: np.ndarray) -> float:
    """How loud a loop is where it sounds, in dB.

    Stretches of 80 ms more than 15 dB below the loudest ones do not count: few notes are as loud as many.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,) or (2, n), float32]

    Returns
    -------
    float [dB]
        -inf for silence.

    References
    ----------
    ITU-R BS.1770-4, "Algorithms to measure audio programme loudness".
    """
    shelf = np.concatenate(coefficients("high shelf", 1681.97, 4.0, 0.7072))
    edge = np.concatenate(coefficients("high pass", 38.135, 0.0, 0.5003))
    rows = np.atleast_2d(loop)
    energies = np.sum([_energies(np.ascontiguousarray(row, np.float32), shelf, edge, 3528) for row in rows], axis=0)
    loudest = float(np.max(energies))
    if loudest <= 1e-14:
        return -np.inf
    return float(10 * np.log10(np.mean(energies[energies > loudest * 10**-1.5])))


def at_level(loop: np.ndarray, level: float) -> np.ndarray:
    """A loop made as loud as that; silence stays silence.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,) or (2, n), float32]
    level : float [dB]
        As `loudness` measures it.

    Returns
    -------
    np.ndarray [float32, same shape]
    """
    now = loudness(loop)
    return loop if now == -np.inf else loop * np.float32(10 ** ((level - now) / 20))


def mastered(mix: np.ndarray) -> np.ndarray:
    """A whole piece at its loudness, with no offset and no peak above full scale.

    Parameters
    ----------
    mix : np.ndarray [shape=(2, n), float32]

    Returns
    -------
    np.ndarray [shape=(2, n), float32, -0.97..0.97]
    """
    mix = at_level(mix - mix.mean(axis=1, keepdims=True), MASTER)
    # What is all strokes and silence would be bent too far at this level.
    mix *= np.float32(min(1.0, HIGHEST / (np.abs(mix).max() + 1e-9)))
    # Peaks bend from three quarters of full scale on: quieter than a limiter and as smooth.
    knee = np.float32(0.75)
    over = np.abs(mix) > knee
    if over.any():
        peaks = mix[over]
        room = np.float32(FULL - knee)
        mix[over] = np.sign(peaks) * (knee + room * np.tanh((np.abs(peaks) - knee) / room))
    return mix


def shaded(loop: np.ndarray, dynamics: str) -> np.ndarray:
    """What is played softly is duller, what is played hard is brighter.

    Parameters
    ----------
    loop : np.ndarray [shape=(..., n), float32]
    dynamics : str
        soft, normal or loud.

    Returns
    -------
    np.ndarray [float32, same shape]
    """
    if dynamics == "soft":
        return equalized(loop, ("high shelf", 1600.0, -9.0, 0.6), ("high shelf", 7000.0, -6.0, 0.6))
    if dynamics == "loud":
        return equalized(loop, ("high shelf", 2200.0, 4.0, 0.6))
    return loop
