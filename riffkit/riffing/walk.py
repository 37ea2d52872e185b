"""Walk: the riffs of a journey, one stitched clip, and a film strip to look at."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from riffkit.riffing.riff import Riff, sound_of
from riffkit.sound.display import SMALL, bundle_for, player_for_clip

THUMB = 160  # pixels, of one picture in the strip


class Walk(Sequence):
    """Riffs on the way from one end to the other. Indexing gives a `Riff`; at the end of a cell it shows its strip.

    Parameters
    ----------
    riffs : list of Riff
        In order, no joint doubled.
    alphas : list of float
        The place of each on its way.
    """

    def __init__(self, riffs, alphas):
        self.riffs, self.alphas = list(riffs), list(alphas)
        self._clip = None

    def __len__(self):
        return len(self.riffs)

    def __getitem__(self, index):
        return Walk(self.riffs[index], self.alphas[index]) if isinstance(index, slice) else self.riffs[index]

    def __repr__(self):
        return f"Walk({len(self)} riffs, {self.riffs[0].title} ... {self.riffs[-1].title})"

    @property
    def image(self):
        """All pictures side by side, with the parameters of the first."""
        pixels = np.concatenate([np.asarray(riff.image.convert("RGB")) for riff in self.riffs], 1)
        image = Image.fromarray(pixels)
        image.info.update(self.riffs[0].image.info)
        return image

    @property
    def clip(self):
        """All riffs one after the other: the joined picture is turned into sound in one go, so no joint is heard."""
        if self._clip is None:
            quality = self.riffs[0].recipe.get("sound", {}).get("quality", "default")
            self._clip = sound_of(self.image, quality=quality)
        return self._clip

    def strip(self):
        """The pictures in small, each under its alpha (PIL)."""
        return side_by_side([riff.image for riff in self.riffs], [f"{alpha:.2f}" for alpha in self.alphas])

    def save(self, path, overwrite=False):
        """Write the stitched clip, or the joined picture (.png), with the recipe of every riff inside."""
        recipe = {**self.riffs[0].recipe, "operation": "frames", "frames": [riff.recipe for riff in self.riffs]}
        return Riff(self.image, recipe, self.clip).save(path, overwrite=overwrite)

    def _repr_mimebundle_(self, include=None, exclude=None):
        strip = self.strip()
        small = strip.resize((min(strip.width, SMALL[0]), round(strip.height * min(1, SMALL[0] / strip.width))))
        ends = f"{self.riffs[0].title} ... {self.riffs[-1].title}"
        alt = f"Spectrograms: {len(self)} riffs from {ends}, {self.clip.duration:.1f} s"
        return bundle_for(repr(self), strip, small, alt=alt, player=player_for_clip(self.clip))


def side_by_side(images, captions=None):
    """Pictures in small in one row, each under its caption.

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
