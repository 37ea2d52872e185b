import numpy as np
import pytest
import torch

from riffkit.riffing.attention import prompt_words, recording, word_maps

FEW = {"num_inference_steps": 3, "quality": "fast"}
PROMPT = "(church:1.3) bells and slow piano"
WORDS = ["church", "bells", "and", "slow", "piano"]


def pixels(riff):
    return np.asarray(riff.image)


def test_attention_is_shared_out_whole(toy):
    riff = toy.riff(PROMPT, 1, **FEW)
    maps = word_maps(riff, toy)
    assert maps.words == WORDS
    assert maps.maps.shape == (5, toy.checkpoint.rows, toy.checkpoint.window)
    assert np.allclose(maps.maps.sum(0) + maps.rest, 1, atol=1e-5)
    assert np.allclose(maps.shares.sum(0), 1, atol=1e-5)
    assert maps.maps.min() >= 0 and maps.rest.min() > 0


def test_recording_changes_no_bit_and_is_taken_off_again(toy):
    before = dict(toy.checkpoint.unet.attn_processors)
    plain = toy.riff(PROMPT, 1, **FEW)
    with recording(toy.checkpoint, [[1], [2, 3]]) as record:
        recorded = toy.riff(PROMPT, 1, **FEW)
        assert any(toy.checkpoint.unet.attn_processors[name] is not before[name] for name in before)
    assert np.array_equal(pixels(plain), pixels(recorded))
    assert np.array_equal(plain.clip.samples, recorded.clip.samples)
    assert all(toy.checkpoint.unet.attn_processors[name] is before[name] for name in before)
    assert len(record.calls) == 3


def test_processors_are_back_after_an_error_too(mini):
    before = dict(mini.checkpoint.unet.attn_processors)
    with pytest.raises(ZeroDivisionError), recording(mini.checkpoint, [[1]]):
        raise ZeroDivisionError
    assert mini.checkpoint.unet.attn_processors == before


def test_a_token_that_all_attend_to_gets_all(mini):
    """Keys of a layer that point the way of all queries for one token only."""
    with recording(mini.checkpoint, [[0], [1, 2]]) as record:
        layers = record.layers
        for _ in range(layers):
            attention = torch.zeros(16, 8)
            attention[:, 2] = 1
            record.add(attention)
    seen = record.over(mini.checkpoint.window)
    assert np.allclose(seen[0], 0) and np.allclose(seen[1], 1)
    assert record.sizes == [(4, 4)]


@pytest.mark.parametrize(
    "options", [{"duration": 2.5}, {"duration": 0.5, "loop": True}, {"duration": 2.0, "loop": True}]
)
def test_longer_pieces_and_loops_are_covered_whole(mini, options):
    riff = mini.riff("piano and drums", 2, num_inference_steps=4, quality="fast", **options)
    maps = word_maps(riff, mini)
    assert np.isfinite(maps.maps).all()
    assert np.allclose(maps.maps.sum(0) + maps.rest, 1, atol=1e-5)
    drawn = maps.at_size(maps.maps[0], *riff.image.size)
    assert drawn.shape == (riff.image.height, riff.image.width)


def test_words_find_their_places_in_the_embedding(toy):
    tokenizer = toy.checkpoint.tokenizer
    room = tokenizer.model_max_length - 2
    words = prompt_words(tokenizer, "Slow [jazz], piano xyz " + "drums " * room)
    assert [word for word, _ in words[:5]] == ["slow", "jazz", ",", "piano", "xyz"]
    assert words[0][1] == [1] and words[4][1] == [5, 6, 7]  # spelled: three tokens
    places = [place for _, places in words for place in places]
    assert len(set(places)) == len(places) and not {p % (room + 2) for p in places} & {0, room + 1}
    assert prompt_words(tokenizer, "") == []


def test_what_has_no_one_prompt_is_refused(mini):
    story = mini.story([(0, "piano"), (0.5, "drums")], 1.2, **FEW)
    with pytest.raises(ValueError, match="one prompt"):
        word_maps(story, mini)
    with pytest.raises(ValueError, match="no words"):
        word_maps(mini.riff("", **FEW), mini)
    with pytest.raises(ValueError, match="no steps"):
        word_maps(mini.vary(mini.riff("piano", **FEW), "drums", strength=0, **FEW), mini)
