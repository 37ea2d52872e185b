"""What may be composed: everything, everything but two timbres, or the little that ten minutes can teach."""

from dataclasses import dataclass, field

from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.harmony import HARMONIES, SCALES
from riffkit.compose.pieces.piece import BEATS
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.pieces.studio import EFFECTS, SIDES
from riffkit.compose.sounding.instruments import HELD_BACK, INSTRUMENTS
from riffkit.compose.sounding.noises import SOUNDS
from riffkit.compose.sounding.percussion import KITS, PERCUSSION


@dataclass(frozen=True)
class Corpus:
    """The pieces that `compose` may draw.

    Parameters
    ----------
    name : str
    instruments, percussion, sounds, patterns, kits, effects, sides, scales, harmonies : tuple of str
        Of their tables; empty where there shall be none.
    beats : tuple of int [5..20]
    keys : tuple of int [0..11]
        Pitch classes.
    max_parts : int [1..4]
        At once, the drum set not counted.
    figures : bool
        Whether parts may be played in the ways of `FIGURES`.
    """

    name: str
    instruments: tuple[str, ...] = tuple(INSTRUMENTS)
    percussion: tuple[str, ...] = tuple(PERCUSSION)
    sounds: tuple[str, ...] = SOUNDS
    patterns: tuple[str, ...] = tuple(PATTERNS)
    kits: tuple[str, ...] = tuple(KITS)
    effects: tuple[str, ...] = EFFECTS
    sides: tuple[str, ...] = SIDES
    scales: tuple[str, ...] = tuple(SCALES)
    harmonies: tuple[str, ...] = tuple(HARMONIES)
    beats: tuple[int, ...] = BEATS
    keys: tuple[int, ...] = tuple(range(12))
    max_parts: int = 4
    figures: bool = True
    genres: tuple[str, ...] = field(init=False)
    """Those that it can play: in a tempo and a scale of theirs, with drums where they want some."""

    def __post_init__(self) -> None:
        playable = tuple(
            name
            for name, genre in GENRES.items()
            if set(genre.beats) & set(self.beats)
            and set(genre.scales) & set(self.scales)
            and set(genre.harmonies) & set(self.harmonies)
            and (not genre.patterns or (set(genre.patterns) & set(self.patterns) and set(genre.kits) & set(self.kits)))
            and set(genre.seats[0].who) & set(self.instruments)
        )
        object.__setattr__(self, "genres", playable)


EVERYTHING = Corpus("everything")
# Two timbres are left out, so that there is something to teach the model later (notebooks/05_fine_tuning.ipynb).
WIDE = Corpus("wide", instruments=tuple(name for name in INSTRUMENTS if name not in HELD_BACK))
# What ten minutes on two cores can teach a small model, and what needs no soundfont.
NARROW = Corpus(
    "narrow",
    instruments=(
        "piano", "fm piano", "organ", "marimba", "tubular bells", "fm bells", "nylon guitar", "ukulele",
        "distorted guitar", "electric bass", "808 bass", "acid bass", "strings", "choir", "singer", "trumpet", "flute",
        "square lead", "supersaw", "warm pad", "sweep pad", "oud",
    ),
    kits=("standard", "808", "909"),
    percussion=(),
    sounds=(),
    effects=(),
    sides=(),
    scales=("major", "minor"),
    harmonies=("triads", "sevenths", "power"),
    beats=(8,),
    keys=(0, 2, 5, 9),
    max_parts=2,
    figures=False,
)  # fmt: skip
CORPORA = {corpus.name: corpus for corpus in (EVERYTHING, WIDE, NARROW)}
