"""The autoencoder stage: pictures to latents and back.

The code is linear and has a closed form: each patch of 16 x 16 pixels becomes its 24 largest principal components
(`PatchCode`, fitted in seconds), so that latents exist before any network is trained. A standard `AutoencoderKL` then
learns both directions: its encoder to give this code, its decoder to draw sharper pictures from it than a linear map.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional as F

from riffkit.progress import Reporter
from riffkit.sound.files import replacing
from riffkit.training.muon import groups_of
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

PATCH = 16
CHANNELS = 24
WHITENING = 0.6  # 1 makes every component equally strong, 0 leaves them as they are: half way is easiest to denoise


def to_signal(pictures: np.ndarray) -> np.ndarray:
    """Scale 8-bit `pictures` [any shape, uint8] to floats in -1..1: white (silence) is 1, black (loudest) is -1."""
    return np.asarray(pictures, np.float32) / 127.5 - 1


def to_pixels(signal: Any) -> np.ndarray:
    """Invert `to_signal`: a `signal` [any shape, -1..1] to uint8, rounded and limited to 0..255."""
    return np.clip(np.rint((np.asarray(signal, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class PatchCode:
    """Principal component analysis of 16 x 16 patches, as an encoder and decoder with a closed form.

    Parameters
    ----------
    mean : np.ndarray [shape=(256,), float32]
        The mean patch.
    directions : np.ndarray [shape=(256, channels), float32]
        The leading components, orthonormal.
    spread : np.ndarray [shape=(channels,), float32]
        Standard deviation of patches along each.
    """

    mean: np.ndarray
    directions: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(
        cls,
        pictures: np.ndarray,
        channels: int = CHANNELS,
        *,
        keep: PatchCode | None = None,
        patches_per_picture: int = 200,
        seed: int = 0,
    ) -> PatchCode:
        """Fit the principal components of a random choice of patches.

        Parameters
        ----------
        pictures : np.ndarray [shape=(n, height, width), uint8]
            Height and width are multiples of 16.
        channels : int [1..256]
            Components that are kept.
        keep : PatchCode or None
            A code whose components stay the first ones; the others are fitted to what it leaves over.
        patches_per_picture : int, >= 1
            At most; they are drawn at random.
        seed : int
        """
        rng = np.random.default_rng(seed)
        drawn = []
        for picture in pictures:
            patches = _patches(picture[None])[0].reshape(-1, PATCH * PATCH)
            drawn.append(patches[rng.permutation(len(patches))[:patches_per_picture]])
        chosen = np.concatenate(drawn)
        mean = chosen.mean(axis=0) if keep is None else keep.mean
        left = chosen - mean
        if keep is not None:
            left = left - left @ keep.directions @ keep.directions.T
        variances, directions = np.linalg.eigh(left.T @ left / len(left))
        strongest = np.argsort(-variances)[: channels - (len(keep.spread) if keep else 0)]
        directions, spread = directions[:, strongest], np.sqrt(variances[strongest])
        if keep is not None:
            directions, spread = np.hstack([keep.directions, directions]), np.hstack([keep.spread, spread])
        return cls(mean.astype(np.float32), directions.astype(np.float32), spread.astype(np.float32))

    @property
    def _scale(self) -> np.ndarray:
        """What each component is divided by: latents have a standard deviation of one in all."""
        return self.spread**WHITENING * np.sqrt((self.spread ** (2 - 2 * WHITENING)).mean())

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Encode 8-bit `pictures` [shape=(n, 16 rows, 16 columns)] to latents [shape=(n, channels, rows, columns)]."""
        return np.ascontiguousarray(
            ((_patches(pictures) - self.mean) @ self.directions / self._scale).transpose(0, 3, 1, 2)
        )

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Decode `latents` [shape=(n, channels, rows, columns)] to 8-bit pictures [shape=(n, 16 rows, 16 columns)]."""
        patches = (np.asarray(latents).transpose(0, 2, 3, 1) * self._scale) @ self.directions.T + self.mean
        n, rows, columns, _ = patches.shape
        signal = patches.reshape(n, rows, columns, PATCH, PATCH).transpose(0, 1, 3, 2, 4)
        return to_pixels(signal.reshape(n, rows * PATCH, columns * PATCH))

    def save(self, path: str | Path) -> None:
        """Save the code as the NumPy archive `path`, which it replaces."""
        with replacing(path, True) as temporary, Path(temporary).open("wb") as file:
            np.savez(file, mean=self.mean, directions=self.directions, spread=self.spread)

    @classmethod
    def load(cls, path: str | Path) -> PatchCode:
        """Load a code from the NumPy archive `path`, as `save` writes it."""
        with np.load(path) as file:
            return cls(file["mean"], file["directions"], file["spread"])


def _patches(pictures: np.ndarray) -> np.ndarray:
    """(n, height, width) uint8 to (n, height / 16, width / 16, 256) float32."""
    signal = to_signal(pictures)
    n, height, width = signal.shape
    blocks = signal.reshape(n, height // PATCH, PATCH, width // PATCH, PATCH).transpose(0, 1, 3, 2, 4)
    return blocks.reshape(n, height // PATCH, width // PATCH, PATCH * PATCH)


def make_autoencoder(channels: int = CHANNELS) -> Any:
    """Make a small `AutoencoderKL` for grey pictures, with random weights; its latents have that many `channels`.

    They are 16 times smaller along both axes. There is no attention in it, so that any width works.
    """
    widths = (16, 32, 64, 128, 128)
    return AutoencoderKL(
        in_channels=1,
        out_channels=1,
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
    pictures : np.ndarray [shape=(n, 512, 512), uint8]
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
        width = pictures.shape[2] // parts // PATCH * PATCH
        pieces = []
        for index in rng.integers(0, len(pictures), batch * parts):
            column = rng.integers(0, (pictures.shape[2] - width) // PATCH + 1) * PATCH
            pieces.append(pictures[index, :, column : column + width])
        crops = np.stack(pieces)
        latents = torch.from_numpy(code.encode(crops))
        signal = torch.from_numpy(to_signal(crops))[:, None]
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


def three_channels(autoencoder: Any) -> Any:
    """Convert an autoencoder of grey pictures to RGB pictures with equal channels, as stock pipelines pass them.

    Parameters
    ----------
    autoencoder : diffusers.AutoencoderKL
        Of one channel; unchanged.

    Returns
    -------
    diffusers.AutoencoderKL
        Reads the mean of the three channels, draws three equal ones.
    """
    rgb = AutoencoderKL.from_config({**autoencoder.config, "in_channels": 3, "out_channels": 3})
    weights = {name: tensor.clone() for name, tensor in autoencoder.state_dict().items()}
    weights["encoder.conv_in.weight"] = weights["encoder.conv_in.weight"].repeat(1, 3, 1, 1) / 3
    for name in ("decoder.conv_out.weight", "decoder.conv_out.bias"):
        weights[name] = weights[name].repeat(3, *[1] * (weights[name].ndim - 1))
    # The code has no spread of its own: what the encoder's second half says about it is "almost none".
    half = len(weights["quant_conv.bias"]) // 2
    weights["quant_conv.weight"][half:] = 0
    weights["quant_conv.bias"][half:] = -30.0
    rgb.load_state_dict(weights)
    return rgb
