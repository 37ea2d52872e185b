"""What travels in a picture beside its pixels: Riffusion's EXIF tags, and a JSON text of our own.

Written by anybody, so nothing in them is trusted: what is missing, foreign or absurd is left out with a warning.
"""

import contextlib
import json
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from riffkit.progress import notice
from riffkit.sound.files import KEY, ROOM, dict_of, image_of
from riffkit.sound.params import SpectrogramParams

TAGS = {
    "sample_rate": 11000,
    "stereo": 11005,
    "hop_ms": 11010,
    "window_ms": 11020,
    "padded_ms": 11030,
    "n_mels": 11040,
    "fmin": 11050,
    "fmax": 11060,
    "contrast": 11070,
}
MAX_VALUE = 11080
INT16 = 32768.0  # Riffusion reads 16-bit integers unscaled: its MAX_VALUE is this much larger than ours
USUAL_LEVEL = 30e6 / INT16  # the magnitude of black, where a picture does not say it


Picture = Image.Image | str | Path  # wherever a picture is taken, so is the path of one


class Tags(NamedTuple):
    """What a picture says about itself.

    Parameters
    ----------
    params : SpectrogramParams
    level : float or None [>= 0, full scale 1]
        The magnitude of black.
    cut_off : bool
        Shades were cut off to whole ones, as Riffusion does it, not rounded.
    """

    params: SpectrogramParams
    level: float | None
    cut_off: bool


def read_tags(image: Picture, params: SpectrogramParams | None = None) -> Tags:
    """Read all that a picture says about itself, at once.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
    params : SpectrogramParams or None
        Taken in place of what the picture says about them.

    Raises
    ------
    TypeError, ValueError
        As `params_from_image`, if `params` is None.
    """
    image = image_of(image)
    exif = _exif_of(image)
    found = _params(image, exif) if params is None else params
    return Tags(found, _level(exif), _ours(exif) is not None and extra_of(image).get("rounding") is not True)


def params_from_image(image: Picture) -> SpectrogramParams:
    """Read the parameters a picture was made with, as far as it says so; the rest are Riffusion's.

    Tags that are missing, foreign or absurd are left out with a warning. Without tags, a picture with an all-zero red
    channel is stereo, and it has as many mels as rows.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path

    Returns
    -------
    SpectrogramParams [with n_mels = image.height]

    Raises
    ------
    TypeError, ValueError
        If it is no picture, or has not 2 to 4096 rows.
    """
    image = image_of(image)
    return _params(image, _exif_of(image))


def stored_level(image: Picture) -> float | None:
    """Read the magnitude of black (full scale 1) of a picture.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path

    Returns
    -------
    float or None [>= 0]
        None if the picture does not say, or says nonsense.
    """
    return _level(_exif_of(image_of(image)))


def tags_of(image: Picture) -> dict[str, Any] | None:
    """Riffusion's tags in a picture, unchecked.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path

    Returns
    -------
    dict {name of a parameter: value} or None
        None if there is none of them.
    """
    return _ours(_exif_of(image_of(image)))


def extra_of(image: Picture) -> dict[str, Any]:
    """The JSON that travels in a picture under "riffkit".

    Parameters
    ----------
    image : PIL.Image.Image, str or Path

    Returns
    -------
    dict
        Empty if there is none.
    """
    text = image_of(image).info.get(KEY)
    return (dict_of(text) if isinstance(text, str) else None) or {}


def recipe_fits(n_bytes: int, suffix: str) -> bool:
    """True if a file that ends in `suffix` can carry a recipe of `n_bytes` as JSON; ask before painting.

    Parameters
    ----------
    n_bytes : int
        Of `json.dumps(recipe)`.
    suffix : str
        ".png", ".wav", ".flac", ".ogg" or ".mp3"; others carry none.
    """
    return n_bytes <= ROOM.get(suffix.lower(), 0)


def safe_exif(image: Image.Image) -> Image.Exif | None:
    """The EXIF of an `image` if there is any that can be written again; what is damaged is left out with a warning."""
    try:
        with _quiet():
            exif = image.getexif()
            return exif if len(exif) and exif.tobytes() else None
    except Exception:  # Pillow raises many kinds on damaged EXIF
        notice("the picture's EXIF is damaged; it is left out")
        return None


def write_tags(
    image: Image.Image, params: SpectrogramParams, level: float, extra: dict[str, Any] | None = None
) -> None:
    """Put parameters, level and JSON into a new picture, so that they survive `copy` and `save_image`.

    Parameters
    ----------
    image : PIL.Image.Image
        Changed in place; just made, without tags of its own.
    params : SpectrogramParams
    level : float [>= 0, full scale 1]
        The magnitude of black.
    extra : dict or None
        Kept as JSON.
    """
    exif = Image.Exif()
    exif.update({tag: _as_riffusion(name, getattr(params, name)) for name, tag in TAGS.items()})
    exif[MAX_VALUE] = float(np.float32(level)) * INT16
    image.info["exif"] = exif.tobytes()
    if extra:
        image.info[KEY] = json.dumps(extra)


def _as_riffusion(name: str, value: Any) -> int | float:
    """A parameter as Riffusion writes it: whole numbers for all but the contrast."""
    if name in ("stereo", "sample_rate", "n_mels"):
        return int(value)
    return int(value) if name != "contrast" and float(value).is_integer() else float(value)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings about damaged tags, which are for programmers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _exif_of(image: Image.Image) -> dict[int, Any]:
    try:
        with _quiet():
            exif = image.getexif()
        return {tag: exif[tag] for tag in (*TAGS.values(), MAX_VALUE) if tag in exif}
    except Exception:  # Pillow raises many kinds on damaged EXIF
        notice("the picture's EXIF cannot be read; it is taken as if there were none")
        return {}


def _ours(exif: dict[int, Any]) -> dict[str, Any] | None:
    return {name: exif[tag] for name, tag in TAGS.items() if tag in exif} or None


def _level(exif: dict[int, Any]) -> float | None:
    try:
        value = float(exif[MAX_VALUE])
    except (KeyError, TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not (0 <= value < 1e12):
        notice(f"the picture's MAX_VALUE is {value}; it is ignored")
        return None
    return value / INT16


def _params(image: Image.Image, exif: dict[int, Any]) -> SpectrogramParams:
    if not 2 <= image.height <= 4096:
        raise ValueError(f"the picture has {image.height} rows; a spectrogram has 2 to 4096")
    params, tags = SpectrogramParams(n_mels=image.height), _ours(exif)
    if tags is None:
        return replace(params, stereo=_looks_stereo(image))
    order: list[str] = [name for name in ("sample_rate", "padded_ms", "fmax") if name in tags]  # these bound the others
    order += [name for name in tags if name not in order]
    for attempt in range(2):  # a second round for those that only fit together
        for name in list(order):
            try:
                value = float(tags[name])
                if name == "n_mels":
                    if attempt == 0 and value != image.height:
                        notice(f"the picture has {image.height} rows but its tag says {value:g}; taking its rows")
                    order.remove(name)
                    continue
                changes: dict[str, Any] = {name: bool(value) if name == "stereo" else value}
                params = replace(params, **changes)
                order.remove(name)
            except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
                if attempt:
                    notice(f"tag {name.upper()} of the picture is ignored, the default is taken: {error}")
    return params


def _looks_stereo(image: Image.Image) -> bool:
    if image.mode not in ("RGB", "RGBA", "P"):
        return False
    empty = [band.getextrema() == (0, 0) for band in image.convert("RGB").split()]
    return empty[0] and not all(empty)
