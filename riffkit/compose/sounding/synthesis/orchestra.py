"""The players of our own synthesis: from the notes of a part to its loop."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, Tone, add_round
from riffkit.compose.sounding.synthesis import basses, modulated, strange, throats
from riffkit.compose.sounding.synthesis.blown import BREATHS, blown, didgeridoo
from riffkit.compose.sounding.synthesis.plucked import STRINGS, plucked
from riffkit.compose.sounding.synthesis.struck import BODIES, struck
from riffkit.compose.sounding.synthesis.subtractive import PATCHES, subtractive

Voice = Callable[[Tone, np.random.Generator], np.ndarray]  # one note at a time
Line = Callable[[Sequence[Tone], np.random.Generator], np.ndarray]  # all notes of a part at once


def _with(settings: Mapping[str, Any], play_one: Callable[..., np.ndarray]) -> dict[str, Voice]:
    """Voices that one way of playing gives with several settings."""

    def voice(setting: object) -> Voice:
        return lambda tone, rng: play_one(tone, setting, rng)

    return {name: voice(setting) for name, setting in settings.items()}


VOICES: dict[str, Voice] = {
    **_with(PATCHES, subtractive),
    **_with(STRINGS, plucked),
    **_with(BODIES, struck),
    **_with(BREATHS, blown),
    "fm piano": modulated.fm_piano,
    "fm bells": modulated.fm_bells,
    "fm bass": basses.fm_bass,
    "glass bees": modulated.glass_bees,
    "iron reed": modulated.iron_reed,
    "didgeridoo": didgeridoo,
    "dark drone": strange.dark_drone,
    "singer": throats.singer,
    "chant": throats.chant,
    "shout": throats.shout,
    "whisper": throats.whisper,
    "rap": throats.rap,
    "beatbox": throats.beatbox,
}
LINES: dict[str, Line] = {
    "acid bass": basses.acid_bass,
    "wobble bass": basses.wobble_bass,
    "808 bass": basses.bass_808,
    "sub bass": basses.sub_bass,
    "theremin": strange.theremin,
    "shepard tone": strange.shepard_tone,
}
NEVER_TWICE = ("singer", "whisper", "rap", "chant", "shout")  # each note of these has words of its own


def play(instrument: str, tones: Sequence[Tone], rng: np.random.Generator) -> np.ndarray:
    """Play a part on an instrument of our own.

    Parameters
    ----------
    instrument : str
        Of `VOICES` or `LINES`.
    tones : sequence of Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(225792,) or (2, 225792), float32]
        A loop, not limited to [-1, 1].

    Raises
    ------
    ValueError
        If there is no such instrument here.
    """
    if instrument in LINES:
        return LINES[instrument](tones, rng) if tones else np.zeros(LOOP_SAMPLES, np.float32)
    if instrument not in VOICES:
        raise ValueError(f"{instrument!r} is not synthesized; expected one of {', '.join([*VOICES, *LINES])}")
    voice, loop = VOICES[instrument], np.zeros(LOOP_SAMPLES, np.float32)
    known: dict[Tone, np.ndarray] = {}
    for tone in tones:
        alike = tone._replace(start=0)
        if alike not in known or instrument in NEVER_TWICE:
            known[alike] = voice(alike, rng)
        sound = known[alike]
        if sound.ndim > loop.ndim:
            loop = np.zeros((2, LOOP_SAMPLES), np.float32)
        add_round(loop, sound, tone.start)
    made = STRINGS.get(instrument) or BREATHS.get(instrument)
    body = made.body if made else ()
    return equalized(loop, ("high pass", 28.0, 0.0), *(("bell", hertz, gain, q) for hertz, gain, q in body))
