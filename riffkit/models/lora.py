"""LoRA inference: add one or several LoRA files to a copy of a checkpoint's weights, each at its own scale.

For each layer a file (lora_files.py) holds two thin matrices, whose product is added to the layer's own weights, once:
diffusers and peft calculate both products at every step.

References
----------
Hu et al., "LoRA: Low-rank adaptation of large language models", 2021.
"""

import copy
import hashlib
import math
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.lora_files import FILE_NAME as FILE_NAME
from riffkit.models.lora_files import PEFT_CONFIG, PEFT_NAME, find_lora
from riffkit.models.lora_files import read_lora as read_lora


@dataclass(frozen=True, repr=False)
class CheckpointWithLoras(Checkpoint):
    """A checkpoint whose UNet (and perhaps text encoder) has LoRAs added to its weights.

    Parameters
    ----------
    base : Checkpoint
        The plain one.
    loras : tuple of (Path, float)
        File and scale of each LoRA, in the order in which they were put on.
    """

    base: Checkpoint = None  # type: ignore[assignment]  # fields of `Checkpoint` have defaults, so this needs one
    loras: tuple[tuple[Path, float], ...] = ()

    @property
    def label(self) -> str:
        """As that of a plain checkpoint, with the LoRAs."""
        return _named(self.base.label, self.loras)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the base checkpoint's hash, the LoRA files and their scales."""
        return hash_with(self.base, self.loras)


def hash_with(base: Checkpoint, loras: Iterable[tuple[Path, float]]) -> str:
    """SHA-256 that the plain checkpoint `base` has with these (file, scale) pairs of `loras` added."""
    digest = hashlib.sha256(base.hash.encode())
    for path, scale in loras:
        digest.update(hashlib.sha256(path.read_bytes()).digest() + repr(float(scale)).encode())
        if path.name == PEFT_NAME and path.with_name(PEFT_CONFIG).is_file():  # which holds its alpha
            digest.update(path.with_name(PEFT_CONFIG).read_bytes())
    return digest.hexdigest()


def with_lora(checkpoint: Checkpoint, path: str | Path, scale: float = 1.0) -> CheckpointWithLoras:
    """Return a copy of a checkpoint with a LoRA added to its weights; `checkpoint` is unchanged.

    Where a layer has weights W, the new one has W + scale * B A: it takes as long as without, and needs no package
    beside riffkit's own.

    Parameters
    ----------
    checkpoint : Checkpoint
        May carry LoRAs already: their effects add.
    path : str or Path
        A `.safetensors` file, or the folder with `pytorch_lora_weights.safetensors` in it.
    scale : float
        1 as it was trained, 0 without effect, negative away from it.

    Returns
    -------
    CheckpointWithLoras

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If the file is missing, is no LoRA, or was made for a model of another shape; or `scale` is no number.

    References
    ----------
    Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Taught in notebooks/05_fine_tuning.ipynb.
    """
    if isinstance(scale, bool) or not isinstance(scale, (int, float)):
        raise TypeError(f"scale is {scale!r}; expected a number, such as 0.8")
    if not math.isfinite(scale):
        raise ValueError(f"scale is {scale!r}; expected a finite number, such as 0.8")
    file = find_lora(path)
    base, loras = plain_and_loras(checkpoint)
    loras = (*loras, (file, float(scale)))
    parts: dict[str, Any] = {field.name: getattr(base, field.name) for field in fields(Checkpoint)}
    parts |= _added(base, loras)
    parts["name"] = _named(base.name, loras)
    return CheckpointWithLoras(**parts, base=base, loras=loras)


def plain_and_loras(checkpoint: Checkpoint) -> tuple[Checkpoint, tuple[tuple[Path, float], ...]]:
    """Split `checkpoint` into the plain one and the (file, scale) pairs of its LoRAs (none: itself and ())."""
    return checkpoint.base if isinstance(checkpoint, CheckpointWithLoras) else checkpoint, checkpoint.loras


def export_merged(checkpoint: Checkpoint, folder: str | Path) -> Path:
    """Save a checkpoint with its LoRAs merged into the weights: a folder that needs no LoRA files any more.

    Parameters
    ----------
    checkpoint : CheckpointWithLoras
    folder : str or Path
        Must not exist yet.

    Returns
    -------
    pathlib.Path
        `folder`, which `riffkit.load` and stock diffusers read.

    Raises
    ------
    ValueError, FileExistsError
        If the checkpoint carries no LoRA; if the folder exists.
    """
    folder = Path(folder)
    if not isinstance(checkpoint, CheckpointWithLoras):
        raise ValueError(f"{checkpoint!r} carries no LoRA; put one on with with_lora(path)")
    if folder.exists():
        raise FileExistsError(f"{folder} exists; name a new folder")
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(checkpoint.base.folder, new, ignore=shutil.ignore_patterns("unet", "text_encoder", ".*"))
    for name in ("unet", "text_encoder"):
        getattr(checkpoint, name).save_pretrained(new / name)
    new.replace(folder)
    return folder


def _named(base: str, loras: Iterable[tuple[Path, float]]) -> str:
    return " + ".join([base, *(f"{_short(path)} at {scale:g}" for path, scale in loras)])


def _short(path: Path) -> str:
    return path.parent.name if path.name in (FILE_NAME, PEFT_NAME) else path.stem


@torch.no_grad()
def _added(base: Checkpoint, loras: Iterable[tuple[Path, float]]) -> dict[str, torch.nn.Module]:
    """Copies of the base's parts with all additions in them; sums are made in float32 and rounded once."""
    parts = {name: copy.deepcopy(getattr(base, name)) for name in ("unet", "text_encoder")}
    layers = {part: dict(model.named_modules()) for part, model in parts.items()}
    sums: dict[tuple[str, str], torch.Tensor] = {}
    for path, scale in loras:
        for (part, layer), addition in read_lora(path).items():
            layer = layer if layer in layers[part] else f"text_model.{layer}"
            weight = getattr(layers[part].get(layer), "weight", None)
            try:
                if weight is None:
                    raise ValueError("there is no such layer")
                added = scale * addition.to(weight)
            except ValueError as error:
                raise ValueError(
                    f"{path} was made for another model than {base.name}: {part} {layer[:80]}: {error}; load"
                    " the checkpoint that its card names"
                ) from None
            sums[part, layer] = sums.get((part, layer), weight.float()) + added
    for (part, layer), total in sums.items():
        layers[part][layer].weight.copy_(total)
    return parts
