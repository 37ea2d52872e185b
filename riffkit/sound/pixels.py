"""Shades of grey for magnitudes, and magnitudes for shades of grey, a stretch of columns at a time.

Low frequencies at the bottom, loud is dark. So an hour of sound can be drawn and read without its mel in memory.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from riffkit.sound.files import image_of
from riffkit.sound.metadata import USUAL_LEVEL, Picture, read_tags, write_tags
from riffkit.sound.params import SpectrogramParams

WIDEST_RGB = 65535  # columns; longer pictures are grey ("L"), a quarter of the memory
COLUMNS = 4096  # drawn or read at a time


class Reading(NamedTuple):
    """A picture that can be read a stretch at a time.

    Parameters
    ----------
    columns_of : callable
        Channel -> columns(first, last) -> magnitudes [shape=(n_mels, last - first), float32, >= 0].
    n_frames : int
    params : SpectrogramParams
    level : float or None
        The magnitude of black, if the picture says it.
    """

    columns_of: Callable[[int], Callable[[int, int], np.ndarray]]
    n_frames: int
    params: SpectrogramParams
    level: float | None


def checked_level(level: float) -> np.float32:
    """`level` as float32, or the ValueError that says why it can be no magnitude."""
    if not (math.isfinite(level) and level >= 0):
        raise ValueError(f"level is {level}; expected a finite magnitude from 0")
    return np.float32(level)


def draw(
    columns: Callable[[int, int, int], np.ndarray],
    n_frames: int,
    params: SpectrogramParams,
    *,
    level: float,
    rounding: bool = False,
    metadata: dict[str, Any] | None = None,
) -> Image.Image:
    """Draw a spectrogram picture a stretch at a time.

    Parameters
    ----------
    columns : callable
        (channel, first, last) -> magnitudes [shape=(n_mels, last - first), >= 0].
    n_frames : int
    params : SpectrogramParams
    level : float [>= 0]
        The magnitude that is drawn black.
    rounding, metadata
        As in `image_from_mel`.

    Returns
    -------
    PIL.Image.Image [mode "RGB", size=(n_frames, n_mels); grey "L" beyond 65535 mono frames]
    """
    black = checked_level(level)
    wide = n_frames > WIDEST_RGB and not params.stereo
    image = Image.new("L" if wide else "RGB", (n_frames, params.n_mels))
    for a in range(0, n_frames, COLUMNS):
        b = min(a + COLUMNS, n_frames)
        pixels = np.zeros((params.n_mels, b - a) if wide else (params.n_mels, b - a, 3), np.uint8)
        for channel in range(params.channels):
            grey = _grey(columns(channel, a, b), black, params.contrast, rounding)[::-1]
            if wide:
                pixels[:] = grey
            elif params.stereo:
                pixels[..., 1 + channel] = grey
            else:
                pixels[:] = grey[:, :, None]
        image.paste(Image.fromarray(pixels), (a, 0))
    write_tags(image, params, float(black), dict(metadata or {}) | ({"rounding": True} if rounding else {}))
    return image


def _grey(mel: np.ndarray, level: np.float32, contrast: float, rounding: bool) -> np.ndarray:
    if level == 0:
        return np.full(mel.shape, 255, np.uint8)
    shade = np.float32(255) - np.power(np.minimum(mel / level, 1), np.float32(contrast)) * np.float32(255)
    return (shade + np.float32(0.5 if rounding else 0)).astype(np.uint8)


def read(image: Picture, params: SpectrogramParams | None = None) -> Reading:
    """Begin to read a picture of any mode.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
    params : SpectrogramParams or None
        None reads them from the picture.

    Raises
    ------
    TypeError, ValueError
        If it is no picture, smaller than 2 rows, or has another number of rows than `params` says.
    """
    image = image_of(image)
    tags = read_tags(image, params)
    params = tags.params
    width, height = image.size
    if width < 1 or height < 2:
        raise ValueError(f"the picture has {width} x {height} pixels; a spectrogram has 2 rows or more")
    step = _full_scale(image)
    if height != params.n_mels:
        raise ValueError(f"the picture has {height} rows, params expect n_mels={params.n_mels}; resize it to fit")
    # cut-off greys lie half a step below the magnitude they stand for on average; white is true silence
    lift = 0.5 if tags.cut_off else 0.0
    scale = USUAL_LEVEL if tags.level is None else tags.level
    shades = np.maximum(255 - np.arange(256) - lift, 0) / 255
    table = (shades ** (1 / params.contrast) * scale).astype(np.float32)

    def columns_of(channel: int) -> Callable[[int, int], np.ndarray]:
        def columns(first: int, last: int) -> np.ndarray:
            pixels = np.asarray(_plain(image.crop((first, 0, last, height)), step))[::-1]
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

    return Reading(columns_of, width, params, tags.level)


def _is_deep(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def _full_scale(image: Image.Image) -> float:
    """By what deep pixels are divided to reach 255: 257 where they have 16 bits."""
    if not _is_deep(image):
        return 1.0
    top = 0.0
    for a in range(0, image.width, COLUMNS):
        values = np.asarray(image.crop((a, 0, min(a + COLUMNS, image.width), image.height))).astype(np.float32)
        low, high = float(values.min()), float(values.max())
        if not (low >= 0 and high <= 65535):  # NaN fails both
            raise ValueError(f"a picture of mode {image.mode} goes from {low} to {high}; expected 0..255 or 0..65535")
        top = max(top, high)
    return 257.0 if image.mode.startswith("I;16") or top > 255 else 1.0


def _plain(image: Image.Image, full_scale: float) -> Image.Image:
    """A stretch of a picture as "L", "RGB" or "F" (0..255)."""
    mode = image.mode
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    if mode in ("L", "RGB"):
        return image
    if not _is_deep(image):
        return image.convert("L" if mode == "1" else "RGB")
    return Image.fromarray(np.asarray(image).astype(np.float32) / np.float32(full_scale))
