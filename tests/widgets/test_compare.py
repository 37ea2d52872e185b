"""compare: equal loudness, and the arithmetic of a blind test."""

import io

import numpy as np
import pytest
import soundfile

import riffkit
from riffkit.sound.clip import Clip
from riffkit.sound.loudness import loudness, true_peak
from riffkit.widgets.compare import BlindTest, compare, equally_loud, evenly_turned

RATE = 44100


def tone(level, hertz=440, seconds=1.0):
    return Clip((level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32), RATE)


def clicks():
    """Peaky: its loudness cannot be raised far before it clips."""
    samples = 0.001 * np.random.default_rng(0).standard_normal(RATE)
    samples[::4410] = 0.9
    return Clip(samples.astype(np.float32), RATE)


def test_equally_loud_even_if_one_of_them_is_peaky():
    clips = equally_loud([tone(0.5), tone(0.01), clicks()])
    levels = [loudness(clip) for clip in clips]
    assert max(levels) - min(levels) < 0.1 and max(true_peak(clip) for clip in clips) < -0.9
    assert levels[0] < -17, "the peaky one sets the level"
    alone = equally_loud([tone(0.5), tone(0.01)])
    assert loudness(alone[0]) == pytest.approx(-16, abs=0.1) == loudness(alone[1])


def test_silence_does_not_disturb_the_others():
    silent, loud = equally_loud([Clip(np.zeros(RATE, np.float32), RATE), tone(0.5)])
    assert silent.peak() == 0 and loudness(loud) == pytest.approx(-16, abs=0.1)


def test_unmatched_levels_keep_their_distance():
    a, b = evenly_turned([tone(0.5), tone(0.05)])
    assert loudness(a) - loudness(b) == pytest.approx(20, abs=0.1) and true_peak(a) <= -0.9


def test_compare_takes_names_and_the_longest_duration():
    both = compare(tone(0.1), tone(0.1, seconds=2), names=["short", "long"])
    assert (both.names, both.duration, len(both.tracks), both.chosen) == (["short", "long"], 2.0, 2, 0)
    assert compare({"x": tone(0.1), "y": tone(0.2)}).names == ["x", "y"]
    assert compare(tone(0.1), tone(0.1)).names[0].startswith("Clip(1.00 s")
    assert riffkit.compare is compare


def test_sounds_keep_their_length_and_are_matched():
    both = compare(tone(0.5), tone(0.05))
    levels = []
    for track in both.tracks:
        samples, rate = soundfile.read(io.BytesIO(track["sound"]))
        levels.append(loudness(Clip(samples, rate)))
    assert abs(levels[0] - levels[1]) < 0.1


def test_bad_calls_are_told():
    with pytest.raises(ValueError, match="two sounds or more"):
        compare(tone(0.1))
    with pytest.raises(ValueError, match="3 names for 2"):
        compare(tone(0.1), tone(0.1), names="abc")
    with pytest.raises(TypeError, match="got int"):
        compare(tone(0.1), 3)


def test_p_values_are_those_of_a_coin():
    test = BlindTest(10, seed=0)
    for k in range(10):
        test.answer(test.hidden if k < 8 else 1 - test.hidden)
    assert test.over and test.right == 8
    assert test.p_value == pytest.approx((45 + 10 + 1) / 1024)
    assert "8 of 10" in test.verdict and "does not show" in test.verdict
    sure = BlindTest(5, seed=1)
    while not sure.over:
        sure.answer(sure.hidden)
    assert sure.p_value == 1 / 32 and "can tell them apart" in sure.verdict


def test_x_is_drawn_by_chance_and_by_seed():
    def draws(seed):
        test = BlindTest(400, seed=seed)
        while not test.over:
            test.answer(0)
        return test.truths

    assert draws(3) == draws(3) != draws(4)
    assert 160 < sum(draws(3)) < 240
    with pytest.raises(ValueError, match="expected 0 or 1"):
        BlindTest().answer(2)


def test_a_test_runs_through_the_widget():
    both = compare(tone(0.1), tone(0.1, 660), trials=3)
    both._hear(both, {"act": "begin"}, [])
    assert both.test["trial"] == 1 and both.test["of"] == 3 and both.verdict == ""
    for _ in range(3):
        both._hear(both, {"act": "answer", "guess": both.test["x"]}, [])
    assert both.test == {} and both.blind.right == 3 and "3 of 3 right" in both.verdict
    both._hear(both, {"act": "answer", "guess": 0}, [])
    assert "no blind test is under way" in both.error


def test_a_test_can_be_ended_early():
    both = compare(tone(0.1), tone(0.1, 660))
    both.begin(trials=10, seed=0)
    both.answer(0)
    both.end()
    assert both.test == {} and "of 1 right" in both.verdict
    both.begin()
    both.end()
    assert both.verdict == ""
