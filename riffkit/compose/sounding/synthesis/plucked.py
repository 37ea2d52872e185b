"""Plucked and struck strings by Karplus and Strong, with the body that they are stretched over."""

from dataclasses import dataclass

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.kernels import string


@dataclass(frozen=True)
class Strings:
    """How a plucked instrument is built and played.

    Parameters
    ----------
    seconds : float [s]
        In which a string in the middle of its range dies by 60 dB.
    dullness : float [0..0.5]
        How quickly the treble dies: gut and nylon much, steel little.
    pick : float [Hz]
        Up to where the pluck excites: a finger to 2 kHz, a pick to 8 kHz.
    place : float [0..0.5]
        Where it is plucked, as a share of the string.
    courses : int
        Strings plucked at once for one note.
    spread : float [semitones]
        Between them.
    octave : bool
        The second string of a course is an octave higher.
    buzz : float
        Of a flat bridge.
    stiffness : float
    bend : float [semitones]
        From which the pitch falls after a hard pluck.
    damped : float [s]
        To 1/e once the note is over; long where strings ring on.
    body : tuple of (float, float, float)
        Resonances: Hz, gain in dB, q. The whole part goes through them.
    """

    seconds: float = 2.0
    dullness: float = 0.25
    pick: float = 5000.0
    place: float = 0.18
    courses: int = 1
    spread: float = 0.0
    octave: bool = False
    buzz: float = 0.0
    stiffness: float = 0.0
    bend: float = 0.0
    damped: float = 0.08
    body: tuple[tuple[float, float, float], ...] = ()


STRINGS = {
    "ukulele": Strings(1.2, 0.42, 2600, 0.3, damped=0.09, body=((420, 7, 3), (700, 4, 3), (1250, 3, 2))),
    "mandolin": Strings(1.6, 0.1, 9000, 0.1, 2, 0.07, damped=0.12, body=((520, 5, 3), (1100, 5, 2), (3200, 4, 1))),
    "lute": Strings(1.9, 0.36, 3600, 0.22, 2, 0.03, damped=0.2, body=((230, 5, 3), (560, 4, 2), (5000, -6, 0.6))),
    "bouzouki": Strings(2.2, 0.08, 10000, 0.12, 2, 0.09, octave=True, damped=0.15, body=((310, 5, 3), (2400, 6, 1))),
    "balalaika": Strings(0.9, 0.18, 6500, 0.2, 2, 0.04, damped=0.06, body=((380, 8, 4), (830, 6, 3), (1700, 5, 2))),
    "oud": Strings(1.3, 0.4, 4200, 0.12, 2, 0.05, damped=0.1, bend=0.25, body=((150, 8, 3), (340, 7, 3), (900, 2, 2))),
    "pipa": Strings(0.9, 0.12, 12000, 0.07, bend=0.5, damped=0.06, body=((600, 7, 3), (1450, 8, 3), (3600, 5, 1.5))),
    "guzheng": Strings(3.2, 0.1, 7000, 0.13, bend=0.35, damped=0.5, body=((260, 4, 2), (900, 3, 1), (2800, 4, 1))),
    "santur": Strings(2.6, 0.05, 14000, 0.1, 3, 0.12, damped=0.6, body=((700, 3, 2), (3500, 6, 1))),
    "tanpura": Strings(6.0, 0.04, 3500, 0.5, buzz=1.6, damped=1.2, body=((300, 4, 2), (2200, 5, 1))),
}  # fmt: skip


def plucked(tone: Tone, how: Strings, rng: np.random.Generator) -> np.ndarray:
    """Pluck one note.

    Parameters
    ----------
    tone : Tone
    how : Strings
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,) or (2, n), float32]
        Stereo if there are several strings a note.

    References
    ----------
    Karplus & Strong, "Digital synthesis of plucked-string and drum timbres", 1983; Jaffe & Smith, "Extensions of the
    Karplus-Strong plucked-string algorithm", 1983.
    """
    n = tone.length + round(min(5 * how.damped, 1.4) * SAMPLE_RATE)
    rows = []
    for course in range(how.courses):
        ratio = 2 ** (how.spread * (course - (how.courses - 1) / 2) / 12) * (2 if how.octave and course == 1 else 1)
        rows.append(_string(tone, how, n, ratio, rng) * np.float32(0.6 if course and how.octave else 1.0))
    gate = np.ones(n, np.float32)
    gate[tone.length :] = np.exp(-np.arange(n - tone.length, dtype=np.float32) / np.float32(how.damped * SAMPLE_RATE))
    fade = min(n, 512)
    gate[n - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    gate *= np.float32(tone.force**1.2)
    if len(rows) == 1:
        return rows[0] * gate
    left = sum(row * np.float32(0.9 - 0.6 * i / (len(rows) - 1)) for i, row in enumerate(rows))
    right = sum(row * np.float32(0.3 + 0.6 * i / (len(rows) - 1)) for i, row in enumerate(rows))
    return np.stack([left, right]) * gate


def _string(tone: Tone, how: Strings, n: int, ratio: float, rng: np.random.Generator) -> np.ndarray:
    hertz = tone.hertz(n, ratio)
    if how.bend:
        time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
        hertz = hertz * 2 ** (np.float32(how.bend * tone.force**2 / 12) * np.exp(-time / np.float32(0.05)))
    period = SAMPLE_RATE / float(hertz[0])
    burst = _burst(how, period, tone.force, n, rng)
    seconds = how.seconds * 2 ** ((60 - tone.pitch) / 18)  # low strings ring longer
    loss = 10 ** (-3 * period / SAMPLE_RATE / seconds)
    return string(burst, np.float32(SAMPLE_RATE) / hertz, loss, how.dullness, how.buzz, how.stiffness)


def _burst(how: Strings, period: float, force: float, n: int, rng: np.random.Generator) -> np.ndarray:
    """What the pick does: a burst of noise one period long, its treble by its hardness, its holes by its place."""
    size = round(period)
    spectrum = np.fft.rfft(rng.standard_normal(size))
    f = np.arange(len(spectrum)) * SAMPLE_RATE / size
    cut = how.pick * (0.35 + 0.75 * force)
    spectrum = spectrum / (np.abs(spectrum) + 1e-9)  # noise in its phases only: every note equally bright
    spectrum *= np.abs(np.sin(np.pi * how.place * np.arange(len(spectrum)))) / (1 + (f / cut) ** 4)
    spectrum /= np.sqrt(np.arange(len(spectrum)) + 1.0)
    spectrum[0] = 0
    burst = np.fft.irfft(spectrum, size)
    burst *= 0.25 / (np.sqrt(np.mean(burst**2)) + 1e-9)
    edge = max(2, min(size // 3, round(SAMPLE_RATE / how.pick)))  # the softer the pick, the more gently it lets go
    burst[:edge] *= np.linspace(0, 1, edge)
    burst[-edge:] *= np.linspace(1, 0, edge)
    out = np.zeros(n, np.float32)
    out[: min(size, n)] = (burst - burst.mean())[:n]
    return out
