"""Tunes: a motif, its answer, its return, and a cadence on a tone of the chord."""

from typing import NamedTuple

from riffkit.compose.pieces.writers.hand import Hand


class Tone(NamedTuple):
    """One tone of a tune, before it is a note.

    Parameters
    ----------
    start, duration : float [beats]
    degree : int
        Of the scale; 0 is the root next under the middle of the player's register.
    accent : int [MIDI velocity]
    """

    start: float
    duration: float
    degree: int
    accent: int = 0


_CELLS: dict[str, tuple[tuple[float, ...], ...]] = {  # durations over two beats; negative is a rest
    "sparse": ((2.0,), (1.5, -0.5), (1.0, 1.0), (-0.5, 1.5), (1.5, 0.5)),
    "normal": (
        (1.0, 0.5, 0.5), (0.5, 0.5, 1.0), (0.75, 0.25, 1.0), (1.5, 0.5), (0.5, 1.0, 0.5), (-0.5, 0.5, 0.5, 0.5),
        (0.5, 0.5, 0.5, -0.5), (1.0, 1.0), (0.75, 0.75, 0.5),
    ),
    "busy": (
        (0.25, 0.25, 0.25, 0.25, 0.5, 0.5), (0.5, 0.25, 0.25, 0.5, 0.5), (0.25, 0.25, 0.5, 0.25, 0.25, 0.5),
        (0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25), (0.75, 0.25, 0.25, 0.25, -0.5), (0.25,) * 8,
    ),
}  # fmt: skip
_LONG = ((2.0,), (1.5, 0.5), (1.0, 1.0), (3.0, 1.0), (1.0, -1.0))
_SHUFFLED = ((0.5, 0.5, 0.5, 0.5), (1.0, 0.5, 0.5), (0.5, 0.5, 1.0), (-0.5, 0.5, 0.5, 0.5))
_FORMS = {1: "A", 2: "AB", 3: "ABA", 4: "ABAC", 5: "ABABC", 6: "ABACAB"}
_CONTOURS = ((-2, -1, -1, 1), (2, 1, 1, -1), (1, 2, -1, -2), (-1, 1, -1, 1, 2, -2), (3, -1, -1, -1), (-3, 1, 1, 1))


class Ladder:
    """The degrees that a tune may use, and where each lies.

    Parameters
    ----------
    hand : Hand
    reach : int [semitones]
        How far a tune goes to either side of the middle.
    """

    def __init__(self, hand: Hand, reach: int = 10) -> None:
        base = hand.near(hand.pitch(0), hand.centre - 5) - hand.pitch(0)
        pitches = {degree: base + hand.pitch(degree) for degree in range(-24, 25)}
        inside = {degree: pitch for degree, pitch in pitches.items() if hand.low <= pitch <= hand.high}
        central = {degree: pitch for degree, pitch in inside.items() if abs(pitch - hand.centre) <= reach}
        self.pitches = central if len(central) >= 4 else inside
        self.degrees = sorted(self.pitches)

    def clamp(self, degree: int) -> int:
        """The nearest degree that there is."""
        return max(self.degrees[0], min(self.degrees[-1], degree))

    def on_chord(self, degree: int, classes: set[float]) -> int:
        """The degree nearest to one whose tone belongs to a chord, given by its pitch classes."""
        fitting = [one for one in self.degrees if round(self.pitches[one] % 12, 2) in classes]
        return min(fitting, key=lambda one: abs(one - degree)) if fitting else self.clamp(degree)


def classes_at(hand: Hand, beat: float) -> set[float]:
    """Pitch classes of the chord that sounds at a place.

    Parameters
    ----------
    hand : Hand
    beat : float [beats]

    Returns
    -------
    set of float [semitones above C, 0..12)
    """
    degree = next(degree for start, length, degree in reversed(hand.changes) if start <= beat + 1e-6)
    return {round(one % 12, 2) for one in hand.chord(degree)}


def phrases(hand: Hand) -> list[tuple[int, int]]:
    """The stretches of a tune: bars, or halves of them where there is but one.

    Parameters
    ----------
    hand : Hand

    Returns
    -------
    list of (int, int)
        First beat and length [beats].
    """
    if len(hand.bars) > 1:
        return list(hand.bars)
    length = hand.piece.beats
    half = (length + 1) // 2
    return [(0, half), (half, length - half)]


def tune(hand: Hand, ladder: Ladder, *, long: bool = False) -> list[Tone]:
    """Write a tune: a motif of a bar that comes back, contrasts, rests, and an end on a tone of the chord.

    Parameters
    ----------
    hand : Hand
    ladder : Ladder
    long : bool
        In long tones, whatever the piece's density.

    Returns
    -------
    list of Tone
    """
    rng = hand.rng
    stretches = phrases(hand)
    form = _FORMS[min(6, len(stretches))]
    motifs = {letter: _motif(hand, long) for letter in sorted(set(form))}
    middle = ladder.degrees[len(ladder.degrees) // 2]
    first = {letter: middle + rng.randint(-3, 3) for letter in motifs}
    found: list[Tone] = []
    for index, (start, length) in enumerate(stretches):
        letter = form[index % len(form)]
        last = index == len(stretches) - 1
        found += _phrase(hand, ladder, (start, length), motifs[letter], first[letter], last)
    return found


_Motif = list[tuple[float, int]]  # duration [beats, a rest if negative], degrees from the tone before


def _motif(hand: Hand, long: bool) -> _Motif:
    rng = hand.rng
    cells = _LONG if long else _CELLS[hand.piece.density]
    if hand.piece.feel == "shuffle" and not long and hand.piece.density != "sparse":
        cells = _SHUFFLED
    contour = rng.choice(_CONTOURS)
    durations: list[float] = []
    while sum(abs(one) for one in durations) < 12:
        durations += rng.choice(cells)
    return [(one, rng.choice(contour)) for one in durations]


def _phrase(hand: Hand, ladder: Ladder, stretch: tuple[int, int], motif: _Motif, degree: int, last: bool) -> list[Tone]:
    """A motif played over a stretch: on a chord tone where it begins, and where a last one ends."""
    begin, length = stretch
    room = length - (0.5 if last and hand.piece.density != "busy" else 0.0)
    found: list[Tone] = []
    time = 0.0
    for count, (duration, move) in enumerate(motif):
        if time >= room - 1e-6:
            break
        size = min(abs(duration), room - time)
        if duration > 0 or time == 0:
            degree = ladder.clamp(degree + (move if count else 0))
            if time == 0 or any(start == begin + time for start, _, _ in hand.changes):
                degree = ladder.on_chord(degree, classes_at(hand, begin + time))
            found.append(Tone(begin + time, size, degree, 8 if time == 0 else 0))
        time += size
    if last and found:
        end = found[-1]
        landed = ladder.on_chord(end.degree, classes_at(hand, end.start))
        found[-1] = end._replace(duration=begin + room - end.start, degree=landed)
    return found
