"""LoRA inference: read LoRA files, and add one or several to a copy of a checkpoint's weights, each at its own scale.

For each layer a file holds two thin matrices, whose product is added to the layer's own weights. The files are read
here and not by diffusers' `load_lora_weights`: that needs peft, calculates both products at every step, and silently
drops layers that it does not know.

References
----------
Hu et al., "LoRA: Low-rank adaptation of large language models", 2021.
"""

import copy
import hashlib
import math
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import torch

from riffkit.models.checkpoint import Checkpoint, quiet_libraries

FILE_NAME = "pytorch_lora_weights.safetensors"
TEXT_NAMES = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out.0": "out_proj"}  # of old text encoder files


class Addition(NamedTuple):
    """The low-rank update of one layer's weights W: W + factor * up @ down."""

    down: torch.Tensor  # A, (rank, inputs) or of a convolution (rank, inputs, rows, columns)
    up: torch.Tensor  # B, (outputs, rank)
    factor: float  # alpha / rank, 1 where the file says nothing of alpha

    def to(self, weight: torch.Tensor) -> torch.Tensor:
        """Multiply the update out: like `weight` in shape and device, in float32.

        Raises
        ------
        ValueError
            If it was made for a layer of another shape.
        """
        down, up = (matrix.to(weight.device, torch.float32).flatten(1) for matrix in (self.down, self.up))
        if up.shape != (weight.shape[0], len(down)) or down.shape[1] != weight[0].numel():
            raise ValueError(f"{tuple(up.shape)} times {tuple(down.shape)} does not make {tuple(weight.shape)}")
        return self.factor * (up @ down).reshape(weight.shape)


def find_lora(path: str | Path) -> Path:
    """Resolve `path` to a LoRA file: itself, or `pytorch_lora_weights.safetensors` in that folder.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is no safetensors file: pickles can run code, and are never opened.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a LoRA is a .safetensors file, or a folder with {FILE_NAME}")
    if path.suffix != ".safetensors":
        raise ValueError(f"{path} is no .safetensors file; pickled weights can run any code and are never opened")
    return path.resolve()


def read_lora(path: Path) -> dict[tuple[str, str], Addition]:
    """Read the low-rank updates of a LoRA file, as riffkit, diffusers (old and new) and kohya's scripts write it.

    Parameters
    ----------
    path : Path
        From `find_lora`.

    Returns
    -------
    dict of (str, str) to Addition
        By part ("unet" or "text_encoder") and layer ("down_blocks.0.attentions.0. ... .to_q").

    Raises
    ------
    ValueError
        If the file is damaged or holds something else than LoRA matrices.
    """
    from diffusers.loaders.lora_pipeline import StableDiffusionLoraLoaderMixin as Loader

    try:
        with quiet_libraries():
            tensors, alphas, metadata = Loader.lora_state_dict(
                str(path.parent), weight_name=path.name, local_files_only=True, return_lora_metadata=True
            )
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a LoRA ({error})") from error
    if not any("lora" in key for key in tensors):
        raise ValueError(f"{path} holds no LoRA matrices; is it a whole checkpoint?")
    matrices: dict[tuple[str, str], dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        part, layer, side = _place(path, key)
        matrices.setdefault((part, layer), {})[side] = tensor
    alphas = {_place(path, _of_down(key)): value for key, value in (alphas or {}).items()}
    additions = {}
    for (part, layer), pair in matrices.items():
        if len(pair) != 2:
            raise ValueError(f"{path} is damaged: layer {layer} has one matrix of two; make or fetch it again")
        rank = len(pair["down"])
        said = (metadata or {}).get(f"{part}.alpha_pattern") or {}
        said = said.get(layer, (metadata or {}).get(f"{part}.lora_alpha", rank))
        alpha = alphas.get((part, layer, "down"), said)
        additions[part, layer] = Addition(pair["down"], pair["up"], float(alpha) / rank)
    return additions


def _place(path: Path, key: str) -> tuple[str, str, str]:
    """Part, layer and side ("down" or "up") of one matrix, whichever way its key is spelled."""
    part, dot, rest = key.partition(".")
    if part not in ("unet", "text_encoder"):
        part, rest = "unet", key  # the oldest files say nothing, and hold a UNet's
    rest = rest.removeprefix("text_model.").replace(".processor.", ".").replace(".lora_linear_layer.", ".lora.")
    rest = re.sub(r"\.to_out_lora\.", ".to_out.0.lora.", re.sub(r"\.(to_[qkv])_lora\.", r".\1.lora.", rest))
    rest = rest.replace(".lora_A.", ".lora.down.").replace(".lora_B.", ".lora.up.")
    found = re.fullmatch(r"(.+)\.lora\.(down|up)\.weight", rest)
    if not found:
        raise ValueError(f"{path} holds {key}, which is no plain LoRA matrix; riffkit adds up @ down and nothing else")
    layer, side = found.groups()
    if part == "text_encoder":
        layer = re.sub(r"(to_out\.0|to_[qkv])$", lambda name: TEXT_NAMES[name[1]], layer)
    return part, layer, side


def _of_down(key: str) -> str:
    """The key of the down matrix that an alpha belongs to, as diffusers names alphas."""
    key = key.removesuffix(".alpha")
    return key if key.endswith(".weight") else f"{key}.lora.down.weight"


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
    return path.parent.name if path.name == FILE_NAME else path.stem


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
                    f"{path} was made for another model than {base.name}: {part} {layer}: {error}; load the checkpoint"
                    " that its card names"
                ) from None
            sums[part, layer] = sums.get((part, layer), weight.float()) + added
    for (part, layer), total in sums.items():
        layers[part][layer].weight.copy_(total)
    return parts
