"""Filters of two poles for loops: shelves, bells, edges, by the formulas that everybody uses."""

from functools import lru_cache

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.compose.sounding.synthesis.kernels import biquad


@lru_cache(maxsize=512)
def coefficients(kind: str, hertz: float, gain_db: float = 0.0, q: float = 0.7071) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of a filter of two poles.

    Parameters
    ----------
    kind : str
        low pass, high pass, band pass (peak 1), low shelf, high shelf or bell.
    hertz : float [Hz]
        Its corner or centre.
    gain_db : float [dB]
        Of shelves and bells.
    q : float

    Returns
    -------
    b, a : np.ndarray [shape=(3,), float64]

    References
    ----------
    Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients".
    """
    turn = 2 * np.pi * hertz / SAMPLE_RATE
    cos, alpha = np.cos(turn), np.sin(turn) / (2 * q)
    gain = 10 ** (gain_db / 40)
    root = 2 * np.sqrt(gain) * alpha
    side = 1 if kind == "low shelf" else -1
    b, a = {
        "low pass": ([(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
        "high pass": ([(1 + cos) / 2, -1 - cos, (1 + cos) / 2], [1 + alpha, -2 * cos, 1 - alpha]),
        "band pass": ([alpha, 0, -alpha], [1 + alpha, -2 * cos, 1 - alpha]),
        "bell": ([1 + alpha * gain, -2 * cos, 1 - alpha * gain], [1 + alpha / gain, -2 * cos, 1 - alpha / gain]),
    }.get(kind) or (
        [
            gain * (gain + 1 - side * (gain - 1) * cos + root),
            side * 2 * gain * (gain - 1 - side * (gain + 1) * cos),
            gain * (gain + 1 - side * (gain - 1) * cos - root),
        ],
        [
            gain + 1 + side * (gain - 1) * cos + root,
            -side * 2 * (gain - 1 + side * (gain + 1) * cos),
            gain + 1 + side * (gain - 1) * cos - root,
        ],
    )
    return np.array(b) / a[0], np.array(a) / a[0]


def equalized(loop: np.ndarray, *bands: tuple[str, float, float, float] | tuple[str, float, float]) -> np.ndarray:
    """Send a loop through filters, one after another, round its end.

    Parameters
    ----------
    loop : np.ndarray [shape=(..., n), float32]
    bands : tuple of (str, float, float) or (str, float, float, float)
        Kind, hertz, gain in dB and q, as `coefficients` takes them.

    Returns
    -------
    np.ndarray [shape=(..., n), float32]
    """
    rows = np.atleast_2d(np.asarray(loop, np.float32))
    for band in bands:
        b, a = coefficients(*band)
        rows = np.stack([biquad(np.ascontiguousarray(row), b, a) for row in rows])
    return rows.reshape(np.shape(loop))
