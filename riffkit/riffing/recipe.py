"""Recipe: everything needed to make a riff again, as JSON that travels inside the file."""

import base64
import hashlib
import io
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from riffkit.models.checkpoint import Checkpoint
from riffkit.sound.clip import Clip
from riffkit.sound.files import read_metadata
from riffkit.sound.image_file import PICTURE_SUFFIXES, read_image_metadata

FORMAT = 2  # of the recipe
LONGEST_PACKED = 60.0  # seconds of a source recording that a recipe carries; longer ones are named by their hash


def make_recipe(
    checkpoint: Checkpoint, operation: str, arguments: dict[str, Any], sound: dict[str, Any]
) -> dict[str, Any]:
    """Everything needed to make a riff again, as plain JSON values.

    Parameters
    ----------
    checkpoint : Checkpoint
    operation : str
        The name of a method of `Riffer`.
    arguments : dict
        Its arguments; pictures and clips packed by `pack`.
    sound : dict
        Arguments of `sound_of`.
    """
    return {
        "format": FORMAT,
        "operation": operation,
        "arguments": arguments,
        "sound": sound,
        "checkpoint": {
            "name": checkpoint.name,
            "hash": checkpoint.hash,
            "device": checkpoint.device.type,
            "dtype": str(checkpoint.dtype).removeprefix("torch."),
        },
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in ("riffkit", "torch", "diffusers", "transformers", "numpy"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def load_recipe(path: str | Path) -> dict[str, Any]:
    """Read the recipe inside a saved riff, of every kind of file that `Riff.save` writes it into.

    Parameters
    ----------
    path : str or Path
        .png, .wav, .flac, .ogg or .mp3.

    Returns
    -------
    dict
        See `make_recipe`; `Riffer.replay` makes the riff again.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it carries no recipe.
    """
    recipe = find_recipe(path)
    if recipe is None:
        raise ValueError(f"{path} carries no recipe of riffkit; recipes are in what riff.save(...) wrote")
    if recipe.get("format") not in (1, FORMAT):
        raise ValueError(f"{path} has a recipe of format {recipe.get('format')!r}, this version reads {FORMAT}")
    return upgraded(recipe)


def find_recipe(path: str | Path) -> dict[str, Any] | None:
    """Return what stands in the file at `path` where a recipe would, or None if there is none of riffkit's."""
    found = read_image_metadata(path) if Path(path).suffix.lower() in PICTURE_SUFFIXES else read_metadata(path)
    recipe = (found or {}).get("recipe")
    return recipe if isinstance(recipe, dict) and "operation" in recipe else None


def upgraded(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a `recipe` of any format that was ever written in the words of the present one; the given one stays."""
    if recipe.get("format") != 1:
        return recipe
    arguments, sound = dict(recipe.get("arguments", {})), dict(recipe.get("sound", {}))
    if "seconds" in arguments:
        arguments["duration"] = arguments.pop("seconds")
    if "guidance_scale" in arguments and arguments.get("guidance_interval") is None:  # of a time when all were guided
        arguments["guidance_interval"] = [0, 1000]
    if "level" in sound:
        sound["loudness"] = sound.pop("level")
    new = recipe | {"format": FORMAT, "arguments": arguments, "sound": sound}
    return new | ({"frames": [upgraded(frame) for frame in recipe["frames"]]} if "frames" in recipe else {})


def pack(value: Any) -> Any:
    """Return a picture or clip as JSON values, so that a recipe can carry its source; any other `value` as it is.

    Pictures travel as PNG, clips as 16-bit FLAC (`unpack(pack(clip))` is what riffkit works on from then on, so that a
    replay meets the same bits). Clips beyond a minute are named by hash and length only.
    """
    if isinstance(value, Image.Image):
        buffer = io.BytesIO()
        save_options = {"exif": value.getexif()} if len(value.getexif()) else {}
        plain = value.convert("RGB")
        red, green, blue = plain.split()
        grey = red.tobytes() == green.tobytes() == blue.tobytes()
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        if "riffkit" in value.info:
            extra = {k: v for k, v in json.loads(value.info["riffkit"]).items() if k == "rounding"}
            info.add_itxt("riffkit", json.dumps(extra))
        (red if grey else plain).save(buffer, "PNG", pnginfo=info, **save_options)
        return {"png": base64.b64encode(buffer.getvalue()).decode()}
    if isinstance(value, Clip):
        if value.duration > LONGEST_PACKED:
            digest = hashlib.sha256(value.samples.tobytes()).hexdigest()
            return {"clip_hash": digest, "duration": value.duration}
        return {"flac": base64.b64encode(value.to_bytes("flac")).decode()}
    return value


def unpack(value: Any) -> Any:
    """Return the picture or clip behind what `pack` gave; any other `value` as it is."""
    if isinstance(value, dict) and "png" in value:
        with Image.open(io.BytesIO(base64.b64decode(value["png"]))) as image:
            image.load()
        return image
    if isinstance(value, dict) and "flac" in value:
        import soundfile

        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(value["flac"])), dtype="float32", always_2d=True)
        return Clip(np.ascontiguousarray(samples.T), rate)
    if isinstance(value, dict) and "clip_hash" in value:
        raise ValueError(
            f"this recipe was made from a recording of {value['duration']:.1f} s, too long to travel inside;"
            " pass it: riffer.replay(path, source=clip)"
        )
    return value
