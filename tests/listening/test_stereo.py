"""The meter of the panorama: what it says of sounds whose place is known."""

import numpy as np
import pytest

from riffkit.listening import metrics, stereo
from riffkit.sound.clip import Clip

RATE = 44100


def noises(n=2 * RATE, seed=0):
    return np.random.default_rng(seed).standard_normal((2, n)) / 10


def pair(left, right):
    return Clip(np.stack([left, right]).astype(np.float32), RATE)


def test_one_sound_in_both_channels_is_coherent_whatever_the_balance():
    sound = noises()[0]
    for gain in (1.0, 0.1, -0.5):
        clip = pair(sound, gain * sound)
        assert stereo.band_coherence(clip) == pytest.approx(1, abs=1e-4)
        assert stereo.balance(clip) == pytest.approx(-20 * np.log10(abs(gain)), abs=1e-3)


def test_independent_noises_are_incoherent_wide_and_lose_half():
    clip = pair(*noises())
    assert stereo.band_coherence(clip).max() < 0.1
    assert stereo.side_to_middle(clip) == pytest.approx(0, abs=0.1)
    assert stereo.mono_loss(clip) == pytest.approx(-3.01, abs=0.1)


def test_mono_has_no_side_and_loses_nothing():
    sound = noises()[0]
    clip = pair(sound, sound)
    assert stereo.side_to_middle(clip) == pytest.approx(-120, abs=0.1)
    assert stereo.mono_loss(clip) == pytest.approx(0, abs=1e-6)
    assert stereo.mono_loss(pair(sound, -sound)) == pytest.approx(-120, abs=0.1)
    assert stereo.side_to_middle(pair(sound, -sound)) == pytest.approx(120, abs=0.1)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_part_in_common_is_that_coherent(share):
    common, (left, right) = noises(20 * RATE, 1)[0], noises(20 * RATE, 2)
    a, b = np.sqrt(share), np.sqrt(1 - share)
    clip = pair(a * common + b * left, a * common + b * right)
    assert stereo.band_coherence(clip) == pytest.approx(share**2, abs=0.03)
    assert stereo.side_to_middle(clip) == pytest.approx(10 * np.log10((1 - share) / (1 + share)), abs=0.1)


def test_bands_are_heard_apart():
    low, high = np.fft.rfft(noises(), axis=1), np.fft.rfft(noises(seed=5), axis=1)
    hertz = np.fft.rfftfreq(2 * RATE, 1 / RATE)
    both = np.fft.irfft(np.where(hertz < 1000, low[0], high), 2 * RATE)
    found = stereo.band_coherence(Clip(both.astype(np.float32), RATE))
    assert found[:2] == pytest.approx(1, abs=0.05) and found[2:].max() < 0.1


@pytest.mark.parametrize("samples", [np.zeros((2, 1000)), np.zeros((2, 1)), np.eye(2)[:, [0] * 5000]])
def test_silence_and_one_sided_sound_have_finite_figures(samples):
    figures = stereo.panorama(Clip(samples.astype(np.float32), RATE))
    assert np.isfinite(list(figures.values())).all()


def test_only_stereo_has_a_panorama():
    for measure in (stereo.band_coherence, stereo.side_to_middle, stereo.mono_loss, stereo.balance, stereo.panorama):
        with pytest.raises(ValueError, match="1 channel"):
            measure(Clip(noises()[:1].astype(np.float32), RATE))


def test_the_report_tells_of_stereo_what_a_mono_mix_hides():
    sound, (left, right) = noises(RATE)[0], noises(RATE, 3)
    clip = pair(sound + 0.1 * left, sound + 0.1 * right)
    same, wide = metrics.report(clip, clip), metrics.report(clip, pair(sound + left, sound + right))
    assert all(value == 0 for name, value in same.items() if name.startswith("off"))
    assert wide["off: side to middle (dB)"] > 5 and wide["off: coherence 250-1000 Hz"] > 0.3
    assert same["mono mix, spectral convergence (dB)"] == -np.inf
    assert set(metrics.report(clip.mono(), clip.mono())) < set(same)
