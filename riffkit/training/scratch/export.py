"""The export stage: half precision, safetensors, Stable Diffusion's layout, and the vocabulary."""

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

from diffusers import AutoencoderKL, DDIMScheduler, DPMSolverMultistepScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from riffkit.compose.lexicon.letters import known_tokens
from riffkit.compose.pieces.drawing import CORPORA
from riffkit.compose.rendering import PARAMS
from riffkit.models.files import HOW_TO_RIFF
from riffkit.models.lora import FILE_NAME as LORA_FILE
from riffkit.training.scratch.autoencoder import rgb_autoencoder
from riffkit.training.scratch.denoiser import SCHEDULER_CONFIG
from riffkit.training.scratch.distillation import GUIDANCE
from riffkit.training.scratch.material import Material, material_of
from riffkit.training.scratch.recipe import Recipe
from riffkit.training.scratch.tokenizer import build_tokenizer
from riffkit.training.scratch.warm_start import OWN
from riffkit.training.whole_folder import whole_folder

VOCABULARY = 4096  # tokens
PICTURE = "spectrogram.json"  # what the pictures show: the fields of `SpectrogramParams`
INDEX: dict[str, Any] = {
    "_class_name": "StableDiffusionPipeline",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DPMSolverMultistepScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def export(run: Path, recipe: Recipe) -> Path:
    """Assemble `<run>/model` from what the stages left; an older one is replaced.

    Parameters
    ----------
    run : Path
        The output of `train_mini`.
    recipe : Recipe
        Written beside the model.

    Returns
    -------
    pathlib.Path
        `<run>/model`.

    Raises
    ------
    FileNotFoundError
        If a stage has not finished; the message names it.
    """
    unet, text_encoder = learnt(run)
    if not (run / "draw" / "config.json").exists():
        raise FileNotFoundError(f"{run / 'draw'} is not there yet; run --stage autoencoder first")
    autoencoder = rgb_autoencoder(AutoencoderKL.from_pretrained(run / "draw", **OWN))
    material = material_of(CORPORA[recipe.corpus])
    with whole_folder(run / "model") as new:
        _save_parts(new, {"unet": unet, "text_encoder": text_encoder, "vae": autoencoder})
        _save_scheduler(DPMSolverMultistepScheduler(**SCHEDULER_CONFIG), new / "scheduler")
        tokenizer_of(run, material).save_pretrained(new / "tokenizer")
        index = {**INDEX, "_diffusers_version": unet.config._diffusers_version}
        _write_json(new / "model_index.json", dict(sorted(index.items())))
        (new / "vocabulary.json").write_text(json.dumps(sorted(known_tokens()), indent=0) + "\n")
        _write_json(new / PICTURE, dataclasses.asdict(PARAMS))
        _write_json(new / HOW_TO_RIFF, GUIDANCE)
        _write_json(new / "recipe.json", dataclasses.asdict(recipe))
        if (run / "live").exists():
            _save_few_steps(run / "live", new / "live")
        shutil.copyfile(run / "code.npz", new / "code.npz")
    return run / "model"


def learnt(run: Path) -> tuple[Any, Any]:
    """Load UNet and text encoder as the unet stage left them in the folder `run`.

    Raises
    ------
    FileNotFoundError
        If it has not finished.
    """
    folder = run / "denoise"
    if not (folder / "unet" / "config.json").exists():
        raise FileNotFoundError(f"{folder / 'unet'} is not there yet; run --stage unet first")
    return (
        UNet2DConditionModel.from_pretrained(folder / "unet", **OWN),
        CLIPTextModel.from_pretrained(folder / "text_encoder", **OWN),
    )


def tokenizer_of(run: Path, material: Material) -> CLIPTokenizer:
    """Load the tokenizer of a `run`, built from captions of the `material` when first asked for.

    Built once: the stages, and the processes that resume them, must number words alike.
    """
    if not (run / "tokenizer" / "tokenizer.json").exists():
        with whole_folder(run / "tokenizer") as new:
            build_tokenizer(material, vocabulary_size=VOCABULARY).save_pretrained(new)
    return CLIPTokenizer.from_pretrained(run / "tokenizer", local_files_only=True)


def _save_parts(new: Path, parts: dict[str, Any]) -> None:
    for name, part in parts.items():
        part.half().save_pretrained(new / name)
        config = json.loads((new / name / "config.json").read_text())
        config.pop("_name_or_path", None)  # where it lay on the machine that made it
        if name == "text_encoder":  # transformers, unlike diffusers, would keep the half precision
            config["dtype"] = "float32"
        _write_json(new / name / "config.json", config)


def _save_few_steps(live: Path, new: Path) -> None:
    new.mkdir()
    lora = load_file(live / LORA_FILE)
    save_file({name: tensor.half() for name, tensor in lora.items()}, new / LORA_FILE)
    _save_scheduler(DDIMScheduler(**SCHEDULER_CONFIG, clip_sample=False), new)


def _save_scheduler(scheduler: Any, folder: Path) -> None:
    scheduler.save_pretrained(folder)


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")
