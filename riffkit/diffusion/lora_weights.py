"""LoRAs on a checkpoint: one or several, each at its own scale, added into a copy of its weights."""

import copy
import hashlib
import math
import os
import shutil
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import torch

from riffkit.diffusion.checkpoint import Checkpoint
from riffkit.diffusion.lora_file import FILE_NAME, find_lora, read_lora


@dataclass(frozen=True, repr=False)
class CheckpointWithLoras(Checkpoint):
    """A checkpoint whose UNet (and perhaps text encoder) has LoRAs added in; the plain one is `base`.

    `loras` holds (file, scale) pairs, in the order in which they were put on.
    """

    base: Checkpoint = None
    loras: tuple = ()

    @cached_property
    def hash(self):
        """SHA-256 over the base checkpoint's hash, the LoRA files and their scales."""
        return hash_with(self.base, self.loras)


def hash_with(base, loras):
    """The hash that a checkpoint has with these (file, scale) pairs on."""
    digest = hashlib.sha256(base.hash.encode())
    for path, scale in loras:
        digest.update(hashlib.sha256(path.read_bytes()).digest() + repr(float(scale)).encode())
    return digest.hexdigest()


def with_lora(checkpoint, path, scale=1.0):
    """Put a LoRA on a checkpoint; the checkpoint given stays as it is.

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
    parts = {field.name: getattr(base, field.name) for field in fields(Checkpoint)}
    parts |= _added(base, loras)
    parts["name"] = " + ".join([base.name, *(f"{_short(path)} at {scale:g}" for path, scale in loras)])
    return CheckpointWithLoras(**parts, base=base, loras=loras)


def plain_and_loras(checkpoint):
    """A checkpoint without its LoRAs, and the (file, scale) pairs of those."""
    return checkpoint.base or checkpoint, checkpoint.loras


def export_merged(checkpoint, folder):
    """Write a checkpoint with its LoRAs in the weights: a folder that needs no LoRA files any more.

    Parameters
    ----------
    checkpoint : CheckpointWithLoras
    folder : str or Path
        Must not exist yet.

    Returns
    -------
    pathlib.Path
    """
    folder = Path(folder)
    if not checkpoint.loras:
        raise ValueError(f"{checkpoint!r} carries no LoRA; put one on with with_lora(path)")
    if folder.exists():
        raise FileExistsError(f"{folder} exists; name a new folder")
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(checkpoint.base.folder, new, ignore=shutil.ignore_patterns("unet", "text_encoder", ".*"))
    for name in ("unet", "text_encoder"):
        getattr(checkpoint, name).save_pretrained(new / name)
    os.replace(new, folder)
    return folder


def _short(path):
    return path.parent.name if path.name == FILE_NAME else path.stem


@torch.no_grad()
def _added(base, loras):
    """Copies of the base's parts with all additions in them; sums are made in float32 and rounded once."""
    parts = {name: copy.deepcopy(getattr(base, name)) for name in ("unet", "text_encoder")}
    layers = {part: dict(model.named_modules()) for part, model in parts.items()}
    sums = {}
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
                    f"{path} was made for another model than {base.name}: {part} {layer}: {error}; load the checkpoint"
                    " that its card names"
                ) from None
            sums[part, layer] = sums.get((part, layer), weight.float()) + added
    for (part, layer), total in sums.items():
        layers[part][layer].weight.copy_(total)
    return parts
