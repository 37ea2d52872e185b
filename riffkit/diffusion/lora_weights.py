"""LoRA files on a checkpoint: one or several, each at its own scale, or merged into a checkpoint of its own."""

import copy
import hashlib
import math
import os
import shutil
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

from .checkpoint import Checkpoint, quiet_libraries

FILE_NAME = "pytorch_lora_weights.safetensors"


@dataclass(frozen=True)
class CheckpointWithLoras(Checkpoint):
    """A checkpoint whose UNet (and perhaps text encoder) carries LoRAs; the plain one is `base`.

    `loras` holds (file, scale) pairs, in the order in which they were put on.
    """

    base: Checkpoint = None
    loras: tuple = ()

    @cached_property
    def hash(self):
        """SHA-256 over the base checkpoint's hash, the LoRA files and their scales."""
        digest = hashlib.sha256(self.base.hash.encode())
        for path, scale in self.loras:
            digest.update(hashlib.sha256(path.read_bytes()).digest() + repr(float(scale)).encode())
        return digest.hexdigest()


def with_lora(checkpoint, path, scale=1.0):
    """Put a LoRA on a checkpoint; the checkpoint given stays as it is.

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
    ImportError
        If the package peft is not installed.

    References
    ----------
    Hu et al., "LoRA: Low-rank adaptation of large language models", 2021. Taught in notebooks/05_fine_tuning.ipynb.
    """
    if isinstance(scale, bool) or not isinstance(scale, (int, float)):
        raise TypeError(f"scale is {scale!r}; expected a number, such as 0.8")
    if not math.isfinite(scale):
        raise ValueError(f"scale is {scale!r}; expected a finite number, such as 0.8")
    file = _file(path)
    base = getattr(checkpoint, "base", None) or checkpoint
    loras = (*getattr(checkpoint, "loras", ()), (file, float(scale)))
    parts = {field.name: getattr(base, field.name) for field in fields(Checkpoint)}
    parts |= {name: copy.deepcopy(parts[name]) for name in ("unet", "text_encoder")}
    parts["name"] = " + ".join([base.name, *(f"{_short(path)} at {scale:g}" for path, scale in loras)])
    changed = CheckpointWithLoras(**parts, base=base, loras=loras)
    with quiet_libraries():
        _put_on(changed)
    return changed


def export_merged(checkpoint, folder):
    """Write a checkpoint with its LoRAs merged into the weights: a folder that needs neither LoRA files nor peft.

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
    if not getattr(checkpoint, "loras", ()):
        raise ValueError(f"{checkpoint!r} carries no LoRA; put one on with with_lora(path)")
    if folder.exists():
        raise FileExistsError(f"{folder} exists; name a new folder")
    from diffusers.utils import recurse_remove_peft_layers
    from peft.tuners.tuners_utils import BaseTunerLayer

    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(checkpoint.base.folder, new, ignore=shutil.ignore_patterns("unet", "text_encoder", ".*"))
    for name in ("unet", "text_encoder"):
        part = copy.deepcopy(getattr(checkpoint, name)).float()  # sums in full precision, rounded once when saved
        for layer in part.modules():
            if isinstance(layer, BaseTunerLayer):
                layer.merge()
        recurse_remove_peft_layers(part)
        if hasattr(part, "peft_config"):
            del part.peft_config
        part._hf_peft_config_loaded = False
        part.to(checkpoint.dtype).save_pretrained(new / name)
    os.replace(new, folder)
    return folder


def _file(path):
    path = Path(path).expanduser()
    if path.is_dir():
        path = path / FILE_NAME
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a LoRA is a .safetensors file, or a folder with {FILE_NAME}")
    if path.suffix != ".safetensors":
        raise ValueError(f"{path} is no .safetensors file; pickled weights can run any code and are never opened")
    return path.resolve()


def _short(path):
    return path.parent.name if path.name == FILE_NAME else path.stem


def _put_on(checkpoint):
    try:
        import peft  # noqa: F401
    except ImportError:
        raise ImportError('LoRA needs the package peft: pip install "riffkit[train]"') from None
    from diffusers.loaders.lora_pipeline import StableDiffusionLoraLoaderMixin as Loader
    from diffusers.utils import set_weights_and_activate_adapters

    parts = {"unet": checkpoint.unet, "text_encoder": checkpoint.text_encoder}
    used = {name: [] for name in parts}
    for number, (path, scale) in enumerate(checkpoint.loras):
        adapter = f"lora_{number}"
        try:
            tensors, alphas = Loader.lora_state_dict(str(path.parent), weight_name=path.name, local_files_only=True)
        except Exception as error:
            raise ValueError(f"{path} cannot be read as a LoRA ({error})") from error
        _check(path, tensors, checkpoint.base)
        try:
            if any(key.startswith("unet.") for key in tensors):
                Loader.load_lora_into_unet(tensors, alphas, parts["unet"], adapter_name=adapter)
                used["unet"].append((adapter, scale))
            if any(key.startswith("text_encoder.") for key in tensors):
                Loader.load_lora_into_text_encoder(tensors, alphas, parts["text_encoder"], adapter_name=adapter)
                used["text_encoder"].append((adapter, scale))
        except (RuntimeError, ValueError, KeyError) as error:
            raise ValueError(f"{path} does not fit {checkpoint.base.name}: {error}") from error
    for name, adapters in used.items():
        if adapters:
            names, scales = zip(*adapters, strict=True)
            set_weights_and_activate_adapters(parts[name], list(names), list(scales))
        parts[name].to(checkpoint.device, checkpoint.dtype).eval().requires_grad_(False)


def _check(path, tensors, base):
    """Every matrix must belong to a layer of that shape, or it would be ignored silently, or fail obscurely."""
    layers = {key for key in tensors if ".lora" in key or "lora_" in key}
    if not layers:
        raise ValueError(f"{path} holds no LoRA matrices; is it a whole checkpoint?")
    for key in layers:
        part, _, rest = key.partition(".")
        model = {"unet": base.unet, "text_encoder": base.text_encoder}.get(part)
        name = rest.split(".lora")[0]
        if model is None or ".processor" in rest or "_lora" in rest:
            continue  # older spellings, which diffusers translates
        layer = dict(model.named_modules()).get(name) or dict(model.named_modules()).get(
            name.removeprefix("text_model.")
        )
        weight = getattr(layer, "weight", None)
        down = ".down." in key or "lora_A" in key
        if weight is None or weight.shape[1 if down else 0] != tensors[key].shape[1 if down else 0]:
            raise ValueError(
                f"{path} was made for another model: {base.name} has no layer {name} of that shape; load the checkpoint"
                " that its card names"
            )
