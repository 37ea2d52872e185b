"""A model is asked only for what its prompt says, and what is asked is true of the piece that is played beside it."""

import pytest

from benchmarks.judging.questions import QUESTIONS, alone, asked_of, named_in, true_of
from benchmarks.trial.prompts import aimed_prompts, effect_prompts, held_out_prompts, names_alone
from riffkit.compose.lexicon.captions import is_true_of
from riffkit.compose.pieces.drawing import WIDE, compose
from riffkit.compose.pieces.facts import facts_of

PROMPTS = held_out_prompts(120)


def test_held_out_prompts_are_true_and_of_combinations_kept_from_training():
    for prompt in PROMPTS:
        assert prompt.piece.held_out and is_true_of(prompt.words, facts_of(prompt.piece))


def test_what_is_asked_is_true_of_the_piece_and_an_option():
    asked = [(prompt, row, right) for prompt in PROMPTS for row, right in prompt.asks.items()]
    assert {row for _, row, _ in asked} >= {"instrument", "genre", "tempo", "root", "mood", "drums", "side"}
    for prompt, row, right in asked:
        assert right <= set(QUESTIONS[row].options)
        assert right & true_of(prompt.piece) or row == "family", (prompt.words, row, right)


def test_players_are_asked_by_name_of_solos_only_and_among_others_as_named():
    for prompt in PROMPTS:
        if alone(prompt.piece) != "soloist":
            assert not {"instrument", "family", "register"} & set(prompt.asks)
        assert prompt.named <= facts_of(prompt.piece)
        assert not (prompt.named and alone(prompt.piece))


def test_a_caption_is_asked_only_for_what_it_says():
    piece = next(p for p in map(compose, range(500)) if alone(p) == "soloist" and p.parts[0].instrument == "oboe")
    assert set(asked_of(piece, "oboe")) == {"instrument", "family"}
    assert asked_of(piece, "music") == {}
    said = asked_of(piece, f"oboe, {round(piece.bpm)} bpm")
    assert said["beats"] == {f"beats {piece.beats}"} and said["tempo"] == {f"tempo {piece.tempo}"}
    assert named_in(piece, "oboe") == frozenset()


@pytest.mark.parametrize("kind", ["genre", "instrument", "percussion", "sound"])
def test_every_name_is_asked_for_alone(kind):
    prompts = names_alone(kind)
    tables = {"genre": WIDE.genres, "instrument": WIDE.instruments, "percussion": WIDE.percussion, "sound": WIDE.sounds}
    assert {prompt.words.removeprefix("solo ") for prompt in prompts} == set(tables[kind])
    assert all(prompt.asks[kind] & facts_of(prompt.piece) for prompt in prompts)


def test_aimed_prompts_say_each_option_as_often():
    sides = aimed_prompts("side", 2)
    assert [sum(right <= prompt.asks["side"] for prompt in sides) for right in ({"side left"}, {"side wide"})] == [2, 2]
    effects = effect_prompts(1)
    assert len({prompt.piece.effects for prompt in effects}) == len(QUESTIONS["effect"].options)
    assert all(f"effect {prompt.piece.effects[0]}" in prompt.asks["effect"] for prompt in effects)
