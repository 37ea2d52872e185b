"""The UNet stage: a text-conditioned UNet that learns to take noise out of latents (v-prediction).

Stratified timesteps, captions left out one time in ten (for guidance), loops turned by whole beats (they
stay loops), averaged weights. Words reach the UNet twice: by cross-attention, and pooled into the time embedding, which
is what makes it listen early.

All timesteps count alike. Min-SNR weights, which are usual, leave 3 % of the weight to the noisiest three tenths of
them, and it is there that words decide what is played (`python -m benchmarks.noise`; the model card has the table).
A `shift` draws noisy timesteps more often than others; the last run of the embedded model had 2.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from riffkit.models.prompt import token_ids
from riffkit.progress import Reporter
from riffkit.training.denoising import Denoiser, noised, stratified_timesteps, turned
from riffkit.training.muon import groups_of
from riffkit.training.scratch.material import Material
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

NOISE_SCHEDULE: dict[str, Any] = dict(
    num_train_timesteps=1000,
    beta_start=0.00085,
    beta_end=0.012,
    beta_schedule="scaled_linear",
    prediction_type="v_prediction",
    steps_offset=1,
)
# as it is saved beside the model, for DPM-Solver++: good pictures from 15 to 25 steps
SCHEDULER_CONFIG = {**NOISE_SCHEDULE, "timestep_spacing": "trailing"}


def noise_schedule() -> torch.Tensor:
    """Compute abar, the share of the picture in what is seen at each timestep [shape=(1000,), 0..1, falling]."""
    scheduler: Any = DDPMScheduler(**NOISE_SCHEDULE)
    return scheduler.alphas_cumprod


def make_unet(channels: int, text_width: int, *, widths: Sequence[int] = (64, 128, 224), size: int = 32) -> Any:
    """Make a UNet of 14 M parameters (as given) with cross-attention on its two inner levels and random weights.

    Parameters
    ----------
    channels : int
        Of the latents.
    text_width : int
        Of the text encoder's hidden states; divisible by 32.
    widths : sequence of int
        Channels of the levels; divisible by 32.
    size : int [latent cells]
        Default side of the latents; any other works too.

    Returns
    -------
    diffusers.UNet2DConditionModel
    """
    return UNet2DConditionModel(
        sample_size=size,
        in_channels=channels,
        out_channels=channels,
        layers_per_block=1,
        block_out_channels=tuple(widths),
        norm_num_groups=16,
        cross_attention_dim=text_width,
        down_block_types=("DownBlock2D",) + ("CrossAttnDownBlock2D",) * (len(widths) - 1),
        up_block_types=("CrossAttnUpBlock2D",) * (len(widths) - 1) + ("UpBlock2D",),
        attention_head_dim=tuple(width // 32 for width in widths),  # diffusers reads this as the number of heads
        addition_embed_type="text",
        addition_embed_type_num_heads=text_width // 32,
    )


@dataclass(frozen=True)
class Examples:
    """The training set of the UNet: what each step's batch is drawn from.

    Parameters
    ----------
    latents : np.ndarray [shape=(n, channels, rows, columns), float16]
    pieces : sequence of Piece
        What the latents show.
    tokenizer : CLIPTokenizer
    material : Material
        Draws a fresh caption at every step.
    batch : int, >= 1
        Examples of a step. Default 16.
    """

    latents: np.ndarray
    pieces: Sequence[Any]
    tokenizer: Any
    material: Material
    batch: int = 16

    def draw(
        self, rng: np.random.Generator, words: random.Random, *, dropout: float = 0.0
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw the latents and the captions of one step.

        Parameters
        ----------
        rng : np.random.Generator
            Chooses the examples, and on which beat each begins.
        words : random.Random
            Chooses the captions.
        dropout : float [0..1]
            How often the caption is left out.

        Returns
        -------
        x0 : torch.Tensor [shape=(batch, channels, rows, columns), float32]
        tokens : torch.Tensor [shape=(batch, model_max_length), int64]
        """
        chosen = rng.integers(0, len(self.latents), self.batch)
        loops = [turned(self.latents[i], self.pieces[i].beats, rng) for i in chosen]
        captions = [
            "" if dropout and words.random() < dropout else self.material.noisy_caption(self.pieces[i], words)
            for i in chosen
        ]
        return torch.from_numpy(np.stack(loops)).float(), token_ids(self.tokenizer, captions)


def denoising_config(n_steps: int, *, learning_rate: float = 8e-4, **changes: Any) -> TrainerConfig:
    """Choose how the UNet is trained for `n_steps`; any other field of `TrainerConfig` may be among the `changes`.

    Of the two averages the longer one is sampled from.
    """
    settings: dict[str, Any] = {"warmup": 300, "power_lengths": (0.1, 0.05), **changes}
    return TrainerConfig(n_steps, learning_rate, **settings)


def learn_to_denoise(
    folder: str | Path,
    denoiser: Denoiser,
    examples: Examples,
    config: TrainerConfig,
    *,
    shift: float = 1.0,
    contrast: float = 0.0,
    tryout: Callable[[Trainer], None] | None = None,
    progress: Reporter | None = None,
) -> None:
    """Train the UNet and, fifty times slower, the text encoder, in place.

    At a fifth of the UNet's rate the text encoder forgets within an hour most of what it has learnt to tell apart
    (measured: "quiet piano" and "piano" end up six times nearer to each other), and the UNet becomes deaf to it.

    Parameters
    ----------
    folder : str or Path
        Gets `unet/` with the checkpoint and the losses.
    denoiser : Denoiser
        With a text encoder.
    examples : Examples
    config : TrainerConfig
        `denoising_config` has what serves well.
    shift : float, > 0
        How much denser timesteps lie at the noisy end than at the other: `shifted`. 1 draws all alike.
    contrast : float [0..1)
        How strongly predictions are also pushed away from the target of another piece. 0 does not.
    tryout : callable or None
        Gets the trainer after every checkpoint: `riffkit.training.scratch.preview.Tryout`.
    progress : callable or None
        Gets (steps done, steps in all, None).

    References
    ----------
    Salimans & Ho, "Progressive Distillation", 2022 (v-prediction). Ho & Salimans, "Classifier-Free Diffusion
    Guidance", 2022 (captions left out). Stoica et al., "Contrastive Flow Matching", 2025 (`contrast`).
    """
    unet, text_encoder = denoiser.unet, denoiser.text_encoder
    groups = [*groups_of(unet), {"params": list(text_encoder.parameters()), "factor": 0.02}]
    trainer = Trainer("unet", folder, denoiser, groups, config)
    trainer.on_save = tryout
    if trainer.device.type == "cpu":
        unet.set_attn_processor(AttnProcessor())  # a step takes 15 % less than with the fused attention, measured
    alphas_bar = noise_schedule()
    for step in trainer.steps(progress):
        rng, noise_source = trainer.rng(step)
        x0, tokens = examples.draw(rng, random.Random(f"captions {config.seed} {step}"), dropout=0.1)
        t = stratified_timesteps(len(x0), len(alphas_bar), noise_source, shift=shift)
        noise = torch.randn(x0.shape, generator=noise_source)
        x_t, v = noised(x0, noise, alphas_bar[t], "v_prediction")
        device = trainer.device
        predicted = trainer.module(x_t.to(device), t.to(device), tokens.to(device)).float()
        loss = (predicted - v.to(device)).pow(2).mean()
        if contrast:
            _, other = noised(x0.roll(1, 0), noise.roll(1, 0), alphas_bar[t], "v_prediction")
            loss = loss - contrast * (predicted - other.to(device)).pow(2).mean()
        trainer.learn(loss)
    unet.to("cpu"), text_encoder.to("cpu")
