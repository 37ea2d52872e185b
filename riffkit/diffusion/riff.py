"""Riff: a painted picture, its sound, and the recipe that makes both again."""

import base64
import hashlib
import io
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.sound.clip import Clip, read_metadata
from riffkit.sound.image import decode, encode, image_from_mel
from riffkit.sound.picture_file import read_recipe, save_image
from riffkit.sound.show import SMALL, bundle_for, figure_for_picture, player_for_clip

FORMAT = 1  # of the recipe
LONGEST_PACKED = 60.0  # seconds of a source recording that a recipe carries; longer ones are named by their hash


class Riff:
    """What riffing gives: `.image` (PIL), `.clip` and `.recipe` (a dict). At the end of a cell it shows itself.

    Parameters
    ----------
    image : PIL.Image.Image
        A spectrogram picture.
    recipe : dict
        See `make_recipe`.
    clip : Clip, optional
        Its sound; decoded from the picture when first asked for if not given.
    """

    def __init__(self, image, recipe, clip=None):
        self.image, self.recipe, self._clip = image, recipe, clip

    @property
    def clip(self):
        if self._clip is None:
            self._clip = sound_of(self.image, **self.recipe.get("sound", {}))
        return self._clip

    @property
    def loop(self):
        """True if the end of the clip joins its beginning."""
        return bool(self.recipe.get("sound", {}).get("loop"))

    def save(self, path, overwrite=False):
        """Write a picture (.png) or sound (.wav, .flac, .ogg, .mp3); the recipe travels inside.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        """
        if Path(path).suffix.lower() in (".png", ".webp", ".jpg", ".jpeg"):
            is_png = Path(path).suffix.lower() == ".png"
            return save_image(self.image, path, overwrite=overwrite, recipe={"recipe": self.recipe} if is_png else None)
        return self.clip.save(path, overwrite=overwrite, metadata={"recipe": self.recipe})

    @classmethod
    def load(cls, path):
        """Open a saved riff: the picture or the sound of the file, the other half made from it, and the recipe.

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file holds no recipe.
        """
        recipe = load_recipe(path)
        if Path(path).suffix.lower() == ".png":
            with Image.open(path) as image:
                image.load()
            return cls(image, recipe)
        clip = Clip.load(path)
        return cls(encode(clip, periodic=bool(recipe.get("sound", {}).get("loop"))), recipe, clip)

    def __repr__(self):
        return f"Riff({self.title}, {self.image.width} columns)"

    @property
    def title(self):
        arguments = self.recipe.get("arguments", {})
        words = arguments.get("prompt")
        seed = f", seed {arguments['seed']}" if "seed" in arguments else ""
        return f"{self.recipe.get('operation', '?')}{'' if words is None else f' {words!r}'}{seed}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        seconds = self.clip.duration
        figures = (
            figure_for_picture(self.image, duration=seconds),
            figure_for_picture(self.image, duration=seconds, size=SMALL),
        )
        note = f"{self.title} · {seconds:.2f} s{' loop' if self.loop else ''}"
        alt = f"Spectrogram: {self.recipe.get('arguments', {}).get('prompt') or self.title}, {seconds:.1f} s"
        player = player_for_clip(self.clip, loop=self.loop)
        return bundle_for(repr(self), *figures, alt=alt, player=player, note=note)


def sound_of(image, *, loop=False, quality="default", level="peak", n_samples=None, progress=None):
    """The clip of a picture; with `n_samples`, ended with silence or cut to that length (a column is 10 ms).

    A painted picture says nothing about loudness: its sound peaks at -1 dBFS (`level="peak"`). One that was painted
    over a recording sounds as loud as that did (`level="stored"`).
    """
    clip = decode(image, periodic=loop, quality=quality, level=level, progress=progress)
    if n_samples is None or n_samples == clip.samples.shape[1]:
        return clip
    samples = np.zeros((clip.n_channels, n_samples), np.float32)
    n = min(n_samples, clip.samples.shape[1])
    samples[:, :n] = clip.samples[:, :n]
    return Clip(samples, clip.sample_rate)


def picture_of(pixels, params, level=None, *, mode="RGB"):
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


# -- recipes ----------------------------------------------------------------------------------------------------------


def make_recipe(checkpoint, operation, arguments, sound):
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


def _versions():
    versions = {"python": platform.python_version()}
    for package in ("riffkit", "torch", "diffusers", "transformers", "numpy"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def load_recipe(path):
    """The recipe inside a saved riff.

    Raises
    ------
    ValueError
        If there is none.
    """
    found = read_recipe(path) if Path(path).suffix.lower() == ".png" else read_metadata(path)
    recipe = (found or {}).get("recipe")
    if not isinstance(recipe, dict) or "operation" not in recipe:
        raise ValueError(f"{path} carries no recipe of riffkit; recipes are in what riff.save(...) wrote")
    if recipe.get("format") != FORMAT:
        raise ValueError(f"{path} has a recipe of format {recipe.get('format')!r}, this version reads {FORMAT}")
    return recipe


def pack(value):
    """A picture or clip as JSON values, so that a recipe can carry its source.

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


def unpack(value):
    """The picture or clip behind what `pack` gave; other values as they are."""
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
