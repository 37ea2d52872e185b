"""One run: ingredients into the loop, latents out of it. All of riffing is calls to `paint`."""

import contextlib

import torch
from PIL import Image

from .latents import circular_time, jointly, pixels_from_latents, window_starts
from .prompt import equal_length
from .sampling import denoise, guided, holding, make_scheduler, start_from


def paint(checkpoint, made_of, *, scheduler, num_inference_steps, seed=0, loop=False, progress=None):
    """Denoise ingredients to latents, in overlapping windows if they are wider than the model's own.

    Parameters
    ----------
    checkpoint : Checkpoint
    made_of : Ingredients
    scheduler : str
    num_inference_steps : int
    seed : int
        For schedulers that draw fresh noise at every step.
    loop : bool
        Time is a circle.
    progress : callable, optional

    Returns
    -------
    torch.Tensor [shape=(1, channels, rows, columns), float32]
    """
    strength = 1.0 if made_of.known is None else made_of.strength
    schedule = make_scheduler(scheduler, checkpoint.scheduler_config, num_inference_steps, strength)
    if len(schedule.timesteps) == 0:
        return made_of.known
    hold = None
    if made_of.free is not None:
        hold = holding(schedule, made_of.known, made_of.noise, made_of.free.to(checkpoint.device))
    around = loop and made_of.noise.shape[-1] == checkpoint.window
    with circular_time(checkpoint.unet) if around else contextlib.nullcontext():
        return denoise(
            prediction(checkpoint, made_of, loop=loop),
            schedule,
            start_from(schedule, made_of.noise, made_of.known, made_of.strength),
            generator=torch.Generator().manual_seed(seed ^ 0x5EED),  # not the numbers the first noise was drawn with
            hold=hold,
            progress=progress,
            draw=lambda latents: Image.fromarray(pixels_from_latents(checkpoint, latents, circular=loop)),
        )


def prediction(checkpoint, made_of, *, loop=False):
    """The guided prediction for ingredients, joint over windows where there are several."""
    width, window = made_of.noise.shape[-1], checkpoint.window

    def predict_with(words):
        words, negative_words = equal_length(checkpoint, words, made_of.negative_words)
        return guided(checkpoint.unet, words, negative_words, made_of.guidance_scale)

    if isinstance(made_of.words, list):
        predicts = [predict_with(words) for words in made_of.words]
    else:
        predicts = predict_with(made_of.words)
    return jointly(predicts, window_starts(width, window, circular=loop), window, width)
