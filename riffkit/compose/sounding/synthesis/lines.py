"""Lines of one voice, played in one go round the loop, so that notes can slide into each other."""

from collections.abc import Sequence

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.kernels import read, sweep

TURN = 8192  # samples: the line is played once more from here before the loop, so that filters are in swing


def line(
    tones: Sequence[Tone], glide: float, *, always: bool = False
) -> tuple[np.ndarray, list[tuple[int, int, Tone]]]:
    """Follow a line: one pitch at a time, sliding over where a note is held until the next.

    Parameters
    ----------
    tones : sequence of Tone
    glide : float [s]
        To 1/e of the way to the next note.
    always : bool
        Slide between notes that are apart, too.

    Returns
    -------
    hertz : np.ndarray [shape=(225792,), float32, Hz]
        Between notes the pitch stays.
    spans : list of (int, int, Tone)
        Start and length in samples of what is heard of each note.
    """
    tones = sorted(
        {tone.start % LOOP_SAMPLES: tone for tone in sorted(tones)}.values(), key=lambda t: t.start % LOOP_SAMPLES
    )
    starts = [tone.start % LOOP_SAMPLES for tone in tones]
    pitch = np.empty(LOOP_SAMPLES, np.float32)
    spans = []
    for i, tone in enumerate(tones):
        stop = starts[i + 1] if i + 1 < len(tones) else starts[0] + LOOP_SAMPLES
        span, before = stop - starts[i], tones[i - 1]
        last = before.bend[-1][1] if before.bend else 0.0
        gap = (starts[i] - starts[i - 1]) % LOOP_SAMPLES - before.length
        bound = always or gap < 0.02 * SAMPLE_RATE
        moved = tone.moved(np.arange(span)).astype(np.float32)
        if bound:
            away = before.pitch + last - tone.pitch
            moved += np.float32(away) * np.exp(-np.arange(span, dtype=np.float32) / np.float32(glide * SAMPLE_RATE))
        pitch[np.arange(starts[i], stop) % LOOP_SAMPLES] = np.float32(tone.pitch) + moved
        spans.append((starts[i], min(span, tone.length), tone))
    return (440 * 2 ** ((pitch - 69) / 12)).astype(np.float32), spans


def gate(
    spans: Sequence[tuple[int, int, Tone]], attack: float, decay: float, sustain: float, release: float
) -> np.ndarray:
    """How loud a line is round the loop.

    Parameters
    ----------
    spans : sequence of (int, int, Tone)
        From `line`.
    attack, decay, release : float [s]
    sustain : float [0..1]

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    level = np.zeros(LOOP_SAMPLES, np.float32)
    fade = max(round(release * SAMPLE_RATE), 64)
    for start, length, tone in spans:
        time = np.arange(length + 5 * fade, dtype=np.float32) / np.float32(SAMPLE_RATE)
        shape = np.minimum(time / np.float32(attack), 1)
        shape *= np.float32(sustain) + np.float32(1 - sustain) * np.exp(-time / np.float32(decay))
        shape[length:] *= np.exp(-np.arange(5 * fade, dtype=np.float32) / np.float32(fade))
        shape *= np.float32(tone.force)
        shape[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
        shape = shape[:LOOP_SAMPLES]
        places = (start + np.arange(len(shape))) % LOOP_SAMPLES
        level[places] = np.maximum(level[places], shape)
    return smoothed(level, 0.0015)


def smoothed(control: np.ndarray, seconds: float) -> np.ndarray:
    """A control round the loop without corners: its mean over a short while on either side.

    Parameters
    ----------
    control : np.ndarray [shape=(n,), float32]
    seconds : float [s]

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    half = max(round(seconds * SAMPLE_RATE), 1)
    around = np.concatenate([control[-half:], control, control[:half]]).astype(np.float64)
    total = np.concatenate([[0.0], np.cumsum(around)])
    return ((total[2 * half :] - total[: -2 * half]) / (2 * half)).astype(np.float32)[: len(control)]


def read_round(period: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """An oscillator round the loop: its phase comes out even, the pitch moved by less than a fifth of a hertz for it.

    Parameters
    ----------
    period : np.ndarray [shape=(size + 1,), float32]
        From `tables.table`.
    hertz : np.ndarray [shape=(n,), float32, Hz]

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    turns = float(np.sum(hertz, dtype=np.float64)) / SAMPLE_RATE
    return read(period, hertz.astype(np.float64) * (max(round(turns), 1) / turns), 0.0)


def sweep_round(x: np.ndarray, cutoff: np.ndarray, q: float, kind: int = 0) -> np.ndarray:
    """A moving filter round the loop, as `kernels.sweep`.

    Parameters
    ----------
    x : np.ndarray [shape=(n,), float32]
    cutoff : np.ndarray [shape=(n,), float32, Hz]
    q : float
    kind : int

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    turned, corner = (np.concatenate([row[-TURN:], row]).astype(np.float32) for row in (x, cutoff))
    return sweep(turned, corner, q, kind)[TURN:]
