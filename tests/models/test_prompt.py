from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import riffkit
from riffkit.models.prompt import embed_prompt, equal_length, nearest_word, parse_prompt, unknown_words


@pytest.mark.parametrize(
    ("prompt", "fragments"),
    [
        ("", [("", 1.0)]),
        ("church bells", [("church bells", 1.0)]),
        ("(loud) bells", [("loud", 1.1), (" bells", 1.0)]),
        ("(loud:1.5) bells", [("loud", 1.5), (" bells", 1.0)]),
        ("[quiet]", [("quiet", 1 / 1.1)]),
        ("((a) b:2)", [("a", 2.2), (" b", 2.0)]),
        (r"piano \(live\)", [("piano (live)", 1.0)]),
        ("4:4 beat", [("4:4 beat", 1.0)]),
        (r"(a\:b)", [("a:b", 1.1)]),
    ],
)
def test_weights_are_read(prompt, fragments):
    assert [(text, pytest.approx(weight)) for text, weight in fragments] == parse_prompt(prompt)


@pytest.mark.parametrize(
    ("prompt", "position"),
    [("a (b", 2), ("a) b", 1), ("(a]", 2), ("(a:1.2.3)", 3), ("(a:.)", 3), ("(a:)", 3), ("(a:1", 2), ("(a:99)", 3)],
)
def test_syntax_errors_point_at_the_position(prompt, position):
    with pytest.raises(ValueError, match=f"position {position}:") as error:
        parse_prompt(prompt)
    assert str(error.value).splitlines()[-1].index("^") == 2 + position


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_as_a_value_error(prompt):
    try:
        fragments = parse_prompt(prompt)
    except ValueError:
        return
    assert all(isinstance(text, str) and weight >= 0 for text, weight in fragments)


@given(st.text(alphabet=st.characters(blacklist_characters="()[]\\"), max_size=40))
def test_text_without_brackets_is_one_fragment_as_it_stands(prompt):
    expected = prompt if prompt.strip() else ""
    assert parse_prompt(prompt) == [(expected, 1.0)]


def test_weight_one_changes_no_bit_and_weight_zero_unsays_the_word(toy):
    plain = embed_prompt(toy.checkpoint, "church bells")
    assert torch.equal(embed_prompt(toy.checkpoint, "(church bells:1)"), plain)
    unsaid = embed_prompt(toy.checkpoint, "(church bells:0)")
    empty = embed_prompt(toy.checkpoint, "")
    tokens = len(toy.checkpoint.tokenizer("church bells", add_special_tokens=False).input_ids)
    assert torch.allclose(unsaid[:, 1 : 1 + tokens], empty[:, 1 : 1 + tokens], atol=1e-6)
    assert not torch.allclose(plain[:, 1 : 1 + tokens], empty[:, 1 : 1 + tokens], atol=1e-2)


def test_long_prompts_stand_in_chunks_and_every_word_counts(toy):
    length = toy.checkpoint.tokenizer.model_max_length
    long = "piano and drums and " * 8
    embedding = embed_prompt(toy.checkpoint, long + "jazz")
    assert embedding.shape[1] > length and embedding.shape[1] % length == 0
    assert not torch.equal(embedding, embed_prompt(toy.checkpoint, long + "techno"))


def test_equal_length_appends_empty_prompts(toy):
    short, long = embed_prompt(toy.checkpoint, "jazz"), embed_prompt(toy.checkpoint, "piano and drums " * 9)
    a, b = equal_length(toy.checkpoint, short, long)
    assert a.shape == b.shape and torch.equal(b, long) and torch.equal(a[:, : short.shape[1]], short)


def test_unknown_words_are_named_once_at_the_users_line(toy, recwarn):
    assert unknown_words("A (zither:1.2), a drum's zither", {"a", "drum's"}) == ["zither"]
    assert unknown_words("lo-fi hip-hop, 120 bpm", {"lo-fi", "hip", "bpm"}) == ["hop", "120"]
    riffer = riffkit.Riffer(replace(toy.checkpoint, vocabulary=frozenset({"piano", "choir", "saxophone"})))
    for _ in range(2):
        riffer.riff("piano zither, (choirboys)", num_inference_steps=1)
    named = [warning for warning in recwarn.list if "never met" in str(warning.message)]
    assert len(named) == 1 and named[0].filename == __file__
    assert "'zither', 'choirboys' (near it: 'choir')" in str(named[0].message)
    assert riffer.vocabulary == ["choir", "piano", "saxophone"] and toy.vocabulary is None


@pytest.mark.parametrize(
    ("word", "near"),
    [("violinist", "violin"), ("violas", "viola"), ("saxofone", "saxophone"), ("ukulele", None), ("a", None)],
)
def test_near_words_are_near_in_spelling_only(word, near):
    assert nearest_word(word, {"violin", "viola", "drums", "saxophone", "ups"}) == near
