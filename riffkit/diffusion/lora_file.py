"""What a LoRA file says: for each layer two thin matrices, whose product is added to the layer's own weights."""

import re
from pathlib import Path
from typing import NamedTuple

import torch

from riffkit.diffusion.checkpoint import quiet_libraries

FILE_NAME = "pytorch_lora_weights.safetensors"
TEXT_NAMES = {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out.0": "out_proj"}  # of old text encoder files


class Addition(NamedTuple):
    """What is added to one layer's weights W: W + factor * up @ down."""

    down: torch.Tensor  # A, (rank, inputs) or of a convolution (rank, inputs, rows, columns)
    up: torch.Tensor  # B, (outputs, rank)
    factor: float  # alpha / rank, 1 where the file says nothing of alpha

    def to(self, weight):
        """The addition, shaped like a layer's weight and in float32 on its device.

        Raises
        ------
        ValueError
            If it was made for a layer of another shape.
        """
        down, up = (matrix.to(weight.device, torch.float32).flatten(1) for matrix in (self.down, self.up))
        if up.shape != (weight.shape[0], len(down)) or down.shape[1] != weight[0].numel():
            raise ValueError(f"{tuple(up.shape)} times {tuple(down.shape)} does not make {tuple(weight.shape)}")
        return self.factor * (up @ down).reshape(weight.shape)


def find_lora(path):
    """The LoRA file behind a path: itself, or `pytorch_lora_weights.safetensors` in that folder.

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


def read_lora(path):
    """The additions of a LoRA file, as riffkit, diffusers (old and new) and kohya's scripts write it.

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
    matrices = {}
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


def _place(path, key):
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


def _of_down(key):
    """The key of the down matrix that an alpha belongs to, as diffusers names alphas."""
    key = key.removesuffix(".alpha")
    return key if key.endswith(".weight") else f"{key}.lora.down.weight"
