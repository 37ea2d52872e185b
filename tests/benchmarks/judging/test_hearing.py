"""Views do not mind where a loop begins, hear a tone at its semitone, and tell where it comes from."""

import numpy as np
import pytest

from benchmarks.judging.hearing import EDGES, SHAPES, Views, looped, pitch_of, rhythm_of, space_of
from riffkit.compose.rendering import PARAMS
from riffkit.compose.sounding.loops import LOOP_SAMPLES
from riffkit.compose.sounding.picture import picture_of
from riffkit.listening.stereo import band_coherence
from riffkit.sound.clip import Clip
from riffkit.sound.params import SpectrogramParams

TIME = np.arange(LOOP_SAMPLES) / 44_100


def tone(hertz):
    return np.sin(2 * np.pi * hertz * TIME).astype(np.float32)


def pulses(count):
    """A click so many times a loop, in both channels."""
    phase = TIME / TIME[-1] * count % 1
    return np.stack([tone(2000) * np.exp(-60 * phase)] * 2).astype(np.float32)


@pytest.mark.parametrize("params", [PARAMS, SpectrogramParams(stereo=True)])
@pytest.mark.parametrize("hertz, octave, pitch_class", [(440, 2, 9), (261.63, 2, 0), (2093, 5, 0)])
def test_a_tone_is_the_strongest_semitone_at_any_parameters(params, hertz, octave, pitch_class):
    picture = picture_of(np.stack([tone(hertz)] * 2), params)[0]
    found = np.unravel_index(pitch_of(picture, params)[0].argmax(), (6, 12))
    assert found == (octave, pitch_class)


def test_rhythm_is_how_often_it_gets_louder_wherever_the_loop_begins():
    picture = picture_of(pulses(11), PARAMS)[0]
    heard = rhythm_of(picture)[:, 1:].sum(axis=0)
    assert heard.argmax() + 1 in (11, 22, 33)
    assert heard[10] > 5 * heard[[8, 9, 11, 12]].max()
    assert np.allclose(rhythm_of(picture), rhythm_of(np.roll(picture, 200, axis=1)), atol=1e-3)


def test_space_is_balance_width_and_coherence():
    left = space_of(np.stack([tone(500), 0 * TIME]).astype(np.float32))
    noise = np.random.default_rng(0).normal(size=(2, LOOP_SAMPLES)).astype(np.float32)
    balance, width, coherence, level = space_of(noise)
    assert left[0, 1] == pytest.approx(1, abs=0.01) and left.shape == (4, len(EDGES) - 1)
    assert np.abs(balance).max() < 0.1 and width.min() > 0.9 and coherence.max() < 0.2
    mixed = noise + 0.7 * noise[::-1]
    assert space_of(mixed)[2] == pytest.approx(band_coherence(Clip(mixed, 44_100), EDGES), abs=0.02)
    assert space_of(np.stack([tone(500)] * 2))[1].max() < 0.01 and level.max() == 1


def test_views_of_sound_silence_and_faults_are_finite_and_come_back(tmp_path):
    loops = [pulses(8), np.zeros((2, LOOP_SAMPLES)), np.full((2, LOOP_SAMPLES), np.inf)]
    views = Views.of(loops)
    for name, (shape, dtype) in SHAPES.items():
        assert getattr(views, name).shape == (3, *shape) and getattr(views, name).dtype == dtype
        assert np.isfinite(getattr(views, name)).all()
    views.save(tmp_path / "views.npz")
    back = Views.load(tmp_path / "views.npz")
    assert len(back) == 3 and np.array_equal(back[[1, 0]].rhythm, views.rhythm[[1, 0]])


def test_any_clip_becomes_a_loop_of_two_channels():
    mono = looped(Clip(tone(440)[:100_000], 44_100))
    assert mono.shape == (2, LOOP_SAMPLES) and np.array_equal(mono[0], mono[1]) and not mono[:, 100_000:].any()
    slower = looped(Clip(np.stack([tone(440), tone(220)]), 22_050))
    assert slower.shape == (2, LOOP_SAMPLES)


def test_the_ends_of_a_clip_that_is_no_loop_are_not_heard_as_a_click():
    clip = Clip(tone(443)[: 511 * 441], 44_100)  # as long as a picture of 512 columns, and its ends do not meet
    darkness = 255.0 - picture_of(looped(clip), PARAMS)[0][:200]  # where the tone is not
    cut = 255.0 - picture_of(np.pad(np.stack([clip.samples[0]] * 2), ((0, 0), (0, 441))), PARAMS)[0][:200]
    assert darkness.mean(axis=0).max() < 0.25 * cut.mean(axis=0).max()
    loop = Clip(np.stack([tone(443)] * 2), 44_100)
    assert np.array_equal(looped(loop), loop.samples)
