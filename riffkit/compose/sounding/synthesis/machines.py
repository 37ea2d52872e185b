"""Drum machines: the 808 and the 909 by their circuits, a Linn by its samples' manner, a rhythm box, a game console."""

from collections.abc import Callable
from functools import partial

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.compose.sounding.synthesis.strokes import SKIN, claps, fall, hiss, layers, metal, skin

Drum = Callable[[], np.ndarray]


def _toms(make: Callable[[float], np.ndarray], low: float) -> dict[int, Drum]:
    """Toms on keys 41 to 50, each a third or so above the last."""
    return {key: partial(make, low * 2 ** (i / 4)) for i, key in enumerate((41, 43, 45, 47, 48, 50))}


_808: dict[int, Drum] = {
    36: lambda: layers(fall(140, 48, 0.012, 0.26, 1.2, 1.2), hiss(2500, 0.7, 0.003, 0.4)),
    38: lambda: layers(skin(185, 0.07, 0.9, (1.0, 1.78), 0.7, 0.7), hiss(3800, 0.6, 0.065, 1.1, 2)),
    37: lambda: layers(skin(1700, 0.008, 1.0, (1.0, 0.47), 0.8, 1.0), hiss(3000, 1.0, 0.004, 0.8)),
    39: lambda: claps(1050, 0.075, 1.6),
    42: lambda: metal(7200, 0.022, 0.8),
    44: lambda: metal(7200, 0.03, 0.7),
    46: lambda: metal(7000, 0.13, 0.8),
    49: lambda: metal(5200, 0.42, 0.8),
    51: lambda: metal(6200, 0.3, 0.5, 1.3),
    56: lambda: layers(
        skin(540, 0.07, 0.8, (1.0, 1.48, 3.0, 4.45), 0.9, 0.9), skin(540, 0.016, 0.8, (1.0, 1.48), 1, 1)
    ),
    70: lambda: hiss(8500, 0.8, 0.012, 0.7, 2, 0.008),
    75: lambda: skin(2450, 0.018, 1.0, (1.0,), 1, 1),
    82: lambda: hiss(7500, 0.8, 0.02, 0.6, 2, 0.015),
    **_toms(lambda f: layers(fall(f * 1.25, f, 0.03, 0.17, 1.0), hiss(900, 0.7, 0.05, 0.1)), 82),
    **{key: partial(fall, f * 1.1, f, 0.02, 0.1) for key, f in ((64, 165), (63, 250), (62, 370))},
}
_909: dict[int, Drum] = {
    36: lambda: layers(fall(310, 50, 0.022, 0.13, 1.3, 2.2), hiss(3800, 0.6, 0.004, 0.9, 0)),
    38: lambda: layers(fall(330, 190, 0.015, 0.06, 0.8), hiss(5200, 0.5, 0.09, 1.3, 2), hiss(1800, 0.7, 0.03, 0.6)),
    37: lambda: layers(skin(510, 0.012, 0.8, (1.0, 1.6, 2.9, 4.6), 0.9, 0.9), hiss(4500, 0.8, 0.005, 0.7)),
    39: lambda: claps(1350, 0.11, 1.6, (0, 0.0095, 0.019, 0.0285)),
    42: lambda: layers(metal(8000, 0.03, 0.6, 1.9), hiss(9500, 0.7, 0.03, 0.8, 2)),
    44: lambda: layers(metal(8000, 0.02, 0.5, 1.9), hiss(9500, 0.7, 0.022, 0.6, 2)),
    46: lambda: layers(metal(7500, 0.2, 0.6, 1.9), hiss(9000, 0.7, 0.17, 0.8, 2)),
    49: lambda: layers(metal(4200, 0.5, 0.6, 2.3), hiss(6500, 0.6, 0.45, 0.7, 2)),
    51: lambda: layers(metal(5500, 0.45, 0.6, 2.7), hiss(9500, 0.7, 0.2, 0.3, 2)),
    82: lambda: hiss(9000, 0.7, 0.025, 0.6, 2, 0.02),
    **_toms(lambda f: layers(fall(f * 1.9, f, 0.03, 0.15, 1.1, 1.5), hiss(2500, 0.6, 0.02, 0.35)), 88),
}
_linn: dict[int, Drum] = {
    36: lambda: layers(fall(120, 62, 0.03, 0.09, 1.2, 1.0), skin(230, 0.02, 0.5), hiss(1800, 0.8, 0.008, 0.7)),
    38: lambda: layers(
        skin(205, 0.09, 0.8, SKIN, 0.7, 0.75), hiss(2600, 0.5, 0.11, 1.3, 1), hiss(6500, 0.7, 0.07, 0.6, 2)
    ),
    37: lambda: layers(skin(950, 0.015, 0.9, (1, 1.83, 2.9), 0.8, 0.8), hiss(2400, 1.0, 0.008, 0.6)),
    39: lambda: claps(1250, 0.05, 1.8, (0, 0.013, 0.02, 0.034)),
    42: lambda: layers(metal(6000, 0.028, 0.5, 2.9), hiss(8200, 0.9, 0.02, 0.6, 1)),
    46: lambda: layers(metal(6000, 0.17, 0.5, 2.9), hiss(8200, 0.9, 0.14, 0.6, 1)),
    49: lambda: layers(metal(3500, 0.4, 0.5, 3.3), hiss(6000, 0.6, 0.4, 0.6, 2)),
    51: lambda: layers(metal(4500, 0.3, 0.6, 3.1), skin(3300, 0.2, 0.2, (1.0, 1.7), 0.6, 0.8)),
    54: lambda: layers(metal(7500, 0.05, 0.5, 3.7), hiss(9500, 0.8, 0.04, 0.7, 2)),
    56: lambda: skin(560, 0.05, 1.0, (1.0, 1.5, 2.6, 4.1), 0.8, 0.8),
    69: lambda: hiss(7000, 0.9, 0.018, 0.8, 1, 0.006),
    **_toms(
        lambda f: layers(fall(f * 1.4, f, 0.05, 0.2, 1.0), skin(f * 1.5, 0.06, 0.4), hiss(1200, 0.6, 0.02, 0.4)), 95
    ),
}
_rhythm_box: dict[int, Drum] = {
    36: lambda: fall(95, 66, 0.01, 0.06, 1.1),
    38: lambda: layers(skin(245, 0.03, 0.5, (1.0,), 1, 1), hiss(4800, 0.7, 0.045, 0.8, 2)),
    37: lambda: skin(1850, 0.008, 1.0, (1.0,), 1, 1),
    39: lambda: hiss(1300, 1.2, 0.04, 1.2),
    42: lambda: layers(hiss(4800, 2.5, 0.04, 0.9), hiss(10_500, 0.8, 0.012, 0.7, 2)),
    46: lambda: hiss(8200, 1.2, 0.08, 0.7, 2),
    49: lambda: hiss(6800, 0.9, 0.3, 0.6, 2),
    51: lambda: hiss(9200, 1.2, 0.12, 0.5, 2),
    56: lambda: skin(800, 0.03, 0.8, (1.0, 1.33), 0.9, 0.9),
    70: lambda: hiss(9500, 1.0, 0.015, 0.6, 2, 0.004),
    75: lambda: skin(2500, 0.014, 1.0, (1.0,), 1, 1),
    58: lambda: layers(*[hiss(2600, 3.0, 0.012, 1.0) for _ in range(6)], at=(0, 0.012, 0.024, 0.036, 0.048, 0.06)),
    **_toms(lambda f: fall(f * 1.05, f, 0.01, 0.09, 1.0), 120),
    **{
        key: partial(fall, f * 1.04, f, 0.01, 0.06)
        for key, f in ((64, 210), (63, 310), (62, 420), (61, 420), (60, 560))
    },
}


def _steps(clock: float, decay: float, level: float, short: bool = False) -> np.ndarray:
    """The noise of a game console's chip: one random bit held for some samples; short registers ring."""
    n = round(5 * decay * SAMPLE_RATE)
    bits = np.random.default_rng(93 if short else 15).choice([-1.0, 1.0], 93 if short else 32_767)
    held = bits[(np.arange(n) * clock / SAMPLE_RATE).astype(int) % len(bits)]
    steps = np.ceil(15 * np.exp(-np.arange(n) / SAMPLE_RATE / decay)) / 15  # volume in sixteen steps
    return (0.3 * level * held * steps).astype(np.float32)


def _slide(high: float, low: float, seconds: float, level: float) -> np.ndarray:
    """A triangle wave that falls in a straight line: the console's kick and toms."""
    n = round(seconds * SAMPLE_RATE)
    turns = np.cumsum(np.linspace(high, low, n)) / SAMPLE_RATE
    return (level * (2 / np.pi) * np.arcsin(np.sin(2 * np.pi * turns))).astype(np.float32)


_chip: dict[int, Drum] = {
    36: lambda: layers(_slide(240, 40, 0.12, 1.1), _steps(6000, 0.006, 0.8)),
    38: lambda: layers(_steps(14_000, 0.055, 1.3), _slide(330, 160, 0.05, 0.5)),
    37: lambda: _steps(22_000, 0.012, 1.0, True),
    39: lambda: layers(_steps(17_000, 0.01, 1.0), _steps(17_000, 0.05, 1.0), at=(0, 0.02)),
    42: lambda: _steps(44_000, 0.016, 0.9),
    46: lambda: _steps(44_000, 0.09, 0.8),
    49: lambda: _steps(30_000, 0.3, 0.9),
    51: lambda: _steps(40_000, 0.06, 0.6, True),
    56: lambda: _steps(9000, 0.05, 0.8, True),
    **_toms(lambda f: _slide(f * 2.2, f, 0.16, 1.0), 90),
}
MACHINES = {"808": _808, "909": _909, "linn": _linn, "rhythm box": _rhythm_box, "chip": _chip}
NEAREST = {35: 36, 40: 38, 26: 39, 53: 51, 52: 49, 55: 49, 57: 49, 59: 51, 54: 82, 80: 51, 81: 46, 76: 75, 77: 75,
           60: 62, 61: 63, 65: 50, 66: 47, 67: 56, 68: 56, 69: 70, 70: 82, 82: 42, 73: 82, 74: 82, 83: 51, 75: 37,
           58: 39, 62: 50, 63: 48, 64: 45, 85: 37, 86: 45, 87: 41, 44: 42}  # fmt: skip
