"""Inversion: laws of the sound that comes back."""

import numpy as np
import pytest

from riffkit.listening.metrics import mel_error_near, seam_click, seam_flux
from riffkit.progress import Cancelled
from riffkit.sound.clip import Clip
from riffkit.sound.inversion import ITERATIONS, boundaries, chunks, clip_from_mel
from riffkit.sound.inversion.operators import grid_for
from riffkit.sound.mel import mel_filters, mel_from_clip
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams()


def error_db(found, wanted):
    n = min(found.shape[-1], wanted.shape[-1])
    return 20 * np.log10(np.linalg.norm(found[..., :n] - wanted[..., :n]) / np.linalg.norm(wanted[..., :n]))


@pytest.fixture(scope="module")
def mel(tune):
    return mel_from_clip(tune)


def test_the_banded_solve_is_least_squares(mel):
    grid = grid_for(PARAMS)
    filters = mel_filters(PARAMS).astype(np.float64)
    dense = np.linalg.lstsq(filters, mel[0][:, ::50].astype(np.float64), rcond=None)[0]
    plain = np.maximum(dense[:: PARAMS.n_fft // PARAMS.win_length], 0).T[:, : grid.window // 2 + 1]
    assert error_db(grid.magnitudes(mel[0][:, ::50]), plain) < -100


@pytest.mark.parametrize("quality, wanted", [("pghi", -12), ("fast", -22), ("default", -25), ("best", -28)])
def test_the_mel_comes_back(mel, quality, wanted):
    clip = clip_from_mel(mel, PARAMS, quality=quality)
    assert error_db(mel_from_clip(clip), mel) < wanted


def test_ours_is_nearer_than_griffin_lim(mel):
    theirs = mel_from_clip(clip_from_mel(mel, PARAMS, quality="griffin-lim"))
    ours = mel_from_clip(clip_from_mel(mel, PARAMS))
    assert error_db(ours, mel) < error_db(theirs, mel) - 2


def chord(seed, rate=44100):
    """Steady partials, cut off hard at both ends."""
    rng = np.random.default_rng(seed)
    t = np.arange(2 * rate) / rate
    partials = [np.cos(2 * np.pi * (f * t + rng.random())) for f in rng.uniform(150, 250, 1) * np.arange(1, 9)]
    return Clip((sum(partials) / 20).astype(np.float32)[None], rate)


@pytest.mark.parametrize("quality", ["fast", "default"])
def test_partials_agree_with_their_mirror_image_at_the_ends(quality, monkeypatch):
    ends = [*range(8), *range(-8, 0)]

    def error_at_ends():
        pairs = []
        for seed in range(6):
            mel = mel_from_clip(chord(seed))
            pairs.append((mel_from_clip(clip_from_mel(mel, PARAMS, quality=quality))[..., ends], mel[..., ends]))
        return error_db(*(np.concatenate(side) for side in zip(*pairs, strict=True)))

    turned = error_at_ends()
    monkeypatch.setattr(boundaries.Mirror, "turn", lambda *_: None)
    assert turned < error_at_ends() - 2


def test_a_sound_that_agrees_with_its_mirror_image_is_left_alone():
    grid = grid_for(PARAMS)
    n = boundaries.frames_needed(grid)
    sound = np.pad(chord(0, 20000).samples[0], grid.window // 2, mode="reflect")
    mel = mel_from_clip(chord(0))[0][:, :n] * np.float32(20000 / 44100)
    before = sound.copy()
    (after,) = boundaries.agree_with_mirror([sound], [mel], grid, 0.0)
    assert np.array_equal(sound, before)
    inside = slice(grid.window // 2, len(after))
    assert error_db(after[inside], sound[inside]) < -40  # the bend at the mirror folds back differently at 44.1 kHz
    (turned,) = boundaries.agree_with_mirror([-sound], [mel], grid, 0.0)  # upside down it is the same sound
    assert error_db(-turned[inside], sound[inside]) < -40


@pytest.mark.parametrize("quality", ["fast", "griffin-lim"])
def test_same_seed_same_samples(mel, quality):
    a, b = (clip_from_mel(mel, PARAMS, quality=quality, seed=5).samples for _ in range(2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, clip_from_mel(mel, PARAMS, quality=quality, seed=6).samples)


def test_the_number_of_cores_changes_nothing(mel, monkeypatch):
    a = clip_from_mel(mel, PARAMS, quality="fast").samples
    monkeypatch.setenv("RIFFKIT_THREADS", "1")
    assert np.array_equal(a, clip_from_mel(mel, PARAMS, quality="fast").samples)


@pytest.mark.slow
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("quality, iterations", [("fast", 2), ("griffin-lim", 3)])
def test_chunks_give_the_samples_of_one_go(tune, periodic, quality, iterations, monkeypatch):
    mel = mel_from_clip(Clip(np.tile(tune.samples, 11)[:, : 441 * 3000], 44100), periodic=True)  # 12 blocks
    monkeypatch.setattr(chunks, "CHUNK", 1000)
    whole = clip_from_mel(mel, PARAMS, quality=quality, iterations=iterations, periodic=periodic)
    monkeypatch.setattr(chunks, "CHUNK", 2)  # and up to three more on both sides
    pieces = clip_from_mel(mel, PARAMS, quality=quality, iterations=iterations, periodic=periodic)
    assert np.array_equal(whole.samples, pieces.samples)


def test_silence_stays_silence_and_loudness_scales(mel):
    silent = clip_from_mel(np.zeros((1, 512, 50), np.float32), PARAMS)
    assert silent.peak() == 0
    loud, quiet = (clip_from_mel(mel * g, PARAMS, quality="fast").samples for g in (1, 2.0**-10))
    assert error_db(quiet * 2**10, loud) < -60


def test_a_pause_stays_a_pause(mel):
    broken = mel.copy()
    broken[:, :, 100:160] = 0
    clip = clip_from_mel(broken, PARAMS)
    pause = clip.samples[:, 108 * 441 : 152 * 441]
    assert np.abs(pause).max() < 1e-3 * clip.peak()


def test_channels_that_are_not_linked_are_inverted_each_for_itself(mel):
    both = np.concatenate([mel, mel[:, :, ::-1], 0 * mel])
    clip = clip_from_mel(both, PARAMS, quality="fast", link_channels=False)
    assert clip.n_channels == 3
    assert np.array_equal(clip.samples[:1], clip_from_mel(mel, PARAMS, quality="fast").samples)
    assert np.abs(clip.samples[2]).max() == 0


def test_loops_have_no_seam(loop):
    mel = mel_from_clip(loop, periodic=True)
    clip = clip_from_mel(mel, PARAMS, periodic=True)
    assert clip.samples.shape == loop.samples.shape
    assert seam_click(clip) < -90
    assert seam_flux(clip) < 1.3 * max(seam_flux(loop), 1)
    there, elsewhere = mel_error_near(mel, clip, np.arange(-6, 6), periodic=True)
    assert there < elsewhere + 2


@pytest.mark.parametrize("n_frames", [1, 2, 3, 9, 63, 65, 129])
@pytest.mark.parametrize("periodic", [False, True])
def test_any_number_of_frames(mel, n_frames, periodic):
    clip = clip_from_mel(mel[:, :, 40 : 40 + n_frames], PARAMS, periodic=periodic)
    frames = n_frames if periodic else max(n_frames - 1, 1)
    assert clip.samples.shape == (1, frames * 441)
    assert clip.peak() > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"hop_ms": 12.5, "window_ms": 80, "padded_ms": 80},
        {"sample_rate": 22050, "n_mels": 128},
        {"sample_rate": 48000, "window_ms": 60, "padded_ms": 100},
        {"n_mels": 64, "fmax": 4000},
        {"hop_ms": 7.3, "window_ms": 31.9, "padded_ms": 201.7},
    ],
)
def test_other_parameters(tune, changes):
    params = SpectrogramParams(**changes)
    clip = tune.resample(params.sample_rate)
    mel = mel_from_clip(clip, params)
    assert error_db(mel_from_clip(clip_from_mel(mel, params), params), mel) < -15


def test_full_band_keeps_what_lies_above_ten_kilohertz():
    rng = np.random.default_rng(0)
    params = SpectrogramParams.full_band()
    clip = Clip((rng.standard_normal(44100) * np.hanning(44100) * 0.1).astype(np.float32), 44100)
    mel = mel_from_clip(clip, params)
    found = clip_from_mel(mel, params)
    spectrum = np.abs(np.fft.rfft(found.samples[0]))
    assert np.square(spectrum[15000:19000]).mean() > 0.5 * np.square(spectrum[5000:9000]).mean()
    assert error_db(mel_from_clip(found, params), mel) < -12


def test_progress_counts_up_and_stops(mel):
    seen = []
    clip_from_mel(mel, PARAMS, quality="fast", progress=lambda step, total, _: seen.append((step, total)))
    steps, totals = zip(*seen, strict=True)
    assert list(steps) == sorted(steps) and set(totals) == {ITERATIONS["fast"] + 1}
    with pytest.raises(Cancelled):
        clip_from_mel(mel, PARAMS, progress=lambda step, total, _: step < 2)


@pytest.mark.parametrize(
    "bad, message",
    [
        (np.zeros((1, 100, 5)), "shape"),
        (np.zeros((512,)), "shape"),
        (np.zeros((1, 512, 0)), "shape"),
        (np.full((1, 512, 5), np.nan), "NaN"),
        (np.full((1, 512, 5), -1.0), "magnitudes"),
        (np.full((1, 512, 5), 1e30), "magnitudes"),
    ],
)
def test_bad_mels_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        clip_from_mel(bad, PARAMS)


def test_bad_options_are_refused(mel):
    with pytest.raises(ValueError, match="expected one of fast"):
        clip_from_mel(mel, PARAMS, quality="finest")
    with pytest.raises(ValueError, match="iterations"):
        clip_from_mel(mel, PARAMS, iterations=-1)
    with pytest.raises(ValueError, match="device"):
        clip_from_mel(mel, PARAMS, device="abacus")
    with pytest.raises(TypeError, match="seed"):
        clip_from_mel(mel, PARAMS, seed=0.5)


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("quality, iterations", [("default", 4), ("griffin-lim", 4)])
def test_torch_takes_the_same_steps(mel, periodic, quality, iterations):
    options = {"periodic": periodic, "quality": quality, "iterations": iterations}
    ours = clip_from_mel(mel, PARAMS, **options)
    torchs = clip_from_mel(mel, PARAMS, device="cpu:0", **options)  # torch's name for the CPU
    assert error_db(torchs.samples, ours.samples) < -60
