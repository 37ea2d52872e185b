"""The settings of a fine-tuning: what each does, and what those that were left open stand for."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.emphasis import check_letters, check_prompt, escape
from riffkit.training.data.dataset import Dataset
from riffkit.training.finetune.lora import REACHES
from riffkit.training.finetune.optimizers import OPTIMIZERS
from riffkit.training.finetune.other_prompts import others

METHODS = ("lora", "full", "word")
PRECISIONS = ("bf16", "fp16", "no")
SHOWN = 2000  # letters of a caption that is played
LARGE = 2e8  # parameters of a UNet from which on the learning rates of full-size checkpoints are the default


@dataclass(frozen=True)
class Tuning:
    """How to fine-tune: the settings of `riffkit.finetune`, checked when they are made.

    Parameters
    ----------
    method : str
        "lora" (default; a small file beside the checkpoint), "full" (a whole new checkpoint), or "word" (only what one
        new word means; the captions are not read).
    word, like : str or None
        For "word": what will stand for the sound, such as "<sitar>", and words to start from, such as "guitar".
    rank : int, >= 1
        Of the LoRA: how much it can learn; 4 to 64 are usual. Default 8.
    reach : str or None
        "attention", or "all" for the convolutions too. None takes "all" for small UNets, "attention" for large.
    text_encoder : bool
        Give the text encoder a LoRA as well, which learns at half the rate. Default False.
    start : str, Path or None
        A finished LoRA of the same checkpoint, rank and reach to go on with: a .safetensors file, or the output of a
        fine-tuning. None (default) begins with nothing.
    n_steps : int, >= 1
        Default 400.
    batch : int, >= 1
        Pictures at once, in each process. Default 8.
    accumulation : int, >= 1
        Parts that a step is computed in, one after the other: like a larger batch, without its memory. Default 1.
    learning_rate : float or None, > 0
        None takes, for a LoRA, 1e-4 for large UNets and 2e-3 for small; a tenth of that for "full", for "word" 1e-3
        and 5e-3.
    warmup : int or None, >= 0
        Steps until it is reached; then it falls along a cosine. None takes a tenth of all steps, 20 at most.
    snr_gamma : float or None, > 0
        Min-SNR weighting (default 5, as is usual); None weighs all timesteps alike.
    caption_dropout : float [0..1] or None
        How often the words are left out, which guidance needs. None takes 0.1; and 0 with `preserve`, as what the model
        plays without words is among the other things.
    preserve : float [0..1)
        Share of the examples that are about other things, where the model is to say what it said before: so that
        prompts about other things stay where they were. Default 0.5; 0 lets it forget. Not for "word", which changes
        nothing else.
    repertoire : tuple of str
        Prompts for these other things. Empty takes a list of instruments and styles, without what the captions are
        about.
    ema_decay : float [0..1)
        Of the averaged weights, which are what is saved. Default 0.99.
    gradient_checkpointing : bool
        Much less memory for about a third more time. Default False.
    optimizer : str
        "adam" (default); on a GPU whose memory is short "adam8bit" (its moments in a quarter of the memory; needs the
        package bitsandbytes). It counts most for "full".
    mixed_precision : str or None
        "bf16", "fp16" or "no"; None takes what the device calculates fastest in.
    seed : int, >= 0
        Default 0.
    prompts : tuple of str
        Played at every checkpoint, with the base model's sound beside it. Empty takes three captions.
    checkpoint_every : int, >= 1
        Steps. Default 100.
    validation_steps : int [0..1000]
        Denoising steps of what is played; 0 plays nothing. Default 20.
    """

    method: str = "lora"
    word: str | None = None
    like: str | None = None
    rank: int = 8
    reach: str | None = None
    text_encoder: bool = False
    start: str | Path | None = None
    n_steps: int = 400
    batch: int = 8
    accumulation: int = 1
    learning_rate: float | None = None
    warmup: int | None = None
    snr_gamma: float | None = 5.0
    caption_dropout: float | None = None
    preserve: float = 0.5
    repertoire: tuple[str, ...] = ()
    ema_decay: float = 0.99
    gradient_checkpointing: bool = False
    optimizer: str = "adam"
    mixed_precision: str | None = None
    seed: int = 0
    prompts: tuple[str, ...] = ()
    checkpoint_every: int = 100
    validation_steps: int = 20

    def __post_init__(self) -> None:
        for name in ("prompts", "repertoire"):
            if isinstance(getattr(self, name), str):
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; expected several, such as ({getattr(self, name)!r},)"
                )
            object.__setattr__(self, name, tuple(getattr(self, name)))
        self._check_choices()
        self._check_numbers()
        if self.method == "word" and not (self.word and self.like):
            raise ValueError("method 'word' needs word='<name>' and like='words to start from'")
        if self.method == "word" and self.text_encoder:
            raise ValueError("method 'word' changes nothing but the word; leave text_encoder out")
        if self.start is not None and self.method != "lora":
            raise ValueError(f"start is {str(self.start)!r}, a LoRA, but method is {self.method!r}; expected 'lora'")
        for prompt in self.prompts:
            check_prompt(prompt, "prompts")
        for prompt in self.repertoire:  # these are plain text, as captions are
            if not (isinstance(prompt, str) and prompt.strip()):
                raise ValueError(f"repertoire holds {prompt!r}; expected prompts, such as 'slow piano'")
            check_letters(prompt, "repertoire")

    def _check_choices(self) -> None:
        choices = (("method", METHODS), ("optimizer", OPTIMIZERS), ("reach", (None, *REACHES)),
                   ("mixed_precision", (None, *PRECISIONS)))  # fmt: skip
        for name, allowed in choices:
            if getattr(self, name) not in allowed:
                named = ", ".join(str(one) for one in allowed)
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {named}")

    def _check_numbers(self) -> None:
        for name in ("n_steps", "batch", "accumulation", "checkpoint_every", "rank"):
            if not _is_whole(getattr(self, name), 1):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected a whole number from 1")
        for name in ("seed", "validation_steps", "warmup"):
            value = getattr(self, name)
            if not (_is_whole(value, 0) or (name == "warmup" and value is None)):
                raise ValueError(f"{name} is {value!r}; expected a whole number from 0")
        if self.validation_steps > 1000:
            raise ValueError(f"validation_steps is {self.validation_steps}; expected 1000 at most (20 are usual)")
        for name in ("learning_rate", "snr_gamma"):
            value = getattr(self, name)
            if value is not None and not 0 < value < math.inf:
                raise ValueError(f"{name} is {value!r}; expected a number above 0, or None")
        if self.caption_dropout is not None and not 0 <= self.caption_dropout <= 1:
            raise ValueError(f"caption_dropout is {self.caption_dropout!r}; expected 0..1")
        if not 0 <= self.ema_decay < 1:
            raise ValueError(f"ema_decay is {self.ema_decay!r}; expected 0 or more and below 1")
        if not 0 <= self.preserve < 1:
            raise ValueError(f"preserve is {self.preserve!r}; expected a share of the examples, 0 or more and below 1")


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def completed(tuning: Tuning, base: Checkpoint, dataset: Dataset) -> Tuning:
    """Replace every setting that was left open by what it stands for.

    Parameters
    ----------
    tuning : Tuning
    base : Checkpoint
        Its size decides on learning rate and reach.
    dataset : Dataset
        Its captions give prompts, and what the repertoire leaves out.

    Returns
    -------
    Tuning
    """
    size = sum(parameter.numel() for parameter in base.unet.parameters())
    reach = tuning.reach or ("attention" if size > LARGE else "all")
    rates = {"lora": (1e-4, 2e-3), "full": (1e-5, 2e-4), "word": (1e-3, 5e-3)}
    rate = tuning.learning_rate or rates[tuning.method][size < LARGE]
    rows = dataset.rows["validation"] or dataset.rows["train"]
    prompts = tuning.prompts or tuple(escape(text[:SHOWN]) for text in dict.fromkeys(row["text"] for row in rows))[:3]
    warmup = min(20, tuning.n_steps // 10) if tuning.warmup is None else tuning.warmup
    preserve = 0.0 if tuning.method == "word" else tuning.preserve
    dropout = (0.0 if preserve else 0.1) if tuning.caption_dropout is None else tuning.caption_dropout
    captions = [row["text"] for row in dataset.rows["train"]]
    repertoire = (tuning.repertoire or others(captions)) if preserve else ()
    return replace(tuning, reach=reach, learning_rate=rate, warmup=warmup, prompts=prompts, caption_dropout=dropout,
                   preserve=preserve, repertoire=repertoire)  # fmt: skip
