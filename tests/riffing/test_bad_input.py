"""What cannot be done is refused before any work: with the value, what was expected, and the way out."""

import numpy as np
import pytest
from PIL import Image

import riffkit

CLIP = riffkit.Clip(0.1 * np.sin(np.arange(44100) / 10), 44100)
NAN = float("nan")


def wide(seconds):
    return Image.new("RGB", (seconds * 100, 128), "white")


BAD = {
    # words
    "prompt is int": lambda r: r.riff(3),
    "prompt is list, expected str": lambda r: r.vary(CLIP, ["jazz", "funk"]),
    "position 5": lambda r: r.inpaint(CLIP, [(0.2, 0.4)], "jazz (piano"),
    "2 prompts and 3 seeds": lambda r: r.riff(["a", "b"], [1, 2, 3]),
    "0 prompts and 0 seeds": lambda r: r.riff([], []),
    "0 prompts": lambda r: r.riff([]),
    # numbers that every way to riff takes
    "seed is 1.5": lambda r: r.vary(CLIP, seed=1.5),
    "seed is -1": lambda r: r.riff("a", [1, -1]),
    "seed is True": lambda r: r.extend(CLIP, seed=True),
    "num_inference_steps is 0": lambda r: r.vary(CLIP, num_inference_steps=0),
    "num_inference_steps is 1000000": lambda r: r.interpolate("a", "b", num_inference_steps=10**6),
    "num_inference_steps is 2.5": lambda r: r.story([(0, "a")], 2, num_inference_steps=2.5),
    "num_inference_steps is True": lambda r: r.riff("a", num_inference_steps=True),
    "num_inference_steps is '20'": lambda r: r.walk(["a", "b"], duration=3, num_inference_steps="20"),
    "guidance_scale is nan": lambda r: r.riff("a", guidance_scale=NAN),
    "guidance_scale is '4'": lambda r: r.vary(CLIP, guidance_scale="4"),
    "guidance_scale is 1000": lambda r: r.interpolate("a", "b", guidance_scale=(4, 1000)),
    "scheduler 'heun' is none of dpm": lambda r: r.inpaint(CLIP, [(0.2, 0.4)], scheduler="heun"),
    "lcm takes 1..50": lambda r: r.riff("a", scheduler="lcm", num_inference_steps=60),
    "quality is 'perfect'": lambda r: r.extend(CLIP, quality="perfect"),
    # strength
    "strength is 1.1": lambda r: r.vary(CLIP, strength=1.1),
    "strength is -0.1": lambda r: r.inpaint(CLIP, [(0.2, 0.4)], strength=-0.1),
    "strength is nan": lambda r: r.vary(CLIP, strength=NAN),
    "strength is 'half'": lambda r: r.vary(CLIP, strength="half"),
    "strength is 2": lambda r: r.interpolate(CLIP, "a", strength=2),
    # lengths
    "duration is 0": lambda r: r.riff("a", duration=0),
    "duration is -3": lambda r: r.story([(0, "a")], -3),
    "up to 600": lambda r: r.riff("a", duration=601),
    "duration is nan": lambda r: r.walk(["a", "b"], duration=NAN),
    "duration is inf": lambda r: r.interpolate("a", "b", duration=float("inf")),
    "duration is '5'": lambda r: r.riff("a", duration="5"),
    "duration is 0,": lambda r: r.extend(CLIP, duration=0),
    "duration is -1,": lambda r: r.extend(CLIP, duration=-1),
    "the extended length is 601": lambda r: r.extend(wide(600), duration=1),
    "the source's length is 601": lambda r: r.vary(wide(601)),
    "recordings have their own": lambda r: r.interpolate(CLIP, "a", duration=5),
    # masks
    "mask goes from nan": lambda r: r.inpaint(CLIP, np.full((4, 4), NAN)),
    "mask goes from 0 to 3": lambda r: r.inpaint(CLIP, np.array([[0.0, 3.0]])),
    "mask has shape": lambda r: r.inpaint(CLIP, np.zeros((4, 4, 4))),
    "expected .rows, columns.": lambda r: r.inpaint(CLIP, np.zeros((0, 4))),
    "box .9, 12. is not inside": lambda r: r.inpaint(CLIP, [(9, 12)]),
    "box .0.4, 0.2. is not inside": lambda r: r.inpaint(CLIP, [(0.4, 0.2)]),
    # sources, ends, places
    "cannot start from int": lambda r: r.vary(3),
    "is no file; words alone": lambda r: r.vary("church bells"),
    "this checkpoint paints 128; encode with n_mels=128": lambda r: r.vary(Image.new("RGB", (128, 64))),
    "side is 'up'": lambda r: r.extend(CLIP, side="up"),
    "alpha is 1.5": lambda r: r.interpolate("a", "b", 1.5),
    "alpha is .nan.": lambda r: r.interpolate("a", "b", [NAN]),
    "alpha is ..,": lambda r: r.interpolate("a", "b", []),
    "count is 1,": lambda r: r.interpolate("a", "b", count=1),
    "curve 'wobbly'": lambda r: r.walk(["a", "b"], curve="wobbly"),
    "seed has 3 values": lambda r: r.interpolate("a", "b", seed=(1, 2, 3)),
    "an end has colour": lambda r: r.interpolate({"colour": "red"}, "b"),
    "1 points; a walk needs": lambda r: r.walk(["a"]),
    "2 points and 3 seeds": lambda r: r.walk(["a", "b"], seed=[1, 2, 3]),
    "goes between words and seeds": lambda r: r.walk([CLIP, "b"], duration=5),
    "chapters begin at": lambda r: r.story([(1, "a")], 5),
    "the last chapter begins at 9 s": lambda r: r.story([(0, "a"), (9, "b")], 5),
    "transition is -1": lambda r: r.story([(0, "a")], 5, transition=-1),
    "bars and bpm are for loops": lambda r: r.riff("a", bars=2, bpm=120),
    "20..400 bpm": lambda r: r.riff("a", loop=True, bars=2, bpm=1000),
    "carries no LoRA|does not exist": lambda r: r.with_lora("nowhere.safetensors"),
}


@pytest.mark.parametrize("message", BAD)
def test_is_refused_in_words_and_before_any_step(mini, message, monkeypatch):
    def never(*_, **__):
        raise AssertionError("the model was asked")

    monkeypatch.setattr(mini.checkpoint.unet, "forward", never)
    with pytest.raises((ValueError, TypeError, FileNotFoundError), match=message):
        BAD[message](mini)


def test_clips_with_holes_are_refused_where_they_are_made():
    for bad in (NAN, float("inf")):
        with pytest.raises(ValueError, match="NaN|infinit"):
            riffkit.Clip(np.array([0.0, bad, 0.0]), 44100)


def test_nothing_is_too_small(mini):
    """One sample, one column, no words, one step: not useful, and no error either."""
    one = riffkit.Clip(np.zeros(1, np.float32), 44100)
    few = {"num_inference_steps": 1, "quality": "fast"}
    assert mini.vary(one, "", **few).clip.samples.shape == (1, 1)
    assert mini.extend(one, "", duration=0.01, **few).image.width == 2
    assert mini.riff("", duration=0.01, **few).image.width == 2
    assert mini.inpaint(one, [(0, 0.01)], **few).image.width == 1
    assert mini.riff("a", loop=True, duration=0.01, **few).clip.duration == pytest.approx(0.01)


@pytest.mark.parametrize("name", ["vary", "inpaint", "extend"])
def test_a_cancelled_run_leaves_its_source_and_its_model_as_they_were(mini, name):
    riff = mini.riff("a", 1, num_inference_steps=2, quality="fast")
    before, samples = np.asarray(riff.image).copy(), riff.clip.samples.copy()
    given = {"mask": [(0.2, 0.4)]} if name == "inpaint" else {}
    with pytest.raises(riffkit.Cancelled):
        getattr(mini, name)(riff, **given, progress=lambda step, total, estimate: step < 3)
    assert np.array_equal(np.asarray(riff.image), before) and np.array_equal(riff.clip.samples, samples)
    again = mini.riff("a", 1, num_inference_steps=2, quality="fast")
    assert np.array_equal(np.asarray(again.image), before)
