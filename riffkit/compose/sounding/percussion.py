"""Who can play no scale: hand percussion, and the drum sets, with the keys under which their strokes lie.

Tables only. Keys are those of General MIDI's percussion map where it has them.
"""

from dataclasses import dataclass

KICK, RIM, SNARE, CLAP, CLOSED_HAT, PEDAL_HAT, OPEN_HAT = 36, 37, 38, 39, 42, 44, 46
LOW_TOM, MID_TOM, HIGH_TOM = 45, 48, 50
CRASH, RIDE, CHINA, RIDE_BELL, SPLASH = 49, 51, 52, 53, 55
TAMBOURINE, COWBELL, SHAKER, MARACAS, CLAVES = 54, 56, 82, 70, 75


@dataclass(frozen=True)
class Percussion:
    """One instrument of percussion.

    Parameters
    ----------
    keys : tuple of int [MIDI notes]
        Its strokes: the main one first, then the lighter or higher ones. A note's pitch is one of these.
    family : str
        percussion or electronic percussion.
    long : bool
        It rings, or rolls on: a bar is a better distance between strokes than a sixteenth.
    own : bool
        From our own synthesis, whatever the soundfont has under these keys.
    """

    keys: tuple[int, ...]
    family: str = "percussion"
    long: bool = False
    own: bool = False


PERCUSSION: dict[str, Percussion] = {
    "bongos": Percussion((61, 60)),
    "congas": Percussion((64, 63, 62)),
    "cowbell": Percussion((56,)),
    "claves": Percussion((75,)),
    "maracas": Percussion((70,)),
    "tambourine": Percussion((54,)),
    "timbales": Percussion((66, 65)),
    "triangle": Percussion((81, 80)),
    "woodblock": Percussion((77, 76)),
    "cuica": Percussion((79, 78)),
    "agogo": Percussion((68, 67)),
    "sleigh bells": Percussion((83,)),
    "guiro": Percussion((74, 73)),
    "cabasa": Percussion((69,)),
    "shaker": Percussion((82,)),
    "vibraslap": Percussion((58,), long=True),
    "handclaps": Percussion((39,)),
    "finger snaps": Percussion((26,), own=True),
    "castanets": Percussion((85,)),
    "gong": Percussion((52,), long=True, own=True),
    "taiko drums": Percussion((35, 41, 37), own=True),
    "tabla": Percussion((35, 60, 61, 62), own=True),
    "djembe": Percussion((64, 63, 62), own=True),
    "cajon": Percussion((36, 38, 37), own=True),
    "frame drum": Percussion((64, 63, 62), own=True),
    "surdo": Percussion((87, 86), own=True),
    "talking drum": Percussion((64, 63, 62), own=True),
    "snare drum": Percussion((38, 40)),
    "kick drum": Percussion((36,)),
    "hi hat": Percussion((42, 46)),
    "toms": Percussion((45, 47, 48, 50)),
    "ride cymbal": Percussion((51, 53)),
    "crash cymbal": Percussion((49,), long=True),
    "electronic drum": Percussion((45, 48, 50), "electronic percussion", own=True),
    "808 clap": Percussion((39,), "electronic percussion", own=True),
    "drum roll": Percussion((38,), long=True, own=True),
    "reverse cymbal": Percussion((49,), long=True, own=True),
}


@dataclass(frozen=True)
class Kit:
    """One drum set.

    Parameters
    ----------
    program : int or None
        In the drum bank of a General MIDI soundfont; None is our own synthesis.
    family : str
        percussion or electronic percussion.
    """

    program: int | None
    family: str = "percussion"


KITS: dict[str, Kit] = {
    "standard": Kit(0),
    "room": Kit(8),
    "power": Kit(16),
    "electronic": Kit(24, "electronic percussion"),
    "808": Kit(None, "electronic percussion"),
    "909": Kit(None, "electronic percussion"),
    "linn": Kit(None, "electronic percussion"),
    "rhythm box": Kit(None, "electronic percussion"),
    "chip": Kit(None, "electronic percussion"),
    "jazz": Kit(32),
    "brush": Kit(40),
    "orchestra": Kit(48),
    "lo-fi": Kit(1),
}
