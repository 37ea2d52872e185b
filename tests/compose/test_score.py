"""Laws of the composer and its captions."""

import random

import pytest

from riffkit.compose.arrange import DRUM_CHANNEL, notes
from riffkit.compose.captions import (
    ARTICULATION_WORDS,
    BPM_RANGES,
    EXTRA_WORDS,
    KEY_NAMES,
    TEMPO_WORDS,
    TEXTURE_WORDS,
    caption,
    noisy_caption,
    vocabulary,
)
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import DRUM_PATTERNS, FAMILIES, INSTRUMENTS, KITS
from riffkit.compose.score import EVERYTHING, LOOP_SECONDS, NARROW, SCALES, TEMPI, WIDE, compose

SEEDS = range(400)


@pytest.fixture(scope="module", params=[WIDE, NARROW], ids=["wide", "narrow"])
def pieces(request):
    return [compose(seed, request.param) for seed in SEEDS]


def test_same_seed_same_notes():
    for seed in range(50):
        assert compose(seed) == compose(seed)
        assert notes(compose(seed)) == notes(compose(seed))
    assert len({compose(seed) for seed in range(50)}) == 50


def test_tables_are_consistent():
    assert len(INSTRUMENTS) >= 40
    assert {instrument.family for instrument in INSTRUMENTS.values()} == set(FAMILIES)
    for genre in GENRES.values():
        assert set(genre.tempi) <= set(TEMPI) and set(genre.kits) <= set(KITS)
        assert set(genre.patterns) <= set(DRUM_PATTERNS)
        assert bool(genre.patterns) == bool(genre.kits)
        for _, choices in genre.parts:
            assert set(choices) <= set(INSTRUMENTS)
    for lines in DRUM_PATTERNS.values():
        assert len({len(line) for line in lines.values()}) == 1


def test_loops_hold_whole_beats_and_512_columns(pieces):
    assert round(LOOP_SECONDS * 44100) == 512 * 441
    for piece in pieces:
        assert (piece.beats, piece.beats_per_bar) in TEMPI[piece.tempo]
        assert piece.beats % piece.beats_per_bar == 0


def test_notes_are_playable_and_inside_the_loop(pieces):
    for piece in pieces:
        written = notes(piece)
        assert written
        for note in written:
            assert 0 <= note.start < piece.beats
            assert note.duration > 0 and 1 <= note.velocity <= 127
            if note.channel != DRUM_CHANNEL:
                instrument = INSTRUMENTS[piece.parts[note.channel].instrument]
                assert instrument.low <= note.pitch <= instrument.high


def test_notes_stay_on_the_scale(pieces):
    for piece in pieces:
        scale = {(piece.key + step) % 12 for step in SCALES[piece.mode]}
        assert {note.pitch % 12 for note in notes(piece) if note.channel != DRUM_CHANNEL} <= scale


def test_drums_sound_exactly_where_a_pattern_says(pieces):
    for piece in pieces:
        assert any(note.channel == DRUM_CHANNEL for note in notes(piece)) == (piece.pattern is not None)
        assert (piece.kit is None) == (piece.pattern is None)


def test_the_narrow_corpus_keeps_its_limits():
    for seed in SEEDS:
        piece = compose(seed, NARROW)
        assert len(piece.parts) <= NARROW.max_parts and piece.beats == 8 and piece.key in NARROW.keys
        assert {part.instrument for part in piece.parts} <= set(NARROW.instruments)


def test_all_instruments_and_genres_are_drawn():
    drawn = [compose(seed, EVERYTHING) for seed in range(4000)]
    assert {part.instrument for piece in drawn for part in piece.parts} == set(INSTRUMENTS)
    assert {piece.genre for piece in drawn} == {*GENRES, None}


def test_some_combinations_are_kept_from_training(pieces):
    assert not any(piece.held_out for piece in pieces)
    kept = [compose(seed, held_out=True) for seed in range(20)]
    assert all(piece.held_out for piece in kept)
    # What is kept back are combinations: the instruments themselves are all met in training.
    assert {p.instrument for piece in kept for p in piece.parts} <= set(WIDE.instruments)


def test_numbers_of_beats_have_one_nearest_tempo():
    ranges = sorted(BPM_RANGES.values())
    assert all(last + 1 == first for (_, last), (first, _) in zip(ranges, ranges[1:], strict=False))


def test_captions_are_true(pieces):
    rng = random.Random(0)
    for piece in pieces:
        words = f" {caption(piece, rng)} "
        assert words.strip() == words.strip().lower() and len(words.split()) <= 30
        if "no drums" in words or "without drums" in words or "drumless" in words:
            assert piece.pattern is None
        if " no bass " in words or "without bass" in words:
            assert "bass" not in piece.families
        for texture, said in TEXTURE_WORDS.items():
            assert piece.texture == texture or not any(f" {phrase} " in words for phrase in said)
        for articulation, said in ARTICULATION_WORDS.items():
            assert piece.articulation == articulation or not any(f" {phrase} " in words for phrase in said)
        if " bpm" in words:
            stated = float(words.split(" bpm")[0].split()[-1])
            first, last = BPM_RANGES.get(piece.tempo, (1, 0))
            assert abs(stated - piece.bpm) < 1 or first <= stated <= last
        if "in a minor key" in words or " sad " in words:
            assert piece.mode == "minor"
        for name in ("violin", "trumpet", "marimba", "harp", "flute", "sitar", "tuba"):
            if f" {name} " in words and not ("pan flute" in words or "blues harp" in words):
                assert name in {part.instrument for part in piece.parts}


def test_extra_words_say_nothing_about_the_music():
    names = [name for genre in GENRES.values() for name in genre.names]
    names += [name for instrument in INSTRUMENTS.values() for name in instrument.names]
    names += [name for _, kit in KITS.values() for name in kit]
    meaning = {word for name in names for word in name.split()} - {"music", "the", "and", "sound"}
    assert set(EXTRA_WORDS) & meaning == set()


def test_a_thorough_caption_says_the_key_and_the_tempo(pieces):
    for piece in pieces[:60]:
        words = caption(piece, random.Random(0), thorough=True)
        assert not piece.parts or any(f"{name} {piece.mode}" in words for name in KEY_NAMES[piece.key])
        assert " bpm" in f" {words}" or any(phrase in words for phrase in TEMPO_WORDS[piece.tempo])


def test_captions_name_something_always(pieces):
    rng = random.Random(1)
    assert all(caption(piece, rng) for piece in pieces)


def test_same_state_same_caption_and_many_paraphrases():
    piece = compose(3)
    assert caption(piece, random.Random(5)) == caption(piece, random.Random(5))
    assert len({caption(piece, random.Random(seed)) for seed in range(50)}) > 15


@pytest.mark.parametrize("corpus", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_vocabulary_covers_captions(corpus):
    known = set(vocabulary(corpus))
    rng = random.Random(2)
    for seed in SEEDS:
        assert {word.strip(",") for word in caption(compose(seed, corpus), rng).split()} <= known
        assert noisy_caption(compose(seed, corpus), rng)


def test_the_narrow_vocabulary_promises_no_more_than_it_knows():
    assert "tuba" in vocabulary(WIDE) and "tuba" not in vocabulary(NARROW)
    assert "sitar" in vocabulary(EVERYTHING) and "sitar" not in vocabulary(WIDE)
    assert set(vocabulary(NARROW)) < set(vocabulary(WIDE)) < set(vocabulary(EVERYTHING))
