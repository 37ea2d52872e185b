"""One note: when, how long, which player, which pitch, how loud, and how its pitch moves."""

from typing import NamedTuple

DRUM_SET = -1  # the `part` of notes that the drum set plays


class Note(NamedTuple):
    """One note, or one stroke on a drum.

    Parameters
    ----------
    start, duration : float [beats]
        `start` is within the loop; a note may sound past its end, where the loop wraps round.
    part : int
        Whose note it is: an index into `Piece.parts`; -1 is the drum set.
    pitch : int [MIDI, 0..127]
        Of drums and percussion their General MIDI key.
    velocity : int [1..127]
    bend : tuple of (float, float)
        How the pitch moves: (beats after the start, semitones away from `pitch`), straight lines between them, held
        after the last. Empty where it does not move; a single point is a note out of tune, as in a gamelan.
    """

    start: float
    duration: float
    part: int
    pitch: int
    velocity: int
    bend: tuple[tuple[float, float], ...] = ()
