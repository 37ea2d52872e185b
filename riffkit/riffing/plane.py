"""Plane: places on a line between two ends or in a square between four, and paths through it."""

from dataclasses import replace

import numpy as np
import torch

from riffkit.diffusion.latents import draw_noise
from riffkit.diffusion.mixing import blend
from riffkit.diffusion.sampling import FRESH_NOISE
from riffkit.progress import report, subtask
from riffkit.riffing import timeline
from riffkit.riffing.common import How, fitting, run
from riffkit.riffing.ends import all_ingredients, as_end, common_length
from riffkit.riffing.recipe import make_recipe
from riffkit.riffing.riff import Riff


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
    negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
        As in `Riffer`. The scheduler may draw no fresh noise, and is "ddim" where a recording is inverted.

    Raises
    ------
    ValueError
        If there are not two or four ends, or one cannot be taken.
    """

    def __init__(
        self,
        riffer,
        ends,
        *,
        seed=0,
        strength=None,
        loop=False,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        guidance_interval=None,
        scheduler=None,
        quality="default",
    ):
        if len(ends) not in (2, 4):
            raise ValueError(f"{len(ends)} ends; expected 2 (a line) or 4 (a square)")
        common = negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
        how = How.of(riffer, *common)
        usual = {"prompt": "", "seed": seed, "negative_prompt": how.negative_prompt, "strength": strength}
        usual |= {"guidance_scale": how.guidance_scale}
        ends = [as_end(end, riffer.checkpoint, usual) for end in ends]
        how = How.of(riffer, *common, known=any(end.repainted for end in ends))
        if any(end.inverted for end in ends) or (scheduler is None and how.scheduler in FRESH_NOISE):
            how = replace(how, scheduler="ddim") if scheduler is None else how
        if how.scheduler in FRESH_NOISE or any(end.inverted for end in ends) and how.scheduler != "ddim":
            raise ValueError(f"scheduler {how.scheduler!r} cannot travel between these ends; use 'ddim'")
        self._packed = [end.packed | {"seed": end.seed} for end in ends]
        self._width, self._columns, self.ends = common_length(ends, riffer.checkpoint, riffer.params, loop=loop)
        self.riffer, self.how, self.loop = riffer, how, loop
        self._made_of = None

    def at(self, x, y=0.0, *, progress=None):
        """The riff at a place; on an edge the same bits as `interpolate` between its two ends.

        Parameters
        ----------
        x, y : float, 0..1
            With two ends only x counts.

        Returns
        -------
        Riff
        """
        self._check(x, y)
        y = y if len(self.ends) == 4 else 0.0
        ready, each = self._preparing(self.how.num_inference_steps + 2)
        made_of = self._prepared(subtask(progress, 0, ready, ready + each))
        arguments = {"ends": self._packed, "x": x, "y": y, "loop": self.loop, **self.how.recipe}
        end = self.ends[round(x) + 2 * round(y)] if x in (0, 1) and y in (0, 1) else None
        if end is not None and end.inverted:  # the way there and back is lossy, so it is not taken
            sound = {"loop": self.loop, "quality": self.how.quality}
            report(progress, ready + each, ready + each)
            return Riff(end.source.image, make_recipe(self.riffer.checkpoint, "plane", arguments, sound))
        mixed = _blended(self.riffer.checkpoint, made_of, x, y)
        given = next((end.source for end in self.ends if end.source is not None), None)
        compose = fitting(self._columns, self.loop, turned=self.loop and given is None)
        options = {"seed": self.ends[0].seed, "loop": self.loop, "given": given}
        stage = subtask(progress, ready, each, ready + each)
        return run(self.riffer, "plane", arguments, self.how, mixed, compose, stage, **options)

    def along(self, path, duration, *, progress=None):
        """One riff that goes along a path while time passes: words, noises and recordings travel, nothing is joined.

        Parameters
        ----------
        path : list of (x, y)
            Places at equal distances in time, the first at the beginning and the last at the end.
        duration : float [s, up to 600]

        Returns
        -------
        Riff
        """
        path = [(float(x), float(y)) for x, y in path]
        if not path:
            raise ValueError("the path has no places; expected [(x, y), ...]")
        for place in path:
            self._check(*place)
        checkpoint, params = self.riffer.checkpoint, self.riffer.params
        width, columns = timeline.painted_length(checkpoint, params, duration=duration)
        times = np.linspace(0, duration, len(path)) if len(path) > 1 else [0.0]

        def place(time):
            x, y = (float(np.interp(time, times, axis)) for axis in zip(*path, strict=True))
            return x, y if len(self.ends) == 4 else 0.0

        ready, each = self._preparing(self.how.num_inference_steps + 2)
        short = self._prepared(subtask(progress, 0, ready, ready + each))
        made_of = [_as_wide(checkpoint, one, end, width) for one, end in zip(short, self.ends, strict=True)]
        second = params.hop_ms / 1000 * checkpoint.factor
        along = []
        for column in range(width):
            here = [_columns(one, slice(column, column + 1)) for one in made_of]
            along.append(_blended(checkpoint, here, *place((column + 0.5) * second)))
        middles = [place(time) for time in timeline.window_times(checkpoint, params, width)]
        words = [_blended(checkpoint, short, *middle).words for middle in middles]
        known = None if along[0].known is None else torch.cat([one.known for one in along], -1)
        mixed = replace(
            _blended(checkpoint, short, *middles[len(middles) // 2]),
            words=words if len(words) > 1 else words[0],
            noise=torch.cat([one.noise for one in along], -1),
            known=known,
        )
        arguments = {"ends": self._packed, "path": path, "duration": duration, **self.how.recipe}
        stage, seed = subtask(progress, ready, each, ready + each), self.ends[0].seed
        return run(self.riffer, "plane", arguments, self.how, mixed, fitting(columns, False), stage, seed=seed)

    def _check(self, x, y):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(f"the place is ({x!r}, {y!r}), expected both in 0..1")

    def _preparing(self, each):
        """Steps of progress before the run proper, and of it."""
        inversions = 0 if self._made_of is not None else sum(end.inverted for end in self.ends)
        return inversions * self.how.num_inference_steps, each

    def _prepared(self, progress):
        if self._made_of is None:
            steps = self.how.num_inference_steps
            total = max(steps * sum(end.inverted for end in self.ends), 1)
            self._made_of, _ = all_ingredients(
                self.riffer,
                self.ends,
                self._width,
                loop=self.loop,
                num_inference_steps=steps,
                progress=progress,
                total=total,
            )
        return self._made_of


def again(riffer, arguments, progress=None):
    """What `at` or `along` made, from the arguments in its recipe."""
    names = ("negative_prompt", "num_inference_steps", "guidance_scale", "guidance_interval", "scheduler", "quality")
    options = {name: arguments[name] for name in names if name in arguments}
    plane = Plane(riffer, arguments["ends"], loop=arguments.get("loop", False), **options)
    if "path" in arguments:
        return plane.along(arguments["path"], arguments["duration"], progress=progress)
    return plane.at(arguments["x"], arguments["y"], progress=progress)


def _blended(checkpoint, made_of, x, y):
    """The ingredients at a place: along x between the ends of each row, then along y between the rows."""
    rows = [blend(checkpoint, a, b, x) for a, b in zip(made_of[::2], made_of[1::2], strict=True)]
    return rows[0] if len(rows) == 1 else blend(checkpoint, *rows, y)


def _columns(one, columns):
    """Some columns of ingredients."""
    return replace(one, noise=one.noise[..., columns], known=None if one.known is None else one.known[..., columns])


def _as_wide(checkpoint, one, end, width):
    """Ingredients for so many columns: a recording goes round and round, noise of a seed goes on."""
    around = torch.arange(width, device=one.noise.device) % one.noise.shape[-1]
    noise = one.noise.index_select(-1, around) if end.inverted else draw_noise(checkpoint, end.seed, width)
    known = None if one.known is None else one.known.index_select(-1, around)
    return replace(one, noise=noise, known=known)
