"""Captions say nothing that is not true of a piece, and in the long run they say all that the lexicon holds."""

import random
import re

import pytest

from riffkit.compose.lexicon import captions
from riffkit.compose.lexicon.captions import caption, is_true_of, noisy_caption
from riffkit.compose.lexicon.entries import SILENT, is_true, lexicon
from riffkit.compose.lexicon.phrasing import bpm_said, key_said, speeds
from riffkit.compose.lexicon.rules import beats_of
from riffkit.compose.lexicon.understanding import understand
from riffkit.compose.lexicon.vocabulary import groups, vocabulary
from riffkit.compose.pieces.corpora import NARROW, WIDE
from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.facts import FACTS, facts_of
from riffkit.compose.pieces.harmony import SCALES
from riffkit.compose.pieces.piece import BEATS
from riffkit.compose.sounding.instruments import HELD_BACK

PIECES = [compose(seed) for seed in range(300)]


@pytest.fixture
def rng():
    return random.Random(20)


@pytest.mark.parametrize("thorough", [False, True])
def test_all_that_is_understood_of_a_caption_is_true_of_the_piece(rng, thorough):
    for piece in PIECES:
        facts = facts_of(piece)
        words = caption(piece, rng, thorough=thorough)
        for span in understand(words).spans:
            for group in span.groups:
                assert any(is_true(fact, facts) for fact in group), (words, span)


def test_what_is_said_is_understood(rng, monkeypatch):
    said = []

    def remembering(slot, fact, facts, rng, **options):
        words = say(slot, fact, facts, rng, **options)
        if words and fact.startswith(("instrument ", "genre ")):
            said.append((words, fact))
        return words

    say = captions.say
    monkeypatch.setattr(captions, "say", remembering)
    heard = []
    for piece in PIECES:
        said.clear()
        words = caption(piece, rng)
        facts = understand(words).facts
        heard += [fact in facts for phrase, fact in said if re.search(rf"\b{re.escape(phrase)}\b", words)]
    assert len(heard) > 300
    assert sum(heard) / len(heard) >= 0.97


def test_captions_are_as_long_as_what_people_type(rng):
    lengths = [len(caption(piece, rng).split()) for piece in PIECES]
    assert min(lengths) == 1 and max(lengths) <= 30
    assert 5 <= sum(lengths) / len(lengths) <= 10
    assert max(len(caption(piece, rng, thorough=True).split()) for piece in PIECES) <= 60


def test_the_same_seed_gives_the_same_words_and_another_one_others():
    first, second, third = (
        [caption(piece, random.Random(seed)) for piece in PIECES[:40]] for seed in ("one", "one", "two")
    )
    assert first == second
    assert sum(one != other for one, other in zip(first, third, strict=True)) > 35


def test_noise_changes_few_words_and_breaks_nothing(rng):
    for piece in PIECES:
        words = noisy_caption(piece, rng)
        assert words and words == words.lower()
        understand(words)


def test_the_timbres_that_are_held_back_are_never_named(rng):
    words = " ".join(caption(piece, rng, thorough=True) for piece in PIECES)
    assert not any(name in words for name in HELD_BACK)


def test_every_entry_can_be_said_of_some_piece():
    """Of nearly every entry: a few ask for meetings that are rarer than one piece in a few thousand."""
    facts = [facts_of(compose(seed)) for seed in range(2500)]
    said = [entry for entry in lexicon().values() if entry.kind not in SILENT]
    never = [entry.words for entry in said if not any(entry.holds(one) for one in facts)]
    assert len(never) / len(said) < 0.005, never


@pytest.mark.slow
def test_rare_words_are_met_in_the_long_run(rng):
    met = set()
    for seed in range(12_000):
        met |= {span.known for span in understand.__wrapped__(caption(compose(seed), rng)).spans}
    assert len(met & set(lexicon())) > 6000


def test_a_tempo_in_numbers_is_heard_as_the_beats_it_was_said_of(rng):
    for beats in BEATS:
        assert all(beats_of(bpm) == beats for bpm in speeds(beats))
        for _ in range(20):
            assert f"beats {beats}" in understand(bpm_said(beats, rng)).facts


def test_a_key_is_heard_as_it_was_said(rng):
    for key in range(12):
        for scale in SCALES:
            facts = {f"key {key}", f"scale {scale}", f"mood {SCALES[scale].mood}"}
            for _ in range(4):
                words = key_said(key, scale, rng)
                assert f"key {key}" in understand(words).facts, words
                assert is_true_of(words, facts), (words, scale)


def test_a_narrow_corpus_is_told_in_fewer_words():
    narrow, wide = groups(NARROW), groups(WIDE)
    assert set(narrow) <= set(wide) and all(set(narrow[kind]) <= set(wide[kind]) for kind in narrow)
    assert "sitar" in wide["instruments"] and "sitar" not in narrow["instruments"]
    assert sum(map(len, groups(WIDE, rarity=0).values())) < sum(map(len, wide.values())) / 3
    assert set(vocabulary(NARROW)) < set(vocabulary(WIDE))
    assert len(FACTS) > 500


def test_captions_are_made_of_the_vocabulary(rng):
    known = set(vocabulary(WIDE))
    for piece in PIECES:
        words = re.sub(r"(\d)bpm", r"\1 bpm", caption(piece, rng)).replace(",", " ").replace("+", " ").split()
        assert set(words) <= known, set(words) - known
