"""Patterns of the drum set and of hand percussion."""

import random
from dataclasses import replace

import pytest

from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.note import DRUM_SET
from riffkit.compose.pieces.patterns.hands import HANDS
from riffkit.compose.pieces.patterns.pattern import DRUMS, written
from riffkit.compose.pieces.piece import Part
from riffkit.compose.pieces.rhythms import PATTERNS, patterns_of
from riffkit.compose.pieces.writers.beats import drums, percussion
from riffkit.compose.sounding.percussion import PERCUSSION

PLAIN = replace(
    compose(0), parts=(), genre=None, density="normal", feel="straight", dynamics="normal", beats=8, beats_per_bar=4
)


def played(pattern, seed=0, **changes):
    return drums(replace(PLAIN, pattern=pattern, kit="standard", **changes), random.Random(seed))


def onsets(notes, name):
    return sorted({round(note.start, 3) for note in notes if note.pitch == DRUMS[name]})


def test_there_are_patterns_for_every_meter_and_many_in_four():
    assert len(PATTERNS) >= 45
    assert all(patterns_of(meter) for meter in range(3, 8))


def test_no_two_patterns_are_alike():
    assert len({(pattern.lines, pattern.steps) for pattern in PATTERNS.values()}) == len(PATTERNS)


def test_a_line_that_fills_no_beat_is_refused():
    with pytest.raises(ValueError, match="repeats"):
        written("kick: x...\nsnare: x..")


@pytest.mark.parametrize("name", PATTERNS)
def test_strokes_are_in_the_loop_and_on_the_grid(name):
    for beats in range(5, 21):
        for note in played(name, beats=beats, beats_per_bar=PATTERNS[name].meter):
            assert 0 <= note.start < beats and note.part == DRUM_SET and 0 < note.velocity < 128
            assert min(abs(note.start * grid - round(note.start * grid)) for grid in (4, 3)) < 1e-6


def quiet(name, **changes):
    """A rendering without a fill."""
    for seed in range(40):
        notes = played(name, seed, **changes)
        if not [note for note in notes if note.pitch in (DRUMS["high"], DRUMS["floor"], DRUMS["crash"])]:
            return notes
    raise AssertionError


def test_what_makes_a_pattern_what_it_is():
    assert {0.0, 1.0, 2.0, 3.0} <= set(onsets(quiet("four on the floor"), "kick"))
    assert onsets(quiet("one drop"), "kick") == [2.0, 6.0]
    assert {0.75, 1.5} <= set(onsets(quiet("dembow"), "snare"))
    assert onsets(quiet("dubstep"), "snare")[0] == 2.0
    assert onsets(quiet("son"), "claves")[:5] == [0.0, 0.75, 1.5, 2.5, 3.0]
    assert onsets(quiet("bossa nova"), "rim")[:5] == [0.0, 0.75, 1.5, 2.5, 3.25]
    assert onsets(quiet("swing"), "ride")[:3] == [0.0, 1.0, 1.667]


def test_a_bar_of_three_has_three_beats():
    kicks = onsets(quiet("waltz", beats=9, beats_per_bar=3), "kick")
    assert kicks == [0.0, 3.0, 6.0]


def test_a_pattern_in_four_begins_anew_in_every_bar_of_another_meter():
    notes = quiet("disco", beats=14, beats_per_bar=7)
    assert onsets(notes, "snare") == [1.0, 3.0, 5.0, 8.0, 10.0, 12.0]


def test_swing_comes_late_but_for_triplets():
    assert 0.62 in onsets(quiet("rock", feel="swing"), "hat")
    assert 0.81 in onsets(quiet("funk", feel="swing"), "hat")
    assert 0.667 in onsets(quiet("shuffle", feel="shuffle"), "hat")


def test_busy_has_ghost_notes_and_sparse_has_fewer_strokes():
    count = {density: len(quiet("rock", density=density)) for density in ("sparse", "normal", "busy")}
    assert count["sparse"] < count["normal"] < count["busy"]


def test_some_loops_end_in_a_fill():
    last = [
        any(n.start >= 7 and n.pitch in (DRUMS["high"], DRUMS["low"], DRUMS["floor"]) for n in played("pop", seed))
        for seed in range(200)
    ]
    assert 0.1 < sum(last) / len(last) < 0.4


def test_every_instrument_of_percussion_has_patterns_of_strokes_that_it_has():
    assert set(HANDS) == set(PERCUSSION)
    for name, lines in HANDS.items():
        for line in lines.values():
            letters = {letter.lower() for letter in line.lstrip("3") if letter.isalpha()}
            assert letters <= set("abcd"[: len(PERCUSSION[name].keys)]), (name, line)
            steps = len(line.lstrip("3").replace("|", ""))
            assert steps % (3 if line.startswith("3") else 4) == 0, (name, line)


@pytest.mark.parametrize("name", PERCUSSION)
def test_percussion_plays_its_keys_in_the_loop(name):
    for beats in (5, 8, 12, 14):
        piece = replace(PLAIN, parts=(Part("x", name),), pattern=None, kit=None, beats=beats)
        notes = percussion(piece, 0, random.Random(beats))
        assert notes and {note.pitch for note in notes} <= set(PERCUSSION[name].keys)
        assert all(0 <= note.start < beats for note in notes)


def test_the_clave_is_that_of_the_genre():
    for genre, clave in (("son", [0, 0.75, 1.5, 2.5, 3]), ("rumba", [0, 0.75, 1.75, 2.5, 3])):
        piece = replace(PLAIN, parts=(Part("x", "claves"),), genre=genre, beats=16)
        notes = percussion(piece, 0, random.Random(3))
        assert [note.start for note in notes][:5] == clave


def test_a_roll_grows_towards_the_bar():
    piece = replace(PLAIN, parts=(Part("x", "snare drum", figure="roll"),))
    notes = [note for note in percussion(piece, 0, random.Random(1)) if 2 <= note.start < 4]
    assert len(notes) >= 8
    assert sum(note.velocity for note in notes[-4:]) > sum(note.velocity for note in notes[:4]) + 60
