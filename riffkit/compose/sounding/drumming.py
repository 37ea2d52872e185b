"""Drum sets and hand percussion as loops: from the soundfont, or from our own machines and skins."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, Tone, add_round
from riffkit.compose.sounding.percussion import KITS, PERCUSSION
from riffkit.compose.sounding.production.rooms import room
from riffkit.compose.sounding.soundfont import Soundfont
from riffkit.compose.sounding.stereo import SPREAD, panned
from riffkit.compose.sounding.synthesis.machines import MACHINES, NEAREST
from riffkit.compose.sounding.synthesis.skins import HANDS
from riffkit.compose.sounding.synthesis.strokes import layers

# An orchestra has timpani where a drum set has cymbals: hats become triangles, cymbals those of two hands.
ORCHESTRA = {
    42: 80,
    44: 80,
    46: 81,
    49: 57,
    51: 59,
    53: 59,
    55: 57,
    37: 38,
    39: 38,
    40: 38,
    45: 43,
    47: 45,
    48: 48,
    50: 50,
}
LAYERS = 8  # degrees of force that own drums have


@lru_cache(maxsize=2048)
def stroke(name: str, key: int, layer: int) -> np.ndarray:
    """One stroke on a drum of our own.

    Parameters
    ----------
    name : str
        A machine of `KITS`, or percussion that has its own synthesis.
    key : int [MIDI]
        Where there is nothing under it, what is nearest in kind.
    layer : int [1..8]
        How hard it is struck: softer strokes are duller, too.

    Returns
    -------
    np.ndarray [shape=(n,), float32, read-only]
    """
    drums = MACHINES.get(name) or HANDS[name]
    while key not in drums:
        key = NEAREST.get(key, next(iter(drums)))
    sound = layers(drums[key]())
    force = layer / LAYERS
    if force < 1:
        spectrum = np.fft.rfft(sound)
        hertz = np.linspace(0, 22_050, len(spectrum))
        sound = np.fft.irfft(spectrum / np.sqrt(1 + (hertz / (18_000 * force)) ** 2), len(sound)).astype(np.float32)
        sound[-64:] *= np.linspace(1, 0, 64, dtype=np.float32)
    sound = (sound * np.float32(force**1.2)).astype(np.float32)
    sound.setflags(write=False)
    return sound


def _own(name: str, tones: Sequence[Tone]) -> np.ndarray:
    loop = np.zeros(LOOP_SAMPLES, np.float32)
    hats = sorted(tone.start for tone in tones if tone.pitch in (42, 44, 46))
    for tone in tones:
        sound = stroke(name, tone.pitch, max(1, min(LAYERS, round(tone.force * LAYERS))))
        if tone.pitch == 46 and name in MACHINES:  # the next hat shuts an open one
            gap = min((start - tone.start - 1) % LOOP_SAMPLES + 1 for start in hats)
            if gap + 300 < len(sound):
                sound = sound[: gap + 300].copy()
                sound[gap:] *= np.linspace(1, 0, 300, dtype=np.float32)
        add_round(loop, sound, tone.start)
    return loop


def percussion(font: Soundfont, name: str, tones: Sequence[Tone]) -> np.ndarray:
    """Play a part of percussion.

    Parameters
    ----------
    font : Soundfont
    name : str
        One of `PERCUSSION`.
    tones : sequence of Tone

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
    """
    if PERCUSSION[name].own:
        return _own(name, tones)
    return font.drums(tones, 8).mean(axis=0)


def drum_set(font: Soundfont, kit: str, tones: Sequence[Tone]) -> np.ndarray:
    """Play a drum set, its drums spread from left to right.

    Parameters
    ----------
    font : Soundfont
    kit : str
        One of `KITS`.
    tones : sequence of Tone

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    program = KITS[kit].program
    if kit == "orchestra":
        tones = [tone._replace(pitch=ORCHESTRA.get(tone.pitch, tone.pitch)) for tone in tones]
    places: dict[float, list[Tone]] = {}
    for tone in tones:
        places.setdefault(SPREAD.get(tone.pitch, 0.0), []).append(tone)
    mix = np.zeros((2, LOOP_SAMPLES), np.float32)
    for pan, group in places.items():
        mono = _own(kit, group) if program is None else font.drums(group, program).mean(axis=0)
        mix += panned(mono, pan)
    if kit == "lo-fi":
        mix = equalized(np.tanh(mix * np.float32(5)), ("low pass", 4200.0, 0.0), ("low shelf", 120.0, 4.0))
    elif kit == "power":
        mix = np.tanh(mix * np.float32(4))
    elif kit == "room":
        mix = room(mix, "room", 0.5)
    elif kit in ("jazz", "brush"):  # lighter hands
        mix = equalized(mix, ("bell", 70.0, -5.0, 0.9), ("high shelf", 5000.0, 2.0 if kit == "jazz" else -5.0, 0.7))
    return mix
