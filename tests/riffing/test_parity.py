"""Stock diffusers makes the same picture from the same folder, noise and steps."""

import numpy as np
import pytest
import torch

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.mixing import Ingredients
from riffkit.diffusion.run import paint
from riffkit.diffusion.schedulers import SCHEDULERS, make_scheduler
from riffkit.models.prompt import embed_prompt


def stock_pipeline(folder):
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.mark.slow
@pytest.mark.parametrize("name", SCHEDULERS)
def test_latents_and_pixels_are_those_of_stock_diffusers(toy, toy_folder, name):
    checkpoint, steps = toy.checkpoint, 7
    pipe = stock_pipeline(toy_folder)
    pipe.scheduler = make_scheduler(name, checkpoint.scheduler_config, steps)
    noise = draw_noise(checkpoint, 5, checkpoint.window)
    options = {
        "prompt": "church bells and piano",
        "negative_prompt": "drums",
        "num_inference_steps": steps,
        "guidance_scale": 4.0,
        "latents": noise.clone(),
        "generator": torch.Generator().manual_seed(0 ^ 0x5EED),
    }
    stock_latents = pipe(**options, output_type="latent").images
    made_of = Ingredients(
        words=embed_prompt(checkpoint, "church bells and piano"),
        negative_words=embed_prompt(checkpoint, "drums"),
        noise=noise,
        guidance_scale=4.0,
    )
    latents = paint(checkpoint, made_of, scheduler=name, num_inference_steps=steps)
    assert (latents - stock_latents).abs().max() <= 1e-4 * stock_latents.abs().max()

    stock = pipe.vae.decode(stock_latents / pipe.vae.config.scaling_factor, return_dict=False)[0]
    stock = ((stock.detach().mean(1)[0] / 2 + 0.5).clamp(0, 1) * 255).round().numpy()
    riff = toy.riff(
        "church bells and piano",
        5,
        negative_prompt="drums",
        num_inference_steps=steps,
        guidance_scale=4.0,
        scheduler=name,
    )
    ours = np.asarray(riff.image.convert("L"), float)
    if name not in ("euler_ancestral", "lcm"):  # those draw fresh noise from a seed of their own
        assert np.abs(ours - stock).max() <= 1


def test_embeddings_are_those_of_stock_diffusers(toy, toy_folder):
    pipe = stock_pipeline(toy_folder)
    for prompt in ("", "jazz", "slow church bells, a piano!"):
        stock = pipe.encode_prompt(prompt, "cpu", 1, False)[0]
        assert torch.equal(embed_prompt(toy.checkpoint, prompt), stock)
