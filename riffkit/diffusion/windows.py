"""Windows over time: joint denoising of what is longer than the model's window, and periodic time for loops.

The model was trained on windows of fixed width; anything wider is covered by overlapping windows that are denoised
jointly.
"""

import contextlib
import itertools
import math

import torch
from torch.nn import functional as F


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
