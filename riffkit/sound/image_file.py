"""Spectrogram pictures as files: PNG, WEBP or JPEG with the tags they carry, PNG with the recipe of a riff too."""

import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from riffkit.progress import notice
from riffkit.sound.files import existing, replacing
from riffkit.sound.metadata import KEY, extra_of, tags_of

PICTURE_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")


def save_image(
    image: Image.Image, path: str | Path, overwrite: bool = False, recipe: dict[str, Any] | None = None
) -> Path:
    """Write a picture as .png, .webp (lossless) or .jpg, with the tags it carries.

    Parameters
    ----------
    image : PIL.Image.Image
    path : str or Path
        PNG is the one to keep: JPEG costs sound (quality 95 is used), above all the width of stereo.
    overwrite : bool
        Replace an existing file.
    recipe : dict or None
        JSON kept in a PNG text chunk "riffkit"; `read_image_metadata` reads it back.

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    ValueError
        If the suffix is unknown, or the recipe cannot be kept in this format.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ValueError(f"{path.name!r} ends in {path.suffix!r}; expected .png, .webp or .jpg")
    if recipe is not None and suffix != ".png":
        raise ValueError(f"a recipe travels in PNG only, not in {suffix}; save as .png or leave it out")
    options: dict[str, Any] = {"exif": image.getexif()} if len(image.getexif()) else {}
    if suffix == ".png":
        text = PngImagePlugin.PngInfo()
        extra = extra_of(image) | (recipe or {})
        if extra:
            text.add_itxt(KEY, json.dumps(extra))
        options |= {"format": "PNG", "pnginfo": text}
    elif suffix == ".webp":
        options |= {"format": "WEBP", "lossless": True}
    else:
        options |= {"format": "JPEG", "quality": 95, "subsampling": 0}
        if (tags_of(image) or {}).get("stereo"):
            notice("JPEG mixes the channels of a stereo picture; PNG or WEBP keep them apart")
    with replacing(path, overwrite) as temporary:
        image.save(temporary, **options)
    return path


def read_image_metadata(path: str | Path) -> dict[str, Any] | None:
    """Read the dict that `save_image` put into a PNG as `recipe`.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict or None
        None if there is none, or the file is no picture.

    Raises
    ------
    FileNotFoundError
    """
    try:
        with Image.open(existing(path)) as image:
            return extra_of(image) or None
    except FileNotFoundError:
        raise
    except (OSError, ValueError, SyntaxError):
        return None
