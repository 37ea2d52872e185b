"""LoRA files: the low-rank updates that riffkit, diffusers (old and new), kohya's scripts and peft write.

Read here and not by diffusers' `load_lora_weights`: that opens pickles, needs peft, and drops what it does not know.
"""

import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import torch

from riffkit.models.checkpoint import quiet_libraries
from riffkit.models.configs import read_object
from riffkit.models.tensors import existing_file, read_tensors, read_text_object

FILE_NAME = "pytorch_lora_weights.safetensors"
PEFT_NAME, PEFT_CONFIG, PEFT_PREFIX = "adapter_model.safetensors", "adapter_config.json", "base_model.model."
TEXT_NAMES = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out.0": "out_proj"}  # of old text encoder files
# what keys of other kinds of adapters hold, and what those are called
OTHER_KINDS = {
    "dora_scale": "a DoRA (with magnitudes beside its matrices)",
    "lora_magnitude_vector": "a DoRA (with magnitudes beside its matrices)",
    "hada_w": "a LoHa (products of two pairs of matrices)",
    "lokr_w": "a LoKr (Kronecker products)",
    "lora_mid": "a LoCon with Tucker decomposition (three matrices a layer)",
    ".oft_": "an OFT (rotations)",
    ".boft_": "a BOFT (rotations)",
    "ia3_": "an IA3 (factors)",
}


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
    """Resolve `path` to a LoRA file: itself, or `pytorch_lora_weights.safetensors` (peft's name too) in that folder.

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it is no safetensors file: pickles can run code, and are never opened.
    """
    given = Path(path)
    found = existing_file(given) or existing_file(given / FILE_NAME) or existing_file(given / PEFT_NAME)
    if found is None:
        shown = str(path) if len(str(path)) <= 200 else f"{str(path)[:200]}..."
        raise FileNotFoundError(f"{shown} does not exist; a LoRA is a .safetensors file, or a folder with {FILE_NAME}")
    if found.suffix.lower() != ".safetensors":
        raise ValueError(f"{found} is no .safetensors file; pickled weights can run any code and are never opened")
    return found.absolute()  # not resolved: a file of the Hub's cache is a link to a name without ending


def read_lora(path: Path) -> dict[tuple[str, str], Addition]:
    """Read the low-rank updates of a LoRA file, as riffkit, diffusers (old and new), kohya and peft write it.

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
    tensors, texts = read_tensors(path, "a LoRA")
    for mark, kind in OTHER_KINDS.items():
        key = next((key for key in tensors if mark in key), None)
        if key is not None:
            raise ValueError(
                f"{path} is {kind}, as {key[:80]} shows; riffkit adds up @ down and nothing else. Without them it would"
                " sound otherwise than it was trained, so it is refused; merge it elsewhere, or ask for a plain LoRA"
            )
    if not any("lora" in key for key in tensors):
        raise ValueError(f"{path} holds no LoRA matrices; is it a whole checkpoint?")
    told = read_text_object(texts, "lora_adapter_metadata")
    if any(key.startswith(PEFT_PREFIX) for key in tensors):
        tensors, told = _of_peft(path, tensors)
        alphas: dict[str, Any] = {}
    else:
        tensors, alphas = _of_diffusers(path, tensors)
    matrices: dict[tuple[str, str], dict[str, torch.Tensor]] = {}
    for key, tensor in tensors.items():
        part, layer, side = _place(path, key)
        matrices.setdefault((part, layer), {})[side] = tensor
    own = {_place(path, _of_down(key)): value for key, value in alphas.items()}
    additions = {}
    for (part, layer), pair in matrices.items():
        if len(pair) != 2:
            raise ValueError(f"{path} is damaged: layer {layer[:80]} has one matrix of two; make or fetch it again")
        if any(matrix.ndim < 2 or matrix.numel() == 0 for matrix in pair.values()):
            raise ValueError(f"{path} is damaged: layer {layer[:80]} has no matrices; make or fetch it again")
        alpha = own.get((part, layer, "down"))
        factor = _factor(told, part, layer, len(pair["down"]), alpha)
        if factor is None or not all(torch.isfinite(matrix).all() for matrix in pair.values()):
            raise ValueError(f"{path} is damaged: layer {layer[:80]} holds values that are no numbers; fetch it again")
        additions[part, layer] = Addition(pair["down"], pair["up"], factor)
    return additions


def _factor(told: dict[str, Any], part: str, layer: str, rank: int, alpha: Any) -> float | None:
    """Alpha / rank of a layer, 1 where the file says nothing of alpha; None if it is no number."""
    if alpha is None:
        pattern = told.get(f"{part}.alpha_pattern")
        usual = told.get(f"{part}.lora_alpha", rank)
        alpha = pattern.get(layer, usual) if isinstance(pattern, dict) else usual
    try:
        factor = float(alpha) / (math.sqrt(rank) if told.get(f"{part}.use_rslora") is True else rank)
    except (TypeError, ValueError, ArithmeticError, RuntimeError):
        return None
    return factor if math.isfinite(factor) else None


def _of_diffusers(path: Path, tensors: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors and alphas under diffusers' keys, whoever wrote them."""
    from diffusers.loaders.lora_pipeline import StableDiffusionLoraLoaderMixin as Loader

    try:
        with quiet_libraries():
            tensors, alphas = Loader.lora_state_dict(tensors)
    except Exception as error:  # KeyError, IndexError and others of keys that it cannot turn
        raise ValueError(f"{path} cannot be read as a LoRA ({str(error).strip()[:200]})") from error
    return tensors, alphas or {}


def _of_peft(path: Path, tensors: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Tensors under diffusers' keys and what is said of alpha, of the adapter of one model that peft saved."""
    renamed = {}
    for key, tensor in tensors.items():
        layer = key.removeprefix(PEFT_PREFIX).replace(".default.", ".")
        text = layer.startswith(("text_model.", "encoder.layers."))
        renamed[f"{'text_encoder' if text else 'unet'}.{layer}"] = tensor
    config = path.with_name(PEFT_CONFIG)
    told = read_object(config) if existing_file(config) else {}
    if told.get("use_dora"):
        raise ValueError(
            f"{path} is {OTHER_KINDS['dora_scale']}, as {config.name} says; riffkit reads plain LoRAs only"
        )
    said: dict[str, Any] = {}
    for part in ("unet", "text_encoder"):
        said |= {f"{part}.{name}": told[name] for name in ("lora_alpha", "alpha_pattern", "use_rslora") if name in told}
    return renamed, said


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
        raise ValueError(
            f"{path} holds {key[:80]}, which is no plain LoRA matrix; riffkit adds up @ down and nothing else"
        )
    layer, side = found.groups()
    if part == "text_encoder":
        layer = re.sub(r"(to_out\.0|to_[qkv])$", lambda name: TEXT_NAMES[name[1]], layer)
    return part, layer, side


def _of_down(key: str) -> str:
    """The key of the down matrix that an alpha belongs to, as diffusers names alphas."""
    key = key.removesuffix(".alpha")
    return key if key.endswith(".weight") else f"{key}.lora.down.weight"
