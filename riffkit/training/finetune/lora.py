"""LoRA training: low-rank adapters beside a model's own matrices, saved as stock diffusers reads them.

Where a layer computes W x, it now computes W x + B A x, with A of `rank` rows and B of `rank` columns. B starts as
zeros, so that nothing changes before the first step.

References
----------
Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Taught in notebooks/05_fine_tuning.ipynb.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from riffkit.models.lora import FILE_NAME
from riffkit.sound.files import replacing

ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
WIDER = ("ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2", "time_emb_proj")
TEXT_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
REACHES = {"attention": ATTENTION, "all": ATTENTION + WIDER}


def add_lora(unet: Any, *, rank: int, reach: str = "attention", seed: int = 0) -> list[torch.nn.Parameter]:
    """Add LoRA adapters to a UNet, in place, and freeze everything else in it.

    Parameters
    ----------
    unet : UNet2DConditionModel
    rank : int, >= 1
        4 to 64 are usual.
    reach : str
        "attention" (as is usual for large models), or "all": convolutions too, which small models need to learn a
        timbre.
    seed : int
        Draws the matrices A.

    Returns
    -------
    list of torch.nn.Parameter
        What learns.
    """
    if reach not in REACHES:
        raise ValueError(f"reach is {reach!r}; expected one of {', '.join(REACHES)}")
    return _add(unet, rank, REACHES[reach], seed)


def add_text_lora(text_encoder: Any, *, rank: int, seed: int = 0) -> list[torch.nn.Parameter]:
    """Add LoRA adapters to the attention of a text encoder, in place, and freeze everything else in it.

    Parameters
    ----------
    text_encoder : CLIPTextModel
    rank : int, >= 1
    seed : int
        Draws the matrices A.

    Returns
    -------
    list of torch.nn.Parameter
        What learns.
    """
    return _add(text_encoder, rank, TEXT_ATTENTION, seed + 1)


def _add(model: Any, rank: int, targets: Sequence[str], seed: int) -> list[torch.nn.Parameter]:
    LoraConfig = _peft().LoraConfig
    if not (isinstance(rank, int) and rank >= 1):
        raise ValueError(f"rank is {rank!r}; expected a whole number from 1 (4 to 64 are usual)")
    model.requires_grad_(False)
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    # alpha = rank: a reader that ignores alpha, as many do, still scales the matrices by one
    config = LoraConfig(r=rank, lora_alpha=rank, init_lora_weights="gaussian", target_modules=list(targets))
    model.add_adapter(config)
    torch.set_rng_state(state)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter in learning:
        parameter.data = parameter.data.float()
    return learning


def save_lora(folder: str | Path, unet: Any, text_encoder: Any = None) -> Path:
    """Save the adapters as `pytorch_lora_weights.safetensors`, whole or not at all.

    Parameters
    ----------
    folder : str or Path
    unet : UNet2DConditionModel
        With the matrices of `add_lora`.
    text_encoder : CLIPTextModel or None
        Likewise, if it has some.

    Returns
    -------
    pathlib.Path
    """
    from diffusers import StableDiffusionPipeline
    from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers

    path = Path(folder) / FILE_NAME
    get_state = _peft().get_peft_model_state_dict
    # peft's own names for the UNet: diffusers' older ones exist for attention only, and where a file mixes the two its
    # loader silently drops the attention
    layers = {"unet_lora_layers": get_state(unet)}
    if text_encoder is not None:
        layers["text_encoder_lora_layers"] = convert_state_dict_to_diffusers(get_state(text_encoder))
    with replacing(path, True) as temporary:
        StableDiffusionPipeline.save_lora_weights(folder, weight_name=Path(temporary).name, **layers)
    return path


def _peft() -> Any:
    try:
        import peft
    except ImportError:
        raise ImportError('LoRA needs the package peft: pip install "riffkit[train]"') from None
    return peft
