"""One run: ingredients into the loop, latents out of it. All of riffing is calls to `paint`."""

import contextlib
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image

from riffkit.diffusion.latents import pixels_from_latents
from riffkit.diffusion.mixing import Ingredients
from riffkit.diffusion.sampling import Predict, denoise, guided, holding, invert, start_from
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.diffusion.windows import jointly, periodic_time, window_starts
from riffkit.models.checkpoint import Checkpoint
from riffkit.models.prompt import equal_length
from riffkit.progress import Reporter


def paint(
    checkpoint: Checkpoint,
    made_of: Ingredients,
    *,
    scheduler: str,
    num_inference_steps: int,
    guidance_interval: tuple[float, float] | None = None,
    seeds: Sequence[int] = (0,),
    loop: bool = False,
    progress: Reporter | None = None,
) -> torch.Tensor:
    """Denoise ingredients to latents, in overlapping windows if they are wider than the model's own.

    Parameters
    ----------
    checkpoint : Checkpoint
    made_of : Ingredients
        Of one riff, or of several in a batch.
    scheduler : str
    num_inference_steps : int [1..1000]
    guidance_interval : (float, float), optional [timesteps]
        As in `guided`.
    seeds : list of int
        One for each of the batch, for schedulers that draw fresh noise at every step.
    loop : bool
        Time is periodic.
    progress : callable, optional

    Returns
    -------
    torch.Tensor [shape=(batch, channels, rows, columns), float32]
    """
    strength = 1.0 if made_of.known is None else made_of.strength
    schedule = make_scheduler(scheduler, checkpoint.scheduler_config, num_inference_steps, strength)
    if len(schedule.timesteps) == 0:
        assert made_of.known is not None
        return made_of.known
    hold = None
    if made_of.free is not None and made_of.known is not None:
        hold = holding(schedule, made_of.known, made_of.noise, made_of.free.to(checkpoint.device))
    # not the numbers the first noise was drawn with
    fresh = [torch.Generator().manual_seed(seed ^ 0x5EED) for seed in seeds]
    with _periodic_if(loop, checkpoint, made_of):
        return denoise(
            prediction(checkpoint, made_of, guidance_interval, loop=loop),
            schedule,
            start_from(schedule, made_of.noise, made_of.known, made_of.strength),
            generator=fresh,
            hold=hold,
            progress=progress,
            draw=lambda latents: _draw(checkpoint, latents, loop),
        )


def prediction(
    checkpoint: Checkpoint,
    made_of: Ingredients,
    guidance_interval: tuple[float, float] | None = None,
    *,
    loop: bool = False,
) -> Predict:
    """Return the guided prediction for ingredients, joint over windows where there are several.

    Parameters
    ----------
    checkpoint : Checkpoint
    made_of : Ingredients
    guidance_interval : (float, float), optional [timesteps]
        As in `guided`.
    loop : bool
        Time is periodic.
    """
    width, window = made_of.noise.shape[-1], checkpoint.window

    def predict_with(words: torch.Tensor) -> Predict:
        words, negative_words = equal_length(checkpoint, words, made_of.negative_words)
        return guided(checkpoint.unet, words, negative_words, made_of.guidance_scale, guidance_interval)

    words = made_of.words
    predicts = [predict_with(one) for one in words] if isinstance(words, list) else predict_with(words)
    return jointly(predicts, window_starts(width, window, periodic=loop), window, width)


def inverted(
    checkpoint: Checkpoint,
    made_of: Ingredients,
    known: torch.Tensor,
    num_inference_steps: int,
    loop: bool = False,
    progress: Reporter | None = None,
) -> torch.Tensor:
    """DDIM inversion: return the noise that leads back to known latents with the words of ingredients.

    Parameters
    ----------
    checkpoint : Checkpoint
    made_of : Ingredients
    known : torch.Tensor [shape=(1, channels, rows, columns)]
    num_inference_steps : int [1..1000]
    loop : bool
        Time is periodic.
    progress : callable or None
    """
    with _periodic_if(loop, checkpoint, made_of):
        predict = prediction(checkpoint, made_of, loop=loop)
        return invert(predict, checkpoint.scheduler_config, known, num_inference_steps, progress=progress)


def _periodic_if(loop: bool, checkpoint: Checkpoint, made_of: Ingredients) -> contextlib.AbstractContextManager[None]:
    """Periodic time for a loop of just one window; longer ones go round in their windows."""
    one_window = made_of.noise.shape[-1] == checkpoint.window
    return periodic_time(checkpoint.unet) if loop and one_window else contextlib.nullcontext()


def _draw(checkpoint: Checkpoint, latents: torch.Tensor, loop: bool) -> Image.Image:
    """The picture of latents; those of a batch stand side by side."""
    pictures = [pixels_from_latents(checkpoint, one, periodic=loop) for one in latents.split(1)]
    return Image.fromarray(np.concatenate(pictures, 1))
