"""Bass lines of one voice, played in one go so that notes can slide into each other: acid, wobble, 808, sub."""

from collections.abc import Sequence

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.lines import gate, line, read_round, sweep_round
from riffkit.compose.sounding.synthesis.tables import pulse, saw, sine, table


def acid_bass(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """The silver box of acid house: a saw through a resonant filter that snaps shut, accents, slides, some overdrive.

    Parameters
    ----------
    tones : sequence of Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,), float32]

    References
    ----------
    Stinchcombe, "Diode ladder filters", 2009; Roland TB-303 service notes.
    """
    hertz, spans = line(tones, 0.035)
    wave = table(saw if rng.random() < 0.7 else pulse(0.48), float(hertz.max()))
    turn = np.arange(LOOP_SAMPLES, dtype=np.float32) / LOOP_SAMPLES
    base = 350 * 2 ** (1.1 * np.sin(2 * np.pi * (turn + rng.random())))  # the hand on the knob, once round the loop
    envelope = np.zeros(LOOP_SAMPLES, np.float32)
    for start, _, tone in spans:
        n = min(LOOP_SAMPLES, SAMPLE_RATE)
        fall = np.exp(-np.arange(n, dtype=np.float32) / (SAMPLE_RATE * (0.09 if tone.velocity > 100 else 0.16)))
        places = (start + np.arange(n)) % LOOP_SAMPLES
        envelope[places] = np.maximum(envelope[places], fall * (1.0 if tone.velocity > 100 else 0.7))
    cutoff = np.minimum(base * 2 ** (3.2 * envelope), 12_000).astype(np.float32)
    sound = sweep_round(read_round(wave, hertz), cutoff, 6.0)
    sound = sweep_round(sound, cutoff * 1.6, 0.7)
    return np.tanh(1.6 * sound) * gate(spans, 0.003, 0.5, 0.35, 0.012)


def wobble_bass(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """Two saws and a sub under a filter that opens and shuts in even parts of the bar, as in dubstep.

    Parameters
    ----------
    tones : sequence of Tone
        Their lengths say how quickly it wobbles: two to six times a note.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    hertz, spans = line(tones, 0.05)
    highest = float(hertz.max())
    sound = read_round(table(saw, highest), hertz) + read_round(table(saw, highest), hertz * np.float32(1.008))
    cutoff = np.full(LOOP_SAMPLES, 150.0, np.float32)
    for i, (start, length, _) in enumerate(spans):
        beats = max(1, round(length / SAMPLE_RATE * (2.5, 4, 3, 6)[(i + int(rng.integers(4))) % 4]))
        place = np.arange(length, dtype=np.float32) / length * beats
        cutoff[(start + np.arange(length)) % LOOP_SAMPLES] = 110 * 2 ** (5.0 * (0.5 - 0.5 * np.cos(2 * np.pi * place)))
    sound = np.tanh(2.2 * sweep_round(sound, cutoff, 3.5))
    sub = read_round(table(sine, highest), hertz)
    return (0.5 * sound + 0.9 * sub) * gate(spans, 0.008, 3.0, 0.9, 0.02)


def bass_808(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """The long kick of the 808 played as a bass: a sine with a knock, gliding, warmed by saturation.

    Parameters
    ----------
    tones : sequence of Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,), float32]

    References
    ----------
    Werner, Abel & Smith, "A physically-informed, circuit-bendable, digital model of the Roland TR-808 bass drum
    circuit", 2014.
    """
    hertz, spans = line(tones, 0.07)
    knock = np.zeros(LOOP_SAMPLES, np.float32)
    for start, _, _ in spans:
        n = SAMPLE_RATE // 4
        knock[(start + np.arange(n)) % LOOP_SAMPLES] += np.exp(-np.arange(n, dtype=np.float32) / (0.012 * SAMPLE_RATE))
    hertz = hertz * 2 ** (1.6 * np.minimum(knock, 1.2))
    pure = read_round(table(sine, 60.0), hertz)
    drive = rng.uniform(3.0, 6.0)
    return np.tanh(drive * pure + 0.15).astype(np.float32) * gate(spans, 0.002, 1.1, 0.0, 0.03)


def sub_bass(tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """A sine that is felt more than heard, with a breath of its second and third partial.

    Parameters
    ----------
    tones : sequence of Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    hertz, spans = line(tones, 0.02)
    return read_round(table(_rounded, float(hertz.max())), hertz) * gate(spans, 0.012, 4.0, 0.9, 0.03)


def fm_bass(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """The solid bass of the DX7: two operators, the brightness gone in a tenth of a second.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Chowning, "The synthesis of complex audio spectra by means of frequency modulation", 1973.
    """
    n = tone.length + SAMPLE_RATE // 8
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    turn = 2 * np.pi * np.cumsum(tone.hertz(n), dtype=np.float64) / SAMPLE_RATE
    index = (1.2 + 4.5 * tone.force * np.exp(-time / 0.06)).astype(np.float32)
    inner = np.sin(turn + 0.9 * index * np.sin(turn)) * index
    sound = np.sin(turn + inner) + 0.4 * np.sin(3 * turn) * np.exp(-time / 0.03)
    level = np.minimum(time / 0.002, 1) * np.exp(-time / 0.9)
    level[tone.length :] *= np.linspace(1, 0, n - tone.length, dtype=np.float32) ** 2
    return (sound * level * tone.force).astype(np.float32)


def _rounded(n: np.ndarray, f: np.ndarray) -> np.ndarray:
    return np.select([n == 1, n == 2, n == 3], [1.0, 0.12, 0.05], 0.0)
