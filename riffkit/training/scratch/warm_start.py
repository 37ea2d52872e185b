"""Begin with a model that exists: what fits is carried over, what is new learns from nothing.

So a model can grow: more words, more channels of the latents, another corpus, without unlearning what it knows.
"""

from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTokenizer

from riffkit.training.finetune.lora import FILE_NAME as LORA_FILE
from riffkit.training.scratch.autoencoder import PatchCode


def carry_over(module, weights):
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


def start_code(folder):
    """The linear code that a model's latents are in.

    Raises
    ------
    FileNotFoundError
        If the folder has no `code.npz` (models made by `riffkit train-mini` have one).
    """
    path = Path(folder) / "code.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; start from a model that `riffkit train-mini` made")
    return PatchCode.load(path)


def start_text_encoder(folder, tokenizer, text_encoder):
    """Give a text encoder what the one in `folder` knows; tokens are matched by what they spell."""
    known = CLIPTokenizer.from_pretrained(Path(folder) / "tokenizer").get_vocab()
    weights = CLIPTextModel.from_pretrained(Path(folder) / "text_encoder").state_dict()
    name = next(name for name in weights if name.endswith("token_embedding.weight"))
    old, mine = weights.pop(name), text_encoder.get_input_embeddings().weight
    carry_over(text_encoder, weights)
    with torch.no_grad():
        for token, number in tokenizer.get_vocab().items():
            if token in known:
                mine[number] = old[known[token]].to(mine.dtype)


def start_unet(folder, unet):
    """Give a UNet the weights of the one in `folder`."""
    carry_over(unet, UNet2DConditionModel.from_pretrained(Path(folder) / "unet").state_dict())


def start_few_steps(folder, unet):
    """Give the LoRA that a UNet has just got the matrices of the few-step twin in `folder`, if it has one."""
    from peft import set_peft_model_state_dict

    path = Path(folder) / "live" / LORA_FILE
    if path.exists():
        weights = {name.removeprefix("unet."): tensor.float() for name, tensor in load_file(path).items()}
        set_peft_model_state_dict(unet, weights, ignore_mismatched_sizes=True)


def start_autoencoder(folder, autoencoder):
    """Give an autoencoder for grey pictures the weights of the one in `folder`, which may be for RGB pictures."""
    weights = AutoencoderKL.from_pretrained(Path(folder) / "vae").state_dict()
    weights["encoder.conv_in.weight"] = weights["encoder.conv_in.weight"].sum(dim=1, keepdim=True)
    for name in ("decoder.conv_out.weight", "decoder.conv_out.bias"):
        weights[name] = weights[name][:1]
    # The second half of what the encoder says (how sure it is) is set by export, and starts afresh here.
    half = len(weights["quant_conv.bias"]) // 2
    for name in ("quant_conv.weight", "quant_conv.bias"):
        weights[name] = weights[name][:half]
    carry_over(autoencoder, weights)
