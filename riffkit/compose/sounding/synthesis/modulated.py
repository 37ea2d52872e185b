"""Frequency modulation: pianos, bells and basses of two or three sine waves that shake each other."""

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.tables import held, lasting


def _turns(tone: Tone, n: int) -> np.ndarray:
    """Phase of the note in radians, float64."""
    return np.cumsum(tone.hertz(n), dtype=np.float64) * (2 * np.pi / SAMPLE_RATE)


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
    tine = np.sin(ratio * turn) * tine_index
    sides = []
    for detune in (-0.7, 0.7):  # the sides beat slowly against each other
        own = turn + 2 * np.pi * detune * time
        sides.append(np.sin(own + body_index * np.sin(own)) + 0.5 * np.sin(turn + tine) + 0.12 * tine)
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
    sound = np.sin(turn) + 0.7 * np.sin(turn + index * np.sin(1.4 * turn)) * np.exp(-time / 0.9)
    sound += 0.5 * np.sin(2 * turn + 0.7 * index * np.sin(3.5 * turn)) * np.exp(-time / 0.3)
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
        flutter = 1 + 0.95 * np.sin(2 * np.pi * ((19 + 3.7 * k) * time + rng.random()))
        swell = np.exp(-time / 0.12) + 0.8 * (1 - np.exp(-time / 0.25)) if k % 2 else np.exp(-time / 1.5)
        partial = (strength * np.sin(ratio * turn) * (0.2 * np.exp(-time / 0.02) + flutter / 2) * swell).astype(
            np.float32
        )
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
    rasp = 1 + 0.6 * np.sign(np.sin(2 * np.pi * 31 * time)) * np.minimum(time / 0.1, 1)
    rasp = np.convolve(rasp, np.ones(64, np.float32) / 64, "same")
    sound = np.zeros(n)
    for k in (1, 3, 5, 7, 9, 11, 13):
        if tone.highest * k * 1.03 > 17_000:
            break
        lean = bark if k > 2 else 1.0
        sound += lean / k**0.7 * (np.sin(k * turn) + 0.8 * np.sin(k * turn * 1.021))
    sound *= rasp * (0.65 + 0.35 * np.sin(turn / 2))
    return (sound * held(n, tone.length, 0.012, 3.0, 0.8, 0.09) * tone.force).astype(np.float32)
