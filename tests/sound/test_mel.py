"""The forward transform beside torch, written out as Riffusion has it."""

import numpy as np
import pytest
import torch

from riffkit.sound.clip import Clip
from riffkit.sound.mel import mel_columns, mel_filters, mel_from_clip
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams()


def torchaudio_filters(params):
    """torchaudio's melscale_fbanks (norm None, HTK) in torch."""
    freqs = torch.linspace(0, params.sample_rate // 2, params.n_fft // 2 + 1)
    low, high = (2595 * np.log10(1 + f / 700) for f in (params.fmin, params.fmax))
    points = 700 * (10 ** (torch.linspace(low, high, params.n_mels + 2) / 2595) - 1)
    width = points[1:] - points[:-1]
    slopes = points[None] - freqs[:, None]
    return torch.clamp(torch.minimum(-slopes[:, :-2] / width[:-1], slopes[:, 2:] / width[1:]), min=0).T


def peer_mel(samples, filters, params):
    window = torch.hann_window(params.win_length)
    stft = torch.stft(
        torch.from_numpy(samples), params.n_fft, params.hop_length, params.win_length, window, return_complex=True
    )
    return (filters @ stft.abs()).numpy()


def pixels(mel):
    return (255 - np.power(mel / mel.max(), 0.25) * 255).astype(np.uint8)


def test_filters_are_torchaudios():
    assert (
        np.abs(mel_filters(PARAMS) - torchaudio_filters(PARAMS).numpy()).max() < 5e-5
    )  # torch's own pow is off by this


@pytest.fixture(scope="module")
def exact(tune):
    """The mel of the tune in double precision, from all samples."""
    x = np.pad(tune.samples[0].astype(np.float64), 2205, mode="reflect")
    frames = np.stack([x[a : a + 4410] for a in range(0, len(x) - 4409, 441)])
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(4410) / 4410)
    return mel_filters(PARAMS) @ np.abs(np.fft.rfft(frames * window, n=17640)).T


def test_pixels_are_those_of_the_padded_transform(tune, exact):
    """But for rounding, on both sides and by processor: it moves only shades on the edge between two, by one, and
    ours no oftener than the peer's."""
    ours = mel_from_clip(tune)
    shade = 255 - (exact / exact.max()) ** 0.25 * 255
    wrong = lambda mel: (pixels(mel)[0] != pixels(exact)).mean()  # noqa: E731
    for filters in (torch.from_numpy(mel_filters(PARAMS).copy()), torchaudio_filters(PARAMS)):
        peer = peer_mel(tune.samples, filters, PARAMS)
        differ = (pixels(ours) != pixels(peer))[0]
        assert differ.mean() < 1e-4
        assert np.all(np.abs(shade - np.rint(shade))[differ] < 0.01)
        assert np.abs(pixels(ours).astype(int) - pixels(peer)).max() <= 1
        assert wrong(ours) < wrong(peer) + 2e-5
    peer = peer_mel(tune.samples, torch.from_numpy(mel_filters(PARAMS).copy()), PARAMS)
    assert np.abs(ours - peer).max() < 2e-6 * peer.max()


def test_half_the_samples_tell_the_same(tune, exact):
    """Where fmax is low, every other sample is transformed: the numbers stay those of all of them."""
    assert np.abs(mel_from_clip(tune)[0] - exact).max() < 1e-6 * exact.max()


def test_what_lies_above_the_picture_does_not_fold_into_it():
    for hertz in (11200, 12100, 14000, 21000):  # halved, the second would sound at 9950 Hz
        tone = Clip(np.sin(2 * np.pi * hertz * np.arange(44100) / 44100), 44100)
        inside = Clip(np.sin(2 * np.pi * 9500 * np.arange(44100) / 44100), 44100)
        assert mel_from_clip(tone)[..., 20:80].max() < 2e-4 * mel_from_clip(inside).max(), hertz


def test_silence_beside_sound_is_exactly_silent():
    samples = np.zeros(44100, np.float32)
    samples[22050:] = np.random.default_rng(0).uniform(-1, 1, 22050)
    mel = mel_from_clip(Clip(samples, 44100))[0]
    first = 22050 // 441 - 5 + 1  # the first window that reaches into the noise
    assert (mel[:, :first] == 0).all() and (mel[:, first + 1] > 0).any()


def test_columns_do_not_depend_on_how_the_clip_is_cut(tune):
    whole = mel_columns(tune.samples[0], PARAMS, 0, 300, np.empty((512, 300), np.float32))
    part = mel_columns(tune.samples[0], PARAMS, 37, 200, np.empty((512, 163), np.float32))
    assert np.abs(whole[:, 37:200] - part).max() <= 2e-7 * whole.max()


@pytest.mark.parametrize("hertz", [60, 440, 2500, 9000])
def test_a_tone_is_drawn_at_its_pitch(hertz):
    tone = Clip(np.sin(2 * np.pi * hertz * np.arange(44100) / 44100), 44100)
    row = mel_from_clip(tone)[0, :, 50].argmax()
    centre = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 10000 / 700), 514)[row + 1] / 2595) - 1)
    assert centre == pytest.approx(hertz, abs=25)


def test_loops_are_clips_repeated(loop):
    thrice = Clip(np.tile(loop.samples, 3), 44100)
    assert np.allclose(mel_from_clip(loop, periodic=True), mel_from_clip(thrice)[:, :, 256:512], atol=1e-4)


def test_shifting_a_loop_shifts_its_picture(loop):
    shifted = Clip(np.roll(loop.samples, 10 * 441, axis=1), 44100)
    a, b = mel_from_clip(loop, periodic=True), mel_from_clip(shifted, periodic=True)
    assert np.allclose(np.roll(a, 10, axis=2), b, atol=1e-4)


def test_twice_as_loud_is_twice_the_magnitude(tune):
    double = Clip(tune.samples * 2, 44100)
    assert np.allclose(mel_from_clip(double), 2 * mel_from_clip(tune), rtol=1e-5)


@pytest.mark.parametrize("n", [1, 2, 100, 441, 2205, 4410, 8820])
@pytest.mark.parametrize("periodic", [False, True])
def test_short_clips(n, periodic):
    mel = mel_from_clip(Clip(np.ones(n, np.float32), 44100), periodic=periodic)
    assert mel.shape == (1, 512, max(n // 441, 1) if periodic else 1 + n // 441)
    assert np.isfinite(mel).all()


def test_another_rate_is_refused(tune):
    with pytest.raises(ValueError, match=r"use clip\.resample\(22050\)"):
        mel_from_clip(tune, SpectrogramParams(sample_rate=22050))


@pytest.mark.parametrize(
    "changes",
    [
        {"sample_rate": 0},
        {"sample_rate": 44100.5},
        {"hop_ms": 0},
        {"hop_ms": 200},
        {"window_ms": 1e9},
        {"padded_ms": 50},
        {"n_mels": 1},
        {"fmax": 30000},
        {"fmin": 10000},
        {"fmin": -1},
        {"contrast": 0},
        {"fmax": float("nan")},
    ],
)
def test_absurd_parameters_are_refused(changes):
    with pytest.raises(ValueError, match="expected"):
        SpectrogramParams(**changes)


def test_parameters_must_be_numbers():
    with pytest.raises(TypeError, match="hop_ms"):
        SpectrogramParams(hop_ms="10")
