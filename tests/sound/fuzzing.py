"""Random and absurd input for the sound side, with the laws it must keep. Used by test_fuzz.py and the benchmark."""

import collections
import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode, image_from_mel, mel_from_image
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.params import SpectrogramParams

REFUSED = (ValueError, TypeError, FileNotFoundError, OSError)  # what bad input may raise; all else is a crash
ODD = (0.0, -0.0, 1.0, -1.0, 1e-45, 1e-38, 1e38, np.nan, np.inf, -np.inf, 0.5, -1e-7, 63.9, 65.0)
# small, so that thousands of cases take a minute
SMALL = {"n_mels": 32, "sample_rate": 8000, "fmax": 3900.0, "window_ms": 40.0, "padded_ms": 80.0}


def _samples(rng):
    n = int(rng.choice([0, 1, 2, 3, 79, 80, 81, 500, 1999, 4000]))
    channels = int(rng.choice([1, 1, 2, 6]))
    kind = rng.integers(9)
    x = np.zeros((channels, n), np.float32)
    if kind == 1:
        x[:] = rng.choice([1.0, -1.0, 0.25, 1e-40])  # DC, subnormal
    elif kind == 2 and n:
        x[:, rng.integers(n)] = rng.choice([1.0, -1.0])  # a full-scale click
    elif kind == 3:
        x = rng.standard_normal((channels, n)).astype(np.float32) * 10.0 ** rng.uniform(-40, 1)
    elif kind == 4 and n:
        x[:, rng.integers(n)] = rng.choice(ODD)
    elif kind == 5:
        x = rng.integers(-32768, 32767, (channels, n)).astype(rng.choice(["i2", "i4", "u1", "i8"]))
    elif kind == 6:
        x = np.sign(np.sin(np.arange(n) * rng.uniform(0.001, 3)))[None] * np.ones((channels, 1))  # full-scale squares
    elif kind == 7:
        x = [x.T, x[0], x[None], x.astype(complex), x.astype(bool), x.astype(object)][rng.integers(6)]
    elif kind == 8:
        x = np.frombuffer(rng.bytes(4 * n * channels), np.float32).reshape(channels, n)  # any bit pattern
    return x


def _params(rng):
    values = dict(SMALL)
    if rng.random() < 0.4:
        for name in rng.choice(
            [*values, "hop_ms", "fmin", "contrast", "stereo"], int(rng.integers(1, 4)), replace=False
        ):
            values[name] = rng.choice(
                [0, -1, 1, 2, 3.7, 10, 64, 100, 441, 1000, 22050, 1e9, np.nan, np.inf, 0.01, 0.25]
            )
    return SpectrogramParams(**values)


def _picture(rng):
    width, height = int(rng.choice([1, 2, 7, 40])), int(rng.choice([1, 2, 32, 33]))
    mode = str(rng.choice(["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"]))
    if mode == "F":
        values = rng.uniform(-10, 300, (height, width)).astype(np.float32)
        values[rng.integers(height), rng.integers(width)] = rng.choice([0, 255, np.nan, np.inf, -1, 1e30])
        image = Image.fromarray(values)
    elif mode.startswith("I"):
        values = rng.integers(0, int(rng.choice([2, 256, 65536])), (height, width))
        image = Image.fromarray(values.astype(np.uint16 if mode == "I;16" else np.int32))
    else:
        image = Image.frombytes("RGB", (width, height), rng.bytes(3 * width * height)).convert(
            mode if mode != "PA" else "LA"
        )
        if rng.random() < 0.2:
            image = Image.new(image.mode, image.size, "white")
    if rng.random() < 0.5:
        exif = image.getexif()
        for tag in rng.choice([*range(11000, 11090, 10), 11005, 274], int(rng.integers(1, 11)), replace=False):
            value = rng.choice([0, 1, 2, 32, 100, 8000, 44100, 70000, 0.25, 1e-9, 1e9])
            exif[int(tag)] = "nonsense" if rng.random() < 0.1 else float(value) if value % 1 else int(value)
    return image


def _file(rng, suffix, whole):
    """Random bytes, or a whole file cut off or with bytes changed."""
    kind = rng.integers(3)
    if kind == 0:
        return rng.bytes(int(rng.integers(0, 3000)))
    data = bytearray(whole)
    if kind == 1:
        return bytes(data[: int(rng.integers(0, len(data)))])
    for _ in range(int(rng.integers(1, 20))):
        data[int(rng.integers(0, min(len(data), 400)))] = int(rng.integers(256))
    return bytes(data)


def check(clip, silent):
    """The laws: no NaN out, and no sound out of silence."""
    assert np.isfinite(clip.samples).all(), "NaN or infinity came out"
    if silent:
        assert clip.peak() == 0, "silence became sound"


def one_case(rng, folder, wholes):
    """Run one random case; its name, or "refused" if the input was refused with a clear error."""
    kind = str(rng.choice(["samples", "mel", "picture", "sound file", "picture file"]))
    periodic = bool(rng.random() < 0.3)
    quality = str(rng.choice(["pghi", "fast", "griffin-lim"]))
    try:
        if kind == "samples":
            clip = Clip(_samples(rng), rng.choice([8000, 44100, 192000, 0, 7]) if rng.random() < 0.2 else 8000)
            params = _params(rng)
            if params.hop_length < 8:  # lawful, only slow
                return kind
            image = encode(clip, params, periodic=periodic, rounding=bool(rng.random() < 0.3))
            check(decode(image, periodic=periodic, quality=quality), clip.peak() == 0)
        elif kind == "mel":
            params = _params(rng)
            frames = int(rng.choice([0, 1, 2, 5, 70]))
            if params.n_fft > 1 << 16 or params.n_mels > 500:
                return kind
            mel = (rng.random((params.channels, params.n_mels, frames)) * 10.0 ** rng.uniform(-44, 11)).astype(
                np.float32
            )
            mel[rng.random(mel.shape) < rng.choice([0, 0.5, 0.99])] = 0
            if rng.random() < 0.2 and mel.size:
                mel.flat[rng.integers(mel.size)] = rng.choice(ODD)
            silent = not mel.any()
            check(
                clip_from_mel(mel * np.float32(1e-11), params, periodic=periodic, quality=quality, iterations=2), silent
            )
            pixels = np.asarray(image_from_mel(mel, params))
            assert not silent or pixels[..., 1].min() == 255, "silence was not drawn white"
        elif kind == "picture":
            image = _picture(rng)
            silent = float(mel_from_image(image).max()) == 0
            clip = decode(image, periodic=periodic, quality=quality)
            check(clip, silent)
            assert clip.peak() <= 1.0001, "louder than full scale"
        elif kind == "sound file":
            suffix = str(rng.choice([".wav", ".flac", ".ogg", ".mp3"]))
            path = folder / f"case{suffix}"
            path.write_bytes(_file(rng, suffix, wholes[suffix]))
            check(Clip.load(path), False)
        else:
            suffix = str(rng.choice([".png", ".jpg", ".webp"]))
            data = _file(rng, suffix, wholes[suffix])
            try:
                image = Image.open(io.BytesIO(data))
                image.load()
            except Exception:  # Pillow's own affair
                return "refused"
            if image.width * image.height > 100_000:
                return kind
            check(decode(image, quality="pghi"), False)
    except REFUSED as error:
        assert len(str(error)) > 10, f"an error that says nothing: {error!r}"
        return "refused"
    return kind


def run(cases, seed=0):
    """Run so many cases; how many of each kind went through. AssertionError or a crash names its seed."""
    counts = collections.Counter()
    tune = Clip((np.sin(np.arange(1600) * 0.3) * 0.3).astype(np.float32), 8000)
    picture = encode(tune, SpectrogramParams(**SMALL))
    wholes = {suffix: tune.to_bytes(suffix) for suffix in (".wav", ".flac", ".ogg", ".mp3")}
    for suffix, name in ((".png", "PNG"), (".jpg", "JPEG"), (".webp", "WEBP")):
        buffer = io.BytesIO()
        picture.save(buffer, name, exif=picture.getexif())
        wholes[suffix] = buffer.getvalue()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in range(seed, seed + cases):
            try:
                counts[one_case(np.random.default_rng(case), Path(folder), wholes)] += 1
            except Exception as error:
                raise AssertionError(f"fuzz case {case}: {type(error).__name__}: {error}") from error
    return dict(counts)
