"""Sound files, pictures and masks with anything wrong: read, or refused in words that name the file; never a crash.

A few hundred cases with every `make test`; thousands with `make test-faults`.
"""

import functools
import io
import json
import math
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import riffkit
from riffkit.riffing.masks import as_mask, mask_pixels
from riffkit.sound.clip import Clip
from riffkit.sound.files import duration_of, is_picture, open_image, read_metadata
from riffkit.sound.formats import mel_from_dialect
from riffkit.sound.image import mel_from_image
from riffkit.sound.image_file import read_image_metadata, save_image
from riffkit.sound.metadata import extra_of, params_from_image
from riffkit.sound.params import SpectrogramParams
from tests.faults.mutation import count, mutated, png_chunks, png_of, run
from tests.faults.sounds import encoded, flac_without_length, id3, tone, variable_mp3, wav_kinds, without_xing

SMALL = SpectrogramParams(n_mels=32, sample_rate=8000, fmax=3900.0, window_ms=40.0, padded_ms=80.0)


@functools.cache
def sounds():
    """Suffix -> whole files."""
    short, recipe = Clip(tone(0.4, rate=8000), 8000), {"recipe": {"operation": "riff"}}
    with tempfile.TemporaryDirectory() as folder:
        ours = {
            s: short.save(Path(folder) / f"a{s}", metadata=recipe).read_bytes()
            for s in (".wav", ".flac", ".ogg", ".mp3")
        }
    stereo = np.stack([tone(0.3, rate=16000), tone(0.3, 880, rate=16000)], axis=1)
    mp3 = variable_mp3(0.7, 0.2)
    return {
        ".wav": [ours[".wav"], *wav_kinds().values(), encoded(stereo, "WAV", 16000, subtype="FLOAT")],
        ".flac": [ours[".flac"], encoded(stereo, "FLAC", 16000), flac_without_length(ours[".flac"])],
        ".ogg": [ours[".ogg"], encoded(stereo, "OGG", 16000), encoded(stereo, "OGG", 16000, subtype="OPUS")],
        ".mp3": [
            ours[".mp3"],
            mp3,
            without_xing(mp3),
            id3((b"COMM", b"\3eng\0{}")) + mp3,
            encoded(stereo, "MP3", 16000),
        ],
        ".aiff": [encoded(stereo, "AIFF", 16000), encoded(stereo, "CAF", 16000), encoded(stereo, "AU", 16000)],
    }


def sound_case(folder, seed):
    rng = np.random.default_rng(seed)
    suffix = str(rng.choice(list(sounds())))
    others = [data for kind in sounds().values() for data in kind]
    chosen = sounds()[suffix][int(rng.integers(len(sounds()[suffix])))]
    data = rng.bytes(int(rng.integers(3000))) if rng.random() < 0.05 else mutated(rng, chosen, others)
    path = folder / f"case{suffix if rng.random() < 0.9 else '.bin'}"
    path.write_bytes(data)
    found = read_metadata(path)
    assert found is None or isinstance(found, dict)
    is_picture(path)
    what = rng.integers(4)
    if what == 0:
        assert duration_of(path) >= 0
        return True
    if what == 1:
        clip = Clip.load(path, start=float(rng.choice([0, 0.1, 3])), duration=float(rng.choice([1e-6, 0.1, 100])))
    else:
        clip = Clip.load(path)
    assert np.isfinite(clip.samples).all() and clip.samples.size
    if what == 3 and clip.duration < 5:
        assert riffkit.encode(path, SMALL).height == 32
    return True


def test_damaged_sound_files_are_read_or_refused(tmp_path):
    assert sound_cases(0, count(150, 3000), tmp_path) > count(30, 600)


def sound_cases(seed, n, folder=None):
    """Run n cases from `seed` on; how many were read."""
    with tempfile.TemporaryDirectory() as temporary:
        return run("sound", seed, n, lambda case: sound_case(Path(folder or temporary), case))


@functools.cache
def pictures():
    """Suffix -> whole files."""
    image = riffkit.encode(Clip(tone(0.4, rate=8000), 8000), SMALL)
    wholes = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".png", ".webp", ".jpg"):
            recipe = {"recipe": {"operation": "riff", "arguments": {}}} if suffix == ".png" else None
            wholes[suffix] = save_image(image, Path(folder) / f"a{suffix}", recipe=recipe).read_bytes()
    grey = np.asarray(image.convert("L"))
    for suffix, other in {
        ".bmp": image,
        ".gif": image.convert("P"),
        ".tif": Image.fromarray(grey.astype(np.uint16) * 257),
        ".tiff": Image.fromarray(grey.astype(np.float32)),
        ".ppm": image,
        ".rgba.png": image.convert("RGBA"),
    }.items():
        buffer = io.BytesIO()
        other.save(buffer, suffix.rsplit(".", 1)[1].replace("tiff", "tif").replace("tif", "TIFF"))
        wholes[suffix] = buffer.getvalue()
    return wholes


@functools.cache
def packed(n):
    """Bytes that unpack to n."""
    return zlib.compress(b"x" * n)


def strange_text(rng):
    """JSON, or nearly, that nobody expects under "riffkit"."""
    depth = int(rng.choice([1, 5, 70, 500, 3000, 100000]))
    texts = [
        '{"a":' * depth + "1" + "}" * depth,
        "[" * depth,
        json.dumps({"recipe": rng.choice(["x", "riff"])}),
        json.dumps({"recipe": {"operation": 3, "arguments": [], "sound": "x"}}),
        json.dumps({"rounding": [[[]]], "recipe": None}),
        json.dumps([1, 2]),
        '{"a": ' + "9" * 5000 + "}",
        '{"a": NaN, "b": Infinity, "a": 1e999}',
        json.dumps({"x": "\ud800\0\u2028"}),
        "\ufeff{}",
        "{" + "\0" * 50,
        "",
    ]
    return texts[int(rng.integers(len(texts)))]


def strange_png(rng):
    """A picture whose checksums are right and whose chunks are not."""
    chunks = png_chunks(pictures()[".png"])
    kind = rng.integers(6)
    text = strange_text(rng).encode("utf-8", "surrogatepass")
    if kind == 0:
        chunks.insert(1, [b"iTXt", b"riffkit\0\0\0\0\0" + text])
    elif kind == 1:
        chunks.insert(1, [b"iTXt", b"riffkit\0\1\0\0\0" + zlib.compress(text + b" " * int(rng.choice([0, 3 << 20])))])
    elif kind == 2:
        chunks.insert(1, [b"zTXt", b"Comment\0\0" + packed(int(rng.choice([10, 2 << 20, 80 << 20])))])
    elif kind == 3:
        for chunk in chunks:
            if chunk[0] == b"eXIf":
                chunk[1] = mutated(rng, chunk[1])
    elif kind == 4:
        size = rng.choice([0, 1, 2, 33, 4097, 70000, 1 << 20, (1 << 31) - 1], 2)
        chunks[0][1] = int(size[0]).to_bytes(4, "big") + int(size[1]).to_bytes(4, "big") + chunks[0][1][8:]
    else:
        chunk = chunks[int(rng.integers(len(chunks)))]
        chunk[1] = mutated(rng, chunk[1])
    return png_of(chunks)


def picture_case(folder, seed):
    rng = np.random.default_rng(seed)
    suffix = str(rng.choice(list(pictures())))
    data = strange_png(rng) if rng.random() < 0.4 else mutated(rng, pictures()[suffix], list(pictures().values()))
    path = folder / "case.png"
    path.write_bytes(data)
    found = read_image_metadata(path)
    assert found is None or isinstance(found, dict)
    is_picture(path)
    image = open_image(path)
    if image.width * image.height > 200_000:
        return True
    what = rng.integers(6)
    try:
        assert isinstance(extra_of(image), dict)
        params = params_from_image(image)
        if what == 0 and image.height < 300:
            assert np.isfinite(riffkit.decode(path, quality="pghi").samples).all()
        elif what == 1:
            assert np.isfinite(mel_from_image(path)).all()
        elif what == 2:
            pixels = mask_pixels(as_mask(image), 32, 40, params)
            assert pixels.shape == (32, 40) and 0 <= pixels.min() <= pixels.max() <= 1
        elif what == 3:
            save_image(image, folder / "again.png", overwrite=True)
            assert open_image(folder / "again.png").size == image.size
        elif what == 4:
            assert np.isfinite(mel_from_dialect(image)[0]).all()
        else:
            riffkit.sound.display.bundle_for_picture(image)
    except (ValueError, TypeError) as error:
        raise type(error)(f"case: {error}") from error  # a picture in memory has no name
    return True


def test_damaged_pictures_are_read_or_refused(tmp_path):
    assert picture_cases(0, count(250, 4000), tmp_path) > count(60, 1000)


def picture_cases(seed, n, folder=None):
    """Run n cases from `seed` on; how many were read."""
    with tempfile.TemporaryDirectory() as temporary:
        return run("picture", seed, n, lambda case: picture_case(Path(folder or temporary), case))


def mask_case(seed):
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.choice([1, 2, 33, 64])), int(rng.choice([1, 3, 40]))
    kind = rng.integers(4)
    try:
        if kind == 0:
            mode = str(
                rng.choice(["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "HSV", "I", "F"])
            )
            image = Image.frombytes("RGBA", (columns, rows), rng.bytes(4 * rows * columns))
            for step in {"La": ("LA", "La"), "RGBa": ("RGBa",), "PA": ("P", "PA")}.get(mode, (mode,)):
                image = (
                    image.convert(step)
                    if step not in ("HSV", "YCbCr", "CMYK", "I", "F")
                    else image.convert("RGB").convert(step)
                )
            mask = image
        elif kind == 1:
            values = rng.choice([0, 1, 128, 255, 256, 65535, -1, math.nan, math.inf], (rows, columns))
            with np.errstate(invalid="ignore"):
                values = values.astype(rng.choice(["u1", "u2", "i4", "f4", "f8", "?", "i8"]))
            mask = (
                Image.fromarray(values) if values.dtype in ("u1", "u2", "i4", "f4") and rng.random() < 0.5 else values
            )
        elif kind == 2:
            numbers = [0, 1, -1, 0.1, 1e9, math.nan, math.inf, 200, "a", None, 10**400]
            mask = [
                tuple(numbers[i] for i in rng.integers(len(numbers), size=int(rng.choice([2, 4, 3]))))
                for _ in range(int(rng.integers(1, 3)))
            ]
        else:
            things = [
                None,
                "mask.png",
                {},
                [],
                [[]],
                3,
                b"x",
                object(),
                np.zeros((0, 3)),
                np.zeros((2, 2, 2)),
                [[1, 2], [3]],
            ]
            mask = things[int(rng.integers(len(things)))]
        pixels = mask_pixels(as_mask(mask), rows, columns, SMALL)
    except (ValueError, TypeError) as error:
        raise type(error)(f"case: {error}") from error
    assert pixels.shape == (rows, columns) and np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 1
    return True


def mask_cases(seed, n):
    """Run n cases from `seed` on; how many were taken."""
    return run("mask", seed, n, mask_case)


def test_masks_of_any_kind_are_taken_or_refused():
    assert mask_cases(0, count(300, 3000)) > count(50, 500)


@pytest.mark.parametrize("depth", [50, 900, 100000])
def test_nested_texts_in_pictures_are_no_recipe(tmp_path, depth):
    text = PngImagePlugin.PngInfo()
    text.add_itxt("riffkit", '{"a":' * depth + "1" + "}" * depth)
    Image.new("RGB", (9, 64), "grey").save(tmp_path / "a.png", pnginfo=text)
    if depth > 60:
        with pytest.warns(UserWarning, match="nested deeper than 60"):
            assert read_image_metadata(tmp_path / "a.png") is None
        with pytest.warns(UserWarning, match="nested deeper than 60"):
            assert extra_of(tmp_path / "a.png") == {}
    else:
        assert read_image_metadata(tmp_path / "a.png")["a"]
