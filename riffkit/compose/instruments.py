"""What the composer can play: instruments, drum kits and drum patterns, with the words people use for them.

Tables only. `genres.py` has the styles; `score.py` turns both into pieces, `captions.py` into words,
`soundfont.py` and `synth.py` into sound. Programs and banks are General MIDI numbers (from 0), so any General MIDI
soundfont will do.
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
    """One General MIDI instrument.

    Parameters
    ----------
    program : int [0..127]
    low, high : int [MIDI notes]
        Its range.
    roles : str
        Letters of what it can play: c chords, a arpeggio, m melody, b bass line, p long pad notes.
    family : str
        One of `FAMILIES`.
    names : tuple of str
        That captions give it, the plainest first.
    """

    program: int
    low: int
    high: int
    roles: str
    family: str
    names: tuple[str, ...]


INSTRUMENTS = {
    "piano": Instrument(0, 48, 84, "cam", "keys", ("piano", "grand piano", "acoustic piano", "pianist", "keyboard")),
    "electric piano": Instrument(4, 48, 80, "cam", "keys", ("electric piano", "rhodes", "rhodes piano", "wurlitzer")),
    "harpsichord": Instrument(6, 48, 80, "cam", "keys", ("harpsichord", "cembalo", "spinet")),
    "clavinet": Instrument(7, 43, 72, "ca", "keys", ("clavinet", "clav")),
    "celesta": Instrument(8, 60, 91, "am", "mallets", ("celesta", "celeste")),
    "glockenspiel": Instrument(9, 72, 96, "am", "mallets", ("glockenspiel", "little bells", "chimes")),
    "music box": Instrument(10, 67, 91, "am", "mallets", ("music box", "toy music box")),
    "vibraphone": Instrument(11, 55, 84, "cam", "mallets", ("vibraphone", "vibes")),
    "marimba": Instrument(12, 48, 84, "am", "mallets", ("marimba", "wooden mallets")),
    "xylophone": Instrument(13, 67, 96, "am", "mallets", ("xylophone",)),
    "tubular bells": Instrument(14, 55, 74, "m", "mallets", ("church bells", "tubular bells", "bells", "bell tower")),
    "organ": Instrument(16, 48, 79, "cmp", "organ", ("organ", "hammond organ", "drawbar organ", "hammond")),
    "church organ": Instrument(
        19, 43, 77, "cp", "organ", ("church organ", "pipe organ", "cathedral organ", "organist")
    ),
    "accordion": Instrument(
        21, 52, 80, "cm", "organ", ("accordion", "musette", "squeezebox", "concertina", "bandoneon")
    ),
    "harmonica": Instrument(22, 60, 84, "m", "organ", ("harmonica", "blues harp", "mouth organ")),
    "nylon guitar": Instrument(
        24,
        43,
        74,
        "cam",
        "guitar",
        ("nylon guitar", "classical guitar", "spanish guitar", "ukulele", "flamenco guitar", "lute"),
    ),
    "acoustic guitar": Instrument(
        25, 43, 74, "ca", "guitar", ("acoustic guitar", "steel string guitar", "guitar", "mandolin", "guitarist")
    ),
    "clean guitar": Instrument(27, 43, 76, "ca", "guitar", ("clean electric guitar", "clean guitar", "funk guitar")),
    "banjo": Instrument(105, 50, 79, "a", "guitar", ("banjo", "bluegrass banjo", "banjo player")),
    "sitar": Instrument(104, 48, 76, "am", "guitar", ("sitar", "indian sitar")),
    "koto": Instrument(107, 52, 81, "am", "guitar", ("koto", "japanese koto", "shamisen", "zither")),
    "harp": Instrument(46, 45, 86, "a", "guitar", ("harp", "concert harp", "harpist", "lyre")),
    "pizzicato strings": Instrument(45, 48, 80, "am", "guitar", ("pizzicato strings", "plucked strings", "pizzicato")),
    "distorted guitar": Instrument(
        30,
        40,
        69,
        "cm",
        "distorted guitar",
        ("distorted guitar", "heavy guitar", "electric guitar", "metal guitar", "guitar riff", "power chords"),
    ),
    "violin": Instrument(40, 58, 86, "m", "strings", ("violin", "fiddle", "violinist", "viola")),
    "cello": Instrument(42, 40, 67, "m", "strings", ("cello", "violoncello", "cellist")),
    "strings": Instrument(
        48, 43, 80, "cp", "strings", ("strings", "string section", "orchestral strings", "orchestra", "string quartet")
    ),
    "choir": Instrument(
        52,
        50,
        77,
        "cp",
        "choir",
        (
            "choir",
            "voices",
            "singing choir",
            "vocal harmony",
            "choirboys",
            "monks chanting",
            "vocals",
            "singer",
            "singing",
        ),
    ),
    "trumpet": Instrument(56, 58, 80, "m", "brass", ("trumpet", "trumpeter", "bugle", "cornet")),
    "trombone": Instrument(57, 43, 67, "m", "brass", ("trombone", "trombonist")),
    "french horn": Instrument(60, 46, 70, "mp", "brass", ("french horn", "horn")),
    "brass": Instrument(61, 48, 76, "c", "brass", ("brass", "brass section", "horn section")),
    "saxophone": Instrument(65, 52, 79, "m", "winds", ("saxophone", "sax", "alto sax", "saxophonist", "tenor sax")),
    "oboe": Instrument(68, 60, 84, "m", "winds", ("oboe", "bassoon")),
    "clarinet": Instrument(71, 52, 82, "m", "winds", ("clarinet", "clarinettist")),
    "flute": Instrument(
        73, 62, 91, "m", "winds", ("flute", "concert flute", "flutist", "recorder", "piccolo", "whistle")
    ),
    "pan flute": Instrument(75, 62, 86, "m", "winds", ("pan flute", "pan pipes")),
    "square lead": Instrument(
        80, 55, 84, "am", "synth lead", ("square synth", "chiptune lead", "8 bit synth", "game boy")
    ),
    "saw lead": Instrument(
        81,
        50,
        82,
        "cam",
        "synth lead",
        ("synth lead", "saw synth", "synthesizer", "trance synth", "synth", "moog", "supersaw"),
    ),
    "warm pad": Instrument(89, 45, 77, "p", "pad", ("synth pad", "analog pad", "pad", "synth strings")),
    "bright pad": Instrument(88, 48, 80, "p", "pad", ("new age pad", "shimmering pad", "glassy pad")),
    "kalimba": Instrument(108, 55, 84, "am", "mallets", ("kalimba", "thumb piano")),
    "steel drums": Instrument(114, 55, 84, "am", "mallets", ("steel drums", "steel pan")),
    "acoustic bass": Instrument(
        32, 28, 50, "b", "bass", ("double bass", "upright bass", "acoustic bass", "contrabass")
    ),
    "electric bass": Instrument(33, 28, 50, "b", "bass", ("bass guitar", "electric bass", "bass", "bassist")),
    "slap bass": Instrument(36, 28, 50, "b", "bass", ("slap bass", "funky bass", "funky slap bass")),
    "synth bass": Instrument(38, 28, 50, "b", "bass", ("synth bass", "bass synth", "analog bass", "sub bass")),
    "tuba": Instrument(58, 28, 50, "b", "bass", ("tuba", "sousaphone")),
}

# kit: (General MIDI program of the drum bank, names)
KITS = {
    "standard": (0, ("drums", "drum kit", "drum beat", "acoustic drums", "drummer", "percussion")),
    "electronic": (24, ("electronic drums", "drum machine", "electronic beat", "electronic beats", "beats")),
    "808": (25, ("808 drums", "808 beat", "808", "808s")),
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
