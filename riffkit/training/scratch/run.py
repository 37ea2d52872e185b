"""Make a text-to-spectrogram model from nothing: compose, render, learn to draw, to read, to denoise; save one folder.

    riffkit train-mini --output work/mini            all stages; run it again after an interruption and it goes on
    riffkit train-mini --output work/mini --stage unet --unet-steps 9000

The result, `<output>/model`, is a folder in Stable Diffusion's layout that riffkit and stock diffusers both load. The
embedded model was made by this command; its model card, data/models/mini/README.md, says with which numbers.
"""

import argparse
import dataclasses
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTokenizer

from riffkit.compose.captions import vocabulary
from riffkit.compose.corpus import render_to_disk
from riffkit.compose.score import CORPORA
from riffkit.models.files import HOW_TO_RIFF, find_folder
from riffkit.training.finetune.lora import FILE_NAME as LORA_FILE
from riffkit.training.finetune.lora import save_lora
from riffkit.training.report import write_page
from riffkit.training.scratch.autoencoder import (
    PatchCode,
    learn_to_draw,
    make_autoencoder,
    three_channels,
    to_pixels,
    to_signal,
)
from riffkit.training.scratch.denoiser import NOISE_SCHEDULE, learn_to_denoise, make_scheduler, make_unet
from riffkit.training.scratch.distillation import GUIDANCE, learn_few_steps
from riffkit.training.scratch.preview import Tryout
from riffkit.training.scratch.text_encoder import build_tokenizer, learn_to_read, make_text_encoder
from riffkit.training.scratch.warm_start import start_autoencoder, start_code, start_text_encoder, start_unet

STAGES = ("corpus", "text", "unet", "autoencoder", "distil", "export")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out. The defaults make a model like the embedded one in one go; that one grew
    in several runs, which its card tells.

    `start` names the folder of a model to begin with: "" begins with nothing, "mini" is the embedded model. The stages
    depend on one another in this order: corpus, then text and the linear code, then unet and autoencoder (which know
    nothing of each other and may run side by side), then distil and export.
    """

    corpus: str = "wide"
    n_pieces: int = 12288
    first_seed: int = 0
    text_steps: int = 1200  # from nothing 600 tell one instrument's name right in 45 % of captions, 1200 in 96 %
    unet_steps: int = 6000
    autoencoder_steps: int = 3000
    distil_steps: int = 600
    batch: int = 16
    shift: float = 1.0  # above 1 the UNet meets noisy timesteps more often: `riffkit.training.scratch.denoiser.shifted`
    channels: int = 24
    seed: int = 0
    start: str = ""
    widths: tuple[int, ...] = (64, 128, 224)


def train_mini(output, recipe=None, *, stages=STAGES, cpu=False, threads=None, soundfont=None, progress=None):
    """Make a small model, or go on making it.

    Parameters
    ----------
    output : path
        Folder of the run: corpus, checkpoints, losses, `page.html` to watch and hear it, and at the end `model`. About
        4 GB for 12,288 pieces.
    recipe : Recipe or None
    stages : sequence of str
        Any of corpus, text, unet, autoencoder (or vae), distil, export.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    threads : int or None
        CPU threads for learning; None leaves it to torch.
    soundfont : path or None
    progress : callable or None
        Gets (step, total, estimate) of the stage at work.

    Returns
    -------
    pathlib.Path
        `<output>/model`, which exists after the export stage.

    Raises
    ------
    ValueError
        If `output` was begun with another recipe (number of steps aside), or a stage is unknown.
    """
    recipe = recipe or Recipe()
    stages = tuple("autoencoder" if stage == "vae" else stage for stage in stages)
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        raise ValueError(f"unknown stage {unknown[0]!r}; choose from {', '.join(STAGES)}")
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    _remember(output, recipe)
    if threads:
        torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    corpus = CORPORA[recipe.corpus]
    rendered = render_to_disk(
        output / "corpus", recipe.corpus, recipe.first_seed, recipe.n_pieces, soundfont=soundfont, progress=progress
    )
    start = find_folder(recipe.start) if recipe.start else None
    code = _linear_code(output, rendered.pictures, recipe.channels, start)
    tokenizer = _tokenizer(output, corpus)
    text_encoder = make_text_encoder(tokenizer)
    if "text" in stages:
        if start:
            start_text_encoder(start, tokenizer, text_encoder)
        told_right = learn_to_read(
            output, tokenizer, text_encoder, corpus, n_steps=recipe.text_steps, seed=recipe.seed, cpu=cpu,
            progress=progress,
        )  # fmt: skip
        text_encoder.save_pretrained(output / "read")
        (output / "read" / "score.json").write_text(json.dumps({"told right": told_right}))
    if "unet" in stages:
        text_encoder = type(text_encoder).from_pretrained(output / "read")
        unet = make_unet(len(code.spread), text_encoder.config.hidden_size, widths=recipe.widths)
        if start:
            start_unet(start, unet)
        latents = _latents(output, code, rendered.pictures)
        learn_to_denoise(
            output, unet, text_encoder, tokenizer, latents, rendered.pieces, n_steps=recipe.unet_steps,
            batch=recipe.batch, shift=recipe.shift, seed=recipe.seed, cpu=cpu, progress=progress,
            tryout=Tryout(output, unet, text_encoder, tokenizer, code),
        )  # fmt: skip
        unet.save_pretrained(output / "denoise" / "unet")
        text_encoder.save_pretrained(output / "denoise" / "text_encoder")
    if "autoencoder" in stages:
        autoencoder = make_autoencoder(len(code.spread))
        if start:
            start_autoencoder(start, autoencoder)
        learn_to_draw(
            output, autoencoder, code, rendered.pictures, n_steps=recipe.autoencoder_steps, seed=recipe.seed,
            cpu=cpu, progress=progress,
        )  # fmt: skip
        autoencoder.save_pretrained(output / "draw")
    if "distil" in stages:
        unet, text_encoder = _learnt(output)
        latents = _latents(output, code, rendered.pictures)
        learn_few_steps(
            output, unet, text_encoder, tokenizer, latents, rendered.pieces, n_steps=recipe.distil_steps,
            seed=recipe.seed, cpu=cpu, start=start, progress=progress,
        )  # fmt: skip
        (output / "live").mkdir(exist_ok=True)
        save_lora(output / "live", unet)
    if "export" in stages:
        export(output, _tokenizer(output, corpus), recipe)  # afresh: reading leaves its padding in a tokenizer
    write_page(output)
    return output / "model"


def export(run, tokenizer, recipe):
    """Assemble `<run>/model`: half precision, safetensors, Stable Diffusion's layout, and the vocabulary.

    Raises
    ------
    FileNotFoundError
        If a stage has not finished; the message names it.
    """
    new, last = run / "model.new", run / "model"
    shutil.rmtree(new, ignore_errors=True)
    unet, text_encoder = _learnt(run)
    if not (run / "draw" / "config.json").exists():
        raise FileNotFoundError(f"{run / 'draw'} is not there yet; run --stage autoencoder first")
    autoencoder = three_channels(AutoencoderKL.from_pretrained(run / "draw"))
    parts = {"unet": unet, "text_encoder": text_encoder, "vae": autoencoder}
    for name, part in parts.items():
        part.half().save_pretrained(new / name)
    for name in parts:
        config = json.loads((new / name / "config.json").read_text())
        config.pop("_name_or_path", None)  # where it lay on the machine that made it
        if name == "text_encoder":  # transformers, unlike diffusers, would keep the half precision
            config["dtype"] = "float32"
        (new / name / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    make_scheduler().save_pretrained(new / "scheduler")
    tokenizer.save_pretrained(new / "tokenizer")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": parts["unet"].config._diffusers_version,
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
    (new / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
    (new / "vocabulary.json").write_text(json.dumps(vocabulary(CORPORA[recipe.corpus]), indent=0) + "\n")
    (new / HOW_TO_RIFF).write_text(json.dumps(GUIDANCE, indent=2) + "\n")
    if (run / "live").exists():
        (new / "live").mkdir()
        lora = load_file(run / "live" / LORA_FILE)
        save_file({name: tensor.half() for name, tensor in lora.items()}, new / "live" / LORA_FILE)
        DDIMScheduler(**NOISE_SCHEDULE, timestep_spacing="trailing", clip_sample=False).save_pretrained(new / "live")
    shutil.copyfile(run / "code.npz", new / "code.npz")
    (new / "recipe.json").write_text(json.dumps(dataclasses.asdict(recipe), indent=2) + "\n")
    shutil.rmtree(last, ignore_errors=True)
    os.replace(new, last)
    return last


def round_trip_psnr(run, pictures):
    """Decibels between pictures and what the autoencoder, and the linear code, make of them (higher is better).

    Returns
    -------
    dict of str to float
        "linear", "decoder on the linear code", "round trip through the autoencoder".
    """
    code, autoencoder = PatchCode.load(run / "code.npz"), AutoencoderKL.from_pretrained(run / "draw")
    latents = code.encode(pictures)
    with torch.no_grad():
        drawn = [autoencoder.decode(torch.from_numpy(z[None])).sample[0, 0].numpy() for z in latents]
        signal = torch.from_numpy(to_signal(pictures))[:, None]
        seen = [autoencoder.encode(x[None]).latent_dist.mean for x in signal]
        again = [autoencoder.decode(z).sample[0, 0].numpy() for z in seen]
    made = {
        "linear": code.decode(latents),
        "decoder on the linear code": to_pixels(drawn),
        "round trip through the autoencoder": to_pixels(again),
    }
    error = {name: (x.astype(float) - pictures).__pow__(2).mean(axis=(1, 2)) for name, x in made.items()}
    return {name: float((10 * np.log10(255**2 / mse)).mean()) for name, mse in error.items()}


def _learnt(run):
    """UNet and text encoder as the unet stage left them."""
    folder = run / "denoise"
    if not (folder / "unet" / "config.json").exists():
        raise FileNotFoundError(f"{folder / 'unet'} is not there yet; run --stage unet first")
    return (
        UNet2DConditionModel.from_pretrained(folder / "unet"),
        CLIPTextModel.from_pretrained(folder / "text_encoder"),
    )


def _tokenizer(output, corpus):
    """Built once for a run: the stages, and the processes that resume them, must number words alike."""
    if not (output / "tokenizer" / "tokenizer.json").exists():
        build_tokenizer(corpus).save_pretrained(output / "tokenizer.new")
        shutil.rmtree(output / "tokenizer", ignore_errors=True)
        os.replace(output / "tokenizer.new", output / "tokenizer")
    return CLIPTokenizer.from_pretrained(output / "tokenizer")


def _linear_code(output, pictures, channels, start):
    path = output / "code.npz"
    if not path.exists():
        keep = start_code(start) if start else None
        PatchCode.fit(np.array(pictures[:1500]), channels, keep=keep).save(path)
    return PatchCode.load(path)


def _latents(output, code, pictures):
    path = output / "latents.npy"
    if not path.exists():
        chunks = [code.encode(pictures[i : i + 64]).astype(np.float16) for i in range(0, len(pictures), 64)]
        np.save(output / "latents.new.npy", np.concatenate(chunks))
        os.replace(output / "latents.new.npy", path)
    return np.load(path)


def _remember(output, recipe):
    """Keep the recipe beside the run, and refuse to go on with another one (more or fewer steps are fine)."""
    path = output / "recipe.json"
    usual, fixed = (
        json.loads(json.dumps({k: v for k, v in dataclasses.asdict(one).items() if not k.endswith("_steps")}))
        for one in (Recipe(), recipe)
    )
    if path.exists():
        begun = usual | json.loads(path.read_text())  # what a run from before knew nothing of, it did as is usual
        if begun != fixed:
            raise ValueError(f"{output} was begun with another recipe ({begun}); name another --output")
    else:
        path.write_text(json.dumps(fixed))


def main(arguments=None):
    """The command `riffkit train-mini`."""
    parser = argparse.ArgumentParser(prog="riffkit train-mini", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--output", type=Path, default=Path("work/mini"), help="folder of the run (default: %(default)s)"
    )
    parser.add_argument("--stage", default="all", help=f"all, or some of {','.join(STAGES)} (default: all)")
    parser.add_argument("--cpu", action="store_true", help="stay on the CPU")
    parser.add_argument("--threads", type=int, help="CPU threads for learning")
    parser.add_argument("--soundfont", type=Path, help="General MIDI .sf2 or .sf3")
    for field in dataclasses.fields(Recipe):
        if field.type in (int, float, str):
            flag = "--" + field.name.replace("_", "-")
            parser.add_argument(flag, type=field.type, default=field.default, help=f"(default: {field.default})")
    options = parser.parse_args(arguments)
    diffusers_logging.set_verbosity_error()
    names = [field.name for field in dataclasses.fields(Recipe) if field.type in (int, float, str)]
    recipe = Recipe(**{name: getattr(options, name) for name in names})
    stages = STAGES if options.stage == "all" else tuple(options.stage.split(","))
    started = time.monotonic()

    def say(step, total, _):
        if step % 100 == 0 or step == total:
            print(f"\r{step} of {total}, {time.monotonic() - started:.0f} s", end="", file=sys.stderr, flush=True)

    model = train_mini(
        options.output, recipe, stages=stages, cpu=options.cpu, threads=options.threads, soundfont=options.soundfont,
        progress=say,
    )  # fmt: skip
    print(f"\n{model if model.exists() else options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
