"""Captions as training takes them: plain text, of any length, in chunks of what the text encoder reads at once.

A prompt beyond the tokenizer's length is embedded in chunks that stand one behind the other; so is a caption. In a
batch all must be equally long: a shorter one is repeated, which attention does not notice (the same keys twice weigh as
once). For that to come out even, a caption of three chunks gets a fourth, that of the empty prompt.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from riffkit.models.prompt import tokenize

CHUNKS = 8  # of a caption at most; what is beyond them is not learnt, and said


def chunks_of(tokenizer: Any, caption: str) -> torch.Tensor:
    """Tokenize a caption; brackets mean nothing in it.

    Parameters
    ----------
    tokenizer : transformers.CLIPTokenizer
    caption : str

    Returns
    -------
    torch.Tensor [shape=(1, 2, 4 or 8 chunks, model_max_length), int64]
    """
    ids = tokenize(tokenizer, [(caption, 1.0)])[0][:CHUNKS]
    missing = (1 << (len(ids) - 1).bit_length()) - len(ids)
    if not missing:
        return ids
    empty = tokenize(tokenizer, [("", 1.0)])[0]
    return torch.cat([ids, *[empty] * missing])


def equally_long(embedded: Sequence[torch.Tensor]) -> torch.Tensor:
    """Stack captions of different lengths, the shorter ones repeated.

    Parameters
    ----------
    embedded : sequence of torch.Tensor [shape=(n, ...)]
        The longest n is a multiple of each.

    Returns
    -------
    torch.Tensor [shape=(captions, longest n, ...)]
    """
    longest = max(len(one) for one in embedded)
    return torch.stack([one.repeat(longest // len(one), *[1] * (one.ndim - 1)) for one in embedded])


def tokens_of(tokenizer: Any, captions: Iterable[str]) -> torch.Tensor:
    """Tokenize `captions` for a text encoder that learns: see `riffkit.training.denoising.Denoiser`.

    Returns
    -------
    torch.Tensor [shape=(captions, model_max_length) or (captions, chunks, model_max_length), int64]
    """
    chunks = equally_long([chunks_of(tokenizer, caption) for caption in captions])
    return chunks[:, 0] if chunks.shape[1] == 1 else chunks


def said_of_length(tokenizer: Any, captions: Iterable[str]) -> str:
    """Say which of the `captions` are longer than what is learnt of them; empty if none is."""
    room = CHUNKS * (tokenizer.model_max_length - 2)
    long = [one for one in dict.fromkeys(captions) if _count(tokenizer, one) > room]
    if not long:
        return ""
    which = "1 caption is" if len(long) == 1 else f"{len(long)} captions are"
    return f"{which} longer than {room} tokens, and learnt up to there only; the first begins with {long[0][:60]!r}"


def _count(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
