"""Prior preservation: what a model plays already is noted down before it learns, and rehearsed while it does.

Before the first step the untouched model plays other things, from a list of prompts. At every denoising step of each we
note what it saw, at which timestep, under which words, and what it said. While it learns the new sound, a share of all
examples is taken from these notes, and the model is to say what it said then. They are the very inputs that it sees
when it plays, with and without the words; so no second model is needed, and no further recordings.

References
----------
Li & Hoiem, "Learning without forgetting", 2016. Ruiz et al., "DreamBooth: Fine tuning text-to-image diffusion models
for subject-driven generation", 2023 (prior preservation). Taught in notebooks/05_fine_tuning.ipynb.
"""

import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.sampling import denoise
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import Reporter, report
from riffkit.riffing.options import Options
from riffkit.sound.files import replacing
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.encoding import embedded, evaluating, lent
from riffkit.training.finetune.start import without_lora
from riffkit.training.finetune.words import equally_long
from riffkit.training.trainer import Trainer

Notes = tuple[list[str], torch.Tensor, torch.Tensor, torch.Tensor]

STEPS = 10  # of each playing; every one gives a note with the words and a note without


class Repertoire:
    """The notes of prior preservation, kept in `<output>/repertoire/`: one file for each prompt, written once.

    Parameters
    ----------
    output : str or Path
    base : Checkpoint
        Nothing in it may have learnt yet when `play` is called.
    tuning : Tuning
        Completed: its `preserve` is the share of each batch, its `repertoire` the prompts.
    width : int [latent cells]
        Columns of the latents that are learnt from; what is played is as wide.
    drawn : int
        Examples of a step, over all processes and parts. No more prompts are played than there is time to look at.
    """

    def __init__(self, output: str | Path, base: Checkpoint, tuning: Tuning, width: int, drawn: int) -> None:
        self.folder, self.base, self.width = Path(output) / "repertoire", base, width
        self.share, self.seed, self.begun = tuning.preserve, tuning.seed, tuning.start is not None
        most = math.ceil(tuning.n_steps * drawn * self.share / (2 * STEPS))
        self.prompts = list(tuning.repertoire)[:most]
        self.notes = {number: self._read(number) for number in range(len(self.prompts)) if self._path(number).exists()}

    def play(self, trainer: Trainer, most: int | None = None, progress: Reporter | None = None) -> float:
        """Sample every prompt that is not noted yet with the untouched model, and note what it predicts.

        Parameters
        ----------
        trainer : Trainer
            Its processes share the work; its precision is calculated in.
        most : int or None
            Prompts in each process at most.
        progress : callable or None
            Gets (prompts done, prompts in all, None).

        Returns
        -------
        float [s]
            That the rest will take.
        """
        self.folder.mkdir(exist_ok=True)
        mine = range(trainer.accelerator.process_index, len(self.prompts), trainer.accelerator.num_processes)
        missing = [number for number in mine if number not in self.notes]
        started, now = time.perf_counter(), missing[:most]
        with (
            lent(self.base, "unet", "text_encoder") as there,
            evaluating(there.unet),
            without_lora(there, self.begun),
            torch.no_grad(),
        ):
            for number in now:
                with trainer.accelerator.autocast():
                    self._write(number, _noted(there, self.prompts[number], self.seed * 1000 + number, self.width))
                report(progress, number, len(self.prompts))
        seconds = time.perf_counter() - started
        trainer.accelerator.wait_for_everyone()
        for number in range(len(self.prompts)):
            if number not in self.notes and self._path(number).exists():
                self.notes[number] = self._read(number)
        return seconds / max(len(now), 1) * (len(missing) - len(now))

    def places(self, step: int, n: int) -> np.ndarray:
        """Choose which examples of a step are notes: evenly spread, whatever processes and parts they go to.

        Parameters
        ----------
        step : int, >= 0
        n : int
            Examples of each step.

        Returns
        -------
        np.ndarray [shape=(n,), bool]
        """
        numbers = step * n + np.arange(n)
        return np.floor((numbers + 1) * self.share) > np.floor(numbers * self.share)

    def take(self, step: int, n: int) -> Notes:
        """Take the notes of a step: each is taken once before any is taken again.

        Parameters
        ----------
        step : int, >= 0
        n : int
            Examples of each step; a share of them, k, are notes.

        Returns
        -------
        captions : list of str
        t : torch.Tensor [shape=(k,), int64]
        x_t, said : torch.Tensor [shape=(k, channels, rows, columns), float32]
        """
        first, last = (math.floor(number * n * self.share) for number in (step, step + 1))
        order = np.random.default_rng(self.seed).permutation(self.size)
        return self._at(order[np.arange(first, last) % self.size])

    def some(self, most: int) -> Notes:
        """Take at most `most` notes, always the same, from all of the list; returns what `take` does."""
        return self._at(np.linspace(0, self.size - 1, min(most, self.size)).astype(int))

    @property
    def size(self) -> int:
        """Number of notes."""
        return 2 * STEPS * len(self.notes)

    @property
    def disk(self) -> int:
        """Bytes of all notes, when all are there; at least one must be."""
        one = next(iter(self.notes.values()))
        return len(self.prompts) * sum(values.nbytes for values in one.values())

    def _at(self, places: np.ndarray) -> Notes:
        numbers = sorted(self.notes)
        captions, t, x_t, said = [], [], [], []
        for playing, step, with_words in zip(*np.unravel_index(places, (len(numbers), STEPS, 2)), strict=True):
            note = self.notes[numbers[playing]]
            captions.append(self.prompts[numbers[playing]] if with_words else "")
            t.append(int(note["t"][step]))
            x_t.append(note["x_t"][step])
            said.append(note["said"][step, with_words])
        seen, target = (torch.from_numpy(np.stack(one)).float() for one in (x_t, said))
        return captions, torch.tensor(t), seen, target

    def _path(self, number: int) -> Path:
        return self.folder / f"{number}.safetensors"

    def check(self) -> None:
        """Raise the ValueError that says which notes are missing: what has begun to learn cannot be asked again."""
        missing = [number for number in range(len(self.prompts)) if number not in self.notes]
        if missing:
            raise ValueError(
                f"{self._path(missing[0])} is not there (any more), and cannot be made after learning has begun; put it"
                f" back, or remove {self.folder.parent} to begin again"
            )

    def _read(self, number: int) -> dict[str, np.ndarray]:
        path = self._path(number)
        try:
            note = load_file(path)
        except (SafetensorError, ValueError, KeyError) as error:
            raise ValueError(f"{path} is damaged ({error}); remove {self.folder.parent} to begin again") from None
        seen = note["x_t"].shape if "x_t" in note else ()
        shapes = {name: note[name].shape for name in ("x_t", "t", "said") if name in note}
        if len(seen) != 4 or shapes != {"x_t": seen, "t": (STEPS,), "said": (STEPS, 2, *seen[1:])}:
            raise ValueError(f"{path} holds no notes of this training; remove {self.folder.parent} to begin again")
        if not all(np.isfinite(values).all() for values in note.values()):
            raise ValueError(f"{path} holds numbers that are not finite; remove {self.folder.parent} to begin again")
        return note

    def _write(self, number: int, note: dict[str, np.ndarray]) -> None:
        with replacing(self._path(number), True) as temporary:
            save_file(note, temporary)


def _noted(base: Checkpoint, prompt: str, seed: int, width: int) -> dict[str, np.ndarray]:
    """Play a prompt and note each step: what is seen, when, and what is said without and with the words."""
    known = embedded(base, ["", prompt])
    words = equally_long([known[""], known[prompt]]).to(base.device)
    guidance_scale, notes = Options().guidance_scale, []

    def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        without, with_words = base.unet(torch.cat([x, x]), t, words).sample.float()
        notes.append((x[0], t, torch.stack([without, with_words])))
        return (without + guidance_scale * (with_words - without))[None]

    scheduler = make_scheduler("ddim", base.scheduler_config, STEPS)
    denoise(predict, scheduler, draw_noise(base, seed, width))
    x_t, t, said = zip(*notes, strict=True)
    as_arrays = {"x_t": torch.stack(x_t).half(), "t": torch.stack(t), "said": torch.stack(said).half()}
    return {name: values.cpu().numpy() for name, values in as_arrays.items()}
