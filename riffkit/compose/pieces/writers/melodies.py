"""Melodies: a tune, and the ways in which fingers, bows and breath play it."""

from collections.abc import Callable, Iterator

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.piece import LOOP_SECONDS
from riffkit.compose.pieces.writers.hand import Hand
from riffkit.compose.pieces.writers.lines import acid_line, ostinato, ostinato_riff, rate_of, tremolo_of
from riffkit.compose.pieces.writers.tunes import Ladder, Tone, classes_at, phrases, tune
from riffkit.compose.sounding.instruments import INSTRUMENTS

SWEEPING = ("keys", "mallets", "plucked")
"""Families that cannot slide: their glissando is a scale played very fast."""

VIBRATO_HERTZ = 5.5


def melody(hand: Hand) -> list[Note]:
    """Write a melody.

    Parameters
    ----------
    hand : Hand
        With role m.

    Returns
    -------
    list of Note
    """
    figure = hand.part.figure or ""
    whole = {"ostinato": ostinato, "riff": ostinato_riff, "acid line": acid_line}.get(figure)
    if whole:
        return whole(hand)
    ladder = Ladder(hand)
    if figure in _OF_THEIR_OWN:
        return list(_OF_THEIR_OWN[figure](hand, ladder))
    tones = tune(hand, ladder, long=figure in ("vibrato line", "trill", "tremolo", "roll", "bend", "glissando"))
    ornament = _ORNAMENTS.get(figure, _plain)
    return [note for index in range(len(tones)) for note in ornament(hand, ladder, tones, index)]


def _plain(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    tone = tones[index]
    yield hand.note(tone.start, tone.duration * 0.93, ladder.pitches[tone.degree], tone.accent)


def _trill(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    """Back and forth to the next tone of the scale above, or below where there is none."""
    tone = tones[index]
    pitch = ladder.pitches[tone.degree]
    other = ladder.pitches.get(tone.degree + 1, ladder.pitches.get(tone.degree - 1, pitch))
    if tone.duration < 0.5:
        yield from _plain(hand, ladder, tones, index)
        return
    count = max(4, round(tone.duration * rate_of(hand, 9.0)))
    step = tone.duration / count
    for beat in range(count):
        yield hand.note(tone.start + beat * step, step * 0.95, other if beat % 2 else pitch, 4 if beat == 0 else -6)


def _tremolo(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    tone = tones[index]
    yield from tremolo_of(hand, tone.start, tone.duration, ladder.pitches[tone.degree])


def _bend(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    """Into the tone from below, or up and back, or away at the end."""
    tone = tones[index]
    duration = tone.duration * 0.95
    depth = hand.rng.choice((1.0, 2.0, 2.0))
    reach = min(0.5, duration * 0.5)
    shapes = (
        ((0.0, -depth), (reach, 0.0)),
        ((0.0, -depth), (reach * 0.6, -depth), (reach, 0.0)),
        ((0.0, 0.0), (duration * 0.3, 0.0), (duration * 0.55, depth), (duration * 0.9, 0.0)),
        ((0.0, 0.0), (duration * 0.6, 0.0), (duration, -depth)),
    )
    yield hand.note(tone.start, duration, ladder.pitches[tone.degree], tone.accent, hand.rng.choice(shapes))


def _vibrato_line(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    tone = tones[index]
    yield hand.note(
        tone.start, tone.duration * 0.97, ladder.pitches[tone.degree], tone.accent, vibrato(hand, tone.duration)
    )


def vibrato(hand: Hand, duration: float) -> tuple[tuple[float, float], ...]:
    """A sway of the pitch that sets in after a moment, a quarter of a tone to either side.

    Parameters
    ----------
    hand : Hand
    duration : float [beats]

    Returns
    -------
    tuple of (float, float)
        As of `Note.bend`.
    """
    quarter = hand.piece.beats / LOOP_SECONDS / VIBRATO_HERTZ / 4  # beats from middle to edge
    points = [(0.0, 0.0)]
    time, count = quarter * 2, 0
    while time < duration:
        points.append((time, (0.0, 0.5, 0.0, -0.5)[count % 4]))
        time, count = time + quarter, count + 1
    return tuple((round(time, 4), away) for time, away in points)


def _glissando(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    """From every tone to the next without a break: sliding, or in steps where the instrument has them."""
    tone, follows = tones[index], tones[(index + 1) % len(tones)]
    pitch, goal = ladder.pitches[tone.degree], ladder.pitches[follows.degree]
    if INSTRUMENTS[hand.part.instrument].family not in SWEEPING:
        away = goal - pitch if abs(goal - pitch) > 0.5 else -3.0
        slide = ((0.0, 0.0), (tone.duration * 0.45, 0.0), (tone.duration * 0.95, away))
        yield hand.note(tone.start, tone.duration, pitch, tone.accent, slide)
        return
    sweep = min(1.0, tone.duration * 0.6)
    yield hand.note(tone.start, tone.duration - sweep, pitch, tone.accent)
    degrees = ladder.degrees if goal >= pitch else ladder.degrees[::-1]
    count = max(4, min(len(degrees), round(sweep * rate_of(hand, 14.0))))
    for step, degree in enumerate(degrees[-count:]):
        start = tone.start + tone.duration - sweep + step * sweep / count
        yield hand.note(start, sweep / count * 1.4, ladder.pitches[degree], -10)


def _grace_notes(hand: Hand, ladder: Ladder, tones: list[Tone], index: int) -> Iterator[Note]:
    """A short tone from above before the long ones; the longest are turned round their neighbours."""
    tone = tones[index]
    pitch = ladder.pitches[tone.degree]
    above = ladder.pitches.get(tone.degree + 1, pitch)
    below = ladder.pitches.get(tone.degree - 1, pitch)
    short = 0.055 * hand.piece.beats / LOOP_SECONDS  # 55 ms
    ornaments = [above] if tone.duration < 1 else [above, pitch, below]
    if tone.duration < 0.5 or len(ornaments) * short > tone.duration * 0.6:
        ornaments = []
    for count, one in enumerate(ornaments):
        yield hand.note(tone.start + count * short, short, one, -4)
    spent = len(ornaments) * short
    yield hand.note(tone.start + spent, tone.duration * 0.93 - spent, pitch, tone.accent)


def _call_and_response(hand: Hand, ladder: Ladder) -> Iterator[Note]:
    """One phrase high and loud, the same one low and soft; two players take one each."""
    same = [index for index, part in enumerate(hand.piece.parts) if part.figure == "call and response"]
    reach = ladder.degrees[0], ladder.degrees[-1]
    stretches = phrases(hand)
    cells = tune(hand, ladder)
    call = [tone for tone in cells if tone.start < stretches[0][1]]
    for index, (start, length) in enumerate(stretches):
        answers = index % 2 == 1
        if len(same) > 1 and answers != (same.index(hand.index) % 2 == 1):
            continue
        for tone in call:
            if tone.start >= length - 0.5:  # a breath before the other one comes
                continue
            degree = ladder.on_chord(tone.degree, classes_at(hand, start)) if tone.start == 0 else tone.degree
            degree += -4 if answers else 3
            degree = max(reach[0], min(reach[1], degree))
            duration = min(tone.duration, length - 0.5 - tone.start)
            yield hand.note(start + tone.start, duration * 0.9, ladder.pitches[degree], -26 if answers else 10)


def _run(hand: Hand, ladder: Ladder) -> Iterator[Note]:
    """Scales in sixteenths up and down, each to a tone that is held."""
    rng = hand.rng
    up = rng.random() < 0.5
    step = 1 / rate_of(hand, 6.0)
    degrees = ladder.degrees
    size = min(len(degrees), max(4, round(1.5 / step)))
    for index, (start, length) in enumerate(phrases(hand)):
        for two in range(0, length, 3 if length in (3, 6) else 2):
            room = min(2.0, length - two)
            upward = up ^ ((index + two // 2) % 2 == 1)
            offset = rng.randint(0, max(0, len(degrees) - size))
            scale = degrees[offset : offset + size]
            scale = scale if upward else scale[::-1]
            count = min(len(scale), round(room / step) - 1)
            for beat, degree in enumerate(scale[:count]):
                held = beat == count - 1
                duration = room - beat * step if held else step
                yield hand.note(start + two + beat * step, duration * 0.92, ladder.pitches[degree], 8 if held else 0)


def _hocket(hand: Hand, ladder: Ladder) -> Iterator[Note]:
    """Single short tones with holes, high and low in turn; two players fill each other's holes."""
    same = [index for index, part in enumerate(hand.piece.parts) if part.figure == "hocket"]
    mine = same.index(hand.index) if len(same) > 1 else None
    step = 0.25 if hand.piece.density == "busy" else 0.5
    cell = [hand.rng.choice(ladder.degrees) for _ in range(4)]
    half = len(ladder.degrees) // 2
    low, high = ladder.degrees[:half], ladder.degrees[half:]
    for count in range(round(hand.piece.beats / step)):
        if mine is not None and count % 2 != mine % 2:
            continue
        side = high if count % 2 else low
        degree = side[cell[(count // 2) % 4] % len(side)]
        if count % 4 == 0:
            found = [one for one in side if round(ladder.pitches[one] % 12, 2) in classes_at(hand, count * step)]
            degree = found[0] if found else degree
        yield hand.note(count * step, step * 0.4, ladder.pitches[degree], 8 if count % 2 == 0 else 0)


def hocket(hand: Hand) -> list[Note]:
    """Write a hocket.

    Parameters
    ----------
    hand : Hand
        With role a or m.

    Returns
    -------
    list of Note
    """
    return list(_hocket(hand, Ladder(hand)))


_ORNAMENTS: dict[str, Callable[[Hand, Ladder, list[Tone], int], Iterator[Note]]] = {
    "trill": _trill,
    "tremolo": _tremolo,
    "roll": _tremolo,
    "bend": _bend,
    "vibrato line": _vibrato_line,
    "glissando": _glissando,
    "grace notes": _grace_notes,
}
_OF_THEIR_OWN: dict[str, Callable[[Hand, Ladder], Iterator[Note]]] = {
    "call and response": _call_and_response,
    "run": _run,
    "hocket": _hocket,
}
