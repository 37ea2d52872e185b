"""AdamW with its moments in 32 or in 8 bits.

For each number that learns Adam holds two more, its moments. For a LoRA they are few; for all of a full-size model they
are seven gigabytes, twice the weights themselves, and often what does not fit onto a graphics card.
"""

import importlib.util
from collections.abc import Iterable
from typing import Any

import torch

BETAS, WEIGHT_DECAY = (0.9, 0.98), 0.01
OPTIMIZERS = ("adam", "adam8bit")
MOMENTS = {"adam": 8, "adam8bit": 2}  # bytes for each number that learns
AVERAGE = 4  # bytes of its average


def check_optimizer(kind: str) -> None:
    """Raise the ImportError that says what the optimizer `kind`, one of `OPTIMIZERS`, needs and is not installed."""
    if kind == "adam8bit" and importlib.util.find_spec("bitsandbytes") is None:
        raise ImportError(
            'optimizer "adam8bit" needs the package bitsandbytes: pip install bitsandbytes; or take "adam"'
        )


def make_adam(groups: Iterable[dict[str, Any]], kind: str = "adam") -> torch.optim.Optimizer:
    """Make an AdamW optimizer.

    Parameters
    ----------
    groups : iterable of dict
        As for `torch.optim.AdamW`.
    kind : str
        "adam", or "adam8bit" (a quarter of the memory).

    Returns
    -------
    torch.optim.Optimizer
        With a learning rate of 0, which whoever asks for it sets.

    Raises
    ------
    ImportError
        If "adam8bit" is asked for, and the package bitsandbytes is not installed.
    """
    check_optimizer(kind)
    if kind == "adam8bit":
        from bitsandbytes.optim import AdamW8bit

        return AdamW8bit(groups, lr=0.0, betas=BETAS, weight_decay=WEIGHT_DECAY)
    return torch.optim.AdamW(groups, lr=0.0, betas=BETAS, weight_decay=WEIGHT_DECAY)
