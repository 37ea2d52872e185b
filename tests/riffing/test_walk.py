"""Laws of walks over many points, on toy checkpoints with random weights."""

import numpy as np
import pytest
from toys import FEW, pixels

from riffkit.riffing.riff import Walk


@pytest.mark.slow
def test_walks_have_no_doubled_joints_and_meet_at_them(toy, recording):
    points = [
        {"source": recording, "prompt": words, "seed": seed} for seed, words in enumerate(("a", "jazz", "techno"))
    ]
    walk = toy.walk(points, count=3, strength=0.5, **FEW)
    assert len(walk) == 5 and walk.alphas == [0, 0.5, 1, 1.5, 2]
    first, second = (toy.interpolate(*points[i : i + 2], count=3, strength=0.5, **FEW) for i in range(2))
    assert np.array_equal(pixels(first[-1]), pixels(second[0]))
    assert np.array_equal(pixels(walk[2]), pixels(second[0])) and np.array_equal(pixels(walk[3]), pixels(second[1]))


def test_a_walk_is_one_clip_one_strip_and_a_file(toy, tmp_path):
    walk = toy.interpolate("a", "jazz", count=3, **FEW)
    assert walk.clip.duration == pytest.approx(3 * 1.28, abs=0.011)
    html = walk._repr_mimebundle_()["text/html"]
    assert walk.strip().width > 3 * 100 and "audio" in html and 'alt="Spectrograms: 3 riffs from ' in html
    assert isinstance(walk[:2], Walk) and len(walk[:2]) == 2
    walk.save(tmp_path / "walk.png")
    again = toy.replay(tmp_path / "walk.png")
    assert all(np.array_equal(pixels(a), pixels(b)) for a, b in zip(walk, again, strict=True))


def test_a_journey_changes_all_the_time(mini):
    journey = mini.walk(["a", "jazz", "techno"], duration=6, seed=[1, 2, 3], **FEW)
    assert journey.clip.duration == pytest.approx(6, abs=0.01)
    start = mini.riff("a", 1, duration=6, **FEW)
    assert (
        np.abs(pixels(journey)[:, :16].astype(int) - pixels(start)[:, :16]).mean()
        < np.abs(pixels(journey)[:, -16:].astype(int) - pixels(start)[:, -16:]).mean()
    )
