"""How far two channels went apart, as their pictures show it, and phases that are found together."""

import numpy as np
import pytest

from riffkit.sound.inversion.operators import grid_for
from riffkit.sound.inversion.panorama import NEAR, LinkedGuess, apartness
from riffkit.sound.inversion.phase import Guess
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams

SETS = [SpectrogramParams(), SpectrogramParams.full_band(), SpectrogramParams(n_mels=128, sample_rate=22050)]


def noises(params, n=2):
    return np.random.default_rng(4).standard_normal((n, 3 * params.sample_rate)).astype(np.float32)


def shares(samples, params):
    mels = mel_from_samples(samples, params)
    return apartness(mels, params, grid_for(params), 0, 1e-6 * float(mels.max())), mels


@pytest.mark.parametrize("params", SETS)
def test_independent_noises_are_apart_and_one_in_two_places_is_together(params):
    one, other = noises(params)
    found, mels = shares(np.stack([one, 0.3 * one]), params)
    grid = grid_for(params)
    assert found.shape == (mels.shape[2] - 2 * NEAR, grid.window // 2 + 1)
    assert found.max() == 0
    bins = slice(*(round(hz * grid.window / grid.rate) for hz in (max(params.fmin, 100), 0.9 * params.fmax)))
    apart = shares(np.stack([one, other]), params)[0][:, bins]
    assert apart.mean() > 0.8 and apart.max() == 1


def test_more_in_common_is_less_apart():
    params = SETS[0]
    common, left, right = noises(params, 3)
    means = [shares(np.stack([common + g * left, common + g * right]), params)[0].mean() for g in (0, 0.1, 0.5, 2)]
    assert means == sorted(means) and means[1] < 0.05 and means[3] > 0.5


def test_two_sources_in_two_places_are_no_hall():
    """A low tone on the left and a high one on the right: each cell has one source."""
    params, time = SETS[0], np.arange(3 * 44100) / 44100
    low, high = np.sin(2 * np.pi * 300 * time), np.sin(2 * np.pi * 3000 * time)
    samples = np.outer((1, 0.3), low) + np.outer((0.3, 1), high)
    found, mels = shares(samples.astype(np.float32), params)
    grid = grid_for(params)
    for hz in (300, 3000):
        assert found[:, round(hz * grid.window / grid.rate)].max() == 0


@pytest.mark.parametrize("periodic", [False, True])
def test_frames_around_a_block_go_round_the_end_or_repeat_the_outermost(periodic):
    mel = np.arange(20, dtype=np.float32)[None].repeat(512, axis=0)
    guess = Guess(grid_for(SETS[0]), lambda a, b: mel[:, a:b], [(0, 10), (10, 20)], 1.0, periodic=periodic, seed=0)
    before, after = ([17, 18, 19], [0, 1, 2]) if periodic else ([0] * 3, [19] * 3)
    assert guess.around(0, 10, 3)[0].tolist() == [*before, *range(13)]
    assert guess.around(10, 20, 3)[0].tolist() == [*range(7, 20), *after]
    if periodic:
        assert guess.around(0, 20, 45)[0].tolist() == [k % 20 for k in range(-45, 65)]


def test_one_source_has_one_phase_and_a_hall_two():
    params = SETS[0]
    one, other = noises(params)
    differ = {}
    for name, pair in {"one": np.stack([one, 0.5 * one]), "two": np.stack([one, other])}.items():
        mels = mel_from_samples(pair, params)
        blocks, grid = [(0, mels.shape[2])], grid_for(params)
        guesses = [
            Guess(grid, lambda a, b, m=m: m[:, a:b], blocks, float(m.max()), periodic=False, seed=1) for m in mels
        ]
        (_, left), (_, right) = LinkedGuess(guesses, params).block(0)
        differ[name] = np.abs(np.exp(1j * left) - np.exp(1j * right)).mean()
    assert differ["one"] == 0 and differ["two"] > 1
