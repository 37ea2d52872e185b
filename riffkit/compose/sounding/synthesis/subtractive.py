"""Subtractive synthesis: bright oscillators out of tune with each other, a filter that opens and closes."""

from dataclasses import dataclass

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.kernels import read, sweep
from riffkit.compose.sounding.synthesis.tables import Spectrum, held, lasting, pulse, saw, sine, table, vibrato


@dataclass(frozen=True)
class Patch:
    """Settings of an analogue synthesizer.

    Parameters
    ----------
    spectrum : callable
        Of its oscillators: `tables.saw`, `tables.square`, `tables.pulse(width)`.
    voices : int
        Oscillators for one note; more than one make the note stereo.
    spread : float [semitones]
        From the lowest to the highest of them.
    sub : float
        Of a sine an octave below.
    noise : float
    attack, decay, release : float [s]
    sustain : float [0..1]
    cutoff : float
        Where the filter rests, in octaves above the note.
    opening : float [octaves]
        How much higher it begins, or ends if `rise` is above 0.
    closing : float [s]
        To 1/e.
    rise : float [s]
        In which a pad opens; 0 for what is struck.
    q : float
        Resonance.
    sway : tuple of (float, float, float)
        Vibrato: Hz, semitones, seconds until it is full.
    fall : float [semitones]
        From which the pitch slides to the note, in its first 60 ms.
    """

    spectrum: Spectrum = saw
    voices: int = 1
    spread: float = 0.15
    sub: float = 0.0
    noise: float = 0.0
    attack: float = 0.004
    decay: float = 0.4
    sustain: float = 0.7
    release: float = 0.08
    cutoff: float = 3.0
    opening: float = 2.0
    closing: float = 0.2
    rise: float = 0.0
    q: float = 0.8
    sway: tuple[float, float, float] = (5.5, 0.0, 0.3)
    fall: float = 0.0


PATCHES = {
    "supersaw": Patch(voices=7, spread=0.42, attack=0.006, sustain=0.85, release=0.12, cutoff=5.5, opening=1, q=0.75),
    "chip lead": Patch(pulse(0.25), attack=0.0015, decay=0.15, sustain=0.55, release=0.015, cutoff=9, opening=0,
                       sway=(6.5, 0.18, 0.25)),
    "pluck lead": Patch(voices=2, spread=0.1, decay=0.22, sustain=0.0, release=0.12, cutoff=0.6, opening=4.6,
                        closing=0.09, q=1.3),
    "brass lead": Patch(voices=3, spread=0.16, attack=0.03, decay=0.5, sustain=0.8, release=0.1, cutoff=1.6,
                        opening=2.2, closing=0.35, q=0.9, sway=(5.2, 0.12, 0.5)),
    "hoover": Patch(pulse(0.32), voices=5, spread=0.7, sub=0.35, attack=0.01, sustain=0.9, release=0.09, cutoff=5,
                    opening=0.5, fall=-7.0, sway=(6.0, 0.1, 0.1)),
    "sweep pad": Patch(voices=4, spread=0.25, attack=0.3, sustain=1, release=0.4, cutoff=0.8, opening=3.6, closing=1.1,
                       q=3.0),
    "opening pad": Patch(voices=4, spread=0.28, sub=0.2, attack=0.35, sustain=1, release=0.35, cutoff=0.3, opening=4.5,
                         rise=1.6, q=1.6),
    "reese bass": Patch(voices=3, spread=0.55, sub=0.5, attack=0.006, sustain=1, release=0.06, cutoff=3.6, opening=0.6,
                        q=0.9),
}  # fmt: skip


def subtractive(tone: Tone, patch: Patch, rng: np.random.Generator) -> np.ndarray:
    """Play one note on an analogue synthesizer.

    Parameters
    ----------
    tone : Tone
    patch : Patch
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,) or (2, n), float32]
        Stereo if there are several oscillators; n is its length and what rings on.
    """
    n = lasting(tone.length, patch.release)
    hertz = tone.hertz(n) * vibrato(n, *patch.sway, rng)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    if patch.fall:
        hertz = hertz * 2 ** (np.float32(patch.fall / 12) * np.exp(-time / np.float32(0.03)))
    period = table(patch.spectrum, tone.highest * 2 ** (patch.spread / 24))
    sound = np.zeros((2 if patch.voices > 1 else 1, n), np.float32)
    for voice in range(patch.voices):
        place = voice / (patch.voices - 1) - 0.5 if patch.voices > 1 else 0.0
        one = read(period, hertz * np.float32(2 ** (place * patch.spread / 12)), rng.random())
        if patch.voices > 1:  # neighbours in pitch stand on opposite sides
            angle = np.pi / 4 * (1 + 1.6 * abs(place) * (-1) ** voice)
            sound[0] += np.float32(np.cos(angle)) * one
            sound[1] += np.float32(np.sin(angle)) * one
        else:
            sound[0] = one
    sound *= np.float32(patch.voices**-0.5)
    if patch.noise:
        sound += np.float32(patch.noise) * rng.standard_normal(sound.shape, dtype=np.float32)
    cutoff = tone.highest * 2 ** (patch.cutoff + patch.opening * _opened(time, patch, tone.force)).astype(np.float32)
    cutoff = np.minimum(cutoff, np.float32(19_000))
    sound = np.stack([sweep(row, cutoff, patch.q, 0) for row in sound])
    if patch.sub:
        sound += np.float32(patch.sub) * read(table(sine, tone.highest), hertz / 2, 0.0)
    sound *= held(n, tone.length, patch.attack, patch.decay, patch.sustain, patch.release)
    sound *= np.float32(tone.force**1.3)
    return sound if patch.voices > 1 else sound[0]


def _opened(time: np.ndarray, patch: Patch, force: float) -> np.ndarray:
    """How far the filter is open, 0 to 1; a soft key opens it less."""
    if patch.rise:
        return np.minimum(time / np.float32(patch.rise), 1) * (0.5 + 0.5 * force)
    return np.exp(-time / np.float32(patch.closing)) * (0.4 + 0.6 * force)
