"""One run of a riffer: ingredients, the sampling loop, and the way from latents to a riff with its recipe."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from riffkit.diffusion.latents import draw_noise, latents_from_pixels, pixels_from_latents
from riffkit.diffusion.mixing import Ingredients
from riffkit.diffusion.run import paint
from riffkit.diffusion.schedulers import number_of_steps
from riffkit.diffusion.windows import width_for
from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import Reporter, report, subtask
from riffkit.riffing import timeline
from riffkit.riffing.options import Options, check_guidance
from riffkit.riffing.recipes.recipe import make_recipe
from riffkit.riffing.riff import Riff, sound_of
from riffkit.riffing.source import Source
from riffkit.sound.image import image_from_pixels
from riffkit.sound.splice import keep_sound

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer

Compose = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]


@dataclass(frozen=True)
class Task:
    """What one run is to make, beside its ingredients.

    Parameters
    ----------
    operation : str
        The name of a method of `Riffer`.
    arguments : dict
        Its arguments, as the recipe keeps them.
    options : Options
    seed : int
        For schedulers that draw fresh noise at every step.
    loop : bool
        Time is periodic.
    given : Source, optional
        What the riff is made from: its parameters, its level, its sound.
    n_samples : int, optional
        Length of the sound.
    shift : int [columns]
        How much further to the right the source stands in the new picture.
    sounding : bool
        False leaves the sound until somebody asks for it.
    """

    operation: str
    arguments: dict[str, Any]
    options: Options
    seed: int = 0
    loop: bool = False
    given: Source | None = None
    n_samples: int | None = None
    shift: int = 0
    sounding: bool = True


def checked_seed(seed: Any) -> int:
    """Return a `seed` as a plain int; None draws one.

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


def ingredients(
    riffer: "Riffer", prompt: str, seed: int, width: int, negative_prompt: str, guidance_scale: float
) -> Ingredients:
    """Return embeddings, seeded noise and guidance of a run that starts from noise.

    Parameters
    ----------
    riffer : Riffer
    prompt, negative_prompt : str
    seed : int
    width : int [latent columns]
    guidance_scale : float [0..100]
    """
    check_guidance(guidance_scale)
    return Ingredients(
        words=riffer.embed(prompt),
        negative_words=riffer.embed(negative_prompt),
        noise=draw_noise(riffer.checkpoint, seed, width),
        guidance_scale=float(guidance_scale),
    )


def latents_of(checkpoint: Checkpoint, given: Source, loop: bool) -> tuple[torch.Tensor, int]:
    """Encode a source: its latents, the end mirrored to fill the last window, and how many columns it really has.

    Parameters
    ----------
    checkpoint : Checkpoint
    given : Source
    loop : bool
        Time is periodic: whole latent columns go round, `fitting` stretches back.

    Returns
    -------
    latents : torch.Tensor [shape=(1, channels, rows, width)]
    columns : int
    """
    pixels, f = given.pixels, checkpoint.factor
    columns = pixels.shape[1]
    timeline.check_source(columns, given.params)
    if loop:
        pixels = timeline.stretch(pixels, max(round(columns / f), 1) * f, loop=True)
    else:
        pixels = timeline.fit_columns(pixels, width_for(columns, f, checkpoint.window) * f)
    return latents_from_pixels(checkpoint, np.ascontiguousarray(pixels), periodic=loop), columns


def fitting(columns: int, loop: bool, *, turned: bool = False) -> Compose:
    """Return the `compose` of `finish` that brings painted pixels to the picture's own length and keeps nothing.

    Parameters
    ----------
    columns : int
        Of the picture. A loop is stretched to them; of anything else the padding is cut off, or a few missing ones
        are mirrored.
    loop : bool
    turned : bool
        The loop begins where it is quiet.
    """

    def compose(pixels: np.ndarray) -> tuple[np.ndarray, None]:
        pixels = timeline.stretch(pixels, columns, loop=True) if loop else timeline.fit_columns(pixels, columns)
        return (timeline.cut_where_quiet(pixels) if turned else pixels), None

    return compose


def total_steps(options: Options, made_of: Ingredients) -> tuple[int, int]:
    """Return the steps of progress in a run, and of those the UNet's: picture and sound count as one step each.

    Parameters
    ----------
    options : Options
    made_of : Ingredients
    """
    steps = number_of_steps(options.num_inference_steps, 1.0 if made_of.known is None else made_of.strength)
    return steps + 2, steps


def run(riffer: "Riffer", task: Task, made_of: Ingredients, compose: Compose, progress: Reporter | None) -> Riff:
    """Denoise ingredients and make a riff of what comes out.

    Parameters
    ----------
    riffer : Riffer
    task : Task
    made_of : Ingredients
    compose : callable
        As in `finish`.
    progress : callable or None
    """
    total, steps = total_steps(task.options, made_of)
    latents = paint(
        riffer.checkpoint,
        made_of,
        scheduler=task.options.scheduler,
        num_inference_steps=task.options.num_inference_steps,
        guidance_interval=task.options.guidance_interval,
        seeds=[task.seed],
        loop=task.loop,
        progress=subtask(progress, 0, steps, total),
    )
    return finish(riffer, task, latents, compose, subtask(progress, steps, 2, total))


def finish(riffer: "Riffer", task: Task, latents: torch.Tensor, compose: Compose, progress: Reporter | None) -> Riff:
    """From latents to a riff: decode, put back what is kept, find the sound, and write the recipe.

    Parameters
    ----------
    riffer : Riffer
    task : Task
    latents : torch.Tensor [shape=(1, channels, rows, columns)]
    compose : callable
        Painted pixels (rows, columns) -> the picture's pixels, grey or RGB, and which of them were kept (or None).
    progress : callable or None
    """
    checkpoint, given = riffer.checkpoint, task.given
    pixels = pixels_from_latents(checkpoint, latents, periodic=task.loop, progress=subtask(progress, 0, 1, 2))
    pixels, kept = compose(pixels)
    sound: dict[str, Any] = {"loop": task.loop, "quality": task.options.quality}
    if given is not None and given.n_samples is not None:
        sound["loudness"] = "stored"
    if task.n_samples is not None:
        sound["n_samples"] = task.n_samples
    params, level = (riffer.params, None) if given is None else (given.params, given.level)
    image = image_from_pixels(pixels, params, level, mode=None)
    recipe = make_recipe(checkpoint, task.operation, task.arguments, sound)
    if not task.sounding:
        return Riff(image.convert("RGB"), recipe)
    del pixels, latents  # finding the sound needs the room
    clip = sound_of(image, **sound, progress=subtask(progress, 1, 1, 2) or False)
    if kept is not None and given is not None and given.clip is not None:
        clip = keep_sound(clip, given.clip, np.all(kept, axis=0), given.params, shift=task.shift)
    report(progress, 2, 2)
    return Riff(image.convert("RGB"), recipe, clip)
