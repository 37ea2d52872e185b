"""More steps on a finished LoRA: its matrices are what a new fine-tuning begins with."""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.lora_files import find_lora, read_lora


def start_lora(base: Checkpoint, path: str | Path, *, text_encoder: bool = False) -> None:
    """Put the matrices of a LoRA file into the adapters of a checkpoint, in place.

    Parameters
    ----------
    base : Checkpoint
        With the adapters of `add_lora`, and those of `add_text_lora` if the text encoder learns too.
    path : str or Path
        A .safetensors file, or the folder of a fine-tuning.
    text_encoder : bool
        Whether the text encoder learns.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no LoRA, or not one of this rank and reach for this checkpoint; the message says what to take.
    """
    file = find_lora(path)
    models = {"unet": base.unet, **({"text_encoder": base.text_encoder} if text_encoder else {})}
    layers = {part: dict(model.named_modules()) for part, model in models.items()}
    for (part, layer), addition in read_lora(file).items():
        if part not in models:
            raise ValueError(f"{file.name} changes the {part} too; begin with text_encoder=True")
        mine = layers[part].get(layer)
        if mine is None:
            raise ValueError(f"{file.name} was made for another checkpoint: {base.name} has no layer {layer}")
        if not hasattr(mine, "lora_A"):
            raise ValueError(f"{file.name} changes {layer}, which does not learn; begin with reach='all'")
        _put(file, layer, mine, addition.down, addition.up * addition.factor)


@contextlib.contextmanager
def without_lora(base: Checkpoint, begun: bool) -> Iterator[None]:
    """Leave the adapters of `base` out inside a `with`, if they have `begun` with something."""
    models = [one for one in (base.unet, base.text_encoder) if begun and getattr(one, "peft_config", None)]
    for model in models:
        model.disable_adapters()
    try:
        yield
    finally:
        for model in models:
            model.enable_adapters()


def print_of(path: str | Path) -> str:
    """Hash the LoRA at `path`: what it is, wherever it lies."""
    with find_lora(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@torch.no_grad()
def _put(file: Path, layer: str, mine: Any, down: torch.Tensor, up: torch.Tensor) -> None:
    a, b = (matrices["default"].weight for matrices in (mine.lora_A, mine.lora_B))
    if len(down) != len(a):
        raise ValueError(f"{file.name} has the rank {len(down)}; begin with rank={len(down)}, not {len(a)}")
    if down.numel() != a.numel() or up.numel() != b.numel():
        raise ValueError(f"{file.name} was made for another checkpoint: {layer} has another shape")
    if not (torch.isfinite(down).all() and torch.isfinite(up).all()):
        raise ValueError(f"{file.name} holds numbers that are not finite in {layer}")
    a.copy_(down.reshape(a.shape))
    b.copy_(up.reshape(b.shape))
