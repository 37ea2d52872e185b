"""Riffer: a loaded checkpoint and everything one can do with it."""

from dataclasses import replace
from pathlib import Path

import torch

from riffkit.diffusion.schedulers import SCHEDULERS
from riffkit.models.checkpoint import Checkpoint, load_checkpoint
from riffkit.models.configs import read_json
from riffkit.models.emphasis import check_prompt
from riffkit.models.files import EMBEDDED, LIVE
from riffkit.models.lora import hash_with, plain_and_loras, with_lora
from riffkit.models.memory import Memory
from riffkit.models.prompt import embed_prompt, warn_of_foreign_syntax, warn_of_unknown_words
from riffkit.models.textual_inversion import with_word
from riffkit.riffing import edit, generate, interpolate, plane, stream, walk
from riffkit.riffing.options import Options
from riffkit.riffing.recipes.replay import replay
from riffkit.riffing.recipes.schema import checked_recipe, short
from riffkit.riffing.riff import Riff
from riffkit.sound.display import show_pictures
from riffkit.sound.params import SpectrogramParams

LIVE_OPTIONS = Options(num_inference_steps=4, guidance_scale=1.0, scheduler="lcm")  # where a twin says nothing else


def load(
    checkpoint: str | Path = EMBEDDED,
    *,
    device: str | None = None,
    dtype: str | None = None,
    memory: Memory | None = None,
) -> "Riffer":
    """Load a checkpoint: the embedded model, a folder in diffusers' layout, or a Hub id.

    Parameters
    ----------
    checkpoint : str or Path
        "mini" (the embedded model), a folder, or an id on the Hub such as "owner/name" (which alone uses the network).
    device : str, optional
        Default: CUDA, else MPS, else the CPU.
    dtype : str, optional
        Default: fp16 on CUDA, bf16 on CPUs that calculate in it, else fp32.
    memory : Memory, optional
        Default: the least that makes the checkpoint fit, see `choose_memory`.

    Returns
    -------
    Riffer

    Raises
    ------
    FileNotFoundError, ValueError, OSError
        If files are missing or damaged, if weights are pickles, or if the Hub cannot be reached.

    Warns
    -----
    UserWarning
        If the device is too small for the checkpoint as it is: what is done about it.

    References
    ----------
    Taught in notebooks/02_inference.ipynb.
    """
    show_pictures()
    return Riffer(load_checkpoint(checkpoint, device=device, dtype=dtype, memory=memory))


class Riffer:
    """A checkpoint, ready to riff.

    What every way to riff takes means the same everywhere, and stands in the help of each: `seed` decides the noise,
    the same on every device; `strength` how free a run is from the picture it starts from; the six options of `Options`
    how it is sampled; `progress` how it is watched and stopped.

    Parameters
    ----------
    checkpoint : Checkpoint
        From `load_checkpoint`; `riffkit.load()` does both.
    defaults : Options, optional
        Of calls that do not name them. Default: as the checkpoint says in its folder (`defaults.json`, such as
        {"guidance_interval": [600, 1000]}), and where it says nothing 20 steps, guidance 4 at all of them, "dpm++".

    Raises
    ------
    ValueError
        If `defaults.json` names something else, or a value is out of range.
    """

    def __init__(self, checkpoint: Checkpoint, defaults: Options | None = None) -> None:
        self.checkpoint, self.defaults = checkpoint, defaults or Options.of_checkpoint(checkpoint)
        self._named: set[str] = set()  # unknown words that were warned of

    def __repr__(self) -> str:
        return f"Riffer({self.checkpoint!r})"

    # Every way to riff is a function of a riffer and stands in a module of its own.
    riff, story = generate.riff, generate.story
    vary, inpaint, extend = edit.vary, edit.inpaint, edit.extend
    interpolate, walk = interpolate.interpolate, walk.walk
    plane, stream = plane.plane, stream.stream

    @property
    def params(self) -> SpectrogramParams:
        """Parameters of the pictures this checkpoint paints: its own, else Riffusion's with its rows."""
        return self.checkpoint.params

    @property
    def vocabulary(self) -> list[str] | None:
        """The words this checkpoint was trained on, in order, as a list; None if it does not say (large ones do not).

        Other words are not refused: a riff is made of the words that are known, with a warning that names the others.
        """
        return None if self.checkpoint.vocabulary is None else sorted(self.checkpoint.vocabulary)

    def embed(self, prompt: str) -> torch.Tensor:
        """Embed a `prompt` for the UNet, see `embed_prompt`. Words the checkpoint never met are named once each."""
        check_prompt(prompt)
        warn_of_foreign_syntax(prompt, self._named)
        if self.checkpoint.vocabulary is not None:
            warn_of_unknown_words(prompt, self.checkpoint.vocabulary, self._named)
        return embed_prompt(self.checkpoint, prompt)

    # -- with other weights -------------------------------------------------------------------------------------------

    def with_lora(self, path: str | Path, scale: float = 1.0) -> "Riffer":
        """Return this riffer with a LoRA added to its weights; `self` is unchanged. Again on the result for several.

        Parameters
        ----------
        path : str or Path
            `pytorch_lora_weights.safetensors` as `riffkit finetune` and diffusers write it, or the folder it lies in.
        scale : float
            1 as it was trained, 0 without effect.

        Returns
        -------
        Riffer

        Raises
        ------
        FileNotFoundError, ValueError
            If the file is missing or was made for another model.

        References
        ----------
        Taught in notebooks/05_fine_tuning.ipynb.
        """
        return Riffer(with_lora(self.checkpoint, path, scale), self.defaults)

    def with_word(self, path: str | Path) -> "Riffer":
        """Return this riffer with the new word of a textual inversion; `self` is unchanged.

        Parameters
        ----------
        path : str or Path
            `learned_embeds.safetensors`, of riffkit or of diffusers, or the folder it lies in.

        Returns
        -------
        Riffer

        Raises
        ------
        FileNotFoundError, ValueError
            If the file is missing, holds no words, or was made for a model of another width.

        References
        ----------
        Gal et al., "An image is worth one word", 2022. Taught in notebooks/05_fine_tuning.ipynb.
        """
        return Riffer(with_word(self.checkpoint, path), self.defaults)

    def live(self) -> "Riffer":
        """Return the distilled four-step riffer, quick enough to play along; `self` is unchanged.

        The twin is a LoRA that comes inside the checkpoint's folder, distilled from it (`live/` beside `unet/`). What
        it makes resembles what the checkpoint makes of the same words and seed, and is not the same.

        Returns
        -------
        Riffer
            Whose `defaults` are 4 steps, guidance 1 and the scheduler that `live/scheduler_config.json` names: "ddim"
            for the embedded model. Where there is none it is "lcm", and between two ends "ddim".

        Raises
        ------
        FileNotFoundError
            If the checkpoint has no twin.
        ValueError
            If its scheduler is none of riffkit's.

        References
        ----------
        Salimans & Ho, "Progressive distillation", 2022. Luo et al., "LCM-LoRA: A universal stable-diffusion
        acceleration module", 2023.
        """
        file = self.checkpoint.live_file
        if file is None:
            raise FileNotFoundError(
                f"checkpoint {self.checkpoint.name!r} has no live twin: there is no"
                f" {self.checkpoint.folder / LIVE}; riffkit.load().live() gives that of the embedded model"
            )
        return self if self.is_live else Riffer(with_lora(self.checkpoint, file), _live_defaults(file.parent))

    @property
    def is_live(self) -> bool:
        """Whether this is what `live` gives."""
        file = self.checkpoint.live_file
        return file is not None and file.resolve() in [path.resolve() for path, _ in self.checkpoint.loras]

    # -- again --------------------------------------------------------------------------------------------------------

    replay = replay

    def hash_live(self) -> str | None:
        """Return the hash of this checkpoint with its live twin, or None if it has none."""
        base, loras = plain_and_loras(self.checkpoint)
        file = base.live_file
        return None if file is None else hash_with(base, (*loras, (file, 1.0)))


def riffer_of(riff: Riff) -> Riffer:
    """Load the embedded model if it made this `riff`, by itself or as its live twin.

    A recipe comes from anybody, so what it calls its checkpoint is never loaded: neither a folder here nor a Hub id.

    Raises
    ------
    ValueError
        If another checkpoint made it: whoever has that one passes it.
    """
    recipe = checked_recipe(riff.recipe)
    made_with, riffer = recipe["checkpoint"], load()
    if made_with["hash"] not in (riffer.checkpoint.hash, riffer.hash_live()):
        raise ValueError(
            f"{riff!r} was made with checkpoint {short(made_with['name'])}, not with the embedded model; load that one,"
            " if you know where it comes from, and pass it as riffer="
        )
    dtype = made_with["dtype"] if made_with["dtype"] in ("float32", "float16", "bfloat16") else None
    return riffer if dtype in (None, str(riffer.checkpoint.dtype).removeprefix("torch.")) else load(dtype=dtype)


def _live_defaults(folder: Path) -> Options:
    """How a twin riffs, by the scheduler beside it."""
    config = folder / "scheduler_config.json"
    if not config.is_file():
        return LIVE_OPTIONS
    told = read_json(config)
    wanted = told.get("_class_name") if isinstance(told, dict) else told
    names = [name for name, (_, cls, _) in SCHEDULERS.items() if cls == wanted]
    if not names:
        raise ValueError(
            f"{config} names the scheduler {wanted!r}, expected one of {[c for _, c, _ in SCHEDULERS.values()]}"
        )
    return replace(LIVE_OPTIONS, scheduler=names[0])
