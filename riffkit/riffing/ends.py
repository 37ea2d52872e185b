"""Ends of an interpolation: words, seeds, riffs and recordings, and the ingredients of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from riffkit.diffusion.mixing import Ingredients
from riffkit.diffusion.run import inverted
from riffkit.diffusion.schedulers import FRESH_NOISE, check_strength
from riffkit.diffusion.windows import width_for
from riffkit.models.checkpoint import Checkpoint
from riffkit.models.emphasis import check_prompt
from riffkit.progress import Reporter, subtask
from riffkit.riffing import timeline
from riffkit.riffing.options import check_guidance
from riffkit.riffing.riff import Riff
from riffkit.riffing.source import Source, as_source, packed_source
from riffkit.riffing.task import checked_seed, ingredients, latents_of
from riffkit.sound.clip import Clip
from riffkit.sound.params import SpectrogramParams

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer

Point = str | int | dict[str, Any] | Riff | Clip | Image.Image | Path  # what one can travel from and to
FIELDS = ("prompt", "seed", "negative_prompt", "guidance_scale", "strength", "source")


@dataclass(frozen=True)
class End:
    """One end of a journey, before anything is painted.

    Parameters
    ----------
    prompt, negative_prompt : str
    seed : int
    guidance_scale : float
    strength : float [0..1] or None
        As in `vary`. None inverts the source: a noise is found that leads back to it.
    source : Source or None
        A recording or picture to start from.
    packed : dict
        The same as JSON values.
    """

    prompt: str
    seed: int
    negative_prompt: str
    guidance_scale: float
    strength: float | None
    source: Source | None
    packed: dict[str, Any]

    @property
    def inverted(self) -> bool:
        """Whether a noise has to be found that leads to the source."""
        return self.source is not None and self.strength is None

    @property
    def repainted(self) -> bool:
        """Whether a run from here begins with the source, not with pure noise."""
        return self.source is not None and self.strength is not None and self.strength < 1


def as_end(value: Any, checkpoint: Checkpoint, defaults: dict[str, Any]) -> End:
    """Return words, a seed, a dict of `FIELDS`, a riff, or anything `as_source` takes, as an `End`.

    A riff of the same checkpoint that came from words (or `vary`) is taken by its recipe: its words and seed travel.
    Any other is taken as a picture.

    Parameters
    ----------
    value : str, int, dict, Riff, Clip, PIL.Image.Image or Path
        A string is words; a recording in a file is a `Path`, or `{"source": "file.wav"}`.
    checkpoint : Checkpoint
    defaults : dict
        What an end that does not say has for each of `FIELDS`.
    """
    given = _fields_of(value, checkpoint)
    unknown = set(given) - set(FIELDS)
    if unknown:
        raise ValueError(f"an end has {', '.join(sorted(unknown))}; expected some of {', '.join(FIELDS)}")
    fields = defaults | given
    for name in ("prompt", "negative_prompt"):
        check_prompt(fields[name], name)
    check_guidance(fields["guidance_scale"])
    if fields["strength"] is not None:
        check_strength(fields["strength"])
    fields["seed"] = checked_seed(fields["seed"])
    source = fields.pop("source", None)
    seen = None if source is None else as_source(source, checkpoint, longest=None)  # it may be cut to the others
    packed = dict(fields) | ({} if seen is None else {"source": packed_source(source, seen)})
    return End(**fields, source=seen, packed=packed)


def check_words(value: Any) -> None:
    """Raise the error that the words of an end would end in: before any work on other ends."""
    if isinstance(value, str):
        check_prompt(value)
    elif isinstance(value, dict):
        for name in ("prompt", "negative_prompt"):
            if value.get(name) is not None:
                check_prompt(value[name], name)


def ends_of(values: tuple[Any, Any], checkpoint: Checkpoint, both: dict[str, Any]) -> list[End]:
    """Return two `values` as `End`s of a `checkpoint`; in `both`, what is a pair has one for each end."""
    for name, value in both.items():
        if isinstance(value, (list, tuple)) and len(value) != 2:
            raise ValueError(f"{name} has {len(value)} values; expected one, or one for each end")
    pairs = {name: value if isinstance(value, (list, tuple)) else (value, value) for name, value in both.items()}
    defaults = [{"prompt": ""} | {name: pair[i] for name, pair in pairs.items()} for i in (0, 1)]
    return [as_end(value, checkpoint, own) for value, own in zip(values, defaults, strict=True)]


def _fields_of(value: Any, checkpoint: Checkpoint) -> dict[str, Any]:
    if isinstance(value, str):
        return {"prompt": value}
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return {"seed": int(value)}
    if isinstance(value, dict):
        return value
    if isinstance(value, Riff):
        arguments, made_with = value.recipe.get("arguments", {}), value.recipe.get("checkpoint", {})
        plain = value.recipe.get("operation") == "riff" and not arguments.get("bars") and not arguments.get("duration")
        if made_with.get("hash") == checkpoint.hash and (plain or value.recipe.get("operation") == "vary"):
            return {name: arguments[name] for name in FIELDS if name in arguments}
    return {"source": value}


def ingredients_of(
    riffer: "Riffer", end: End, width: int, *, loop: bool, num_inference_steps: int, progress: Reporter | None = None
) -> Ingredients:
    """Return the ingredients of an end: seeded noise with words, a picture with words, or an inverted recording.

    Parameters
    ----------
    riffer : Riffer
    end : End
    width : int [latent columns]
    loop : bool
    num_inference_steps : int
        Of the inversion.
    progress : callable or None
    """
    if end.inverted:
        start = ingredients(riffer, end.prompt, end.seed, width, "", 1.0)
        known = _known(riffer, end, width, loop)
        return replace(start, noise=inverted(riffer.checkpoint, start, known, num_inference_steps, loop, progress))
    made_of = ingredients(riffer, end.prompt, end.seed, width, end.negative_prompt, end.guidance_scale)
    if end.source is None:
        return made_of
    assert end.strength is not None
    return replace(made_of, known=_known(riffer, end, width, loop), strength=end.strength)


def _known(riffer: "Riffer", end: End, width: int, loop: bool) -> torch.Tensor:
    assert end.source is not None
    latents, _ = latents_of(riffer.checkpoint, end.source, loop)
    if latents.shape[-1] != width:
        raise ValueError(f"a source has {latents.shape[-1]} latent columns, the journey {width}")
    return latents


def common_length(
    ends: list[End],
    checkpoint: Checkpoint,
    params: SpectrogramParams,
    *,
    duration: float | None = None,
    loop: bool = False,
    align: bool = False,
) -> tuple[int, int, list[End]]:
    """Return the width to paint, the columns of the picture that all ends share, and the ends cut to fit.

    Parameters
    ----------
    ends : list of End
        Recordings are cut to the shortest.
    checkpoint : Checkpoint
    params : SpectrogramParams
    duration : float, optional [s]
        Only where all ends are words.
    loop : bool
    align : bool
        Stretch each recording to the tempo of the first before.
    """
    sources = [end.source for end in ends if end.source is not None]
    if not sources:
        width, columns = timeline.painted_length(checkpoint, params, duration=duration, loop=loop)
        return width, columns, ends
    if duration is not None:
        raise ValueError("duration is given, but recordings have their own; cut them with clip.slice(start_s, end_s)")
    pixels = [source.pixels for source in sources]
    if align:
        from riffkit.riffing.seeds import stretch_to_tempo  # librosa takes a second to load

        pixels = [pixels[0], *(stretch_to_tempo(p, pixels[0], sources[0].params) for p in pixels[1:])]
    columns = min(p.shape[1] for p in pixels)
    cut = iter(pixels)
    fitted = []
    for end in ends:
        if end.source is not None:
            source, piece = end.source, next(cut)
            if piece.shape[1] != columns or piece is not source.pixels:
                image = source.image.crop((0, 0, columns, source.image.height))
                if align or piece.shape[1] != source.image.width:
                    image = Image.fromarray(np.ascontiguousarray(piece[:, :columns])).convert("RGB")
                image.info.update(source.image.info)
                end = replace(end, source=replace(source, image=image, clip=None))
        fitted.append(end)
    f = checkpoint.factor
    if loop:
        return max(round(columns / f), 1), columns, fitted
    return width_for(columns, f, checkpoint.window), columns, fitted


def all_ingredients(
    riffer: "Riffer", ends: list[End], width: int, *, loop: bool, num_inference_steps: int, progress: Reporter | None
) -> list[Ingredients]:
    """Return the ingredients of every end; inversions are what takes time.

    Parameters
    ----------
    riffer : Riffer
    ends : list of End
    width : int [latent columns]
    loop : bool
    num_inference_steps : int
        Of each inversion.
    progress : callable or None
        Counts the steps of all inversions.
    """
    made: list[Ingredients] = []
    done, total = 0, max(num_inference_steps * sum(end.inverted for end in ends), 1)
    for end in ends:
        stage = subtask(progress, done, num_inference_steps, total) if end.inverted else None
        made.append(
            ingredients_of(riffer, end, width, loop=loop, num_inference_steps=num_inference_steps, progress=stage)
        )
        done += num_inference_steps if end.inverted else 0
    return made


def deterministic(scheduler: str | None, ends: Sequence[End], usual: str) -> str:
    """Return the scheduler to interpolate with: deterministic, and DDIM where a recording is inverted.

    Parameters
    ----------
    scheduler : str or None
        The one asked for.
    ends : list of End
    usual : str
        If none is asked for: this one, or DDIM if it draws fresh noise at every step.

    Raises
    ------
    ValueError
        If the one asked for is neither.
    """
    inverted = any(end.inverted for end in ends)
    if scheduler is None:
        return "ddim" if inverted or usual in FRESH_NOISE else usual
    if inverted and scheduler != "ddim":
        raise ValueError(f"scheduler {scheduler!r} cannot lead back to a recording; use 'ddim', or give strength")
    if scheduler in FRESH_NOISE:
        raise ValueError(f"scheduler {scheduler!r} draws fresh noise at every step, which has no middle; use 'euler'")
    return scheduler
