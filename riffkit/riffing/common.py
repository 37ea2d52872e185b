"""What all operations share: their common keywords, the ingredients of a run, and the way from those to a riff."""

import math
import secrets
from dataclasses import asdict, dataclass, replace

import numpy as np

from riffkit.diffusion.latents import draw_noise, latents_from_pixels, pixels_from_latents
from riffkit.diffusion.mixing import Ingredients
from riffkit.diffusion.run import paint
from riffkit.diffusion.sampling import make_scheduler, number_of_steps
from riffkit.diffusion.windows import padded_width
from riffkit.models.files import HOW_TO_RIFF, read_defaults
from riffkit.progress import report, subtask
from riffkit.riffing import timeline
from riffkit.riffing.recipe import make_recipe
from riffkit.riffing.riff import Riff, sound_of
from riffkit.riffing.splice import keep_sound
from riffkit.sound.image import image_from_pixels
from riffkit.sound.inversion import ITERATIONS

ALWAYS = (0.0, 1000.0)  # all timesteps


@dataclass(frozen=True)
class Defaults:
    """What a riffer does where a call does not say."""

    num_inference_steps: int = 20
    guidance_scale: float = 4.0
    guidance_interval: tuple[float, float] = ALWAYS
    scheduler: str = "dpm++"

    @classmethod
    def of(cls, checkpoint):
        """As the checkpoint's folder says (`defaults.json`), and as usual where it says nothing.

        Raises
        ------
        ValueError
            If the file names something else, or a value is out of range.
        """
        told = read_defaults(checkpoint.folder)
        try:
            unknown = [name for name in told if name not in cls.__dataclass_fields__]
            if unknown:
                raise ValueError(f"{unknown[0]!r} is none of {', '.join(cls.__dataclass_fields__)}")
            defaults = cls(**told)
            check_guidance(defaults.guidance_scale)
            make_scheduler(defaults.scheduler, checkpoint.scheduler_config, defaults.num_inference_steps)
            return replace(defaults, guidance_interval=checked_interval(defaults.guidance_interval))
        except ValueError as error:
            raise ValueError(f"{checkpoint.folder / HOW_TO_RIFF}: {error}; correct or delete it") from None


@dataclass(frozen=True)
class How:
    """The keywords that all operations have, as `Riffer` explains them."""

    negative_prompt: str
    num_inference_steps: int
    guidance_scale: float
    guidance_interval: tuple[float, float]
    scheduler: str
    quality: str

    @classmethod
    def of(
        cls,
        riffer,
        negative_prompt,
        num_inference_steps,
        guidance_scale,
        guidance_interval,
        scheduler,
        quality,
        *,
        known=False,
    ):
        """What was asked for, and the riffer's defaults for what is None.

        Where a picture is `known`, which a run begins with or has to keep a part of, the words have to prevail against
        it: unless asked otherwise it is guided at every step, whatever the riffer's usual interval.

        Raises
        ------
        ValueError
            If a value is out of range: before any work is done.
        """
        asked = {"num_inference_steps": num_inference_steps, "guidance_scale": guidance_scale, "scheduler": scheduler}
        if guidance_interval is None:
            guidance_interval = ALWAYS if known else None
        if guidance_interval is not None:
            asked |= {"guidance_interval": checked_interval(guidance_interval)}
        chosen = asdict(riffer.defaults) | {name: value for name, value in asked.items() if value is not None}
        how = cls(negative_prompt, quality=quality, **chosen)
        if quality not in ITERATIONS:
            raise ValueError(f"quality is {quality!r}, expected one of {', '.join(ITERATIONS)}")
        check_guidance(how.guidance_scale)
        make_scheduler(how.scheduler, riffer.checkpoint.scheduler_config, how.num_inference_steps)
        return how

    @property
    def recipe(self):
        """These keywords as a part of a recipe's arguments, as JSON has them."""
        return asdict(self) | {"guidance_interval": list(self.guidance_interval)}


def check_guidance(guidance_scale):
    """Raise the ValueError that says what a guidance scale may be."""
    number = isinstance(guidance_scale, (int, float)) and not isinstance(guidance_scale, bool)
    if not number or not 0 <= guidance_scale <= 100:
        raise ValueError(f"guidance_scale is {guidance_scale!r}, expected 0..100 (4 is usual)")


def checked_interval(guidance_interval):
    """A guidance interval as a tuple of two float.

    Raises
    ------
    ValueError
        If it is no pair of timesteps in 0..1000, the lower first.
    """
    told = f"guidance_interval is {guidance_interval!r}, expected two timesteps in 0..1000, the lower first"
    try:
        low, high = (float(t) for t in guidance_interval)
    except (TypeError, ValueError):
        raise ValueError(told) from None
    if not 0 <= low <= high <= 1000:
        raise ValueError(told)
    return low, high


def checked_seed(seed):
    """A seed as a plain int; None draws one.

    Raises
    ------
    ValueError
        If it is no whole number in 0..2**63 - 1.
    """
    if seed is None:
        return secrets.randbelow(2**31)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ValueError(f"seed is {seed!r}, expected a whole number in 0..2**63 - 1, or None to draw one")
    return int(seed)


def ingredients(riffer, prompt, seed, width, negative_prompt, guidance_scale):
    """Words, seed and guidance as numbers, for a run of so many latent columns that starts from noise."""
    check_guidance(guidance_scale)
    return Ingredients(
        words=riffer.embed(prompt),
        negative_words=riffer.embed(negative_prompt),
        noise=draw_noise(riffer.checkpoint, seed, width),
        guidance_scale=float(guidance_scale),
    )


def latents_of(checkpoint, given, loop):
    """A source's latents, its end mirrored to fill the last window; and how many columns it really has."""
    pixels, f = given.pixels, checkpoint.factor
    columns = pixels.shape[1]
    timeline.check_duration(columns * given.params.hop_ms / 1000, "the source's length")
    if loop:  # whole latent columns go round; `fitted` stretches back
        pixels = timeline.stretch(pixels, max(round(columns / f), 1) * f, loop=True)
    else:
        pixels = timeline.fit_columns(pixels, padded_width(math.ceil(columns / f), checkpoint.window) * f)
    return latents_from_pixels(checkpoint, np.ascontiguousarray(pixels), circular=loop), columns


def fitting(columns, loop, *, turned=False):
    """What brings painted pixels to the picture's own length: a `compose` of `finish` that keeps nothing.

    A loop is stretched, of anything else the padding is cut off. `turned` loops begin where it is quiet.
    """

    def compose(pixels):
        pixels = timeline.stretch(pixels, columns, loop=True) if loop else pixels[:, :columns]
        return (timeline.cut_where_quiet(pixels) if turned else pixels), None

    return compose


def total_steps(how, made_of):
    """Steps of progress in a run, and of those the UNet's: the picture and the sound count as one step each."""
    steps = number_of_steps(how.num_inference_steps, 1.0 if made_of.known is None else made_of.strength)
    return steps + 2, steps


def run(riffer, operation, arguments, how, made_of, compose, progress, *, seed, loop=False, **finishing):
    """Paint ingredients and make a riff of what comes out; `compose` and the others as in `finish`."""
    total, steps = total_steps(how, made_of)
    latents = paint(
        riffer.checkpoint,
        made_of,
        scheduler=how.scheduler,
        num_inference_steps=how.num_inference_steps,
        guidance_interval=how.guidance_interval,
        seeds=[seed],
        loop=loop,
        progress=subtask(progress, 0, steps, total),
    )
    rest = subtask(progress, steps, 2, total)
    return finish(riffer, operation, arguments, how, latents, compose, rest, loop=loop, **finishing)


def finish(
    riffer,
    operation,
    arguments,
    how,
    latents,
    compose,
    progress,
    *,
    loop=False,
    given=None,
    n_samples=None,
    shift=0,
    sounding=True,
):
    """From latents to a riff: decode, put back what is kept, find the sound, and write the recipe.

    Parameters
    ----------
    riffer : Riffer
    operation : str
    arguments : dict
        For the recipe.
    how : How
    latents : torch.Tensor [shape=(1, channels, rows, columns)]
    compose : callable
        Painted pixels (rows, columns) -> the picture's pixels, grey or RGB, and which of them were kept (or None).
    progress : callable or None
    loop : bool
    given : Source, optional
        What the riff was made from: its parameters, its level, its sound.
    n_samples : int, optional
        Length of the sound.
    shift : int [columns]
        How much further to the right the source stands in the new picture.
    sounding : bool
        False leaves the sound until somebody asks for it.

    Returns
    -------
    Riff
    """
    checkpoint = riffer.checkpoint
    pixels = pixels_from_latents(checkpoint, latents, circular=loop, progress=subtask(progress, 0, 1, 2))
    pixels, kept = compose(pixels)
    sound = {"loop": loop, "quality": how.quality}
    if given is not None and given.n_samples is not None:
        sound["level"] = "stored"
    if n_samples is not None:
        sound["n_samples"] = n_samples
    params, level = (riffer.params, None) if given is None else (given.params, given.level)
    image = image_from_pixels(pixels, params, level, mode=None)
    recipe = make_recipe(checkpoint, operation, arguments, sound)
    if not sounding:
        return Riff(image.convert("RGB"), recipe)
    del pixels, latents  # finding the sound needs the room
    clip = sound_of(image, **sound, progress=subtask(progress, 1, 1, 2))
    if kept is not None and given.clip is not None:
        clip = keep_sound(clip, given.clip, kept.all(0), given.params, shift=shift)
    report(progress, 2, 2)
    return Riff(image.convert("RGB"), recipe, clip)
