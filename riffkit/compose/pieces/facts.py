"""What is true of a piece, in words of one fixed list: what captions may say, and a model can be asked for."""

from collections.abc import Iterator

from riffkit.compose.pieces.figures import FIGURES
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.harmony import HARMONIES, SCALES
from riffkit.compose.pieces.piece import BEATS, Part, Piece
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.pieces.studio import EFFECTS, SIDES
from riffkit.compose.pieces.writers.hand import takes_its_time
from riffkit.compose.sounding.instruments import FAMILIES, HELD_BACK, INSTRUMENTS
from riffkit.compose.sounding.noises import SOUNDS
from riffkit.compose.sounding.percussion import KITS, PERCUSSION

ROLES = {"c": "chords", "a": "arpeggio", "m": "melody", "b": "bass", "p": "pad"}

PLAIN = ("drums", "no drums", "percussion", "solo", "ensemble", "music", "no music")
"""Facts without a kind."""

_NAMES: dict[str, tuple[str, ...]] = {
    "family": FAMILIES,
    "instrument": (*(name for name in INSTRUMENTS if name not in HELD_BACK), *PERCUSSION),
    "figure": tuple(FIGURES),
    "role": tuple(ROLES.values()),
    "genre": tuple(GENRES),
    "style": tuple(dict.fromkeys(genre.style for genre in GENRES.values())),
    "kit": tuple(KITS),
    "pattern": tuple(PATTERNS),
    "tempo": ("slow", "medium", "fast", "very fast"),
    "beats": tuple(str(beats) for beats in BEATS),
    "meter": tuple(str(beats) for beats in range(3, 8)),
    "feel": ("straight", "swing", "shuffle"),
    "scale": tuple(SCALES),
    "mood": ("major", "minor", "other"),
    "key": tuple(str(key) for key in range(12)),
    "harmony": tuple(HARMONIES),
    "density": ("sparse", "busy"),
    "dynamics": ("soft", "loud"),
    "articulation": ("staccato", "legato"),
    "register": ("low", "high"),
    "effect": EFFECTS,
    "side": SIDES,
    "sound": SOUNDS,
}

KINDS: tuple[str, ...] = tuple(_NAMES)
"""A fact is a kind and a name ("tempo slow"), but for those of `PLAIN`, which stand alone."""

FACTS: tuple[str, ...] = (*(f"{kind} {name}" for kind, names in _NAMES.items() for name in names), *PLAIN)
"""All there are; each is true of some pieces."""

# Figures that come as thick as the piece is; the others are what they are.
_AS_DENSE = (
    None, "strum", "skank", "alberti", "ostinato", "palm mute", "arp up", "arp down", "fingerpicking", "hocket",
    "grace notes", "call and response", "acid line", "stride",
)  # fmt: skip
_CHORDS_WITH_THIRDS = ("triads", "sevenths", "ninths")
_CHORDS_OF_THE_SCALE = (*_CHORDS_WITH_THIRDS, "suspended", "quartal", "clusters")
_NO_CHORDS = ("drone", "ostinato", "hocket", "acid line")
_OWN_LINE = ("ostinato", "riff", "acid line")


def facts_of(piece: Piece) -> frozenset[str]:
    """List what is true of a piece and can be heard.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    frozenset of str
        Of `FACTS`. What nobody would hear is left out: the scale of a lone drum, the tempo of a lone pad.
    """
    facts = {f"effect {name}" for name in piece.effects} | {f"sound {name}" for name in piece.sounds}
    if piece.side != "centre":
        facts.add(f"side {piece.side}")
    if not piece.parts and piece.pattern is None:
        return frozenset(facts | {"no music"})
    facts |= {"music", *_players(piece), *_time(piece), *_tones(piece)}
    if piece.genre is not None:
        facts |= {f"genre {piece.genre}", f"style {GENRES[piece.genre].style}"}
    if piece.dynamics != "normal":
        facts.add(f"dynamics {piece.dynamics}")
    if piece.articulation:
        facts.add(f"articulation {piece.articulation}")
    return frozenset(facts)


def _players(piece: Piece) -> Iterator[str]:
    """Who plays, and how."""
    for part in piece.parts:
        table = PERCUSSION if part.role == "x" else INSTRUMENTS
        yield f"family {table[part.instrument].family}"
        if part.instrument not in HELD_BACK:
            yield f"instrument {part.instrument}"
        if part.figure:
            yield f"figure {part.figure}"
    roles = [part.role for part in piece.parts]
    yield from (f"role {name}" for role, name in ROLES.items() if roles.count(role) == 1)
    if "x" in roles:
        yield "percussion"
    if piece.pattern is not None:
        yield from ("drums", f"pattern {piece.pattern}", f"kit {piece.kit}")
    elif "x" not in roles:
        yield "no drums"
    players = len(roles) + (piece.pattern is not None)
    if players > 1:
        yield "ensemble"
    elif not piece.sounds and roles:
        yield "solo"
    registers = {part.register for part in piece.parts if part.role not in "bx"}
    if len(registers) == 1 and registers != {"middle"}:
        yield f"register {registers.pop()}"


def _time(piece: Piece) -> Iterator[str]:
    """Tempo, meter and feel, where something marks them, and how thick the notes come."""
    drums = piece.pattern is not None
    moving = [part for part in piece.parts if part.figure != "drone" and (part.role != "p" or part.figure)]
    if not moving and not drums:
        return
    yield f"tempo {piece.tempo}"
    free = takes_its_time(piece)
    if not free:
        yield f"beats {piece.beats}"
    if not free and piece.beats % piece.beats_per_bar == 0:
        yield f"meter {piece.beats_per_bar}"
    as_dense = [part for part in moving if part.role in "camb" and part.figure in _AS_DENSE]
    if piece.density != "normal" and (as_dense or drums or (piece.density == "sparse" and "x" in _roles(piece))):
        yield f"density {piece.density}"
    triplets = drums and PATTERNS[piece.pattern or ""].steps == 3
    off_beat = drums or any(part.role == "x" or (part in as_dense and piece.density != "sparse") for part in moving)
    if off_beat and not free and not (triplets and piece.feel == "straight"):
        yield f"feel {piece.feel}"


def _tones(piece: Piece) -> Iterator[str]:
    """Key, scale and chords, where somebody plays notes of them."""
    pitched = [
        part for part in piece.parts if part.role != "x" and INSTRUMENTS[part.instrument].family != "voice effects"
    ]
    if not pitched:
        return
    yield f"key {piece.key}"
    chordal = [part for part in pitched if part.role in "cap" and part.figure not in _NO_CHORDS]
    if chordal:
        yield f"harmony {piece.harmony}"
    several = len(set(piece.progression)) > 1
    told = any(_tells_the_scale(part) for part in pitched)
    told = told or bool(chordal and several and piece.harmony in _CHORDS_OF_THE_SCALE)
    if told:
        yield f"scale {piece.scale}"
    if told or (chordal and piece.harmony in _CHORDS_WITH_THIRDS):
        yield f"mood {SCALES[piece.scale].mood}"


def _tells_the_scale(part: Part) -> bool:
    return part.role == "m" or (part.role in "ab" and part.figure in (*_OWN_LINE, "hocket"))


def _roles(piece: Piece) -> str:
    return "".join(part.role for part in piece.parts)
