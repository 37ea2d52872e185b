"""Pictures that people bring: ours of any length, foreign ones of any kind, masks as editors leave them."""

import io
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

import riffkit
from riffkit.riffing.masks import as_mask, mask_pixels
from riffkit.sound.clip import Clip
from riffkit.sound.display import bundle_for_picture, figure_for_picture
from riffkit.sound.files import is_picture, open_image
from riffkit.sound.formats import decode_dialect, recognise_dialect
from riffkit.sound.image import image_from_pixels, mel_from_image
from riffkit.sound.image_file import read_image_metadata, save_image
from riffkit.sound.metadata import params_from_image, read_tags, stored_level, tags_of
from riffkit.sound.params import SpectrogramParams
from tests.faults.mutation import png_chunks, png_of
from tests.faults.sounds import tone

RECIPE = {"recipe": {"operation": "riff", "arguments": {"prompt": "größer"}}}


@pytest.fixture(scope="module")
def image():
    return riffkit.encode(Clip(tone(0.5), 44100))


@pytest.mark.slow
def test_a_picture_of_an_hour_is_opened_and_pillows_limit_is_left_alone(tmp_path):
    limit = Image.MAX_IMAGE_PIXELS
    params = SpectrogramParams()
    hour = image_from_pixels(np.full((512, 360001), 255, np.uint8), params, 1.0, mode=None)
    path = save_image(hour, tmp_path / "hour.png")
    with pytest.raises(Image.DecompressionBombError):
        Image.open(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opened = open_image(path)
        assert opened.size == (360001, 512) and read_tags(path).params == params
    assert not mel_from_image(opened)[0, :, -1].any()
    assert limit == Image.MAX_IMAGE_PIXELS


def test_foreign_bombs_are_not_unpacked(tmp_path):
    """A few kilobytes that would be gigabytes: refused by rows and columns, with the way to raise the limit."""
    for rows, columns in ((60000, 60000), (2**31 - 1, 2), (1, 2**31 - 1)):
        head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
        data = png_of([[b"IHDR", head], [b"IDAT", zlib.compress(b"\0" * 10000)], [b"IEND", b""]])
        (tmp_path / "bomb.png").write_bytes(data)
        with pytest.raises(ValueError, match=rf"bomb\.png has {columns} x {rows} pixels.*limit.*largest="):
            open_image(tmp_path / "bomb.png")
    Image.new("L", (100, 100)).save(tmp_path / "small.png")
    with pytest.raises(ValueError, match="limit is 9,999"):
        open_image(tmp_path / "small.png", largest=9999)
    assert open_image(tmp_path / "small.png", largest=10000).size == (100, 100)


def test_texts_that_unpack_to_anything_cost_the_texts_only(tmp_path, image):
    """Pillow opens no picture with one text beyond a megabyte, as ImageMagick makes them of our recipes."""
    chunks = png_chunks(save_image(image, tmp_path / "a.png", recipe=RECIPE).read_bytes())
    bomb = [b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * (50 << 20))]
    (tmp_path / "b.png").write_bytes(png_of([chunks[0], bomb, *chunks[1:]]))
    assert open_image(tmp_path / "b.png").size == image.size
    assert read_image_metadata(tmp_path / "b.png") == RECIPE
    assert read_tags(tmp_path / "b.png") == read_tags(image)
    large = '{"recipe": {"operation": "riff", "x": "' + "y" * (2 << 20) + '"}}'
    bare = [chunk for chunk in chunks if chunk[0] != b"iTXt"]
    for packed in (
        [b"iTXt", b"riffkit\0\1\0\0\0" + zlib.compress(large.encode())],
        [b"zTXt", b"riffkit\0\0" + zlib.compress(large.encode())],
    ):
        (tmp_path / "c.png").write_bytes(png_of([bare[0], packed, *bare[1:]]))
        assert len(read_image_metadata(tmp_path / "c.png")["recipe"]["x"]) == 2 << 20


@pytest.mark.parametrize("kind", ["bmp", "tif", "gif", "ppm", "png", "webp", "jpg"])
def test_pictures_of_every_kind_are_played_whatever_their_names_say(tmp_path, image, kind):
    format = {"tif": "TIFF", "jpg": "JPEG"}.get(kind, kind.upper())
    for name in (f"a.{kind}", f"A.{kind.upper()}", "a.wav"):
        (image.convert("L") if kind in ("bmp", "tif", "gif") else image).save(tmp_path / name, format)
        assert riffkit.decode(tmp_path / name, quality="fast").duration > 0.4
        assert kind == "ppm" or is_picture(tmp_path / name)


def test_paths_are_taken_wherever_a_picture_is(tmp_path, image):
    path = save_image(image, tmp_path / "a.png")
    for value in (path, str(path)):
        assert np.array_equal(mel_from_image(value), mel_from_image(image))
        assert (
            riffkit.decode(value, quality="fast").samples.tobytes()
            == riffkit.decode(image, quality="fast").samples.tobytes()
        )
        assert params_from_image(value) == params_from_image(image) and tags_of(value) == tags_of(image)
        assert stored_level(value) == stored_level(image) and recognise_dialect(value) == "riffusion"
        assert figure_for_picture(value).size == figure_for_picture(image).size
        assert bundle_for_picture(value) == bundle_for_picture(image)
        assert decode_dialect(value, quality="fast").duration == riffkit.decode(image, quality="fast").duration
        assert save_image(value, tmp_path / "b.webp", overwrite=True).exists()
    with pytest.raises(TypeError, match=r"Image\.open"):
        riffkit.decode(3)


def test_what_is_no_picture_is_called_what_it_is(tmp_path, image):
    for name, data, word in (
        ("a.png", b"", "empty"),
        ("b.png", b"%PDF-1.7", "PDF"),
        ("c.png", b"words", "none of the kinds"),
        ("d.png", save_image(image, tmp_path / "x.png").read_bytes()[:300], "damaged or cut"),
        ("e.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "none of the kinds"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=word) as caught:
            riffkit.decode(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(IsADirectoryError):
        riffkit.decode(tmp_path)


def test_damaged_exif_is_left_out_when_a_picture_is_saved(tmp_path, image):
    for data in (b"Exif\0\0nonsense", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 50):
        broken = image.copy()
        broken.info["exif"] = data
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            path = save_image(broken, tmp_path / "a.png", overwrite=True)
            assert riffkit.decode(path, quality="fast").duration > 0.4
        assert all("site-packages" not in warning.filename for warning in told)


def test_deep_and_transparent_pictures_are_read_a_stretch_at_a_time():
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 65536, (16, 9000)).astype(np.uint16)
    shades = Image.fromarray(deep.astype(np.float32))
    assert np.array_equal(mel_from_image(Image.fromarray(deep)), mel_from_image(shades))
    late = np.zeros((16, 9000), np.float32)
    late[:, -1] = 300  # deep by its last column alone
    assert mel_from_image(Image.fromarray(late))[0, 0, -1] > 0
    late[3, -1] = np.nan
    with pytest.raises(ValueError, match="goes from"):
        mel_from_image(Image.fromarray(late))
    alpha = rng.integers(0, 256, (16, 9000, 4)).astype(np.uint8)
    whole = Image.fromarray(alpha)
    flat = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB")
    assert np.array_equal(mel_from_image(whole), mel_from_image(flat))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P", "RGB"])
def test_transparent_parts_of_a_mask_are_kept(tmp_path, mode):
    """White strokes on a transparent ground whose hidden colour is white."""
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:, :4, 3] = 0
    mask = Image.fromarray(pixels)
    if mode in ("P", "RGB"):  # one colour is the transparent one
        pixels[:, :4, :3] = (1, 2, 3)
        mask = Image.fromarray(pixels[..., :3])
        if mode == "P":
            mask = mask.quantize(2, dither=Image.Dither.NONE)
            mask.info["transparency"] = mask.getpixel((0, 0))
        else:
            mask.info["transparency"] = (1, 2, 3)
    else:
        alpha = mask.getchannel("A")
        mask = mask.convert("LA") if mode == "LA" else mask.convert("RGB").convert("P") if mode == "PA" else mask
        if mode == "PA":
            mask.putalpha(alpha)
    assert mask.mode == mode
    with pytest.warns(UserWarning, match="transparent parts, which are kept"):
        values = mask_pixels(as_mask(mask), 8, 8, SpectrogramParams(n_mels=8))
    assert (values[:, :4] == 0).all() and (values[:, 4:] == 1).all()


def test_black_strokes_on_nothing_repaint_nothing_and_that_is_said():
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:4, :, 3] = 255
    with pytest.warns(UserWarning, match="paint in white"):
        assert as_mask(Image.fromarray(pixels)).getextrema() == (0, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        opaque = np.full((4, 4, 4), 255, np.uint8)
        assert as_mask(Image.fromarray(opaque)).getextrema() == (255, 255)


def test_masks_of_sixteen_bits_are_scaled():
    deep = np.array([[0, 32768, 65535]], np.uint16)
    wanted = [[0, 128, 255]]
    for mask in (
        Image.fromarray(deep),
        deep,
        Image.fromarray(deep.astype(np.int32)),
        Image.fromarray(deep.astype("f")),
    ):
        assert np.abs(np.asarray(as_mask(mask)).astype(int) - wanted).max() <= 1
    low = np.array([[0, 128, 255]], np.uint16)
    for mask in (low, low.astype(np.int32), Image.fromarray(low.astype(np.int32)), Image.fromarray(low.astype("f"))):
        assert np.array_equal(np.asarray(as_mask(mask)), wanted)
    with pytest.raises(ValueError, match="mask"):
        as_mask(Image.fromarray(np.full((2, 2), np.nan, np.float32)))


@pytest.mark.parametrize("box", [(0, float("inf")), (0, "a"), (0, 1, None, 3), (float("nan"), 1), (0, 10**400)])
def test_boxes_hold_numbers(box):
    with pytest.raises(ValueError, match="box"):
        mask_pixels(as_mask([box]), 8, 8, SpectrogramParams(n_mels=8))


def test_pictures_are_opened_by_many_threads_at_once(tmp_path, image):
    path, ends = save_image(image, tmp_path / "a.png"), []

    def look():
        ends.append(open_image(io.BytesIO(path.read_bytes())).size)

    threads = [threading.Thread(target=look) for _ in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert ends == [image.size] * 16
