"""Mixing what goes into a run: linear interpolation for embeddings, spherical for noise, and curves to go along."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.prompt import equal_length

MOST = 1000  # riffs on one way: each is a picture in memory

T = TypeVar("T")  # a number or a tensor


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

    words: Any  # a tensor, or a list of them: which of the two decides the caller
    negative_words: torch.Tensor
    noise: torch.Tensor
    guidance_scale: float
    known: torch.Tensor | None = None
    strength: float = 1.0
    free: torch.Tensor | None = None


def together(made_of: Sequence[Ingredients]) -> Ingredients:
    """Batch the ingredients of several riffs (`made_of`), which differ in words (of equal length) and noise only."""
    words, negative_words, noise = (
        torch.cat([getattr(one, name) for one in made_of]) for name in ("words", "negative_words", "noise")
    )
    return replace(made_of[0], words=words, negative_words=negative_words, noise=noise)


def blend(checkpoint: Checkpoint, a: Ingredients, b: Ingredients, alpha: float) -> Ingredients:
    """Interpolate between two ingredients: words on a line, noise on a great circle, numbers on a line.

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
    words = equal_length(checkpoint, a.words, b.words)
    negative_words = equal_length(checkpoint, a.negative_words, b.negative_words)
    return replace(
        a,
        words=lerp(words[0], words[1], alpha),
        negative_words=lerp(negative_words[0], negative_words[1], alpha),
        noise=slerp(a.noise, b.noise, alpha),
        guidance_scale=lerp(a.guidance_scale, b.guidance_scale, alpha),
        known=None if known_a is None or known_b is None else slerp(known_a, known_b, alpha),
        strength=lerp(a.strength, b.strength, alpha),
    )


def lerp(a: T, b: T, alpha: float) -> T:
    """Linear interpolation: `a` at `alpha` 0, `b` at 1, both exactly. For embeddings and numbers."""
    alpha = _checked(alpha)
    if alpha == 0 or _same(a, b):
        return a
    if alpha == 1:
        return b
    return _rest(alpha) * a + alpha * b  # type: ignore[operator, return-value]  # numbers and tensors do


def slerp(a: torch.Tensor, b: torch.Tensor, alpha: float, *, nearly_parallel: float = 0.9995) -> torch.Tensor:
    """Spherical linear interpolation: the point on the great circle from a to b; both ends exactly.

    A mean of two independent noises has only 71 % of their length, and the model, which knows noise by its length,
    paints mud from it. On the great circle the length stays.

    Parameters
    ----------
    a, b : torch.Tensor, of the same shape
        Taken as single long vectors. Where they are nearly parallel, or one is zero, the straight line is taken.
    alpha : float [0..1]
    nearly_parallel : float [0..1]
        The cosine beyond which they are.

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


def alphas(count: int, curve: str = "linear", *, power: float = 2.0) -> list[float]:
    """Return `count` values from 0 to 1 along a curve.

    Parameters
    ----------
    count : int, 2..1000
    curve : str
        "linear"; "power" (slow at first, alpha ** power); "ease" (slow at both ends, 3 alpha^2 - 2 alpha^3).
    power : float, > 0

    Returns
    -------
    list of float
        Begins with 0.0 and ends with 1.0.
    """
    if not isinstance(count, int) or isinstance(count, bool) or not 2 <= count <= MOST:
        raise ValueError(f"count is {count!r}, expected a whole number in 2..{MOST} (both ends count)")
    return [bend(i / (count - 1), curve, power=power) for i in range(count)]


def bend(alpha: float, curve: str = "linear", *, power: float = 2.0) -> float:
    """Bend one `alpha` [0..1] along a `curve` with this `power`, see `alphas`."""
    if curve not in ("linear", "power", "ease"):
        raise ValueError(f"curve {curve!r} is none of linear, power, ease")
    if not power > 0:
        raise ValueError(f"power is {power!r}, expected more than 0")
    if curve == "power":
        return alpha**power
    return alpha * alpha * (3 - 2 * alpha) if curve == "ease" else alpha


def _checked(alpha: float) -> float:
    if not 0 <= alpha <= 1:
        raise ValueError(f"alpha is {alpha!r}, expected 0 (the first end) .. 1 (the second)")
    return round(float(alpha), 12)  # so that 1 - (1 - alpha) is alpha, and turning the ends round changes no bit


def _rest(alpha: float) -> float:
    return round(1 - alpha, 12)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        return a.shape == b.shape and torch.equal(a, b)
    return a == b
