"""Parts through the soundfont, with what its programs leave out: second reeds, octave strings, sections, slides."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.loops import LOOP_SAMPLES, Tone
from riffkit.compose.sounding.production.modulation import swing
from riffkit.compose.sounding.soundfont import Soundfont
from riffkit.compose.sounding.stereo import panned, sectioned

# Several players, or a wide instrument: heard from more than one point.
WIDE = ("strings", "slow strings", "tremolo strings", "pizzicato strings", "synth strings", "brass", "organ", "piano",
        "church organ", "accordion", "harp", "electric piano", "orchestra hit", "polysynth", "twelve string guitar",
        "vibraphone", "marimba", "distorted guitar", "synth brass", "bright piano", "honky tonk piano")  # fmt: skip
COLOURS: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    "bright piano": (("high shelf", 2400.0, 9.0, 0.7), ("low shelf", 200.0, -4.0, 0.7)),
    "honky tonk piano": (("bell", 1400.0, 6.0, 1.0), ("low shelf", 160.0, -4.0, 0.7)),
    "fiddle": (("bell", 2900.0, 7.0, 1.0), ("low shelf", 420.0, -6.0, 0.7)),
    "bandoneon": (("high shelf", 2600.0, -7.0, 0.7), ("bell", 700.0, 5.0, 1.2)),
    "twelve string guitar": (("high shelf", 3000.0, 4.0, 0.7),),
    "feedback guitar": (("bell", 1500.0, 8.0, 2.0), ("high shelf", 4500.0, -6.0, 0.7)),
}  # where programs are more alike than their names


class Double(NamedTuple):
    """Something that sounds along with every note.

    Parameters
    ----------
    away : int [semitones]
        From the note.
    detune : float [semitones]
    level : float
    program : int [0..127]
        Of the soundfont.
    bank : int
    late : int [samples]
        After the note.
    """

    away: int
    detune: float
    level: float
    program: int
    bank: int = 0
    late: int = 0


DOUBLES: dict[str, Double] = {
    "honky tonk piano": Double(0, 0.24, 0.8, 3),
    "twelve string guitar": Double(12, 0.05, 0.6, 25, 8, 350),
    "accordion": Double(0, 0.17, 0.7, 21),
    "bandoneon": Double(12, 0.03, 0.45, 23),
    "brass": Double(-12, 0.0, 0.7, 57),
    "feedback guitar": Double(19, 0.1, 0.4, 30, 8, 9000),
}
# Samples and semitones: how a note is reached from below.
SLIDES = {"slide guitar": ((0, -1.6), (2600, -0.1), (4000, 0.0)), "fiddle": ((0, -0.6), (1500, 0.0))}
QUARTET = ((67, 40, -0.45), (55, 41, 0.15), (0, 42, 0.45))  # lowest note, program, pan: violins, viola, cello


def part_of(font: Soundfont, name: str, tones: Sequence[Tone], place: int = 0) -> np.ndarray:
    """Play a part on an instrument of the soundfont.

    Parameters
    ----------
    font : Soundfont
    name : str
        One of `INSTRUMENTS` that has a program.
    tones : sequence of Tone
    place : int
        Which part of the piece: no two wide ones are wide in the same way.

    Returns
    -------
    np.ndarray [shape=(225792,) or (2, 225792), float32]
    """
    if name == "string quartet":
        return _quartet(font, tones)
    instrument = INSTRUMENTS[name]
    assert instrument.program is not None
    if name in SLIDES:
        tones = [tone if tone.bend else tone._replace(bend=SLIDES[name]) for tone in tones]
    loop = font.part(tones, instrument.program, instrument.bank)
    if name in DOUBLES:
        loop = loop + np.float32(DOUBLES[name].level) * _double(font, tones, DOUBLES[name])
    loop = equalized(loop, *COLOURS.get(name, ()))
    if name == "tremolo strings":  # bows to and fro, on either side by themselves
        bows = np.stack([swing(57 + place % 3, 0.1), swing(61 - place % 3, 0.6)])
        return sectioned(loop) * (np.float32(0.58) + np.float32(0.42) * bows)
    wide = instrument.family in ("pad", "choir") or name in WIDE
    return sectioned(loop, 0.009 + 0.002 * (place % 4)) if wide else loop


def _double(font: Soundfont, tones: Sequence[Tone], double: Double) -> np.ndarray:
    along = []
    for tone in tones:
        bend = tuple((place, away + double.detune) for place, away in tone.bend or ((0, 0.0),))
        start, pitch = tone.start + double.late, tone.pitch + double.away
        if tone.length > 2 * double.late and start < LOOP_SAMPLES and 20 <= pitch <= 108:
            along.append(
                Tone(start, tone.length - double.late, pitch, tone.velocity, bend if double.detune else tone.bend)
            )
    return font.part(along, double.program, double.bank)


def _quartet(font: Soundfont, tones: Sequence[Tone]) -> np.ndarray:
    mix, left = np.zeros((2, LOOP_SAMPLES), np.float32), list(tones)
    for lowest, program, pan in QUARTET:
        own = [tone for tone in left if tone.pitch >= lowest]
        left = [tone for tone in left if tone.pitch < lowest]
        if own:
            mix += panned(font.part(own, program), pan)
    return mix
