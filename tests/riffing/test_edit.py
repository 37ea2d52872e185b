"""Laws of vary, inpaint and extend, on toy checkpoints with random weights."""

import numpy as np
import pytest
from PIL import Image
from toys import FEW, pixels

import riffkit


@pytest.mark.parametrize("samples", [1, 30, 44100, 100_001])
def test_vary_keeps_the_length_of_any_recording(toy, recording, samples):
    clip = riffkit.Clip(recording.samples[:, :samples], 44100)
    varied = toy.vary(clip, "jazz", strength=0.5, **FEW)
    assert abs(varied.clip.duration - clip.duration) <= 0.01


def test_vary_at_other_rates_and_channels_keeps_the_length(toy, recording):
    stereo = riffkit.Clip(np.concatenate([recording.samples, -recording.samples]), 44100).resample(22050)
    assert abs(toy.vary(stereo, "jazz", strength=0.5, **FEW).clip.duration - stereo.duration) <= 0.01


def test_strength_0_is_the_autoencoder_and_1_ignores_the_source(toy, recording):
    from riffkit.diffusion.latents import latents_from_pixels, pixels_from_latents
    from riffkit.riffing.source import as_source
    from riffkit.riffing.task import latents_of

    given = as_source(recording, toy.checkpoint)
    untouched = toy.vary(recording, "jazz", strength=0, **FEW)
    latents, columns = latents_of(toy.checkpoint, given, False)
    expected = pixels_from_latents(toy.checkpoint, latents)[:, :columns]
    assert np.array_equal(pixels(untouched)[..., 0], expected)
    assert latents_from_pixels(toy.checkpoint, given.pixels[:, :128].copy()).shape[-1] == 128 // toy.checkpoint.factor
    reversed_clip = riffkit.Clip(recording.samples[:, ::-1].copy(), 44100)
    free = [toy.vary(clip, "jazz", 3, strength=1, **FEW) for clip in (recording, reversed_clip)]
    assert np.array_equal(pixels(free[0]), pixels(free[1]))


def test_vary_takes_pictures_riffs_and_files(toy, bells, tmp_path):
    from_riff = toy.vary(bells, "jazz", **FEW)
    from_picture = toy.vary(bells.image, "jazz", **FEW)
    bells.save(tmp_path / "bells.png")
    from_file = toy.vary(tmp_path / "bells.png", "jazz", **FEW)
    assert np.array_equal(pixels(from_riff), pixels(from_picture))
    assert np.array_equal(pixels(from_riff), pixels(from_file))
    with pytest.raises(FileNotFoundError, match="no file"):
        toy.vary("church bells")
    with pytest.raises(ValueError, match="64 rows"):
        toy.vary(Image.new("RGB", (128, 64)))


def test_inpaint_keeps_black_pixels_bit_for_bit(toy, bells):
    rng = np.random.default_rng(0)
    mask = rng.choice([0, 128, 255], bells.image.size[::-1], p=[0.7, 0.1, 0.2]).astype(np.uint8)
    for kind in (mask, Image.fromarray(mask), mask / 255.0):
        painted = toy.inpaint(bells, kind, "techno", **FEW)
        assert np.array_equal(pixels(painted)[mask == 0], pixels(bells)[mask == 0])
        assert not np.array_equal(pixels(painted)[mask == 255], pixels(bells)[mask == 255])


def test_inpaint_keeps_colours_of_foreign_pictures(toy):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (128, 150, 3), dtype=np.uint8))
    painted = toy.inpaint(noise, [(0.5, 0.8)], **FEW)
    assert painted.image.size == (150, 128)
    assert np.array_equal(pixels(painted)[:, :50], np.asarray(noise)[:, :50])
    assert np.array_equal(pixels(painted)[:, 80:], np.asarray(noise)[:, 80:])


def test_boxes_repaint_what_they_name(toy, bells):
    changed = pixels(toy.inpaint(bells, [(0.4, 0.9, 200, 2000)], "techno", **FEW))[..., 0] != pixels(bells)[..., 0]
    columns, rows = np.flatnonzero(changed.any(0)), np.flatnonzero(changed.any(1))
    assert columns.min() >= 40 and columns.max() < 90
    mel = lambda f: 2595 * np.log10(1 + f / 700) / (2595 * np.log10(1 + 10000 / 700)) * 128  # noqa: E731
    assert rows.min() >= 128 - mel(2000) - 1 and rows.max() <= 128 - mel(200) + 1
    with pytest.raises(ValueError, match="not inside"):
        toy.inpaint(bells, [(9, 12)])


def test_masks_of_any_size_fit(toy, bells):
    small = np.zeros((4, 8), np.uint8)
    small[:, 4:] = 255
    painted = toy.inpaint(bells, small, "techno", **FEW)
    half = bells.image.width // 2
    assert np.array_equal(pixels(painted)[:, :half], pixels(bells)[:, :half])
    with pytest.raises(ValueError, match="mask"):
        toy.inpaint(bells, np.full((4, 4), 3.0))


@pytest.mark.slow
@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("seconds", [0.37, 2.5])
def test_extend_leaves_the_old_part_untouched(toy, recording, side, seconds):
    old = toy.riff("church bells", 3, duration=2.2, **FEW)
    longer = toy.extend(old, duration=seconds, side=side, **FEW)
    new = round(seconds * 100)
    assert longer.image.width == old.image.width + new
    kept = slice(new, None) if side == "left" else slice(None, old.image.width)
    assert np.array_equal(pixels(longer)[:, kept], pixels(old))
    assert longer.recipe["arguments"]["prompt"] == "church bells"
    samples, before = longer.clip.samples[0], old.clip.samples[0]
    assert len(samples) == len(before) + new * 441
    away = round(0.35 * 44100)  # from the border
    there = samples[new * 441 :][away:] if side == "left" else samples[: len(before)][:-away]
    wanted = before[away:] if side == "left" else before[:-away]
    error = np.sqrt(np.mean((there - wanted) ** 2)) / np.sqrt(np.mean(wanted**2))
    assert 20 * np.log10(error + 1e-12) <= -40


def test_inpaint_keeps_the_sound_away_from_the_border(toy):
    old = toy.riff("church bells", 3, duration=4.0, **FEW)
    painted = toy.inpaint(old, [(1.6, 2.4)], "techno", **FEW)
    for kept in (slice(0, round(1.25 * 44100)), slice(round(2.75 * 44100), None)):
        a, b = painted.clip.samples[0][kept], old.clip.samples[0][kept]
        assert 20 * np.log10(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)) + 1e-12) <= -40
