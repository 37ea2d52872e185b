"""Laws of sounds that are not music: they fill the loop, have no seam, vary with the seed, and each is itself."""

import numpy as np
import pytest

from riffkit.compose.sounding.loops import LOOP_SAMPLES
from riffkit.compose.sounding.noises import SOUNDS, sound_of
from tests.compose.sounding.laws import bands, nearest_pairs, seam


@pytest.fixture(scope="module")
def sounds():
    return {name: sound_of(name, 1) for name in SOUNDS}


def test_there_are_fifty():
    assert len(SOUNDS) >= 50 and len(set(SOUNDS)) == len(SOUNDS)


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_fills_the_loop_without_a_seam(name, sounds):
    loop = sounds[name]
    assert loop.shape == (2, LOOP_SAMPLES) and loop.dtype == np.float32 and np.isfinite(loop).all()
    assert 0.5 < np.abs(loop).max() <= 1 and np.abs(loop.mean(axis=1)).max() < 1e-3
    assert np.sqrt(np.mean(loop**2)) > 0.005
    assert seam(loop) <= 1


def test_no_two_are_alike(sounds):
    distance, one, other = nearest_pairs(sounds)
    assert distance > 0.15, f"{one} and {other} differ by {distance:.3f} only"


@pytest.mark.parametrize("name", ["rain", "dog", "siren", "clock", "laughter", "train"])
def test_the_seed_makes_another_one_and_the_same_one_again(name, sounds):
    assert np.array_equal(sound_of(name, 1), sounds[name])
    assert np.linalg.norm(bands(sound_of(name, 2)) - bands(sounds[name])) > 0.05


def test_an_unknown_sound_is_refused_by_name():
    with pytest.raises(ValueError, match="'kettle' is no sound; expected one of rain"):
        sound_of("kettle", 0)
