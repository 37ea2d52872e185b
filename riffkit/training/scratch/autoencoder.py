"""The autoencoder stage: a network that gives the linear code of pictures, and draws sharper ones from it.

`PatchCode` has a closed form (`patch_code.py`), so latents exist before any network is trained. A standard
`AutoencoderKL` then learns both directions: its encoder to give this code, its decoder to draw from it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional as F

from riffkit.progress import Reporter
from riffkit.training.muon import groups_of
from riffkit.training.scratch.patch_code import CHANNELS, PATCH, PatchCode, to_signal
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig


def make_autoencoder(channels: int = CHANNELS, *, sides: int = 1) -> Any:
    """Make a small `AutoencoderKL` for grey pictures, or for stereo ones, with random weights.

    Its latents are 16 times smaller along both axes. There is no attention in it, so that any width works.

    Parameters
    ----------
    channels : int
        Of the latents.
    sides : int
        1, or 2 for stereo pictures: left and right.

    Returns
    -------
    diffusers.AutoencoderKL
    """
    widths = (16, 32, 64, 128, 128)
    return AutoencoderKL(
        in_channels=sides,
        out_channels=sides,
        down_block_types=("DownEncoderBlock2D",) * len(widths),
        up_block_types=("UpDecoderBlock2D",) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        latent_channels=channels,
        norm_num_groups=8,
        sample_size=512,
        scaling_factor=1.0,
        mid_block_add_attention=False,
        force_upcast=False,
    )


def learn_to_draw(
    folder: str | Path,
    autoencoder: Any,
    code: PatchCode,
    pictures: np.ndarray,
    *,
    n_steps: int,
    batch: int = 1,
    seed: int = 0,
    cpu: bool = False,
    progress: Reporter | None = None,
) -> None:
    """Train the autoencoder, in place, to give the patch code and to draw from it, on pieces of full height.

    A quarter, half or the whole of a picture at a time: its normalisation looks at all of what it is given. What had
    only learnt from squares of 128 pixels kept 31.9 dB of such squares, but 29.5 dB of whole pictures (measured).

    Parameters
    ----------
    folder : str or Path
        Gets `autoencoder/` with the checkpoint and the losses.
    autoencoder : diffusers.AutoencoderKL
    code : PatchCode
    pictures : np.ndarray [shape=(n, 512, 512) or (n, 2, 512, 512), uint8]
    n_steps : int, >= 0
    batch : int, >= 1
        Whole pictures at a step, or twice as many halves, or four times as many quarters.
    seed : int
    cpu : bool
        Stay on the CPU even where there is a GPU.
    progress : callable or None
        Gets (steps done, steps in all, None).
    """
    config = TrainerConfig(n_steps, 1.5e-3, warmup=60, ema_decay=0.998, cpu=cpu, seed=seed)
    trainer = Trainer("autoencoder", folder, _Eye(autoencoder), groups_of(autoencoder), config)
    for step in trainer.steps(progress):
        rng, noise = trainer.rng(step)
        parts = int(rng.choice((1, 2, 4)))
        width = pictures.shape[-1] // parts // PATCH * PATCH
        pieces = []
        for index in rng.integers(0, len(pictures), batch * parts):
            column = rng.integers(0, (pictures.shape[-1] - width) // PATCH + 1) * PATCH
            pieces.append(pictures[index, ..., column : column + width])
        crops = np.stack(pieces)
        latents = torch.from_numpy(code.encode(crops))
        signal = torch.from_numpy(to_signal(crops if crops.ndim == 4 else crops[:, None]))
        # The denoiser's latents are never exact: the decoder learns to forgive a little noise.
        rough = latents + 0.05 * torch.randn(latents.shape, generator=noise)
        seen, drawn = trainer.module(signal.to(trainer.device), rough.to(trainer.device))
        loss = _drawing_loss(drawn.float(), signal.to(trainer.device))
        loss = loss + 0.5 * F.mse_loss(seen.float(), latents.to(trainer.device))
        trainer.learn(loss)
    trainer.module.to("cpu")


class _Eye(nn.Module):
    """Both directions in one call, so that accelerate sees one module."""

    def __init__(self, autoencoder: Any) -> None:
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, signal: torch.Tensor, latents: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode a `signal`, and decode `latents`, both [shape=(batch, channels, rows, columns)]."""
        seen = self.autoencoder.encode(signal).latent_dist.mean
        return seen, self.autoencoder.decode(latents).sample


def _drawing_loss(drawn: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Mean distance of pixels, plain and squared, and of their differences at three scales.

    Keeps partials and onsets sharp, and large errors (which the PSNR minds most) rare.
    """
    loss = (drawn - truth).abs().mean() + 6 * (drawn - truth).pow(2).mean()
    for scale in (1, 2, 4):
        a, b = (F.avg_pool2d(drawn, scale), F.avg_pool2d(truth, scale)) if scale > 1 else (drawn, truth)
        for axis in (2, 3):
            loss = loss + 0.5 * (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
    return loss


def rgb_autoencoder(autoencoder: Any) -> Any:
    """Convert an autoencoder to one for RGB pictures, as stock pipelines pass them.

    Parameters
    ----------
    autoencoder : diffusers.AutoencoderKL
        Of one channel, or of two: left and right; unchanged.

    Returns
    -------
    diffusers.AutoencoderKL
        Of grey pictures it reads the mean of the three channels and draws three equal ones; of stereo ones it reads
        and draws Riffusion's layout, left in green, right in blue, red 0.
    """
    sides = autoencoder.config.in_channels
    rgb = AutoencoderKL.from_config({**autoencoder.config, "in_channels": 3, "out_channels": 3})
    weights = {name: tensor.clone() for name, tensor in autoencoder.state_dict().items()}
    seen, drawn = (weights[name] for name in ("encoder.conv_in.weight", "decoder.conv_out.weight"))
    bias = weights["decoder.conv_out.bias"]
    if sides == 1:
        seen, drawn, bias = seen.repeat(1, 3, 1, 1) / 3, drawn.repeat(3, 1, 1, 1), bias.repeat(3)
    else:
        seen = torch.cat([torch.zeros_like(seen[:, :1]), seen], dim=1)
        # a signal of -1 is pixel 0
        drawn, bias = torch.cat([torch.zeros_like(drawn[:1]), drawn]), torch.cat([-torch.ones_like(bias[:1]), bias])
    weights |= {"encoder.conv_in.weight": seen, "decoder.conv_out.weight": drawn, "decoder.conv_out.bias": bias}
    # The code has no spread of its own: what the encoder's second half says about it is "almost none".
    half = len(weights["quant_conv.bias"]) // 2
    weights["quant_conv.weight"][half:] = 0
    weights["quant_conv.bias"][half:] = -30.0
    rgb.load_state_dict(weights)
    return rgb
