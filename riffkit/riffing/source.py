"""Source: what a riff can start from, all seen as a picture: a clip, a picture, a riff, or a file of either kind."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import notice
from riffkit.riffing import timeline
from riffkit.riffing.recipes.packing import LONGEST_PACKED, pack, tell_room, unpack
from riffkit.riffing.recipes.recipe import find_recipe
from riffkit.riffing.recipes.schema import checked_recipe
from riffkit.riffing.riff import Riff
from riffkit.sound.clip import Clip
from riffkit.sound.files import duration_of, is_picture, names_file, open_image
from riffkit.sound.image import encode, image_from_pixels, mel_from_image
from riffkit.sound.metadata import params_from_image, read_tags
from riffkit.sound.params import SpectrogramParams

_PARAMS = SpectrogramParams()  # by which recordings are drawn: a hundred columns a second


@dataclass(frozen=True)
class Source:
    """A picture on its way into a model, read once, and what is known of where it came from.

    Parameters
    ----------
    image : PIL.Image.Image
    params : SpectrogramParams
        Of the picture.
    level : float or None
        The magnitude of black, if the picture says.
    loop : bool
        Time is periodic.
    prompt : str
        The words it was made of, if it is a riff.
    clip : Clip or None
        Its sound, if it came with one.
    n_samples : int or None
        How long its sound is, if it came with one.
    """

    image: Image.Image
    params: SpectrogramParams
    level: float | None
    loop: bool = False
    prompt: str = ""
    clip: Clip | None = None
    n_samples: int | None = None

    @cached_property
    def pixels(self) -> np.ndarray:
        """Grey pixels [shape=(rows, columns), uint8]."""
        pixels = np.asarray(self.image.convert("RGB"))
        if (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all():
            return pixels[..., 0]
        return np.rint(pixels.mean(2)).astype(np.uint8)


def as_source(
    value: Any, checkpoint: Checkpoint, *, loop: bool | None = None, longest: float | None = timeline.LONGEST
) -> Source:
    """Look at a clip, picture, riff, file, or what `pack` made of one, as a `Source`.

    Clips are mixed down to one channel at 44.1 kHz; the sound that is kept is rounded to 16 bits, as recipes carry it.
    A file that a riff was saved into is that riff: it knows its words, and that it is a loop.

    Parameters
    ----------
    value : Clip, PIL.Image.Image, Riff, dict, str or Path
    checkpoint : Checkpoint
    loop : bool, optional
        Default: as a riff says, else False.
    longest : float or None [s]
        What is longer is refused before it is read.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If it is none of these, or its picture has other rows than the checkpoint paints.
    """
    prompt, clip, n_samples = "", None, None
    if isinstance(value, (str, Path)):
        value, recipe = _opened(Path(value), longest)
        loop = bool(recipe.get("sound", {}).get("loop")) if loop is None else loop
        prompt = recipe.get("arguments", {}).get("prompt") or ""
    length = value.duration if isinstance(value, Clip) else None
    if longest is not None and length is not None:
        timeline.check_source(_PARAMS.n_frames_for(length), _PARAMS)
    value = unpack(value)
    if isinstance(value, dict) and "picture" in value:
        image, clip = unpack(value["picture"]), unpack(value.get("clip"))
        loop = value.get("loop", False) if loop is None else loop
        prompt, n_samples = value.get("prompt", ""), value.get("n_samples")
    elif isinstance(value, Riff):
        if longest is not None:
            timeline.check_source(value.image.width, params_from_image(value.image))
        image, clip = value.image, _as_carried(value.clip)
        loop = value.loop if loop is None else loop
        prompt = value.recipe.get("arguments", {}).get("prompt") or ""
    elif isinstance(value, Clip):
        params = checkpoint.params
        clip = value.mono().resample(params.sample_rate)
        image, clip = encode(clip, params, periodic=bool(loop)), _as_carried(clip)
    elif isinstance(value, Image.Image):
        image = value
    else:
        raise TypeError(f"cannot start from {type(value).__name__}; give a Clip, a picture, a Riff or a file name")
    image, params, level = _mono(image)
    rows = checkpoint.rows * checkpoint.factor
    if image.height != rows:
        raise ValueError(
            f"the picture has {image.height} rows, this checkpoint paints {rows}; encode with n_mels={rows}"
        )
    n_samples = n_samples if clip is None else clip.samples.shape[1]
    return Source(image, params, level, bool(loop), prompt, clip, n_samples)


def packed_source(value: Any, source: Source, *, with_clip: bool = False) -> dict[str, Any]:
    """Return a source as JSON values for a recipe: its picture, with its sound where that is kept too.

    Parameters
    ----------
    value
        What `as_source` was given; what a recipe carried goes on as it is.
    source : Source
    with_clip : bool
    """
    if isinstance(value, dict):
        return value
    packed = {"picture": pack(source.image), "loop": source.loop, "prompt": source.prompt}
    clip = pack(source.clip) if with_clip and source.clip is not None else None
    packed |= {"clip": clip, "n_samples": source.n_samples}
    tell_room(packed)
    return packed


def _opened(path: Path, longest: float | None) -> tuple[Riff | Clip | Image.Image, dict[str, Any]]:
    """What a file holds, and its recipe if it is a riff. Of a saved sound that is a clip, drawn by whoever needs it."""
    if not names_file(path):
        raise FileNotFoundError(f"{str(path)!r} is no file; words alone go to riffer.riff(...)")
    recipe = _recipe_in(path)
    if not is_picture(path):
        if longest is not None:
            timeline.check_source(_PARAMS.n_frames_for(duration_of(path)), _PARAMS)
        return Clip.load(path), recipe
    return (Riff(open_image(path), recipe) if recipe else open_image(path)), recipe


def _recipe_in(path: Path) -> dict[str, Any]:
    """The recipe of a file that is a riff, else {}: one that is damaged makes no less of the sound or picture."""
    found = find_recipe(path)
    if found is None:
        return {}
    try:
        return checked_recipe(found)
    except ValueError as error:
        notice(f"{path}: {error}; it is taken as a file without one")
        return {}


def _as_carried(clip: Clip) -> Clip:
    """The clip as a recipe would carry it, so that a replay meets the same samples."""
    return unpack(pack(clip)) if clip.duration <= LONGEST_PACKED else clip


def _mono(image: Image.Image) -> tuple[Image.Image, SpectrogramParams, float | None]:
    """A picture with one channel, its parameters, and the magnitude of black."""
    params, level, _ = read_tags(image)
    if not params.stereo:
        return image, params, level
    mel = mel_from_image(image, params).mean(0, keepdims=True)
    level = float(mel.max()) or None
    pixels = 255 - 255 * (mel[0, ::-1] / (level or 1)) ** params.contrast
    params = replace(params, stereo=False)
    image = image_from_pixels(np.rint(pixels).astype(np.uint8), params, level)
    return image, params, read_tags(image).level
