"""Bars, bowls and pans that are struck: sums of decaying modes, the higher ones sooner gone."""

from dataclasses import dataclass

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone, hertz_of
from riffkit.compose.sounding.synthesis.kernels import modes


@dataclass(frozen=True)
class Body:
    """A body that rings.

    Parameters
    ----------
    ratios, gains, seconds : tuple of float
        Of its modes: frequency as a multiple of the note, strength, seconds to 1/e.
    beating : float [Hz]
        Each mode is two, this far apart: no bowl is round.
    knock : float
        Of the stick: a few milliseconds of noise.
    attack : float [s]
        Above 0 it is rubbed, not struck.
    damped : float [s]
        To 1/e after the note; long where nobody damps it.
    """

    ratios: tuple[float, ...]
    gains: tuple[float, ...]
    seconds: tuple[float, ...]
    beating: float = 0.0
    knock: float = 0.1
    attack: float = 0.0
    damped: float = 0.5


BODIES = {
    "toy piano": Body((1, 2.76, 5.4, 8.93, 13.3), (1, 0.35, 0.3, 0.2, 0.1), (0.5, 0.3, 0.16, 0.08, 0.04), knock=0.35,
                      damped=0.25),
    "singing bowl": Body((1, 2.71, 5.0, 7.7, 10.9), (1, 0.75, 0.4, 0.22, 0.1), (3.2, 2.2, 1.2, 0.7, 0.4), beating=2.3,
                         knock=0.05, damped=1.2),
    "hang": Body((1, 2.0, 3.0, 3.98, 5.4), (1, 0.55, 0.42, 0.1, 0.05), (0.8, 0.6, 0.35, 0.12, 0.06), beating=0.7,
                 knock=0.12, damped=0.6),
}  # fmt: skip


def struck(tone: Tone, body: Body, rng: np.random.Generator) -> np.ndarray:
    """Strike one note.

    Parameters
    ----------
    tone : Tone
    body : Body
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = tone.length + round(min(4 * body.damped, 2.5) * SAMPLE_RATE)
    base = hertz_of(tone.pitch + (tone.bend[-1][1] if tone.bend else 0.0))
    scale = 2 ** ((60 - tone.pitch) / 30)
    hertz, seconds, gains = [], [], []
    for k, (ratio, strength, lasts) in enumerate(zip(body.ratios, body.gains, body.seconds, strict=True)):
        bright = strength * (0.35 + 0.65 * tone.force) ** k
        for apart in (-0.5, 0.5) if body.beating else (0.0,):
            hertz.append(base * ratio + apart * body.beating * (1 + 0.4 * k))
            seconds.append(lasts * scale)
            gains.append(bright * (0.6 if apart < 0 else 0.4 if apart > 0 else 1.0))
    sound = modes(n, np.array(hertz), np.array(seconds), np.array(gains))
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    if body.knock:
        short = min(n, 1024)
        noise = rng.standard_normal(short, dtype=np.float32) * np.exp(-np.arange(short, dtype=np.float32) / 110)
        sound[:short] += np.float32(body.knock) * noise
    sound *= np.minimum(time / np.float32(max(body.attack, 0.001)), 1)
    sound[tone.length :] *= np.exp(-(time[: n - tone.length]) / np.float32(body.damped))
    fade = min(n, 1024)
    sound[n - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound * np.float32(tone.force)
