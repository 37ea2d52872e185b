"""Riff: a painted picture, its sound, and the recipe that makes both again."""

from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.riffing.recipe import load_recipe
from riffkit.sound.clip import Clip
from riffkit.sound.display import SMALL, bundle_for, figure_for_picture, player_for_clip
from riffkit.sound.image import decode, encode
from riffkit.sound.image_file import save_image


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
