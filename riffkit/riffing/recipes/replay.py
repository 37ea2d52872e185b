"""Replay: follow a recipe with a riffer, and say beforehand what may keep it from leading to the same bits."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from riffkit.progress import Progress, notice
from riffkit.riffing import plane
from riffkit.riffing.options import ALWAYS
from riffkit.riffing.recipes.recipe import load_recipe, versions_here
from riffkit.riffing.recipes.schema import checked_recipe, short
from riffkit.riffing.riff import Riff, Walk

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer

STARTS = ("vary", "inpaint", "extend")  # with a source


def replay(
    riffer: "Riffer", recipe: str | Path | Riff | Mapping[str, Any], *, source: Any = None, progress: Progress = None
) -> Riff | Walk:
    """Make a saved riff again, bit for bit (same machine, versions, number of threads, device and dtype).

    A recipe comes inside a file from anybody. It is followed with this checkpoint alone, and with what it carries: no
    file that it names is opened, and nothing is fetched.

    Parameters
    ----------
    recipe : str, Path, Riff or dict
        A file that `riff.save` wrote, a riff, or its recipe. What the live twin made is made by the twin again.
    source : Clip, PIL.Image.Image, Riff, str or Path, optional
        What the riff was made from, if it was too long to travel in the recipe.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff, or Walk if a walk was saved

    Raises
    ------
    ValueError
        If there is no recipe, or it is damaged, or belongs to another checkpoint.
    """
    if isinstance(recipe, (str, Path)):
        recipe = load_recipe(recipe)
    recipe = checked_recipe(recipe.recipe if isinstance(recipe, Riff) else recipe)
    if source is not None and recipe["operation"] not in STARTS:
        raise ValueError(f"source is given, but the recipe is of {recipe['operation']!r}; {', '.join(STARTS)} take one")
    riffer = _maker(riffer, recipe["checkpoint"])
    _tell_differences(riffer, recipe)
    if recipe["operation"] != "frames":
        return _again(riffer, recipe, source, progress)
    makers = [_maker(riffer, frame["checkpoint"]) for frame in recipe["frames"]]
    riffs = [_again(maker, frame, None, progress) for maker, frame in zip(makers, recipe["frames"], strict=True)]
    return Walk(riffs, [riff.recipe["arguments"].get("alpha", i) for i, riff in enumerate(riffs)])


def _again(riffer: "Riffer", recipe: dict[str, Any], source: Any, progress: Progress) -> Riff:
    arguments = {"guidance_interval": ALWAYS} | recipe["arguments"]
    if recipe["operation"] == "plane":
        return plane.again(riffer, arguments, progress)
    if source is not None:
        arguments["source"] = source
    return getattr(riffer, recipe["operation"])(**arguments, progress=progress)


def _maker(riffer: "Riffer", made_with: dict[str, str]) -> "Riffer":
    """The riffer given, or its live twin: whichever made it."""
    checkpoint = riffer.checkpoint
    if made_with["hash"] == checkpoint.hash:
        return riffer
    if made_with["hash"] == riffer.hash_live():
        return riffer.live()
    raise ValueError(
        f"this recipe was made with checkpoint {short(made_with['name'])} (hash {made_with['hash'][:12]}), loaded is"
        f" {checkpoint.name!r} (hash {checkpoint.hash[:12]}); load that one, if you know where it comes from, and"
        " replay with it"
    )


def _tell_differences(riffer: "Riffer", recipe: dict[str, Any]) -> None:
    made_with, checkpoint = recipe["checkpoint"], riffer.checkpoint
    then, now = [], []
    dtype = str(checkpoint.dtype).removeprefix("torch.")
    if (made_with["device"], made_with["dtype"]) != (checkpoint.device.type, dtype):
        then.append(f"on {made_with['device'][:20]} in {made_with['dtype'][:20]}")
        now.append(f"on {checkpoint.device.type} in {dtype}")
    here, threads = versions_here(), recipe.get("threads")
    told = recipe.get("versions")
    for package, is_here in here.items():
        was = told.get(package) if isinstance(told, Mapping) else None
        if package != "python" and isinstance(was, str) and was != is_here:
            then.append(f"with {package} {was[:20]}")
            now.append(f"with {package} {is_here}")
    if isinstance(threads, int) and checkpoint.device.type == "cpu" and threads != torch.get_num_threads():
        then.append(f"on {threads} thread{'s' if threads != 1 else ''}")
        now.append(f"on {torch.get_num_threads()} (OMP_NUM_THREADS={threads} would do as then)")
    if then:
        notice(
            f"made {' and '.join(then)}, replayed {' and '.join(now)}: it will sound alike, but not be the same bit for"
            " bit"
        )
