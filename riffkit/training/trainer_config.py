"""How a stage is trained: steps, learning rate schedule, averaging, precision."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch

from riffkit.models.checkpoint import choose_dtype


def constant_then_cosine(step: int, n_steps: int, warmup: int) -> float:
    """Warm up a line for `warmup` steps, held, then a cosine in the second half of `n_steps`; the share at `step`."""
    done = step / n_steps
    rising = min(1.0, (step + 1) / warmup)
    return rising * max(0.02, 0.5 + 0.5 * math.cos(math.pi * (done - 0.5) / 0.5)) if done > 0.5 else rising


def cosine_with_warmup(step: int, n_steps: int, warmup: int) -> float:
    """Schedule: up a line for `warmup` steps, then down a cosine until `n_steps`; the share at `step`."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(n_steps - warmup, 1)
    return max(0.5 + 0.5 * math.cos(math.pi * done), 1e-3)


@dataclass(frozen=True)
class TrainerConfig:
    """How a stage is trained.

    Parameters
    ----------
    n_steps : int, >= 0
    learning_rate : float, > 0
        The largest.
    warmup : int, >= 0
        Steps until it is reached.
    schedule : callable
        `schedule(step, n_steps, warmup)` -> the share of the learning rate: `constant_then_cosine` (default) or
        `cosine_with_warmup`.
    ema_decay : float [0..1]
        Of the averaged weights. Default 0.999.
    power_lengths : tuple of float [0.01..0.28]
        Average by powers of time in place of `ema_decay`, see `averaging.PowerAverage`: the first of these is what is
        saved and sampled from. Default none.
    snapshot_every : int, >= 0
        Steps between two files of all averages, from which `averaging.posthoc` makes others. Default 0: none.
    accumulation : int, >= 1
        Parts that a step is computed in, one after the other. Default 1.
    mixed_precision : str or None
        "bf16", "fp16" or "no", as accelerate takes it; None takes what the device calculates fastest in.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    seed : int
        Default 0.
    save_every : float [s]
        Between two checkpoints. Default 180.
    log_every : int, >= 1
        Steps between two lines of the loss file. Default 100.
    timed : bool
        Write `seconds_per_step` into these lines; without it they are the same for the same seed. Default True.
    """

    n_steps: int
    learning_rate: float
    warmup: int = 100
    schedule: Callable[[int, int, int], float] = constant_then_cosine
    ema_decay: float = 0.999
    power_lengths: tuple[float, ...] = ()
    snapshot_every: int = 0
    accumulation: int = 1
    mixed_precision: str | None = None
    cpu: bool = False
    seed: int = 0
    save_every: float = 180.0
    log_every: int = 100
    timed: bool = True


def fastest_precision(cpu: bool = False) -> str:
    """Choose the mixed precision that the training device calculates fastest in: "bf16", "fp16" or "no" (32 bits).

    A processor that does not calculate in bf16 imitates it: a convolution takes forty times as long (measured, AVX2).

    Parameters
    ----------
    cpu : bool
        Train on the CPU even where there is a GPU.
    """
    if torch.cuda.is_available() and not cpu:
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "bf16" if choose_dtype(torch.device("cpu")) == torch.bfloat16 else "no"


def check_precision(precision: str | None, device: torch.device) -> None:
    """Refuse a mixed `precision` that a `device` cannot train in: fp16 on a CPU, where torch scales no losses for it.

    Raises
    ------
    ValueError
        If it is that.
    """
    if precision == "fp16" and device.type == "cpu":
        raise ValueError(
            "mixed_precision is 'fp16', in which a CPU cannot train; take 'bf16', 'no', or None for the best"
        )
