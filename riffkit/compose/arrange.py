"""Write a piece out as notes: chords, pads, arpeggios, melodies, bass lines and drums, each by its own few rules."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import CLOSED_HAT, CRASH, DRUM_PATTERNS, INSTRUMENTS, RIDE, SHAKER
from riffkit.compose.score import ARTICULATIONS, DYNAMICS, REGISTERS, SCALES, Part, Piece

DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Note:
    """One note.

    Parameters
    ----------
    start, duration : float [beats]
    channel : int [0..15]
        9 is drums.
    pitch : int [MIDI, 0..127]
        Of drums their General MIDI key.
    velocity : int [1..127]
    """

    start: float
    duration: float
    channel: int
    pitch: int
    velocity: int


def notes(piece: Piece) -> list[Note]:
    """Write a piece out as notes.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    list of Note
        Starts are in [0, piece.beats); a note may sound past the end, where the loop wraps round.
    """
    writers: dict[str, Callable[[_Hand], list[Note]]] = {
        "c": _chords,
        "p": _pad,
        "a": _arpeggio,
        "m": _melody,
        "b": _bass,
    }
    written: list[Note] = []
    for channel, part in enumerate(piece.parts):
        # Each part has its own stream of chance, so that leaving one out does not change the others.
        hand = _Hand(piece, part, channel, random.Random(f"part {piece.seed} {channel}"))
        written += writers[part.role](hand)
    if piece.articulation:
        factor = ARTICULATIONS[piece.articulation]
        written = [replace(note, duration=max(0.08, note.duration * factor)) for note in written]
    return written + _drums(piece, random.Random(f"drums {piece.seed}"))


class _Hand:
    """What a part needs to write its notes: harmony, range, touch and its own stream of chance."""

    def __init__(self, piece: Piece, part: Part, channel: int, rng: random.Random) -> None:
        self.piece, self.part, self.channel, self.rng = piece, part, channel, rng
        self.instrument = INSTRUMENTS[part.instrument]
        self.chords = _chords_of(piece)
        self.chord_beats = piece.beats / len(self.chords)
        low, high = self.instrument.low, self.instrument.high
        place = REGISTERS[part.register] + rng.uniform(-0.1, 0.1)
        self.centre = low + (high - low) * min(0.8, max(0.05, place))
        swings = piece.genre is not None and GENRES[piece.genre].swing
        self.swing = 0.1 if swings else 0.0  # beats that every off-beat comes late

    def pitch_class(self, degree: int) -> int:
        """Scale `degree` (0 is the key's root) to semitones above C, rising with the degree."""
        scale = SCALES[self.piece.mode]
        return self.piece.key + scale[degree % 7] + 12 * (degree // 7)

    def fit(self, semitones: float, low: float, high: float) -> int:
        """Move a pitch of so many `semitones` by octaves into [low, high] where it fits."""
        pitch = semitones + 12 * round((low - semitones) / 12)
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        return int(pitch)

    def octave_from(self, low: float, span: int = 12) -> float:
        """The place nearest to `low` from which `span` semitones upwards are in the instrument's range."""
        return max(self.instrument.low, min(low, self.instrument.high - span))

    def note(self, start: float, duration: float, pitch: float, accent: int = 0) -> Note:
        """A note of this `pitch` and `duration` at `start` beats, `accent` louder; off-beats swing, velocities vary."""
        late = self.swing if abs(start * 2 % 2 - 1) < 1e-6 else 0.0
        velocity = DYNAMICS[self.piece.dynamics] + accent + self.rng.randint(-6, 6)
        return Note(start + late, duration, self.channel, int(pitch), max(20, min(127, velocity)))


def _chords_of(piece: Piece) -> tuple[int, ...]:
    """Scale degrees of the chord roots: four to a loop of two or more bars of 4/4, else one to a bar or two in all."""
    bars = piece.beats // piece.beats_per_bar
    if bars == 3:
        return piece.progression[:3]
    if piece.beats >= 8:
        return piece.progression
    return (piece.progression[0], piece.progression[3])


def _chords(hand: _Hand) -> list[Note]:
    rng, length = hand.rng, hand.chord_beats
    beats = [float(beat) for beat in range(int(length) or 1)]
    rhythms: dict[str, list[list[float]]] = {
        "sparse": [[0.0], [0.0, length * 0.75]],
        "normal": [beats, [0.0, 0.75, 1.5], [beat + 0.5 for beat in beats]],
        "busy": [[beat / 2 for beat in range(int(2 * length))], [0, 0.5, 0.75, 1.25, 1.5], [0, 0.25, 0.75, 1, 1.5]],
    }
    rhythm = [start for start in rng.choice(rhythms[hand.piece.density]) if start < length]
    gate = rng.choice((0.35, 0.7, 0.95))
    sevenths = rng.random() < (0.7 if hand.piece.genre in ("jazz", "lo-fi", "funk") else 0.15)
    power = hand.part.instrument == "distorted guitar"  # thirds turn to mud when distorted
    degrees = (0, 4, 7) if power else (0, 2, 4, 6)[: 4 if sevenths else 3]
    written = []
    for index, root in enumerate(hand.chords):
        low = hand.instrument.low if power else hand.octave_from(hand.centre - 5)
        pitches = {hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in degrees}
        for start, end in zip(rhythm, [*rhythm[1:], length], strict=True):
            for pitch in sorted(pitches):
                written.append(hand.note(index * length + start, (end - start) * gate, pitch, accent=-8))
    return written


def _pad(hand: _Hand) -> list[Note]:
    low = hand.octave_from(hand.centre - 5)
    written = []
    for index, root in enumerate(hand.chords):
        for pitch in sorted({hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in (0, 2, 4)}):
            written.append(hand.note(index * hand.chord_beats, hand.chord_beats, pitch, accent=-8))
    return written


def _arpeggio(hand: _Hand) -> list[Note]:
    rng, length = hand.rng, hand.chord_beats
    step = {"sparse": 1.0, "normal": 0.5, "busy": 0.25}[hand.piece.density]
    shape = rng.choice(("up", "down", "up and down", "alberti", "random"))
    hold = rng.choice((0.8, 1.5, 2.5))
    low = hand.octave_from(hand.centre - 4, span=18)  # room for the octave on top
    scatter = [rng.randrange(4) for _ in range(8)]
    written = []
    for index, root in enumerate(hand.chords):
        ladder = sorted({hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in (0, 2, 4)})
        ladder.append(ladder[0] + 12)
        order = {
            "up": [0, 1, 2, 3],
            "down": [3, 2, 1, 0],
            "up and down": [0, 1, 2, 3, 2, 1],
            "alberti": [0, 2, 1, 2],
            "random": scatter,
        }[shape]
        for count in range(round(length / step)):
            pitch = ladder[order[count % len(order)] % len(ladder)]
            accent = 6 if count == 0 else 0
            written.append(hand.note(index * length + count * step, step * hold, pitch, accent))
    return written


def _melody(hand: _Hand) -> list[Note]:
    rng, piece = hand.rng, hand.piece
    cells = {
        "sparse": ((2.0,), (1.0, 1.0), (1.5, 0.5), (3.0, 1.0)),
        "normal": ((1.0, 0.5, 0.5), (0.5, 0.5, 1.0), (0.75, 0.25, 1.0), (1.5, 0.5), (1.0, 1.0)),
        "busy": ((0.25,) * 4, (0.5, 0.25, 0.25), (0.25, 0.25, 0.5), (0.5, 0.5)),
    }[piece.density]
    octave = round((hand.centre - hand.pitch_class(3)) / 12) * 12
    degree, start, motif, written = rng.randrange(7), 0.0, None, []
    while start < piece.beats - 1e-6:
        if motif and rng.random() < 0.45:  # a tune is a motif that comes back
            cell, moves = motif
        else:
            cell = rng.choice(cells)
            moves = [rng.choice((-2, -1, -1, 0, 1, 1, 2, 3)) for _ in cell]
            motif = motif or (cell, moves)
        for duration, move in zip(cell, moves, strict=True):
            if start >= piece.beats - 1e-6:
                break
            duration = min(duration, piece.beats - start)
            degree = max(-3, min(11, degree + move))
            root = hand.chords[min(len(hand.chords) - 1, int(start / hand.chord_beats))]
            if abs(start % hand.chord_beats) < 1e-6:  # where the chord changes, land on a chord note
                degree = min(range(-3, 12), key=lambda d: ((d - root) % 7 not in (0, 2, 4), abs(d - degree)))
            if start == 0 or rng.random() > 0.1:
                pitch = hand.fit(octave + hand.pitch_class(degree), hand.instrument.low, hand.instrument.high)
                written.append(hand.note(start, duration * 0.92, pitch, accent=4))
            start += duration
    return written


def _bass(hand: _Hand) -> list[Note]:
    rng = hand.rng
    patterns = {  # (start, duration) in beats, over two beats
        "sparse": (((0, 2),), ((0, 1),), ((0, 1.5), (1.5, 0.5))),
        "normal": (
            ((0, 0.9), (1, 0.9)),
            ((0, 0.7), (0.75, 0.25), (1.5, 0.5)),
            ((0, 0.5), (1, 0.5), (1.5, 0.5)),
        ),
        "busy": (
            tuple((count / 2, 0.4) for count in range(4)),
            tuple((count / 4, 0.2) for count in range(8)),
            ((0, 0.3), (0.5, 0.2), (0.75, 0.2), (1.25, 0.2), (1.5, 0.3)),
        ),
    }[hand.piece.density]
    walking = hand.piece.genre == "jazz"
    pattern = ((0, 0.95), (1, 0.95)) if walking else rng.choice(patterns)
    written = []
    for index, root in enumerate(hand.chords):
        for pair in range(0, int(hand.chord_beats + 0.999), 2):
            for offset, duration in pattern:
                start = pair + offset
                if start >= hand.chord_beats - 1e-6:
                    continue
                if walking:
                    degree = root if start == 0 else root + rng.choice((0, 2, 4, 1))
                else:
                    degree = root + (4 if rng.random() < 0.12 else 0)
                pitch = hand.fit(hand.pitch_class(degree) + 36, hand.instrument.low, hand.instrument.low + 16)
                written.append(hand.note(index * hand.chord_beats + start, duration, pitch, accent=8))
    return written


def _drums(piece: Piece, rng: random.Random) -> list[Note]:
    if piece.pattern is None:
        return []
    level = DYNAMICS[piece.dynamics]
    steps = piece.beats * 4
    written = []

    def hit(step: int, drum: int, accent: int) -> None:
        velocity = max(20, min(127, level + accent + rng.randint(-6, 6)))
        written.append(Note(step / 4, 0.2, DRUM_CHANNEL, drum, velocity))

    for drum, line in DRUM_PATTERNS[piece.pattern].items():
        cymbal = drum in (CLOSED_HAT, RIDE, SHAKER)
        for step in range(steps):
            played = line[step % len(line)] == "x"
            if played and not (piece.density == "sparse" and cymbal and step % 4):
                hit(step, drum, -16 if cymbal and step % 4 else 6)
            elif piece.density == "busy" and drum == CLOSED_HAT and not played and rng.random() < 0.5:
                hit(step, drum, -26)  # ghost notes
    if rng.random() < 0.3:
        hit(0, CRASH, 0)
    return written
