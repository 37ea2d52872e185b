"""Weights in prompts, quickly and in bounds; and a word about what other programs would not take for words."""

import math
import time

import pytest
import torch

from riffkit.models.emphasis import DEEPEST, check_prompt, escape, foreign_syntax, parse_prompt
from riffkit.models.prompt import embed_prompt


@pytest.mark.parametrize(
    "prompt",
    ["(a)" * 12_000, "(" * 12_000, "(" * 12_000 + "a" + ")" * 12_000, "[" * 90 + "a" * 99_000 + "]" * 90, "a:" * 40_000]
    + ["[()" * 12_000, "()" * 40_000, "(:1)" * 20_000, "\\" * 90_000, "[a:" * 20_000, "<lora:" * 10_000],
    ids=lambda prompt: prompt[:4] + str(len(prompt)),
)
def test_a_prompt_of_brackets_takes_no_longer_than_one_of_words(prompt):
    began = time.process_time()
    try:
        assert all(math.isfinite(weight) for _, weight in parse_prompt(prompt))
    except ValueError as error:
        assert len(str(error)) < 500
    foreign_syntax(prompt)
    assert time.process_time() - began < 3, "it was ten seconds for 12,000 brackets"


def test_nested_weights_stay_numbers(mini):
    for prompt, position in (("((((((a:10):10):10):10):10):10)", 1), ("(" * 99 + "a" + ")" * 99, 2)):
        with pytest.raises(ValueError, match=rf"position {position}: .* multiply to more than 10000"):
            parse_prompt(prompt)
    with pytest.raises(ValueError, match=f"more than {DEEPEST} brackets"):
        parse_prompt("[" * 101 + "a" + "]" * 101)
    assert parse_prompt("((((a:10):10):10):10)") == [("a", 1e4)]
    quiet = parse_prompt("[" * 100 + "a" + "]" * 100)
    assert torch.isfinite(embed_prompt(mini.checkpoint, "((((a:10):10):10):10)")).all() and quiet[0][1] > 0


def test_a_cut_letter_is_refused_where_it_stands(mini):
    for prompt in ("bells \ud83d", "\udcff.wav"):
        with pytest.raises(ValueError, match=r"position \d: .* is half a letter"):
            check_prompt(prompt)
        with pytest.raises(ValueError, match="half a letter"):
            embed_prompt(mini.checkpoint, prompt)
    check_prompt("bells \U0001f514 \u2028 \x00")


def test_a_prompt_without_end_is_refused_by_its_length():
    with pytest.raises(ValueError, match="100001 letters, expected up to 100000"):
        check_prompt("a" * 100_001)


@pytest.mark.parametrize(
    ("prompt", "names", "does"),
    [
        ("bells <lora:funk_v2:0.8>", "<lora:funk_v2:0.8>", "with_lora"),
        ("<lyco:x>", "<lyco:x>", "with_lora"),
        ("bells AND drums", "AND", "interpolate"),
        ("bells BREAK drums", "BREAK", "cut by themselves"),
        ("[bells:drums:0.5]", "[bells:drums:0.5]", "story"),
        ("[bells|drums]", "[bells|drums]", "interpolate"),
    ],
)
def test_what_other_programs_understand_is_said_to_be_words(prompt, names, does):
    told = foreign_syntax(prompt)
    assert list(told) == [names] and does in told[names]
    assert parse_prompt(prompt), "and nothing is refused for it"


@pytest.mark.parametrize(
    "prompt", ["rock and roll", "[quiet] bells", "4:4 [beat]", "R AND B"[2:3], "BRAND new", "a < b"]
)
def test_plain_words_are_no_foreign_syntax(prompt):
    assert foreign_syntax(prompt) == {}


def test_escaped_text_is_taken_as_it_stands():
    text = r"a (b [c\\ :1.2) ]] ("
    assert parse_prompt(escape(text)) == [(text, 1.0)]
