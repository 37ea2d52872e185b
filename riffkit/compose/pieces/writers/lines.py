"""Single lines that come back unchanged, or stay on one note: ostinato, riff, tremolo, acid line."""

from collections.abc import Iterator

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.piece import LOOP_SECONDS
from riffkit.compose.pieces.writers.hand import Hand

_RIFFS = (  # onsets over four beats; the last number is where the last note ends
    (0.0, 0.5, 1.0, 1.75, 2.0, 2.5, 3.5),
    (0.0, 0.75, 1.5, 2.0, 2.5, 3.5),
    (0.0, 0.25, 0.75, 1.5, 2.0, 2.75, 3.0, 3.75),
    (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.75),
    (0.0, 0.5, 0.75, 1.5, 2.5, 3.25, 3.75),
    (0.0, 0.5, 1.5, 2.25, 2.5, 3.5),
)
_SHUFFLED = ((0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0), (0.0, 1.0, 1.5, 2.5, 3.0, 3.5), (0.0, 0.5, 1.5, 2.0, 2.5, 3.5))
_RIFF_MOVES = (0, 0, 1, 2, -1, 3, 0, 1, 2, 4, -2)


def ostinato_riff(hand: Hand) -> list[Note]:
    """Write a riff: a figure of a bar with a beat to it, repeated whatever the chords do.

    Parameters
    ----------
    hand : Hand
        With role c its notes are chords on a bass of theirs, else single.

    Returns
    -------
    list of Note
    """
    rng = hand.rng
    rhythm = rng.choice(_SHUFFLED if hand.piece.feel == "shuffle" else _RIFFS)
    degrees = [0, *(rng.choice(_RIFF_MOVES) for _ in rhythm[1:])]
    short = rng.choice((0.5, 0.9))
    chordal = hand.part.role == "c"
    place = hand.low + 5 if chordal or hand.part.role == "b" else hand.centre
    written = []
    for bar, length in hand.bars:
        for four in range(0, length, 4):
            times = [time for time in rhythm if four + time < length]
            for time, end, degree in zip(times, [*times[1:], 4.0], degrees, strict=False):
                end = min(end, length - four)
                tones = hand.chord(degree)[:3] if chordal else [hand.pitch(degree)]
                root = hand.near(tones[0], place)
                for one in tones:
                    pitch = hand.near(one, root + one - tones[0])
                    written.append(hand.note(bar + four + time, (end - time) * short, pitch, 6 if time == 0 else 0))
    return written


def ostinato(hand: Hand) -> list[Note]:
    """Write an ostinato: a cell of three to six even notes that does not stop and does not change.

    Parameters
    ----------
    hand : Hand

    Returns
    -------
    list of Note
    """
    rng = hand.rng
    step = {"sparse": 0.5, "normal": 0.5, "busy": 0.25}[hand.piece.density]
    size = rng.choice((3, 4, 4, 6, 8) if hand.part.role != "b" else (4, 8))
    chord = [0, 2, 4] if len(hand.chord(0)) > 2 else [0, 3, 4]
    cell = [0, *(rng.choice((*chord, 1, -1, 5)) for _ in range(size - 1))]
    if len(set(cell)) == 1:
        cell[1] = chord[1]
    place = hand.low + 6 if hand.part.role == "b" else hand.centre
    base = hand.near(hand.pitch(0), place)
    pitches = [hand.near(hand.pitch(degree), base + hand.pitch(degree) - hand.pitch(0)) for degree in cell]
    hold = rng.choice((0.6, 0.95))
    count = round(hand.piece.beats / step)
    return [
        hand.note(index * step, step * hold, pitches[index % size], 8 if index % size == 0 else -4)
        for index in range(count)
    ]


def rate_of(hand: Hand, hertz: float) -> int:
    """How many notes to a beat come nearest to a speed, from above.

    Parameters
    ----------
    hand : Hand
    hertz : float [notes a second]

    Returns
    -------
    int
        One of 2, 3, 4, 6, 8, 12.
    """
    beat = LOOP_SECONDS / hand.piece.beats
    return next((count for count in (2, 3, 4, 6, 8) if count / beat >= hertz), 12)


def tremolo_of(hand: Hand, start: float, duration: float, pitch: float) -> Iterator[Note]:
    """One note struck as fast as hands can.

    Parameters
    ----------
    hand : Hand
    start, duration : float [beats]
    pitch : float [MIDI]

    Yields
    ------
    Note
    """
    count = max(1, round(duration * rate_of(hand, 9.0)))
    step = duration / count
    for index in range(count):
        yield hand.note(start + index * step, step * 0.9, pitch, 6 if index == 0 else -12)


def acid_line(hand: Hand) -> list[Note]:
    """Write an acid line: sixteenths that leap by octaves, slide into each other, and bite on their accents.

    Parameters
    ----------
    hand : Hand

    Returns
    -------
    list of Note
    """
    rng = hand.rng
    root = hand.fit(hand.pitch(0), hand.low if hand.part.role == "b" else hand.centre - 12)
    cell: list[tuple[float, int, bool] | None] = []
    for step in range(16):
        if step and rng.random() < (0.3 if hand.piece.density == "sparse" else 0.12):
            cell.append(None)
            continue
        degree = rng.choice((0, 0, 0, 0, 1, 2, 4, 6))
        octave = rng.choice((0, 0, 0, 12))
        pitch = hand.near(hand.pitch(degree), root + octave + 3)
        cell.append((pitch if step else root, rng.choice((-14, -14, 24)), rng.random() < 0.25))
    written = []
    for step in range(4 * hand.piece.beats):
        played, follows = cell[step % 16], cell[(step + 1) % 16]
        if played is None:
            continue
        pitch, accent, slides = played
        bend: tuple[tuple[float, float], ...] = ()
        if slides and follows is not None and abs(follows[0] - pitch) > 0.5:
            bend = ((0.0, 0.0), (0.13, 0.0), (0.25, follows[0] - pitch))
        written.append(hand.note(step / 4, 0.25 if bend else 0.15, pitch, accent, bend))
    return written
