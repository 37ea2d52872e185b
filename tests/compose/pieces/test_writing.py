"""Notes of pieces: in range, in the loop, in the scale, in time."""

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import pytest

from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.figures import FIGURES
from riffkit.compose.pieces.harmony import SCALES, chord
from riffkit.compose.pieces.note import DRUM_SET, Note
from riffkit.compose.pieces.piece import Part
from riffkit.compose.pieces.writers.hand import takes_its_time
from riffkit.compose.pieces.writing import notes
from riffkit.compose.sounding.instruments import INSTRUMENTS

PIECES = [compose(seed) for seed in range(1500)]
WRITTEN = [notes(piece) for piece in PIECES]
PLAIN = replace(
    compose(0), parts=(), pattern=None, kit=None, genre=None, density="normal", feel="straight", dynamics="normal",
    beats=16, beats_per_bar=4, scale="major", key=0, harmony="triads", progression=(0, 4, 5, 3), articulation=None,
)  # fmt: skip


def melodic(piece, written):
    """(note, part) of those who play notes of the scale."""
    for note in written:
        if note.part != DRUM_SET and piece.parts[note.part].role != "x":
            yield note, piece.parts[note.part]


def tuned(note):
    """Where a note sounds at rest: its pitch, and the bend of one that is out of tune from end to end."""
    return note.pitch + (note.bend[0][1] if len(note.bend) == 1 else 0)


def test_notes_are_within_the_loop_and_the_range():
    for piece, written in zip(PIECES, WRITTEN, strict=True):
        for note in written:
            assert 0 <= note.start < piece.beats and 0 < note.duration <= piece.beats * 1.3, (piece, note)
            assert 1 <= note.velocity <= 127 and -1 <= note.part < len(piece.parts)
        for note, part in melodic(piece, written):
            instrument = INSTRUMENTS[part.instrument]
            assert instrument.low - 1 <= note.pitch <= instrument.high + 1, (piece, note)


def test_everybody_plays_something():
    for piece, written in zip(PIECES, WRITTEN, strict=True):
        assert {note.part for note in written if note.part != DRUM_SET} == set(range(len(piece.parts))), piece
        assert (piece.pattern is not None) == any(note.part == DRUM_SET for note in written)


def test_notes_are_of_the_scale_unless_the_figure_says_otherwise():
    for piece, written in zip(PIECES, WRITTEN, strict=True):
        classes = {(piece.key + step) % 12 for step in SCALES[piece.scale].steps}
        if SCALES[piece.scale].dominant:
            classes |= {
                (piece.key + one) % 12
                for degree in set(piece.progression) | set(range(-2, 6))
                for one in chord(piece.scale, degree, piece.harmony)
            }
        for note, part in melodic(piece, written):
            if part.figure and FIGURES[part.figure].outside:
                continue
            away = min(abs((tuned(note) - one + 6) % 12 - 6) for one in classes)
            if len(note.bend) < 2 or not any(step % 1 for step in SCALES[piece.scale].steps):
                assert away < 0.02, (piece, note)


def test_onsets_lie_on_the_grid_where_time_is_straight():
    loose = ("strum", "glissando", "tremolo", "trill", "grace notes", "roll", "run", "wobble")
    for piece, written in zip(PIECES, WRITTEN, strict=True):
        for note, part in melodic(piece, written):
            if piece.feel == "straight" and part.figure not in loose and not takes_its_time(piece):
                assert abs(note.start * 4 - round(note.start * 4)) < 1e-6, (piece, note)


def test_velocities_differ_and_follow_the_dynamics():
    means = defaultdict(list)
    for piece, written in zip(PIECES, WRITTEN, strict=True):
        if len(written) > 20:
            assert len({note.velocity for note in written}) > 3, piece
            means[piece.dynamics].append(sum(note.velocity for note in written) / len(written))
    soft, normal, loud = (sum(means[name]) / len(means[name]) for name in ("soft", "normal", "loud"))
    assert soft + 20 < normal < loud - 15


def test_a_tune_begins_and_ends_on_a_tone_of_the_chord_and_comes_back():
    repeats = 0
    for seed in range(60):
        piece = replace(PLAIN, parts=(Part("m", "flute"),), seed=seed)
        written = notes(piece)
        for note, degree in ((written[0], 0), (written[-1], 3)):
            assert note.pitch % 12 in {one % 12 for one in chord("major", degree, "triads")}
        bars = [[round(note.start % 4, 3) for note in written if note.start // 4 == bar] for bar in range(4)]
        repeats += bars[0] == bars[2]
    assert repeats > 50


def test_voices_move_little_and_keep_common_tones():
    steps = []
    for seed in range(40):
        written = notes(replace(PLAIN, parts=(Part("c", "piano"),), seed=seed, progression=(0, 5, 3, 4)))
        for bar in range(3):
            before = {note.pitch for note in written if bar * 4 <= note.start < bar * 4 + 4}
            after = {note.pitch for note in written if bar * 4 + 4 <= note.start < bar * 4 + 8}
            common = {one % 12 for one in before} & {one % 12 for one in after}
            assert {one % 12 for one in before & after} == common
            steps += [min(abs(one - other) for other in before) for one in after]
    assert max(steps) <= 4 and sum(steps) / len(steps) < 2


def test_a_pad_holds_what_two_chords_share():
    written = notes(replace(PLAIN, parts=(Part("p", "warm pad"),), progression=(0, 5)))
    assert max(note.duration for note in written) > 4


def test_staccato_is_short_and_legato_long():
    lengths = {}
    for touch in (None, "staccato", "legato"):
        piece = replace(PLAIN, parts=(Part("m", "flute"),), articulation=touch)
        lengths[touch] = sum(note.duration for note in notes(piece))
    assert lengths["staccato"] < 0.5 * lengths[None] < 0.6 * lengths["legato"]


def test_registers_are_heard():
    mean = {}
    for register in ("low", "middle", "high"):
        pitches = [
            note.pitch
            for seed in range(20)
            for note in notes(replace(PLAIN, parts=(Part("m", "piano", register),), seed=seed))
        ]
        mean[register] = sum(pitches) / len(pitches)
    assert mean["low"] + 7 < mean["middle"] < mean["high"] - 7


def test_gamelan_is_out_of_tune_by_its_bends():
    written = notes(replace(PLAIN, parts=(Part("m", "vibraphone"),), scale="slendro", progression=(0,)))
    assert any(len(note.bend) == 1 and abs(note.bend[0][1]) > 0.1 for note in written)


def test_off_beats_of_swing_and_shuffle_come_late():
    for feel, late in (("swing", 0.62), ("shuffle", 2 / 3)):
        found = {
            round(note.start % 1, 2)
            for seed in range(20)
            for note in notes(replace(PLAIN, parts=(Part("m", "flute"),), feel=feel, seed=seed))
        }
        assert round(late, 2) in found and 0.5 not in found


def test_free_time_hurries_and_waits_but_the_loop_closes():
    parts = (Part("a", "piano", figure="arp up"),)
    strict = notes(replace(PLAIN, parts=parts, genre="minimalism"))
    free = notes(replace(PLAIN, parts=parts, genre="romantic"))
    assert takes_its_time(replace(PLAIN, parts=parts, genre="romantic"))
    away = [(note.start - other.start + 8) % 16 - 8 for note, other in zip(free, strict, strict=True)]
    assert 0.3 < max(map(abs, away)) < 0.4 and max(away) > 0.2 and min(away) < -0.2
    assert [note.pitch for note in free] == [note.pitch for note in strict]
    drummed = replace(PLAIN, parts=parts, genre="romantic", pattern="ballad", kit="brush")
    assert not takes_its_time(drummed)


@pytest.mark.parametrize("index", range(2))
def test_leaving_a_player_out_does_not_change_the_others(index):
    parts = (Part("m", "flute"), Part("b", "electric bass"))
    both = notes(replace(PLAIN, parts=parts))
    if index == 0:
        alone = notes(replace(PLAIN, parts=parts[:1]))
        assert alone == [note for note in both if note.part == 0]
    else:
        assert any(note.part == 1 for note in both)


def test_same_piece_same_notes_in_every_process():
    code = (
        "import hashlib;from riffkit.compose.pieces.drawing import compose;"
        "from riffkit.compose.pieces.writing import notes;"
        "print(hashlib.sha256(repr([(compose(s), notes(compose(s))) for s in range(60)]).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_a_note_shows_what_it_is():
    assert Note(0.0, 1.0, 0, 60, 80).bend == ()
