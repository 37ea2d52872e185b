"""The small model's imagination: a UNet that learns to take noise out of latents, told what the caption says.

v-prediction, stratified timesteps, captions left out one time in ten (for guidance), loops turned by whole beats (they
stay loops), averaged weights. Words reach the UNet twice: by cross-attention, and pooled into the time embedding, which
is what makes it listen early.

All timesteps count alike. Min-SNR weights, which are usual, leave 3 % of the weight to the noisiest three tenths of
them, and it is there that words decide what is played (`python -m benchmarks.noise`; the model card has the table).
A `shift` draws noisy timesteps more often than others; the last run of the embedded model had 2.
"""

import random

import numpy as np
import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import nn

from riffkit.compose.captions import noisy_caption
from riffkit.training.muon import groups_of
from riffkit.training.scratch.text_encoder import tokenize
from riffkit.training.trainer import Trainer

NOISE_SCHEDULE = dict(
    num_train_timesteps=1000,
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    prediction_type="v_prediction",
    steps_offset=1,
)


def make_unet(channels, text_width, *, widths=(64, 128, 224), size=32):
    """A UNet of 14 M parameters (as given) with cross-attention on its two inner levels.

    Parameters
    ----------
    channels : int
        Of the latents.
    text_width : int
    widths : tuple of int
        Of the levels; divisible by 32.
    size : int
        Default side of the latents; any other works too.
    """
    return UNet2DConditionModel(
        sample_size=size,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        block_out_channels=widths,
        norm_num_groups=16,
        cross_attention_dim=text_width,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * (len(widths) - 1),
        up_block_types=("CrossAttnUpBlock2D",) * (len(widths) - 1) + ("UpBlock2D",),
        attention_head_dim=tuple(width // 32 for width in widths),  # diffusers reads this as the number of heads
        addition_embed_type="text",
        addition_embed_type_num_heads=text_width // 32,
    )


def make_scheduler():
    """DPM-Solver++ as it is saved beside the model: good pictures from 15 to 25 steps."""
    return DPMSolverMultistepScheduler(**NOISE_SCHEDULE, timestep_spacing="trailing")


def learn_to_denoise(
    folder,
    unet,
    text_encoder,
    tokenizer,
    latents,
    pieces,
    *,
    n_steps,
    batch=16,
    shift=1.0,
    learning_rate=8e-4,
    seed=0,
    cpu=False,
    tryout=None,
    progress=None,
):
    """Teach the UNet (and, fifty times slower, the text encoder) in place.

    At a fifth of the UNet's rate the text encoder forgets within an hour most of what it has learnt to tell apart
    (measured: "quiet piano" and "piano" end up six times nearer to each other), and the UNet becomes deaf to it.

    Parameters
    ----------
    folder : path
    unet, text_encoder, tokenizer
    latents : np.ndarray [shape=(n, channels, rows, columns), float16]
    pieces : list of Piece
        What the latents show; a fresh caption is drawn at every step.
    n_steps, batch, seed : int
    shift : float
        How much denser timesteps lie at the noisy end than at the other: `shifted`. 1 draws all alike.
    learning_rate : float
    cpu : bool
    tryout : callable or None
        Gets the trainer after every checkpoint: `riffkit.training.scratch.preview.Tryout`.
    progress : callable or None

    References
    ----------
    Salimans & Ho, "Progressive Distillation", 2022 (v-prediction). Ho & Salimans, "Classifier-Free Diffusion
    Guidance", 2022 (captions left out).
    """
    groups = [*groups_of(unet), {"params": list(text_encoder.parameters()), "factor": 0.02}]
    trainer = Trainer(
        "unet", folder, _Painter(unet, text_encoder), groups, n_steps=n_steps, learning_rate=learning_rate,
        warmup=300, ema_decay=0.9995, cpu=cpu, seed=seed,
    )  # fmt: skip
    trainer.on_save = tryout
    if trainer.device.type == "cpu":
        unet.set_attn_processor(AttnProcessor())  # a step takes 15 % less than with the fused attention, measured
    alphas_bar = DDPMScheduler(**NOISE_SCHEDULE).alphas_cumprod
    for step in trainer.steps(progress):
        rng, noise_source = trainer.rng(step)
        words = random.Random(f"captions {seed} {step}")
        chosen = rng.integers(0, len(latents), batch)
        x0 = torch.from_numpy(np.stack([turned(latents[i], pieces[i].beats, rng) for i in chosen])).float()
        captions = ["" if words.random() < 0.1 else noisy_caption(pieces[i], words) for i in chosen]
        # One timestep from each of as many parts of the schedule: the gradient is less noisy than with free draws.
        even = (torch.arange(batch) + torch.rand(1, generator=noise_source)) / batch
        t = (shifted(even, shift) * len(alphas_bar)).long().clamp(max=len(alphas_bar) - 1)
        alpha_bar = alphas_bar[t].view(-1, 1, 1, 1)
        noise = torch.randn(x0.shape, generator=noise_source)
        xt = alpha_bar.sqrt() * x0 + (1 - alpha_bar).sqrt() * noise
        v = alpha_bar.sqrt() * noise - (1 - alpha_bar).sqrt() * x0
        device = trainer.device
        tokens = tokenize(tokenizer, captions).to(device)
        predicted = trainer.module(xt.to(device), t.to(device), tokens).float()
        trainer.learn((predicted - v.to(device)).pow(2).mean())
    unet.to("cpu"), text_encoder.to("cpu")


class _Painter(nn.Module):
    """Text encoder and UNet as one module, so that they learn together."""

    def __init__(self, unet, text_encoder):
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy, timesteps, tokens):
        return self.unet(noisy, timesteps, self.text_encoder(tokens).last_hidden_state).sample


def shifted(even, shift):
    """Draw timesteps more often where there is much noise.

    Parameters
    ----------
    even : torch.Tensor
        Fractions of the schedule, from 0 up to but not 1.
    shift : float
        Positive. The density becomes 1 / `shift` at no noise, and `shift` times what it was at the noisy end.

    Returns
    -------
    torch.Tensor
        Fractions again; in the same order.

    References
    ----------
    Esser et al., "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", 2024 (eq. 23).
    """
    return shift * even / (1 + (shift - 1) * even)


def turned(latent, beats, rng):
    """The loop begun on another beat (only where beats fall on whole columns)."""
    columns = latent.shape[-1]
    if columns % beats:
        return np.roll(latent, columns // 2 * int(rng.integers(0, 2)), axis=-1)
    return np.roll(latent, columns // beats * int(rng.integers(0, beats)), axis=-1)
