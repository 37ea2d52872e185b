"""Pictures: Riffusion's format, round trips, odd pictures."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode, image_from_mel, image_from_pixels, mel_from_image
from riffkit.sound.image_file import read_image_metadata, save_image
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.metadata import USUAL_LEVEL, params_from_image, read_tags, stored_level
from riffkit.sound.params import SpectrogramParams


def error_db(found, wanted):
    return 20 * np.log10(np.linalg.norm(found - wanted) / np.linalg.norm(wanted) + 1e-30)


def riffusion_pixels(mel, power=0.25):
    """What riffusion-hobby's image_util does, step by step, to a (channels, mels, frames) array of its scale."""
    data = mel * np.float32(32768)
    data = data / data.max()
    data = np.power(data, power)
    data = (255 - data * 255).astype(np.uint8)[:, ::-1]
    if len(data) == 1:
        return np.repeat(data.transpose(1, 2, 0), 3, axis=2)
    return np.stack([np.zeros_like(data[0]), data[0], data[1]], axis=2)


@pytest.mark.parametrize("stereo", [False, True])
def test_pixels_are_riffusions(tune, stereo):
    params = SpectrogramParams(stereo=stereo)
    clip = Clip(np.concatenate([tune.samples, tune.samples[:, ::-1]]), 44100) if stereo else tune
    mel = mel_from_clip(clip, params)
    assert np.array_equal(np.asarray(encode(clip, params)), riffusion_pixels(mel))


def test_tags_are_riffusions(tune, tmp_path):
    mel = mel_from_clip(tune)
    save_image(encode(tune), tmp_path / "a.png")
    tags = dict(Image.open(tmp_path / "a.png").getexif())
    expected = {11000: 44100, 11005: 0, 11010: 10, 11020: 100, 11030: 400, 11040: 512, 11050: 0, 11060: 10000}
    assert tags == expected | {11070: 0.25, 11080: pytest.approx(float(mel.max()) * 32768)}


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg"])
def test_parameters_travel_in_the_picture(tune, tmp_path, suffix):
    params = SpectrogramParams(n_mels=256, hop_ms=12.5, window_ms=80, padded_ms=160, fmin=30, fmax=9000, contrast=0.3)
    image = encode(tune, params)
    save_image(image, tmp_path / f"a{suffix}")
    assert params_from_image(Image.open(tmp_path / f"a{suffix}")) == params
    assert params_from_image(image.copy()) == params


@pytest.mark.parametrize("rounding", [False, True])
def test_eight_bits_cost_forty_decibels(tune, rounding):
    mel = mel_from_clip(tune)
    image = image_from_mel(mel, SpectrogramParams(), rounding=rounding)
    assert error_db(mel_from_image(image), mel) < -40


def test_drawing_what_was_read_changes_no_pixel(tune):
    image = encode(tune)
    again = image_from_mel(mel_from_image(image), SpectrogramParams(), level=stored_level(image))
    assert np.array_equal(np.asarray(again), np.asarray(image))


def test_all_tags_are_read_at_once(tune):
    params = SpectrogramParams(n_mels=64, fmax=9000.0)
    for rounding in (False, True):
        image = encode(tune, params, rounding=rounding)
        tags = read_tags(image)
        assert tags == (params_from_image(image), stored_level(image), not rounding)
        assert tags.params == params and tags.level == pytest.approx(mel_from_clip(tune, params).max())
        assert read_tags(image.copy()) == tags, "a copy says the same"
    bare = Image.fromarray(np.asarray(image))
    assert read_tags(bare) == (SpectrogramParams(n_mels=64), None, False)
    assert read_tags(bare, params).params is params


@pytest.mark.parametrize("level", [None, 0.0, 3.0])
def test_pixels_become_a_picture_that_says_how_to_read_them(tune, level):
    params = SpectrogramParams(n_mels=64)
    pixels = np.asarray(encode(tune, params).convert("L"))
    image = image_from_pixels(pixels, params, level)
    assert image.mode == "RGB" and np.array_equal(np.asarray(image)[..., 0], pixels)
    assert read_tags(image) == (params, USUAL_LEVEL if level is None else level, False)
    assert image_from_pixels(pixels, params, mode=None).mode == "L"
    with pytest.raises(ValueError, match="level is"):
        image_from_pixels(pixels, params, -1.0)


def test_silence_is_white_and_stays_silent():
    silence = Clip(np.zeros((1, 44100), np.float32), 44100)
    image = encode(silence)
    assert np.asarray(image).min() == 255
    assert decode(image).peak() == 0
    assert decode(Image.new("RGB", (40, 512), "white")).peak() == 0


def test_loops_have_one_column_a_hop(loop):
    image = encode(loop, periodic=True)
    assert image.size == (256, 512)
    assert decode(image, periodic=True, quality="pghi").samples.shape == (1, 256 * 441)
    assert decode(image, quality="pghi").samples.shape == (1, 255 * 441)


def test_level_is_kept_or_set(tune):
    quiet = Clip(tune.samples / 16, tune.sample_rate)
    image = encode(quiet)
    assert decode(image, quality="fast").peak() == pytest.approx(quiet.peak(), rel=0.25)
    assert decode(image, quality="fast", loudness="peak").peak() == pytest.approx(10 ** (-1 / 20), rel=1e-5)
    assert decode(Image.fromarray(np.asarray(image)), quality="fast").peak() == pytest.approx(10 ** (-1 / 20), rel=1e-5)


def test_stereo_picture_without_tags_is_recognised(tune):
    pixels = np.asarray(encode(tune, SpectrogramParams(stereo=True)))
    assert params_from_image(Image.fromarray(pixels)).stereo
    assert not params_from_image(Image.fromarray(np.asarray(encode(tune)))).stereo


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "PA", "CMYK", "HSV", "YCbCr", "LAB", "I", "F", "I;16"])
def test_any_mode_reads_as_the_same_sound(tune, mode):
    image = Image.fromarray(np.asarray(encode(tune))[:, :100])
    grey = image.convert("L")
    if mode == "I;16":
        other = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "LAB":
        from PIL import ImageCms

        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        other = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    else:
        other = grey.convert(mode) if mode in ("P", "PA", "I", "F", "LA") else image.convert(mode)
    assert other.mode == mode
    assert error_db(mel_from_image(other), mel_from_image(image)) < (-20 if mode in ("YCbCr", "LAB") else -100)


def test_black_and_white_pictures_and_transparent_ones():
    assert mel_from_image(Image.new("1", (5, 64), 1)).max() == 0
    assert mel_from_image(Image.new("1", (5, 64), 0)).min() > 0
    assert mel_from_image(Image.new("RGBA", (5, 64), (0, 0, 0, 0))).max() == 0


def test_recipe_travels_in_png_only(tune, tmp_path):
    image = encode(tune)
    save_image(image, tmp_path / "a.png", recipe={"prompt": "größer", "seed": 7})
    assert read_image_metadata(tmp_path / "a.png") == {"prompt": "größer", "seed": 7}
    with pytest.raises(ValueError, match="PNG only"):
        save_image(image, tmp_path / "a.jpg", recipe={})
    with pytest.raises(FileExistsError, match="overwrite"):
        save_image(image, tmp_path / "a.png")
    assert {p.name for p in tmp_path.iterdir()} == {"a.png"}


def test_stereo_jpeg_warns(tune, tmp_path):
    with pytest.warns(UserWarning, match="JPEG mixes"):
        save_image(encode(tune, SpectrogramParams(stereo=True)), tmp_path / "a.jpg")


@pytest.mark.parametrize(
    "tags",
    [
        {11000: -5},
        {11000: 10**9},
        {11010: "ten"},
        {11060: 1e30},
        {11070: 0},
        {11070: float("nan")},
        {11080: -1.0},
        {11080: float("inf")},
        {11040: 99},
    ],
)
def test_absurd_tags_are_left_out_with_a_warning(tags):
    image = Image.new("RGB", (8, 512), "grey")
    image.getexif().update(tags)
    with pytest.warns(UserWarning):
        mel = mel_from_image(image)
    assert np.isfinite(mel).all()
    assert params_from_image(Image.new("RGB", (8, 512))) == SpectrogramParams(stereo=False)


def test_foreign_tags_do_no_harm():
    image = Image.new("RGB", (8, 512), "grey")
    image.getexif().update({274: 1, 305: "camera"})
    assert params_from_image(image) == SpectrogramParams()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_bad_mels_are_refused(bad):
    mel = np.ones((1, 512, 4), np.float32)
    mel[0, 3, 2] = bad
    with pytest.raises(ValueError, match="expected finite"):
        image_from_mel(mel, SpectrogramParams())


def test_what_is_no_picture_is_refused(tune):
    with pytest.raises(TypeError, match=r"Image\.open"):
        decode(np.zeros((4, 4)))
    with pytest.raises(FileNotFoundError, match=r"picture\.png"):
        decode("picture.png")
    with pytest.raises(ValueError, match="rows"):
        decode(Image.new("L", (10, 1)))
    with pytest.raises(ValueError, match="resize"):
        decode(Image.new("L", (10, 100)), SpectrogramParams())
    with pytest.raises(ValueError, match="channels"):
        image_from_mel(mel_from_clip(tune), replace(SpectrogramParams(), stereo=True))


def test_a_drawn_line_plays_its_pitch():
    pixels = np.full((512, 200), 255, np.uint8)
    pixels[512 - 1 - 150 : 512 - 150] = 0
    clip = decode(Image.fromarray(pixels))
    spectrum = np.abs(np.fft.rfft(clip.samples[0]))
    found = np.argmax(spectrum) / clip.duration
    mels = np.linspace(0, 2595 * np.log10(1 + 10000 / 700), 514)[151]
    assert found == pytest.approx(700 * (10 ** (mels / 2595) - 1), rel=0.01)
