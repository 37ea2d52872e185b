"""A byte-pair tokenizer in CLIP's format, built from captions."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tokenizers import pre_tokenizers
from transformers import CLIPTokenizer

from riffkit.training.scratch.material import Material

MAX_TOKENS = 40
TEXT_SEEDS = 1 << 40  # pieces for reading only: none of them is ever rendered


def build_tokenizer(
    material: Material, *, n_captions: int = 20_000, vocabulary_size: int = 1600, seed: int = 7
) -> CLIPTokenizer:
    """Train a byte-pair tokenizer in CLIP's format on captions.

    Every byte is also a token of its own, so that an unknown word is spelled, never lost.

    Parameters
    ----------
    material : Material
        Whose captions.
    n_captions : int, >= 0
        That it is learnt from.
    vocabulary_size : int, > 512
        Tokens in all: the bytes, each alone and at a word's end, and what they are merged to.
    seed : int
        Draws the captions.

    Returns
    -------
    transformers.CLIPTokenizer
    """
    rng = random.Random(seed)
    clip_format: Any = CLIPTokenizer()._tokenizer  # lower-casing and splitting as CLIP does it
    counts: Counter[str] = Counter()
    for number in range(n_captions):
        text = clip_format.normalizer.normalize_str(material.caption(material.compose(TEXT_SEEDS + number), rng))
        counts.update(word for word, _ in clip_format.pre_tokenizer.pre_tokenize_str(text))
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    letters = sorted({*alphabet, *(byte + "</w>" for byte in alphabet)})
    merges: Any = learn_merges(counts, vocabulary_size - len(letters))
    tokens = dict.fromkeys([*letters, *("".join(pair) for pair in merges), "<|startoftext|>", "<|endoftext|>"])
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=MAX_TOKENS)


def learn_merges(counts: Mapping[str, int], n_merges: int) -> list[tuple[str, str]]:
    """Learn byte-pair encoding merges: join the commonest pair of neighbours, again and again.

    The trainer of the package `tokenizers` breaks ties differently in every process; this one goes by the alphabet.

    Parameters
    ----------
    counts : dict of str to int
        How often each word was seen.
    n_merges : int
        At most; it ends earlier when every word is one token.

    Returns
    -------
    list of (str, str)

    References
    ----------
    Sennrich et al., "Neural machine translation of rare words with subword units", 2016.
    """
    words = [[*word[:-1], word[-1] + "</w>"] for word in sorted(counts)]
    weights = [counts[word] for word in sorted(counts)]
    found: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)  # words that have, or had, this pair
    for number, parts in enumerate(words):
        for pair in pairwise(parts):
            found[pair] += weights[number]
            places[pair].add(number)
    merges: list[tuple[str, str]] = []
    while len(merges) < n_merges and found:
        best = min(found, key=lambda pair: (-found[pair], pair))
        merges.append(best)
        for number in sorted(places.pop(best)):
            parts = words[number]
            for pair in pairwise(parts):
                found[pair] -= weights[number]
                if found[pair] <= 0:
                    del found[pair]
            _join(parts, best)
            for pair in pairwise(parts):
                found[pair] += weights[number]
                places[pair].add(number)
    return merges


def _join(parts: list[str], pair: tuple[str, str]) -> None:
    """Join all neighbours that are this pair, from the left, in place."""
    place = 0
    while place < len(parts) - 1:
        if (parts[place], parts[place + 1]) == pair:
            parts[place : place + 2] = ["".join(pair)]
        place += 1
