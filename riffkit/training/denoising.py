"""The denoising objective that fine-tuning and training from nothing share: noise, timesteps, targets, weights."""

from typing import Any

import numpy as np
import torch
from torch import nn


class Denoiser(nn.Module):
    """UNet and, where it learns too, text encoder as one module, so that accelerate sees one.

    Parameters
    ----------
    unet : UNet2DConditionModel
    text_encoder : CLIPTextModel or None
        None takes embeddings in place of tokens.
    """

    def __init__(self, unet: Any, text_encoder: Any = None) -> None:
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy: torch.Tensor, timesteps: torch.Tensor, words: torch.Tensor) -> torch.Tensor:
        """Predict what the UNet was trained to predict.

        Parameters
        ----------
        noisy : torch.Tensor [shape=(batch, channels, rows, columns)]
        timesteps : torch.Tensor [shape=(batch,), int64]
        words : torch.Tensor [shape=(batch, tokens), int64, or (batch, tokens, width) without a text encoder]
            Tokens may also stand in chunks, (batch, chunks, tokens), which are read one by one.

        Returns
        -------
        torch.Tensor, like `noisy`
        """
        if self.text_encoder is not None:
            states = self.text_encoder(words.flatten(0, -2))[0]
            words = states.reshape(len(words), -1, states.shape[-1])
        return self.unet(noisy, timesteps, words).sample


def noised(
    x0: torch.Tensor, noise: torch.Tensor, alpha_bar: torch.Tensor, prediction_type: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Add noise to clean latents, and give the target that a model of this kind is to predict.

    Parameters
    ----------
    x0, noise : torch.Tensor [shape=(batch, channels, rows, columns)]
    alpha_bar : torch.Tensor [shape=(batch,), 0..1]
        Of each one's timestep.
    prediction_type : str
        "epsilon", "v_prediction" or "sample".

    Returns
    -------
    x_t, target : torch.Tensor, like `x0`
    """
    a, b = alpha_bar.view(-1, 1, 1, 1).sqrt(), (1 - alpha_bar).view(-1, 1, 1, 1).sqrt()
    target = {"epsilon": noise, "v_prediction": a * noise - b * x0, "sample": x0}[prediction_type]
    return a * x0 + b * noise, target


def stratified_timesteps(n: int, n_timesteps: int, generator: torch.Generator, *, shift: float = 1.0) -> torch.Tensor:
    """Draw one timestep from each of n equal parts of the schedule: the gradient is less noisy than with free draws.

    Parameters
    ----------
    n : int, >= 0
    n_timesteps : int
        Of the whole schedule, usually 1000.
    generator : torch.Generator
        Gives one number: the same place within every part.
    shift : float, > 0
        See `shifted`; 1 draws all timesteps alike.

    Returns
    -------
    torch.Tensor [shape=(n,), int64, 0..n_timesteps - 1]
        In ascending order.
    """
    even = (torch.arange(n) + torch.rand(1, generator=generator)) / max(n, 1)
    return (shifted(even, shift) * n_timesteps).long().clamp(max=n_timesteps - 1)


def shifted(even: torch.Tensor, shift: float) -> torch.Tensor:
    """Shift timesteps towards the noisy end of the schedule.

    Parameters
    ----------
    even : torch.Tensor [0..1]
        Fractions of the schedule, from 0 up to but not 1.
    shift : float, > 0
        The density becomes 1 / `shift` at no noise, and `shift` times what it was at the noisy end.

    Returns
    -------
    torch.Tensor, like `even`
        Fractions again; in the same order.

    References
    ----------
    Esser et al., "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", 2024 (eq. 23).
    """
    return shift * even / (1 + (shift - 1) * even)


def min_snr_weights(snr: torch.Tensor, gamma: float, prediction_type: str) -> torch.Tensor:
    """Min-SNR loss weights of timesteps, so that easy (nearly clean) ones do not rule the rest.

    Parameters
    ----------
    snr : torch.Tensor [> 0]
        Signal to noise ratio, abar / (1 - abar).
    gamma : float, > 0
        The largest weight, in terms of the error of x0. 5 is usual.
    prediction_type : str
        "epsilon", "v_prediction" or "sample": the same error of x0 is a different error of each.

    Returns
    -------
    torch.Tensor, like `snr`

    References
    ----------
    Hang et al., "Efficient diffusion training via min-SNR weighting strategy", 2023.
    """
    wanted = snr.clamp(max=gamma)
    if prediction_type == "epsilon":  # |eps error|^2 = snr |x0 error|^2
        return wanted / snr
    if prediction_type == "v_prediction":  # |v error|^2 = (snr + 1) |x0 error|^2
        return wanted / (snr + 1)
    if prediction_type == "sample":
        return wanted
    raise ValueError(f"prediction_type {prediction_type!r} is none of epsilon, v_prediction, sample")


def turned(latent: np.ndarray, beats: int, rng: np.random.Generator) -> np.ndarray:
    """Begin a loop on another of its beats, drawn by `rng`: it stays a loop.

    Parameters
    ----------
    latent : np.ndarray [shape=(channels, rows, columns)]
    beats : int
        Of the loop; where they do not fall on whole columns, or are unknown (0), it may begin half way round.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray, like `latent`
    """
    columns = latent.shape[-1]
    parts = beats if beats and columns % beats == 0 else 2
    return np.roll(latent, columns // parts * int(rng.integers(0, parts)), axis=-1)
