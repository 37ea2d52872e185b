"""Each figure is recognised in the notes by a rule of its own, and all instruments that play it obey it."""

from dataclasses import replace

import pytest

from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.figures import FIGURES, figures_for
from riffkit.compose.pieces.harmony import chord
from riffkit.compose.pieces.piece import LOOP_SECONDS, Part
from riffkit.compose.pieces.writing import notes
from riffkit.compose.sounding.instruments import INSTRUMENTS

PLAIN = replace(
    compose(0), parts=(), pattern=None, kit=None, genre=None, density="normal", feel="straight", dynamics="normal",
    beats=16, beats_per_bar=4, scale="minor", key=0, harmony="triads", progression=(0, 5, 2, 6), articulation=None,
)  # fmt: skip


def played(role, name, figure, **changes):
    return notes(replace(PLAIN, parts=(Part(role, name, figure=figure),), **changes))


def starts(written):
    return sorted({round(note.start, 4) for note in written})


def chords_at(written):
    found = {}
    for note in written:
        found.setdefault(round(note.start, 4), []).append(note)
    return found


def struck_in_turn(written):
    """Onsets of a stroke lie close together, never on one moment."""
    ordered = sorted(note.start for note in written)
    return (
        sum(0.01 < after - before < 0.06 for before, after in zip(ordered, ordered[1:], strict=False))
        > len(ordered) / 2
    )


def fast(written, hertz=6.5):
    ordered = starts(written)
    beat = LOOP_SECONDS / PLAIN.beats
    return sum((b - a) * beat < 1 / hertz for a, b in zip(ordered, ordered[1:], strict=False)) > len(ordered) * 0.6


def rests_on(times):
    return lambda written: {round(start % 1, 3) for start in starts(written)} == set(times)


def repeats(written):
    """The whole loop is one cell again and again, though the chords change."""
    cells = {(round(note.start, 3), note.pitch) for note in written}
    for length in (1, 1.5, 2, 3, 4):
        turned = {(round(start + length, 3), pitch) for start, pitch in cells if start + length < PLAIN.beats}
        if turned == {(start, pitch) for start, pitch in cells if start >= length}:
            return True
    return False


def rising(written):
    """Most steps go up."""
    ordered = sorted(written, key=lambda note: note.start)
    steps = [after.pitch - before.pitch for before, after in zip(ordered, ordered[1:], strict=False)]
    return sum(step > 0 for step in steps) > 0.55 * len(steps)


def falling(written):
    return rising([note._replace(pitch=-note.pitch) for note in written])


def bends(written):
    return sum(len(note.bend) > 1 for note in written) > 0.6 * len(written)


def sways(written):
    """The pitch turns round again and again."""
    longest = max(written, key=lambda note: len(note.bend))
    return len(longest.bend) > 6 and {away for _, away in longest.bend} >= {0.5, -0.5}


def neighbours_in_turn(written):
    ordered = sorted(written, key=lambda note: note.start)
    triples = zip(ordered, ordered[1:], ordered[2:], strict=False)
    return sum(a.pitch == c.pitch and 0 < abs(a.pitch - b.pitch) <= 3 for a, b, c in triples) > 0.5 * len(ordered)


def grows(written):
    first = [note.velocity for note in written if note.start < 3]
    last = [note.velocity for note in written if 6 <= note.start < 8]
    return len(last) >= len(first) and sum(last) / len(last) > sum(first) / len(first) + 40 and min(starts(written)) > 0


def oom_pahs(written):
    on = [note.pitch for note in written if note.start % 1 == 0]
    off = [note.pitch for note in written if note.start % 1 == 0.5]
    return on and (not off or sum(on) / len(on) < sum(off) / len(off) - 3)


def answers(written):
    """The second bar is the first one again, lower and softer."""
    call = [note for note in written if note.start < 4]
    response = [note for note in written if 4 <= note.start < 8]
    softer = min(note.velocity for note in call) > max(note.velocity for note in response)
    lower = sum(n.pitch for n in call) / len(call) >= sum(n.pitch for n in response) / len(response)
    rhythm = [round(note.start, 3) for note in call] == [round(note.start - 4, 3) for note in response]
    return softer and lower and rhythm


def drones(written):
    return len({note.pitch for note in written}) <= 3 and len({note.pitch % 12 for note in written}) <= 2


def walks(written):
    roots = {0: 0, 4: 8, 8: 3, 12: 10}
    by_beat = {note.start: note.pitch % 12 for note in written}
    return starts(written) == list(range(16)) and all(by_beat[beat] == root for beat, root in roots.items())


def picks(written):
    """A thumb on every beat, on two strings in turn, both under the fingers, who let ring."""
    for bar in range(4):
        thumb = [note.pitch for note in written if note.start // 4 == bar and note.start % 1 == 0]
        fingers = [note.pitch for note in written if note.start // 4 == bar and note.start % 1 and note.duration > 1.2]
        if len(thumb) != 4 or thumb[:2] != thumb[2:] or not fingers or sum(fingers) / len(fingers) < max(thumb):
            return False
    return True


MONTUNO = (0.5, 0.75, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75)
RULES = {
    "strum": struck_in_turn,
    "alberti": lambda w: all(w[i].pitch < min(w[i + 1].pitch, w[i + 2].pitch) for i in range(0, 8, 4)),
    "tremolo": fast,
    "glissando": lambda w: bends(w) or fast(w, 5),
    "trill": neighbours_in_turn,
    "bend": bends,
    "ostinato": repeats,
    "call and response": answers,
    "walking": walks,
    "montuno": lambda w: {1.25, 1.75, 2.25, 2.75} <= {start % 4 for start in starts(w)} <= {0, *MONTUNO},
    "drone": drones,
    "stab": lambda w: max(note.duration for note in w) < 0.25 and len(starts(w)) <= 12,
    "skank": rests_on((0.5,)),
    "oom pah": oom_pahs,
    "stride": lambda w: max(n.pitch for n in w) - min(n.pitch for n in w) > 24,
    "fingerpicking": picks,
    "gallop": rests_on((0.0, 0.5, 0.75)),
    "palm mute": lambda w: sorted(n.duration for n in w)[len(w) // 2] < 0.25 and len(starts(w)) >= 32,
    "roll": fast,
    "run": lambda w: sum(abs(b.pitch - a.pitch) in (1, 2, 3) for a, b in zip(w, w[1:], strict=False)) > 0.5 * len(w),
    "swell": grows,
    "hocket": lambda w: max(note.duration for note in w) <= 0.25,
    "tresillo": lambda w: starts(w) == [two + one for two in range(0, 16, 2) for one in (0, 0.75, 1.5)],
    "rolling": rests_on((0.25, 0.5, 0.75)),
    "offbeat": rests_on((0.5,)),
    "acid line": lambda w: len(starts(w)) > 40 and max(n.velocity for n in w) > min(n.velocity for n in w) + 25,
    "wobble": lambda w: len(starts(w)) >= 16,
    "riff": repeats,
    "arp up": rising,
    "arp down": falling,
    "vibrato line": sways,
    "grace notes": lambda w: sum(note.duration * LOOP_SECONDS / 16 < 0.09 for note in w) >= 2,
    "tumbao": lambda w: {start % 4 for start in starts(w)} == {1.5, 3.0},
}
PLAYED = [
    (figure, role, name)
    for figure in FIGURES
    for name, instrument in INSTRUMENTS.items()
    for role in instrument.roles
    if figure in figures_for(role, name)
]


def test_every_figure_has_a_rule_and_somebody_who_plays_it():
    assert set(RULES) == set(FIGURES) == {figure for figure, _, _ in PLAYED}


@pytest.mark.parametrize("figure", FIGURES)
def test_figures_are_recognised_whoever_plays_them(figure):
    rows = [(role, name) for one, role, name in PLAYED if one == figure]
    missed = [(role, name) for role, name in rows if not RULES[figure](played(role, name, figure))]
    # an instrument with hardly more than an octave folds what does not fit
    assert len(missed) <= 0.04 * len(rows), (figure, missed)


@pytest.mark.parametrize("figure", FIGURES)
def test_plain_playing_is_not_taken_for_a_figure(figure):
    if figure in ("glissando", "wobble", "stride", "arp up", "arp down", "run", "alberti"):
        return  # a plain line may rise, and many a tune goes by steps
    role, name = next((role, name) for one, role, name in PLAYED if one == figure)
    taken = sum(bool(RULES[figure](played(role, name, None, seed=seed))) for seed in range(12))
    assert taken <= 4


def test_chords_of_two_players_answer_each_other():
    parts = (Part("m", "flute", figure="call and response"), Part("m", "clarinet", figure="call and response"))
    written = notes(replace(PLAIN, parts=parts))
    assert {note.start // 4 % 2 for note in written if note.part == 0} == {0}
    assert {note.start // 4 % 2 for note in written if note.part == 1} == {1}


def test_two_players_fill_each_others_holes():
    parts = (Part("a", "marimba", figure="hocket"), Part("m", "flute", figure="hocket"))
    written = notes(replace(PLAIN, parts=parts))
    first, second = ({note.start for note in written if note.part == part} for part in (0, 1))
    assert first and second and not first & second


def test_a_tumbao_is_ahead_of_the_chords():
    written = played("b", "acoustic bass", "tumbao")
    by_start = {note.start: note.pitch % 12 for note in written}
    assert by_start[3.0] == chord("minor", 5, "triads")[0] % 12


def test_figures_keep_to_the_loop_at_every_tempo():
    for figure, role, name in PLAYED[::7]:
        for beats in (5, 7, 11, 20):
            for note in played(role, name, figure, beats=beats, beats_per_bar=min(beats, 5)):
                assert 0 <= note.start < beats
