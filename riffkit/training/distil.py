"""The few-step twin: a LoRA that lets the UNet paint in four steps, without guidance, what it paints in twenty with it.

Consistency distillation: along the path from noise to picture every point should lead to the same end. The student
(the UNet with the LoRA) looks at a point and names the end; the teacher (the UNet without it, guided by the words) goes
one step along the path; a slow average of the student names the end from there; the two must agree.
"""

import random

import numpy as np
import torch
from diffusers import DDPMScheduler

from riffkit.training.captions import noisy_caption
from riffkit.training.denoiser import NOISE_SCHEDULE, turned
from riffkit.training.loop import Trainer
from riffkit.training.lora import add_lora
from riffkit.training.start import start_few_steps
from riffkit.training.words import tokenize

GRID = 50  # points on the path; the LCM scheduler of diffusers starts from the same fifty
RANK = 32
TIMESTEP_SCALING, SIGMA_DATA = 10.0, 0.5  # of diffusers' LCMScheduler: at t = 0 the student must return its input


def learn_few_steps(
    folder,
    unet,
    text_encoder,
    tokenizer,
    latents,
    pieces,
    *,
    n_steps,
    guidance_scale=4.0,
    batch=16,
    learning_rate=4e-4,
    seed=0,
    cpu=False,
    start=None,
    progress=None,
):
    """Put a LoRA into the UNet and teach it, in place; the UNet's own weights stay as they are.

    Parameters
    ----------
    folder : path
        Gets `distil/checkpoint` and `distil/losses.jsonl`.
    unet, text_encoder, tokenizer
    latents : np.ndarray [shape=(n, channels, rows, columns), float16]
    pieces : list of Piece
    n_steps, batch, seed : int
    guidance_scale : float
        Of the teacher; the student has it built in.
    learning_rate : float
    cpu : bool
    start : path or None
        Folder of a model whose few-step twin to begin with, if it has one.
    progress : callable or None

    References
    ----------
    Song et al., "Consistency models", 2023. Luo et al., "Latent consistency models", 2023, and "LCM-LoRA", 2023.
    """
    learning = add_lora(unet, rank=RANK, reach="all", seed=seed)
    if start is not None:
        start_few_steps(start, unet)
    text_encoder.requires_grad_(False)
    trainer = Trainer(
        "distil", folder, unet, [{"params": learning}], n_steps=n_steps, learning_rate=learning_rate,
        warmup=30, ema_decay=0.99, cpu=cpu, seed=seed,
    )  # fmt: skip
    path = Path(trainer.device)
    target_weights = TargetWeights(trainer.weights)
    with torch.no_grad():
        nothing = text_encoder(tokenize(tokenizer, [""])).last_hidden_state
    for step in trainer.steps(progress):
        rng, noise_source = trainer.rng(step)
        words = random.Random(f"distil {seed} {step}")
        chosen = rng.integers(0, len(latents), batch)
        x0 = torch.from_numpy(np.stack([turned(latents[i], pieces[i].beats, rng) for i in chosen])).float()
        tokens = tokenize(tokenizer, [noisy_caption(pieces[i], words) for i in chosen])
        with torch.no_grad():
            said = text_encoder(tokens).last_hidden_state
        said, unsaid = said.to(trainer.device), nothing.to(trainer.device).expand(batch, -1, -1)
        later = 1 + torch.from_numpy(rng.permutation(GRID - 1)[:batch])  # places on the grid, all different
        t, t_next = path.timesteps[later], path.timesteps[later - 1]
        x_t = path.noised(x0, torch.randn(x0.shape, generator=noise_source), t).to(trainer.device)
        t, t_next = t.to(trainer.device), t_next.to(trainer.device)
        with torch.no_grad():
            with Without(unet):
                both = trainer.module(torch.cat([x_t, x_t]), torch.cat([t, t]), torch.cat([said, unsaid])).sample
            v_said, v_unsaid = both.float().chunk(2)
            v = v_unsaid + guidance_scale * (v_said - v_unsaid)
            x_next = path.one_step(x_t, v, t, t_next)
            with target_weights:
                end = path.end(x_next, trainer.module(x_next, t_next, said).sample.float(), t_next)
        named = path.end(x_t, trainer.module(x_t, t, said).sample.float(), t)
        difference = (named - end).pow(2).mean(dim=(1, 2, 3))
        trainer.learn(((difference + 1e-3**2).sqrt() - 1e-3).mean())  # pseudo-Huber: outliers pull less
    unet.to("cpu")


class Path:
    """The deterministic path from noise to picture, on fifty timesteps: 19, 39, ... 999."""

    def __init__(self, device):
        self.alphas_bar = DDPMScheduler(**NOISE_SCHEDULE).alphas_cumprod
        spacing = len(self.alphas_bar) // GRID
        self.timesteps = torch.arange(1, GRID + 1) * spacing - 1
        self.device = device

    def _levels(self, t):
        alpha_bar = self.alphas_bar.to(t.device)[t].view(-1, 1, 1, 1)
        return alpha_bar.sqrt(), (1 - alpha_bar).sqrt()

    def noised(self, x0, noise, t):
        signal, sigma = self._levels(t)
        return signal * x0 + sigma * noise

    def one_step(self, x_t, v, t, t_next):
        """DDIM: from t to the smaller t_next, given the velocity at t."""
        signal, sigma = self._levels(t)
        x0, noise = signal * x_t - sigma * v, sigma * x_t + signal * v
        return self.noised(x0, noise, t_next)

    def end(self, x_t, v, t):
        """Where the path from x_t ends, as the student says it; at t = 0 it is x_t itself."""
        signal, sigma = self._levels(t)
        scaled = (t.float() * TIMESTEP_SCALING).view(-1, 1, 1, 1)
        c_skip = SIGMA_DATA**2 / (scaled**2 + SIGMA_DATA**2)
        c_out = scaled / (scaled**2 + SIGMA_DATA**2).sqrt()
        return c_skip * x_t + c_out * (signal * x_t - sigma * v)


class Without:
    """The UNet without its LoRA, inside a `with`."""

    def __init__(self, unet):
        self.unet = unet

    def __enter__(self):
        self.unet.disable_adapters()

    def __exit__(self, *_):
        self.unet.enable_adapters()


class TargetWeights:
    """The slow average in place of the student's own weights, inside a `with`."""

    def __init__(self, weights):
        self.weights = weights

    def __enter__(self):
        self.weights.exchange()

    def __exit__(self, *_):
        self.weights.exchange()
