"""Plane: places on a line between two ends or in a square between four, and paths through it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import torch

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.mixing import Ingredients, blend
from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import Progress, Reporter, report, shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.ends import End, Point, all_ingredients, as_end, common_length, deterministic
from riffkit.riffing.interpolate import untouched
from riffkit.riffing.options import MEANINGS, OptionKeywords, takes_options
from riffkit.riffing.riff import Riff
from riffkit.riffing.task import Task, fitting, run

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer


class Plane:
    """What lies between two ends (x from 0 to 1), or four: (0, 0), (1, 0), (0, 1) and (1, 1), in this order.

    What costs time at the ends (a recording is inverted) is done once, when first needed.

    Parameters
    ----------
    riffer : Riffer
    ends : list of 2 or 4
        Each as an end of `interpolate`: words, a seed, a riff, a recording, or a dict.
    seed : int
        For ends that name none. One noise for all: then only the words travel, and beat and key tend to stay.
    strength : float, optional
        For ends with a source, as in `interpolate`.
    loop : bool
        What `at` gives is a circle.
    **options
        As in `Riffer.plane`. The scheduler may draw no fresh noise, and is "ddim" where a recording is inverted.

    Raises
    ------
    ValueError
        If there are not two or four ends, or one cannot be taken.
    """

    def __init__(
        self,
        riffer: "Riffer",
        ends: Sequence[Point],
        *,
        seed: int | None = 0,
        strength: float | None = None,
        loop: bool = False,
        **options: Unpack[OptionKeywords],
    ) -> None:
        if len(ends) not in (2, 4):
            raise ValueError(f"{len(ends)} ends; expected 2 (a line) or 4 (a square)")
        chosen = riffer.defaults.asked(riffer.checkpoint, options)
        usual = {"prompt": "", "seed": seed, "negative_prompt": chosen.negative_prompt, "strength": strength}
        usual |= {"guidance_scale": chosen.guidance_scale}
        taken = [as_end(end, riffer.checkpoint, usual) for end in ends]
        scheduler = deterministic(options.get("scheduler"), taken, riffer.defaults.scheduler)
        repainted = any(end.repainted for end in taken)
        self.options = riffer.defaults.asked(
            riffer.checkpoint, options | {"scheduler": scheduler}, from_picture=repainted
        )
        self._packed = [end.packed | {"seed": end.seed} for end in taken]
        self._width, self._columns, self.ends = common_length(taken, riffer.checkpoint, riffer.params, loop=loop)
        self.riffer, self.loop = riffer, loop
        self._made_of: list[Ingredients] | None = None

    def at(self, x: float, y: float = 0.0, *, progress: Progress = None) -> Riff:
        """Return the riff at a place; on an edge the same bits as `interpolate` between its two ends.

        Parameters
        ----------
        x, y : float [0..1]
            With two ends only x counts.
        progress : callable, bool or None
            As in `riff`.
        """
        self._check(x, y)
        y = y if len(self.ends) == 4 else 0.0
        with shown(progress, "plane") as reporter:
            made_of, stage = self._prepared(reporter)
            arguments = {"ends": self._packed, "x": x, "y": y, "loop": self.loop, **self.options.recipe}
            end = self.ends[round(x) + 2 * round(y)] if x in (0, 1) and y in (0, 1) else None
            if end is not None and end.inverted:
                report(stage, 1, 1)
                return untouched(self.riffer, end, "plane", arguments, self.loop, self.options.quality)
            mixed = _blended(self.riffer.checkpoint, made_of, x, y)
            given = next((end.source for end in self.ends if end.source is not None), None)
            compose = fitting(self._columns, self.loop, turned=self.loop and given is None)
            task = Task("plane", arguments, self.options, self.ends[0].seed, self.loop, given)
            return run(self.riffer, task, mixed, compose, stage)

    def along(self, path: Sequence[tuple[float, float]], duration: float, *, progress: Progress = None) -> Riff:
        """Return one riff that goes along a path while time passes: words, noises and recordings travel.

        Parameters
        ----------
        path : list of (x, y) [0..1]
            Places at equal distances in time, the first at the beginning and the last at the end.
        duration : float [s, up to 600]
        progress : callable, bool or None
            As in `riff`.
        """
        path = [(float(x), float(y)) for x, y in path]
        if not path:
            raise ValueError("the path has no places; expected [(x, y), ...]")
        for place in path:
            self._check(*place)
        checkpoint, params = self.riffer.checkpoint, self.riffer.params
        width, columns = timeline.painted_length(checkpoint, params, duration=duration)
        times = np.linspace(0, duration, len(path)) if len(path) > 1 else [0.0]

        def there(time: float) -> tuple[float, float]:
            x, y = (float(np.interp(time, times, axis)) for axis in zip(*path, strict=True))
            return x, y if len(self.ends) == 4 else 0.0

        middles = [there(time) for time in timeline.window_times(checkpoint, params, width)]
        with shown(progress, "plane") as reporter:
            short, stage = self._prepared(reporter)
            made_of = [_as_wide(checkpoint, one, end, width) for one, end in zip(short, self.ends, strict=True)]
            second = params.hop_s * checkpoint.factor
            along = []
            for column in range(width):
                here = [_columns(one, slice(column, column + 1)) for one in made_of]
                along.append(_blended(checkpoint, here, *there((column + 0.5) * second)))
            words = [_blended(checkpoint, short, *middle).words for middle in middles]
            shared = next((one.known for one in made_of if one.known is not None), None)  # with ends that have none
            known = [
                shared[..., i : i + 1] if one.known is None and shared is not None else one.known
                for i, one in enumerate(along)
            ]
            mixed = replace(
                _blended(checkpoint, short, *middles[len(middles) // 2]),
                words=words if len(words) > 1 else words[0],
                noise=torch.cat([one.noise for one in along], -1),
                known=torch.cat([one for one in known if one is not None], -1) if shared is not None else None,
            )
            arguments = {"ends": self._packed, "path": path, "duration": duration, **self.options.recipe}
            task = Task("plane", arguments, self.options, self.ends[0].seed)
            return run(self.riffer, task, mixed, fitting(columns, False), stage)

    def _check(self, x: float, y: float) -> None:
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(f"the place is ({x!r}, {y!r}), expected both in 0..1")

    def _prepared(self, progress: Reporter | None) -> tuple[list[Ingredients], Reporter | None]:
        """Ingredients of the ends, made when first needed, and the progress that is left for the run proper."""
        steps = self.options.num_inference_steps
        ready = 0 if self._made_of is not None else steps * sum(end.inverted for end in self.ends)
        total = ready + steps + 2
        if self._made_of is None:
            self._made_of = all_ingredients(
                self.riffer,
                self.ends,
                self._width,
                loop=self.loop,
                num_inference_steps=steps,
                progress=subtask(progress, 0, ready, total),
            )
        return self._made_of, subtask(progress, ready, steps + 2, total)


@takes_options()
def plane(
    riffer: "Riffer",
    ends: Sequence[Point],
    *,
    seed: int | None = 0,
    strength: float | None = None,
    loop: bool = False,
    **options: Unpack[OptionKeywords],
) -> Plane:
    """Latent plane between two or four ends: riffs at any place of it, and paths through it.

    Parameters
    ----------
    ends : list of 2 or 4
        Each as an end of `interpolate`: words, a seed, a riff, a recording, or a dict.
    seed : int or None
        For ends that name none. One noise for all: then only the words travel, and beat and key tend to stay.
    strength : float, optional [0..1]
        For ends with a source, as in `interpolate`.
    loop : bool
        Time is periodic in what `Plane.at` gives.

    Returns
    -------
    Plane

    Raises
    ------
    ValueError
        If there are not two or four ends, or one cannot be taken.

    References
    ----------
    Taught in notebooks/03_latent_interpolation.ipynb.
    """
    return Plane(riffer, ends, seed=seed, strength=strength, loop=loop, **options)


def again(riffer: "Riffer", arguments: dict[str, Any], progress: Progress = None) -> Riff:
    """Make again what `Plane.at` or `Plane.along` made.

    Parameters
    ----------
    riffer : Riffer
    arguments : dict
        Of its recipe.
    progress : callable, bool or None
    """
    options: Any = {name: arguments[name] for name in MEANINGS if name in arguments}
    plane = Plane(riffer, arguments["ends"], loop=arguments.get("loop", False), **options)
    if "path" in arguments:
        return plane.along(arguments["path"], arguments["duration"], progress=progress)
    return plane.at(arguments["x"], arguments["y"], progress=progress)


def _blended(checkpoint: Checkpoint, made_of: Sequence[Ingredients], x: float, y: float) -> Ingredients:
    """The ingredients at a place: along x between the ends of each row, then along y between the rows."""
    rows = [blend(checkpoint, a, b, x) for a, b in zip(made_of[::2], made_of[1::2], strict=True)]
    return rows[0] if len(rows) == 1 else blend(checkpoint, rows[0], rows[1], y)


def _columns(one: Ingredients, columns: slice) -> Ingredients:
    """Some columns of ingredients."""
    return replace(one, noise=one.noise[..., columns], known=None if one.known is None else one.known[..., columns])


def _as_wide(checkpoint: Checkpoint, one: Ingredients, end: End, width: int) -> Ingredients:
    """Ingredients for so many columns: a recording goes round and round, noise of a seed goes on."""
    around = torch.arange(width, device=one.noise.device) % one.noise.shape[-1]
    noise = one.noise.index_select(-1, around) if end.inverted else draw_noise(checkpoint, end.seed, width)
    known = None if one.known is None else one.known.index_select(-1, around)
    return replace(one, noise=noise, known=known)
