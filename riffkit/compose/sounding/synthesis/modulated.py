"""Frequency modulation: pianos, bells and basses of two or three sine waves that shake each other."""

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.tables import held, lasting


def _turns(tone: Tone, n: int) -> np.ndarray:
    """Phase of the note in turns, float64."""
    return np.cumsum(tone.hertz(n), dtype=np.float64) / SAMPLE_RATE


def _wave(turns: np.ndarray, shaken: np.ndarray | float = 0.0) -> np.ndarray:
    """A sine of so many turns, its phase shaken by so many radians: in float32, which is quicker by far."""
    return np.sin((turns - np.floor(turns)).astype(np.float32) * np.float32(2 * np.pi) + shaken)


def fm_piano(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """The electric piano of the eighties: a body at 1:1, a tine at 14:1 that rings briefly, two chorused sides.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, n), float32]

    References
    ----------
    Chowning, "The synthesis of complex audio spectra by means of frequency modulation", 1973; Yamaha DX7, E.PIANO 1.
    """
    n = lasting(tone.length, 0.12)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    turn = _turns(tone, n)
    ratio = 14 if tone.highest * 14 < 15_000 else 9 if tone.highest * 9 < 15_000 else 5
    body_index = (1.1 * tone.force * np.exp(-time / 0.5)).astype(np.float32)
    tine_index = (0.9 * tone.force**2 * np.exp(-time / 0.14)).astype(np.float32)
    tine = _wave(ratio * turn) * tine_index
    both = np.float32(0.5) * _wave(turn, tine) + np.float32(0.12) * tine
    sides = []
    for detune in (-0.7, 0.7):  # the sides beat slowly against each other
        own = turn + detune * time
        sides.append(_wave(own, body_index * _wave(own)) + both)
    decay = 2.2 * 2 ** ((60 - tone.pitch) / 24)
    return (np.stack(sides) * held(n, tone.length, 0.002, decay, 0.0, 0.12) * tone.force**1.3).astype(np.float32)


def fm_bells(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """A bell whose partials are no multiples: carrier and modulator at 1:1.4, a second pair at 1:3.5 that dies first.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Chowning, "The synthesis of complex audio spectra by means of frequency modulation", 1973: bell-like tones.
    """
    n = tone.length + round(1.6 * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    turn = _turns(tone, n)
    room = min(1.0, 14_000 / (tone.highest * 8))
    index = (3.2 * room * tone.force * np.exp(-time / 0.5)).astype(np.float32)
    sound = _wave(turn) + np.float32(0.7) * _wave(turn, index * _wave(1.4 * turn)) * np.exp(-time / np.float32(0.9))
    sound += _wave(2 * turn, np.float32(0.7) * index * _wave(3.5 * turn)) * np.exp(-time / np.float32(0.3)) / 2
    return (sound * held(n, n, 0.0015, 0.75, 0.0, 0.3) * tone.force).astype(np.float32)


def glass_bees(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """A timbre that no instrument has: a glassy strike, then a swarm: partials that flutter at twenty times a second.

    Each partial trembles at a speed of its own, and every second one swells as the note goes on.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    n = lasting(tone.length, 0.16)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    turn = _turns(tone, n)
    sound = np.zeros((2, n), np.float32)
    for k, (ratio, strength) in enumerate(((1, 1.0), (2, 0.35), (3.01, 0.6), (5.03, 0.5), (7.96, 0.4), (11.1, 0.3))):
        if tone.highest * ratio > 18_000:
            break
        flutter = np.float32(0.5) + np.float32(0.475) * _wave((19 + 3.7 * k) * time + rng.random())
        swell = np.exp(-time / np.float32(0.12 if k % 2 else 1.5))
        if k % 2:
            swell += np.float32(0.8) * (1 - np.exp(-time / np.float32(0.25)))
        strike = np.float32(0.2) * np.exp(-time / np.float32(0.02))
        partial = np.float32(strength) * _wave(ratio * turn) * (strike + flutter) * swell
        sound[k % 2] += partial
        sound[1 - k % 2] += np.float32(0.5) * partial
    return sound * held(n, tone.length, 0.002, 2.0, 0.5, 0.16) * np.float32(tone.force)


def iron_reed(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """A timbre that no instrument has: a growl of odd partials that are split in pairs, rasping, with a tail of iron.

    Ring modulation by half the note gives it the octave below; its brightness barks at the start and once more at
    the end of the note, when it is let go.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = lasting(tone.length, 0.09)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    turn = _turns(tone, n)
    bark = np.exp(-time / 0.07) + 0.35 + np.exp(-(((time - tone.seconds) / 0.05) ** 2))
    rasp = 1 + np.float32(0.6) * np.tanh(4 * _wave(31 * time)) * np.minimum(time / np.float32(0.1), 1)
    sound = np.zeros(n, np.float32)
    for k in (1, 3, 5, 7, 9, 11, 13):
        if tone.highest * k * 1.03 > 17_000:
            break
        lean = bark if k > 2 else 1.0
        sound += lean / np.float32(k**0.7) * (_wave(k * turn) + np.float32(0.8) * _wave(k * 1.021 * turn))
    sound *= rasp * (np.float32(0.65) + np.float32(0.35) * _wave(turn / 2))
    return (sound * held(n, tone.length, 0.012, 3.0, 0.8, 0.09) * tone.force).astype(np.float32)
