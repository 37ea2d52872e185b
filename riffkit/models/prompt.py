"""Prompt embedding: emphasis weights inside a prompt, prompts of any length, out-of-vocabulary words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from riffkit.progress import notice

if TYPE_CHECKING:
    from riffkit.models.checkpoint import Checkpoint

EMPHASIS = 1.1  # what one pair of brackets is worth, as in the web interfaces people know
MAX_WEIGHT = 10.0


def parse_prompt(prompt: str) -> list[tuple[str, float]]:
    r"""Split a prompt into fragments and the weight of each.

    `(loud)` weighs 1.1, `(loud:1.4)` weighs 1.4, `[quiet]` weighs 1 / 1.1; brackets nest and multiply. A backslash
    takes the meaning away from the character behind it: `\(live\)`.

    Parameters
    ----------
    prompt : str
        May be empty.

    Returns
    -------
    list of (str, float)
        Neighbours of equal weight are joined; a prompt without brackets is one fragment of weight 1.

    Raises
    ------
    ValueError
        On an unclosed or unopened bracket or a weight that is no number in 0..10; the message points at the position.
    """
    if not isinstance(prompt, str):
        raise TypeError(f"prompt is {type(prompt).__name__}, expected str")
    fragments = [_Fragment()]
    opened: list[tuple[int, str, int]] = []  # (position, bracket, index of its first fragment)
    position = 0
    while position < len(prompt):
        character = prompt[position]
        if character == "\\" and position + 1 < len(prompt):
            fragments[-1].text += prompt[position + 1]
            position += 1
        elif character in "([":
            opened.append((position, character, len(fragments)))
            fragments.append(_Fragment())
        elif character in ")]" or (character == ":" and opened and opened[-1][1] == "("):
            if not opened or (character != ":" and "([".index(opened[-1][1]) != ")]".index(character)):
                raise _syntax_error(prompt, position, f"'{character}' closes nothing")
            _, bracket, first = opened.pop()
            weight = EMPHASIS if bracket == "(" else 1 / EMPHASIS
            if character == ":":
                weight, position = _read_weight(prompt, position)
            for fragment in fragments[first:]:
                fragment.weight *= weight
            fragments.append(_Fragment())
        else:
            fragments[-1].text += character
        position += 1
    if opened:
        raise _syntax_error(prompt, opened[-1][0], f"'{opened[-1][1]}' is never closed")
    return _joined(fragments)


@dataclass
class _Fragment:
    text: str = ""
    weight: float = 1.0


def _read_weight(prompt: str, colon: int) -> tuple[float, int]:
    """The number between a colon and the closing bracket, and the bracket's position."""
    end = prompt.find(")", colon)
    if end < 0:
        raise _syntax_error(prompt, colon, "the bracket with this weight is never closed")
    text = prompt[colon + 1 : end].strip()
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", text) or not 0 <= float(text) <= MAX_WEIGHT:
        raise _syntax_error(
            prompt, colon + 1, f"weight {text!r} is not a number in 0..{MAX_WEIGHT:g} (a plain colon is written '\\:')"
        )
    return float(text), end


def _syntax_error(prompt: str, position: int, what: str) -> ValueError:
    return ValueError(
        f"prompt, position {position}: {what}; a plain bracket is written '\\(' or '\\['\n"
        f"  {prompt}\n  {' ' * position}^"
    )


def _joined(fragments: Iterable[_Fragment]) -> list[tuple[str, float]]:
    joined: list[tuple[str, float]] = []
    for fragment in fragments:
        if joined and joined[-1][1] == fragment.weight:
            joined[-1] = (joined[-1][0] + fragment.text, fragment.weight)
        elif fragment.text.strip():
            joined.append((fragment.text, fragment.weight))
    return joined or [("", 1.0)]


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


def escape(text: str) -> str:
    """Escape the brackets and backslashes of `text`, so that `parse_prompt` takes it as it stands."""
    return re.sub(r"([()\[\]\\])", r"\\\1", text)


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
        near = [(word, nearest_word(word, vocabulary)) for word in new]
        named = ", ".join(f"{word!r} (near it: {known!r})" if known else repr(word) for word, known in near)
        notice(
            f"this checkpoint never met {named}: expect the rest of the prompt to decide"
            " (riffer.vocabulary lists the words it knows)"
        )


def nearest_word(word: str, vocabulary: Collection[str]) -> str | None:
    """Find the entry of `vocabulary` spelled most like `word`, or None: "choir" for "choirboys".

    Spelling knows nothing of meaning, so it is only ever suggested, never put in place.
    """
    begins = [known for known in vocabulary if len(known) > 3 and word.startswith(known)]
    close = difflib.get_close_matches(word, sorted(vocabulary), n=1, cutoff=0.75)
    return max(begins, key=len) if begins else (close[0] if close else None)
