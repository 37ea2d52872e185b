"""Strokes: the drum set's pattern bar by bar, with fills and ghost notes, and hand percussion beside it."""

import random

from riffkit.compose.pieces.harmony import bars
from riffkit.compose.pieces.note import DRUM_SET, Note
from riffkit.compose.pieces.patterns.hands import HANDS
from riffkit.compose.pieces.patterns.pattern import ACCENTS, DRUMS
from riffkit.compose.pieces.piece import LOOP_SECONDS, Piece
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.pieces.writers.hand import DYNAMICS, Warp
from riffkit.compose.sounding.percussion import PERCUSSION

_CYMBALS = tuple(DRUMS[name] for name in ("hat", "ride", "shaker", "open", "maracas", "bell", "tambourine"))
_STRUCK = tuple(DRUMS[name] for name in ("kick", "snare", "rim", "clap"))
_TOO_FAST = 13  # beats in the loop from which nobody plays sixteenths
_NO_FILLS = ("four on the floor", "minimal", "techno", "amapiano", "brushes", "bossa nova", "steppers", "flamenco")
_FILLS = (
    ("snare", "snare", "snare", "snare"),
    ("snare", "snare", "high", "low"),
    ("high", "high", "mid", "low"),
    ("snare", "", "snare", "floor"),
    ("high", "mid", "low", "floor"),
)


def drums(piece: Piece, rng: random.Random) -> list[Note]:
    """Write the drum set's part.

    Parameters
    ----------
    piece : Piece
    rng : random.Random

    Returns
    -------
    list of Note
        Of part -1; none where the piece has no pattern.
    """
    if piece.pattern is None:
        return []
    pattern = PATTERNS[piece.pattern]
    warp = Warp(piece) if pattern.steps != 3 else float  # triplets are where they are
    level = DYNAMICS[piece.dynamics]
    written = []

    def hit(start: float, key: int, accent: int) -> None:
        velocity = max(12, min(127, level + accent + rng.randint(-6, 6)))
        written.append(Note(warp(start), 0.2, DRUM_SET, key, velocity))

    fill = piece.beats - 1 if piece.pattern not in _NO_FILLS and rng.random() < 0.3 else piece.beats
    own = pattern.meter == piece.beats_per_bar
    for begin, length in [(0, piece.beats)] if own else bars(piece.beats, piece.beats_per_bar):
        for time, key, letter in pattern.strokes(0, length):
            start = begin + time
            quiet = key in _CYMBALS and time % 1 > 1e-6
            if start >= fill or (piece.density == "sparse" and (letter == "o" or (quiet and letter != "X"))):
                continue
            hit(start, key, ACCENTS[letter] - (8 if quiet else 0))
    if piece.density == "busy":
        for step in range(round(fill * pattern.steps)):
            if step % pattern.steps and rng.random() < 0.4:
                hit(step / pattern.steps, DRUMS["hat"] if rng.random() < 0.7 else DRUMS["snare"], -36)
    if fill < piece.beats:
        for count, name in enumerate(rng.choice(_FILLS)):
            if name:
                hit(fill + count / 4, DRUMS[name], count * 5)
    if rng.random() < 0.25:
        hit(0.0, DRUMS["crash"], 0)
    return written


def percussion(piece: Piece, index: int, rng: random.Random) -> list[Note]:
    """Write the part of one instrument of percussion.

    Parameters
    ----------
    piece : Piece
    index : int
        Of a part with role x.
    rng : random.Random

    Returns
    -------
    list of Note
    """
    part = piece.parts[index]
    keys, long = PERCUSSION[part.instrument].keys, PERCUSSION[part.instrument].long
    level = DYNAMICS[piece.dynamics]
    warp = Warp(piece)
    line, steps = _line_of(piece, part.instrument, rng)
    if part.figure == "roll":
        return _rolled(piece, index, rng)
    written = []
    per_bar = len(line) != 4 * steps or piece.beats_per_bar != 4
    for begin, length in bars(piece.beats, piece.beats_per_bar) if per_bar else [(0, piece.beats)]:
        for step in range(length * steps):
            letter = line[step % len(line)]
            if not letter.isalpha() or (piece.density == "sparse" and letter.islower() and not long and step % steps):
                continue
            key = keys[(ord(letter.lower()) - ord("a")) % len(keys)]
            accent = 10 if letter.isupper() else -16
            start = begin + step / steps
            velocity = max(12, min(127, level + accent + rng.randint(-6, 6)))
            duration = float(length) if long else 0.22
            written.append(Note(start if steps == 3 else warp(start), duration, index, key, velocity))
    return written


def _line_of(piece: Piece, instrument: str, rng: random.Random) -> tuple[str, int]:
    """The pattern that goes with the piece, or any, and its steps to a beat."""
    lines = HANDS[instrument]
    named = [lines[name] for name in (piece.genre, piece.pattern) if name in lines]
    compound = piece.feel != "straight" or (piece.pattern is not None and PATTERNS[piece.pattern].steps == 3)
    fitting = [line for line in lines.values() if compound or not line.startswith("3")]
    line = named[0] if named else rng.choice(fitting)
    steps = 3 if line.startswith("3") else 4
    if steps == 4 and piece.beats > _TOO_FAST and piece.genre is None:
        steps = 2  # eighths are fast enough
    return line.lstrip("3").replace("|", ""), steps


def _rolled(piece: Piece, index: int, rng: random.Random) -> list[Note]:
    """Rolls that grow over half a bar, and the stroke that ends each."""
    keys = PERCUSSION[piece.parts[index].instrument].keys
    level = DYNAMICS[piece.dynamics]
    beat = LOOP_SECONDS / piece.beats
    count = next((count for count in (4, 6, 8) if count / beat >= 11), 12)
    written = []
    for begin, length in bars(piece.beats, piece.beats_per_bar):
        rolling = length // 2
        first = begin + length - rolling
        written.append(Note(float(begin), 0.3, index, keys[0], min(127, level + 14)))
        for step in range(rolling * count):
            velocity = level - 34 + round(40 * step / (rolling * count)) + rng.randint(-4, 4)
            key = keys[step % min(2, len(keys))]
            written.append(Note(first + step / count, 0.9 / count, index, key, max(12, min(127, velocity))))
    return written
