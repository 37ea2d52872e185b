"""What of a fine-tuning is encoded once: pictures to latents, captions to embeddings."""

import contextlib
import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState

from riffkit.diffusion.latents import latents_from_pixels
from riffkit.models.checkpoint import Checkpoint
from riffkit.progress import Reporter, report
from riffkit.training.cached_array import cached_array
from riffkit.training.data.dataset import Dataset
from riffkit.training.data.rows import opened_picture
from riffkit.training.finetune.words import chunks_of


def embed_captions(base: Checkpoint, dataset: Dataset, others: Iterable[str] = ()) -> dict[str, torch.Tensor]:
    """Embed every caption of a data set once, and the empty one.

    Parameters
    ----------
    base : Checkpoint
    dataset : Dataset
    others : iterable of str
        More captions.

    Returns
    -------
    dict of str to torch.Tensor [shape=(tokens, width), float32]
    """
    return embedded(base, ["", *(row["text"] for rows in dataset.rows.values() for row in rows), *others])


@torch.no_grad()
def embedded(base: Checkpoint, captions: Iterable[str]) -> dict[str, torch.Tensor]:
    """Embed `captions` with the text encoder of `base`, each once: {caption: tensor [shape=(tokens, width)]}."""
    with lent(base, "text_encoder") as there:
        return {caption: _states(there, caption) for caption in dict.fromkeys(captions)}


def _states(base: Checkpoint, caption: str) -> torch.Tensor:
    chunks = chunks_of(base.tokenizer, caption).to(base.device)
    return base.text_encoder(chunks)[0].flatten(0, 1).float().cpu()


@contextlib.contextmanager
def lent(base: Checkpoint, *names: str) -> Iterator[Checkpoint]:
    """Move the parts `names` of the checkpoint `base` to the training's device inside a `with`, and back afterwards."""
    device, parts = PartialState().device, [getattr(base, name) for name in names]
    homes = [next(part.parameters()).device for part in parts]
    try:
        yield replace(base, device=device, **{name: part.to(device) for name, part in zip(names, parts, strict=True)})
    finally:
        for part, home in zip(parts, homes, strict=True):
            part.to(home)


@contextlib.contextmanager
def evaluating(model: Any) -> Iterator[Any]:
    """Put `model` in evaluation mode inside a `with`: no dropout, no gradient checkpointing."""
    training = model.training
    try:
        yield model.eval()
    finally:
        model.train(training)


def check_pictures(base: Checkpoint, dataset: Dataset) -> None:
    """Check the sizes of all pictures of a data set, without decoding them.

    Parameters
    ----------
    base : Checkpoint
        That is to learn from them.
    dataset : Dataset

    Raises
    ------
    ValueError
        If one cannot be opened, does not fit the checkpoint, or differs in width from the others of its split.
    """
    rows, columns = base.rows * base.factor, base.window * base.factor
    for split in dataset.rows.values():
        widths: dict[int, str] = {}
        for row in split:
            with opened_picture(row["path"]) as image:
                width, height = image.size
            if height != rows or width % base.factor:
                raise ValueError(
                    f"{row['path'].name} has {width} x {height} pixels; this checkpoint learns from"
                    f" pictures of {rows} rows (and usually {columns} columns)"
                )
            widths.setdefault(width, row["path"].name)
        if len(widths) > 1:
            two = " and ".join(f"{name} {width}" for width, name in list(widths.items())[:2])
            raise ValueError(f"pictures of one data set are equally wide, but {two} columns; make the data set again")


def cached_latents(
    output: Path, base: Checkpoint, dataset: Dataset, progress: Reporter | None = None
) -> dict[str, np.ndarray]:
    """Encode the pictures of a data set to latents, once: they are kept beside the run.

    Parameters
    ----------
    output : Path
        Of the run; gets `latents-train.npy` and `latents-validation.npy`.
    base : Checkpoint
    dataset : Dataset
        Checked by `check_pictures`.
    progress : callable or None
        Gets (0, pictures in all, None), and may stop it.

    Returns
    -------
    dict of str to np.ndarray [shape=(n, channels, rows, columns), float16, read-only]
    """
    total = sum(len(rows) for rows in dataset.rows.values())

    def encoded(rows: list[dict[str, Any]]) -> list[np.ndarray]:
        latents = []
        with lent(base, "vae") as there:
            for row in rows:
                with opened_picture(row["path"]) as image:
                    pixels = np.asarray(image.convert("L"))
                one = latents_from_pixels(there, pixels, periodic=bool(row.get("loop")))
                latents.append(one[0].half().cpu().numpy())
                report(progress, 0, total)
        return latents

    empty = np.zeros((0,), np.float16)
    with PartialState().main_process_first():
        return {
            split: cached_array(output / f"latents-{split}.npy", len(rows), functools.partial(encoded, rows))
            if rows
            else empty
            for split, rows in dataset.rows.items()
        }
