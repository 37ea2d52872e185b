"""Channels together: what stands between them stays there."""

import numpy as np
import pytest

from riffkit.sound.clip import Clip
from riffkit.sound.inversion import chunks, clip_from_mel
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams(stereo=True)
QUALITIES = ("pghi", "fast", "default", "best", "griffin-lim")


def level_db(part, whole):
    return 20 * np.log10(np.linalg.norm(part) / np.linalg.norm(whole) + 1e-15)


@pytest.fixture(scope="module")
def mixed(tune):
    """Two sounds, one rather left and one rather right, and a little of a hall, another one in each ear."""
    rng = np.random.default_rng(7)
    left, right = tune.samples[0], np.roll(tune.samples[0][::-1], 5000)
    hall = 0.002 * rng.standard_normal((2, len(left)))
    samples = np.outer((0.9, 0.4), left) + np.outer((0.4, 0.9), right) + hall
    return Clip(samples.astype(np.float32), tune.sample_rate)


@pytest.fixture(scope="module")
def mel(mixed):
    return mel_from_clip(mixed, PARAMS)


@pytest.mark.parametrize("quality", QUALITIES)
def test_two_equal_channels_stay_equal_to_the_bit(tune, quality):
    mel = mel_from_clip(tune)
    samples = clip_from_mel(np.concatenate([mel, mel]), PARAMS, quality=quality, iterations=None).samples
    assert np.array_equal(samples[0], samples[1])
    assert np.abs(samples).max() > 0


@pytest.mark.parametrize("quality", ("fast", "best"))
def test_a_silent_channel_stays_silent_and_the_other_is_as_if_alone(tune, quality):
    mel = mel_from_clip(tune)
    alone = clip_from_mel(mel, PARAMS, quality=quality).samples[0]
    for pair, sounding in ((np.concatenate([mel, 0 * mel]), 0), (np.concatenate([0 * mel, mel]), 1)):
        samples = clip_from_mel(pair, PARAMS, quality=quality).samples
        assert not samples[1 - sounding].any()
        assert np.array_equal(samples[sounding], alone)


def test_silence_in_both_channels_is_silence():
    assert not clip_from_mel(np.zeros((2, 512, 40), np.float32), PARAMS).samples.any()


@pytest.mark.parametrize("gain", [0.5, 0.1, 1e-3])
def test_one_sound_in_both_channels_keeps_its_place(tune, gain):
    mel = mel_from_clip(tune)
    left, right = clip_from_mel(np.concatenate([mel, gain * mel]), PARAMS).samples
    assert level_db(right - gain * left, gain * left) < -30
    apart = clip_from_mel(np.concatenate([mel, gain * mel]), PARAMS, link_channels=False).samples
    assert level_db(apart[1] - gain * apart[0], gain * apart[0]) < -40, (
        "the same picture, only quieter, sounds the same"
    )


def test_hard_panned_sounds_stay_on_their_side(tune):
    """One plays while the other rests: nothing of it is heard on the other side."""
    half = tune.samples.shape[1] // 2
    samples = np.zeros((2, 2 * half), np.float32)
    samples[0, :half], samples[1, half:] = tune.samples[0, :half], tune.samples[0, :half]
    found = clip_from_mel(mel_from_clip(Clip(samples, 44100)), PARAMS).samples
    edge = 5000  # the window reaches so far over the change
    assert level_db(found[0, half + edge :], found[0]) < -60
    assert level_db(found[1, : half - edge], found[1]) < -60


def test_the_middle_stays_in_the_middle(mixed, mel):
    n = clip_from_mel(mel, PARAMS, quality="pghi").samples.shape[1]
    wanted = mixed.samples[:, :n]
    for quality in ("fast", "default", "best"):
        linked, apart = (
            clip_from_mel(mel, PARAMS, quality=quality, link_channels=link).samples for link in (True, False)
        )
        side, alone = (level_db(x[0] - x[1], x[0] + x[1]) for x in (linked, apart))
        true = level_db(wanted[0] - wanted[1], wanted[0] + wanted[1])
        assert abs(side - true) < 1.0 < alone - true


def error_db(found, mel):
    return level_db(mel_from_clip(Clip(found, 44100), PARAMS) - mel, mel)


@pytest.mark.parametrize("quality", ("fast", "default", "best"))
def test_each_channel_is_as_near_to_its_picture_as_alone(mel, quality):
    linked, apart = (clip_from_mel(mel, PARAMS, quality=quality, link_channels=link).samples for link in (True, False))
    assert error_db(linked, mel) < error_db(apart, mel) + 0.5


def test_independent_noises_stay_apart():
    noises = np.random.default_rng(3).standard_normal((2, 3 * 44100)).astype(np.float32) / 10
    found = clip_from_mel(mel_from_clip(Clip(noises, 44100)), PARAMS, quality="best").samples
    assert abs(np.corrcoef(found)[0, 1]) < 0.2


def test_swapped_channels_give_swapped_sound(mel):
    one, other = (clip_from_mel(pair, PARAMS, quality="fast").samples for pair in (mel, mel[::-1]))
    assert level_db(one - other[::-1], one) < -20


@pytest.mark.slow
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("quality, iterations", [("fast", 2), ("default", 3)])
def test_chunks_give_the_samples_of_one_go(mixed, periodic, quality, iterations, monkeypatch):
    long = Clip(np.tile(mixed.samples, 11)[:, : 441 * 3000], 44100)  # 12 blocks
    mel = mel_from_clip(long, PARAMS, periodic=True)
    options = {"quality": quality, "iterations": iterations, "periodic": periodic}
    monkeypatch.setattr(chunks, "CHUNK", 1000)
    whole = clip_from_mel(mel, PARAMS, **options)
    monkeypatch.setattr(chunks, "CHUNK", 2)
    assert np.array_equal(whole.samples, clip_from_mel(mel, PARAMS, **options).samples)


def test_loops_stay_loops_in_stereo(loop):
    both = Clip(np.concatenate([loop.samples, np.roll(loop.samples, 30000) + 0.5 * loop.samples]), 44100)
    mel = mel_from_clip(both, PARAMS, periodic=True)
    found = clip_from_mel(mel, PARAMS, periodic=True).samples
    turned = clip_from_mel(np.roll(mel, 100, axis=2), PARAMS, periodic=True).samples
    assert found.shape == both.samples.shape
    again = mel_from_clip(Clip(found, 44100), PARAMS, periodic=True)
    assert level_db(again - mel, mel) < -20
    assert level_db(mel_from_clip(Clip(turned, 44100), PARAMS, periodic=True) - np.roll(mel, 100, axis=2), mel) < -20


@pytest.mark.parametrize("n_frames", [1, 2, 3, 9, 64])
@pytest.mark.parametrize("periodic", [False, True])
def test_any_number_of_frames(mel, n_frames, periodic):
    clip = clip_from_mel(mel[:, :, 40 : 40 + n_frames], PARAMS, periodic=periodic)
    assert clip.samples.shape == (2, (n_frames if periodic else max(n_frames - 1, 1)) * 441)
    assert clip.peak() > 0


def test_the_number_of_cores_changes_nothing(mel, monkeypatch):
    monkeypatch.setenv("RIFFKIT_THREADS", "1")
    one = clip_from_mel(mel, PARAMS).samples
    monkeypatch.setenv("RIFFKIT_THREADS", "3")
    assert np.array_equal(one, clip_from_mel(mel, PARAMS).samples)


@pytest.mark.parametrize("periodic", [False, True])
def test_torch_takes_the_same_steps(mel, periodic):
    ours, torchs = (clip_from_mel(mel, PARAMS, periodic=periodic, device=device).samples for device in ("cpu", "cpu:0"))
    assert level_db(torchs - ours, ours) < -60


def test_channels_of_any_number_and_very_different_loudness(mel):
    three = np.concatenate([mel, 1e-6 * mel[:1], 0 * mel[:1]])
    found = clip_from_mel(three, PARAMS, quality="fast").samples
    assert np.isfinite(found).all() and not found[3].any()
    assert level_db(mel_from_clip(Clip(found[2:3] * 1e6, 44100)) - mel[:1], mel[:1]) < -15
    faint = clip_from_mel(np.concatenate([mel[:1], mel[1:] * np.float32(1e-25)]), PARAMS, quality="fast").samples
    assert np.isfinite(faint).all()


def test_progress_counts_the_channels(mel):
    for pair in (mel, np.concatenate([mel[:1], 0 * mel[:1]]), 0 * mel):
        for link in (True, False):
            seen = []
            tell = lambda step, total, _: seen.append((step, total))  # noqa: E731, B023
            clip_from_mel(pair, PARAMS, quality="fast", link_channels=link, progress=tell)
            steps, totals = zip(*seen, strict=True)
            assert list(steps) == sorted(steps) and len(set(totals)) == 1 and steps[-1] < totals[0]
