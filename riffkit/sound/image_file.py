"""Spectrogram pictures as files: PNG, WEBP or JPEG with the tags they carry, PNG with the recipe of a riff too."""

import json
import warnings
from pathlib import Path

from PIL import Image, PngImagePlugin

from riffkit.sound.files import replacing
from riffkit.sound.metadata import KEY, extra_of, tags_of


def save_image(image, path, overwrite=False, recipe=None):
    """Write a picture as .png, .webp (lossless) or .jpg, with the tags it carries.

    Parameters
    ----------
    image : PIL.Image.Image
    path : str or Path
        PNG is the one to keep: JPEG costs sound (quality 95 is used), above all the width of stereo.
    overwrite : bool
        Replace an existing file.
    recipe : dict or None
        JSON kept in a PNG text chunk "riffkit"; `read_recipe` reads it back.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    ValueError
        If the suffix is unknown, or the recipe cannot be kept in this format.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in (".png", ".webp", ".jpg", ".jpeg"):
        raise ValueError(f"{path.name!r} ends in {path.suffix!r}; expected .png, .webp or .jpg")
    if recipe is not None and suffix != ".png":
        raise ValueError(f"a recipe travels in PNG only, not in {suffix}; save as .png or leave it out")
    options = {"exif": image.getexif()} if len(image.getexif()) else {}
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
        if tags_of(image) and tags_of(image).get("stereo"):
            warnings.warn("JPEG mixes the channels of a stereo picture; PNG or WEBP keep them apart", stacklevel=2)
    with replacing(path, overwrite) as temporary:
        image.save(temporary, **options)
    return path


def read_recipe(path):
    """The dict that `save_image` put into a PNG as `recipe`, or None if there is none."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        with Image.open(path) as image:
            return extra_of(image) or None
    except (OSError, ValueError, SyntaxError):
        return None
