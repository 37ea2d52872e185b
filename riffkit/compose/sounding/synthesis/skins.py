"""Drums played by hand, and what else our own synthesis strikes: tabla, djembe, cajon, gong, rolls, snaps."""

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.compose.sounding.synthesis.machines import MACHINES, Drum
from riffkit.compose.sounding.synthesis.strokes import SKIN, claps, fall, hiss, layers, metal, skin

SHELL = (1.0, 1.5, 1.98, 2.44, 2.9, 3.4)  # a loaded or tuned head: nearly a harmonic series
TABLA = (1.0, 2.0, 3.0, 4.0, 5.0)  # Raman, "The Indian musical drums", 1934


def _bend(low: float, high: float, decay: float, level: float) -> np.ndarray:
    """A head that is pressed as it rings: up, and down again."""
    n = round(5 * decay * SAMPLE_RATE)
    time = np.arange(n) / SAMPLE_RATE
    f = low + (high - low) * np.sin(np.pi * np.minimum(time / (2.6 * decay), 1)) ** 1.4
    turn = 2 * np.pi * np.cumsum(f) / SAMPLE_RATE
    sound = (np.sin(turn) + 0.35 * np.sin(2.02 * turn) + 0.15 * np.sin(3.1 * turn)) * np.exp(-time / decay)
    return (level * sound * np.minimum(time / 0.001, 1)).astype(np.float32)


def _roll() -> np.ndarray:
    """Two sticks on a snare for a second, swelling."""
    n, every = round(1.15 * SAMPLE_RATE), 0.037
    hit = layers(skin(210, 0.04, 0.4, SKIN, 0.7, 0.7), hiss(4200, 0.5, 0.06, 0.8, 2))
    out = np.zeros(n, np.float32)
    for k in range(29):
        place = round((k * every + (0.004 if k % 2 else 0)) * SAMPLE_RATE)
        level = 0.25 + 0.75 * (k / 28) ** 1.5 if k < 28 else 1.4
        room = min(len(hit), n - place)
        out[place : place + room] += np.float32(level * (0.9 if k % 2 else 1)) * hit[:room]
    return layers(out)


def _gong() -> np.ndarray:
    rng = np.random.default_rng(3)
    ratios = tuple(1 + np.sort(rng.random(26)) ** 1.6 * 22)
    bloom = hiss(3200, 0.4, 0.7, 0.35, 1, 0.35)  # the shimmer comes after the stroke
    return layers(skin(78, 1.1, 0.9, (1.0, 1.48, 2.1), 0.7, 0.8), skin(120, 0.9, 0.3, ratios, 0.97, 0.985), bloom)


def _backwards() -> np.ndarray:
    wave = layers(metal(4200, 0.34, 0.7, 2.3), hiss(6500, 0.6, 0.34, 0.8, 2))[: round(1.28 * SAMPLE_RATE)]
    wave = wave * np.float32(1)
    wave[-400:] *= np.linspace(1, 0, 400, dtype=np.float32)
    return layers(wave[::-1])


HANDS: dict[str, dict[int, Drum]] = {
    "finger snaps": {26: lambda: layers(hiss(2300, 2.2, 0.012, 1.6), hiss(1500, 3.0, 0.02, 0.5), at=(0.006, 0))},
    "gong": {52: _gong},
    "taiko drums": {
        35: lambda: layers(
            fall(105, 62, 0.03, 0.34, 1.2), skin(66, 0.2, 0.5, SKIN, 0.6, 0.7), hiss(700, 0.5, 0.03, 0.9)
        ),
        41: lambda: layers(fall(160, 104, 0.02, 0.2, 1.0), skin(105, 0.12, 0.5), hiss(1100, 0.5, 0.02, 0.7)),
        37: lambda: layers(skin(1250, 0.012, 0.9, (1.0, 1.4, 2.2), 0.8, 0.9), hiss(2600, 0.8, 0.008, 0.7)),
    },
    "tabla": {
        35: lambda: layers(_bend(82, 118, 0.22, 1.0), hiss(600, 0.8, 0.01, 0.4)),  # ghe: the left hand presses
        60: lambda: layers(skin(330, 0.16, 0.7, TABLA, 0.75, 0.8), hiss(3800, 0.9, 0.006, 0.6)),  # na: the rim
        61: lambda: layers(skin(330, 0.3, 0.9, TABLA[:3], 0.35, 0.6), hiss(1200, 0.9, 0.008, 0.3)),  # tin
        62: lambda: layers(skin(250, 0.025, 0.8, SKIN, 0.7, 0.8), hiss(1900, 0.8, 0.014, 0.8)),  # te: damped
    },
    "djembe": {
        64: lambda: layers(fall(92, 74, 0.02, 0.16, 1.1), hiss(420, 0.8, 0.02, 0.5)),  # bass
        63: lambda: layers(skin(265, 0.07, 0.8, SKIN, 0.6, 0.75), hiss(1300, 0.8, 0.012, 0.5)),  # tone
        62: lambda: layers(skin(390, 0.06, 0.6, (*SKIN, 3.6, 4.3, 5.1), 0.9, 0.85), hiss(3100, 0.7, 0.02, 1.0)),  # slap
    },
    "cajon": {
        36: lambda: layers(
            fall(110, 82, 0.015, 0.1, 1.1), skin(150, 0.05, 0.4, SKIN, 0.6, 0.7), hiss(900, 0.6, 0.012, 0.5)
        ),
        38: lambda: layers(
            skin(240, 0.03, 0.5, SHELL, 0.8, 0.7), hiss(3600, 0.6, 0.05, 1.2, 2), hiss(1400, 0.8, 0.015, 0.8)
        ),
        37: lambda: layers(skin(420, 0.02, 0.5, SHELL, 0.8, 0.8), hiss(2600, 0.8, 0.01, 0.7)),
    },
    "frame drum": {
        64: lambda: layers(skin(98, 0.32, 0.9, SKIN, 0.5, 0.6), hiss(500, 0.6, 0.02, 0.5)),
        63: lambda: layers(skin(230, 0.1, 0.6, (1, 1.6, 2.3, 3.1, 3.9), 0.8, 0.8), metal(6500, 0.12, 0.25, 3.1)),
        62: lambda: layers(
            skin(340, 0.05, 0.5, SKIN, 0.8, 0.8), metal(7000, 0.16, 0.4, 3.1), hiss(2800, 0.8, 0.012, 0.6)
        ),
    },
    "surdo": {
        87: lambda: layers(fall(74, 58, 0.03, 0.4, 1.2), skin(60, 0.2, 0.4, SKIN, 0.5, 0.6), hiss(350, 0.6, 0.03, 0.7)),
        86: lambda: layers(fall(80, 66, 0.02, 0.06, 1.1), hiss(500, 0.6, 0.02, 0.7)),
    },
    "talking drum": {
        64: lambda: layers(_bend(150, 290, 0.16, 1.0), hiss(1500, 0.8, 0.008, 0.5)),
        63: lambda: layers(fall(330, 170, 0.09, 0.13, 0.9), skin(190, 0.08, 0.3), hiss(1500, 0.8, 0.008, 0.5)),
        62: lambda: layers(skin(300, 0.05, 0.8, SKIN, 0.6, 0.8), hiss(2100, 0.8, 0.01, 0.7)),
    },
    "electronic drum": {
        45: lambda: layers(fall(420, 75, 0.09, 0.24, 1.0), hiss(1800, 0.6, 0.03, 0.5)),
        48: lambda: layers(fall(620, 120, 0.09, 0.22, 1.0), hiss(2200, 0.6, 0.03, 0.5)),
        50: lambda: layers(fall(900, 180, 0.09, 0.2, 1.0), hiss(2600, 0.6, 0.03, 0.5)),
    },
    "808 clap": {39: MACHINES["808"][39]},
    "drum roll": {38: _roll},
    "reverse cymbal": {49: _backwards},
    "handclaps": {39: lambda: claps(1650, 0.022, 1.7, (0, 0.007, 0.016, 0.02, 0.029))},
}
