"""One run: ingredients into the loop, latents out of it. All of riffing is calls to `paint`."""

import contextlib

import numpy as np
import torch
from PIL import Image

from riffkit.diffusion.latents import pixels_from_latents
from riffkit.diffusion.sampling import denoise, guided, holding, invert, make_scheduler, start_from
from riffkit.diffusion.windows import circular_time, jointly, window_starts
from riffkit.models.prompt import equal_length


def paint(
    checkpoint,
    made_of,
    *,
    scheduler,
    num_inference_steps,
    guidance_interval=None,
    seeds=(0,),
    loop=False,
    progress=None,
):
    """Denoise ingredients to latents, in overlapping windows if they are wider than the model's own.

    Parameters
    ----------
    checkpoint : Checkpoint
    made_of : Ingredients
        Of one riff, or of several in a batch.
    scheduler : str
    num_inference_steps : int
    guidance_interval : (float, float), optional
        As in `guided`.
    seeds : list of int
        One for each of the batch, for schedulers that draw fresh noise at every step.
    loop : bool
        Time is a circle.
    progress : callable, optional

    Returns
    -------
    torch.Tensor [shape=(batch, channels, rows, columns), float32]
    """
    strength = 1.0 if made_of.known is None else made_of.strength
    schedule = make_scheduler(scheduler, checkpoint.scheduler_config, num_inference_steps, strength)
    if len(schedule.timesteps) == 0:
        return made_of.known
    hold = None
    if made_of.free is not None:
        hold = holding(schedule, made_of.known, made_of.noise, made_of.free.to(checkpoint.device))
    # not the numbers the first noise was drawn with
    fresh = [torch.Generator().manual_seed(seed ^ 0x5EED) for seed in seeds]
    with _circular_if(loop, checkpoint, made_of):
        return denoise(
            prediction(checkpoint, made_of, guidance_interval, loop=loop),
            schedule,
            start_from(schedule, made_of.noise, made_of.known, made_of.strength),
            generator=fresh,
            hold=hold,
            progress=progress,
            draw=lambda latents: _draw(checkpoint, latents, loop),
        )


def prediction(checkpoint, made_of, guidance_interval=None, *, loop=False):
    """The guided prediction for ingredients, joint over windows where there are several."""
    width, window = made_of.noise.shape[-1], checkpoint.window

    def predict_with(words):
        words, negative_words = equal_length(checkpoint, words, made_of.negative_words)
        return guided(checkpoint.unet, words, negative_words, made_of.guidance_scale, guidance_interval)

    if isinstance(made_of.words, list):
        predicts = [predict_with(words) for words in made_of.words]
    else:
        predicts = predict_with(made_of.words)
    return jointly(predicts, window_starts(width, window, circular=loop), window, width)


def inverted(checkpoint, made_of, known, num_inference_steps, loop=False, progress=None):
    """The noise that DDIM leads back to `known` latents, with the words of these ingredients (see `invert`)."""
    with _circular_if(loop, checkpoint, made_of):
        predict = prediction(checkpoint, made_of, loop=loop)
        return invert(predict, checkpoint.scheduler_config, known, num_inference_steps, progress=progress)


def _circular_if(loop, checkpoint, made_of):
    """Circular time for a loop of just one window; longer ones go round in their windows."""
    one_window = made_of.noise.shape[-1] == checkpoint.window
    return circular_time(checkpoint.unet) if loop and one_window else contextlib.nullcontext()


def _draw(checkpoint, latents, loop):
    """The picture of latents; those of a batch stand side by side."""
    pictures = [pixels_from_latents(checkpoint, one, circular=loop) for one in latents.split(1)]
    return Image.fromarray(np.concatenate(pictures, 1))
