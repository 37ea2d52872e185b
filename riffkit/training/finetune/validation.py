"""Validation: fixed prompts and seeds, the base model beside the tuned one, and the loss at fixed timesteps."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from riffkit.models.checkpoint import Checkpoint
from riffkit.riffing.riffer import Riffer
from riffkit.sound.clip import Clip
from riffkit.sound.image_file import save_image
from riffkit.training.denoising import Denoiser
from riffkit.training.finetune.batches import Batches
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.encoding import evaluating, lent
from riffkit.training.report import write_page
from riffkit.training.trainer import Trainer

TIMESTEPS = 8  # equally spaced in the schedule
MOST_PICTURES = 32  # of the validation loss
MOST_NOTES = 32  # of the repertoire


class Rehearsal:
    """What is sampled and measured at every checkpoint of a fine-tuning.

    Writes `validation/base/` once, and `validation/step-000100/` and so on: one sound and picture for each prompt, made
    with the same seeds.

    Parameters
    ----------
    output : Path
        Of the run.
    base : Checkpoint
        Whose UNet learns.
    model : Denoiser
        Of the same UNet.
    trainer : Trainer
    batches : Batches
    latents : dict of str to np.ndarray [shape=(n, channels, rows, columns)]
        By split; without validation pictures the loss is that of those it learns from.
    tuning : Tuning
        Completed.
    """

    def __init__(
        self,
        output: Path,
        base: Checkpoint,
        model: Denoiser,
        trainer: Trainer,
        batches: Batches,
        latents: Mapping[str, np.ndarray],
        tuning: Tuning,
    ) -> None:
        self.folder, self.base, self.model, self.trainer = output / "validation", base, model, trainer
        self.batches, self.tuning = batches, tuning
        split = "validation" if len(latents["validation"]) else "train"
        self.split, self.latents = split, latents[split][:MOST_PICTURES]
        self.rows = batches.dataset.rows[split]

    def play_base(self) -> None:
        """Sample and measure before anything is learnt."""
        self._play(self.folder / "base")
        self.trainer.log({"validation_loss": self.loss(), **self.moved()}, 0)
        if self.trainer.is_main:
            write_page(self.folder.parent)

    def play(self, step: int, averaged: bool = False) -> str:
        """Sample and measure the averaged weights at a `step`; `averaged` says that they are in the model already.

        Returns
        -------
        str
            One line that says how it stands.
        """
        with contextlib.nullcontext() if averaged else self._averages():
            loss, moved = self.loss(), self.moved()
            self._play(self.folder / f"step-{step:06d}")
        self.trainer.log({"validation_loss": loss, **moved}, step)
        if self.trainer.is_main:
            write_page(self.folder.parent, refresh=None if step == self.trainer.n_steps else 30.0)
        whose = "validation pictures" if self.split == "validation" else "training pictures (there are no others)"
        others = f", what it says of other things moved by {moved['moved']:.4f}" if moved else ""
        return f"step {step}: loss {loss:.4f} on {whose}{others}"

    @torch.no_grad()
    def loss(self) -> float:
        """Validation loss at fixed timesteps with fixed noise: falls if, and only if, the model gets better here."""
        rows = self.rows[: len(self.latents)]
        number = len(self.batches.alphas_bar)
        generator = torch.Generator().manual_seed(self.tuning.seed)
        errors = []
        with evaluating(self.model):
            for latent, row in zip(self.latents, rows, strict=True):
                t = (torch.arange(TIMESTEPS) * number + number // 2) // TIMESTEPS
                x0 = torch.from_numpy(np.array(latent, np.float32))[None].expand(TIMESTEPS, -1, -1, -1)
                noise = torch.randn(x0.shape, generator=generator)
                words = self.batches.embedded([row["text"]] * TIMESTEPS)
                noisy, target = self.batches.noised(x0, noise, t)
                with self.trainer.accelerator.autocast():
                    error = self.batches.errors(self.model, self.trainer.device, noisy, t, words, target)
                errors.append(error.mean().cpu())
        return round(float(torch.stack(errors).mean()), 6)

    @torch.no_grad()
    def moved(self) -> dict[str, float]:
        """Drift of what it says of other things: {"moved": mean squared difference, 1 is all}; {} without notes."""
        if self.batches.repertoire is None:
            return {}
        captions, t, x_t, said = self.batches.repertoire.some(MOST_NOTES)
        errors: list[float] = []
        with evaluating(self.model):
            for first in range(0, len(t), TIMESTEPS):
                some = slice(first, first + TIMESTEPS)
                words = self.batches.embedded(captions[some])
                with self.trainer.accelerator.autocast():
                    error = self.batches.errors(self.model, self.trainer.device, x_t[some], t[some], words, said[some])
                errors += error.tolist()
        return {"moved": round(float(np.mean(errors)), 6)}

    @contextlib.contextmanager
    def _averages(self) -> Iterator[None]:
        self.trainer.weights.exchange()
        try:
            yield
        finally:
            self.trainer.weights.exchange()

    def _play(self, folder: Path) -> None:
        if not self.tuning.validation_steps or not self.trainer.is_main:
            return
        folder.mkdir(parents=True, exist_ok=True)
        with evaluating(self.model), lent(self.base, "unet", "vae", "text_encoder") as there:
            riffer = Riffer(there)
            for number, prompt in enumerate(self.tuning.prompts):
                stem = folder / f"{number}"
                if stem.with_suffix(".flac").exists():
                    continue
                with self.trainer.accelerator.autocast():
                    steps = self.tuning.validation_steps
                    riff: Any = riffer.riff(prompt, seed=number, num_inference_steps=steps, progress=False)
                save_image(riff.image, stem.with_suffix(".png"), overwrite=True)
                riff.clip.save(stem.with_suffix(".flac"), overwrite=True, metadata={"prompt": prompt, "seed": number})
                self._send(f"{folder.name}/{prompt}", riff.clip)

    def _send(self, name: str, clip: Clip) -> None:
        for tracker in self.trainer.accelerator.trackers:
            if hasattr(tracker, "writer") and hasattr(tracker.writer, "add_audio"):
                tracker.writer.add_audio(name, clip.samples.mean(0)[None], self.trainer.step, clip.sample_rate)
