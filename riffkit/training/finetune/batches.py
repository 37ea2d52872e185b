"""Batches of a fine-tuning: each step's share of latents, captions and notes, with noise and targets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from riffkit.compose.score import LOOP_SECONDS
from riffkit.models.checkpoint import Checkpoint
from riffkit.training.data.dataset import Dataset
from riffkit.training.denoising import min_snr_weights, noised, stratified_timesteps, turned
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.words import equally_long, tokens_of
from riffkit.training.trainer import Trainer

# What the error of a note of the repertoire counts beside that of a new sound, which is mostly noise that nobody could
# foretell. Measured on the embedded model; with 1 other prompts still drift, with 16 the new sound is learnt slowly.
NOTE = 3.0

Words = Mapping[str, torch.Tensor]  # captions and their embeddings [shape=(tokens, width)]
Drawn = tuple[list[str], torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]


class Batches:
    """The examples of each step, drawn from the step's number alone, and the targets of their predictions.

    Parameters
    ----------
    dataset : Dataset
    latents : np.ndarray [shape=(n, channels, rows, columns)]
        Of the pictures to learn from: `cached_latents`.
    base : Checkpoint
        Its noise schedule and tokenizer are used.
    tuning : Tuning
        Completed.
    words : dict of str to torch.Tensor, or None
        Embeddings of all captions: `embed_captions`; None if the text encoder learns, which takes tokens.
    repertoire : Repertoire or None
        From which a share of the examples is taken.
    """

    def __init__(
        self,
        dataset: Dataset,
        latents: np.ndarray,
        base: Checkpoint,
        tuning: Tuning,
        words: Words | None,
        repertoire: Any = None,
    ) -> None:
        from diffusers import DDPMScheduler

        self.dataset, self.base, self.tuning, self.repertoire = dataset, base, tuning, repertoire
        self.rows, self.latents = dataset.rows["train"], latents
        self.words = words
        config = {name: value for name, value in base.scheduler_config.items() if name[0] != "_"}
        scheduler = DDPMScheduler.from_config(config)
        self.alphas_bar, self.prediction_type = scheduler.alphas_cumprod, scheduler.config.prediction_type

    def losses(self, trainer: Trainer, step: int) -> Iterator[torch.Tensor]:
        """Yield the loss of each accumulated part of a `step`, for this process's examples; `trainer` says which."""
        n = trainer.drawn(self.tuning.batch)
        captions, t, noisy, target, counted = self.drawn(step, n, *trainer.rng(step))
        for micro in range(self.tuning.accumulation):
            mine = trainer.part(self.tuning.batch, micro)
            words = self.embedded(captions[mine])
            errors = self.errors(trainer.module, trainer.device, noisy[mine], t[mine], words, target[mine])
            yield (errors * counted[mine].to(errors.device)).mean()

    def drawn(self, step: int, n: int, rng: np.random.Generator, noise_source: torch.Generator) -> Drawn:
        """Draw the n examples of a step.

        Parameters
        ----------
        step : int
            Chooses the notes of the repertoire.
        n : int
        rng : np.random.Generator
            Chooses pictures, and whose captions are left out.
        noise_source : torch.Generator
            Draws timesteps and noise.

        Returns
        -------
        captions : list of str
        t : torch.Tensor [shape=(n,), int64]
        noisy, target : torch.Tensor [shape=(n, channels, rows, columns), float32]
        counted : torch.Tensor [shape=(n,), float32]
            Loss weights.
        """
        notes = np.zeros(n, bool) if self.repertoire is None else self.repertoire.places(step, n)
        new = n - int(notes.sum())
        chosen = rng.permutation(np.arange(max(new, len(self.rows))) % len(self.rows))[:new]
        x0 = np.reshape([augmented(self.latents[i], self.rows[i], rng) for i in chosen], (new, *self.latents.shape[1:]))
        captions = ["" if rng.random() < self._dropout else self.rows[i]["text"] for i in chosen]
        t = stratified_timesteps(new, len(self.alphas_bar), noise_source)
        t = t[torch.randperm(new, generator=noise_source)]
        noise = torch.randn(x0.shape, generator=noise_source)
        seen, to_say = self.noised(torch.from_numpy(x0).float(), noise, t)
        if not notes.any():
            return captions, t, seen, to_say, self.weights(t)
        other_captions, other_t, x_t, said = self.repertoire.take(step, n)
        pairs = (t, other_t), (seen, x_t), (to_say, said), (self.weights(t), NOTE * self.weights(other_t))
        order = np.argsort(np.argsort(notes, kind="stable"))  # new examples and notes back to their places
        t, seen, to_say, counted = (torch.cat(pair)[order] for pair in pairs)
        return [(captions + other_captions)[i] for i in order], t, seen, to_say, counted

    @property
    def _dropout(self) -> float:
        return self.tuning.caption_dropout or 0.0

    def noised(self, x0: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Add `noise` to the latents `x0` at timesteps `t`, and give the target: see `riffkit.training.denoising`."""
        return noised(x0, noise, self.alphas_bar[t], self.prediction_type)

    def errors(
        self,
        module: Any,
        device: torch.device,
        noisy: torch.Tensor,
        t: torch.Tensor,
        words: torch.Tensor,
        target: torch.Tensor,
    ) -> torch.Tensor:
        """Compute the mean squared error of the prediction of each example.

        Parameters
        ----------
        module : Denoiser
        device : torch.device
            Where it is.
        noisy, target : torch.Tensor [shape=(n, channels, rows, columns)]
        t : torch.Tensor [shape=(n,), int64]
        words : torch.Tensor
            From `embedded`.

        Returns
        -------
        torch.Tensor [shape=(n,), float32, on the device]
        """
        predicted = module(noisy.to(device), t.to(device), words.to(device)).float()
        return (predicted - target.to(device)).pow(2).mean(dim=(1, 2, 3))

    def weights(self, t: torch.Tensor) -> torch.Tensor:
        """Compute the loss weights of timesteps `t` [shape=(n,)]: Min-SNR, or all 1 without `snr_gamma`."""
        if self.tuning.snr_gamma is None:
            return torch.ones(len(t))
        alpha_bar = self.alphas_bar[t]
        return min_snr_weights(alpha_bar / (1 - alpha_bar), self.tuning.snr_gamma, self.prediction_type)

    def embedded(self, captions: Sequence[str]) -> torch.Tensor:
        """Look up what the module takes as words for `captions`: embeddings, or tokens if the text encoder learns."""
        if self.words is None:
            return tokens_of(self.base.tokenizer, captions)
        return equally_long([self.words[caption] for caption in captions])


def augmented(latent: np.ndarray, row: Mapping[str, Any], rng: np.random.Generator) -> np.ndarray:
    """Augment a latent: a loop begins at another of its beats, or half way round; what is no loop stays as it is.

    Parameters
    ----------
    latent : np.ndarray [shape=(channels, rows, columns)]
    row : dict
        Of the data set: `loop`, and `bars` (of four beats) or `bpm`.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray, like `latent`
    """
    if not row.get("loop"):
        return latent
    beats = row["bars"] * 4 if row.get("bars") else round(float(row.get("bpm") or 0) * LOOP_SECONDS / 60)
    return turned(latent, beats, rng)
