"""Fine-tuning on a data set of one's own: a LoRA, all of the UNet, or one new word; heard at every checkpoint.

    riffkit finetune my-data --output my-lora       again, after an interruption, to go on

Under `accelerate launch` the same command runs on several GPUs or machines.
"""

import contextlib
import dataclasses
import json
from dataclasses import replace
from pathlib import Path

from accelerate import PartialState
from accelerate.utils import parse_flag_from_env
from safetensors import SafetensorError
from torch import nn

from riffkit.models.checkpoint import load_checkpoint, quiet_libraries
from riffkit.models.files import EMBEDDED
from riffkit.models.memory import Memory
from riffkit.models.textual_inversion import save_word
from riffkit.progress import shown
from riffkit.sound.files import replacing
from riffkit.training.data.dataset import open_dataset
from riffkit.training.finetune.batches import Batches, cached_latents, embed_captions
from riffkit.training.finetune.config import Tuning, completed
from riffkit.training.finetune.cost import estimate_run
from riffkit.training.finetune.lora import add_lora, add_text_lora, save_lora
from riffkit.training.finetune.memory_layout import settle
from riffkit.training.finetune.model_card import save_full, write_card
from riffkit.training.finetune.preservation import Repertoire
from riffkit.training.finetune.textual_inversion import NewWord
from riffkit.training.finetune.tuner import Tuner
from riffkit.training.finetune.validation import Rehearsal
from riffkit.training.trainer import fastest_precision


def finetune(dataset, output, tuning=None, *, checkpoint=EMBEDDED, cpu=False, tracker="tensorboard", say=None,
             progress=None):  # fmt: skip
    """Fine-tune a checkpoint on a data set, or go on doing so after an interruption.

    Killed at any moment and called again it ends with the same bits as if it had not been (in one process).

    Parameters
    ----------
    dataset : path or Dataset
        From `build_dataset`.
    output : path
        A new folder, or that of an interrupted call with the same data, checkpoint and tuning.
    tuning : Tuning or None
    checkpoint : str or path
        As in `riffkit.load`.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    tracker : str or None
        One that accelerate knows; "tensorboard" is left out if it is not installed.
    say : callable or None
        Gets what is worth telling: the estimate before it starts, and losses at checkpoints (strings).
    progress : callable, bool or None
        Gets (step, total, None); None shows a bar in terminals and notebooks.

    Returns
    -------
    pathlib.Path
        `pytorch_lora_weights.safetensors`, for `riffer.with_lora` and stock diffusers; for "full" the folder of the new
        checkpoint; for "word" `learned_embeds.safetensors`. Beside it `README.md` (a card), and `validation/` to listen
        to.

    Raises
    ------
    ValueError, FileNotFoundError
        If the data set or the checkpoint is no such thing, the two do not fit together, or the output was begun with
        other settings.
    FileExistsError
        If the output holds something else.
    MemoryError
        If the device cannot hold it; the message says what would fit.
    OSError
        If the disk is full; what was done is kept, and the same call goes on.
    """
    tuning, say = tuning or Tuning(), say or (lambda text: None)
    dataset = dataset if hasattr(dataset, "rows") else open_dataset(dataset)
    output = Path(output)
    # the first of these decides for the whole process whether it is one of several
    PartialState(cpu=cpu or parse_flag_from_env("ACCELERATE_USE_CPU"))
    base = load_checkpoint(checkpoint, device="cpu", dtype="float32", memory=Memory())
    if tuning.method == "word":
        dataset = _called(dataset, tuning.word)
    tuning = completed(tuning, base, dataset)
    with PartialState().main_process_first():
        _claim(output, tuning, base, dataset)
    with quiet_libraries(), _told_if_full(output), shown(progress, "practice") as progress:
        return _practise(dataset, output, tuning, base, cpu, tracker, say, progress)


def _practise(dataset, output, tuning, base, cpu, tracker, say, progress):
    precision = tuning.mixed_precision or fastest_precision(cpu)
    model, groups = prepare(base, tuning)
    latents = cached_latents(output, base, dataset, progress)
    words = None if model.text_encoder is not None else embed_captions(base, dataset, tuning.repertoire)
    settle(base.unet, base.text_encoder, precision=precision, device=PartialState().device)
    trainer = Tuner(
        output, model, groups, n_steps=tuning.n_steps, learning_rate=tuning.learning_rate, warmup=tuning.warmup,
        ema_decay=tuning.ema_decay, accumulation=tuning.accumulation, optimizer=tuning.optimizer, seed=tuning.seed,
        cpu=cpu, tracker=_installed(tracker), mixed_precision=precision,
    )  # fmt: skip
    repertoire = None
    if tuning.preserve:
        width, drawn = latents["train"].shape[-1], trainer.drawn(tuning.batch)
        repertoire = Repertoire(output, base, tuning, width, drawn)
    batches = Batches(dataset, latents["train"], base, tuning, words, repertoire)
    rehearsal = Rehearsal(output, base, model, trainer, batches, latents, tuning)
    with contextlib.closing(trainer):
        if trainer.step == 0:
            once = repertoire.play(trainer, most=1) if repertoire else 0.0
            say(str(estimate_run(trainer, batches, tuning, output, once)))
            if repertoire:
                repertoire.play(trainer, progress=progress)
            rehearsal.play_base()
        for step in trainer.steps(progress):
            if step and step % tuning.checkpoint_every == 0:
                trainer.save()
                say(rehearsal.play(step))
            trainer.learn_in_parts(batches.losses(trainer, step))
        if not trainer.is_main:
            return output
        say(rehearsal.play(tuning.n_steps, averaged=True))
    if tuning.method == "full":
        made = save_full(output, base)
    elif tuning.method == "word":
        made = save_word(output, tuning.word, model.text_encoder.vector)
    else:
        made = save_lora(output, base.unet, base.text_encoder if tuning.text_encoder else None)
    write_card(output, made, base, dataset, tuning)
    return made


def prepare(base, tuning):
    """Make the parts learn that shall: the module that is trained, and groups of (parameters, factor of the rate)."""
    base.vae.requires_grad_(False)
    base.text_encoder.requires_grad_(False)
    if tuning.method == "full":
        base.unet.requires_grad_(True)
        learning = list(base.unet.parameters())
    elif tuning.method == "word":
        base.unet.requires_grad_(False)
        new_word = NewWord(base, tuning.word, tuning.like)
        learning = [new_word.vector]
    else:
        learning = add_lora(base.unet, rank=tuning.rank, reach=tuning.reach, seed=tuning.seed)
    groups = [{"params": learning}]
    if tuning.text_encoder:
        words = add_text_lora(base.text_encoder, rank=tuning.rank, seed=tuning.seed)
        groups.append({"params": words, "factor": 0.5})
    if tuning.gradient_checkpointing:
        base.unet.enable_gradient_checkpointing()
    text_encoder = new_word if tuning.method == "word" else base.text_encoder if tuning.text_encoder else None
    return Denoiser(base.unet, text_encoder).train(), groups


class Denoiser(nn.Module):
    """The UNet, and the text encoder if it learns too, as one module."""

    def __init__(self, unet, text_encoder=None):
        super().__init__()
        self.unet, self.text_encoder = unet, text_encoder

    def forward(self, noisy, timesteps, words):
        if self.text_encoder is not None:
            words = self.text_encoder(words)[0]
        return self.unet(noisy, timesteps, words).sample


def _claim(output, tuning, base, dataset):
    """Make the folder ours, or see that it is that of a call with the same data, checkpoint and tuning."""
    settings = {
        "tuning": json.loads(json.dumps(dataclasses.asdict(tuning))),
        "checkpoint": base.hash,
        "data": [[row["path"].name, row["text"]] for rows in dataset.rows.values() for row in rows],
    }
    kept = output / "finetune.json"
    if kept.exists():
        begun = json.loads(kept.read_text())
        other = [name for name in settings if begun.get(name) != settings[name]]
        if "tuning" in other:
            names = [k for k, v in settings["tuning"].items() if begun["tuning"].get(k) != v]
            raise ValueError(
                f"{output} was begun with another {names[0]} ({begun['tuning'].get(names[0])!r} instead of"
                f" {settings['tuning'][names[0]]!r}); use the same to go on, or name a new output"
            )
        if other:
            raise ValueError(f"{output} was begun with another {other[0]}; use the same to go on, or name a new output")
        return
    if output.exists() and (output.is_file() or any(output.iterdir())):
        raise FileExistsError(f"{output} exists and holds something else; name a new folder")
    output.mkdir(parents=True, exist_ok=True)
    with replacing(kept, True) as temporary:
        Path(temporary).write_text(json.dumps(settings))


@contextlib.contextmanager
def _told_if_full(output):
    """What could not be written is said in words, with the way out."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise OSError(
            f"writing to {output} stopped ({getattr(error, 'strerror', None) or error}); what was done is kept. If the"
            " disk is full, make room, then give the same command again: it goes on"
        ) from error


def _called(dataset, word):
    """The data set with one word for every caption."""
    return replace(dataset, rows={s: [{**row, "text": word} for row in rows] for s, rows in dataset.rows.items()})


def _installed(tracker):
    import importlib.util

    if tracker == "tensorboard" and not any(importlib.util.find_spec(n) for n in ("tensorboard", "tensorboardX")):
        return None
    return tracker
