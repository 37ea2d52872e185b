"""The quality meter ranks known damage in the right order, and calls equal what is equal."""

import numpy as np
import pytest

from riffkit.listening import envelopes, metrics
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.mel import mel_from_clip

RATE = 44100


@pytest.fixture(scope="module")
def clip():
    """Two seconds of decaying tones with sharp attacks every 0.25 s."""
    time = np.arange(2 * RATE) / RATE
    since = time % 0.25
    tones = sum(np.sin(2 * np.pi * f * since) / k for k, f in enumerate((330, 660, 1320, 3300), 1))
    return Clip((0.2 * tones * np.exp(-12 * since)).astype(np.float32), RATE)


def with_noise(clip, level_db):
    noise = np.random.default_rng(0).standard_normal(clip.samples.shape)
    scale = np.sqrt(np.mean(clip.samples**2)) * 10 ** (level_db / 20)
    return Clip((clip.samples + scale * noise).astype(np.float32), RATE)


def smeared(clip, seconds):
    """Energy spread evenly about its place, as by a long window."""
    n = round(seconds * RATE)
    carrier = np.random.default_rng(1).standard_normal(clip.samples.shape[1])
    envelope = np.sqrt(np.convolve(clip.samples[0] ** 2, np.ones(n) / n, mode="same"))
    return Clip((envelope * carrier).astype(np.float32), RATE)


FIGURES = {
    "spectral": metrics.spectral_convergence,
    "mel": metrics.mel_convergence,
    "log 512": lambda a, b: metrics.mel_log_distance(a, b, 512),
    "log 8192": lambda a, b: metrics.mel_log_distance(a, b, 8192),
    "multi": metrics.multi_resolution_distance,
    "envelope": envelopes.envelope_error,
}


@pytest.mark.parametrize("name", FIGURES)
def test_more_noise_is_worse(clip, name):
    figures = [FIGURES[name](clip, with_noise(clip, level)) for level in (-50, -30, -10)]
    assert figures[0] < figures[1] < figures[2]


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_is_better_than_the_original(clip, name):
    assert FIGURES[name](clip, clip) <= 0


@pytest.mark.parametrize("name", ["spectral", "mel", "log 512", "multi"])
def test_a_turned_phase_is_no_damage(clip, name):
    turned = Clip(-clip.samples, RATE)
    assert FIGURES[name](clip, turned) <= 1e-3


def test_smeared_attacks_show_as_pre_echo_and_lost_rise(clip):
    little, much = smeared(clip, 0.004), smeared(clip, 0.06)
    assert envelopes.pre_echo(clip, clip) == 0 == envelopes.attack_loss(clip, clip)
    assert envelopes.pre_echo(clip, little) < envelopes.pre_echo(clip, much)
    assert envelopes.attack_loss(clip, little) < envelopes.attack_loss(clip, much)
    assert envelopes.envelope_error(clip, little) < envelopes.envelope_error(clip, much)


def test_attacks_are_found_where_they_are(clip):
    found = envelopes.attacks(clip) / RATE
    assert np.allclose(found, np.arange(1, 8) * 0.25, atol=0.006)


def test_clicks_are_found_at_the_seam():
    n = 2 * RATE
    whole = Clip(np.sin(2 * np.pi * 400 * np.arange(n) / RATE).astype(np.float32), RATE)
    broken = Clip(whole.samples[:, : n - 27], RATE)  # a quarter of a period short
    assert metrics.seam_click(whole) < -90 < -50 < metrics.seam_click(broken)
    assert metrics.seam_flux(whole) < 2 < metrics.seam_flux(broken)


def test_seam_error_is_told_from_the_rest(clip):
    mel = mel_from_clip(clip, periodic=True)
    damaged = clip.samples.copy()
    damaged[:, : RATE // 20] = 0
    there, elsewhere = metrics.mel_error_near(mel, Clip(damaged, RATE), np.arange(-5, 10), periodic=True)
    assert there > elsewhere + 20


def test_grey_levels_count_the_round_trip(clip):
    image = encode(clip)
    assert metrics.grey_level_error(image, clip) == 0
    errors = [metrics.grey_level_error(image, with_noise(clip, level)) for level in (-50, -30, -10)]
    assert errors[0] < errors[1] < errors[2]


def test_report_has_all_figures(clip):
    assert len(metrics.report(clip, with_noise(clip, -20))) == 10


def test_clips_that_do_not_fit_are_refused(clip):
    with pytest.raises(ValueError, match="resample"):
        metrics.spectral_convergence(clip, clip.resample(22050))
    with pytest.raises(ValueError, match="mono"):
        envelopes.envelope_error(clip, Clip(np.tile(clip.samples, (2, 1)), RATE))
