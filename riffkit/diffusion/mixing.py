"""Places between two ends: straight lines for words, great circles for noise, and curves to travel along."""

import math
from dataclasses import dataclass, replace

import torch

from riffkit.models.prompt import equal_length


@dataclass(frozen=True)
class Ingredients:
    """All that goes into one run of the loop, as numbers that can be mixed.

    Parameters
    ----------
    words, negative_words : torch.Tensor [shape=(1 or batch, tokens, width)]
        What is wanted, and what is not. `words` may be a list, one for each window over time.
    noise : torch.Tensor [shape=(1 or batch, channels, rows, columns)]
    guidance_scale : float
    known : torch.Tensor or None
        Latents of a picture to start from.
    strength : float, 0..1
        How free the run is from `known`.
    free : torch.Tensor or None [shape=(rows, columns), 0..1]
        Where it may paint; None is everywhere.
    """

    words: torch.Tensor | list
    negative_words: torch.Tensor
    noise: torch.Tensor
    guidance_scale: float
    known: torch.Tensor | None = None
    strength: float = 1.0
    free: torch.Tensor | None = None


def together(made_of):
    """The ingredients of several riffs as one batch; they differ in words (of equal length) and noise only."""
    words, negative_words, noise = (
        torch.cat([getattr(one, name) for one in made_of]) for name in ("words", "negative_words", "noise")
    )
    return replace(made_of[0], words=words, negative_words=negative_words, noise=noise)


def blend(checkpoint, a, b, alpha):
    """The ingredients between two: words on a line, noise on a great circle, numbers on a line.

    `alpha` 0 gives `a` and 1 gives `b`, exactly; `blend(a, b, alpha)` is `blend(b, a, 1 - alpha)`. A picture to start
    from travels as well; an end without one shares the other's.

    Parameters
    ----------
    checkpoint : Checkpoint
    a, b : Ingredients
        Of equal width.
    alpha : float, 0..1

    Returns
    -------
    Ingredients
    """
    alpha = _checked(alpha)
    if alpha == 0:
        return a
    if alpha == 1:
        return b
    if a.noise.shape != b.noise.shape:
        raise ValueError(
            f"the ends are {a.noise.shape[-1]} and {b.noise.shape[-1]} latent columns wide; cut one to fit"
        )
    known_a, known_b = (a.known if a.known is not None else b.known), (b.known if b.known is not None else a.known)
    return replace(
        a,
        words=lerp(*equal_length(checkpoint, a.words, b.words), alpha),
        negative_words=lerp(*equal_length(checkpoint, a.negative_words, b.negative_words), alpha),
        noise=slerp(a.noise, b.noise, alpha),
        guidance_scale=lerp(a.guidance_scale, b.guidance_scale, alpha),
        known=None if known_a is None else slerp(known_a, known_b, alpha),
        strength=lerp(a.strength, b.strength, alpha),
    )


def lerp(a, b, alpha):
    """The point on the straight line: a at 0, b at 1, both exactly. For embeddings and numbers."""
    alpha = _checked(alpha)
    if alpha == 0 or _same(a, b):
        return a
    if alpha == 1:
        return b
    return _rest(alpha) * a + alpha * b


def slerp(a, b, alpha, *, nearly_parallel=0.9995):
    """The point on the great circle from a to b; both ends exactly.

    A mean of two independent noises has only 71 % of their length, and the model, which knows noise by its length,
    paints mud from it. On the great circle the length stays.

    Parameters
    ----------
    a, b : torch.Tensor, of the same shape
        Taken as single long vectors. Where they are nearly parallel, or one is zero, the straight line is taken.
    alpha : float, 0..1

    References
    ----------
    Shoemake, "Animating rotation with quaternion curves", 1985. White, "Sampling generative networks", 2016.
    """
    alpha = _checked(alpha)
    if alpha == 0 or _same(a, b):
        return a
    if alpha == 1:
        return b
    u, v = a.double(), b.double()
    length = (u.norm() * v.norm()).item()
    cosine = (u * v).sum().item() / length if length > 0 else 1.0
    if abs(cosine) > nearly_parallel:
        return lerp(a, b, alpha)
    theta = math.acos(cosine)
    weight_a, weight_b = math.sin(_rest(alpha) * theta) / math.sin(theta), math.sin(alpha * theta) / math.sin(theta)
    return (weight_a * u + weight_b * v).to(a.dtype)


def slerp_columns(a, b, alphas):
    """`slerp` with an alpha of its own for each column: a journey along time."""
    parts = [slerp(x, y, alpha) for x, y, alpha in zip(a.split(1, -1), b.split(1, -1), alphas, strict=True)]
    return torch.cat(parts, -1)


def alphas(steps, curve="linear", *, power=2.0):
    """`steps` values from 0 to 1 along a curve.

    Parameters
    ----------
    steps : int, >= 2
    curve : str
        "linear"; "power" (slow at first, alpha ** power); "ease" (slow at both ends, 3 alpha^2 - 2 alpha^3).
    power : float, > 0

    Returns
    -------
    list of float
        Begins with 0.0 and ends with 1.0.
    """
    if not isinstance(steps, int) or steps < 2:
        raise ValueError(f"steps is {steps!r}, expected a whole number of at least 2 (both ends count)")
    return [bend(i / (steps - 1), curve, power=power) for i in range(steps)]


def bend(alpha, curve="linear", *, power=2.0):
    """One alpha along a curve, see `alphas`."""
    if curve not in ("linear", "power", "ease"):
        raise ValueError(f"curve {curve!r} is none of linear, power, ease")
    if not power > 0:
        raise ValueError(f"power is {power!r}, expected more than 0")
    if curve == "power":
        return alpha**power
    return alpha * alpha * (3 - 2 * alpha) if curve == "ease" else alpha


def _checked(alpha):
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha!r}, expected 0 (the first end) .. 1 (the second)")
    return round(float(alpha), 12)  # so that 1 - (1 - alpha) is alpha, and turning the ends round changes no bit


def _rest(alpha):
    return round(1 - alpha, 12)


def _same(a, b):
    if isinstance(a, torch.Tensor):
        return a.shape == b.shape and torch.equal(a, b)
    return a == b
