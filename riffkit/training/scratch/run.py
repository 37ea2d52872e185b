"""Make a text-to-spectrogram model from nothing: compose, render, learn to draw, to read, to denoise; save one folder.

    riffkit train-mini --output work/mini            all stages; run it again after an interruption and it goes on
    riffkit train-mini --output work/mini --stage unet --unet-steps 9000

The result, `<output>/model`, is a folder in Stable Diffusion's layout that riffkit and stock diffusers both load. The
embedded model was made by this command; its model card, data/models/mini/README.md, says with which numbers.
"""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.utils import logging as diffusers_logging
from transformers import CLIPTextModel

from riffkit.compose.pieces.drawing import CORPORA
from riffkit.compose.rendering import PARAMS, RenderedCorpus, render_to_disk
from riffkit.models.files import find_folder
from riffkit.progress import Progress, Reporter, shown
from riffkit.training.cached_array import cached_array
from riffkit.training.denoising import Denoiser
from riffkit.training.finetune.lora import save_lora
from riffkit.training.output_folder import claimed
from riffkit.training.report import write_page
from riffkit.training.scratch.autoencoder import learn_to_draw, make_autoencoder
from riffkit.training.scratch.denoiser import Examples, denoising_config, learn_to_denoise, make_unet
from riffkit.training.scratch.distillation import learn_few_steps
from riffkit.training.scratch.export import export, learnt, tokenizer_of
from riffkit.training.scratch.material import material_of
from riffkit.training.scratch.patch_code import PatchCode
from riffkit.training.scratch.preview import Tryout
from riffkit.training.scratch.recipe import STAGES, Recipe, check_run, settings_of
from riffkit.training.scratch.text_encoder import learn_to_read, make_text_encoder
from riffkit.training.scratch.warm_start import OWN, start_autoencoder, start_code, start_text_encoder, start_unet
from riffkit.training.whole_folder import whole_folder

SNAPSHOT_EVERY = 500  # steps of the UNet: 56 MB each


def train_mini(
    output: str | Path,
    recipe: Recipe | None = None,
    *,
    stages: Sequence[str] = STAGES,
    cpu: bool = False,
    threads: int | None = None,
    soundfont: str | Path | None = None,
    progress: Progress = None,
) -> Path:
    """Train a small text-to-spectrogram model from nothing, or go on training it.

    What is given is checked before anything is done or written. Killed at any moment and called again it ends with the
    same weights as if it had not been.

    Parameters
    ----------
    output : str or Path
        Folder of the run: corpus, checkpoints, losses, `page.html` to watch and hear it, and at the end `model`. About
        7 GB for 12,288 pieces. New, or that of an interrupted call with the same recipe (number of steps aside).
    recipe : Recipe or None
        Everything that decides what comes out; None takes the defaults of `Recipe`.
    stages : sequence of str
        Any of corpus, text, unet, autoencoder (or vae), distil, export. Default: all.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    threads : int or None
        CPU threads for learning, at least 1; None leaves it to torch.
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3 to render with; None looks where systems put one.
    progress : callable, bool or None
        Gets (steps done, steps in all, None) of the stage at work; None shows a bar in terminals and notebooks.

    Returns
    -------
    pathlib.Path
        `<output>/model`, which exists after the export stage.

    Raises
    ------
    ValueError
        If a value is wrong, or `output` was begun with another recipe.
    FileExistsError
        If `output` holds something else.
    FileNotFoundError, ImportError
        If the start, the soundfont, tinysoundfont, peft or an earlier stage that is needed is missing.

    References
    ----------
    Taught in notebooks/07_training_from_scratch.ipynb, at the size of a lesson.
    """
    output, recipe = Path(output), recipe or Recipe()
    stages = check_run(output, recipe, stages, threads=threads, soundfont=soundfont)
    with shown(progress, "training") as reporter, claimed(output, "recipe.json", **settings_of(recipe)):
        if threads is not None:
            torch.set_num_threads(threads)
        torch.manual_seed(recipe.seed)
        rendered = render_to_disk(
            output / "corpus", recipe.corpus, recipe.first_seed, recipe.n_pieces, soundfont=soundfont,
            progress=reporter or False,
        )  # fmt: skip
        run = _Run(output, recipe, rendered, cpu, reporter)
        for name, stage in _STAGES.items():
            if name in stages:
                stage(run)
        write_page(output)
    return output / "model"


@dataclass
class _Run:
    """What the stages share."""

    output: Path
    recipe: Recipe
    rendered: RenderedCorpus
    cpu: bool
    progress: Reporter | None

    def __post_init__(self) -> None:
        self.start = find_folder(self.recipe.start) if self.recipe.start else None
        path = self.output / "code.npz"
        if not path.exists():
            keep = start_code(self.start, PARAMS.channels) if self.start else None
            PatchCode.fit(np.array(self.rendered.pictures[:1500]), self.recipe.channels, keep=keep).save(path)
        self.code = PatchCode.load(path)
        self.material = material_of(CORPORA[self.recipe.corpus])
        self.tokenizer: Any = tokenizer_of(self.output, self.material)
        # drawn here, whatever the stages: what they draw afterwards is the same for each of them
        self.text_encoder = make_text_encoder(
            self.tokenizer, width=self.recipe.text_width, layers=self.recipe.text_layers
        )
        self.common: dict[str, Any] = {"seed": self.recipe.seed, "cpu": self.cpu, "progress": self.progress}

    def examples(self, batch: int = 16) -> Examples:
        """Latents of all pictures, encoded once and kept, with what they show; `batch` of them make a step."""
        pictures = self.rendered.pictures

        def encoded() -> np.ndarray:
            return np.concatenate([
                self.code.encode(pictures[i : i + 64]).astype(np.float16) for i in range(0, len(pictures), 64)
            ])  # fmt: skip

        latents = cached_array(self.output / "latents.npy", len(pictures), encoded)
        return Examples(np.array(latents), self.rendered.pieces, self.tokenizer, self.material, batch)


def _text(run: _Run) -> None:
    if run.start:
        start_text_encoder(run.start, run.tokenizer, run.text_encoder)
    told_right = learn_to_read(
        run.output, run.tokenizer, run.text_encoder, run.material, n_steps=run.recipe.text_steps, **run.common
    )  # fmt: skip
    with whole_folder(run.output / "read") as new:
        run.text_encoder.save_pretrained(new)
        (new / "score.json").write_text(json.dumps({"told right": told_right}))


def _unet(run: _Run) -> None:
    text_encoder: Any = CLIPTextModel.from_pretrained(run.output / "read", **OWN)
    unet = make_unet(len(run.code.spread), text_encoder.config.hidden_size, widths=run.recipe.widths)
    if run.start:
        start_unet(run.start, unet)
    denoiser = Denoiser(unet, text_encoder)
    config = denoising_config(run.recipe.unet_steps, cpu=run.cpu, seed=run.recipe.seed, snapshot_every=SNAPSHOT_EVERY)
    learn_to_denoise(
        run.output, denoiser, run.examples(run.recipe.batch), config, shift=run.recipe.shift,
        contrast=run.recipe.contrast, tryout=Tryout(run.output, denoiser, run.tokenizer, run.code, PARAMS),
        progress=run.progress,
    )  # fmt: skip
    with whole_folder(run.output / "denoise") as new:
        for name, part in (("unet", unet), ("text_encoder", text_encoder)):
            part.save_pretrained(new / name)


def _autoencoder(run: _Run) -> None:
    autoencoder = make_autoencoder(len(run.code.spread), sides=run.code.sides)
    if run.start:
        start_autoencoder(run.start, autoencoder)
    learn_to_draw(
        run.output, autoencoder, run.code, run.rendered.pictures, n_steps=run.recipe.autoencoder_steps, **run.common
    )
    with whole_folder(run.output / "draw") as new:
        autoencoder.save_pretrained(new)


def _distil(run: _Run) -> None:
    unet, text_encoder = learnt(run.output)
    learn_few_steps(
        run.output, Denoiser(unet, text_encoder), run.examples(), n_steps=run.recipe.distil_steps, start=run.start,
        **run.common,
    )  # fmt: skip
    (run.output / "live").mkdir(exist_ok=True)
    save_lora(run.output / "live", unet)


def _export(run: _Run) -> None:
    export(run.output, run.recipe)


_STAGES: dict[str, Callable[[_Run], None]] = {
    "text": _text, "unet": _unet, "autoencoder": _autoencoder, "distil": _distil, "export": _export,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command `riffkit train-mini` with these `arguments`; None takes those of the process."""
    parser = argparse.ArgumentParser(prog="riffkit train-mini", description=(__doc__ or "").split("\n\n")[0])
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

    def say(step: int, total: int, _: Any) -> None:
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
