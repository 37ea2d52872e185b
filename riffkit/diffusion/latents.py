"""Latents: noise, pictures to latents and back, and windows over time for what is longer than the model, or a circle.

A picture of (rows, columns) pixels is (rows / f, columns / f) latent cells, f read from the checkpoint. The model was
trained on windows of fixed width; anything wider is covered by overlapping windows that are denoised jointly.
"""

import contextlib
import itertools
import math

import numpy as np
import torch
from torch.nn import functional as F

from riffkit.progress import report


def draw_noise(checkpoint, seed, width):
    """Gaussian noise of a seed, drawn on the CPU so that a seed means the same on every device.

    It is drawn a window at a time: a longer field begins with the shorter one of the same seed, and one window is what
    diffusers' own pipeline draws.

    Returns
    -------
    torch.Tensor [shape=(1, channels, rows, width), float32, on the checkpoint's device]
    """
    generator, window = torch.Generator().manual_seed(seed), checkpoint.window
    shape = (1, checkpoint.latent_channels, checkpoint.rows, window)
    field = [torch.randn(shape, generator=generator) for _ in range(0, width, window)]
    return torch.cat(field, -1)[..., :width].to(checkpoint.device)


# -- pictures <-> latents ---------------------------------------------------------------------------------------------


@torch.no_grad()
def latents_from_pixels(checkpoint, pixels, *, circular=False, progress=None):
    """Encode grey pixels, window by window: beyond the latents, memory does not grow with length.

    Parameters
    ----------
    checkpoint : Checkpoint
    pixels : np.ndarray [shape=(rows, columns), uint8]
        Both multiples of `checkpoint.factor`.
    circular : bool
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

    def encode(start, width):
        seen = pixels[:, np.arange(start * f, (start + width) * f) % columns]
        x = torch.from_numpy(seen.astype(np.float32) / 127.5 - 1).expand(1, vae.config.in_channels, -1, -1)
        latents = vae.encode(x.to(checkpoint.device, checkpoint.dtype)).latent_dist.mode().float()
        return latents * vae.config.scaling_factor

    latents = None
    for at, part in _by_windows(checkpoint, encode, columns // f, 1, circular, progress):
        latents = part.new_empty(*part.shape[:-1], columns // f) if latents is None else latents
        latents[..., at : at + part.shape[-1]] = part
    return latents


@torch.no_grad()
def pixels_from_latents(checkpoint, latents, *, circular=False, progress=None):
    """Decode latents to grey pixels, the mean of the decoder's colour channels.

    Window by window: beyond the pixels, a byte each, memory does not grow with length.

    Parameters
    ----------
    checkpoint : Checkpoint
    latents : torch.Tensor [shape=(1, channels, rows, columns)]
    circular : bool
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

    def decode(start, width):
        part = _columns(latents, start, width) / vae.config.scaling_factor
        return vae.decode(part.to(checkpoint.device, checkpoint.dtype)).sample.float().mean(1, keepdim=True).cpu()

    f = checkpoint.factor
    pixels = np.empty((latents.shape[-2] * f, latents.shape[-1] * f), np.uint8)
    for at, part in _by_windows(checkpoint, decode, latents.shape[-1], f, circular, progress):
        x = part[0, 0]
        if not torch.isfinite(x).all():
            raise FloatingPointError(
                f"{checkpoint!r} gave NaN or infinity; load it with riffkit.load({checkpoint.name!r}, dtype='float32')"
            )
        grey = ((x / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)
        pixels[:, at : at + x.shape[-1]] = grey.numpy()
    return pixels


def _by_windows(checkpoint, transform, width, scale, circular, progress):
    """`transform(start, width)` over overlapping windows, crossfaded: (first column, columns) as soon as they are done.

    A cell is `scale` columns. Only one window and the end of the one before are held, whatever the width.
    """
    window = checkpoint.vae_window
    if width <= window:
        report(progress, 0, 1)
        with circular_time(checkpoint.vae) if circular else contextlib.nullcontext():
            yield 0, transform(0, width)
        return
    overlap = window // 4
    stride = window - overlap
    length = width + overlap if circular else width  # going round, the last crossfade lies over the beginning
    starts = range(0, length - window + stride, stride)
    fade = overlap * scale
    up = (torch.arange(fade) + 0.5) / fade
    before = beginning = None
    for i, start in enumerate(starts):
        report(progress, i, len(starts))
        part = transform(start, min(window, length - start))
        up = up.to(part.device)
        if i > 0:
            part[..., :fade] = before + up * (part[..., :fade] - before)
        first = start * scale
        if i == 0 and circular:
            beginning, part, first = part[..., :fade], part[..., fade:], fade
        if i < len(starts) - 1:
            done = (start + stride) * scale - first
            part, before = part[..., :done], part[..., done:]
        elif circular:
            part, after = part[..., :-fade], part[..., -fade:]
            yield 0, after + up * (beginning - after)
        yield first, part


def _columns(x, start, width):
    """`width` columns from `start` on, going round at the end."""
    if start + width <= x.shape[-1]:
        return x[..., start : start + width]
    return x.index_select(-1, torch.arange(start, start + width, device=x.device) % x.shape[-1])


# -- windows over time ------------------------------------------------------------------------------------------------


def window_starts(width, window, *, circular=False):
    """Where windows begin that cover `width` columns, each column twice: every half window.

    Going round, they are spread evenly and the last ones wrap. Otherwise `width` should be a multiple of half a window
    (see `padded_width`), or the last window lies closer to the one before.
    """
    if width <= window and not circular or width == window:
        return [0]
    if circular:
        n = 2 * math.ceil(width / window)
        return [round(i * width / n) for i in range(n)]
    return [*range(0, width - window, window // 2), width - window]


def padded_width(width, window, *, circular=False):
    """The width to paint so that windows fit: at least one window, then half windows. A circle is never padded."""
    if circular:
        return width
    half = window // 2
    return max(window, math.ceil(width / half) * half)


def jointly(predicts, starts, window, width):
    """One prediction for all columns, from windows that stand half a window further at every other step.

    At each step the windows stand side by side; at the next one each reaches across the borders of the last. So all
    columns are denoised together, and no prediction is a mean of two, which would blur. `denoise` sees one window at a
    time: memory does not grow with length, and a second of sound costs the same at any length.

    Parameters
    ----------
    predicts : callable, or list of callables
        `predict(x, t)` for all windows, or one for each.
    starts : list of int
        From `window_starts`; a window that reaches beyond `width` goes round.
    window, width : int [columns]

    Returns
    -------
    callable
        `predict(x, t)` for one run of `denoise`: it counts the steps.

    References
    ----------
    After Bar-Tal et al., "MultiDiffusion", 2023, who average overlapping windows at every step.
    """
    if callable(predicts):
        predicts = [predicts] * len(starts)
    if len(starts) == 1 and width <= window:
        return predicts[0]
    rounds = itertools.cycle(window_rounds(starts, window, width))
    shown = shown_of(window, width)

    def predict(x, t):
        joint = torch.zeros_like(x)
        for i in next(rounds):
            seen = torch.arange(starts[i], starts[i] + window, device=x.device) % width
            there = predicts[i](x.index_select(-1, seen), t)[..., shown]
            joint.index_copy_(-1, seen[shown], there)
        return joint

    return predict


def window_rounds(starts, window, width):
    """Which windows the UNet is shown at even and at odd steps, in order: two lists of indices into `starts`.

    The windows at both ends come first, so that those between them have the last word where they overlap.
    """
    last = len(starts) - 1
    ends = [] if starts[last] + window > width else [0, last]  # a circle has none
    inner = [range(first, last + 1, 2) for first in (0, 1)]
    return [[*(i for i in dict.fromkeys(ends) if i not in indices), *indices] for indices in inner]


def shown_of(window, width):
    """Which columns of a window count: all, or the middle if it is wider than the circle and meets itself."""
    shown = min(window, width)
    skipped = (window - shown) // 2
    return slice(skipped, skipped + shown)


# -- circular time ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def circular_time(*models):
    """Within this block, convolutions see the last column to the left of the first: time is a circle, pitch is not.

    Attention has no edges, so padded convolutions are all that knows where a picture begins. The width must be
    divisible by the model's strides.
    """
    convolutions = [m for model in models for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    changed = []
    for convolution in convolutions:
        if convolution.kernel_size[1] > 1:
            changed.append(convolution)
            convolution._conv_forward = _going_round(convolution)
    try:
        yield
    finally:
        for convolution in changed:
            del convolution._conv_forward


def _going_round(convolution):
    rows, columns = convolution.padding

    def forward(x, weight, bias):
        if columns:
            x = F.pad(x, (columns, columns, 0, 0), mode="circular")
        else:  # the encoder's strided convolutions: diffusers has appended one column of zeros
            x = torch.cat([x[..., :-1], x[..., :1]], -1)
        return F.conv2d(x, weight, bias, convolution.stride, (rows, 0), convolution.dilation, convolution.groups)

    return forward
