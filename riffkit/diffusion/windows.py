"""Windows over time: joint denoising of what is longer than the model's window, and periodic time for loops.

The model was trained on windows of fixed width; anything wider is covered by overlapping windows that are denoised
jointly.
"""

import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch.nn import functional as F

from riffkit.diffusion.sampling import Predict


def window_starts(width: int, window: int, *, periodic: bool = False) -> list[int]:
    """Return where windows begin that cover `width` columns, each column twice: every half window.

    Going round, they are spread evenly and the last ones wrap. Otherwise `width` should be a multiple of half a window
    (see `padded_width`), or the last window lies closer to the one before.

    Parameters
    ----------
    width, window : int [latent columns]
    periodic : bool
    """
    if width <= window and not periodic or width == window:
        return [0]
    if periodic:
        n = 2 * math.ceil(width / window)
        return [round(i * width / n) for i in range(n)]
    return [*range(0, width - window, window // 2), width - window]


def padded_width(width: int, window: int, *, periodic: bool = False) -> int:
    """Return the `width` to paint so that windows fit: at least one `window`, then halves; never more if `periodic`."""
    if periodic:
        return width
    half = window // 2
    return max(window, math.ceil(width / half) * half)


def width_for(columns: int, factor: int, window: int) -> int:
    """Return the latent width to paint for a picture of so many columns, see `padded_width`.

    Up to half a latent cell that would open one more window is left out, and mirrored back by whoever fits the pixels:
    a clip of 5.12 s has 513 columns, and the last one is not worth a second window.

    Parameters
    ----------
    columns : int
    factor : int
        Columns of one latent cell.
    window : int [latent columns]
    """
    width = padded_width(math.ceil(columns / factor), window)
    shorter = padded_width(max(columns // factor, 1), window)
    return shorter if columns - shorter * factor <= factor // 2 else width


def jointly(predicts: Predict | Sequence[Predict], starts: list[int], window: int, width: int) -> Predict:
    """Joint denoising: one prediction for all columns, from windows that move by half a window at every step.

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
    each = [predicts] * len(starts) if callable(predicts) else predicts
    if len(starts) == 1 and width <= window:
        return each[0]
    rounds = itertools.cycle(window_rounds(starts, window, width))
    shown = shown_of(window, width)

    def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        joint = torch.zeros_like(x)
        for i in next(rounds):
            seen = torch.arange(starts[i], starts[i] + window, device=x.device) % width
            there = each[i](x.index_select(-1, seen), t)[..., shown]
            joint.index_copy_(-1, seen[shown], there)
        return joint

    return predict


def window_rounds(starts: list[int], window: int, width: int) -> list[list[int]]:
    """Return which windows the UNet is shown at even and at odd steps, in order: two lists of indices into `starts`.

    The windows at both ends come first, so that those between them have the last word where they overlap.

    Parameters
    ----------
    starts : list of int
        From `window_starts`.
    window, width : int [latent columns]
    """
    last = len(starts) - 1
    ends = [] if starts[last] + window > width else [0, last]  # a circle has none
    inner = [range(first, last + 1, 2) for first in (0, 1)]
    return [[*(i for i in dict.fromkeys(ends) if i not in indices), *indices] for indices in inner]


def shown_of(window: int, width: int) -> slice:
    """Return which columns of a `window` count within `width`: all, or the middle if it meets itself on the circle."""
    shown = min(window, width)
    skipped = (window - shown) // 2
    return slice(skipped, skipped + shown)


@contextlib.contextmanager
def periodic_time(*models: torch.nn.Module) -> Iterator[None]:
    """Periodic padding along time: in this block, convolutions of `models` see the last column left of the first.

    Attention has no edges, so padded convolutions are all that knows where a picture begins. The width must be
    divisible by the model's strides.
    """
    convolutions = [m for model in models for m in model.modules() if isinstance(m, torch.nn.Conv2d)]
    changed = []
    for convolution in convolutions:
        if convolution.kernel_size[1] > 1:
            changed.append(convolution)
            convolution._conv_forward = _going_round(convolution)  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        for convolution in changed:
            del convolution._conv_forward


def _going_round(convolution: torch.nn.Conv2d) -> Callable[..., torch.Tensor]:
    rows, columns = (int(n) for n in convolution.padding)

    def forward(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
        # to the encoder's strided convolutions, which have no padding, diffusers has appended one column of zeros
        padded = F.pad(x, (columns, columns, 0, 0), mode="circular")
        x = padded if columns else torch.cat([x[..., :-1], x[..., :1]], -1)
        return F.conv2d(x, weight, bias, convolution.stride, (rows, 0), convolution.dilation, convolution.groups)

    return forward
