"""The plane's edges are the lines that `interpolate` knows, its corners are the ends, its paths have one length."""

import numpy as np
import pytest

import riffkit
from riffkit.riffing.plane import Plane

STEPS = {"num_inference_steps": 2}


def same(a, b):
    return np.array_equal(np.asarray(a.image), np.asarray(b.image))


def test_edges_are_lines(mini):
    square = Plane(mini, ["bells", "drums", "flute", "bass"], seed=4, **STEPS)
    assert same(square.at(0.3, 0), mini.interpolate("bells", "drums", 0.3, seed=4, progress=False, **STEPS))
    assert same(square.at(1, 0.75), mini.interpolate("drums", "bass", 0.75, seed=4, progress=False, **STEPS))
    assert same(square.at(0, 1), mini.riff("flute", 4, progress=False, **STEPS))
    line = Plane(mini, ["bells", "drums"], seed=4, **STEPS)
    assert same(line.at(0.3, 0.9), square.at(0.3, 0))


def test_the_middle_counts_all_four(mini):
    square = Plane(mini, ["bells", "drums", "flute", "bass"], **STEPS)
    middle = square.at(0.5, 0.5)
    assert not any(same(middle, square.at(x, y)) for x in (0, 0.5, 1) for y in (0, 1))


def test_recordings_are_inverted_once_and_come_back_at_their_corner(mini):
    clip = riffkit.Clip(0.3 * np.sin(np.arange(56448) / 10)[None].astype(np.float32), 44100)
    line, seen = Plane(mini, [clip, "bells"], **STEPS), []
    assert line.options.scheduler == "ddim"
    assert same(line.at(0), riffkit.Riff(riffkit.encode(clip, mini.params), {}))
    line.at(0.5, progress=lambda step, total, _: seen.append((step, total)))
    assert seen[-1] == (STEPS["num_inference_steps"] + 2,) * 2
    assert line.along([(0, 0), (1, 0)], 4.0).clip.duration == pytest.approx(4, abs=0.02)


def test_a_path_is_one_riff(mini):
    square = Plane(mini, ["bells", "drums", "flute", "bass"], seed=1, **STEPS)
    seen = []
    riff = square.along([(0, 0), (1, 0.5), (1, 1)], 5.0, progress=lambda *told: seen.append(told[:2]))
    assert riff.clip.duration == pytest.approx(5, abs=0.02) and seen[-1][0] == seen[-1][1]


def test_what_is_no_place_is_refused(mini):
    line = Plane(mini, ["bells", "drums"], **STEPS)
    with pytest.raises(ValueError, match="expected both in 0..1"):
        line.at(1.5)
    with pytest.raises(ValueError, match="no places"):
        line.along([], 3)
    with pytest.raises(ValueError, match="draws fresh noise"):
        Plane(mini, ["bells", "drums"], scheduler="lcm", **STEPS)
