"""Guesses about new words: slips are near, other words are far, and what is known is never guessed at."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riffkit.compose.lexicon.entries import SILENT, lexicon
from riffkit.compose.lexicon.guessing import ENDINGS, guess
from riffkit.compose.lexicon.letters import compared, known_tokens
from riffkit.compose.lexicon.likeness import distance, one_slip_away
from riffkit.compose.lexicon.slips import slipped
from riffkit.compose.lexicon.spelling import american, bases, singular
from riffkit.compose.lexicon.understanding import understand

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_distance_is_symmetric_and_nothing_only_between_equals(one, other):
    there, back = distance(one, other, 20), distance(other, one, 20)
    assert there == pytest.approx(back)
    assert (there == 0) == (one == other)


@pytest.mark.parametrize(
    ("slip", "word"), [("guitarr", "guitar"), ("giutar", "guitar"), ("guitr", "guitar"), ("guotar", "guitar")]
)
def test_one_slip_costs_less_than_a_letter(slip, word):
    assert 0 < distance(slip, word) < 1
    assert word in one_slip_away(slip)


def test_common_words_are_not_taken_for_slips():
    for word in "price policy selling factory switch evening region yesterday company because children".split():
        assert guess(word).reading != "spelled" or word in lexicon(), (word, guess(word))


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("jazziest", "jazzy"),
        ("bluesish", "blues"),
        ("drumming", "drumming"),
        ("harpcore", "harp"),
        ("fluteloop", "flute"),
        ("banjotronica", "banjo"),
        ("gothikwave", "synthwave"),
        ("percussoinist", "percussionist"),
    ],
)
def test_new_words_lead_to_known_ones(word, known):
    facts = set(understand(known).facts)
    assert facts & set(understand(word).facts), (word, understand(word))


def test_endings_lead_to_words_of_the_lexicon():
    for ending, words in ENDINGS.items():
        assert any(word in lexicon() and lexicon()[word].groups for word in words), ending


def test_what_stands_in_the_lexicon_is_compared_with():
    assert known_tokens() <= compared()
    assert {"hiphop", "electricpiano"} <= compared()


@pytest.mark.parametrize(
    ("plural", "word"),
    [("pianos", "piano"), ("harmonies", "harmony"), ("brushes", "brush"), ("bass", "bass"), ("ostinatos", "ostinato")],
)
def test_regular_plurals(plural, word):
    assert singular(plural) == word


def test_british_words_are_spelled_the_american_way():
    for british, word in {
        "colourful": "colorful",
        "theatre": "theater",
        "grey": "gray",
        "harmonise": "harmonize",
    }.items():
        assert american(british) == american(word) == word
    assert american("four") == "four" and american("hour") == "hour"


def test_bases_come_from_endings_only():
    assert "blues" in bases("bluesy") and "drum" in bases("drumming") and "slow" in bases("slowly")
    assert bases("xyz") == []


@given(st.integers())
def test_a_slip_leaves_the_other_words_alone(seed):
    words = "slow harmonica with tambourine"
    changed = slipped(words, random.Random(seed)).split()
    assert sum(word in changed for word in words.split()) >= 3
    assert len(changed) <= 7


def test_words_that_say_nothing_say_nothing():
    for entry in lexicon().values():
        assert bool(entry.groups) != (entry.kind in SILENT), entry
