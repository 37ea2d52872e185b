"""Parts: a UNet, an autoencoder or a text encoder, built from its configuration and its safetensors files.

Built here and not by the libraries' `from_pretrained`: that follows what a folder's files name (other weights, code on
the Hub, other folders), and asks the Hub where they are odd. Here nothing is opened but the files of this part, and
nothing but tensors is read from them; what they hold is compared with what the part needs before any memory is taken.
"""

from inspect import signature
from pathlib import Path
from typing import Any

import torch

from riffkit.models.configs import read_part_config
from riffkit.models.files import WEIGHTS, weight_files

# names of the autoencoder's attention in files of diffusers before 0.17, such as Riffusion's own
_OLD_NAMES = ((".query.", ".to_q."), (".key.", ".to_k."), (".value.", ".to_v."), (".proj_attn.", ".to_out.0."))


def load_part(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    """Build one part of a checkpoint and fill it.

    Parameters
    ----------
    folder : Path
        Called "unet", "vae" or "text_encoder".
    dtype : torch.dtype

    Returns
    -------
    torch.nn.Module

    Raises
    ------
    FileNotFoundError, ValueError
        If files are missing; if one is damaged, or holds other weights than its configuration tells.
    """
    config = read_part_config(folder / "config.json")
    try:
        with torch.device("meta"):  # of this thread alone, where accelerate's `init_empty_weights` changes all threads'
            part = _build(folder.name, config)
    except Exception as error:  # each library has its own for values that do not go together
        told = str(error).strip().split("\n")[0][:300] or type(error).__name__
        raise ValueError(f"{folder / 'config.json'} describes no {folder.name} that can be built ({told})") from error
    files, _ = weight_files(folder, WEIGHTS[folder.name])
    part.load_state_dict(_tensors(folder, files, part.state_dict(), dtype), strict=False, assign=True)
    for owner in part.modules():  # what no file holds: the numbers of the places
        for name, buffer in owner.named_buffers(recurse=False):
            if buffer.is_meta and name == "position_ids":
                setattr(owner, name, torch.arange(buffer.shape[-1]).expand(buffer.shape))
    return part.to(dtype)


def _build(name: str, config: dict[str, Any]) -> Any:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers.models.clip.configuration_clip import CLIPTextConfig
    from transformers.models.clip.modeling_clip import CLIPTextModel

    if name == "text_encoder":
        # of the many things a configuration of transformers may ask for, those that say what the model is
        known = "vocab_size hidden_size intermediate_size projection_dim num_hidden_layers num_attention_heads"
        known += " max_position_embeddings hidden_act layer_norm_eps attention_dropout initializer_range"
        known += " initializer_factor pad_token_id bos_token_id eos_token_id"
        kept = {key: value for key, value in config.items() if key in known.split()}
        asked = config.get("_attn_implementation") or config.get("attn_implementation")
        described = CLIPTextConfig(**kept)
        if asked == "eager":  # the one other way that needs nothing from anywhere
            described._attn_implementation = "eager"
        return CLIPTextModel(described)
    classes: dict[str, Any] = {"unet": UNet2DConditionModel, "vae": AutoencoderKL}
    _check_kinds(classes[name], config)
    return classes[name].from_config({key: value for key, value in config.items() if key != "_name_or_path"})


def _check_kinds(cls: Any, config: dict[str, Any]) -> None:
    """See that values are of the kind of the class's own defaults: it takes any, and fails when it is called."""
    for name, parameter in signature(cls.__init__).parameters.items():
        value, usual = config.get(name), parameter.default
        if value is None or type(usual) not in (bool, int, float, str):
            continue
        kinds: tuple[type, ...] = (
            (int, float) if type(usual) is float or name == "mid_block_scale_factor" else (type(usual),)
        )
        each = value if isinstance(value, list) and type(usual) in (bool, int) else [value]
        flat = [one for values in each for one in (values if isinstance(values, list) else [values])]
        if not all(type(one) in kinds for one in flat):
            raise ValueError(f"{name} is {repr(value)[:60]}, expected something like {usual!r}")


def _tensors(
    folder: Path, files: list[Path], wanted: dict[str, torch.Tensor], dtype: torch.dtype
) -> dict[str, torch.Tensor]:
    """The tensors of all files under the part's own names, in its dtype; files are mapped, not read into memory."""
    from safetensors import SafetensorError, safe_open

    found: dict[str, torch.Tensor] = {}
    wrong = []
    for path in files:
        try:
            with safe_open(path, framework="pt") as file:
                for key in file.keys():  # noqa: SIM118  (it is no dict)
                    name = _own_name(key, wanted)
                    if name is None:
                        continue
                    shape = tuple(file.get_slice(key).get_shape())
                    if shape != tuple(wanted[name].shape):
                        wrong.append(f"{name} of shape {shape} instead of {tuple(wanted[name].shape)}")
                        continue
                    tensor = file.get_tensor(key)
                    found[name] = tensor.to(dtype) if wanted[name].is_floating_point() else tensor
        except (SafetensorError, OSError, RuntimeError) as error:
            raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error
    wrong += [name for name in wanted if name not in found and not name.endswith("position_ids")]
    if wrong:
        raise ValueError(f"{folder}: {len(wrong)} weights are missing or misshapen (such as {wrong[0]}); restore it")
    return found


def _own_name(key: str, wanted: dict[str, torch.Tensor]) -> str | None:
    """What the part calls the tensor that a file calls `key`, or None if it has none such."""
    old = key
    for before, after in _OLD_NAMES:
        old = old.replace(before, after)
    names = (key, key.removeprefix("text_model."), f"text_model.{key}", old)
    return next((name for name in names if name in wanted and not name.endswith("position_ids")), None)
