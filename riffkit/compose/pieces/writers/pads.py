"""Long notes: chords that lie, drones, and what grows."""

from collections.abc import Iterator

from riffkit.compose.pieces.harmony import tone
from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.writers.chords import swell
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.lines import tremolo_of
from riffkit.compose.pieces.writers.voicing import voicings
from riffkit.compose.sounding.instruments import INSTRUMENTS


def pad(hand: Hand) -> list[Note]:
    """Write a part of long notes.

    Parameters
    ----------
    hand : Hand
        With role p.

    Returns
    -------
    list of Note
    """
    if hand.part.figure == "drone":
        return drone(hand)
    voices = voicings(hand)
    if hand.part.figure == "swell":
        return list(swell(hand, voices))
    if hand.part.figure == "tremolo":
        times = zip(hand.changes, voices, strict=True)
        return [
            note
            for (start, length, _), pitches in times
            for pitch in pitches
            for note in tremolo_of(hand, start, length, pitch)
        ]
    if "c" not in INSTRUMENTS[hand.part.instrument].roles and len(voices[0]) > 1:
        voices = _one_line(hand, voices)
    return list(_held(hand, voices))


def _held(hand: Hand, voices: list[list[float]]) -> Iterator[Note]:
    """Tones that the next chord has too are not struck again."""
    spans = [(start, length) for start, length, _ in hand.changes]
    taken: set[tuple[int, float]] = set()
    for index, ((start, length), pitches) in enumerate(zip(spans, voices, strict=True)):
        for pitch in pitches:
            if (index, pitch) in taken:
                continue
            duration, follows = float(length), index + 1
            while follows < len(voices) and pitch in voices[follows]:
                taken.add((follows, pitch))
                duration += spans[follows][1]
                follows += 1
            yield hand.note(start, duration, pitch, -8)


def _one_line(hand: Hand, voices: list[list[float]]) -> list[list[float]]:
    """Root and fifth only, for what sounds better in few tones: bowls, bottles, horns."""
    return [[pitches[0], *pitches[2:3]] for pitches in voices]


def drone(hand: Hand) -> list[Note]:
    """Write a drone: root and fifth, from the first beat to the last; plucked ones are plucked again.

    Parameters
    ----------
    hand : Hand
        With role p or b.

    Returns
    -------
    list of Note
    """
    root = hand.fit(hand.pitch(0), hand.low if hand.part.role == "b" else hand.centre - 8)
    fifth = root + min((tone(hand.piece.scale, degree) for degree in range(1, 12)), key=lambda one: abs(one - 7))
    pitches = [root] if hand.part.role == "b" else [root, fifth, root + 12]
    pitches = [one for one in pitches if one <= hand.high]
    if INSTRUMENTS[hand.part.instrument].family in ("plucked", "guitar", "keys", "mallets"):
        order = [pitches[-1], pitches[len(pitches) // 2], pitches[len(pitches) // 2], root]
        return [
            hand.note(beat, 3.0, order[beat % 4 % len(order)], -2 if beat % 4 else 4)
            for beat in range(hand.piece.beats)
        ]
    return [hand.note(0.0, float(hand.piece.beats), pitch, -4) for pitch in pitches]
