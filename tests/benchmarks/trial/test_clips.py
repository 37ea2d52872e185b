"""Measures of clips move with what they measure; what was painted is kept; copies are found."""

import numpy as np
import pytest

from benchmarks.trial.clips import Deadline, Measured, air_of, painted
from benchmarks.trial.nearness import print_copies, print_faults, print_panorama
from riffkit.compose.rendering import PARAMS
from riffkit.compose.sounding.loops import LOOP_SAMPLES
from riffkit.compose.sounding.picture import picture_of
from riffkit.sound.clip import Clip

TIME = np.arange(LOOP_SAMPLES) / 44_100
RNG = np.random.default_rng(0)


def tone(hertz, left=1.0, right=1.0):
    return (0.5 * np.sin(2 * np.pi * hertz * TIME) * np.array([[left], [right]])).astype(np.float32)


LOOPS = [tone(440), tone(12_000), tone(440, 1, 0), RNG.normal(0, 0.1, (2, LOOP_SAMPLES)).astype(np.float32)]
MEASURED = Measured.of(LOOPS)


def test_air_is_what_lies_above_ten_kilohertz():
    assert air_of(tone(440)) < -80 and air_of(tone(12_000)) == pytest.approx(0, abs=0.01)
    assert air_of(np.zeros((2, 1000), np.float32)) == -90


def test_panorama_tells_left_from_middle_and_one_sound_from_two():
    assert MEASURED.balance[2] > 60 and abs(MEASURED.balance[0]) < 0.1
    assert MEASURED.width[0] < -60 and abs(MEASURED.width[3]) < 1
    assert MEASURED.coherence[3].max() < 0.2


def test_faults_are_counted(capsys):
    broken = [np.full((2, LOOP_SAMPLES), np.nan, np.float32), np.zeros((2, LOOP_SAMPLES), np.float32), 3 * tone(440)]
    print_faults(Measured.of(broken))
    assert "among 3 clips: 1 not finite, 1 silent, 1 clipped" in capsys.readouterr().out


def test_figures_are_printed_beside_each_other(capsys):
    print_panorama(MEASURED, MEASURED)
    lines = capsys.readouterr().out.splitlines()
    assert all(line.endswith("+0.00") for line in lines[2:]) and len(lines) > 7


def test_a_copy_is_nearer_than_what_is_new(capsys):
    trained = np.stack([picture_of(loop, PARAMS) for loop in LOOPS])
    print_copies(MEASURED, Measured.of([tone(1000), tone(300)]), trained)
    told = capsys.readouterr().out
    assert "100.0% of the generated are nearer" in told and "least 0." in told


class Parrot:
    """A riffer that plays mono tones, and counts them."""

    said = 0

    def riff(self, words, seeds, **settings):
        self.said += len(words)
        return [type("Riff", (), {"clip": Clip(tone(100 + seed)[:1, :200_000], 44_100)}) for seed in seeds]


def test_what_was_painted_is_kept_and_time_runs_out(tmp_path):
    parrot, words = Parrot(), ["a", "b"]
    first = painted(tmp_path, "tones", parrot, words, Deadline())
    again = painted(tmp_path, "tones", parrot, words, Deadline(0))
    assert parrot.said == 2 and np.array_equal(first.views.timbre, again.views.timbre)
    assert len(first[[1]]) == 1 and first.balance == pytest.approx([0, 0], abs=1e-6)
    with pytest.raises(TimeoutError, match="call again"):
        painted(tmp_path, "tones", parrot, ["c"], Deadline(-1))


def test_a_riffer_of_any_size_is_measured(tmp_path, toy):
    clips = painted(tmp_path, "toy", toy, ["piano", "drums"], Deadline(), num_inference_steps=1)
    assert len(clips) == 2 and np.isfinite(clips.peak).all() and np.isfinite(clips.views.space).all()
