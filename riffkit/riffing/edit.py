"""From a recording, picture or riff: vary it, inpaint a place of it, or extend it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np
from PIL import Image

from riffkit.diffusion.latents import latents_from_pixels
from riffkit.diffusion.schedulers import check_strength
from riffkit.diffusion.windows import padded_width
from riffkit.models.emphasis import check_prompt
from riffkit.progress import Progress, shown
from riffkit.riffing import timeline
from riffkit.riffing.masks import as_mask, free_cells, mask_pixels
from riffkit.riffing.options import OptionKeywords, takes_options
from riffkit.riffing.recipes.packing import pack, unpack
from riffkit.riffing.riff import Riff
from riffkit.riffing.source import Source, as_source, packed_source
from riffkit.riffing.task import Task, checked_seed, fitting, ingredients, latents_of, run
from riffkit.sound.clip import Clip
from riffkit.sound.files import image_of

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer


@takes_options()
def vary(
    riffer: "Riffer",
    source: Clip | Image.Image | Riff | str | Path,
    prompt: str = "",
    seed: int | None = 0,
    *,
    strength: float = 0.6,
    loop: bool | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff:
    """Image-to-image: repaint a recording or picture towards words, as long as it was, nothing stretched.

    Parameters
    ----------
    source : Clip, PIL.Image.Image, Riff, str or Path
        Of any length up to 600 s. A string or Path is a file: sound, picture, or a saved riff.
    prompt : str
        `(word:1.3)` weighs a word, see `parse_prompt`.
    seed : int or None [0..2**63 - 1]
        Decides the noise; None draws one.
    strength : float [0..1]
        How free the run is from the source. Of the steps, the last round(strength * num_inference_steps) are taken, at
        least one unless strength is 0. 0 returns the source, as far as the autoencoder can say it; 1 ignores it.
    loop : bool, optional
        Time is periodic. Default: as the source says, if it is a riff.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff
        With the source's level and, for a clip, its exact length.

    Raises
    ------
    TypeError, FileNotFoundError
        If the source is none.
    ValueError
        If a value is out of range; the message says what is allowed.

    References
    ----------
    Meng et al., "SDEdit", 2021. Taught in notebooks/04_riffing_on_your_audio.ipynb.
    """
    check_strength(strength)
    chosen = riffer.defaults.asked(riffer.checkpoint, options, from_picture=strength < 1)
    seed = checked_seed(seed)
    check_prompt(prompt)
    given = as_source(source, riffer.checkpoint, loop=loop)
    arguments = {"prompt": prompt, "seed": seed, "strength": strength, "loop": given.loop, **chosen.recipe}
    arguments |= {"source": packed_source(source, given)}
    with shown(progress, "vary") as reporter:
        known, columns = latents_of(riffer.checkpoint, given, given.loop)
        made_of = ingredients(riffer, prompt, seed, known.shape[-1], chosen.negative_prompt, chosen.guidance_scale)
        made_of = replace(made_of, known=known, strength=strength)
        task = Task("vary", arguments, chosen, seed, given.loop, given, given.n_samples)
        return run(riffer, task, made_of, fitting(columns, given.loop), reporter)


@takes_options()
def inpaint(
    riffer: "Riffer",
    source: Clip | Image.Image | Riff | str | Path,
    mask: Image.Image | np.ndarray | Sequence[Sequence[float]] | str | Path,
    prompt: str = "",
    seed: int | None = 0,
    *,
    strength: float = 1.0,
    loop: bool | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff:
    """Inpainting: repaint the white part of a mask; where it is black, every pixel stays as it was.

    Parameters
    ----------
    source : Clip, PIL.Image.Image, Riff, str or Path
        As in `vary`.
    mask : PIL.Image.Image, str or Path of one, array, or list of boxes
        White is repainted, black kept, grey kept for that part of the steps; any size. Boxes are `(start_s, end_s)`
        or `(start_s, end_s, low_hz, high_hz)`.
    prompt : str
    seed : int or None [0..2**63 - 1]
        None draws one.
    strength : float [0..1]
        How free the repainted part is from what stood there, as in `vary`.
    loop : bool, optional
        Time is periodic. Default: as the source says, if it is a riff.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff
        Where whole columns are kept, so are the samples of the source's sound, away from the border.

    Raises
    ------
    TypeError, FileNotFoundError, ValueError
        As in `vary`; and if the mask keeps everything, or is none.

    References
    ----------
    Lugmayr et al., "RePaint", 2022. Taught in notebooks/04_riffing_on_your_audio.ipynb.
    """
    chosen = riffer.defaults.asked(riffer.checkpoint, options, from_picture=True)
    seed = checked_seed(seed)
    check_strength(strength)
    check_prompt(prompt)
    given = as_source(source, riffer.checkpoint, loop=loop)
    mask = as_mask(image_of(mask) if isinstance(mask, (str, Path)) else unpack(mask))
    rows, columns = given.pixels.shape
    values = mask_pixels(mask, rows, columns, given.params)
    arguments = {"prompt": prompt, "seed": seed, "strength": strength, "loop": given.loop, **chosen.recipe}
    arguments |= {"source": packed_source(source, given, with_clip=True), "mask": pack(mask)}
    with shown(progress, "inpaint") as reporter:
        known, columns = latents_of(riffer.checkpoint, given, given.loop)
        made_of = ingredients(riffer, prompt, seed, known.shape[-1], chosen.negative_prompt, chosen.guidance_scale)
        free = free_cells(values, riffer.checkpoint.factor, known.shape[-1])
        made_of = replace(made_of, known=known, strength=strength, free=free)

        def compose(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            kept, old = values == 0, np.asarray(given.image.convert("RGB"))
            new, _ = fitting(columns, given.loop)(pixels)
            return np.where(kept[..., None], old, new[..., None]), kept

        task = Task("inpaint", arguments, chosen, seed, given.loop, given, given.n_samples)
        return run(riffer, task, made_of, compose, reporter)


@takes_options()
def extend(
    riffer: "Riffer",
    source: Clip | Image.Image | Riff | str | Path,
    prompt: str | None = None,
    seed: int | None = 0,
    *,
    duration: float | None = None,
    side: str = "right",
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff:
    """Outpainting: paint on, before or after a source; the old part stays as it was, in picture and sound.

    Parameters
    ----------
    source : Clip, PIL.Image.Image, Riff, str or Path
        As in `vary`.
    prompt : str, optional
        Default: the source's own words, if it is a riff.
    seed : int or None [0..2**63 - 1]
        None draws one.
    duration : float, optional [s, above 0; up to 600 with the source's]
        How much to add. Default: the model's own window, 5.12 s.
    side : str
        "right" (after the end) or "left" (before the beginning).
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff

    Raises
    ------
    TypeError, FileNotFoundError, ValueError
        As in `vary`.

    References
    ----------
    Taught in notebooks/04_riffing_on_your_audio.ipynb.
    """
    chosen = riffer.defaults.asked(riffer.checkpoint, options, from_picture=True)
    seed = checked_seed(seed)
    if side not in ("right", "left"):
        raise ValueError(f"side is {side!r}, expected 'right' or 'left'")
    f, window = riffer.checkpoint.factor, riffer.checkpoint.window
    duration = window * f * riffer.params.hop_s if duration is None else duration
    timeline.check_duration(duration)
    if prompt is not None:
        check_prompt(prompt)
    given = as_source(source, riffer.checkpoint, loop=False)
    if prompt is None:
        prompt = given.prompt
        check_prompt(prompt, "the source's prompt")
    arguments = {"prompt": prompt, "seed": seed, "duration": duration, "side": side, **chosen.recipe}
    arguments |= {"source": packed_source(source, given, with_clip=True)}
    old, new = given.pixels.shape[1], max(round(duration / given.params.hop_s), 1)
    timeline.check_source(old + new, given.params, "the extended length")
    with shown(progress, "extend") as reporter:
        # Only as much of the old part as one window sees is shown to the model. Half windows of it, so that the
        # new part keeps the old one's place in the bar.
        half = window // 2
        context = min(old // f // half * half or old // f, 2 * half) * f
        width = padded_width(math.ceil((context + new) / f), window)
        pixels, kept = _canvas(given.pixels, context, width * f, side)
        known = latents_from_pixels(riffer.checkpoint, pixels)
        free = free_cells(1.0 - kept.astype(np.float32), f, width)
        made_of = ingredients(riffer, prompt, seed, width, chosen.negative_prompt, chosen.guidance_scale)
        made_of = replace(made_of, known=known, free=free)

        def compose(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return _attach(given, pixels, side, context, new)

        task = Task("extend", arguments, chosen, seed, given=given, shift=new if side == "left" else 0)
        if given.n_samples is not None:
            task = replace(task, n_samples=given.n_samples + new * given.params.hop_length)
        return run(riffer, task, made_of, compose, reporter)


def _canvas(pixels: np.ndarray, context: int, width: int, side: str) -> tuple[np.ndarray, np.ndarray]:
    """The picture's edge, `context` columns of it, in a canvas of `width` columns; and which pixels are kept."""
    canvas = np.full((pixels.shape[0], width), 255, np.uint8)
    kept = np.zeros(canvas.shape, bool)
    if side == "right":
        canvas[:, :context], kept[:, :context] = pixels[:, pixels.shape[1] - context :], True
    else:
        canvas[:, width - context :], kept[:, width - context :] = pixels[:, :context], True
    return canvas, kept


def _attach(given: Source, painted: np.ndarray, side: str, context: int, new: int) -> tuple[np.ndarray, np.ndarray]:
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
