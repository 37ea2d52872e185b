"""The styles the composer knows: which tempo, drums and players make a piece sound like one, and its names.

Tables only, as in `instruments.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Genre:
    """A recipe: what makes a piece sound like the genre.

    Parameters
    ----------
    tempi : tuple of str
        Of `score.TEMPI`.
    mode : str or None
        "major", "minor", or either.
    patterns : tuple of str
        Of `instruments.DRUM_PATTERNS`; empty means no drums.
    kits : tuple of str
        Of `instruments.KITS`.
    parts : tuple of (str, tuple of str)
        Each player's role, and the instruments to choose from.
    names : tuple of str
        That captions give it.
    swing : bool
        Off-beats come late.
    texture : str or None
        One of `score.TEXTURES` that goes with it.
    """

    tempi: tuple[str, ...]
    mode: str | None
    patterns: tuple[str, ...]
    kits: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]
    swing: bool = False
    texture: str | None = None


GENRES = {
    "techno": Genre(
        ("fast",),
        "minor",
        ("four on the floor",),
        ("electronic", "808"),
        (("b", ("synth bass",)), ("a", ("saw lead", "square lead"))),
        ("techno", "club techno", "rave music", "edm", "warehouse techno"),
    ),
    "house": Genre(
        ("fast", "medium"),
        None,
        ("four on the floor",),
        ("electronic",),
        (("c", ("piano", "electric piano", "organ")), ("b", ("synth bass",))),
        ("house", "house music", "deep house", "dance music", "club music"),
    ),
    "trance": Genre(
        ("fast",),
        "minor",
        ("four on the floor",),
        ("electronic",),
        (("a", ("saw lead",)), ("p", ("warm pad", "choir")), ("b", ("synth bass",))),
        ("trance", "euphoric trance"),
    ),
    "jazz": Genre(
        ("medium", "fast"),
        None,
        ("swing",),
        ("jazz",),
        (
            ("c", ("piano", "vibraphone", "electric piano")),
            ("b", ("acoustic bass",)),
            ("m", ("saxophone", "trumpet", "clarinet")),
        ),
        ("jazz", "smooth jazz", "jazz club", "bebop", "jazzy", "swing"),
        swing=True,
    ),
    "rock": Genre(
        ("fast", "medium"),
        None,
        ("rock",),
        ("power",),
        (("c", ("distorted guitar",)), ("b", ("electric bass",))),
        ("rock", "rock band", "hard rock", "grunge", "punk", "rock and roll", "indie rock"),
    ),
    "metal": Genre(
        ("very fast",),
        "minor",
        ("rock", "breakbeat"),
        ("power",),
        (("c", ("distorted guitar",)), ("b", ("electric bass",))),
        ("metal", "heavy metal", "death metal", "thrash metal"),
    ),
    "ambient": Genre(
        ("slow",),
        None,
        (),
        (),
        (
            ("p", ("warm pad", "bright pad", "choir", "strings")),
            ("a", ("harp", "kalimba", "piano", "vibraphone")),
        ),
        ("ambient", "ambient soundscape", "atmospheric", "meditation music", "relaxing", "calm"),
    ),
    "lo-fi": Genre(
        ("medium",),
        "minor",
        ("boom bap",),
        ("standard", "jazz"),
        (("c", ("electric piano", "nylon guitar")), ("b", ("acoustic bass", "electric bass"))),
        ("lo-fi", "lofi hip hop", "chill hop", "lofi beat", "lofi", "lo-fi beat", "lo-fi hip hop"),
        swing=True,
        texture="warm",
    ),
    "hip hop": Genre(
        ("medium",),
        "minor",
        ("boom bap", "half time"),
        ("808", "standard"),
        (("b", ("synth bass",)), ("a", ("piano", "strings", "music box"))),
        ("hip hop", "rap beat", "rap", "boom bap"),
    ),
    "trap": Genre(
        ("slow", "medium"),
        "minor",
        ("trap",),
        ("808",),
        (("b", ("synth bass",)), ("a", ("glockenspiel", "piano", "saw lead"))),
        ("trap", "trap beat", "drill"),
    ),
    "funk": Genre(
        ("medium",),
        None,
        ("funk",),
        ("standard",),
        (("c", ("clavinet", "clean guitar")), ("b", ("slap bass",)), ("c", ("brass",))),
        ("funk", "funky groove", "funky", "soul", "motown"),
    ),
    "reggae": Genre(
        ("medium",),
        "major",
        ("one drop",),
        ("standard",),
        (("c", ("organ", "clean guitar")), ("b", ("electric bass",))),
        ("reggae", "dub reggae", "dub", "ska"),
    ),
    "latin": Genre(
        ("fast",),
        None,
        ("latin",),
        ("standard",),
        (("c", ("piano", "nylon guitar")), ("b", ("acoustic bass",)), ("m", ("trumpet", "flute"))),
        ("latin", "salsa", "bossa nova", "samba", "mambo"),
    ),
    "classical": Genre(
        ("medium", "slow"),
        None,
        (),
        (),
        (
            ("p", ("strings",)),
            ("m", ("violin", "flute", "oboe", "clarinet")),
            ("a", ("piano", "harp", "pizzicato strings")),
        ),
        ("classical", "chamber music", "orchestral", "symphony", "mozart"),
    ),
    "waltz": Genre(
        ("waltz",),
        None,
        ("waltz",),
        ("standard",),
        (("m", ("accordion", "violin")), ("c", ("piano", "strings")), ("b", ("acoustic bass",))),
        ("waltz", "viennese waltz"),
    ),
    "baroque": Genre(
        ("fast", "medium"),
        None,
        (),
        (),
        (("a", ("harpsichord",)), ("m", ("violin", "flute", "oboe"))),
        ("baroque", "bach", "renaissance"),
    ),
    "folk": Genre(
        ("medium", "fast"),
        "major",
        (),
        (),
        (("a", ("acoustic guitar", "banjo")), ("m", ("violin", "harmonica", "accordion"))),
        ("folk", "country", "bluegrass", "celtic", "irish folk"),
    ),
    "chiptune": Genre(
        ("very fast", "fast"),
        None,
        ("four on the floor", "rock"),
        ("808",),
        (("a", ("square lead",)), ("b", ("synth bass",))),
        ("chiptune", "8 bit video game music", "arcade game music"),
    ),
    "drum and bass": Genre(
        ("very fast",),
        "minor",
        ("breakbeat",),
        ("electronic",),
        (("b", ("synth bass",)), ("p", ("warm pad", "strings"))),
        ("drum and bass", "jungle", "drum n bass", "breakcore"),
    ),
    "gospel": Genre(
        ("slow", "medium"),
        "major",
        (),
        (),
        (("p", ("choir",)), ("c", ("organ", "church organ"))),
        ("gospel", "church hymn", "hymn"),
    ),
    "caribbean": Genre(
        ("fast",),
        "major",
        ("latin",),
        ("standard",),
        (("m", ("steel drums",)), ("a", ("marimba",)), ("b", ("electric bass",))),
        ("caribbean", "calypso", "tropical island"),
    ),
    "cinematic": Genre(
        ("slow",),
        "minor",
        ("toms",),
        ("power",),
        (("p", ("strings",)), ("m", ("french horn", "cello"))),
        ("cinematic", "epic movie trailer", "film score", "epic", "soundtrack"),
    ),
    "disco": Genre(
        ("fast",),
        None,
        ("four on the floor",),
        ("standard",),
        (("c", ("strings", "clean guitar")), ("b", ("electric bass", "slap bass")), ("c", ("brass",))),
        ("disco", "seventies disco", "70s disco"),
    ),
    "synthwave": Genre(
        ("medium",),
        "minor",
        ("rock",),
        ("electronic",),
        (("a", ("saw lead",)), ("b", ("synth bass",)), ("p", ("warm pad",))),
        ("synthwave", "eighties synth pop", "80s synth", "1980s", "80s", "retro wave"),
    ),
    "blues": Genre(
        ("slow", "medium"),
        "minor",
        ("swing",),
        ("standard",),
        (("c", ("acoustic guitar", "piano")), ("m", ("harmonica",)), ("b", ("acoustic bass",))),
        ("blues", "delta blues", "slow blues"),
        swing=True,
    ),
    "ragtime": Genre(
        ("fast",),
        "major",
        (),
        (),
        (("c", ("piano",)), ("b", ("tuba",)), ("m", ("clarinet", "trumpet"))),
        ("ragtime", "dixieland", "saloon", "1920s"),
        swing=True,
        texture="radio",
    ),
    "tango": Genre(
        ("medium",),
        "minor",
        (),
        (),
        (("c", ("accordion",)), ("m", ("violin",)), ("b", ("acoustic bass",))),
        ("tango", "argentine tango"),
    ),
    "lullaby": Genre(
        ("slow",),
        "major",
        (),
        (),
        (("a", ("music box", "celesta")), ("m", ("flute",))),
        ("lullaby", "nursery rhyme", "bedtime"),
    ),
    "march": Genre(
        ("fast", "medium"),
        "major",
        ("march",),
        ("standard",),
        (("c", ("brass",)), ("b", ("tuba",)), ("m", ("flute", "trumpet"))),
        ("marching band", "military march", "march", "parade"),
    ),
}
