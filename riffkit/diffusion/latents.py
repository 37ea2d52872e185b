"""Latents: Gaussian noise of a seed, and pictures to latents and back through the VAE.

A picture of (rows, columns) pixels is (rows / f, columns / f) latent cells, f read from the checkpoint.
"""

import contextlib
from collections.abc import Callable, Iterator

import numpy as np
import torch

from riffkit.diffusion.windows import periodic_time
from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import Reporter, report


def draw_noise(checkpoint: Checkpoint, seed: int, width: int) -> torch.Tensor:
    """Draw the Gaussian noise of a seed, on the CPU so that a seed means the same on every device.

    It is drawn a window at a time: a longer field begins with the shorter one of the same seed, and one window is what
    diffusers' own pipeline draws.

    Parameters
    ----------
    checkpoint : Checkpoint
    seed : int [0..2**63 - 1]
    width : int [latent columns]

    Returns
    -------
    torch.Tensor [shape=(1, channels, rows, width), float32, on the checkpoint's device]
    """
    generator, window = torch.Generator().manual_seed(seed), checkpoint.window
    shape = (1, checkpoint.latent_channels, checkpoint.rows, window)
    field = [torch.randn(shape, generator=generator) for _ in range(0, width, window)]
    return torch.cat(field, -1)[..., :width].to(checkpoint.device)


@torch.no_grad()
def latents_from_pixels(
    checkpoint: Checkpoint, pixels: np.ndarray, *, periodic: bool = False, progress: Reporter | None = None
) -> torch.Tensor:
    """Encode grey pixels, window by window: beyond the latents, memory does not grow with length.

    Parameters
    ----------
    checkpoint : Checkpoint
    pixels : np.ndarray [shape=(rows, columns), uint8]
        Both multiples of `checkpoint.factor`.
    periodic : bool
        Time wraps round.
    progress : callable, optional

    Returns
    -------
    torch.Tensor [shape=(1, channels, rows / f, columns / f), float32]
        The mean of the encoder's distribution, times the checkpoint's scaling factor: no noise is drawn.
    """
    vae, f = checkpoint.vae, checkpoint.factor
    rows, columns = pixels.shape
    if rows % f or columns % f:
        raise ValueError(f"pixels are {rows} x {columns}, expected multiples of {f}")

    def encode(start: int, width: int) -> torch.Tensor:
        seen = pixels[:, np.arange(start * f, (start + width) * f) % columns]
        x = torch.from_numpy(seen.astype(np.float32) / 127.5 - 1).expand(1, vae.config.in_channels, -1, -1)
        if checkpoint.stereo:
            x = torch.cat([-torch.ones_like(x[:, :1]), x[:, 1:]], dim=1)  # its red is empty
        latents = vae.encode(x.to(checkpoint.device, checkpoint.dtype)).latent_dist.mode().float()
        return latents * vae.config.scaling_factor

    latents: torch.Tensor | None = None
    for at, part in _by_windows(checkpoint, encode, columns // f, 1, periodic, progress):
        latents = part.new_empty(*part.shape[:-1], columns // f) if latents is None else latents
        latents[..., at : at + part.shape[-1]] = part
    assert latents is not None
    return latents


@torch.no_grad()
def pixels_from_latents(
    checkpoint: Checkpoint, latents: torch.Tensor, *, periodic: bool = False, progress: Reporter | None = None
) -> np.ndarray:
    """Decode latents to grey pixels, the mean of the decoder's colour channels.

    Window by window: beyond the pixels, a byte each, memory does not grow with length.

    Parameters
    ----------
    checkpoint : Checkpoint
    latents : torch.Tensor [shape=(1, channels, rows, columns)]
    periodic : bool
        Time wraps round: the decoder sees no edge.
    progress : callable, optional

    Returns
    -------
    np.ndarray [shape=(rows * f, columns * f), uint8]

    Raises
    ------
    FloatingPointError
        If the model gave NaN or infinity (half precision is too narrow for some checkpoints).
    """
    vae = checkpoint.vae

    def decode(start: int, width: int) -> torch.Tensor:
        part = _columns(latents, start, width) / vae.config.scaling_factor
        drawn = vae.decode(part.to(checkpoint.device, checkpoint.dtype)).sample.float()
        return drawn[:, 1 if checkpoint.stereo else 0 :].mean(1, keepdim=True).cpu()

    f = checkpoint.factor
    pixels = np.empty((latents.shape[-2] * f, latents.shape[-1] * f), np.uint8)
    for at, part in _by_windows(checkpoint, decode, latents.shape[-1], f, periodic, progress):
        x = part[0, 0]
        if not torch.isfinite(x).all():
            raise FloatingPointError(
                f"{checkpoint!r} gave NaN or infinity; load it with riffkit.load({checkpoint.name!r}, dtype='float32')"
            )
        grey = ((x / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        pixels[:, at : at + x.shape[-1]] = grey.numpy()
    return pixels


def _by_windows(
    checkpoint: Checkpoint,
    transform: Callable[[int, int], torch.Tensor],
    width: int,
    scale: int,
    periodic: bool,
    progress: Reporter | None,
) -> Iterator[tuple[int, torch.Tensor]]:
    """`transform(start, width)` over overlapping windows, crossfaded: (first column, columns) as soon as they are done.

    A cell is `scale` columns. Only one window and the end of the one before are held, whatever the width.
    """
    window = checkpoint.vae_window
    if width <= window:
        report(progress, 0, 1)
        with periodic_time(checkpoint.vae) if periodic else contextlib.nullcontext():
            yield 0, transform(0, width)
        return
    overlap = window // 4
    stride = window - overlap
    length = width + overlap if periodic else width  # going round, the last crossfade lies over the beginning
    starts = range(0, length - window + stride, stride)
    fade = overlap * scale
    up = (torch.arange(fade) + 0.5) / fade
    before = beginning = torch.empty(0)
    for i, start in enumerate(starts):
        report(progress, i, len(starts))
        part = transform(start, min(window, length - start))
        up = up.to(part.device)
        if i > 0:
            part[..., :fade] = before + up * (part[..., :fade] - before)
        first = start * scale
        if i == 0 and periodic:
            beginning, part, first = part[..., :fade], part[..., fade:], fade
        if i < len(starts) - 1:
            done = (start + stride) * scale - first
            part, before = part[..., :done], part[..., done:]
        elif periodic:
            part, after = part[..., :-fade], part[..., -fade:]
            yield 0, after + up * (beginning - after)
        yield first, part


def _columns(x: torch.Tensor, start: int, width: int) -> torch.Tensor:
    """`width` columns from `start` on, going round at the end."""
    if start + width <= x.shape[-1]:
        return x[..., start : start + width]
    return x.index_select(-1, torch.arange(start, start + width, device=x.device) % x.shape[-1])
