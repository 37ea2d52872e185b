"""LoRA: a few small matrices beside a model's own, the only thing that learns; saved as stock diffusers reads them.

Where a layer computes W x, it now computes W x + B A x, with A of `rank` rows and B of `rank` columns. B starts as
zeros, so that nothing changes before the first step.

References
----------
Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Taught in notebooks/05_fine_tuning.ipynb.
"""

import os
import shutil
from pathlib import Path

import torch

FILE_NAME = "pytorch_lora_weights.safetensors"
ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
WIDER = ("ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2", "time_emb_proj")
TEXT_ATTENTION = ("q_proj", "k_proj", "v_proj", "out_proj")
REACHES = {"attention": ATTENTION, "all": ATTENTION + WIDER}


def add_lora(unet, *, rank, reach="attention", seed=0):
    """Put LoRA matrices into a UNet, in place; everything else in it stops learning.

    Parameters
    ----------
    unet : UNet2DConditionModel
    rank : int
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


def add_text_lora(text_encoder, *, rank, seed=0):
    """Put LoRA matrices into the attention of a text encoder, in place; returns what learns."""
    return _add(text_encoder, rank, TEXT_ATTENTION, seed + 1)


def _add(model, rank, targets, seed):
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


def save_lora(folder, unet, text_encoder=None):
    """Write `pytorch_lora_weights.safetensors`, whole or not at all.

    Parameters
    ----------
    folder : path
    unet : UNet2DConditionModel
        With the matrices of `add_lora`.
    text_encoder : CLIPTextModel or None
        Likewise, if it has some.

    Returns
    -------
    pathlib.Path
    """
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import convert_state_dict_to_diffusers

    folder = Path(folder)
    get_state = _peft().get_peft_model_state_dict
    # peft's own names for the UNet: diffusers' older ones exist for attention only, and where a file mixes the two its
    # loader silently drops the attention
    layers = {"unet_lora_layers": get_state(unet)}
    if text_encoder is not None:
        layers["text_encoder_lora_layers"] = convert_state_dict_to_diffusers(get_state(text_encoder))
    new = folder / ".lora.new"
    StableDiffusionPipeline.save_lora_weights(new, weight_name=FILE_NAME, **layers)
    os.replace(new / FILE_NAME, folder / FILE_NAME)
    shutil.rmtree(new)
    return folder / FILE_NAME


def _peft():
    try:
        import peft
    except ImportError:
        raise ImportError('LoRA needs the package peft: pip install "riffkit[train]"') from None
    return peft
