"""Between two or more ends: words, seeds, riffs and recordings, in any mix."""

from dataclasses import replace

import torch

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.mixing import alphas, bend, blend, lerp, slerp
from riffkit.diffusion.sampling import FRESH_NOISE
from riffkit.models.prompt import equal_length
from riffkit.progress import report, shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.common import How, checked_seed, fitting, ingredients, run
from riffkit.riffing.ends import all_ingredients, as_end, common_length, ends_of
from riffkit.riffing.recipe import make_recipe
from riffkit.riffing.riff import Riff
from riffkit.riffing.walk import Walk


def interpolate(
    riffer,
    a,
    b,
    alpha=None,
    *,
    steps=9,
    curve="linear",
    power=2.0,
    seed=0,
    strength=None,
    duration=None,
    loop=False,
    align=False,
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
    scheduler=None,
    quality="default",
    progress=None,
):
    """Riffs between two ends: noise on a great circle, words and numbers on a line.

    Both ends are exact: alpha 0 and 1 are bit for bit what `riff` or `vary` make of an end alone, and a recording
    that is inverted is there returned as it is. (a, b, alpha) is (b, a, 1 - alpha).

    Parameters
    ----------
    a, b : str, int, dict, Riff, Clip, PIL.Image.Image or Path
        Words, a seed, a riff, a recording, or a dict such as `{"prompt": "jazz", "seed": 3, "source": clip}`.
    alpha : float or list of float, optional, 0..1
        One place gives one riff. Default: `steps` places along the curve.
    curve : str
        "linear", "power" (alpha ** power) or "ease".
    seed, guidance_scale, negative_prompt, strength : one for both ends, or a pair
        `strength` is for ends with a source, as in `vary`. Without it a recording is inverted (DDIM): a noise is
        found that leads back to it, and the noises are mixed.
    align : bool
        Stretch recordings to the tempo of the first.

    Returns
    -------
    Riff if `alpha` is one number, else Walk

    References
    ----------
    Taught in notebooks/03_latent_interpolation.ipynb.
    """
    single = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
    places = [alpha] if single else alphas(steps, curve, power=power) if alpha is None else list(alpha)
    if not places or not all(isinstance(place, (int, float)) and 0 <= place <= 1 for place in places):
        raise ValueError(f"alpha is {alpha!r}, expected one number or several in 0..1")
    guidance_scale = riffer.defaults.guidance_scale if guidance_scale is None else guidance_scale
    both = {"seed": seed, "guidance_scale": guidance_scale, "negative_prompt": negative_prompt, "strength": strength}
    ends = ends_of((a, b), riffer.checkpoint, both)
    scheduler = _deterministic(scheduler, ends, riffer.defaults.scheduler)
    common = "", num_inference_steps, None, guidance_interval, scheduler, quality
    how = How.of(riffer, *common, known=any(end.repainted for end in ends))
    a, b = (end.packed | {"seed": end.seed} for end in ends)
    names = ("num_inference_steps", "guidance_interval", "scheduler", "quality")
    shared = {name: how.recipe[name] for name in names}
    shared |= {"duration": duration, "loop": loop, "align": align}
    width, columns, ends = common_length(
        ends, riffer.checkpoint, riffer.params, duration=duration, loop=loop, align=align
    )
    given = next((end.source for end in ends if end.source is not None), None)
    compose = fitting(columns, loop, turned=loop and given is None)
    with shown(progress, "interpolate") as progress:
        each = how.num_inference_steps + 2
        total = len(places) * each + how.num_inference_steps * sum(end.inverted for end in ends)
        made_of, done = all_ingredients(
            riffer, ends, width, loop=loop, num_inference_steps=how.num_inference_steps, progress=progress, total=total
        )
        riffs = []
        for i, place in enumerate(places):
            arguments = {"a": a, "b": b, "alpha": place, **shared}
            end = ends[round(place)] if place in (0, 1) else None
            if end is not None and end.inverted:
                recipe = make_recipe(riffer.checkpoint, "interpolate", arguments, {"loop": loop, "quality": quality})
                riffs.append(Riff(end.source.image, recipe))
                continue
            mixed = blend(riffer.checkpoint, *made_of, place)
            stage = subtask(progress, done + i * each, each, total)
            options = {"seed": ends[place == 1].seed, "loop": loop, "given": given, "sounding": single}
            riffs.append(run(riffer, "interpolate", arguments, how, mixed, compose, stage, **options))
        report(progress, total, total)
    return riffs[0] if single else Walk(riffs, places)


def walk(
    riffer,
    points,
    *,
    steps=5,
    duration=None,
    curve="linear",
    power=2.0,
    seed=0,
    strength=None,
    loop=False,
    align=False,
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
    scheduler=None,
    quality="default",
    progress=None,
):
    """A journey over many points, in one of two ways.

    With `steps`, a `Walk`: riffs from each point to the next, no joint doubled, the last riff of one stretch being
    the first of the next even where seeds and pictures differ. With `duration`, one `Riff` of that length: words
    and noise travel while time passes, so that nothing comes back after five seconds.

    Parameters
    ----------
    points : list
        At least two; each as an end of `interpolate`. With `duration`: words, seeds or riffs from words.
    steps : int
        Riffs from one point to the next, both counted.
    duration : float, optional [s, up to 600]
    seed : int, or list with one for each point

    Returns
    -------
    Walk, or Riff if `duration` is given
    """
    points = list(points)
    if len(points) < 2:
        raise ValueError(f"{len(points)} points; a walk needs at least 2")
    seeds = list(seed) if isinstance(seed, (list, tuple)) else [seed] * len(points)
    if len(seeds) != len(points):
        raise ValueError(f"{len(points)} points and {len(seeds)} seeds; give one seed, or one for each point")
    seeds = [checked_seed(one) for one in seeds]
    if duration is not None:
        how = How.of(
            riffer, negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
        )
        with shown(progress, "walk") as progress:
            return _journey(riffer, points, seeds, duration, how, progress, curve=curve, power=power, loop=loop)
    riffs, places, last = [], [], len(points) - 1
    with shown(progress, "walk") as progress:
        for i in range(last):
            there = alphas(steps, curve, power=power)[1 if i else 0 :]
            stretch = interpolate(
                riffer,
                points[i],
                points[i + 1],
                there,
                seed=(seeds[i], seeds[i + 1]),
                strength=strength,
                loop=loop,
                align=align,
                negative_prompt=negative_prompt,
                num_inference_steps=num_inference_steps,
                guidance_scale=guidance_scale,
                guidance_interval=guidance_interval,
                scheduler=scheduler,
                quality=quality,
                progress=subtask(progress, i * 1000, 1000, last * 1000) or False,
            )
            riffs += stretch.riffs
            places += [i + place for place in there]
    return Walk(riffs, places)


def _journey(riffer, points, seeds, duration, how, progress, *, curve, power, loop):
    """One riff in which words and noise travel from point to point while time passes."""
    usual = {"prompt": "", "negative_prompt": how.negative_prompt, "guidance_scale": how.guidance_scale}
    usual |= {"strength": None}
    checkpoint, params = riffer.checkpoint, riffer.params
    ends = [as_end(point, checkpoint, usual | {"seed": one}) for point, one in zip(points, seeds, strict=True)]
    if any(end.source is not None for end in ends):
        raise ValueError("a journey with duration goes between words and seeds; walk over recordings with steps")
    width, columns = timeline.painted_length(checkpoint, params, duration=duration, loop=loop)
    arguments = {"points": [end.packed for end in ends], "seed": [end.seed for end in ends], "duration": duration}
    arguments |= {"curve": curve, "power": power, "loop": loop, **how.recipe}
    last = len(ends) - 1

    def place(share):  # between which two points, and where between them
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
    made_of = ingredients(riffer, "", 0, width, how.negative_prompt, how.guidance_scale)
    made_of = replace(made_of, words=along, noise=torch.cat(noise, -1))
    compose = fitting(columns, loop, turned=loop)
    return run(riffer, "walk", arguments, how, made_of, compose, progress, seed=ends[0].seed, loop=loop)


def _deterministic(scheduler, ends, usual):
    """The scheduler to interpolate with: deterministic, and DDIM where a recording is inverted.

    If none is asked for, it is the riffer's usual one, or DDIM if that draws fresh noise at every step.

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
