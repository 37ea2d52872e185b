"""A piece written out as notes."""

import random
from collections.abc import Callable

from riffkit.compose.pieces.figures import FIGURES
from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.piece import Piece
from riffkit.compose.pieces.writers.arpeggios import arpeggio
from riffkit.compose.pieces.writers.basses import bass
from riffkit.compose.pieces.writers.beats import drums, percussion
from riffkit.compose.pieces.writers.chords import chords
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.melodies import melody
from riffkit.compose.pieces.writers.pads import pad

_WRITERS: dict[str, Callable[[Hand], list[Note]]] = {
    "c": chords,
    "a": arpeggio,
    "m": melody,
    "b": bass,
    "p": pad,
}


def notes(piece: Piece) -> list[Note]:
    """Write a piece out as notes.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    list of Note
        Starts are in [0, piece.beats); a note may sound past the end, where the loop wraps round. The same piece gives
        the same notes.
    """
    written: list[Note] = []
    for index, part in enumerate(piece.parts):
        # Each part has its own stream of chance, so that leaving one out does not change the others.
        rng = random.Random(f"part {piece.seed} {index}")
        if part.role == "x":
            written += percussion(piece, index, rng)
            continue
        played = _WRITERS[part.role](Hand(piece, index, rng))
        figure = FIGURES.get(part.figure or "")
        if part.role != "p" and not (figure and figure.touch):
            played = [_touched(note, piece.articulation) for note in played] if piece.articulation else played
        written += played
    return written + drums(piece, random.Random(f"drums {piece.seed}"))


def _touched(note: Note, articulation: str) -> Note:
    """A note cut short, or held into the next; one that slides keeps its length."""
    if articulation == "legato":
        return note._replace(duration=note.duration * 1.25 + 0.05)
    return note if len(note.bend) > 1 else note._replace(duration=max(0.06, min(0.3, note.duration * 0.35)))
