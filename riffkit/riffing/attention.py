"""Cross-attention maps, where each word acted: recorded in the UNet while a riff is painted, and averaged.

At every place of the picture, each cross-attention layer shares out one unit of attention among the tokens of the
prompt. Averaged over steps, heads and layers, the share of a word is a map over time and frequency.
"""

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from riffkit.diffusion.windows import shown_of, window_rounds, window_starts
from riffkit.models.checkpoint import Checkpoint
from riffkit.models.emphasis import parse_prompt
from riffkit.progress import Progress, report, shown
from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer

ONE_PROMPT = ("riff", "vary", "inpaint")


@dataclass(frozen=True)
class WordMaps:
    """Cross-attention maps: how the attention is shared out at every place.

    Parameters
    ----------
    words : list of str
        In the prompt's order; a word that stands there twice has two maps.
    maps : np.ndarray [shape=(words, rows, columns), float32, 0..1]
        One value for each latent cell, high frequencies first.
    rest : np.ndarray [shape=(rows, columns), float32, 0..1]
        What went to no word, but to the marks before and after them: `maps.sum(0) + rest` is 1 everywhere.
    sizes : list of (int, int)
        Rows and columns of one window at which the model attends, finest first. Anything finer is interpolated.
    span : int
        Columns of the picture that the maps cover; beyond the picture's end if whole windows were painted.
    """

    words: list[str]
    maps: np.ndarray
    rest: np.ndarray
    sizes: list[tuple[int, int]]
    span: int

    @property
    def shares(self) -> np.ndarray:
        """The words' part of the attention, divided among them [shape=(words, rows, columns), sum over words 1]."""
        return self.maps / self.maps.sum(0, keepdims=True)

    def at_size(self, values: np.ndarray, width: int, height: int) -> np.ndarray:
        """Interpolate `values` of cells to pixels of a picture [shape=(`height`, `width`), float32]."""
        cells = Image.fromarray(np.asarray(values, np.float32))
        return np.asarray(cells.resize((self.span, height), Image.Resampling.BILINEAR))[:, :width]


def word_maps(riff: Riff, riffer: Riffer, *, progress: Progress = None) -> WordMaps:
    """Follow a riff's recipe again and record where each word of its prompt acted.

    What the words do as a whole has no place and is not seen here: a model with a pooled text embedding (the embedded
    one has it) is told them at every step as well.

    Parameters
    ----------
    riff : Riff
        From `riff`, `vary` or `inpaint`, of any length.
    riffer : Riffer
        On the checkpoint that made it. It is left as it was, and the riff comes out the same bit for bit.
    progress : callable, bool or None

    Returns
    -------
    WordMaps

    Raises
    ------
    ValueError
        If the riff has several prompts, or no words, or no steps, or another checkpoint.

    References
    ----------
    Tang et al., "What the DAAM: interpreting Stable Diffusion using cross attention", 2022, who add the maps up. Here
    they are averaged, so that a word's part stays a part of one. Taught in notebooks/02_inference.ipynb.
    """
    operation, checkpoint = riff.recipe["operation"], riffer.checkpoint
    if operation not in ONE_PROMPT:
        raise ValueError(f"{riff!r} was not painted whole from one prompt; word maps are for {', '.join(ONE_PROMPT)}")
    words = prompt_words(checkpoint.tokenizer, riff.recipe["arguments"]["prompt"])
    if not words:
        raise ValueError(f"the prompt of {riff!r} has no words, so there is nothing to map")
    width: int | None = None
    groups = [places for _, places in words]
    with shown(progress, "word maps") as reporter, recording(checkpoint, groups) as record:

        def watch(step: int, total: int, estimate: Any = None) -> None:
            nonlocal width
            width = width if estimate is None else estimate.x_t.shape[-1]
            report(reporter, step, total, estimate)

        riffer.replay(riff, progress=watch)
    if width is None:
        raise ValueError(f"{riff!r} took no steps (strength 0), so no word acted")
    if not record.calls:
        raise ValueError(f"{riff!r} was made by the live twin, so record that one: pass riffer.live()")
    maps = record.over(width, loop=riff.loop)
    span = riff.image.width if riff.loop else width * checkpoint.factor
    return WordMaps([word for word, _ in words], maps, 1 - maps.sum(0), record.sizes, span)


def prompt_words(tokenizer: Any, prompt: str) -> list[tuple[str, list[int]]]:
    """Return the words of a `prompt` and at which places of its embedding the `tokenizer` puts each.

    Returns
    -------
    list of (str, list of int)
        Weights and brackets are left away, as `parse_prompt` reads them; a word of several tokens has several places.
    """
    room = tokenizer.model_max_length - 2  # a chunk begins and ends with a mark
    words: list[tuple[str, list[int]]] = []
    begun: list[tuple[int, int]] = []
    place = 0
    for text, _ in parse_prompt(prompt):
        for token in tokenizer(text, add_special_tokens=False, verbose=False).input_ids:
            begun.append((token, place // room * (room + 2) + 1 + place % room))
            place += 1
            if tokenizer.convert_ids_to_tokens(token).endswith("</w>"):
                tokens, places = zip(*begun, strict=True)
                words.append((tokenizer.decode(tokens).strip(), list(places)))
                begun = []
    return words


@contextlib.contextmanager
def recording(checkpoint: Checkpoint, groups: Sequence[Sequence[int]]) -> Iterator["Record"]:
    """Record cross-attention: in this block, its layers in the UNet also tell how much they attend to groups of tokens.

    The layers calculate as before, to the last bit: their processors are wrapped, and put back in the end.

    Parameters
    ----------
    checkpoint : Checkpoint
        Embedded or any other in Stable Diffusion's layout, with LoRA or without.
    groups : list of list of int
        Token places, for example of words.

    Yields
    ------
    Record
    """
    layers = [m for m in checkpoint.unet.modules() if getattr(m, "is_cross_attention", False)]
    record = Record(checkpoint.rows, checkpoint.window, groups, len(layers))
    before = [layer.processor for layer in layers]
    try:
        for layer in layers:
            layer.set_processor(_Telling(layer.processor, record))
        yield record
    finally:
        for layer, processor in zip(layers, before, strict=True):
            layer.set_processor(processor)


class _Telling:
    """An attention processor that tells its attention to a record, and leaves the work to another."""

    def __init__(self, processor: Any, record: "Record") -> None:
        self.processor, self.record = processor, record

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None, **kwargs):
        with torch.no_grad():  # of a guided pair the last one has the words
            queries, keys = attn.to_q(hidden_states[-1:]), attn.to_k(encoder_hidden_states[-1:])
            queries, keys = (attn.head_to_batch_dim(x).float() for x in (queries, keys))  # (heads, places, channels)
            attention = (attn.scale * queries @ keys.transpose(1, 2)).softmax(-1).mean(0)
        self.record.add(attention)
        return self.processor(attn, hidden_states, encoder_hidden_states, attention_mask, temb, **kwargs)


class Record:
    """What `recording` collects: for every call of the UNet, the attention to each group, a mean over its layers.

    Parameters
    ----------
    rows, window : int [latent cells]
        What the UNet is shown in one call.
    groups : list of list of int
    layers : int
        How many tell, in each call.
    """

    def __init__(self, rows: int, window: int, groups: Sequence[Sequence[int]], layers: int) -> None:
        self.rows, self.window, self.groups, self.layers = rows, window, groups, layers
        self.calls: list[torch.Tensor] = []
        self.sizes: list[tuple[int, int]] = []
        self._told = 0

    def add(self, attention: torch.Tensor) -> None:
        """Add one layer's `attention` [shape=(places, tokens), sum over tokens 1]."""
        places = len(attention)
        rows = round((places * self.rows / self.window) ** 0.5)
        size = (rows, places // rows)
        self.sizes = sorted({*self.sizes, size}, reverse=True)
        maps = torch.stack([attention[:, group].sum(-1) for group in self.groups]).reshape(1, -1, *size)
        maps = F.interpolate(maps, (self.rows, self.window), mode="bilinear")[0].cpu() / self.layers
        if self._told % self.layers == 0:
            self.calls.append(maps)
        else:
            self.calls[-1] += maps
        self._told += 1

    def over(self, width: int, *, loop: bool = False) -> np.ndarray:
        """Average over all calls, each at its place in time [shape=(groups, rows, width), float32].

        Parameters
        ----------
        width : int [latent columns]
        loop : bool
            Time is periodic.
        """
        starts = window_starts(width, self.window, periodic=loop)
        rounds = itertools.cycle(window_rounds(starts, self.window, width))
        columns = shown_of(self.window, width)
        total, count = torch.zeros(len(self.groups), self.rows, width), torch.zeros(width)
        order = itertools.chain.from_iterable(rounds)
        for maps, i in zip(self.calls, order, strict=False):
            there = torch.arange(starts[i], starts[i] + self.window)[columns] % width
            total[..., there] += maps[..., columns]
            count[there] += 1
        return (total / count).numpy()
