"""What decides what comes out of a training from nothing, and what is checked before it begins."""

import dataclasses
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riffkit.compose.pieces.drawing import CORPORA
from riffkit.compose.rendering import PARAMS, check_corpus
from riffkit.models.files import check_folder, find_folder
from riffkit.training.output_folder import check_output
from riffkit.training.scratch.warm_start import start_code

STAGES = ("corpus", "text", "unet", "autoencoder", "distil", "export")
# stage: (the file that it leaves, the stages that need it)
NEEDED = {
    "text": ("read/config.json", ("unet",)),
    "unet": ("denoise/unet/config.json", ("distil", "export")),
    "autoencoder": ("draw/config.json", ("export",)),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out of `train_mini`.

    The defaults make a model like the embedded one in one go; that one grew in several runs, which its card tells. The
    stages depend on one another in this order: corpus, then text and the linear code, then unet and autoencoder (which
    know nothing of each other and may run side by side), then distil and export.

    Parameters
    ----------
    corpus : str
        "wide" (default), "narrow" or "everything": what is composed.
    n_pieces : int, >= 1
        Default 12288.
    first_seed : int, >= 0
        Of the first piece. Default 0.
    text_steps : int, >= 0
        From nothing 600 tell one instrument's name right in 45 % of captions, 1200 (default) in 96 %.
    unet_steps, autoencoder_steps, distil_steps : int, >= 0
        Default 6000, 3000 and 600.
    batch : int, >= 1
        Examples of a step of the UNet. Default 16.
    shift : float, > 0
        Above 1 the UNet meets noisy timesteps more often: `riffkit.training.denoising.shifted`. Default 1.
    contrast : float [0..1)
        How strongly the UNet is pushed away from the target of another piece. Default 0: not at all.
    channels : int [1..512]
        Of the latents. Default 32.
    seed : int, >= 0
        Default 0.
    start : str
        Folder of a model to begin with: "" (default) begins with nothing, "mini" is the embedded model.
    text_width : int
        Of the text encoder's hidden states, a multiple of 32. Default 256.
    text_layers : int, >= 1
        Of the text encoder. Default 4.
    widths : tuple of int
        Channels of the UNet's levels, multiples of 32. Default (64, 128, 224).
    """

    corpus: str = "wide"
    n_pieces: int = 12288
    first_seed: int = 0
    text_steps: int = 1200
    unet_steps: int = 6000
    autoencoder_steps: int = 3000
    distil_steps: int = 600
    batch: int = 16
    shift: float = 1.0
    contrast: float = 0.0
    channels: int = 32
    seed: int = 0
    start: str = ""
    text_width: int = 256
    text_layers: int = 4
    widths: tuple[int, ...] = (64, 128, 224)

    def __post_init__(self) -> None:
        if self.corpus not in CORPORA:
            raise ValueError(f"corpus is {self.corpus!r}; expected one of {', '.join(CORPORA)}")
        for name in ("n_pieces", "batch", "channels"):
            _whole(name, getattr(self, name), 1)
        for name in ("first_seed", "seed", "text_steps", "unet_steps", "autoencoder_steps", "distil_steps"):
            _whole(name, getattr(self, name), 0)
        if self.channels > 512:
            raise ValueError(f"channels is {self.channels}; two patches of 16 x 16 pixels have 512 components at most")
        if not (isinstance(self.shift, (int, float)) and 0 < self.shift < float("inf")):
            raise ValueError(f"shift is {self.shift!r}; expected a number above 0, such as 2.0")
        if not (isinstance(self.contrast, (int, float)) and 0 <= self.contrast < 1):
            raise ValueError(f"contrast is {self.contrast!r}; expected a number from 0 up to 1, such as 0.05")
        for name in ("text_width", "text_layers"):
            _whole(name, getattr(self, name), 1)
        if self.text_width % 32:
            raise ValueError(f"text_width is {self.text_width}; expected a multiple of 32, such as 256")
        if not self.widths or any(not isinstance(w, int) or w < 32 or w % 32 for w in self.widths):
            raise ValueError(f"widths is {self.widths!r}; expected multiples of 32, such as (64, 128, 224)")


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """List what of a `recipe` must stay as it was begun: keywords for `claimed`; numbers of steps may change."""
    usual, fixed = (
        {k: v for k, v in dataclasses.asdict(one).items() if not k.endswith("_steps")} for one in (Recipe(), recipe)
    )
    return {"settings": fixed, "usual": usual, "besides": ("corpus",)}


def check_run(
    output: Path,
    recipe: Recipe,
    stages: Sequence[str] = STAGES,
    *,
    threads: int | None = None,
    soundfont: str | Path | None = None,
) -> tuple[str, ...]:
    """Check what `train_mini` is given; writes nothing.

    Parameters
    ----------
    output : Path
    recipe : Recipe
    stages : sequence of str
    threads : int or None
    soundfont : str, Path or None
        All as in `train_mini`.

    Returns
    -------
    tuple of str
        The stages, by their own names.

    Raises
    ------
    ValueError, TypeError, FileExistsError, FileNotFoundError, ImportError
        As `train_mini` does.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe is {recipe!r}; expected a Recipe")
    stages = (stages,) if isinstance(stages, str) else stages
    stages = tuple("autoencoder" if stage == "vae" else stage for stage in stages)
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        raise ValueError(f"unknown stage {unknown[0]!r}; choose from {', '.join(STAGES)}")
    if threads is not None:
        _whole("threads", threads, 1)
    check_output(output, "recipe.json", **settings_of(recipe))
    if recipe.start:
        _check_start(recipe)
    for stage, (file, needing) in NEEDED.items():
        later = [name for name in needing if name in stages]
        if later and stage not in stages and not (output / file).is_file():
            raise FileNotFoundError(f"{output / file} is not there yet; run --stage {stage} first")
    if "distil" in stages and importlib.util.find_spec("peft") is None:
        raise ImportError('stage distil needs the package peft: pip install "riffkit[train]"')
    check_corpus(output / "corpus", recipe.corpus, recipe.first_seed, recipe.n_pieces, soundfont=soundfont)
    return stages


def _check_start(recipe: Recipe) -> None:
    folder = find_folder(recipe.start)
    check_folder(folder)
    kept = len(start_code(folder, PARAMS.channels).spread)
    if kept > recipe.channels:
        raise ValueError(f"{recipe.start!r} has latents of {kept} channels, the recipe {recipe.channels}; take {kept}")


def _whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value!r}; expected a whole number from {least}")
