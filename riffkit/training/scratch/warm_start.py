"""Warm start: begin with a model that exists; weights that fit are carried over, what is new learns from nothing.

So a model can grow: more words, more channels of the latents, another corpus, without unlearning what it knows.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

from riffkit.models.lora import FILE_NAME as LORA_FILE
from riffkit.training.scratch.patch_code import PatchCode

OWN: dict[str, Any] = {"use_safetensors": True, "local_files_only": True}  # no pickles, and nothing from elsewhere


def carry_over(module: torch.nn.Module, weights: Mapping[str, torch.Tensor]) -> None:
    """Copy weights into a module, in place, as far as names and shapes overlap.

    A tensor that has grown keeps its own fresh numbers outside the old one's corner.

    Parameters
    ----------
    module : torch.nn.Module
    weights : dict of str to torch.Tensor
    """
    with torch.no_grad():
        for name, mine in module.state_dict().items():
            old = weights.get(name)
            if old is None or old.ndim != mine.ndim:
                continue
            corner = tuple(slice(0, min(a, b)) for a, b in zip(mine.shape, old.shape, strict=True))
            mine[corner] = old[corner].to(mine.dtype)


def start_code(folder: str | Path, sides: int = 1) -> PatchCode:
    """Load the linear code that the latents of the model in `folder` are in.

    Parameters
    ----------
    folder : str or Path
        Of a model.
    sides : int
        2 makes of a code of grey pictures one of stereo pictures, which codes what both channels have in common.

    Raises
    ------
    FileNotFoundError
        If the folder has no `code.npz` (models made by `riffkit train-mini` have one).
    """
    path = Path(folder) / "code.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; start from a model that `riffkit train-mini` made")
    code = PatchCode.load(path)
    return code.of_the_middle() if sides > code.sides else code


def start_text_encoder(folder: str | Path, tokenizer: Any, text_encoder: Any) -> None:
    """Carry the weights of the text encoder in `folder` over; tokens are matched by what they spell.

    Parameters
    ----------
    folder : str or Path
        Of a model.
    tokenizer : CLIPTokenizer
        Of the new model.
    text_encoder : CLIPTextModel
        Changed in place.
    """
    known = CLIPTokenizer.from_pretrained(Path(folder) / "tokenizer", local_files_only=True).get_vocab()
    weights = CLIPTextModel.from_pretrained(Path(folder) / "text_encoder", **OWN).state_dict()
    name = next(name for name in weights if name.endswith("token_embedding.weight"))
    old, mine = weights.pop(name), text_encoder.get_input_embeddings().weight
    carry_over(text_encoder, weights)
    with torch.no_grad():
        for token, number in tokenizer.get_vocab().items():
            if token in known:
                mine[number] = old[known[token]].to(mine.dtype)


def start_unet(folder: str | Path, unet: torch.nn.Module) -> None:
    """Carry the weights of the UNet of the model in `folder` over to `unet`, in place."""
    carry_over(unet, _state_of(UNet2DConditionModel, Path(folder) / "unet"))


def start_few_steps(folder: str | Path, unet: torch.nn.Module) -> None:
    """Load the LoRA of the few-step twin of the model in `folder`, if it has one, into that of `unet`, in place."""
    from peft import set_peft_model_state_dict

    path = Path(folder) / "live" / LORA_FILE
    if path.exists():
        weights = {name.removeprefix("unet."): tensor.float() for name, tensor in load_file(path).items()}
        set_peft_model_state_dict(unet, weights, ignore_mismatched_sizes=True)


def start_autoencoder(folder: str | Path, autoencoder: Any) -> None:
    """Carry the weights of the autoencoder of the model in `folder`, for RGB pictures, over to a plain `autoencoder`.

    One of stereo pictures that begins with one of grey pictures sees the mean of both channels, and draws them equal.
    """
    weights = _state_of(AutoencoderKL, Path(folder) / "vae")
    seen, sides = weights["encoder.conv_in.weight"], int(autoencoder.encoder.conv_in.in_channels)
    stereo = bool((seen[:, 0] == 0).all())  # red is empty in stereo pictures
    first = 1 if stereo else 0
    if not stereo:
        seen = (seen.sum(dim=1, keepdim=True) / sides).repeat(1, sides, 1, 1)
    weights["encoder.conv_in.weight"] = seen[:, first : first + sides]
    for name in ("decoder.conv_out.weight", "decoder.conv_out.bias"):
        weights[name] = weights[name][first : first + sides]
    # The second half of what the encoder says (how sure it is) is set by export, and starts afresh here.
    half = len(weights["quant_conv.bias"]) // 2
    for name in ("quant_conv.weight", "quant_conv.bias"):
        weights[name] = weights[name][:half]
    carry_over(autoencoder, weights)


def _state_of(cls: Any, folder: Path) -> dict[str, torch.Tensor]:
    return cls.from_pretrained(folder, **OWN).state_dict()
