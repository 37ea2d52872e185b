"""Bass lines: roots in a rhythm, walking, rolling, tumbao, offbeat, slides."""

from collections.abc import Callable, Iterator

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.writers.chords import tresillo_times
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.lines import acid_line, ostinato, ostinato_riff, tremolo_of
from riffkit.compose.pieces.writers.pads import drone

_PATTERNS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {  # (start, duration) in beats, over two beats
    "sparse": (((0, 2),), ((0, 1),), ((0, 1.5), (1.5, 0.5))),
    "normal": (
        ((0, 0.9), (1, 0.9)),
        ((0, 0.7), (0.75, 0.25), (1.5, 0.5)),
        ((0, 0.5), (1, 0.5), (1.5, 0.5)),
        ((0, 1.4), (1.5, 0.4)),
        ((0, 0.4), (0.75, 0.4), (1.25, 0.6)),
    ),
    "busy": (
        tuple((count / 2, 0.4) for count in range(4)),
        tuple((count / 4, 0.2) for count in range(8)),
        ((0, 0.3), (0.5, 0.2), (0.75, 0.2), (1.25, 0.2), (1.5, 0.3)),
        ((0, 0.2), (0.25, 0.2), (0.75, 0.2), (1.0, 0.2), (1.5, 0.2), (1.75, 0.2)),
    ),
}
_SHUFFLED: tuple[tuple[float, float], ...] = ((0, 0.45), (0.5, 0.3), (1, 0.45), (1.5, 0.3))


def bass(hand: Hand) -> list[Note]:
    """Write a bass line.

    Parameters
    ----------
    hand : Hand
        With role b.

    Returns
    -------
    list of Note
    """
    figure = hand.part.figure or ""
    whole = {"ostinato": ostinato, "riff": ostinato_riff, "acid line": acid_line, "drone": drone}.get(figure)
    if whole:
        return whole(hand)
    return list(_LINES.get(figure, _rooted)(hand))


def _root(hand: Hand, degree: int) -> float:
    return hand.fit(hand.chord(degree)[0], hand.low)


def _fifth(hand: Hand, degree: int) -> float:
    tones = hand.chord(degree)
    near = min(tones, key=lambda one: abs(one - tones[0] - 7))
    return hand.fit(near, hand.low)


def _rooted(hand: Hand) -> Iterator[Note]:
    """Roots in a rhythm, now and then a fifth or the octave."""
    rng = hand.rng
    pattern = rng.choice(_PATTERNS[hand.piece.density])
    if hand.piece.feel == "shuffle" and hand.piece.density != "sparse":
        pattern = _SHUFFLED
    turns = [rng.random() for _ in range(12)]
    for start, length, degree in hand.changes:
        root, fifth = _root(hand, degree), _fifth(hand, degree)
        count = 0
        for pair in range(0, length, 2):
            for offset, duration in pattern:
                if pair + offset >= length:
                    continue
                turn = turns[count % 12]
                octave = root + 12 if root + 12 <= hand.high else root
                pitch = root if count == 0 or turn > 0.25 else fifth if turn > 0.1 else octave
                yield hand.note(start + pair + offset, min(duration, length - pair - offset), pitch, 8)
                count += 1


def _walking(hand: Hand) -> Iterator[Note]:
    """A tone a beat: the root where the chord changes, a neighbour of the next root before it, tones between."""
    rng = hand.rng
    low, high = hand.low, min(hand.high, hand.low + 22)
    for index, (start, length, degree) in enumerate(hand.changes):
        goal = _root(hand, hand.changes[(index + 1) % len(hand.changes)][2])
        tones = [one for tone in hand.chord(degree) for one in (tone % 12 + 12 * octave for octave in range(8))]
        tones = sorted(one for one in tones if low <= one <= high)
        pitch = _root(hand, degree)
        upward = rng.random() < 0.6
        for beat in range(length):
            if beat == length - 1 and length > 1:  # from a semitone or a tone away
                pitch = goal + rng.choice((-1, 1, -2, 2))
                pitch = pitch + 12 if pitch < low else pitch
            elif beat:
                further = [one for one in tones if (one > pitch if upward else one < pitch)]
                if not further:
                    upward = not upward
                    further = [one for one in tones if one != pitch]
                pitch = min(further, key=lambda one: abs(one - pitch))
            yield hand.note(start + beat, 0.93, pitch, 6 if beat == 0 else 0)
            if hand.piece.density == "busy" and rng.random() < 0.25:
                yield hand.note(start + beat + 0.5, 0.3, pitch, -20)


def _two_beat(hand: Hand) -> Iterator[Note]:
    """Root and fifth in turn on the beats; in three only on the first."""
    three = hand.piece.beats_per_bar in (3, 6)
    count = 0
    for start, length, degree in hand.changes:
        for beat in range(length):
            if three and (start + beat) % 3:
                continue
            if beat == 0:
                count = 0
            pitch = _fifth(hand, degree) if count % 2 else _root(hand, degree)
            yield hand.note(start + beat, 0.55 if not three else 0.9, pitch, 6)
            count += 1


def _tumbao(hand: Hand) -> Iterator[Note]:
    """Ahead of the chords: on the eighth before the third beat, and on the fourth with the next bar's root."""
    beats = hand.piece.beats
    for four in range(0, beats, 4):
        for time, duration in ((1.5, 1.4), (3.0, 1.4)):
            place = four + time
            if place < beats:
                ahead = (place + 1) % beats if time == 3.0 else place
                degree = next(one for start, _, one in reversed(hand.changes) if start <= ahead)
                pitch = _fifth(hand, degree) if time == 1.5 else _root(hand, degree)
                yield hand.note(place, duration, pitch, 8)


def _on(*offsets: float, duration: float) -> Callable[[Hand], Iterator[Note]]:
    """A writer of roots at the same places of every beat."""

    def line(hand: Hand) -> Iterator[Note]:
        for start, length, degree in hand.changes:
            for beat in range(length):
                for offset in offsets:
                    yield hand.note(start + beat + offset, duration, _root(hand, degree), 6)

    return line


def _tresillo(hand: Hand) -> Iterator[Note]:
    for start, length, degree in hand.changes:
        for time in tresillo_times(length):
            pitch = _root(hand, degree) if time % 2 != 1.5 else _fifth(hand, degree)
            yield hand.note(start + time, 0.6, pitch, 8)


def _gallop(hand: Hand) -> Iterator[Note]:
    for start, length, degree in hand.changes:
        for beat in range(length):
            for time, duration in ((0.0, 0.42), (0.5, 0.2), (0.75, 0.2)):
                yield hand.note(start + beat + time, duration, _root(hand, degree), 8 if time == 0 else -4)


def _wobble(hand: Hand) -> Iterator[Note]:
    """Two beats at a time cut into two, three, four, six or eight."""
    cuts = [hand.rng.choice((2, 3, 4, 6, 8)) for _ in range(4)]
    for start, length, degree in hand.changes:
        for index, two in enumerate(range(0, length, 2)):
            room = min(2, length - two)
            count = cuts[(start // 2 + index) % 4] if room == 2 else 2
            for cut in range(count):
                yield hand.note(start + two + cut * room / count, room / count * 0.8, _root(hand, degree), 8)


def _slides(hand: Hand) -> Iterator[Note]:
    """Long roots that glide into the next one, or down an octave."""
    for index, (start, length, degree) in enumerate(hand.changes):
        goal = _root(hand, hand.changes[(index + 1) % len(hand.changes)][2])
        for two in range(0, length, 2):
            room = min(2, length - two)
            pitch = _root(hand, degree)
            last = two + 2 >= length
            away = goal - pitch if last and abs(goal - pitch) > 0.5 else (12 if pitch + 12 <= hand.high else -5)
            slide = ((0.0, 0.0), (room * 0.55, 0.0), (room * 0.85, away))
            yield hand.note(start + two, room * 0.95, pitch, 8, slide)


def _roll(hand: Hand) -> Iterator[Note]:
    """One stroke, then a roll that grows to the next."""
    for start, length, degree in hand.changes:
        half = max(1, length // 2)
        yield hand.note(start, 0.9, _root(hand, degree), 14)
        if length > half:
            yield from tremolo_of(hand, start + half, length - half, _root(hand, degree))


def _tremolo(hand: Hand) -> Iterator[Note]:
    for start, length, degree in hand.changes:
        yield from tremolo_of(hand, start, length, _root(hand, degree))


_LINES: dict[str, Callable[[Hand], Iterator[Note]]] = {
    "walking": _walking,
    "oom pah": _two_beat,
    "tumbao": _tumbao,
    "offbeat": _on(0.5, duration=0.4),
    "rolling": _on(0.25, 0.5, 0.75, duration=0.18),
    "tresillo": _tresillo,
    "gallop": _gallop,
    "wobble": _wobble,
    "glissando": _slides,
    "roll": _roll,
    "tremolo": _tremolo,
}
