"""Spectrogram pictures as files: PNG, WEBP or JPEG with the tags they carry, PNG with the recipe of a riff too."""

import io
import json
from pathlib import Path
from typing import Any

from PIL import PngImagePlugin

from riffkit.progress import notice
from riffkit.sound.files import (
    KEY,
    PICTURE_SUFFIXES,
    ROOM,
    dict_of,
    existing,
    fitting,
    image_of,
    replacing,
    text_in,
    write_bytes,
)
from riffkit.sound.metadata import Picture, extra_of, safe_exif, tags_of

WIDEST = {".webp": 16383, ".jpg": 65535, ".jpeg": 65535}  # pixels that the format can count


def save_image(image: Picture, path: str | Path, overwrite: bool = False, recipe: dict[str, Any] | None = None) -> Path:
    """Write a picture as .png, .webp (lossless) or .jpg, with the tags it carries.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
    path : str or Path
        PNG is the one to keep: JPEG costs sound (quality 95 is used), above all the width of stereo.
    overwrite : bool
        Replace an existing file.
    recipe : dict or None
        JSON kept in a PNG text chunk "riffkit"; `read_image_metadata` reads it back.

    Returns
    -------
    Path
        With the stem cut, and a warning, where the disk takes no name so long.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    ValueError
        If the suffix is unknown, or the format cannot keep this picture or this recipe.
    OSError
        If the disk is full or the folder cannot be written; nothing half-written is left.
    """
    image, path = image_of(image), Path(path)
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ValueError(f"{path.name!r} ends in {path.suffix!r}; expected .png, .webp or .jpg")
    if recipe is not None and suffix != ".png":
        raise ValueError(f"a recipe travels in PNG only, not in {suffix}; save as .png or leave it out")
    widest = WIDEST.get(suffix, image.width)
    if image.width > widest:
        raise ValueError(f"{suffix[1:].upper()} holds up to {widest} columns, the picture has {image.width}; use .png")
    exif = safe_exif(image)
    options: dict[str, Any] = {} if exif is None else {"exif": exif}
    if suffix == ".png":
        text = PngImagePlugin.PngInfo()
        extra = json.dumps(extra_of(image) | (recipe or {}))
        if extra != "{}":
            text.add_itxt(KEY, extra)
        if len(extra) > ROOM[suffix]:
            raise ValueError(f"PNG carries up to {ROOM[suffix]:,} bytes of recipe, not {len(extra):,}; save as .wav")
        options |= {"format": "PNG", "pnginfo": text}
    elif suffix == ".webp":
        options |= {"format": "WEBP", "lossless": True}
    else:
        options |= {"format": "JPEG", "quality": 95, "subsampling": 0}
        if (tags_of(image) or {}).get("stereo"):
            notice("JPEG mixes the channels of a stereo picture; PNG or WEBP keep them apart")
    buffer = io.BytesIO()
    try:
        image.save(buffer, **options)
    except (OSError, ValueError, TypeError, KeyError) as error:  # in memory: it is not the disk
        raise ValueError(
            f"a picture of mode {image.mode}, {image.width} x {image.height}, cannot be kept as {options['format']}"
            f" ({error}); try image.convert('RGB') or .png"
        ) from None
    path = fitting(path)
    with replacing(path, overwrite) as temporary:
        write_bytes(temporary, buffer.getbuffer())
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
    existing(path)
    try:
        text = text_in(path)
        return (dict_of(text) if isinstance(text, str) else None) or None
    except (ValueError, IsADirectoryError):
        return None
