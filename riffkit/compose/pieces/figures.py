"""Ways of playing that have a name: strum, walking bass, tremolo; and who plays them."""

from dataclasses import dataclass

from riffkit.compose.sounding.instruments import INSTRUMENTS


@dataclass(frozen=True)
class Figure:
    """A way of playing with a name.

    Parameters
    ----------
    roles : str
        Letters of the roles that can play so: c chords, a arpeggio, m melody, b bass, p pad, x percussion.
    who : tuple of str
        Families and instruments that do; empty means all who have the role.
    touch : str or None
        short or long, where that belongs to the figure: then no other articulation is drawn.
    outside : bool
        Its notes may leave the scale: between two tones, or in approach to one.
    """

    roles: str
    who: tuple[str, ...] = ()
    touch: str | None = None
    outside: bool = False


_BENT = (
    "distorted guitar", "slide guitar", "clean guitar", "jazz guitar", "sitar", "shamisen", "koto", "pipa", "guzheng",
    "erhu", "violin", "fiddle", "soprano saxophone", "saxophone", "tenor saxophone", "baritone saxophone", "clarinet",
    "harmonica", "trumpet", "trombone", "shakuhachi", "duduk", "shehnai", "oud", "singer", "saw lead", "square lead",
    "brass lead", "chip lead", "charang", "overdriven guitar", "feedback guitar", "flute", "muted trumpet", "cello",
    "theremin", "fretless bass", "whistle", "tin whistle", "bagpipe",
)  # fmt: skip
_BOWED = ("violin", "fiddle", "viola", "cello", "erhu", "contrabass")
_PLUCKED = ("guitar", "koto", "guzheng", "pipa", "oud", "harp")
_SYNTHETIC = ("synth bass", "acid bass", "fm bass", "reese bass", "square lead", "saw lead", "chip lead", "hoover")

FIGURES: dict[str, Figure] = {
    "strum": Figure("c", ("guitar", "distorted guitar", "harp", "oud")),
    "alberti": Figure("a", ("keys", "mallets", "harp", "nylon guitar", "lute", "clarinet")),
    "tremolo": Figure(
        "mcapb",
        (*_BOWED, "strings", "mandolin", "balalaika", "bouzouki", "mallets", "piano", "santur", "pipa", "oud",
         "nylon guitar", "shamisen", "distorted guitar", "clean guitar", "overdriven guitar", "honky tonk piano",
         "timpani"),
    ),
    "glissando": Figure(
        "mba",
        (*_BOWED, "trombone", "slide guitar", "harp", "piano", "honky tonk piano", "theremin", "fretless bass",
         "808 bass", "saw lead", "koto", "guzheng", "clarinet", "mallets", "singer", "synth bass", "supersaw",
         "hoover", "acid bass"),
        outside=True,
    ),
    "trill": Figure("m", ("winds", *_BOWED, "trumpet", "harpsichord", "piano", "mallets", "muted trumpet", "calliope",
                          "accordion")),
    "bend": Figure("m", _BENT, outside=True),
    "ostinato": Figure("amb"),
    "call and response": Figure("m"),
    "walking": Figure("b", outside=True),
    "montuno": Figure("ca", ("keys", "organ", "guitar", "vibraphone", "marimba", "steel drums", "brass")),
    "drone": Figure("pb"),
    "stab": Figure(
        "c",
        ("brass", "strings", "orchestra hit", "shout", "supersaw", "polysynth", "piano", "bright piano", "organ",
         "rock organ", "choir", "synth voice", "steel drums", "electric piano", "sweep pad"),
        "short",
    ),
    "skank": Figure("c", ("guitar", "organ", "keys", "brass", "overdriven guitar", "polysynth", "steel drums",
                          "vibraphone", "sweep pad"), "short"),
    "oom pah": Figure("cb", ("organ", "piano", "honky tonk piano", "calliope", "guitar", "brass", "bass", "contrabass",
                            "bassoon"), "short"),
    "stride": Figure("c", ("piano", "bright piano", "honky tonk piano", "toy piano", "electric piano")),
    "fingerpicking": Figure("a", _PLUCKED),
    "gallop": Figure("cb", ("distorted guitar", "muted guitar", "clean guitar", "acoustic guitar",
                            "electric bass", "picked bass"), "short"),
    "palm mute": Figure("ca", ("distorted guitar", "muted guitar", "funk guitar", "clean guitar"), "short"),
    "roll": Figure("maxb", ("mallets", "percussion", "banjo", "mandolin", "electronic percussion", "dulcimer")),
    "run": Figure("m"),
    "swell": Figure("pc", ("strings", "choir", "brass", "pad", "organ", "french horn"), "long"),
    "hocket": Figure("am", touch="short"),
    "tresillo": Figure("bc"),
    "rolling": Figure("b", touch="short"),
    "offbeat": Figure("b", touch="short"),
    "acid line": Figure("bma", _SYNTHETIC, "short"),
    "wobble": Figure("b", ("wobble bass", "synth bass", "reese bass", "fm bass", "acid bass", "sub bass")),
    "riff": Figure("mbc"),
    "arp up": Figure("a"),
    "arp down": Figure("a"),
    "vibrato line": Figure(
        "m",
        (*_BOWED, "theremin", "singer", "winds", "whistle", "trumpet", "saw lead", "slide guitar", "feedback guitar",
         "muted trumpet", "french horn", "chant"),
        "long",
        outside=True,
    ),
    "grace notes": Figure("m", ("winds", *_BOWED, "guitar", "plucked", "harpsichord", "accordion", "bandoneon")),
    "tumbao": Figure("b", ("bass",)),
}  # fmt: skip
"""Figures by name: what `Part.figure` names."""


def figures_for(role: str, instrument: str, family: str | None = None) -> tuple[str, ...]:
    """List the figures that an instrument can play in a role.

    Parameters
    ----------
    role : str
        One of c a m b p x.
    instrument : str
    family : str or None
        None looks it up among the melodic instruments.

    Returns
    -------
    tuple of str
        Names of `FIGURES`.
    """
    family = family or INSTRUMENTS[instrument].family
    return tuple(
        name
        for name, figure in FIGURES.items()
        if role in figure.roles and (not figure.who or instrument in figure.who or family in figure.who)
    )
