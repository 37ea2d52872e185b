"""How to fine-tune: every setting with what it does, and what those that were left open stand for."""

from dataclasses import dataclass, replace

from riffkit.training.finetune.optimizers import OPTIMIZERS
from riffkit.training.finetune.preservation import others

METHODS = ("lora", "full", "word")
LARGE = 2e8  # parameters of a UNet from which on the learning rates of full-size checkpoints are the default


@dataclass(frozen=True)
class Tuning:
    """How to fine-tune.

    Parameters
    ----------
    method : str
        "lora" (a small file beside the checkpoint), "full" (a whole new checkpoint), or "word" (only what one new word
        means; the captions are not read).
    word, like : str or None
        For "word": what will stand for the sound, such as "<sitar>", and words to start from, such as "guitar".
    rank : int
        Of the LoRA: how much it can learn.
    reach : str
        "attention", or "all" for the convolutions too. None takes "all" for small UNets, "attention" for large.
    text_encoder : bool
        Give the text encoder a LoRA as well, which learns at half the rate.
    n_steps : int
    batch : int
        Pictures at once, in each process.
    accumulation : int
        Parts that a step is computed in, one after the other: like a larger batch, without its memory.
    learning_rate : float or None
        None takes, for a LoRA, 1e-4 for large UNets and 2e-3 for small; a tenth of that for "full", for "word" 1e-3
        and 5e-3.
    warmup : int or None
        Steps until it is reached; then it falls along a cosine. None takes a tenth of all steps, 20 at most.
    snr_gamma : float or None
        Min-SNR weighting (5 is usual); None weighs all timesteps alike.
    caption_dropout : float [0..1] or None
        How often the words are left out, which guidance needs. None takes 0.1; and 0 with `preserve`, as what the model
        plays without words is among the other things.
    preserve : float [0..1)
        Share of the examples that are about other things, where the model is to say what it said before: so that
        prompts about other things stay where they were. 0 lets it forget. Not for "word", which changes nothing else.
    repertoire : tuple of str
        Prompts for these other things. Empty takes a list of instruments and styles, without what the captions are
        about.
    ema_decay : float
        Of the averaged weights, which are what is saved.
    gradient_checkpointing : bool
        Much less memory for about a third more time.
    optimizer : str
        "adam"; on a GPU whose memory is short "adam8bit" (its moments in a quarter of the memory; needs the package
        bitsandbytes), or "offload" (moments and averages in the main memory; slower). They count most for "full".
    mixed_precision : str or None
        "bf16", "fp16" or "no"; None takes what the device calculates fastest in.
    seed : int
    prompts : tuple of str
        Played at every checkpoint, with the base model's sound beside it. Empty takes three captions.
    checkpoint_every : int
        Steps.
    validation_steps : int
        Denoising steps of what is played; 0 plays nothing.
    """

    method: str = "lora"
    word: str | None = None
    like: str | None = None
    rank: int = 8
    reach: str | None = None
    text_encoder: bool = False
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

    def __post_init__(self):
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method!r}; expected one of {', '.join(METHODS)}")
        if self.optimizer not in OPTIMIZERS:
            raise ValueError(f"optimizer is {self.optimizer!r}; expected one of {', '.join(OPTIMIZERS)}")
        for name in ("n_steps", "batch", "accumulation", "checkpoint_every"):
            if not (isinstance(getattr(self, name), int) and getattr(self, name) >= 1):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected a whole number from 1")
        if self.method == "word" and not (self.word and self.like):
            raise ValueError("method 'word' needs word='<name>' and like='words to start from'")
        if self.method == "word" and self.text_encoder:
            raise ValueError("method 'word' changes nothing but the word; leave text_encoder out")
        if self.caption_dropout is not None and not 0 <= self.caption_dropout <= 1:
            raise ValueError(f"caption_dropout is {self.caption_dropout!r}; expected 0..1")
        if not 0 <= self.preserve < 1:
            raise ValueError(f"preserve is {self.preserve!r}; expected a share of the examples, 0 or more and below 1")
        for name in ("prompts", "repertoire"):
            if isinstance(getattr(self, name), str):
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; expected several, such as ({getattr(self, name)!r},)"
                )
            object.__setattr__(self, name, tuple(getattr(self, name)))


def completed(tuning, base, dataset):
    """The tuning with every None replaced by what it stands for."""
    size = sum(parameter.numel() for parameter in base.unet.parameters())
    reach = tuning.reach or ("attention" if size > LARGE else "all")
    rates = {"lora": (1e-4, 2e-3), "full": (1e-5, 2e-4), "word": (1e-3, 5e-3)}
    rate = tuning.learning_rate or rates[tuning.method][size < LARGE]
    rows = dataset.rows["validation"] or dataset.rows["train"]
    prompts = tuning.prompts or tuple(dict.fromkeys(row["text"] for row in rows))[:3]
    warmup = min(20, tuning.n_steps // 10) if tuning.warmup is None else tuning.warmup
    preserve = 0.0 if tuning.method == "word" else tuning.preserve
    dropout = (0.0 if preserve else 0.1) if tuning.caption_dropout is None else tuning.caption_dropout
    captions = [row["text"] for row in dataset.rows["train"]]
    repertoire = (tuning.repertoire or others(captions)) if preserve else ()
    return replace(tuning, reach=reach, learning_rate=rate, warmup=warmup, prompts=prompts, caption_dropout=dropout,
                   preserve=preserve, repertoire=repertoire)  # fmt: skip
