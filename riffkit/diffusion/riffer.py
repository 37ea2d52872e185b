"""Riffer: a loaded checkpoint and everything one can do with it, each method a short walk over the other modules."""

import math
import secrets
import warnings
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from riffkit.progress import report
from riffkit.sound.inversion import ITERATIONS
from riffkit.sound.params import SpectrogramParams

from . import timeline
from .bar import part, shown
from .checkpoint import EMBEDDED, LIVE, load_checkpoint
from .ends import all_ingredients, as_end, common_length
from .interpolate import Ingredients, alphas, bend, blend, lerp, slerp
from .latents import draw_noise, latents_from_pixels, padded_width, pixels_from_latents
from .masks import as_mask, free_cells, mask_pixels
from .paint import paint
from .prompt import embed_prompt, equal_length, warn_of_unknown_words
from .riff import Riff, load_recipe, make_recipe, pack, picture_of, sound_of, unpack
from .sampling import number_of_steps
from .source import as_source, packed_source
from .splice import keep_sound
from .walk import Walk

FRESH_NOISE = ("euler_ancestral", "lcm")  # schedulers that draw it at every step


@dataclass(frozen=True)
class Defaults:
    """What a riffer does where a call does not say."""

    num_inference_steps: int = 20
    guidance_scale: float = 4.0
    scheduler: str = "dpm++"

    def unless(self, num_inference_steps, guidance_scale, scheduler):
        """The values given, and these in place of each that is None."""
        given = (num_inference_steps, guidance_scale, scheduler)
        return tuple(usual if value is None else value for value, usual in zip(given, astuple(self), strict=True))


DEFAULTS = Defaults()
LIVE_DEFAULTS = Defaults(num_inference_steps=4, guidance_scale=1.0, scheduler="lcm")


def load(checkpoint=EMBEDDED, *, device=None, dtype=None):
    """Load a checkpoint: the embedded model, a folder in diffusers' layout, or a Hub id.

    Parameters
    ----------
    checkpoint : str or Path
        "mini", a folder, or for example "riffusion/riffusion-model-v1" (the only case that uses the network).
    device : str, optional
        Default: CUDA, else MPS, else the CPU.
    dtype : str, optional
        Default: fp16 on CUDA, bf16 on CPUs that calculate in it, else fp32.

    Returns
    -------
    Riffer

    Raises
    ------
    FileNotFoundError, ValueError, OSError
        If files are missing or damaged, if weights are pickles, or if the Hub cannot be reached.

    References
    ----------
    Taught in notebooks/02_inference.ipynb.
    """
    return Riffer(load_checkpoint(checkpoint, device=device, dtype=dtype))


class Riffer:
    """A checkpoint, ready to riff.

    Keywords that mean the same everywhere:

    - `seed`: int; decides the noise, the same on every device. None draws one (it is in the recipe).
    - `num_inference_steps`: 1..1000; more is slower and finer. This, the guidance and the scheduler are the riffer's
      own `defaults` (20, 4, "dpm++") unless given.
    - `guidance_scale`: how much the words count; 1 switches guidance off.
    - `negative_prompt`: what to stay away from.
    - `scheduler`: "dpm++", "pndm", "ddim", "lms", "euler", "euler_ancestral" or "lcm".
    - `strength`: 0..1, how free the run is from the picture it starts from. Of the steps, the last
      round(strength * num_inference_steps) are taken, at least one unless strength is 0.
    - `quality`: of the sound, "fast", "default" or "best".
    - `progress`: a callable (step, total, estimate) that may return False to stop within a step; True or False for the
      bar. By default a bar is shown in terminals and notebooks.

    Parameters
    ----------
    checkpoint : Checkpoint
        From `load_checkpoint`; `riffkit.load()` does both.
    defaults : Defaults
        Steps, guidance and scheduler of calls that do not name them.
    """

    def __init__(self, checkpoint, defaults=DEFAULTS):
        self.checkpoint, self.defaults = checkpoint, defaults
        self._named = set()  # unknown words that were warned of

    def __repr__(self):
        return f"Riffer({self.checkpoint!r})"

    @property
    def params(self):
        """Parameters of the pictures this checkpoint paints: Riffusion's, with as many mels as it has rows."""
        return SpectrogramParams(n_mels=self.checkpoint.rows * self.checkpoint.factor)

    def with_lora(self, path, scale=1.0):
        """This riffer with a LoRA on; call it again on the result to put on several. This one stays as it is.

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
        from .lora_weights import with_lora

        return Riffer(with_lora(self.checkpoint, path, scale), self.defaults)

    def live(self):
        """This riffer's few-step twin: four steps without guidance, quick enough to play along. This one stays.

        The twin is a LoRA that comes inside the checkpoint's folder, distilled from it (`live/` beside `unet/`). What
        it makes resembles what the checkpoint makes of the same words and seed, and is not the same.

        Returns
        -------
        Riffer
            Whose `defaults` are 4 steps, guidance 1 and the "lcm" scheduler; between two ends it takes "ddim".

        Raises
        ------
        FileNotFoundError
            If the checkpoint has no twin.

        References
        ----------
        Luo et al., "LCM-LoRA: A universal stable-diffusion acceleration module", 2023.
        """
        from .lora_weights import with_lora

        file = self.checkpoint.live_file
        if file is None:
            raise FileNotFoundError(
                f"checkpoint {self.checkpoint.name!r} has no live twin: there is no"
                f" {self.checkpoint.folder / LIVE}; riffkit.load().live() gives that of the embedded model"
            )
        if self.is_live:
            return self
        return Riffer(with_lora(self.checkpoint, file), LIVE_DEFAULTS)

    @property
    def is_live(self):
        """True for what `live` gives."""
        file = self.checkpoint.live_file
        return file is not None and file.resolve() in [path for path, _ in self.checkpoint.loras]

    # -- from words ---------------------------------------------------------------------------------------------------

    def riff(
        self,
        prompt,
        seed=0,
        *,
        duration=None,
        loop=False,
        bars=None,
        bpm=None,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        scheduler=None,
        quality="default",
        progress=None,
    ):
        """Words to sound.

        Parameters
        ----------
        prompt : str or list of str
            `(word:1.3)` weighs a word, see `parse_prompt`. May be empty: whatever the model likes.
        seed : int, None, or list of int
            Lists make several riffs: of prompts, of seeds, or of both in pairs.
        duration : float, optional [s, up to 600]
            Default: the model's own window. Anything longer is one piece, denoised jointly in overlapping windows.
        loop : bool
            Time is a circle, in the model, the picture and the sound: the end joins the beginning.
        bars, bpm : int and float, optional
            A musical length for a loop, instead of `duration` (four beats to the bar).

        Returns
        -------
        Riff, or list of Riff if `prompt` or `seed` was a list

        Raises
        ------
        ValueError
            If a value is out of range; the message says what is allowed.
        riffkit.progress.Cancelled
            If `progress` returned False.
        """
        num_inference_steps, guidance_scale, scheduler = self.defaults.unless(
            num_inference_steps, guidance_scale, scheduler
        )
        if isinstance(prompt, (list, tuple)) or isinstance(seed, (list, tuple)):
            pairs = _pairs(prompt, seed)
            with shown(progress, "riffs") as progress:
                return [
                    self.riff(
                        one_prompt,
                        one_seed,
                        duration=duration,
                        loop=loop,
                        bars=bars,
                        bpm=bpm,
                        negative_prompt=negative_prompt,
                        num_inference_steps=num_inference_steps,
                        guidance_scale=guidance_scale,
                        scheduler=scheduler,
                        quality=quality,
                        progress=_among(progress, i, len(pairs), num_inference_steps + 2),
                    )
                    for i, (one_prompt, one_seed) in enumerate(pairs)
                ]
        seed = checked_seed(seed)
        arguments = _without(locals(), "self", "progress")
        width, columns = timeline.painted_length(
            self.checkpoint, self.params, duration=duration, loop=loop, bars=bars, bpm=bpm
        )
        with shown(progress, "riff") as progress:
            made_of = self._ingredients(prompt, seed, width, negative_prompt, guidance_scale)
            return self._run("riff", arguments, made_of, columns, progress, loop=loop)

    def story(
        self,
        chapters,
        duration,
        seed=0,
        *,
        transition=2.56,
        loop=False,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        scheduler=None,
        quality="default",
        progress=None,
    ):
        """One piece whose words change over time: `story([(0, "church bells"), (10, "techno")], duration=30)`.

        Parameters
        ----------
        chapters : list of (float, str)
            When each begins, in seconds, the first at 0, and its words.
        duration : float [s, up to 600]
        transition : float [s]
            How long the words of one chapter take to become those of the next, centred on the next one's beginning.

        Returns
        -------
        Riff
        """
        num_inference_steps, guidance_scale, scheduler = self.defaults.unless(
            num_inference_steps, guidance_scale, scheduler
        )
        seed = checked_seed(seed)
        chapters = timeline.check_story(chapters)
        arguments = _without(locals(), "self", "progress") | {"chapters": [list(c) for c in chapters]}
        timeline.check_duration(duration)
        if chapters[-1][0] >= duration:
            raise ValueError(f"the last chapter begins at {chapters[-1][0]:g} s, the story ends at {duration:g} s")
        if not 0 <= transition <= timeline.LONGEST:
            raise ValueError(f"transition is {transition!r}, expected 0..{timeline.LONGEST:g} s")
        params = self.params
        width, columns = timeline.painted_length(self.checkpoint, params, duration=duration, loop=loop)
        with shown(progress, "story") as progress:
            words = equal_length(self.checkpoint, *[self._words(prompt) for _, prompt in chapters])
            times = [time for time, _ in chapters]
            made_of = self._ingredients("", seed, width, negative_prompt, guidance_scale)
            along = []
            for middle in timeline.window_times(self.checkpoint, params, width, loop=loop):
                a, b, alpha = timeline.place_in_story(times, middle, transition)
                along.append(lerp(words[a], words[b], alpha))
            return self._run("story", arguments, replace(made_of, words=along), columns, progress, loop=loop)

    # -- from pictures, clips and riffs -------------------------------------------------------------------------------

    def vary(
        self,
        source,
        prompt="",
        seed=0,
        *,
        strength=0.6,
        loop=None,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        scheduler=None,
        quality="default",
        progress=None,
    ):
        """Repaint a recording or picture towards words; as long as it was, nothing stretched, no tail dropped.

        Parameters
        ----------
        source : Clip, PIL.Image.Image, Riff, str or Path
            Of any length up to 600 s.
        prompt : str
        strength : float, 0..1
            0 returns the source, as far as the autoencoder can say it; 1 ignores it.
        loop : bool, optional
            Default: as the source says, if it is a riff.

        Returns
        -------
        Riff
            With the source's level and, for a clip, its exact length.
        """
        num_inference_steps, guidance_scale, scheduler = self.defaults.unless(
            num_inference_steps, guidance_scale, scheduler
        )
        seed = checked_seed(seed)
        given = as_source(source, self.checkpoint, loop=loop)
        loop = given.loop
        arguments = _without(locals(), "self", "progress", "given") | {"source": packed_source(source, given)}
        with shown(progress, "vary") as progress:
            known, columns = self._latents_of(given, loop)
            made_of = self._ingredients(prompt, seed, known.shape[-1], negative_prompt, guidance_scale)
            made_of = replace(made_of, known=known, strength=strength)
            return self._run("vary", arguments, made_of, columns, progress, loop=loop, given=given)

    def inpaint(
        self,
        source,
        mask,
        prompt="",
        seed=0,
        *,
        strength=1.0,
        loop=None,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        scheduler=None,
        quality="default",
        progress=None,
    ):
        """Repaint the white part of a mask; where it is black, every pixel stays as it was.

        Parameters
        ----------
        source : Clip, PIL.Image.Image, Riff, str or Path
        mask : PIL.Image.Image, array, or list of boxes
            White is repainted, black kept, grey kept for that part of the steps; any size. Boxes are `(start_s, end_s)`
            or `(start_s, end_s, low_hz, high_hz)`.

        Returns
        -------
        Riff
            Where whole columns are kept, so are the samples of the source's sound, away from the border.
        """
        num_inference_steps, guidance_scale, scheduler = self.defaults.unless(
            num_inference_steps, guidance_scale, scheduler
        )
        seed = checked_seed(seed)
        given = as_source(source, self.checkpoint, loop=loop)
        loop = given.loop
        mask = as_mask(unpack(mask))
        values = mask_pixels(mask, *given.pixels.shape, given.params)
        arguments = _without(locals(), "self", "progress", "given", "values")
        arguments |= {"source": packed_source(source, given, with_clip=True), "mask": pack(mask)}
        with shown(progress, "inpaint") as progress:
            known, columns = self._latents_of(given, loop)
            made_of = self._ingredients(prompt, seed, known.shape[-1], negative_prompt, guidance_scale)
            free = free_cells(values, self.checkpoint.factor, known.shape[-1])
            made_of = replace(made_of, known=known, strength=strength, free=free)
            return self._run("inpaint", arguments, made_of, columns, progress, loop=loop, given=given, kept=values == 0)

    def extend(
        self,
        source,
        prompt=None,
        seed=0,
        *,
        seconds=5.12,
        side="right",
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        scheduler=None,
        quality="default",
        progress=None,
    ):
        """Paint on, before or after a source; the old part stays as it was, in picture and sound.

        Parameters
        ----------
        source : Clip, PIL.Image.Image, Riff, str or Path
        prompt : str, optional
            Default: the source's own words, if it is a riff.
        seconds : float [s]
            How much to add.
        side : str
            "right" (after the end) or "left" (before the beginning).

        Returns
        -------
        Riff
        """
        num_inference_steps, guidance_scale, scheduler = self.defaults.unless(
            num_inference_steps, guidance_scale, scheduler
        )
        seed = checked_seed(seed)
        if side not in ("right", "left"):
            raise ValueError(f"side is {side!r}, expected 'right' or 'left'")
        timeline.check_duration(seconds, "seconds")
        given = as_source(source, self.checkpoint, loop=False)
        prompt = given.prompt if prompt is None else prompt
        arguments = _without(locals(), "self", "progress", "given")
        arguments |= {"source": packed_source(source, given, with_clip=True)}
        new = max(round(seconds * 1000 / given.params.hop_ms), 1)
        old = given.pixels.shape[1]
        timeline.check_duration((old + new) * given.params.hop_ms / 1000, "the extended length")
        f, half = self.checkpoint.factor, self.checkpoint.window // 2
        with shown(progress, "extend") as progress:
            # Only as much of the old part as one window sees is shown to the model. Half windows of it, so that the
            # new part keeps the old one's place in the bar.
            context = min(old // f // half * half or old // f, 2 * half) * f
            width = padded_width(math.ceil((context + new) / f), self.checkpoint.window)
            pixels, kept = _canvas(given.pixels, context, width * f, side)
            known = latents_from_pixels(self.checkpoint, pixels)
            free = free_cells(1.0 - kept.astype(np.float32), f, width)
            made_of = self._ingredients(prompt, seed, width, negative_prompt, guidance_scale)
            made_of = replace(made_of, known=known, free=free)
            return self._run(
                "extend", arguments, made_of, old + new, progress, given=given, around=(side, context, new)
            )

    # -- between ------------------------------------------------------------------------------------------------------

    def interpolate(
        self,
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
        num_inference_steps, guidance_scale, _ = self.defaults.unless(num_inference_steps, guidance_scale, scheduler)
        single = isinstance(alpha, (int, float)) and not isinstance(alpha, bool)
        places = [alpha] if single else alphas(steps, curve, power=power) if alpha is None else list(alpha)
        if not places or not all(isinstance(place, (int, float)) and 0 <= place <= 1 for place in places):
            raise ValueError(f"alpha is {alpha!r}, expected one number or several in 0..1")
        both = {
            "seed": seed,
            "guidance_scale": guidance_scale,
            "negative_prompt": negative_prompt,
            "strength": strength,
        }
        ends = [as_end(value, self.checkpoint, _of_end(both, i)) for i, value in enumerate((a, b))]
        ends = [replace(end, seed=checked_seed(end.seed)) for end in ends]
        scheduler = checked_scheduler(scheduler, ends, self.defaults.scheduler)
        a, b = (end.packed | {"seed": end.seed} for end in ends)
        shared = {"num_inference_steps": num_inference_steps, "scheduler": scheduler, "quality": quality}
        shared |= {"duration": duration, "loop": loop, "align": align}
        width, columns, ends = common_length(
            ends, self.checkpoint, self.params, duration=duration, loop=loop, align=align
        )
        with shown(progress, "interpolate") as progress:
            each = num_inference_steps + 2
            total = len(places) * each + num_inference_steps * sum(end.inverted for end in ends)
            made_of, done = all_ingredients(
                self, ends, width, loop=loop, num_inference_steps=num_inference_steps, progress=progress, total=total
            )
            riffs = []
            for i, place in enumerate(places):
                arguments = {"a": a, "b": b, "alpha": place, **shared}
                end = ends[round(place)] if place in (0, 1) else None
                if end is not None and end.inverted:
                    recipe = make_recipe(self.checkpoint, "interpolate", arguments, {"loop": loop, "quality": quality})
                    riffs.append(Riff(end.source.image, recipe))
                    continue
                mixed = blend(self.checkpoint, *made_of, place)
                stage = part(progress, done + i * each, each, total)
                given = next((end.source for end in ends if end.source is not None), None)
                riffs.append(
                    self._run(
                        "interpolate",
                        arguments,
                        mixed,
                        columns,
                        stage,
                        loop=loop,
                        given=given,
                        sounding=single,
                        seed=ends[0].seed if place < 1 else ends[1].seed,
                    )
                )
            report(progress, total, total)
        return riffs[0] if single else Walk(riffs, places)

    def walk(
        self,
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
        num_inference_steps, guidance_scale, _ = self.defaults.unless(num_inference_steps, guidance_scale, scheduler)
        points = list(points)
        if len(points) < 2:
            raise ValueError(f"{len(points)} points; a walk needs at least 2")
        seeds = list(seed) if isinstance(seed, (list, tuple)) else [seed] * len(points)
        if len(seeds) != len(points):
            raise ValueError(f"{len(points)} points and {len(seeds)} seeds; give one seed, or one for each point")
        seeds = [checked_seed(one) for one in seeds]
        common = {"negative_prompt": negative_prompt, "guidance_scale": guidance_scale}
        common |= {"num_inference_steps": num_inference_steps, "quality": quality}
        if duration is not None:
            options = {
                **common,
                "scheduler": scheduler or self.defaults.scheduler,
                "curve": curve,
                "power": power,
                "loop": loop,
            }
            return self._journey(points, seeds, duration, progress, **options)
        riffs, places = [], []
        stretches = list(zip(points, points[1:], strict=False))
        with shown(progress, "walk") as progress:
            for i, (a, b) in enumerate(stretches):
                there = alphas(steps, curve, power=power)[1 if i else 0 :]
                part_of_it = self.interpolate(
                    a,
                    b,
                    there,
                    seed=(seeds[i], seeds[i + 1]),
                    strength=strength,
                    loop=loop,
                    align=align,
                    scheduler=scheduler,
                    progress=_among(progress, i, len(stretches), 1000),
                    **common,
                )
                riffs += part_of_it.riffs
                places += [i + place for place in there]
        return Walk(riffs, places)

    def _journey(self, points, seeds, duration, progress, *, curve, power, loop, negative_prompt, **settings):
        defaults = {"negative_prompt": negative_prompt, "guidance_scale": settings["guidance_scale"], "strength": None}
        ends = [
            as_end(point, self.checkpoint, {"prompt": "", "seed": one} | defaults)
            for point, one in zip(points, seeds, strict=True)
        ]
        if any(end.source is not None for end in ends):
            raise ValueError("a journey with duration goes between words and seeds; walk over recordings with steps")
        params, last = self.params, len(ends) - 1
        width, columns = timeline.painted_length(self.checkpoint, params, duration=duration, loop=loop)
        arguments = {
            "points": [end.packed for end in ends],
            "seed": [end.seed for end in ends],
            "duration": duration,
            "curve": curve,
            "power": power,
            "loop": loop,
            "negative_prompt": negative_prompt,
            **settings,
        }

        def place(share):  # between which two points, and where between them
            share = 1 - abs(1 - 2 * share) if loop else share  # a loop goes there and back
            index = min(int(share * last), last - 1)
            return index, bend(share * last - index, curve, power=power)

        with shown(progress, "walk") as progress:
            words = equal_length(self.checkpoint, *[self._words(end.prompt) for end in ends])
            fields = [draw_noise(self.checkpoint, end.seed, width) for end in ends]
            cells = columns / self.checkpoint.factor
            noise = []
            for column in range(width):
                index, alpha = place(min((column + 0.5) / cells, 1))
                here = slice(column, column + 1)
                noise.append(slerp(fields[index][..., here], fields[index + 1][..., here], alpha))
            along = []
            for middle in timeline.window_times(self.checkpoint, params, width, loop=loop):
                index, alpha = place(min(middle / duration % 1 if loop else middle / duration, 1))
                along.append(lerp(words[index], words[index + 1], alpha))
            made_of = self._ingredients("", 0, width, negative_prompt, settings["guidance_scale"])
            made_of = replace(made_of, words=along, noise=torch.cat(noise, -1))
            return self._run("walk", arguments, made_of, columns, progress, loop=loop, seed=ends[0].seed)

    # -- again --------------------------------------------------------------------------------------------------------

    def replay(self, recipe, *, source=None, progress=None):
        """Make a saved riff again, bit for bit (same machine, versions, device and dtype).

        Parameters
        ----------
        recipe : str, Path, Riff or dict
            A file that `riff.save` wrote, a riff, or its recipe.
        source : optional
            What the riff was made from, if it was too long to travel in the recipe.

        Returns
        -------
        Riff

        Raises
        ------
        ValueError
            If there is no recipe, or it belongs to another checkpoint.
        """
        if isinstance(recipe, (str, Path)):
            recipe = load_recipe(recipe)
        recipe = recipe.recipe if isinstance(recipe, Riff) else recipe
        made_with, checkpoint = recipe["checkpoint"], self.checkpoint
        if made_with["hash"] != checkpoint.hash and made_with["hash"] == self._hash_live():
            return self.live().replay(recipe, source=source, progress=progress)
        if made_with["hash"] != checkpoint.hash:
            raise ValueError(
                f"this recipe was made with checkpoint {made_with['name']!r} (hash {made_with['hash'][:12]}), loaded is"
                f" {checkpoint.name!r} (hash {checkpoint.hash[:12]}); try riffkit.load({made_with['name']!r})"
            )
        dtype = str(checkpoint.dtype).removeprefix("torch.")
        if (made_with["device"], made_with["dtype"]) != (checkpoint.device.type, dtype):
            warnings.warn(
                f"made on {made_with['device']} in {made_with['dtype']}, replayed on {checkpoint.device.type} in"
                f" {dtype}: it will sound alike, but not be the same bit for bit",
                stacklevel=2,
            )
        operations = ("riff", "story", "vary", "inpaint", "extend", "interpolate", "walk", "frames")
        if recipe["operation"] not in operations:
            raise ValueError(f"the recipe's operation {recipe['operation']!r} is none of {', '.join(operations)}")
        if recipe["operation"] == "frames":
            frames = [self.replay(frame, progress=progress) for frame in recipe["frames"]]
            return Walk(frames, [frame.recipe["arguments"]["alpha"] for frame in frames])
        arguments = dict(recipe["arguments"])
        if source is not None:
            arguments["source"] = source
        return getattr(self, recipe["operation"])(**arguments, progress=progress)

    def _hash_live(self):
        from .lora_weights import hash_with, plain_and_loras

        base, loras = plain_and_loras(self.checkpoint)
        return base.live_file and hash_with(base, (*loras, (base.live_file, 1.0)))

    # -- what the methods share ---------------------------------------------------------------------------------------

    def _words(self, prompt):
        if self.checkpoint.vocabulary is not None:
            warn_of_unknown_words(prompt, self.checkpoint.vocabulary, self._named)
        return embed_prompt(self.checkpoint, prompt)

    def _ingredients(self, prompt, seed, width, negative_prompt, guidance_scale):
        if isinstance(guidance_scale, bool) or not 0 <= guidance_scale <= 100:
            raise ValueError(f"guidance_scale is {guidance_scale!r}, expected 0..100 (4 is usual)")
        return Ingredients(
            words=self._words(prompt),
            negative_words=self._words(negative_prompt),
            noise=draw_noise(self.checkpoint, seed, width),
            guidance_scale=float(guidance_scale),
        )

    def _latents_of(self, given, loop):
        """A source's latents, its end mirrored to fill the last window; and how many columns it really has."""
        pixels, f = given.pixels, self.checkpoint.factor
        columns = pixels.shape[1]
        timeline.check_duration(columns * given.params.hop_ms / 1000, "the source's length")
        if loop:  # whole latent columns go round; `_run` stretches back
            pixels = timeline.stretch(pixels, max(round(columns / f), 1) * f, loop=True)
        else:
            pixels = timeline.fit_columns(pixels, padded_width(math.ceil(columns / f), self.checkpoint.window) * f)
        return latents_from_pixels(self.checkpoint, np.ascontiguousarray(pixels), circular=loop), columns

    def _run(
        self,
        operation,
        arguments,
        made_of,
        columns,
        progress,
        *,
        seed=None,
        loop=False,
        given=None,
        kept=None,
        around=None,
        sounding=True,
    ):
        """Paint, decode, put back what is kept, find the sound (if `sounding`), and write the recipe."""
        checkpoint = self.checkpoint
        if arguments["quality"] not in ITERATIONS:
            raise ValueError(f"quality is {arguments['quality']!r}, expected one of {', '.join(ITERATIONS)}")
        steps = number_of_steps(arguments["num_inference_steps"], 1.0 if made_of.known is None else made_of.strength)
        total = steps + 2  # the picture and the sound count as one step each
        latents = paint(
            checkpoint,
            made_of,
            scheduler=arguments["scheduler"],
            num_inference_steps=arguments["num_inference_steps"],
            seed=arguments["seed"] if seed is None else seed,
            loop=loop,
            progress=part(progress, 0, steps, total),
        )
        pixels = pixels_from_latents(checkpoint, latents, circular=loop, progress=part(progress, steps, 1, total))
        if around is not None:
            pixels, kept = _attach(given, pixels, *around)
        elif loop:
            pixels = timeline.stretch(pixels, columns, loop=True)
            pixels = timeline.cut_where_quiet(pixels) if given is None else pixels
        pixels = pixels[:, :columns]
        if kept is not None and around is None:
            pixels = np.where(kept[..., None], np.asarray(given.image.convert("RGB")), pixels[..., None])
        sound = {"loop": loop, "quality": arguments["quality"]}
        if given is not None and given.n_samples is not None:
            sound["level"] = "stored"
            if operation != "interpolate":
                added = (
                    0 if around is None else round(around[2] * given.params.hop_ms / 1000 * given.params.sample_rate)
                )
                sound["n_samples"] = given.n_samples + added
        image = picture_of(
            np.ascontiguousarray(pixels),
            self.params if given is None else given.params,
            None if given is None else given.level,
        )
        recipe = make_recipe(checkpoint, operation, arguments, sound)
        if not sounding:
            return Riff(image, recipe)
        clip = sound_of(image, **sound, progress=part(progress, steps + 1, 1, total))
        if kept is not None and given.clip is not None:
            shift = around[2] if around is not None and around[0] == "left" else 0
            clip = keep_sound(clip, given.clip, kept.all(0), given.params, shift=shift)
        report(progress, total, total)
        return Riff(image, recipe, clip)


def checked_seed(seed):
    """A seed as a plain int; None draws one.

    Raises
    ------
    ValueError
        If it is no whole number in 0..2**63 - 1.
    """
    if seed is None:
        return secrets.randbelow(2**31)
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ValueError(f"seed is {seed!r}, expected a whole number in 0..2**63 - 1, or None to draw one")
    return int(seed)


def checked_scheduler(scheduler, ends, usual):
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


def _of_end(both, i):
    """The i-th of every pair; what is no pair is for both ends."""
    fields = {}
    for name, value in both.items():
        if isinstance(value, (list, tuple)):
            if len(value) != 2:
                raise ValueError(f"{name} has {len(value)} values; expected one, or one for each end")
            value = value[i]
        fields[name] = value
    return {"prompt": "", **fields}


def _pairs(prompt, seed):
    prompts = list(prompt) if isinstance(prompt, (list, tuple)) else None
    seeds = list(seed) if isinstance(seed, (list, tuple)) else None
    if prompts is None:
        prompts = [prompt] * len(seeds)
    if seeds is None:
        seeds = [seed] * len(prompts)
    if len(prompts) != len(seeds) or not prompts:
        raise ValueError(f"{len(prompts)} prompts and {len(seeds)} seeds; lists must be of one length, at least 1")
    return list(zip(prompts, seeds, strict=True))


def _among(progress, i, n, steps):
    """Progress of the i-th of n equal calls; False (no bar of its own) if nobody listens."""
    if progress is None:
        return False
    return part(progress, i * steps, steps, n * steps)


def _without(names, *left_out):
    return {name: value for name, value in names.items() if name not in (*left_out, "source", "mask")}


def _canvas(pixels, context, width, side):
    """The picture's edge, `context` columns of it, in a canvas of `width` columns; and which pixels are kept."""
    canvas = np.full((pixels.shape[0], width), 255, np.uint8)
    kept = np.zeros(canvas.shape, bool)
    if side == "right":
        canvas[:, :context], kept[:, :context] = pixels[:, pixels.shape[1] - context :], True
    else:
        canvas[:, width - context :], kept[:, width - context :] = pixels[:, :context], True
    return canvas, kept


def _attach(given, painted, side, context, new):
    """The old picture with the new columns at its side; and which pixels of the whole are the old ones."""
    old = np.asarray(given.image.convert("RGB"))
    if side == "right":
        added = painted[:, context : context + new, None].repeat(3, 2)
        pixels = np.concatenate([old, added], 1)
    else:
        end = painted.shape[1] - context
        added = painted[:, end - new : end, None].repeat(3, 2)
        pixels = np.concatenate([added, old], 1)
    kept = np.zeros(pixels.shape[:2], bool)
    kept[:, new:] = True
    return pixels, kept if side == "left" else kept[:, ::-1]
