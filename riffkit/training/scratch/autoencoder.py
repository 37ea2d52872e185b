"""The small model's eye: pictures to latents and back.

The code is linear and has a closed form: each patch of 16 x 16 pixels becomes its 24 largest principal components
(`PatchCode`, fitted in seconds), so that latents exist before any network is trained. A standard `AutoencoderKL` then
learns both directions: its encoder to give this code, its decoder to draw sharper pictures from it than a linear map.
"""

from dataclasses import dataclass

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional as F

from riffkit.training.muon import groups_of
from riffkit.training.trainer import Trainer

PATCH = 16
CHANNELS = 24
WHITENING = 0.6  # 1 makes every component equally strong, 0 leaves them as they are: half way is easiest to denoise


def to_signal(pictures):
    """8-bit pictures to what the model sees: floats, white (silence) is 1, black (loudest) is -1."""
    return np.asarray(pictures, np.float32) / 127.5 - 1


def to_pixels(signal):
    """The inverse of `to_signal`, rounded and limited to 0..255."""
    return np.clip(np.rint((np.asarray(signal, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class PatchCode:
    """A linear code of patches: the mean patch, the leading directions, and how far patches spread along each.

    `mean` [shape=(256,)], `directions` [shape=(256, channels)], `spread` [shape=(channels,)].
    """

    mean: np.ndarray
    directions: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(cls, pictures, channels=CHANNELS, *, keep=None, patches_per_picture=200, seed=0):
        """Principal components of a random choice of patches.

        Parameters
        ----------
        pictures : np.ndarray [shape=(n, height, width), uint8]
        channels : int
        keep : PatchCode or None
            A code whose components stay the first ones; the others are fitted to what it leaves over.
        """
        rng = np.random.default_rng(seed)
        chosen = []
        for picture in pictures:
            patches = _patches(picture[None])[0].reshape(-1, PATCH * PATCH)
            chosen.append(patches[rng.permutation(len(patches))[:patches_per_picture]])
        chosen = np.concatenate(chosen)
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
    def _scale(self):
        """What each component is divided by: latents have a standard deviation of one in all."""
        return self.spread**WHITENING * np.sqrt((self.spread ** (2 - 2 * WHITENING)).mean())

    def encode(self, pictures):
        """Latents [shape=(n, channels, height / 16, width / 16), float32] of 8-bit pictures."""
        return np.ascontiguousarray(
            ((_patches(pictures) - self.mean) @ self.directions / self._scale).transpose(0, 3, 1, 2)
        )

    def decode(self, latents):
        """8-bit pictures of latents: the best that a linear map can do."""
        patches = (np.asarray(latents).transpose(0, 2, 3, 1) * self._scale) @ self.directions.T + self.mean
        n, rows, columns, _ = patches.shape
        signal = patches.reshape(n, rows, columns, PATCH, PATCH).transpose(0, 1, 3, 2, 4)
        return to_pixels(signal.reshape(n, rows * PATCH, columns * PATCH))

    def save(self, path):
        np.savez(path, mean=self.mean, directions=self.directions, spread=self.spread)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            return cls(file["mean"], file["directions"], file["spread"])


def _patches(pictures):
    """(n, height, width) uint8 to (n, height / 16, width / 16, 256) float32."""
    signal = to_signal(pictures)
    n, height, width = signal.shape
    blocks = signal.reshape(n, height // PATCH, PATCH, width // PATCH, PATCH).transpose(0, 1, 3, 2, 4)
    return blocks.reshape(n, height // PATCH, width // PATCH, PATCH * PATCH)


def make_autoencoder(channels=CHANNELS):
    """A small `AutoencoderKL` for grey pictures: 16 times smaller latents, no attention, so that any width works."""
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


def learn_to_draw(folder, autoencoder, code, pictures, *, n_steps, batch=1, seed=0, cpu=False, progress=None):
    """Teach the autoencoder, in place, to give the patch code and to draw from it, on pieces of full height.

    A quarter, half or the whole of a picture at a time: its normalisation looks at all of what it is given. What had
    only learnt from squares of 128 pixels kept 31.9 dB of such squares, but 29.5 dB of whole pictures (measured).

    Parameters
    ----------
    folder : path
    autoencoder : diffusers.AutoencoderKL
    code : PatchCode
    pictures : np.ndarray [shape=(n, 512, 512), uint8]
    n_steps, seed : int
    batch : int
        Whole pictures at a step, or twice as many halves, or four times as many quarters.
    cpu : bool
    progress : callable or None
    """
    trainer = Trainer(
        "autoencoder", folder, _Eye(autoencoder), groups_of(autoencoder), n_steps=n_steps,
        learning_rate=1.5e-3, warmup=60, ema_decay=0.998, cpu=cpu, seed=seed,
    )  # fmt: skip
    for step in trainer.steps(progress):
        rng, noise = trainer.rng(step)
        parts = int(rng.choice((1, 2, 4)))
        width = pictures.shape[2] // parts // PATCH * PATCH
        crops = []
        for index in rng.integers(0, len(pictures), batch * parts):
            column = rng.integers(0, (pictures.shape[2] - width) // PATCH + 1) * PATCH
            crops.append(pictures[index, :, column : column + width])
        crops = np.stack(crops)
        latents = torch.from_numpy(code.encode(crops))
        signal = torch.from_numpy(to_signal(crops))[:, None]
        # The denoiser's latents are never exact: the decoder learns to forgive a little noise.
        rough = latents + 0.05 * torch.randn(latents.shape, generator=noise)
        seen, drawn = trainer.module(signal.to(trainer.device), rough.to(trainer.device))
        loss = _drawing_loss(drawn.float(), signal.to(trainer.device))
        loss = loss + 0.5 * F.mse_loss(seen.float(), latents.to(trainer.device))
        trainer.learn(loss)
    autoencoder.to("cpu")


class _Eye(nn.Module):
    """Both directions in one call, so that accelerate sees one module."""

    def __init__(self, autoencoder):
        super().__init__()
        self.autoencoder = autoencoder

    def forward(self, signal, latents):
        seen = self.autoencoder.encode(signal).latent_dist.mean
        return seen, self.autoencoder.decode(latents).sample


def _drawing_loss(drawn, truth):
    """Mean distance of pixels, plain and squared, and of their differences at three scales: keeps partials and onsets
    sharp, and large errors (which the PSNR minds most) rare."""
    loss = (drawn - truth).abs().mean() + 6 * (drawn - truth).pow(2).mean()
    for scale in (1, 2, 4):
        a, b = (F.avg_pool2d(drawn, scale), F.avg_pool2d(truth, scale)) if scale > 1 else (drawn, truth)
        for axis in (2, 3):
            loss = loss + 0.5 * (a.diff(dim=axis) - b.diff(dim=axis)).abs().mean()
    return loss


def three_channels(autoencoder):
    """The same autoencoder for RGB pictures with equal channels, as stock pipelines and Riffusion's code pass them.

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
