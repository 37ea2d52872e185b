"""Riff: a painted picture, its sound, and the recipe that makes both again; Walk: several on a way."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import Image, ImageDraw

from riffkit.progress import Progress
from riffkit.riffing.recipes.packing import compact
from riffkit.riffing.recipes.recipe import load_recipe
from riffkit.sound.clip import Clip
from riffkit.sound.display import SMALL, bundle_for, figure_for_picture, player_for_clip
from riffkit.sound.files import PICTURE_SUFFIXES, is_picture, open_image
from riffkit.sound.image import decode, encode
from riffkit.sound.image_file import save_image

THUMB = 160  # pixels, of one picture in a walk's strip


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

    def __init__(self, image: Image.Image, recipe: dict[str, Any], clip: Clip | None = None) -> None:
        self.image, self.recipe, self._clip = image, recipe, clip

    @property
    def clip(self) -> Clip:
        """Its sound, found when first asked for."""
        if self._clip is None:
            self._clip = sound_of(self.image, **self.recipe.get("sound", {}))
        return self._clip

    @property
    def loop(self) -> bool:
        """True if the end of the clip joins its beginning."""
        return bool(self.recipe.get("sound", {}).get("loop"))

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write a picture or sound; the recipe travels inside.

        Parameters
        ----------
        path : str or Path
            .png, or .wav, .flac, .ogg, .mp3. (.webp and .jpg hold the picture alone, without its recipe.)
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        """
        suffix, inside = Path(path).suffix.lower(), {"recipe": compact(self.recipe)}
        if suffix in PICTURE_SUFFIXES:
            return save_image(self.image, path, overwrite=overwrite, recipe=inside if suffix == ".png" else None)
        return self.clip.save(path, overwrite=overwrite, metadata=inside)

    @classmethod
    def load(cls, path: str | Path) -> "Riff":
        """Open a saved riff: the picture or the sound of the file, the other half made from it, and the recipe.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        FileNotFoundError
        ValueError
            If the file holds no recipe.
        """
        recipe = load_recipe(path)
        if is_picture(path):
            return cls(open_image(path), recipe)
        clip = Clip.load(path)
        return cls(encode(clip, periodic=bool(recipe.get("sound", {}).get("loop"))), recipe, clip)

    def __repr__(self):
        return f"Riff({self.title}, {self.image.width} columns)"

    @property
    def title(self) -> str:
        """What it is called where it shows itself: operation, words and seed."""
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


def sound_of(
    image: Image.Image,
    *,
    loop: bool = False,
    quality: str = "default",
    loudness: str = "peak",
    n_samples: int | None = None,
    progress: Progress = None,
) -> Clip:
    """Decode a painted picture to exactly the length its recipe wants.

    Parameters
    ----------
    image : PIL.Image.Image
    loop : bool
        Time is periodic.
    quality : str
        Of the inversion, see `decode`.
    loudness : str
        A painted picture says nothing about loudness: its sound peaks at -1 dBFS ("peak"). One that was painted over a
        recording sounds as loud as that did ("stored").
    n_samples : int, optional
        Ended with silence or cut to that length; a column is 10 ms.
    progress : callable, bool or None
    """
    clip = decode(image, periodic=loop, quality=quality, loudness=loudness, progress=progress)
    if n_samples is None or n_samples == clip.samples.shape[1]:
        return clip
    samples = np.zeros((clip.n_channels, n_samples), np.float32)
    n = min(n_samples, clip.samples.shape[1])
    samples[:, :n] = clip.samples[:, :n]
    return Clip(samples, clip.sample_rate)


class Walk(Sequence):
    """Riffs on the way from one end to the other. Indexing gives a `Riff`; at the end of a cell it shows its strip.

    Parameters
    ----------
    riffs : list of Riff
        In order, no joint doubled.
    alphas : list of float
        The place of each on its way.
    """

    def __init__(self, riffs: Sequence[Riff], alphas: Sequence[float]) -> None:
        self.riffs, self.alphas = list(riffs), list(alphas)
        self._clip: Clip | None = None

    def __len__(self) -> int:
        return len(self.riffs)

    @overload
    def __getitem__(self, index: int) -> Riff: ...

    @overload
    def __getitem__(self, index: slice) -> "Walk": ...

    def __getitem__(self, index: int | slice) -> "Riff | Walk":
        return Walk(self.riffs[index], self.alphas[index]) if isinstance(index, slice) else self.riffs[index]

    def __repr__(self):
        return f"Walk({len(self)} riffs, {self.riffs[0].title} ... {self.riffs[-1].title})"

    @property
    def image(self) -> Image.Image:
        """All pictures side by side, with the parameters of the first."""
        pixels = np.concatenate([np.asarray(riff.image.convert("RGB")) for riff in self.riffs], 1)
        image = Image.fromarray(pixels)
        image.info.update(self.riffs[0].image.info)
        return image

    @property
    def clip(self) -> Clip:
        """All riffs one after the other: the joined picture is turned into sound in one go, so no joint is heard."""
        if self._clip is None:
            quality = self.riffs[0].recipe.get("sound", {}).get("quality", "default")
            self._clip = sound_of(self.image, quality=quality)
        return self._clip

    def strip(self) -> Image.Image:
        """Draw the pictures in small in one row, each under its alpha."""
        return side_by_side([riff.image for riff in self.riffs], [f"{alpha:.2f}" for alpha in self.alphas])

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the stitched clip, or the joined picture (.png), with the recipe of every riff inside.

        Parameters
        ----------
        path : str or Path
        overwrite : bool
            Replace an existing file.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        """
        recipe = {**self.riffs[0].recipe, "operation": "frames", "frames": [riff.recipe for riff in self.riffs]}
        return Riff(self.image, recipe, self.clip).save(path, overwrite=overwrite)

    def _repr_mimebundle_(self, include=None, exclude=None):
        strip = self.strip()
        small = strip.resize((min(strip.width, SMALL[0]), round(strip.height * min(1, SMALL[0] / strip.width))))
        ends = f"{self.riffs[0].title} ... {self.riffs[-1].title}"
        alt = f"Spectrograms: {len(self)} riffs from {ends}, {self.clip.duration:.1f} s"
        return bundle_for(repr(self), strip, small, alt=alt, player=player_for_clip(self.clip))


def side_by_side(images: Sequence[Image.Image], captions: Sequence[str] | None = None) -> Image.Image:
    """Draw pictures in small in one row, each under its caption.

    Parameters
    ----------
    images : list of PIL.Image.Image
        Of any size; what is wider than high stays so.
    captions : list of str, optional

    Returns
    -------
    PIL.Image.Image [mode "L"]
    """
    small = []
    for image in images:
        width = max(round(THUMB * image.width / image.height), 1)
        small.append(image.convert("L").resize((width, THUMB), Image.Resampling.BOX))
    sheet = Image.new("L", (sum(image.width + 4 for image in small) - 4, THUMB + 16), 255)
    draw, left = ImageDraw.Draw(sheet), 0
    for i, image in enumerate(small):
        sheet.paste(image, (left, 16))
        draw.text((left + 2, 2), captions[i] if captions else "", fill=0)
        left += image.width + 4
    return sheet
