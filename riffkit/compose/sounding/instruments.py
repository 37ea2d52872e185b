"""Who can play notes of the scale: every melodic instrument with its range, what it can do, and its family.

Tables only. What has a `program` comes from a General MIDI soundfont (`soundfont.py`), the others from our own
synthesis (`synthesis/`). Drums are in `percussion.py`.
"""

from dataclasses import dataclass
from typing import Any

FAMILIES = (
    "keys",
    "mallets",
    "organ",
    "guitar",
    "distorted guitar",
    "strings",
    "choir",
    "brass",
    "winds",
    "synth lead",
    "pad",
    "bass",
    "plucked",
    "voice effects",
    "percussion",
    "electronic percussion",
)


@dataclass(frozen=True)
class Instrument:
    """One melodic instrument.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    roles : str
        Letters of what it can play, what it does best first: c chords, a arpeggio, m melody, b bass line, p long pad
        notes.
    low, high : int [MIDI notes]
        Its range.
    program : int or None [0..127]
        In a General MIDI soundfont, from 0; None is our own synthesis.
    bank : int
        0, or 8 for the variations of Roland's GS.
    """

    family: str
    roles: str
    low: int
    high: int
    program: int | None = None
    bank: int = 0


def _all(family: str, **rows: tuple[Any, ...]) -> dict[str, Instrument]:
    """Instruments of one family, each from its roles, low, high, program and bank."""
    return {name.strip("_").replace("_", " "): Instrument(family, *row) for name, row in rows.items()}


INSTRUMENTS: dict[str, Instrument] = {
    **_all(
        "keys",
        piano=("cam", 36, 90, 0),
        bright_piano=("cam", 36, 90, 1),
        honky_tonk_piano=("cam", 40, 88, 3),
        electric_piano=("cam", 40, 84, 4),
        fm_piano=("cam", 40, 86),
        harpsichord=("acm", 40, 84, 6),
        clavinet=("ca", 40, 76, 7),
        toy_piano=("am", 60, 91),
    ),
    **_all(
        "mallets",
        celesta=("am", 60, 96, 8),
        glockenspiel=("am", 72, 98, 9),
        music_box=("am", 66, 93, 10),
        vibraphone=("cam", 53, 86, 11),
        marimba=("am", 45, 84, 12),
        xylophone=("am", 65, 98, 13),
        tubular_bells=("m", 55, 77, 14),
        church_bells=("m", 48, 74, 14, 8),
        dulcimer=("am", 52, 84, 15),
        kalimba=("am", 55, 86, 108),
        steel_drums=("amc", 55, 86, 114),
        fm_bells=("am", 60, 94),
        singing_bowl=("pm", 48, 76),
        hang=("am", 50, 76),
        glass_bees=("am", 62, 88),
    ),
    **_all(
        "organ",
        organ=("cmp", 41, 84, 16),
        percussive_organ=("cm", 41, 84, 17),
        rock_organ=("cmp", 41, 84, 18),
        church_organ=("cp", 36, 84, 19),
        reed_organ=("cp", 43, 80, 20),
        accordion=("cm", 48, 86, 21),
        harmonica=("m", 60, 88, 22),
        bandoneon=("mc", 45, 84, 23),
        melodica=("mc", 53, 86),
    ),
    **_all(
        "guitar",
        nylon_guitar=("cam", 40, 79, 24),
        acoustic_guitar=("cam", 40, 79, 25),
        twelve_string_guitar=("ca", 40, 76, 25, 8),
        jazz_guitar=("cma", 40, 79, 26),
        clean_guitar=("cam", 40, 79, 27),
        muted_guitar=("ac", 40, 72, 28),
        funk_guitar=("ca", 43, 76, 28, 8),
        guitar_harmonics=("a", 52, 88, 31),
        slide_guitar=("m", 45, 81, 26, 8),
        banjo=("ac", 48, 81, 105),
        ukulele=("ca", 60, 84),
        mandolin=("mac", 55, 88),
        lute=("acm", 43, 79),
        bouzouki=("mac", 48, 81),
        balalaika=("mc", 52, 86),
    ),
    **_all(
        "distorted guitar",
        overdriven_guitar=("cm", 40, 81, 29),
        distorted_guitar=("cm", 38, 79, 30),
        feedback_guitar=("m", 45, 79, 30, 8),
    ),
    **_all(
        "bass",
        acoustic_bass=("b", 28, 55, 32),
        electric_bass=("b", 28, 55, 33),
        picked_bass=("b", 28, 55, 34),
        fretless_bass=("bm", 28, 60, 35),
        slap_bass=("b", 28, 55, 36),
        synth_bass=("b", 24, 52, 38),
        acid_bass=("bm", 28, 60),
        wobble_bass=("b", 24, 48),
        _808_bass=("b", 24, 48),
        fm_bass=("b", 26, 55),
        sub_bass=("b", 24, 45),
        reese_bass=("b", 24, 48),
        tuba=("b", 28, 58, 58),
    ),
    **_all(
        "strings",
        violin=("m", 55, 93, 40),
        fiddle=("m", 55, 88, 110),
        viola=("m", 48, 84, 41),
        cello=("m", 36, 74, 42),
        contrabass=("bm", 28, 57, 43),
        erhu=("m", 62, 88),
        strings=("cp", 36, 88, 48),
        slow_strings=("pc", 36, 86, 49),
        tremolo_strings=("cp", 40, 86, 44),
        pizzicato_strings=("acm", 40, 86, 45),
        string_quartet=("cp", 40, 88, 40),
        synth_strings=("cp", 40, 86, 50),
        orchestra_hit=("c", 45, 76, 55),
    ),
    **_all(
        "choir",
        choir=("cp", 43, 81, 52),
        oohs=("cp", 48, 81, 53),
        singer=("m", 50, 79),
        synth_voice=("cpm", 48, 84, 54),
        chant=("pm", 40, 62),
    ),
    **_all(
        "voice effects",
        whisper=("m", 50, 74),
        rap=("m", 43, 62),
        shout=("c", 48, 70),
        beatbox=("m", 48, 72),
    ),
    **_all(
        "brass",
        trumpet=("m", 55, 84, 56),
        muted_trumpet=("m", 55, 84, 59),
        trombone=("m", 40, 72, 57),
        french_horn=("mp", 41, 77, 60),
        brass=("cm", 43, 84, 61),
        synth_brass=("cm", 43, 84, 62),
    ),
    **_all(
        "winds",
        soprano_saxophone=("m", 56, 86, 64),
        saxophone=("m", 49, 81, 65),
        tenor_saxophone=("m", 44, 76, 66),
        baritone_saxophone=("mb", 36, 69, 67),
        oboe=("m", 58, 89, 68),
        english_horn=("m", 52, 81, 69),
        bassoon=("mb", 34, 70, 70),
        clarinet=("m", 50, 88, 71),
        piccolo=("m", 74, 101, 72),
        flute=("m", 60, 93, 73),
        recorder=("m", 60, 91, 74),
        pan_flute=("m", 58, 88, 75),
        bottle=("mp", 55, 84, 76),
        shakuhachi=("m", 55, 84, 77),
        whistle=("m", 67, 93, 78),
        ocarina=("m", 60, 88, 79),
        tin_whistle=("m", 69, 96),
        bagpipe=("mp", 55, 79, 109),
        shehnai=("m", 55, 84, 111),
        duduk=("m", 50, 76),
        didgeridoo=("b", 30, 45),
    ),
    **_all(
        "synth lead",
        square_lead=("ma", 48, 88, 80),
        saw_lead=("ma", 48, 88, 81),
        calliope=("mc", 55, 91, 82),
        charang=("m", 48, 84, 84),
        supersaw=("cam", 45, 86),
        theremin=("m", 57, 86),
        chip_lead=("ma", 48, 91),
        pluck_lead=("am", 50, 88),
        brass_lead=("mc", 45, 84),
        hoover=("m", 45, 76),
        iron_reed=("m", 50, 79),
    ),
    **_all(
        "pad",
        new_age_pad=("pc", 43, 86, 88),
        warm_pad=("pc", 40, 84, 89),
        polysynth=("cpa", 45, 86, 90),
        choir_pad=("pc", 45, 84, 91),
        bowed_glass=("p", 48, 88, 92),
        metallic_pad=("pc", 45, 84, 93),
        halo_pad=("p", 45, 84, 94),
        sweep_pad=("pc", 40, 84),
        opening_pad=("pc", 40, 84),
        crystal=("am", 55, 91, 98),
        atmosphere=("pca", 43, 84, 99),
        goblins=("p", 43, 79, 101),
        dark_drone=("p", 28, 55),
        shepard_tone=("p", 36, 84),
    ),
    **_all(
        "plucked",
        harp=("ac", 40, 93, 46),
        sitar=("ma", 48, 81, 104),
        tanpura=("pa", 40, 62),
        shamisen=("ma", 50, 79, 106),
        koto=("am", 50, 84, 107),
        pipa=("ma", 50, 84),
        guzheng=("am", 48, 88),
        oud=("ma", 43, 74),
        santur=("am", 52, 86),
    ),
    **_all(
        "percussion",
        taiko=("b", 36, 60, 116),
        timpani=("bp", 36, 58, 47),
        woodblocks=("a", 60, 84, 115),
        agogo_bells=("a", 60, 84, 113),
        melodic_toms=("ba", 40, 64, 117),
    ),
    **_all("electronic percussion", synth_toms=("ba", 40, 64, 118)),
}

HELD_BACK = ("glass bees", "iron reed")  # timbres for the lesson that teaches a model a new one: in no caption
