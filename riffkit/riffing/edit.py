"""From a recording, picture or riff: vary it, repaint a place of it, or let it go on."""

import math
from dataclasses import replace

import numpy as np

from riffkit.diffusion.latents import latents_from_pixels
from riffkit.diffusion.sampling import check_strength
from riffkit.diffusion.windows import padded_width
from riffkit.progress import shown
from riffkit.riffing import timeline
from riffkit.riffing.common import How, checked_seed, fitting, ingredients, latents_of, run
from riffkit.riffing.masks import as_mask, free_cells, mask_pixels
from riffkit.riffing.recipe import pack, unpack
from riffkit.riffing.source import as_source, packed_source


def vary(
    riffer,
    source,
    prompt="",
    seed=0,
    *,
    strength=0.6,
    loop=None,
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
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
    check_strength(strength)
    common = negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
    how = How.of(riffer, *common, known=strength < 1)
    seed = checked_seed(seed)
    given = as_source(source, riffer.checkpoint, loop=loop)
    loop = given.loop
    arguments = {"prompt": prompt, "seed": seed, "strength": strength, "loop": loop, **how.recipe}
    arguments |= {"source": packed_source(source, given)}
    with shown(progress, "vary") as progress:
        known, columns = latents_of(riffer.checkpoint, given, loop)
        made_of = ingredients(riffer, prompt, seed, known.shape[-1], how.negative_prompt, how.guidance_scale)
        made_of = replace(made_of, known=known, strength=strength)
        options = {"seed": seed, "loop": loop, "given": given, "n_samples": given.n_samples}
        return run(riffer, "vary", arguments, how, made_of, fitting(columns, loop), progress, **options)


def inpaint(
    riffer,
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
    guidance_interval=None,
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
    common = negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
    how = How.of(riffer, *common, known=True)
    seed = checked_seed(seed)
    check_strength(strength)
    given = as_source(source, riffer.checkpoint, loop=loop)
    loop, mask = given.loop, as_mask(unpack(mask))
    values = mask_pixels(mask, *given.pixels.shape, given.params)
    arguments = {"prompt": prompt, "seed": seed, "strength": strength, "loop": loop, **how.recipe}
    arguments |= {"source": packed_source(source, given, with_clip=True), "mask": pack(mask)}
    with shown(progress, "inpaint") as progress:
        known, columns = latents_of(riffer.checkpoint, given, loop)
        made_of = ingredients(riffer, prompt, seed, known.shape[-1], how.negative_prompt, how.guidance_scale)
        free = free_cells(values, riffer.checkpoint.factor, known.shape[-1])
        made_of = replace(made_of, known=known, strength=strength, free=free)

        def compose(pixels):
            kept, old = values == 0, np.asarray(given.image.convert("RGB"))
            new, _ = fitting(columns, loop)(pixels)
            return np.where(kept[..., None], old, new[..., None]), kept

        options = {"seed": seed, "loop": loop, "given": given, "n_samples": given.n_samples}
        return run(riffer, "inpaint", arguments, how, made_of, compose, progress, **options)


def extend(
    riffer,
    source,
    prompt=None,
    seed=0,
    *,
    seconds=5.12,
    side="right",
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
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
    common = negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
    how = How.of(riffer, *common, known=True)
    seed = checked_seed(seed)
    if side not in ("right", "left"):
        raise ValueError(f"side is {side!r}, expected 'right' or 'left'")
    timeline.check_duration(seconds, "seconds")
    given = as_source(source, riffer.checkpoint, loop=False)
    prompt = given.prompt if prompt is None else prompt
    arguments = {"prompt": prompt, "seed": seed, "seconds": seconds, "side": side, **how.recipe}
    arguments |= {"source": packed_source(source, given, with_clip=True)}
    hop_ms = given.params.hop_ms
    old, new = given.pixels.shape[1], max(round(seconds * 1000 / hop_ms), 1)
    timeline.check_duration((old + new) * hop_ms / 1000, "the extended length")
    f, half = riffer.checkpoint.factor, riffer.checkpoint.window // 2
    with shown(progress, "extend") as progress:
        # Only as much of the old part as one window sees is shown to the model. Half windows of it, so that the
        # new part keeps the old one's place in the bar.
        context = min(old // f // half * half or old // f, 2 * half) * f
        width = padded_width(math.ceil((context + new) / f), riffer.checkpoint.window)
        pixels, kept = _canvas(given.pixels, context, width * f, side)
        known = latents_from_pixels(riffer.checkpoint, pixels)
        free = free_cells(1.0 - kept.astype(np.float32), f, width)
        made_of = ingredients(riffer, prompt, seed, width, how.negative_prompt, how.guidance_scale)
        made_of = replace(made_of, known=known, free=free)

        def compose(pixels):
            return _attach(given, pixels, side, context, new)

        options = {"seed": seed, "given": given, "shift": new if side == "left" else 0}
        if given.n_samples is not None:
            options["n_samples"] = given.n_samples + round(new * hop_ms / 1000 * given.params.sample_rate)
        return run(riffer, "extend", arguments, how, made_of, compose, progress, **options)


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
