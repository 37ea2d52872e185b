"""Fine-tuning on a data set of one's own: a LoRA, all of the UNet, or one new word; heard at every checkpoint.

    riffkit finetune my-data --output my-lora       again, after an interruption, to go on

Under `accelerate launch` the same command runs on several GPUs or machines.
"""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from accelerate import PartialState
from accelerate.utils import parse_flag_from_env

from riffkit.models.checkpoint import Checkpoint, load_checkpoint, quiet_libraries
from riffkit.models.files import EMBEDDED
from riffkit.models.memory import Memory
from riffkit.models.textual_inversion import save_word
from riffkit.progress import Progress, Reporter, notice, shown
from riffkit.training.data.dataset import Dataset, open_dataset
from riffkit.training.denoising import Denoiser
from riffkit.training.finetune.batches import Batches
from riffkit.training.finetune.config import Tuning, completed
from riffkit.training.finetune.cost import estimate_run
from riffkit.training.finetune.encoding import cached_latents, check_pictures, embed_captions
from riffkit.training.finetune.lora import add_lora, add_text_lora, save_lora
from riffkit.training.finetune.memory_layout import settle
from riffkit.training.finetune.model_card import save_full, write_card
from riffkit.training.finetune.optimizers import check_optimizer, make_adam
from riffkit.training.finetune.preservation import Repertoire
from riffkit.training.finetune.start import print_of, start_lora
from riffkit.training.finetune.textual_inversion import NewWord
from riffkit.training.finetune.trackers import checked_tracker
from riffkit.training.finetune.validation import Rehearsal
from riffkit.training.finetune.words import said_of_length
from riffkit.training.output_folder import check_output, claimed
from riffkit.training.trainer import Group, Trainer
from riffkit.training.trainer_config import TrainerConfig, check_precision, cosine_with_warmup, fastest_precision


def finetune(
    dataset: str | Path | Dataset,
    output: str | Path,
    tuning: Tuning | None = None,
    *,
    checkpoint: str | Path = EMBEDDED,
    cpu: bool = False,
    tracker: str | None = "tensorboard",
    say: Callable[[str], object] | None = None,
    progress: Progress = None,
) -> Path:
    """Fine-tune a checkpoint on a data set, or go on doing so after an interruption.

    What is given is checked before anything is done or written. Killed at any moment and called again it ends with the
    same bits as if it had not been (in one process).

    Parameters
    ----------
    dataset : str, Path or Dataset
        From `build_dataset`.
    output : str or Path
        A new folder, or that of an interrupted call with the same data, checkpoint and tuning.
    tuning : Tuning or None
        How to fine-tune; None takes the defaults of `Tuning`, a LoRA in 400 steps.
    checkpoint : str or Path
        As in `riffkit.load`: "mini" (default), a folder, or a Hub id.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    tracker : str or None
        One that accelerate knows and that is installed; "tensorboard" (default) is left out where it is not.
    say : callable or None
        Gets what is worth telling: the estimate before it starts, and losses at checkpoints (strings).
    progress : callable, bool or None
        Gets (steps done, steps in all, None); None shows a bar in terminals and notebooks.

    Returns
    -------
    pathlib.Path
        `pytorch_lora_weights.safetensors`, for `riffer.with_lora` and stock diffusers; for "full" the folder of the new
        checkpoint; for "word" `learned_embeds.safetensors`. Beside it `README.md` (a card), and `validation/` to listen
        to.

    Raises
    ------
    ValueError, TypeError, FileNotFoundError
        If the data set or the checkpoint is no such thing, the two do not fit together, a value is wrong, or the output
        was begun with other settings.
    FileExistsError
        If the output holds something else.
    ImportError
        If peft, bitsandbytes or the tracker is needed and not installed.
    MemoryError
        If the device cannot hold it; the message says what would fit.
    OSError
        If the disk is full; what was done is kept, and the same call goes on.

    References
    ----------
    Taught in notebooks/05_fine_tuning.ipynb.
    """
    output, tuning = Path(output), tuning or Tuning()
    if not isinstance(tuning, Tuning):
        raise TypeError(f"tuning is {tuning!r}; expected a Tuning")
    tracker, untracked = checked_tracker(tracker)
    check_optimizer(tuning.optimizer)
    dataset = dataset if isinstance(dataset, Dataset) else open_dataset(dataset)
    with shown(progress, "practice") as reporter:
        # the first of these decides for the whole process whether it is one of several
        PartialState(cpu=cpu or parse_flag_from_env("ACCELERATE_USE_CPU"))
        check_precision(tuning.mixed_precision, PartialState().device)
        base = load_checkpoint(checkpoint, device="cpu", dtype="float32", memory=Memory())
        check_pictures(base, dataset)
        if tuning.method == "word":
            dataset = _called(dataset, str(tuning.word))
        tuning = completed(tuning, base, dataset)
        captions = [row["text"] for rows in dataset.rows.values() for row in rows]
        for odd in filter(None, (untracked, said_of_length(base.tokenizer, [*captions, *tuning.repertoire]))):
            (say or notice)(odd)
        settings = _settings(tuning, base, dataset)
        model, groups = prepare(base, tuning)
        with contextlib.ExitStack() as mine:
            with PartialState().main_process_first():
                if PartialState().is_main_process:
                    mine.enter_context(claimed(output, "finetune.json", settings))
                else:
                    check_output(output, "finetune.json", settings)
            mine.enter_context(quiet_libraries())
            run = _Run(dataset, output, tuning, base, model, say or (lambda text: None), reporter)
            return run.practise(groups, cpu, tracker)


@dataclasses.dataclass
class _Run:
    """What the steps of one fine-tuning share."""

    dataset: Dataset
    output: Path
    tuning: Tuning
    base: Checkpoint
    model: Denoiser
    say: Callable[[str], object]
    progress: Reporter | None

    def practise(self, groups: Sequence[Group], cpu: bool, tracker: str | None) -> Path:
        """Train `groups` of parameters (on the `cpu`, with this `tracker`), validate, save; the path of the weights."""
        tuning, base = self.tuning, self.base
        precision = tuning.mixed_precision or fastest_precision(cpu)
        latents = cached_latents(self.output, base, self.dataset, self.progress)
        learns_words = self.model.text_encoder is not None
        words = None if learns_words else embed_captions(base, self.dataset, tuning.repertoire)
        settle(base.unet, base.text_encoder, precision=precision, device=PartialState().device)
        trainer = self._trainer(groups, precision, cpu, tracker)
        repertoire = None
        if tuning.preserve:
            repertoire = Repertoire(self.output, base, tuning, latents["train"].shape[-1], trainer.drawn(tuning.batch))
        batches = Batches(self.dataset, latents["train"], base, tuning, words, repertoire)
        rehearsal = Rehearsal(self.output, base, self.model, trainer, batches, latents, tuning)
        with contextlib.closing(trainer):
            if trainer.step == 0:
                self._begin(trainer, batches, repertoire, rehearsal)
            elif repertoire:
                repertoire.check()
            for step in trainer.steps(self.progress):
                if step and step % tuning.checkpoint_every == 0:
                    trainer.save()
                    self.say(rehearsal.play(step))
                trainer.learn(batches.losses(trainer, step))
            if not trainer.is_main:
                return self.output
            self.say(rehearsal.play(tuning.n_steps, averaged=True))
        made = self._save()
        write_card(self.output, made, base, self.dataset, tuning)
        return made

    def _trainer(self, groups: Sequence[Group], precision: str, cpu: bool, tracker: str | None) -> Trainer:
        tuning = self.tuning
        config = TrainerConfig(
            tuning.n_steps, tuning.learning_rate or 0.0, warmup=tuning.warmup or 0, schedule=cosine_with_warmup,
            ema_decay=tuning.ema_decay, accumulation=tuning.accumulation, mixed_precision=precision, cpu=cpu,
            seed=tuning.seed, save_every=120.0, log_every=10, timed=False,
        )  # fmt: skip
        make_optimizer = functools.partial(make_adam, kind=tuning.optimizer)
        return Trainer("run", self.output, self.model, groups, config, make_optimizer=make_optimizer, tracker=tracker)

    def _begin(self, trainer: Trainer, batches: Batches, repertoire: Repertoire | None, rehearsal: Rehearsal) -> None:
        once = repertoire.play(trainer, most=1) if repertoire else 0.0
        self.say(str(estimate_run(trainer, batches, self.tuning, self.output, once)))
        if repertoire:
            repertoire.play(trainer, progress=self.progress)
        rehearsal.play_base()

    def _save(self) -> Path:
        tuning, base = self.tuning, self.base
        if tuning.method == "full":
            return save_full(self.output, base)
        if tuning.method == "word":
            return save_word(self.output, str(tuning.word), self.model.text_encoder.vector)
        return save_lora(self.output, base.unet, base.text_encoder if tuning.text_encoder else None)


def prepare(base: Checkpoint, tuning: Tuning) -> tuple[Denoiser, list[Group]]:
    """Choose what learns, in place: add LoRA layers or a new word, freeze the rest.

    Parameters
    ----------
    base : Checkpoint
        Changed in place.
    tuning : Tuning
        Completed.

    Returns
    -------
    model : Denoiser
        The module that is trained.
    groups : list of dict
        Parameter groups for `Trainer`, with the factors of their learning rates.
    """
    base.vae.requires_grad_(False)
    base.text_encoder.requires_grad_(False)
    text_encoder = base.text_encoder if tuning.text_encoder else None
    if tuning.method == "full":
        base.unet.requires_grad_(True)
        learning = list(base.unet.parameters())
    elif tuning.method == "word":
        base.unet.requires_grad_(False)
        text_encoder = NewWord(base, str(tuning.word), str(tuning.like))
        learning = [text_encoder.vector]
    else:
        learning = add_lora(base.unet, rank=tuning.rank, reach=tuning.reach or "attention", seed=tuning.seed)
    groups: list[Group] = [{"params": learning}]
    if tuning.text_encoder:
        words = add_text_lora(base.text_encoder, rank=tuning.rank, seed=tuning.seed)
        groups.append({"params": words, "factor": 0.5})
    if tuning.start is not None:
        start_lora(base, tuning.start, text_encoder=tuning.text_encoder)
    if tuning.gradient_checkpointing:
        base.unet.enable_gradient_checkpointing()
    model = Denoiser(base.unet, text_encoder)
    model.train()
    return model, groups


def _settings(tuning: Tuning, base: Checkpoint, dataset: Dataset) -> dict[str, Any]:
    """What a call must have in common with the one that began its output folder."""
    plain = dataclasses.asdict(tuning)
    if tuning.start is not None:  # what it is, not where it lies: settings are told in cards
        plain["start"] = print_of(tuning.start)
    return {
        "tuning": plain,
        "checkpoint": base.hash,
        "data": [[row["path"].name, row["text"]] for rows in dataset.rows.values() for row in rows],
    }


def _called(dataset: Dataset, word: str) -> Dataset:
    """The data set with one word for every caption."""
    return replace(dataset, rows={s: [{**row, "text": word} for row in rows] for s, rows in dataset.rows.items()})
