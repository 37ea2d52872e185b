"""Winds and bowed strings that General MIDI lacks: a harmonic tone read from a table, breath or bow in it, a body."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.kernels import read, sweep
from riffkit.compose.sounding.synthesis.tables import Spectrum, held, lasting, saw, table, vibrato


@dataclass(frozen=True)
class Breath:
    """How a tone is held by breath or bow.

    Parameters
    ----------
    bright, dull : callable
        Strengths of the partials at full force and at the weakest.
    attack, release : float [s]
    noise : float
        Of breath or bow, around the note.
    chiff : float
        More of it while the tone begins.
    sway : tuple of (float, float, float)
        Vibrato: Hz, semitones, seconds until it is full.
    scoop : float [semitones]
        From which the note is reached.
    reeds : float [semitones]
        A second reed is so far out of tune; 0 is one.
    body : tuple of (float, float, float)
        Resonances: Hz, gain in dB, q.
    """

    bright: Spectrum
    dull: Spectrum
    attack: float = 0.04
    release: float = 0.05
    noise: float = 0.02
    chiff: float = 0.0
    sway: tuple[float, float, float] = (5.2, 0.15, 0.4)
    scoop: float = 0.0
    reeds: float = 0.0
    body: tuple[tuple[float, float, float], ...] = ()


def _steep(power: float) -> Spectrum:
    """Partials that fall as a power of their number."""
    return lambda n, f: n**-power


def _odd(power: float, even: float = 0.05) -> Spectrum:
    """A cylinder closed at one end: odd partials before all."""
    return lambda n, f: np.where(n % 2 == 1, 1.0, even) * n**-power


def _hills(power: float, *peaks: tuple[float, float, float]) -> Callable[[Any, Any], Any]:
    """Partials that fall, but for hills at fixed frequencies: (Hz, width in Hz, factor)."""
    return lambda n, f: (
        n**-power / (1 + (f / 5000) ** 3) * (0.15 + sum(g * np.exp(-(((f - c) / w) ** 2)) for c, w, g in peaks))
    )


BREATHS = {
    "duduk": Breath(_hills(0.8, (480, 260, 1.0), (1150, 350, 0.7), (2300, 500, 0.15)), _steep(2.6), 0.09, 0.09, 0.03,
                    0.06, (4.8, 0.32, 0.5), -0.8),
    "tin whistle": Breath(_steep(2.3), _steep(3.4), 0.02, 0.03, 0.02, 0.2, (5.4, 0.12, 0.35), 0.0,
                          body=((3200.0, 3.0, 1.0),)),
    "melodica": Breath(_odd(0.75, 0.55), _odd(1.5, 0.4), 0.03, 0.03, 0.01, 0.02, (5.0, 0.05, 0.4), 0.0, 0.07,
                       ((900.0, 4.0, 1.5), (2600.0, 3.0, 1.5))),
    "erhu": Breath(saw, _steep(1.7), 0.07, 0.07, 0.06, 0.05, (5.6, 0.42, 0.25), -0.6, 0.0,
                   ((480.0, 8.0, 4.0), (980.0, 9.0, 4.0), (1900.0, -6.0, 2.0), (3300.0, 7.0, 2.5))),
}  # fmt: skip


def blown(tone: Tone, how: Breath, rng: np.random.Generator) -> np.ndarray:
    """Hold one note.

    Parameters
    ----------
    tone : Tone
    how : Breath
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = lasting(tone.length, how.release)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    hertz = tone.hertz(n) * vibrato(n, *how.sway, rng)
    if how.scoop:
        hertz = hertz * 2 ** (np.float32(how.scoop / 12) * np.exp(-time / np.float32(0.035)))
    wander = 1 + 0.0012 * np.sin(2 * np.pi * (1.3 * time + rng.random()), dtype=np.float32)
    level = held(n, tone.length, how.attack, 0.3, 0.85, how.release)
    phase = rng.random()
    loud, soft = table(how.bright, tone.highest), table(how.dull, tone.highest)
    sound = np.zeros(n, np.float32)
    for detune in (0.0, how.reeds) if how.reeds else (0.0,):
        pitch = hertz * wander * np.float32(2 ** (detune / 12))
        force = (level * np.float32(0.35 + 0.65 * tone.force)) ** 1.5
        sound += force * read(loud, pitch, phase) + (1 - force) * read(soft, pitch, phase)
    if how.noise or how.chiff:
        air = rng.standard_normal(n, dtype=np.float32)
        near = sweep(air, np.minimum(hertz * 2, 12_000).astype(np.float32), 1.2, 1)
        near += np.float32(0.12) * sweep(air, np.full(n, 4500, np.float32), 0.8, 1)
        sound += near * (np.float32(how.noise) + np.float32(how.chiff) * np.exp(-time / np.float32(0.04)))
    return sound * level * np.float32(tone.force)


def didgeridoo(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """A drone of the lips with the throat's vowels moving through it, and a pulse of the breath.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Tarnopolsky et al., "Vocal tract resonances and the sound of the Australian didjeridu", 2006.
    """
    n = lasting(tone.length, 0.06)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    hertz = tone.hertz(n) * (1 + 0.01 * np.exp(-time / 0.05)).astype(np.float32)
    source = read(table(_odd_didgeridoo, tone.highest), hertz, 0.0)
    source += np.float32(0.05) * rng.standard_normal(n, dtype=np.float32)
    pulse = np.float32(2 * np.pi) * (np.float32(rng.uniform(2.2, 3.6)) * time + np.float32(rng.random()))
    vowel = sweep(source, (900 * 2 ** (0.9 * np.sin(pulse))).astype(np.float32), 5.0, 1)
    upper = sweep(source, (1900 * 2 ** (0.4 * np.sin(pulse * 2 + 1))).astype(np.float32), 6.0, 1)
    low = sweep(source, np.full(n, 320, np.float32), 0.8, 0)
    sound = low + 2.6 * vowel + 1.6 * upper
    return (sound * held(n, tone.length, 0.05, 1.0, 0.9, 0.06) * (0.8 + 0.2 * np.sin(pulse)) * tone.force).astype(
        np.float32
    )


def _odd_didgeridoo(n: np.ndarray, f: np.ndarray) -> np.ndarray:
    return np.where(n % 2 == 1, 1.0, 0.55) * n**-0.75
