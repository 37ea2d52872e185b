"""What the composer can play: instruments, drum kits, drum patterns and genres, with the words people use for them.

Tables only. `score.py` turns them into notes, `captions.py` into words, `render.py` into sound. Programs and banks are
General MIDI numbers (from 0), so any General MIDI soundfont will do.
"""

from dataclasses import dataclass

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
)


@dataclass(frozen=True)
class Instrument:
    """One General MIDI instrument: its program, its range (MIDI notes), the roles it can take, its family, its names.

    `roles` holds letters: c chords, a arpeggio, m melody, b bass line, p long pad notes.
    """

    program: int
    low: int
    high: int
    roles: str
    family: str
    names: tuple[str, ...]


INSTRUMENTS = {
    "piano": Instrument(0, 48, 84, "cam", "keys", ("piano", "grand piano", "acoustic piano", "pianist")),
    "electric piano": Instrument(4, 48, 80, "cam", "keys", ("electric piano", "rhodes", "rhodes piano")),
    "harpsichord": Instrument(6, 48, 80, "cam", "keys", ("harpsichord", "cembalo")),
    "clavinet": Instrument(7, 43, 72, "ca", "keys", ("clavinet", "clav")),
    "celesta": Instrument(8, 60, 91, "am", "mallets", ("celesta", "celeste")),
    "glockenspiel": Instrument(9, 72, 96, "am", "mallets", ("glockenspiel", "bright bells", "chimes")),
    "music box": Instrument(10, 67, 91, "am", "mallets", ("music box", "toy music box")),
    "vibraphone": Instrument(11, 55, 84, "cam", "mallets", ("vibraphone", "vibes")),
    "marimba": Instrument(12, 48, 84, "am", "mallets", ("marimba",)),
    "xylophone": Instrument(13, 67, 96, "am", "mallets", ("xylophone",)),
    "tubular bells": Instrument(14, 55, 74, "m", "mallets", ("church bells", "tubular bells", "bells")),
    "organ": Instrument(16, 48, 79, "cmp", "organ", ("organ", "hammond organ", "drawbar organ")),
    "church organ": Instrument(19, 43, 77, "cp", "organ", ("church organ", "pipe organ", "cathedral organ")),
    "accordion": Instrument(21, 52, 80, "cm", "organ", ("accordion", "musette", "squeezebox")),
    "harmonica": Instrument(22, 60, 84, "m", "organ", ("harmonica", "blues harp", "mouth organ")),
    "nylon guitar": Instrument(24, 43, 74, "cam", "guitar", ("nylon guitar", "classical guitar", "spanish guitar")),
    "acoustic guitar": Instrument(25, 43, 74, "ca", "guitar", ("acoustic guitar", "steel string guitar", "guitar")),
    "clean guitar": Instrument(27, 43, 76, "ca", "guitar", ("clean electric guitar", "clean guitar", "funk guitar")),
    "banjo": Instrument(105, 50, 79, "a", "guitar", ("banjo", "bluegrass banjo")),
    "sitar": Instrument(104, 48, 76, "am", "guitar", ("sitar", "indian sitar")),
    "koto": Instrument(107, 52, 81, "am", "guitar", ("koto", "japanese koto")),
    "harp": Instrument(46, 45, 86, "a", "guitar", ("harp", "concert harp")),
    "pizzicato strings": Instrument(45, 48, 80, "am", "guitar", ("pizzicato strings", "plucked strings", "pizzicato")),
    "distorted guitar": Instrument(
        30, 40, 69, "cm", "distorted guitar", ("distorted guitar", "heavy guitar", "electric guitar", "metal guitar")
    ),
    "violin": Instrument(40, 58, 86, "m", "strings", ("violin", "fiddle", "violinist")),
    "cello": Instrument(42, 40, 67, "m", "strings", ("cello", "violoncello")),
    "strings": Instrument(48, 43, 80, "cp", "strings", ("strings", "string section", "orchestral strings")),
    "choir": Instrument(52, 50, 77, "cp", "choir", ("choir", "voices", "singing choir", "vocal harmony")),
    "trumpet": Instrument(56, 58, 80, "m", "brass", ("trumpet", "trumpeter")),
    "trombone": Instrument(57, 43, 67, "m", "brass", ("trombone",)),
    "french horn": Instrument(60, 46, 70, "mp", "brass", ("french horn", "horn")),
    "brass": Instrument(61, 48, 76, "c", "brass", ("brass", "brass section", "horn section")),
    "saxophone": Instrument(65, 52, 79, "m", "winds", ("saxophone", "sax", "alto sax", "saxophonist")),
    "oboe": Instrument(68, 60, 84, "m", "winds", ("oboe",)),
    "clarinet": Instrument(71, 52, 82, "m", "winds", ("clarinet",)),
    "flute": Instrument(73, 62, 91, "m", "winds", ("flute", "concert flute", "flutist")),
    "pan flute": Instrument(75, 62, 86, "m", "winds", ("pan flute", "pan pipes")),
    "square lead": Instrument(80, 55, 84, "am", "synth lead", ("square synth", "chiptune lead", "8 bit synth")),
    "saw lead": Instrument(81, 50, 82, "cam", "synth lead", ("synth lead", "saw synth", "synthesizer", "trance synth")),
    "warm pad": Instrument(89, 45, 77, "p", "pad", ("synth pad", "warm pad", "soft pad", "pad")),
    "bright pad": Instrument(88, 48, 80, "p", "pad", ("new age pad", "shimmering pad", "bright pad")),
    "kalimba": Instrument(108, 55, 84, "am", "mallets", ("kalimba", "thumb piano")),
    "steel drums": Instrument(114, 55, 84, "am", "mallets", ("steel drums", "steel pan")),
    "acoustic bass": Instrument(32, 28, 50, "b", "bass", ("double bass", "upright bass", "acoustic bass")),
    "electric bass": Instrument(33, 28, 50, "b", "bass", ("bass guitar", "electric bass", "bass")),
    "slap bass": Instrument(36, 28, 50, "b", "bass", ("slap bass", "funky bass", "funky slap bass")),
    "synth bass": Instrument(38, 28, 50, "b", "bass", ("synth bass", "bass synth", "analog bass")),
    "tuba": Instrument(58, 28, 50, "b", "bass", ("tuba",)),
}

# kit: (General MIDI program of the drum bank, names)
KITS = {
    "standard": (0, ("drums", "drum kit", "drum beat", "acoustic drums")),
    "electronic": (24, ("electronic drums", "drum machine", "electronic beat")),
    "808": (25, ("808 drums", "808 beat", "808")),
    "jazz": (40, ("brushed drums", "jazz drums", "brushes")),
    "power": (16, ("heavy drums", "rock drums", "big drums")),
}

# General MIDI drum keys used in the patterns below
KICK, RIM, SNARE, CLAP, CLOSED_HAT, LOW_TOM, OPEN_HAT, MID_TOM, CRASH, RIDE, SHAKER = (
    36,
    37,
    38,
    39,
    42,
    45,
    46,
    48,
    49,
    51,
    70,
)

# One line per drum, one character per sixteenth note, x is a hit. 16 steps are a bar of 4/4, 12 a bar of 3/4.
DRUM_PATTERNS = {
    "four on the floor": {KICK: "x...x...x...x...", OPEN_HAT: "..x...x...x...x.", CLAP: "....x.......x..."},
    "rock": {KICK: "x.......x.x.....", SNARE: "....x.......x...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "funk": {KICK: "x..x..x...x.....", SNARE: "....x..x.x..x..x", CLOSED_HAT: "xxxxxxxxxxxxxxxx"},
    "boom bap": {KICK: "x......x..x.....", SNARE: "....x.......x...", CLOSED_HAT: "x.x.x.x.x.x.x.xx"},
    "swing": {RIDE: "x...x..xx...x..x", CLOSED_HAT: "....x.......x...", KICK: "x..............."},
    "half time": {KICK: "x.....x.........", SNARE: "........x.......", CLOSED_HAT: "x...x...x...x..."},
    "trap": {KICK: "x.....x...x.....", CLAP: "........x.......", CLOSED_HAT: "x.x.x.xxx.x.xxxx"},
    "breakbeat": {KICK: "x.x.......xx....", SNARE: "....x..x.x..x...", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "one drop": {KICK: "........x.......", RIM: "........x.......", CLOSED_HAT: "x.x.x.x.x.x.x.x."},
    "latin": {KICK: "x..x..x.x..x..x.", RIM: "x..x..x...x.x...", SHAKER: "x.xxx.xxx.xxx.xx"},
    "toms": {LOW_TOM: "x..x..x.x..x..x.", MID_TOM: "......x.......xx", KICK: "x.......x......."},
    "march": {KICK: "x.......x.......", SNARE: "x.xxx.x.x.xxxxxx"},
    "minimal": {KICK: "x.......x.......", CLOSED_HAT: "....x.......x..."},
    "waltz": {KICK: "x...........", SNARE: "....x...x...", CLOSED_HAT: "x...x...x..."},
}


@dataclass(frozen=True)
class Genre:
    """A recipe: which tempi, mode, drums and parts make a piece sound like the genre, and its names.

    `parts` holds (role, instruments to choose from); empty `patterns` means no drums; `mode` None means either.
    """

    tempi: tuple[str, ...]
    mode: str | None
    patterns: tuple[str, ...]
    kits: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    names: tuple[str, ...]
    swing: bool = False


GENRES = {
    "techno": Genre(
        ("fast",),
        "minor",
        ("four on the floor",),
        ("electronic", "808"),
        (("b", ("synth bass",)), ("a", ("saw lead", "square lead"))),
        ("techno", "club techno", "rave music"),
    ),
    "house": Genre(
        ("fast", "medium"),
        None,
        ("four on the floor",),
        ("electronic",),
        (("c", ("piano", "electric piano", "organ")), ("b", ("synth bass",))),
        ("house", "house music", "deep house", "dance music"),
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
        ("jazz", "smooth jazz", "jazz club", "bebop"),
        swing=True,
    ),
    "rock": Genre(
        ("fast", "medium"),
        None,
        ("rock",),
        ("power",),
        (("c", ("distorted guitar",)), ("b", ("electric bass",))),
        ("rock", "rock band", "hard rock", "grunge"),
    ),
    "metal": Genre(
        ("very fast",),
        "minor",
        ("rock", "breakbeat"),
        ("power",),
        (("c", ("distorted guitar",)), ("b", ("electric bass",))),
        ("metal", "heavy metal"),
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
        ("ambient", "ambient soundscape", "atmospheric"),
    ),
    "lo-fi": Genre(
        ("medium",),
        "minor",
        ("boom bap",),
        ("standard", "jazz"),
        (("c", ("electric piano", "nylon guitar")), ("b", ("acoustic bass", "electric bass"))),
        ("lo-fi", "lofi hip hop", "chill hop", "lofi beat"),
        swing=True,
    ),
    "hip hop": Genre(
        ("medium",),
        "minor",
        ("boom bap", "half time"),
        ("808", "standard"),
        (("b", ("synth bass",)), ("a", ("piano", "strings", "music box"))),
        ("hip hop", "rap beat"),
    ),
    "trap": Genre(
        ("slow", "medium"),
        "minor",
        ("trap",),
        ("808",),
        (("b", ("synth bass",)), ("a", ("glockenspiel", "piano", "saw lead"))),
        ("trap", "trap beat"),
    ),
    "funk": Genre(
        ("medium",),
        None,
        ("funk",),
        ("standard",),
        (("c", ("clavinet", "clean guitar")), ("b", ("slap bass",)), ("c", ("brass",))),
        ("funk", "funky groove", "disco funk"),
    ),
    "reggae": Genre(
        ("medium",),
        "major",
        ("one drop",),
        ("standard",),
        (("c", ("organ", "clean guitar")), ("b", ("electric bass",))),
        ("reggae", "dub reggae"),
    ),
    "latin": Genre(
        ("fast",),
        None,
        ("latin",),
        ("standard",),
        (("c", ("piano", "nylon guitar")), ("b", ("acoustic bass",)), ("m", ("trumpet", "flute"))),
        ("latin", "salsa", "bossa nova"),
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
        ("classical", "chamber music", "orchestral"),
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
        ("baroque",),
    ),
    "folk": Genre(
        ("medium", "fast"),
        "major",
        (),
        (),
        (("a", ("acoustic guitar", "banjo")), ("m", ("violin", "harmonica", "accordion"))),
        ("folk", "country", "bluegrass"),
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
        ("drum and bass", "jungle"),
    ),
    "gospel": Genre(
        ("slow", "medium"),
        "major",
        (),
        (),
        (("p", ("choir",)), ("c", ("organ", "church organ"))),
        ("gospel", "church hymn"),
    ),
    "caribbean": Genre(
        ("fast",),
        "major",
        ("latin",),
        ("standard",),
        (("m", ("steel drums",)), ("b", ("electric bass",))),
        ("caribbean", "calypso", "tropical island"),
    ),
    "cinematic": Genre(
        ("slow",),
        "minor",
        ("toms",),
        ("power",),
        (("p", ("strings",)), ("m", ("french horn", "cello"))),
        ("cinematic", "epic movie trailer", "film score"),
    ),
}
