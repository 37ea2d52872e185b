"""Recipe: everything needed to make a riff again, as JSON that travels inside the file."""

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from riffkit.models.checkpoint import Checkpoint
from riffkit.riffing.recipes.schema import FORMAT, checked_recipe
from riffkit.sound.files import is_picture, read_metadata
from riffkit.sound.image_file import read_image_metadata


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
            "name": checkpoint.label,
            "hash": checkpoint.hash,
            "device": checkpoint.device.type,
            "dtype": str(checkpoint.dtype).removeprefix("torch."),
        },
        "versions": versions_here(),
        "threads": torch.get_num_threads(),
    }


def versions_here() -> dict[str, str]:
    """Return the version of each package whose change may change the bits of a riff, and Python's."""
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
        If it carries no recipe, or one that is damaged.
    """
    recipe = find_recipe(path)
    if recipe is None:
        raise ValueError(f"{path} carries no recipe of riffkit; recipes are in what riff.save(...) wrote")
    try:
        return checked_recipe(recipe)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def find_recipe(path: str | Path) -> dict[str, Any] | None:
    """Return what stands in the file at `path` where a recipe would, or None if there is none of riffkit's."""
    found = read_image_metadata(path) if is_picture(path) else read_metadata(path)
    recipe = (found or {}).get("recipe")
    return recipe if isinstance(recipe, dict) and "operation" in recipe else None
