"""Sounds between music and noise: a theremin that glides, a drone from the dark, tones that rise for ever."""

from collections.abc import Sequence

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone, hertz_of
from riffkit.compose.sounding.synthesis.kernels import read, sweep
from riffkit.compose.sounding.synthesis.lines import gate, line, read_round
from riffkit.compose.sounding.synthesis.tables import held, lasting, saw, table


def theremin(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """Hands in the air: nearly a sine, every note reached by a glide, a wide vibrato.

    Parameters
    ----------
    tones : sequence of Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    hertz, spans = line(tones, 0.07, always=True)
    turns = round(5.12 * rng.uniform(5.2, 6.2))  # of the vibrato, even round the loop
    place = np.arange(LOOP_SAMPLES, dtype=np.float32) / LOOP_SAMPLES
    hertz = hertz * 2 ** (np.float32(0.38 / 12) * np.sin(2 * np.pi * turns * place))
    sound = read_round(table(_hand, float(hertz.max())), hertz.astype(np.float32))
    return sound * gate(spans, 0.08, 4.0, 0.95, 0.09)


def dark_drone(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """Six low saws that beat against each other under a filter that stirs, and wind in the pipes.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    n = lasting(tone.length, 0.5)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    hertz = tone.hertz(n)
    sound = np.zeros((2, n), np.float32)
    for k, ratio in enumerate((0.5, 1.0, 1.004, 0.997, 1.5, 0.503)):
        one = read(table(saw, tone.highest * 1.5), hertz * np.float32(ratio), rng.random())
        sound[k % 2] += one
        sound[1 - k % 2] += np.float32(0.3) * one
    sound += np.float32(0.12) * rng.standard_normal((2, n), dtype=np.float32)
    rows = []
    for side, row in enumerate(sound):
        stir = np.sin(2 * np.pi * (0.31 * time + rng.random())) + 0.6 * np.sin(2 * np.pi * (0.83 * time + side / 3))
        rows.append(sweep(row, (380 * 2 ** (0.7 * stir)).astype(np.float32), 2.2, 0))
    return np.stack(rows) * held(n, tone.length, 0.5, 2.0, 1.0, 0.5) * np.float32(tone.force)


def shepard_tone(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """Octaves that all rise (or fall) by one octave round the loop, coming and going unheard: so it never ends.

    Parameters
    ----------
    tones : sequence of Tone
        The first one gives the pitch on which it begins.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
        Left and right a fifth apart in its course.

    References
    ----------
    Shepard, "Circularity in judgments of relative pitch", 1964; Risset's glissando.
    """
    place = np.arange(LOOP_SAMPLES) / LOOP_SAMPLES
    short, tenth = place.astype(np.float32), np.float32(np.pi / 10)
    course = (2.0**place - 1) / np.log(2)
    down = rng.random() < 0.4
    rows = []
    for shift in (0.0, 7.0):
        lowest = hertz_of(min(tones).pitch % 12 + 12 + shift)  # 16 to 31 Hz
        # One octave a round: what a partial is at the end of the loop, the next one is at its start.
        row, phase = np.zeros(LOOP_SAMPLES, np.float32), 0.0
        for octave in range(10):
            base = lowest * 2**octave * LOOP_SAMPLES / SAMPLE_RATE
            height = octave + short
            level = np.exp(-(((height - np.float32(4.6)) / np.float32(1.9)) ** 2)) * np.sin(tenth * height) ** 2
            turns = base * course + phase
            row += level * np.sin(np.float32(2 * np.pi) * (turns - np.floor(turns)).astype(np.float32))
            phase = (phase + base / np.log(2)) % 1
        rows.append(row[::-1] if down else row)
    left, right = rows
    return (np.stack([left + 0.3 * right, right + 0.3 * left]) * 0.3 * max(tones).force).astype(np.float32)


def _hand(n: np.ndarray, f: np.ndarray) -> np.ndarray:
    return np.select([n == 1, n == 2, n == 3, n == 4], [1.0, 0.22, 0.09, 0.03], 0.0)
