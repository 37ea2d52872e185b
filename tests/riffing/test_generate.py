"""Laws of riffs and stories from words, on toy checkpoints with random weights."""

import numpy as np
import pytest
from toys import FEW, pixels, same

from riffkit.riffing.riff import Riff


def test_one_seed_repeats_and_two_differ(toy, bells):
    assert same(toy.riff("church bells", 3, **FEW), bells)
    assert not np.array_equal(pixels(toy.riff("church bells", 4, **FEW)), pixels(bells))
    assert not np.array_equal(pixels(toy.riff("techno", 3, **FEW)), pixels(bells))


def test_lists_give_each_what_it_gives_alone(toy, bells):
    riffs = toy.riff(["church bells", "techno"], [3, 4], **FEW)
    assert same(riffs[0], bells) and same(riffs[1], toy.riff("techno", 4, **FEW))
    assert len(toy.riff("techno", [1, 2, 3], **FEW)) == 3
    with pytest.raises(ValueError, match="2 prompts and 3 seeds"):
        toy.riff(["a", "b"], [1, 2, 3])


@pytest.mark.parametrize("seconds", [0.2, 1.28, 3.0, 7.0])
def test_durations_are_met(toy, seconds):
    riff = toy.riff("a", duration=seconds, **FEW)
    assert abs(riff.clip.duration - seconds) <= 0.01
    assert abs(riff.image.width - seconds * 100) <= 1


def test_loops_are_exact_and_bars_fit(toy):
    assert toy.riff("a", loop=True, duration=2.37, **FEW).clip.duration == pytest.approx(2.37, abs=1e-6)
    bars = toy.riff("a", loop=True, bars=2, bpm=120, **FEW)
    assert bars.clip.duration == pytest.approx(4.0, abs=1e-6) and bars.image.width == 400
    with pytest.raises(ValueError, match="loop=True"):
        toy.riff("a", bars=2, bpm=120)


def test_a_story_of_one_chapter_is_a_riff(toy):
    story = toy.story([(0, "jazz")], 3, seed=2, **FEW)
    assert np.array_equal(pixels(story), pixels(toy.riff("jazz", 2, duration=3, **FEW)))


@pytest.mark.slow
def test_a_story_begins_and_ends_with_its_own_words(mini):
    story = mini.story([(0, "jazz"), (4, "techno")], 8, transition=0.5, **FEW)
    jazz, techno = (mini.riff(words, duration=8, **FEW) for words in ("jazz", "techno"))
    assert np.array_equal(pixels(story)[:, :32], pixels(jazz)[:, :32])
    assert not np.array_equal(pixels(story)[:, -32:], pixels(jazz)[:, -32:])
    assert (
        np.abs(pixels(story)[:, -32:].astype(int) - pixels(techno)[:, -32:]).mean()
        < np.abs(pixels(story)[:, -32:].astype(int) - pixels(jazz)[:, -32:]).mean()
    )


@pytest.mark.parametrize("chapters", [[], [(1, "a")], [(0, "a"), (0, "b")], [(0, "a"), (9, "b")], "words", [3]])
def test_stories_that_make_no_sense_are_refused(toy, chapters):
    with pytest.raises(ValueError, match="chapter|story"):
        toy.story(chapters, 5)


def test_words_that_are_no_words_are_refused(mini):
    with pytest.raises(TypeError, match="prompt is int"):
        mini.riff(3)
    assert mini.riff("", **FEW).clip.peak() >= 0


def test_a_riff_shows_itself_as_a_figure_with_sound(bells):
    html = bells._repr_mimebundle_()["text/html"]
    assert "data:image/webp" in html and "data:audio/mpeg" in html and "church bells" in html and "<script" not in html
    assert f'alt="Spectrogram: church bells, {bells.clip.duration:.1f} s"' in html
    markup = Riff(bells.image, {"operation": "riff", "arguments": {"prompt": '"><i>x</i>'}}, bells.clip)
    assert 'alt="Spectrogram: &quot;&gt;&lt;i&gt;x&lt;/i&gt;, ' in markup._repr_mimebundle_()["text/html"]


def test_nan_from_the_model_is_an_error_not_a_black_picture(mini, monkeypatch):
    vae = mini.checkpoint.vae
    bias = vae.decoder.conv_out.bias.data.clone()
    vae.decoder.conv_out.bias.data[:] = float("nan")
    try:
        with pytest.raises(FloatingPointError, match="float32"):
            mini.riff("a", **FEW)
    finally:
        vae.decoder.conv_out.bias.data[:] = bias
