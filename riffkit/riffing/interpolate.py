"""Interpolation between two ends: words, seeds, riffs and recordings, in any mix."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from riffkit.diffusion.mixing import alphas, blend
from riffkit.progress import Progress, report, shown, subtask
from riffkit.riffing.ends import End, Point, all_ingredients, common_length, deterministic, ends_of
from riffkit.riffing.options import SharedKeywords, takes_options
from riffkit.riffing.recipes.recipe import make_recipe
from riffkit.riffing.riff import Riff, Walk
from riffkit.riffing.task import Task, fitting, run

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer


@overload
def interpolate(
    riffer: "Riffer",
    a: Point,
    b: Point,
    alpha: float,
    *,
    count: int = 9,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | tuple[int | None, int | None] = 0,
    strength: float | None | tuple[float | None, float | None] = None,
    duration: float | None = None,
    loop: bool = False,
    align: bool = False,
    negative_prompt: str | tuple[str, str] = "",
    guidance_scale: float | None | tuple[float, float] = None,
    progress: Progress = None,
    **options: Unpack[SharedKeywords],
) -> Riff: ...


@overload
def interpolate(
    riffer: "Riffer",
    a: Point,
    b: Point,
    alpha: Sequence[float] | None = None,
    *,
    count: int = 9,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | tuple[int | None, int | None] = 0,
    strength: float | None | tuple[float | None, float | None] = None,
    duration: float | None = None,
    loop: bool = False,
    align: bool = False,
    negative_prompt: str | tuple[str, str] = "",
    guidance_scale: float | None | tuple[float, float] = None,
    progress: Progress = None,
    **options: Unpack[SharedKeywords],
) -> Walk: ...


@takes_options()
def interpolate(
    riffer: "Riffer",
    a: Point,
    b: Point,
    alpha: float | Sequence[float] | None = None,
    *,
    count: int = 9,
    curve: str = "linear",
    power: float = 2.0,
    seed: int | None | tuple[int | None, int | None] = 0,
    strength: float | None | tuple[float | None, float | None] = None,
    duration: float | None = None,
    loop: bool = False,
    align: bool = False,
    negative_prompt: str | tuple[str, str] = "",
    guidance_scale: float | None | tuple[float, float] = None,
    progress: Progress = None,
    **options: Unpack[SharedKeywords],
) -> Riff | Walk:
    """Latent interpolation between two ends: noise spherically, embeddings and numbers linearly.

    Both ends are exact: alpha 0 and 1 are bit for bit what `riff` or `vary` make of an end alone, and a recording
    that is inverted is there returned as it is. (a, b, alpha) is (b, a, 1 - alpha).

    Parameters
    ----------
    a, b : str, int, dict, Riff, Clip, PIL.Image.Image or Path
        Words, a seed, a riff, a recording, or a dict such as `{"prompt": "jazz", "seed": 3, "source": clip}`.
    alpha : float or list of float, optional [0..1]
        One place gives one riff. Default: `count` places along the curve.
    count : int [2..1000]
        Riffs from a to b, both counted.
    curve : str
        How alpha goes: "linear", "power" (alpha ** power) or "ease".
    power : float [> 0]
    seed : int or None, or a pair
        For ends that name none: one for both, or one for each.
    strength : float [0..1] or None, or a pair
        For ends with a source, as in `vary`. Without it a recording is inverted (DDIM): a noise is found that leads
        back to it, and the noises are mixed.
    duration : float, optional [s, up to 600]
        Where both ends are words. Default: the model's own window.
    loop : bool
        Time is periodic.
    align : bool
        Stretch recordings to the tempo of the first.
    negative_prompt : str, or a pair
        What to stay away from.
    guidance_scale : float, optional [0..100], or a pair
        Weight of classifier-free guidance; 1 switches it off. Default: the riffer's, mostly 4.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff if `alpha` is one number, else Walk

    Raises
    ------
    ValueError
        If a value is out of range, or the scheduler draws fresh noise at every step, which has no middle.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/03_latent_interpolation.ipynb.
    """
    single = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
    places: list[Any] = [alpha] if single else alphas(count, curve, power=power) if alpha is None else list(alpha)  # type: ignore[arg-type]  # told apart by `single`
    if not places or not all(isinstance(place, (int, float)) and 0 <= place <= 1 for place in places):
        raise ValueError(f"alpha is {alpha!r}, expected one number or several in 0..1")
    guidance_scale = riffer.defaults.guidance_scale if guidance_scale is None else guidance_scale
    both = {"seed": seed, "guidance_scale": guidance_scale, "negative_prompt": negative_prompt, "strength": strength}
    ends = ends_of((a, b), riffer.checkpoint, both)
    scheduler = deterministic(options.get("scheduler"), ends, riffer.defaults.scheduler)
    chosen = riffer.defaults.asked(
        riffer.checkpoint, options | {"scheduler": scheduler}, from_picture=any(end.repainted for end in ends)
    )
    shared = {name: chosen.recipe[name] for name in SharedKeywords.__annotations__}
    shared |= {"duration": duration, "loop": loop, "align": align}
    shared |= {name: end.packed | {"seed": end.seed} for name, end in zip("ab", ends, strict=True)}
    width, columns, ends = common_length(
        ends, riffer.checkpoint, riffer.params, duration=duration, loop=loop, align=align
    )
    given = next((end.source for end in ends if end.source is not None), None)
    compose = fitting(columns, loop, turned=loop and given is None)
    with shown(progress, "interpolate") as reporter:
        steps = chosen.num_inference_steps
        each, inverting = steps + 2, steps * sum(end.inverted for end in ends)
        total = len(places) * each + inverting
        one, other = all_ingredients(
            riffer, ends, width, loop=loop, num_inference_steps=steps, progress=subtask(reporter, 0, inverting, total)
        )
        riffs = []
        for i, place in enumerate(places):
            arguments = {"alpha": place, **shared}
            end = ends[round(place)] if place in (0, 1) else None
            if end is not None and end.inverted:
                riffs.append(untouched(riffer, end, "interpolate", arguments, loop, chosen.quality))
                continue
            mixed = blend(riffer.checkpoint, one, other, place)
            task = Task("interpolate", arguments, chosen, ends[place == 1].seed, loop, given=given, sounding=single)
            riffs.append(run(riffer, task, mixed, compose, subtask(reporter, inverting + i * each, each, total)))
        report(reporter, total, total)
    return riffs[0] if single else Walk(riffs, places)


def untouched(riffer: "Riffer", end: End, operation: str, arguments: dict[str, Any], loop: bool, quality: str) -> Riff:
    """Return the riff of an inverted end itself: the way there and back is lossy, so it is not taken.

    Parameters
    ----------
    riffer : Riffer
    end : End
    operation : str
    arguments : dict
        For the recipe.
    loop : bool
    quality : str
        Of the inversion.
    """
    assert end.source is not None
    recipe = make_recipe(riffer.checkpoint, operation, arguments, {"loop": loop, "quality": quality})
    return Riff(end.source.image.convert("RGB"), recipe)  # as every other, also if a recipe carried it in grey
