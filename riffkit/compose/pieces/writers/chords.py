"""Chords: struck in a rhythm, strummed, chopped, or one hand low and the other high."""

from collections.abc import Callable, Iterator

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.lines import ostinato_riff, tremolo_of
from riffkit.compose.pieces.writers.voicing import voicings

TRESILLO = (0.0, 1.5, 3.0)  # 3 + 3 + 2 sixteenths of half a bar, in eighths of a bar
_MONTUNO = (0.0, 1.0, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)  # beats doubled: eighths over two bars
_STABS = ((0.0, 1.5), (0.0, 2.5), (1.0, 2.5), (0.0, 0.75, 1.5), (0.5, 2.0, 2.75), (0.0, 3.5))


def chords(hand: Hand) -> list[Note]:
    """Write a part of chords.

    Parameters
    ----------
    hand : Hand
        With role c.

    Returns
    -------
    list of Note
    """
    figure = hand.part.figure
    if figure == "riff":
        return ostinato_riff(hand)
    if figure in ("gallop", "palm mute"):
        return list(_WRITERS[figure](hand, voicings(hand, low=hand.low, span=19)))
    return list(_WRITERS.get(figure or "", _struck)(hand, voicings(hand)))


_Voices = list[list[float]]


def _struck(hand: Hand, voices: _Voices) -> Iterator[Note]:
    rng, feel = hand.rng, hand.piece.feel
    rhythms: dict[str, tuple[tuple[float, ...], ...]] = {  # over two beats
        "sparse": ((0.0,), (0.0,), (0.0, 1.5)),
        "normal": ((0.0, 1.0), (0.0, 0.75, 1.5), (0.5, 1.5), (0.0, 1.5), (0.0, 0.5, 1.5)),
        "busy": (
            (0.0, 0.5, 1.0, 1.5),
            (0.0, 0.5, 0.75, 1.25, 1.5),
            (0.0, 0.25, 0.75, 1.0, 1.5),
            (0.0, 0.75, 1.0, 1.75),
        ),
    }
    rhythm = rng.choice(rhythms[hand.piece.density])
    if feel == "shuffle":  # long and short on every beat
        rhythm = {"sparse": (0.0,), "normal": (0.0, 1.0, 1.5), "busy": (0.0, 0.5, 1.0, 1.5)}[hand.piece.density]
    gate = rng.choice((0.4, 0.75, 0.95))
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        times = [pair + offset for pair in range(0, length, 2) for offset in rhythm if pair + offset < length]
        if hand.piece.density == "sparse" and length >= 4:
            times = [time for time in times if time % 4 < 2]
        for time, end in zip(times, [*times[1:], float(length)], strict=True):
            for pitch in pitches:
                yield hand.note(start + time, (end - time) * gate, pitch, -8 + 8 * (time % 2 == 0))


def _strum(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Down on the beats, up between them: the strings one after the other, the way the hand goes."""
    strokes = {
        "sparse": ((0.0, 2), (1.0, 1), (1.5, -1)),
        "normal": ((0.0, 2), (1.0, 1), (1.5, -1), (2.5, -1), (3.0, 1), (3.5, -1)),
        "busy": (
            (0.0, 2), (0.5, 1), (0.75, -1), (1.0, 1), (1.5, 1), (1.75, -1), (2.25, -1), (2.5, 1), (3.0, 1), (3.5, -1),
        ),
    }[hand.piece.density]  # fmt: skip
    stagger = hand.rng.uniform(0.022, 0.04)
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        strings = sorted({*pitches, *(one + 12 for one in pitches if one + 12 <= hand.high)})[:6]
        times = [(four + time, way) for four in range(0, length, 4) for time, way in strokes if four + time < length]
        for (time, way), end in zip(times, [*(one for one, _ in times[1:]), float(length)], strict=True):
            ordered = strings if way > 0 else strings[::-1][:4]
            for count, pitch in enumerate(ordered):
                late = count * stagger
                yield hand.note(start + time + late, max(0.1, (end - time) * 0.95 - late), pitch, 4 * way - 6)


def _stab(hand: Hand, voices: _Voices) -> Iterator[Note]:
    rhythm = hand.rng.choice(_STABS)
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for four in range(0, length, 4):
            for time in rhythm:
                if four + time < length:
                    for pitch in pitches:
                        yield hand.note(start + four + time, 0.18, pitch, 14)


def _skank(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Short chords on every off-beat; busy ones answer themselves a sixteenth later."""
    offsets = (0.5, 0.75) if hand.piece.density == "busy" else (0.5,)
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for beat in range(length):
            for time in offsets:
                for pitch in pitches:
                    yield hand.note(start + beat + time, 0.16, pitch, 4 if time == 0.5 else -10)


def _tresillo(hand: Hand, voices: _Voices) -> Iterator[Note]:
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for time in tresillo_times(length):
            for pitch in pitches:
                yield hand.note(start + time, 0.55, pitch, 6 if time % 2 == 0 else -4)


def tresillo_times(length: int) -> list[float]:
    """Onsets of 3 + 3 + 2 sixteenths on and on.

    Parameters
    ----------
    length : int [beats]

    Returns
    -------
    list of float [beats]
    """
    return [pair + offset for pair in range(0, length, 2) for offset in (0.0, 0.75, 1.5) if pair + offset < length]


def _oom_pah(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Root or fifth low on the beat, the chord on what is left of the beat, or of the bar in three."""
    three = hand.piece.beats_per_bar in (3, 6)
    for (start, length, degree), pitches in zip(hand.changes, voices, strict=True):
        for beat in range(length):
            if not three or (start + beat) % 3 == 0:
                tone = hand.chord(degree)[min(2, len(hand.chord(degree)) - 1) if beat % 2 and not three else 0]
                yield hand.note(start + beat, 0.45, hand.fit(tone, hand.low), 6)
            if not three or (start + beat) % 3:
                time = beat if three else beat + 0.5
                for pitch in _above(hand, pitches):
                    yield hand.note(start + time, 0.3, pitch, -8)


def _stride(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """The left hand strides between a deep octave and a chord in the middle; the right hand has a little tune."""
    for (start, length, degree), pitches in zip(hand.changes, voices, strict=True):
        for beat in range(length):
            if beat % 2 == 0:
                root = hand.fit(hand.chord(degree)[0], hand.low)
                yield hand.note(start + beat, 0.8, root, 8)
                yield hand.note(start + beat, 0.8, root + 12, 0)
            else:
                for pitch in _above(hand, pitches):
                    yield hand.note(start + beat, 0.4, pitch, -4)
            top = hand.near(hand.rng.choice(hand.chord(degree)), min(hand.high - 6, hand.centre + 22))
            if hand.piece.density != "sparse":
                yield hand.note(start + beat + 0.5, 0.4, top, 2)
            if hand.piece.density == "busy" or beat % 2 == 0:
                yield hand.note(start + beat + 0.75, 0.24, hand.near(hand.rng.choice(hand.chord(degree)), top), 0)


def _above(hand: Hand, pitches: list[float]) -> list[float]:
    """A chord lifted clear of the bass under it."""
    lift = 12 if pitches[0] < hand.low + 12 and pitches[-1] + 12 <= hand.high else 0
    return [one + lift for one in pitches]


def _montuno(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Octaves and inner tones in turn, all but the first off the beat: 2-3 son clave."""
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        bottom = pitches[0]
        octave = bottom + 12 if bottom + 12 <= hand.high else bottom
        for count, eighth in enumerate(_MONTUNO):
            for four in range(0, length, 4):
                time = four + eighth / 2
                if time < length:
                    sounding = [bottom, octave] if count % 2 == 0 else pitches[1:] or [octave]
                    for pitch in sorted(set(sounding)):
                        yield hand.note(start + time, 0.22, pitch, 2 if count % 2 == 0 else -6)


def _gallop(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """An eighth and two sixteenths on every beat, low and short."""
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for beat in range(length):
            for time, duration in ((0.0, 0.4), (0.5, 0.2), (0.75, 0.2)):
                for pitch in pitches[:2]:
                    yield hand.note(start + beat + time, duration, pitch, 8 if time == 0 else -6)


def _palm_mute(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Damped eighths (sixteenths where it is busy), now and then one that rings."""
    step = 0.25 if hand.piece.density == "busy" else 0.5
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for count in range(round(length / step)):
            ringing = count == 0 and hand.piece.density != "sparse"
            for pitch in pitches if ringing else pitches[:2]:
                yield hand.note(start + count * step, step * (0.9 if ringing else 0.35), pitch, 8 if ringing else -14)


def palm_muted(hand: Hand) -> list[Note]:
    """Write damped notes.

    Parameters
    ----------
    hand : Hand
        With role c or a.

    Returns
    -------
    list of Note
    """
    return list(_palm_mute(hand, voicings(hand, low=hand.low, span=19)))


def _swell(hand: Hand, voices: _Voices) -> Iterator[Note]:
    yield from swell(hand, voices)


def swell(hand: Hand, voices: _Voices) -> Iterator[Note]:
    """Chords that grow from nothing over half the loop, twice: struck again on every half beat, by ever more voices.

    Parameters
    ----------
    hand : Hand
    voices : list of list of float [MIDI]
        A chord for each change.

    Yields
    ------
    Note
    """
    half = (hand.piece.beats + 1) // 2
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for count in range(2 * length):
            time = start + count / 2
            begin, end = (0, half) if time < half else (half, hand.piece.beats)
            grown = (time - begin) / (end - begin)
            if grown < 0.12:  # silence to grow from
                continue
            accent = round(hand.level * (grown - 0.85))
            for pitch in pitches[: max(1, round(grown * 1.3 * len(pitches)))]:
                yield hand.note(time, 0.6 if time + 0.5 < end else 0.3, pitch, accent)


def _tremolo(hand: Hand, voices: _Voices) -> Iterator[Note]:
    for (start, length, _), pitches in zip(hand.changes, voices, strict=True):
        for pitch in pitches:
            yield from tremolo_of(hand, start, length, pitch)


_WRITERS: dict[str, Callable[[Hand, _Voices], Iterator[Note]]] = {
    "strum": _strum,
    "stab": _stab,
    "skank": _skank,
    "tresillo": _tresillo,
    "oom pah": _oom_pah,
    "stride": _stride,
    "montuno": _montuno,
    "gallop": _gallop,
    "palm mute": _palm_mute,
    "swell": _swell,
    "tremolo": _tremolo,
}
