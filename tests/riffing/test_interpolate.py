"""Laws of interpolation between two ends, on toy checkpoints with random weights."""

import numpy as np
import pytest
from toys import FEW, pixels, same

import riffkit


def test_both_ends_are_the_plain_calls(toy, bells):
    techno = toy.riff("techno", 4, negative_prompt="drums", guidance_scale=2, **FEW)
    walk = toy.interpolate(
        "church bells", "techno", count=3, seed=(3, 4), negative_prompt=("", "drums"), guidance_scale=(4, 2), **FEW
    )
    assert np.array_equal(pixels(walk[0]), pixels(bells)) and np.array_equal(pixels(walk[2]), pixels(techno))
    assert not np.array_equal(pixels(walk[1]), pixels(bells))
    by_riff = toy.interpolate(bells, techno, count=3, **FEW)
    assert all(np.array_equal(pixels(a), pixels(b)) for a, b in zip(walk, by_riff, strict=True))


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5])
def test_turning_the_ends_round_changes_no_bit(toy, alpha):
    a, b = {"prompt": "church bells", "seed": 3}, {"prompt": "techno and " * 9, "seed": 4, "negative_prompt": "a"}
    there, back = toy.interpolate(a, b, alpha, **FEW), toy.interpolate(b, a, 1 - alpha, **FEW)
    assert same(there, back)


@pytest.mark.slow
def test_ends_with_recordings_are_varied_or_inverted(toy, recording):
    other = riffkit.Clip(recording.samples[:, ::-1].copy(), 44100)
    varied = toy.interpolate(recording, other, count=3, strength=0.5, seed=(1, 2), **FEW)
    assert np.array_equal(pixels(varied[0]), pixels(toy.vary(recording, "", 1, strength=0.5, **FEW)))
    assert np.array_equal(pixels(varied[2]), pixels(toy.vary(other, "", 2, strength=0.5, **FEW)))
    inverted = toy.interpolate(recording, other, count=3, **FEW)
    from riffkit import encode

    n_mels = toy.params.n_mels
    for end, clip in ((inverted[0], recording), (inverted[2], other)):
        expected = encode(clip, riffkit.SpectrogramParams(n_mels=n_mels))
        assert np.array_equal(pixels(end), np.asarray(expected))
    assert same(toy.replay(inverted[1]), inverted[1])
    with pytest.raises(ValueError, match="ddim"):
        toy.interpolate(recording, other, scheduler="euler")
    with pytest.raises(ValueError, match="fresh noise"):
        toy.interpolate("a", "b", scheduler="lcm")
