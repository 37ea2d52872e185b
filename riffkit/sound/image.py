"""Mel magnitudes as pictures and back, in Riffusion's exact format.

Low frequencies at the bottom, loud is dark; mono has three equal channels, stereo has red 0, green left, blue right.
The parameters travel as EXIF tags 11000 to 11080, which PNG, JPEG and WEBP keep. What Riffusion does not know (rounding
or the recipe of a riff) is JSON in a PNG text chunk named "riffkit": its reader chokes on tags that are not its own.
"""

import json
import math

import numpy as np
from PIL import Image

from riffkit.progress import report
from riffkit.sound.clip import Clip
from riffkit.sound.display import show_pictures
from riffkit.sound.inversion import ITERATIONS, check_mel, invert
from riffkit.sound.mel import mel_columns, n_frames_of
from riffkit.sound.metadata import (
    INT16,
    KEY,
    MAX_VALUE,
    TAGS,
    as_riffusion,
    extra_of,
    params_from_image,
    stored_level,
    tags_of,
)
from riffkit.sound.params import SpectrogramParams

WIDEST_RGB = 65535  # columns; longer pictures are grey ("L"), a quarter of the memory
COLUMNS = 4096  # drawn or read at a time


def image_from_mel(mel, params, *, level=None, rounding=False, metadata=None):
    """Draw mel magnitudes as an 8-bit picture, low frequencies at the bottom, loud is dark.

    Lossy: magnitudes are divided by the largest one, raised to `params.contrast` and cut down to 256 levels.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames), >= 0]
        One channel, or two if `params.stereo`. Silence is allowed and gives a white picture.
    params : SpectrogramParams
        Written into the picture, so that `mel_from_image` needs nothing else.
    level : float or None [> 0]
        The magnitude that is drawn black; None takes the largest. A common level keeps the loudness between clips.
    rounding : bool
        Round to the nearest grey instead of cutting off as Riffusion does: half the error, and pixels that may differ
        from Riffusion's by one. Marked in the picture.
    metadata : dict or None
        More JSON to travel with the picture (PNG only).

    Returns
    -------
    PIL.Image.Image [mode "RGB", size=(n_frames, n_mels); grey "L" beyond 65535 mono frames]

    Raises
    ------
    ValueError
        If `mel` holds NaN, infinity or negative values, or has another shape than `params` says.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    mel = check_mel(mel, params)
    if mel.shape[0] != params.channels:
        raise ValueError(
            f"mel has {mel.shape[0]} channels; expected {params.channels} with stereo={params.stereo} "
            f"(use mel.mean(axis=0, keepdims=True), or replace(params, stereo=...))"
        )
    level = _checked_level(mel.max() if level is None else level)
    return _draw(lambda c, a, b: mel[c, :, a:b], mel.shape[2], params, level, rounding, metadata)


def _checked_level(level):
    if not (math.isfinite(level) and level >= 0):
        raise ValueError(f"level is {level}; expected a finite magnitude from 0")
    return np.float32(level)


def _draw(columns, n_frames, params, level, rounding, metadata):
    """The picture of `columns(channel, first, last)`, drawn a stretch at a time."""
    wide = n_frames > WIDEST_RGB and not params.stereo
    pixels = np.empty((params.n_mels, n_frames) if wide else (params.n_mels, n_frames, 3), np.uint8)
    if params.stereo:
        pixels[..., 0] = 0
    for a in range(0, n_frames, COLUMNS):
        b = min(a + COLUMNS, n_frames)
        for channel in range(params.channels):
            grey = _grey(columns(channel, a, b), level, params.contrast, rounding)[::-1]
            if wide:
                pixels[:, a:b] = grey
            elif params.stereo:
                pixels[:, a:b, 1 + channel] = grey
            else:
                pixels[:, a:b] = grey[:, :, None]
    image = Image.fromarray(pixels)
    values = {name: getattr(params, name) for name in TAGS}
    exif = image.getexif()
    exif.update({TAGS[name]: as_riffusion(name, value) for name, value in values.items()})
    exif[MAX_VALUE] = float(level) * INT16
    image.info["exif"] = exif.tobytes()  # survives image.copy() too
    extra = dict(metadata or {}) | ({"rounding": True} if rounding else {})
    if extra:
        image.info[KEY] = json.dumps(extra)
    return image


def _grey(mel, level, contrast, rounding):
    if level == 0:
        return np.full(mel.shape, 255, np.uint8)
    shade = np.float32(255) - np.power(np.minimum(mel / level, 1), np.float32(contrast)) * np.float32(255)
    return (shade + np.float32(0.5 if rounding else 0)).astype(np.uint8)


def mel_from_image(image, params=None):
    """Read magnitudes from a spectrogram picture.

    Parameters
    ----------
    image : PIL.Image.Image
        Any mode. Transparent is silent; a mono picture's colours are averaged.
    params : SpectrogramParams or None
        None reads them from the picture, see `params_from_image`.

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0]
        At the level stored in the picture, else with the largest possible magnitude (black) at 30e6 / 32768, as
        Riffusion has it.

    Raises
    ------
    TypeError, ValueError
        If it is no picture, or smaller than 2 rows.
    """
    columns, n_frames, params, _ = _reader(image, params)
    return np.stack([columns(c)(0, n_frames) for c in range(params.channels)])


def _reader(image, params):
    """How to read a picture a stretch at a time: (channel -> columns(first, last)), n_frames, params, stored level."""
    params = params_from_image(image) if params is None else params
    image = _plain(image)
    width, height = image.size
    if height != params.n_mels:
        raise ValueError(f"the picture has {height} rows, params expect n_mels={params.n_mels}; resize it to fit")
    level, rounded = stored_level(image), extra_of(image).get("rounding") is True
    cut_off = tags_of(image) is not None and not rounded
    # cut-off greys lie half a step below the magnitude they stand for on average; white is true silence
    lift = 0.5 if cut_off else 0.0
    scale = 30e6 / INT16 if level is None else level
    shades = np.maximum(255 - np.arange(256) - lift, 0) / 255
    table = (shades ** (1 / params.contrast) * scale).astype(np.float32)

    def columns_of(channel):
        def columns(first, last):
            pixels = np.asarray(image.crop((first, 0, last, height)))[::-1]
            if params.stereo:
                if pixels.ndim == 2:
                    pixels = np.repeat(pixels[:, :, None], 3, axis=2)
                pixels = pixels[:, :, 1 + channel]
            elif pixels.ndim == 3:
                if not ((pixels[..., 0] == pixels[..., 1]) & (pixels[..., 0] == pixels[..., 2])).all():
                    pixels = pixels.mean(axis=2, dtype=np.float32)
                else:
                    pixels = pixels[..., 0]
            if pixels.dtype == np.uint8:
                return table[pixels]
            shade = np.maximum(255 - pixels.astype(np.float32) - np.float32(lift), 0) / np.float32(255)
            return (shade ** np.float32(1 / params.contrast) * np.float32(scale)).astype(np.float32)

        return columns

    return columns_of, width, params, level


def _plain(image):
    """The picture as "L", "RGB" or "F" (0..255), with what travels in it."""
    if not isinstance(image, Image.Image):
        raise TypeError(f"expected a PIL picture, got {type(image).__name__}; use PIL.Image.open(path)")
    if image.width < 1 or image.height < 2:
        raise ValueError(f"the picture has {image.width} x {image.height} pixels; a spectrogram has 2 rows or more")
    mode = image.mode
    if mode in ("L", "RGB"):
        if "transparency" not in image.info:
            return image
        image_a = image.convert("RGBA")
    elif mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image_a = image.convert("RGBA")
    elif mode.startswith("I") or mode == "F":
        values = np.asarray(image).astype(np.float32)
        low, high = float(values.min()), float(values.max())
        if not (low >= 0 and high <= 65535):
            raise ValueError(f"a picture of mode {mode} goes from {low} to {high}; expected 0..255 or 0..65535")
        if mode.startswith("I;16") or high > 255:
            values = values / 257
        return _with_info(Image.fromarray(values), image)
    else:
        return _with_info(image.convert("L" if mode == "1" else "RGB"), image)
    white = Image.new("RGBA", image.size, "white")
    return _with_info(Image.alpha_composite(white, image_a).convert("RGB"), image)


def _with_info(plain, image):
    plain.info = {k: v for k, v in image.info.items() if k in ("exif", KEY)}
    plain.format = image.format
    return plain


def encode(clip, params=None, *, periodic=False, rounding=False, level=None, progress=None):
    """Turn a clip into a spectrogram picture. Lossy: phase is dropped.

    Parameters
    ----------
    clip : Clip
        Is resampled to `params.sample_rate`; several channels are mixed down unless `params.stereo` (then one is
        doubled, and of more than two the mean goes to both sides).
    params : SpectrogramParams or None
        None takes Riffusion's: mono, 512 mels up to 10 kHz.
    periodic : bool
        The clip is a loop (5.12 s are 512 columns).
    rounding, level
        As in `image_from_mel`.
    progress : callable or None
        Gets `(step, total, None)`; return False to stop with `Cancelled`.

    Returns
    -------
    PIL.Image.Image [mode "RGB", size=(n_frames, n_mels)]

    References
    ----------
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    if not isinstance(clip, Clip):
        raise TypeError(
            f"expected a Clip, got {type(clip).__name__}; use Clip.load(path) or Clip(samples, sample_rate)"
        )
    params = SpectrogramParams() if params is None else params
    if clip.n_channels != params.channels:
        mono = clip.mono()
        clip = Clip(np.repeat(mono.samples, 2, axis=0), clip.sample_rate) if params.stereo else mono
    clip = clip.resample(params.sample_rate)
    n_frames = n_frames_of(clip.samples[0], params, periodic)

    def columns(channel, first, last):
        out = np.empty((params.n_mels, last - first), np.float32)
        return mel_columns(clip.samples[channel], params, first, last, out, periodic)

    starts = range(0, n_frames, COLUMNS)
    total = len(starts) * params.channels
    kept = {}  # short clips are transformed once; long ones twice, in bounded memory
    top = 0.0
    for channel in range(params.channels):
        for i, a in enumerate(starts):
            report(progress, channel * len(starts) + i, total)
            mel = columns(channel, a, min(a + COLUMNS, n_frames))
            top = max(top, float(mel.max()))
            if len(kept) < 16:
                kept[channel, a] = mel

    def drawn(channel, a, b):
        return kept[channel, a] if (channel, a) in kept else columns(channel, a, b)

    level = _checked_level(top if level is None else level)
    image = _draw(drawn, n_frames, params, level, rounding, None)
    report(progress, total, total)
    return image


def decode(
    image, params=None, *, periodic=False, quality="default", seed=0, level="stored", device="cpu", progress=None
):
    """Turn a spectrogram picture into sound: `clip_from_mel` of what `mel_from_image` reads.

    Parameters
    ----------
    image : PIL.Image.Image
        Any picture can be played; one drawn by hand too.
    params : SpectrogramParams or None
        None reads them from the picture.
    periodic : bool
        The picture is a loop: 512 columns give 5.12 s (225,792 samples) without a seam, otherwise 5.11 s.
    quality : str
        "fast", "default" or "best" (or "griffin-lim", "pghi").
    seed : int
    level : str
        "stored": as loud as what was encoded, if the picture says how loud that was. "peak": the largest sample is
        -1 dBFS. Pictures that say nothing always get that. What would exceed full scale is turned down to it.
    device : str
        As in `clip_from_mel`.
    progress : callable or None
        Gets `(step, total, None)`; return False to stop with `Cancelled`.

    Returns
    -------
    Clip

    Raises
    ------
    TypeError, ValueError

    References
    ----------
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    if level not in ("stored", "peak"):
        raise ValueError(f"level is {level!r}; expected 'stored' or 'peak'")
    if quality not in ITERATIONS:
        raise ValueError(f"quality is {quality!r}; expected one of {', '.join(ITERATIONS)}")
    columns_of, n_frames, params, stored = _reader(image, params)
    sources = [columns_of(c) for c in range(params.channels)]
    clip = invert(
        sources,
        n_frames,
        params,
        periodic=periodic,
        quality=quality,
        seed=seed,
        iterations=None,
        device=device,
        progress=progress,
        ceiling=1.0 if stored is not None and level == "stored" else None,
    )
    return clip


show_pictures()


def image_from_pixels(pixels, params, level=None, *, mode="RGB"):
    """Pixels as a spectrogram picture with its parameters inside.

    Parameters
    ----------
    pixels : np.ndarray [shape=(n_mels, n_frames) or (n_mels, n_frames, 3), uint8]
    params : SpectrogramParams
    level : float, optional
        The magnitude of black; default Riffusion's usual one.
    mode : str or None
        Of the picture; None leaves grey pixels grey ("L"), which takes a third of the memory.
    """
    level = 30e6 / 32768 if level is None else level
    stamp = image_from_mel(np.zeros((1, params.n_mels, 1), np.float32), params, level=level, rounding=True)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image = image if mode in (None, image.mode) else image.convert(mode)
    image.info.update(stamp.info)
    return image
