"""A stream goes on without a seam, is the same for the same seed and words, and stands still when it is stopped."""

import numpy as np
import pytest

from riffkit.progress import Cancelled
from riffkit.riffing.stream import Stream, bent


def samples(stream, n):
    return [stream.next().clip.samples[0] for _ in range(n)]


def make(mini, **options):
    return Stream(mini, "church bells", 3, num_inference_steps=2, **options)


def test_stretches_are_half_windows(mini):
    stream = make(mini)
    first, second, third = samples(stream, 3)
    assert len(second) == len(third) == round(stream.seconds * 44100)
    assert 0 < len(first) <= 2 * len(second)


def test_joints_are_no_louder_than_what_is_around_them(mini):
    parts = samples(make(mini), 6)
    whole, ends = np.concatenate(parts), np.cumsum([len(part) for part in parts])[:-1]
    rough = np.abs(np.diff(whole, 2))
    for end in ends:
        assert rough[end - 2 : end + 1].max() <= np.quantile(rough[end - 4410 : end + 4410], 0.999)


@pytest.mark.slow
def test_the_same_words_at_the_same_time_give_the_same_samples(mini):
    runs = []
    for _ in range(2):
        stream = make(mini)
        runs.append(samples(stream, 2))
        stream.go_to("drums")
        runs[-1] += samples(stream, 2)
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))
    unchanged = samples(make(mini), 4)
    assert np.array_equal(runs[0][1], unchanged[1]) and not np.array_equal(runs[0][3], unchanged[3])


def test_a_few_step_scheduler_streams_too(mini):
    lcm = {"num_inference_steps": 4, "guidance_scale": 1.0, "scheduler": "lcm"}
    runs = [samples(Stream(mini, "bells", 1, **lcm), 2) for _ in range(2)]
    assert np.array_equal(runs[0][1], runs[1][1]) and np.abs(runs[0][1]).max() > 0


def test_words_travel_and_arrive(mini):
    stream = make(mini, transition=1.5)  # windows of 1.28 s
    stream.next()
    stream.go_to("drums")
    assert [stream.next().words for _ in range(4)] == ["church bells → drums", "church bells → drums", "drums", "drums"]
    stream.transition = 0
    stream.go_to("bass")
    assert stream.next().words == "bass"


def test_a_stopped_stretch_leaves_no_trace(mini):
    stream, other = make(mini), make(mini)
    samples(stream, 2)
    for last in (0, 1, 3, 4):
        with pytest.raises(Cancelled):
            stream.next(lambda step, total, estimate, last=last: step < last)
    samples(other, 2)
    assert np.array_equal(stream.next().clip.samples, other.next().clip.samples)


def test_bent_keeps_what_is_quiet_and_stays_below_full_scale():
    x = np.linspace(-5, 5, 1001).astype(np.float32)
    y = bent(x)
    assert np.array_equal(y[np.abs(x) < 0.7], x[np.abs(x) < 0.7])
    assert np.abs(y).max() <= 1 and (np.diff(y) >= 0).all()
