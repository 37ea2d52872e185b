"""Prompt embedding: weights of words (emphasis.py), prompts of any length, out-of-vocabulary words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import torch

from riffkit.models.emphasis import check_letters, check_prompt, foreign_syntax, parse_prompt
from riffkit.progress import notice

if TYPE_CHECKING:
    from riffkit.models.checkpoint import Checkpoint

MOST_NAMED = 10  # unknown words in one warning


def tokenize(tokenizer: Any, fragments: Iterable[tuple[str, float]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokenize weighted fragments into chunks of the tokenizer's own length.

    Parameters
    ----------
    tokenizer : transformers.CLIPTokenizer
    fragments : list of (str, float)
        From `parse_prompt`.

    Returns
    -------
    ids : torch.Tensor [shape=(chunks, model_max_length), int64]
        Each chunk has its own start and end mark and is padded as the tokenizer pads.
    weights : torch.Tensor [shape=(chunks, model_max_length), float32]
    """
    ids: list[int] = []
    weights: list[float] = []
    for text, weight in fragments:
        check_letters(text)  # which the tokenizer would refuse with a reason of its own language
        tokens = tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        ids += tokens
        weights += [weight] * len(tokens)
    room = tokenizer.model_max_length - 2  # beside the start and the end mark
    chunks = [(ids[i : i + room], weights[i : i + room]) for i in range(0, max(len(ids), 1), room)]
    pad = tokenizer.pad_token_id
    rows = [[tokenizer.bos_token_id, *c, tokenizer.eos_token_id, *[pad] * (room - len(c))] for c, _ in chunks]
    marks = [[1.0, *w, 1.0, *[1.0] * (room - len(w))] for _, w in chunks]
    return torch.tensor(rows), torch.tensor(marks)


def token_ids(tokenizer: Any, captions: Iterable[str]) -> torch.Tensor:
    """Tokenize captions for training, one chunk each: brackets mean nothing, what is too long is cut.

    Parameters
    ----------
    tokenizer : transformers.CLIPTokenizer
    captions : iterable of str

    Returns
    -------
    torch.Tensor [shape=(captions, model_max_length), int64]
    """
    return torch.cat([tokenize(tokenizer, [(caption, 1.0)])[0][:1] for caption in captions])


@torch.no_grad()
def embed_prompt(checkpoint: Checkpoint, prompt: str) -> torch.Tensor:
    """Embed a prompt with the text encoder: the hidden states that the UNet attends to.

    A weight w moves the embedding of its tokens away from (w > 1) or towards (w < 1) that of the empty prompt at the
    same place, e = e0 + w (e - e0): weight 1 changes nothing, weight 0 unsays the word. A prompt beyond the tokenizer's
    length is embedded in chunks that stand one behind the other.

    Parameters
    ----------
    checkpoint : Checkpoint
    prompt : str
        May hold weights, see `parse_prompt`.

    Returns
    -------
    torch.Tensor [shape=(1, chunks * model_max_length, width), float32, on the checkpoint's device]
    """
    check_prompt(prompt)
    ids, weights = tokenize(checkpoint.tokenizer, parse_prompt(prompt))
    embedding = _encode(checkpoint, ids)
    if (weights != 1).any():
        empty_ids, _ = tokenize(checkpoint.tokenizer, [("", 1.0)])
        empty = _encode(checkpoint, empty_ids)
        embedding = empty + weights.to(embedding.device)[..., None] * (embedding - empty)
    return embedding.reshape(1, -1, embedding.shape[-1])


def _encode(checkpoint: Checkpoint, ids: torch.Tensor) -> torch.Tensor:
    return checkpoint.text_encoder(ids.to(checkpoint.device))[0].float()


def equal_length(checkpoint: Checkpoint, *embeddings: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Pad embeddings to equal length with the empty prompt's, so that they can stand in one batch or be mixed.

    Parameters
    ----------
    checkpoint : Checkpoint
    *embeddings : torch.Tensor [shape=(1, tokens, width)]
        From `embed_prompt`.

    Returns
    -------
    tuple of torch.Tensor [shape=(1, most tokens of them, width)]
    """
    longest = max(e.shape[1] for e in embeddings)
    if all(e.shape[1] == longest for e in embeddings):
        return embeddings
    empty = embed_prompt(checkpoint, "")
    return tuple(torch.cat([e, *[empty] * ((longest - e.shape[1]) // empty.shape[1])], 1) for e in embeddings)


def unknown_words(prompt: str, vocabulary: Collection[str]) -> list[str]:
    """Find the out-of-vocabulary words: those of `prompt` that are not in `vocabulary`, in order, each once."""
    text = " ".join(fragment for fragment, _ in parse_prompt(prompt)).lower()
    words: list[str] = []
    for word in re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text):  # lo-fi is one word if it is known as one, else two
        words += [word] if word in vocabulary or "-" not in word else word.split("-")
    return [word for word in dict.fromkeys(words) if word not in vocabulary]


def warn_of_unknown_words(prompt: str, vocabulary: Collection[str], already_named: set[str]) -> None:
    """Warn of words of `prompt` that are not in `vocabulary`, each word once: `already_named` remembers them."""
    new = [word for word in unknown_words(prompt, vocabulary) if word not in already_named]
    if new:
        already_named.update(new)
        near = [(word, nearest_word(word, vocabulary)) for word in new[:MOST_NAMED]]
        named = ", ".join(f"{word[:40]!r} (near it: {known!r})" if known else repr(word[:40]) for word, known in near)
        named += f" and {len(new) - MOST_NAMED} more" if len(new) > MOST_NAMED else ""
        notice(
            f"this checkpoint never met {named}: expect the rest of the prompt to decide"
            " (riffer.vocabulary lists the words it knows)"
        )


def warn_of_foreign_syntax(prompt: str, already_named: set[str]) -> None:
    """Say what of `prompt` other programs would not take for words, each once: `already_named` remembers them."""
    for found, told in foreign_syntax(prompt).items():
        if found not in already_named:
            already_named.add(found)
            notice(told)


def nearest_word(word: str, vocabulary: Collection[str]) -> str | None:
    """Find the entry of `vocabulary` spelled most like `word`, or None: "choir" for "choirboys".

    Spelling knows nothing of meaning, so it is only ever suggested, never put in place.
    """
    begins = [known for known in vocabulary if len(known) > 3 and word.startswith(known)]
    close = difflib.get_close_matches(word, sorted(vocabulary), n=1, cutoff=0.75)
    return max(begins, key=len) if begins else (close[0] if close else None)
