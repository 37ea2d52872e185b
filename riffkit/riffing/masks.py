"""Masks: white is repainted, black is kept, grey is kept for that part of the steps."""

import dataclasses
from typing import Any

import numpy as np
import torch
from PIL import Image

from riffkit.progress import notice
from riffkit.sound.params import SpectrogramParams


def as_mask(mask: Any) -> Image.Image | list[Any]:
    """A mask as a grey picture or a list of boxes, the two forms in which a recipe can carry it.

    Parameters
    ----------
    mask : PIL.Image.Image, array [shape=(rows, columns)], or list of boxes
        Of a picture with transparent parts these are kept, which is said; 16-bit greys are scaled. Arrays are 0..255
        (integers; 0..65535 if some are larger and the type has 16 bits), 0..1 (floats) or bool, and are rounded to 256
        shades. Boxes are `(start_s, end_s)` or `(start_s, end_s, low_hz, high_hz)`.

    Returns
    -------
    PIL.Image.Image [mode "L"] or list of lists [s, Hz]

    Raises
    ------
    ValueError
        If an array is empty, has no two axes, or has values out of range.
    """
    if isinstance(mask, Image.Image):
        return _grey(mask)
    if isinstance(mask, (list, tuple)) and mask and all(_is_box(box) for box in mask):
        return [list(box) for box in mask]
    array = np.asarray(mask)
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "buif":
        raise ValueError(f"mask has shape {array.shape}, type {array.dtype}; expected (rows, columns) of numbers")
    full = 65535 if array.dtype == np.uint16 and array.max() > 255 else 255 if array.dtype.kind in "ui" else 1
    values = array.astype(np.float32) / full
    if not (values.min() >= 0 and values.max() <= 1):  # NaN fails both
        raise ValueError(f"mask goes from {values.min():g} to {values.max():g}; expected 0..1, or 0..255 as integers")
    return Image.fromarray(np.rint(values * 255).astype(np.uint8))


def _grey(mask: Image.Image) -> Image.Image:
    """A mask of any mode in 256 shades: deep greys scaled, transparent parts black."""
    if mask.mode.startswith("I") or mask.mode == "F":
        values = np.asarray(mask).astype(np.float32)
        if not (values.min() >= 0 and values.max() <= 65535):  # NaN fails both
            raise ValueError(
                f"mask of mode {mask.mode} goes from {values.min():g} to {values.max():g}; expected 0..65535"
            )
        deep = mask.mode.startswith("I;16") or values.max() > 255
        return Image.fromarray(np.rint(values / (257 if deep else 1)).astype(np.uint8))
    if mask.mode not in ("RGBA", "LA", "PA", "La", "RGBa") and "transparency" not in mask.info:
        return mask.convert("L")
    seen = mask.convert("RGBA")
    alpha = seen.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return seen.convert("L")
    grey = Image.composite(seen.convert("L"), Image.new("L", seen.size, 0), alpha)
    dark = grey.getextrema()[1] == 0
    notice(
        "the mask has transparent parts, which are kept"
        + ("; what is painted in it is black, so that nothing is repainted: paint in white" if dark else "")
    )
    return grey


def _is_box(box: Any) -> bool:
    return isinstance(box, (list, tuple)) and len(box) in (2, 4)


def mask_pixels(mask: Image.Image | list[Any], rows: int, columns: int, params: SpectrogramParams) -> np.ndarray:
    """A mask as numbers for each pixel of a picture.

    Parameters
    ----------
    mask : PIL.Image.Image or list of boxes
        From `as_mask`. A picture of any size is resized. What lies inside a box is repainted; its edges are those of
        `SpectrogramParams.box`.
    rows, columns : int [pixels]
        Of the picture it belongs to.
    params : SpectrogramParams
        For boxes: which row is which frequency.

    Returns
    -------
    np.ndarray [shape=(rows, columns), float32, 0..1]

    Raises
    ------
    ValueError
        If a box lies outside the picture.
    """
    if isinstance(mask, list):
        return _boxes(mask, rows, columns, params)
    if mask.size != (columns, rows):
        sharp = len(mask.getcolors() or ()) <= 2  # a grey picture has 256 at most: never None
        mask = mask.resize((columns, rows), Image.Resampling.NEAREST if sharp else Image.Resampling.BILINEAR)
    return np.asarray(mask, np.float32) / 255


def _boxes(boxes: list[Any], rows: int, columns: int, params: SpectrogramParams) -> np.ndarray:
    values = np.zeros((rows, columns), np.float32)
    params = dataclasses.replace(params, n_mels=rows)
    for box in boxes:
        if not all(isinstance(value, (int, float)) and abs(value) < 1e12 for value in box):  # NaN fails too
            raise ValueError(f"box {str(tuple(box))[:80]} holds what is no time or frequency; expected finite numbers")
        start, end, low, high = (*box, params.fmin, params.fmax) if len(box) == 2 else box
        if not (0 <= start < end and start < columns * params.hop_s and params.fmin <= low < high):
            raise ValueError(
                f"box {tuple(box)} is not inside the picture of {columns * params.hop_s:.2f} s and {params.fmin:g} to"
                f" {params.fmax:g} Hz; expected (start_s, end_s) or (start_s, end_s, low_hz, high_hz)"
            )
        values[::-1][params.box(start, end, low, high)] = 1  # boxes count rows from below
    return values


def free_cells(values: np.ndarray, factor: int, width: int) -> torch.Tensor:
    """Latent cells a mask frees: each as free as its freest pixel, and all of what lies beyond the picture.

    Parameters
    ----------
    values : np.ndarray [shape=(rows, columns), 0..1]
        From `mask_pixels`.
    factor : int [pixels]
        Side of a latent cell; a divisor of the rows.
    width : int [cells]
        Of the latents.

    Returns
    -------
    torch.Tensor [shape=(rows / factor, width), float32]
    """
    rows, columns = values.shape
    padded = np.ones((rows, width * factor), np.float32)
    padded[:, :columns] = values[:, : width * factor]
    return torch.from_numpy(padded.reshape(rows // factor, factor, width, factor).max((1, 3)))
