"""Joining clips."""

import numpy as np
import pytest

from riffkit.listening.metrics import mel_error_near
from riffkit.sound.clip import Clip
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.joining import clip_from_mels, crossfade, join_mels
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams()


def level_db(samples):
    return 10 * np.log10(np.mean(np.square(samples)))


def test_cutting_and_joining_is_nothing(tune):
    mel = mel_from_clip(tune)
    assert np.allclose(join_mels([mel[..., :120], mel[..., 100:]], overlap=20), mel, rtol=1e-6)
    assert np.array_equal(join_mels([mel[..., :120], mel[..., 120:]]), mel)


def test_a_joint_is_as_good_as_the_rest(tune):
    mel = mel_from_clip(tune)
    clip = clip_from_mels([mel[..., :160], mel[..., 140:]], PARAMS, overlap=20)
    assert np.allclose(clip.samples, clip_from_mel(mel, PARAMS).samples, atol=1e-3)
    there, elsewhere = mel_error_near(mel, clip, np.arange(135, 165))
    assert there < elsewhere + 2


def test_crossfades_of_the_same_sound_change_nothing(tune):
    joined = crossfade(tune.slice(0, 1.7), tune.slice(1.5), 0.2)
    assert np.allclose(joined.samples, tune.samples, atol=1e-6)


def test_the_crossfade_finds_the_place():
    time = np.arange(44100) / 44100
    a = Clip(np.sin(2 * np.pi * 200 * time).astype(np.float32), 44100)
    b = Clip(np.sin(2 * np.pi * 200 * time + 2).astype(np.float32), 44100)
    joined = crossfade(a, b, 0.2)
    assert level_db(joined.samples[:, 35280:44100]) == pytest.approx(level_db(a.samples), abs=0.1)


def test_crossfades_of_strangers_keep_the_level():
    rng = np.random.default_rng(0)
    a, b = (Clip(rng.standard_normal(88200).astype(np.float32) * 0.1, 44100) for _ in range(2))
    joined = crossfade(a, b, 0.5)
    assert level_db(joined.samples[:, 66150:88200]) == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda c: crossfade(c, c.resample(22050)), "resample"),
        (lambda c: crossfade(c, c, 10), "longer"),
        (lambda c: crossfade(c, c, -1), "from 0"),
        (lambda c: join_mels([]), "no mels"),
        (lambda c: join_mels([np.ones((1, 4, 5)), np.ones((1, 4, 5))], 6), "overlap"),
        (lambda c: join_mels([np.ones((1, 4, 5)), np.ones((2, 4, 5))]), "different"),
    ],
)
def test_what_does_not_fit_is_refused(tune, call, message):
    with pytest.raises(ValueError, match=message):
        call(tune)
