"""Walks over many points: riffs from each to the next, or one riff in which the words travel while time passes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack, overload

import torch

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.mixing import alphas, bend, lerp, slerp
from riffkit.models.prompt import equal_length
from riffkit.progress import Progress, Reporter, shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.ends import Point, as_end, check_words
from riffkit.riffing.interpolate import interpolate
from riffkit.riffing.options import OptionKeywords, Options, takes_options
from riffkit.riffing.riff import Riff, Walk
from riffkit.riffing.task import Task, checked_seed, fitting, ingredients, run

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer


@overload
def walk(
    riffer: "Riffer",
    points: Sequence[Point],
    *,
    count: int = 5,
    duration: None = None,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | Sequence[int | None] = 0,
    strength: float | None = None,
    loop: bool = False,
    align: bool = False,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Walk: ...


@overload
def walk(
    riffer: "Riffer",
    points: Sequence[Point],
    *,
    count: int = 5,
    duration: float,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | Sequence[int | None] = 0,
    strength: float | None = None,
    loop: bool = False,
    align: bool = False,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff: ...


@takes_options()
def walk(
    riffer: "Riffer",
    points: Sequence[Point],
    *,
    count: int = 5,
    duration: float | None = None,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | Sequence[int | None] = 0,
    strength: float | None = None,
    loop: bool = False,
    align: bool = False,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Walk | Riff:
    """Latent walk over many points, in one of two ways.

    Without `duration`, a `Walk`: riffs from each point to the next, no joint doubled, the last riff of one stretch
    being the first of the next even where seeds and pictures differ. With `duration`, one `Riff` of that length: words
    and noise travel while time passes, so that nothing comes back after five seconds.

    Parameters
    ----------
    points : list
        At least two; each as an end of `interpolate`. With `duration`: words, seeds or riffs from words.
    count : int [2..1000]
        Riffs from one point to the next, both counted.
    duration : float, optional [s, up to 600]
    curve : str
        How alpha goes from point to point: "linear", "power" (alpha ** power) or "ease".
    power : float [> 0]
    seed : int or None, or list with one for each point
    strength : float, optional [0..1]
        For points with a source, as in `interpolate`.
    loop : bool
        Time is periodic; a journey with `duration` goes there and back.
    align : bool
        Stretch recordings to the tempo of the first.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Walk, or Riff if `duration` is given

    Raises
    ------
    ValueError
        If there are fewer than two points, or a value is out of range.

    References
    ----------
    Taught in notebooks/03_latent_interpolation.ipynb.
    """
    points = list(points)
    if len(points) < 2:
        raise ValueError(f"{len(points)} points; a walk needs at least 2")
    given = list(seed) if isinstance(seed, (list, tuple)) else [seed] * len(points)
    if len(given) != len(points):
        raise ValueError(f"{len(points)} points and {len(given)} seeds; give one seed, or one for each point")
    seeds = [checked_seed(one) for one in given]
    for point in points:
        check_words(point)
    with shown(progress, "walk") as reporter:
        if duration is not None:
            chosen = riffer.defaults.asked(riffer.checkpoint, options)
            return _journey(riffer, points, seeds, duration, chosen, reporter, curve=curve, power=power, loop=loop)
        riffs: list[Riff] = []
        places: list[float] = []
        last = len(points) - 1
        for i in range(last):
            there = alphas(count, curve, power=power)[1 if i else 0 :]
            stretch = interpolate(
                riffer,
                points[i],
                points[i + 1],
                there,
                seed=(seeds[i], seeds[i + 1]),
                strength=strength,
                loop=loop,
                align=align,
                progress=subtask(reporter, i * 1000, 1000, last * 1000) or False,
                **options,
            )
            riffs += stretch.riffs
            places += [i + place for place in there]
    return Walk(riffs, places)


def _journey(
    riffer: "Riffer",
    points: list[Point],
    seeds: list[int],
    duration: float,
    chosen: Options,
    progress: Reporter | None,
    *,
    curve: str,
    power: float,
    loop: bool,
) -> Riff:
    """One riff in which words and noise travel from point to point while time passes."""
    usual = {"prompt": "", "negative_prompt": chosen.negative_prompt, "guidance_scale": chosen.guidance_scale}
    usual |= {"strength": None}
    checkpoint, params = riffer.checkpoint, riffer.params
    ends = [as_end(point, checkpoint, usual | {"seed": one}) for point, one in zip(points, seeds, strict=True)]
    if any(end.source is not None for end in ends):
        raise ValueError("a journey with duration goes between words and seeds; walk over recordings without duration")
    width, columns = timeline.painted_length(checkpoint, params, duration=duration, loop=loop)
    arguments = {"points": [end.packed for end in ends], "seed": [end.seed for end in ends], "duration": duration}
    arguments |= {"curve": curve, "power": power, "loop": loop, **chosen.recipe}
    last = len(ends) - 1

    def place(share: float) -> tuple[int, float]:  # between which two points, and where between them
        share = 1 - abs(1 - 2 * share) if loop else share  # a loop goes there and back
        index = min(int(share * last), last - 1)
        return index, bend(share * last - index, curve, power=power)

    words = equal_length(checkpoint, *[riffer.embed(end.prompt) for end in ends])
    fields = [draw_noise(checkpoint, end.seed, width) for end in ends]
    cells, noise = columns / checkpoint.factor, []
    for column in range(width):
        index, alpha = place(min((column + 0.5) / cells, 1))
        here = slice(column, column + 1)
        noise.append(slerp(fields[index][..., here], fields[index + 1][..., here], alpha))
    along = []
    for middle in timeline.window_times(checkpoint, params, width, loop=loop):
        index, alpha = place(min(middle / duration % 1 if loop else middle / duration, 1))
        along.append(lerp(words[index], words[index + 1], alpha))
    made_of = ingredients(riffer, "", 0, width, chosen.negative_prompt, chosen.guidance_scale)
    made_of = replace(made_of, words=along, noise=torch.cat(noise, -1))
    compose = fitting(columns, loop, turned=loop)
    return run(riffer, Task("walk", arguments, chosen, ends[0].seed, loop), made_of, compose, progress)
