"""Laws of pictures: the quick way draws what the usual one draws, tones lie where they should, sides keep apart."""

import numpy as np
import pytest

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.noises import sound_of
from riffkit.compose.sounding.picture import CLEAR, QUIET, picture_of
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams

TIME = np.arange(LOOP_SAMPLES) / SAMPLE_RATE


@pytest.mark.parametrize("name", ["train", "crowd", "laser"])
@pytest.mark.parametrize("params", [SpectrogramParams.full_band(), SpectrogramParams()])
def test_the_quick_way_is_the_usual_way_within_a_grey_level(name, params):
    loop = sound_of(name, 3)
    mel = mel_from_samples(loop, params, periodic=True)
    level = (mel[:, ::-1] / mel.max()) ** params.contrast
    level *= np.clip((level - QUIET) / (CLEAR - QUIET), 0, 1)
    off = np.abs(picture_of(loop, params) - (255 - 255 * level))
    assert off.mean() < 0.6 and np.quantile(off, 0.995) < 2.5


def test_any_other_parameters_are_drawn_the_usual_way():
    params = SpectrogramParams(n_mels=128, hop_ms=20)
    assert picture_of(sound_of("rain", 0), params).shape == (2, 128, 256)


def test_a_tone_is_darkest_in_its_row():
    params = SpectrogramParams.full_band()
    for hertz in (110, 1000, 1850, 1950, 5000, 15_000):
        tone = np.sin(2 * np.pi * hertz * TIME).astype(np.float32)
        picture = picture_of(np.stack([tone, tone]), params)
        row = params.n_mels - 1 - int(picture[0].mean(axis=1).argmin())
        assert abs(row - params.row_of(hertz)) <= 1.5, hertz


def test_both_sides_have_one_scale():
    tone = np.sin(2 * np.pi * 700 * TIME).astype(np.float32)
    left, right = picture_of(np.stack([tone, tone * np.float32(0.1)]))
    assert left.min() == 0 and 60 < right.min() < 160
    _, silent = picture_of(np.stack([tone, 0 * tone]))
    assert silent.min() == 255


def test_silence_is_white_and_turning_turns():
    assert (picture_of(np.zeros((2, LOOP_SAMPLES), np.float32)) == 255).all()
    loop = sound_of("glitches", 1)
    turned = picture_of(np.roll(loop, 100 * 441, axis=1))
    assert np.abs(np.roll(picture_of(loop), 100, axis=2).astype(int) - turned).max() <= 1
