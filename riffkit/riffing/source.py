"""What a riff can start from: a picture, a clip, a riff, or a file of either kind, all seen as a picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.riffing.recipe import LONGEST_PACKED, pack, unpack
from riffkit.riffing.riff import Riff
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode, image_from_pixels, mel_from_image
from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams

PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Source:
    """A picture on its way into a model, and what is known of where it came from."""

    image: Image.Image
    clip: Clip | None
    loop: bool
    prompt: str
    n_samples: int | None  # how long its sound is, if it came with sound

    @property
    def params(self):
        return params_from_image(self.image)

    @property
    def pixels(self):
        """Grey pixels [shape=(rows, columns), uint8]."""
        pixels = np.asarray(self.image.convert("RGB"))
        if (pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all():
            return pixels[..., 0]
        return np.rint(pixels.mean(2)).astype(np.uint8)

    @property
    def level(self):
        """The magnitude of black, if the picture says."""
        value = self.image.getexif().get(11080)
        return None if value is None else float(value) / 32768


def as_source(value, checkpoint, *, loop=None):
    """Look at a picture, clip, riff, file, or what `pack` made of one, as a `Source`.

    Clips are mixed down to one channel at 44.1 kHz; the sound that is kept is rounded to 16 bits, as recipes carry it.

    Raises
    ------
    TypeError, ValueError, FileNotFoundError
        If it is none of these, or its picture has other rows than the checkpoint paints.
    """
    prompt, clip, n_samples = "", None, None
    if isinstance(value, (str, Path)):
        path = Path(value)
        if not path.is_file():
            raise FileNotFoundError(f"{str(value)!r} is no file; words alone go to riffer.riff(...)")
        value = _open(path) if path.suffix.lower() in PICTURES else Clip.load(path)
    value = unpack(value)
    if isinstance(value, dict) and "picture" in value:
        image, clip = unpack(value["picture"]), unpack(value["clip"])
        loop = value.get("loop", False) if loop is None else loop
        prompt, n_samples = value.get("prompt", ""), value.get("n_samples")
    elif isinstance(value, Riff):
        image, clip = value.image, value.clip
        clip = unpack(pack(clip)) if clip.duration <= LONGEST_PACKED else clip
        loop = value.loop if loop is None else loop
        prompt = value.recipe.get("arguments", {}).get("prompt") or ""
    elif isinstance(value, Clip):
        params = SpectrogramParams(n_mels=checkpoint.rows * checkpoint.factor)
        clip = value.mono().resample(params.sample_rate)
        image = encode(clip, params, periodic=bool(loop))
        clip = unpack(pack(clip)) if clip.duration <= LONGEST_PACKED else clip
    elif isinstance(value, Image.Image):
        image = _mono(value)
    else:
        raise TypeError(f"cannot start from {type(value).__name__}; give a Clip, a picture, a Riff or a file name")
    rows = checkpoint.rows * checkpoint.factor
    if image.height != rows:
        raise ValueError(
            f"the picture has {image.height} rows, this checkpoint paints {rows}; encode with n_mels={rows}"
        )
    if clip is not None:
        n_samples = clip.samples.shape[1]
    return Source(image, clip, bool(loop), prompt, n_samples)


def packed_source(value, source, *, with_clip=False):
    """A source as JSON values for a recipe: its picture, with its sound where that is kept too."""
    if isinstance(value, dict):
        return value
    packed = {"picture": pack(source.image), "loop": source.loop, "prompt": source.prompt}
    clip = pack(source.clip) if with_clip and source.clip is not None else None
    return packed | {"clip": clip, "n_samples": source.n_samples}


def _open(path):
    with Image.open(path) as image:
        image.load()
    return image


def _mono(image):
    params = params_from_image(image)
    if not params.stereo:
        return image
    import dataclasses

    mel = mel_from_image(image, params).mean(0, keepdims=True)
    level = float(mel.max()) or None
    pixels = 255 - 255 * (mel[0, ::-1] / (level or 1)) ** params.contrast
    return image_from_pixels(np.rint(pixels).astype(np.uint8), dataclasses.replace(params, stereo=False), level)
