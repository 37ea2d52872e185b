"""Broken chords: up, down, as Alberti did, picked with the fingers, rolled."""

from collections.abc import Iterator

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.writers.chords import palm_muted
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.lines import acid_line, ostinato, rate_of, tremolo_of
from riffkit.compose.pieces.writers.melodies import hocket
from riffkit.compose.pieces.writers.voicing import voicings

_ORDERS: dict[str, tuple[int, ...]] = {
    "arp up": (0, 1, 2, 3),
    "arp down": (3, 2, 1, 0),
    "alberti": (0, 2, 1, 2),
    "up and down": (0, 1, 2, 3, 2, 1),
    "inside out": (1, 2, 0, 3),
    "pedal": (0, 3, 0, 2, 0, 1),
}
_MONTUNO = (0, 3, 1, 2, 0, 3, 2, 1)
_PICKED = ((0, 2, 3, 1), (0, 3, 2, 3, 1, 3, 2, 3), (0, 2, 1, 3, 2, 1))


def arpeggio(hand: Hand) -> list[Note]:
    """Write a part of broken chords.

    Parameters
    ----------
    hand : Hand
        With role a.

    Returns
    -------
    list of Note
    """
    figure = hand.part.figure or ""
    whole = {"ostinato": ostinato, "acid line": acid_line, "hocket": hocket, "palm mute": palm_muted}.get(figure)
    if whole:
        return whole(hand)
    own = {"fingerpicking": _picked, "roll": _rolled, "tremolo": _tremolo, "glissando": _swept, "montuno": _montuno}
    return list(own.get(figure, _broken)(hand))


def _ladders(hand: Hand) -> Iterator[tuple[int, int, list[float]]]:
    """(first beat, length, ascending tones with the octave on top) of every chord."""
    low = max(hand.low, min(hand.centre - 6, hand.high - 24))
    for (start, length, _), pitches in zip(hand.changes, voicings(hand, low=low, span=14), strict=True):
        ladder = list(pitches)
        while len(ladder) < 4:
            ladder.append(ladder[-len(pitches)] + 12)
        yield start, length, [hand.near(one, one) for one in ladder]


def _step(hand: Hand) -> float:
    """A note's length: slower where the piece is sparse or fast, so that a broken chord is neither."""
    steps = {"sparse": 1.0, "normal": 0.5, "busy": 0.25}
    if hand.part.figure in ("arp up", "arp down", "alberti"):
        steps["sparse"] = 0.5
    return steps[hand.piece.density]


def _broken(hand: Hand) -> Iterator[Note]:
    rng, step = hand.rng, _step(hand)
    figure = hand.part.figure or rng.choice(("up and down", "inside out", "pedal", "up and down", "random"))
    hold = rng.choice((0.8, 1.4, 2.2))
    order = _ORDERS.get(figure) or tuple(rng.randrange(5) for _ in range(8))
    for start, length, ladder in _ladders(hand):
        if figure == "alberti":
            ladder = ladder[:3]
        if figure in ("arp up", "arp down"):  # more than an octave, in one direction
            classes = ladder[: max(2, len(ladder) - 1)] if len(ladder) == 4 else ladder
            ladder = [one for octave in (0, 12) for pitch in classes if (one := pitch + octave) <= hand.high]
            ladder = sorted(set(ladder))[:8]
            order = tuple(range(len(ladder))) if figure == "arp up" else tuple(range(len(ladder)))[::-1]
        for count in range(round(length / step)):
            pitch = ladder[order[count % len(order)] % len(ladder)]
            yield hand.note(start + count * step, step * hold, pitch, 8 if count == 0 else 0)


def _picked(hand: Hand) -> Iterator[Note]:
    """The thumb on the beat low and in turn, the fingers between, all left ringing."""
    order = hand.rng.choice(_PICKED)
    step = 0.5 if hand.piece.density == "sparse" else 0.25 if hand.piece.beats <= 12 else 0.5
    for start, length, ladder in _ladders(hand):
        bass = [hand.fit(ladder[0], hand.low), hand.fit(ladder[min(2, len(ladder) - 1)], hand.low)]
        for count in range(round(length / step)):
            time = count * step
            if time % 1 == 0:
                yield hand.note(start + time, 0.95, bass[int(time) % 2], 4)
            else:
                yield hand.note(start + time, step * 3, ladder[1 + order[count % len(order)] % (len(ladder) - 1)], -6)


def _rolled(hand: Hand) -> Iterator[Note]:
    """Three strings in turn, three and three and two, as a banjo has it; drums roll on one tone."""
    cell = (0, 2, 3, 0, 2, 3, 0, 3)
    step = 1 / rate_of(hand, 6.5)
    for start, length, ladder in _ladders(hand):
        for count in range(round(length / step)):
            pitch = ladder[cell[count % 8] % len(ladder)]
            yield hand.note(start + count * step, step * 1.1, pitch, 8 if count % 8 in (0, 3, 6) else -8)


def _tremolo(hand: Hand) -> Iterator[Note]:
    for start, length, ladder in _ladders(hand):
        for beat in range(length):
            yield from tremolo_of(hand, start + beat, 1, ladder[beat % len(ladder)])


def _swept(hand: Hand) -> Iterator[Note]:
    """All strings at one sweep, up and down in turn."""
    for index, (start, length, ladder) in enumerate(_ladders(hand)):
        tones = [
            one
            for octave in (-12, 0, 12, 24)
            for pitch in ladder[:3]
            if hand.low <= (one := pitch + octave) <= hand.high
        ]
        tones = sorted(set(tones))
        for two in range(0, length, 2):
            room = min(2, length - two)
            step = min(0.12, 0.8 * room / len(tones))
            ordered = tones if (index + two // 2) % 2 == 0 else tones[::-1]
            for count, pitch in enumerate(ordered):
                yield hand.note(start + two + count * step, room - count * step, pitch, -6)


def _montuno(hand: Hand) -> Iterator[Note]:
    """Inner tones and octaves in eighths that tie over the bar."""
    onsets = (0.0, 0.5, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75)
    for start, length, ladder in _ladders(hand):
        for four in range(0, length, 4):
            for count, time in enumerate(onsets):
                if four + time < length:
                    pitch = ladder[_MONTUNO[count % 8] % len(ladder)]
                    yield hand.note(start + four + time, 0.24, pitch, 4)
                    if count % 2 == 0 and pitch + 12 <= hand.high:
                        yield hand.note(start + four + time, 0.24, pitch + 12, 0)
