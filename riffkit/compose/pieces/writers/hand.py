"""What every player needs to write notes: the harmony, the range of the instrument, the touch, and chance."""

import math
import random

from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.harmony import bars, changes, chord, tone
from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.piece import Part, Piece
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.sounding.instruments import INSTRUMENTS

DYNAMICS = {"soft": 48, "normal": 82, "loud": 112}
"""MIDI velocities of a piece."""

REGISTERS = {"low": 0.12, "middle": 0.45, "high": 0.75}
"""Where in the range of an instrument its notes lie."""

FEELS = {"straight": 0.5, "swing": 0.62, "shuffle": 2 / 3}
"""Where in the beat the off-beat comes."""


class Hand:
    """One player with a piece before them.

    Parameters
    ----------
    piece : Piece
    index : int
        Which of its parts.
    rng : random.Random
        The player's own stream of chance.
    """

    def __init__(self, piece: Piece, index: int, rng: random.Random) -> None:
        self.piece, self.index, self.rng = piece, index, rng
        self.part: Part = piece.parts[index]
        instrument = INSTRUMENTS[self.part.instrument]
        self.low, self.high = instrument.low, instrument.high
        place = REGISTERS[self.part.register] + rng.uniform(-0.06, 0.06)
        self.centre = self.low + (self.high - self.low) * place
        self.bars = bars(piece.beats, piece.beats_per_bar)
        self.changes = changes(piece.beats, piece.beats_per_bar, piece.progression)
        self.level = DYNAMICS[piece.dynamics]
        self.warp = Warp(piece)

    def pitch(self, degree: int) -> float:
        """Where a degree of the scale lies above the C of octave -1, before it is moved into the range."""
        return self.piece.key + tone(self.piece.scale, degree)

    def chord(self, degree: int) -> list[float]:
        """The chord on a degree, ascending from its root, in the same count as `pitch`."""
        return [self.piece.key + one for one in chord(self.piece.scale, degree, self.piece.harmony)]

    def fit(self, pitch: float, low: float | None = None, high: float | None = None) -> float:
        """Move a pitch by octaves to the lowest place not under `low`, or further down where that is over `high`."""
        low = self.low if low is None else max(self.low, low)
        high = self.high if high is None else min(self.high, high)
        pitch = low + (pitch - low) % 12
        while pitch > high + 1e-6:
            pitch -= 12
        return pitch if pitch >= self.low - 1e-6 else pitch + 12

    def near(self, pitch: float, place: float) -> float:
        """Move a pitch by octaves as near to `place` as the range allows."""
        pitch += 12 * round((place - pitch) / 12)
        while pitch < self.low - 1e-6:
            pitch += 12
        while pitch > self.high + 1e-6:
            pitch -= 12
        return pitch

    def note(
        self,
        start: float,
        duration: float,
        pitch: float,
        accent: int = 0,
        bend: tuple[tuple[float, float], ...] = (),
    ) -> Note:
        """A note as this player plays it: off-beats swing, and no two are as loud.

        Parameters
        ----------
        start, duration : float [beats]
        pitch : float [MIDI]
            What is not whole becomes a bend.
        accent : int
            MIDI velocity above the piece's.
        bend : tuple of (float, float)
            As of `Note`.
        """
        whole = round(pitch)
        cents = pitch - whole
        if abs(cents) > 0.01:
            bend = tuple((beat, round(semitones + cents, 3)) for beat, semitones in bend) or ((0.0, round(cents, 3)),)
        velocity = self.level + accent + self.rng.randint(-5, 5)
        start = self.warp(start) % self.piece.beats
        return Note(start, max(0.05, duration), self.index, whole, max(12, min(127, velocity)), bend)


def takes_its_time(piece: Piece) -> bool:
    """Whether a piece goes faster and slower as its players like: that of a genre which does, without drums.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    bool
    """
    struck = piece.pattern is not None or any(part.role == "x" for part in piece.parts)
    return piece.genre is not None and GENRES[piece.genre].feel == "free" and not struck


_SWAY = 0.35  # beats that a piece in free time is ahead or behind


class Warp:
    """Time as it is written to time as it is played: where the feel is not straight, off-beats come late.

    In free time the first half of the loop hurries and the second waits, or the other way round.

    Parameters
    ----------
    piece : Piece
    """

    def __init__(self, piece: Piece) -> None:
        pattern = PATTERNS[piece.pattern] if piece.pattern else None
        self.beats, self.turn = piece.beats, 0.0
        if takes_its_time(piece):
            self.turn = random.Random(f"time {piece.seed}").uniform(0, 2 * math.pi)
        self.late = FEELS[piece.feel]
        # Sixteenths swing where the drummer's do, but for a shuffle, which is one of eighths
        self.unit = 0.5 if pattern and pattern.sixteenths and piece.feel == "swing" else 1.0
        self.straight = piece.feel == "straight"

    def __call__(self, beat: float) -> float:
        """Place in the loop [beats] where that is played which is written at `beat`."""
        if self.turn:
            return beat + _SWAY * math.sin(2 * math.pi * beat / self.beats + self.turn)
        if self.straight:
            return beat
        count, rest = divmod(beat / self.unit, 1)
        rest = rest * 2 * self.late if rest <= 0.5 else self.late + (rest - 0.5) * 2 * (1 - self.late)
        return (count + rest) * self.unit
