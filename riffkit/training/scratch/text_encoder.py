"""The text stage: a byte-pair tokenizer built from captions, and a CLIP text encoder pretrained on what they say.

Learning to read from the denoising loss alone is slow, so the text encoder first learns, from captions only, to say
what was composed (which instruments, drums or none, tempo, mode ...). Minutes of this save hours later.
"""

import random
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import pre_tokenizers
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from riffkit.compose.captions import caption, noisy_caption
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import DRUM_PATTERNS, FAMILIES, INSTRUMENTS, KITS
from riffkit.compose.score import (
    ARTICULATIONS,
    DENSITIES,
    DYNAMICS,
    REGISTERS,
    SCALES,
    TEMPI,
    TEXTURES,
    Corpus,
    Piece,
    compose,
)
from riffkit.models.prompt import token_ids
from riffkit.progress import Reporter
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

MAX_TOKENS = 40
TEXT_SEEDS = 1 << 40  # pieces for reading only: none of them is ever rendered

# Everything that a caption can tell, as names of yes-or-no facts.
FACTS = (
    [f"family {name}" for name in FAMILIES]
    + [f"instrument {name}" for name in INSTRUMENTS]
    + [f"genre {name}" for name in GENRES]
    + [f"kit {name}" for name in KITS]
    + [f"pattern {name}" for name in DRUM_PATTERNS]
    + [f"tempo {name}" for name in TEMPI]
    + [f"mode {name}" for name in SCALES]
    + [f"density {name}" for name in DENSITIES]
    + [f"dynamics {name}" for name in DYNAMICS]
    + [f"register {name}" for name in REGISTERS]
    + [f"key {number}" for number in range(12)]
    + [f"texture {name}" for name in TEXTURES]
    + [f"articulation {name}" for name in ARTICULATIONS]
    + ["drums", "solo"]
)
# Keys and tempi are told by single letters and digits, textures and touch seldom: their errors count more, or they are
# never learnt.
_WEIGHTS = {"key": 8.0, "tempo": 5.0, "texture": 8.0, "articulation": 8.0, "mode": 3.0, "register": 2.0}
_FACT_INDEX = {name: index for index, name in enumerate(FACTS)}


def facts(piece: Piece) -> np.ndarray:
    """Encode what is true of a piece as multi-label targets.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    np.ndarray [shape=(len(FACTS),), float32, 0 or 1]
    """
    true = [f"family {family}" for family in piece.families]
    true += [f"instrument {part.instrument}" for part in piece.parts]
    true += [f"register {part.register}" for part in piece.parts]
    true += [f"tempo {piece.tempo}", f"mode {piece.mode}", f"density {piece.density}", f"dynamics {piece.dynamics}"]
    true += [f"key {piece.key}"]
    if piece.genre:
        true.append(f"genre {piece.genre}")
    if piece.texture:
        true.append(f"texture {piece.texture}")
    if piece.articulation:
        true.append(f"articulation {piece.articulation}")
    if piece.pattern:
        true += [f"kit {piece.kit}", f"pattern {piece.pattern}", "drums"]
    if len(piece.parts) == 1 and not piece.pattern:
        true.append("solo")
    values = np.zeros(len(FACTS), np.float32)
    values[[_FACT_INDEX[name] for name in true]] = 1
    return values


def build_tokenizer(
    corpus: Corpus, *, n_captions: int = 20_000, vocabulary_size: int = 1600, seed: int = 7
) -> CLIPTokenizer:
    """Train a byte-pair tokenizer in CLIP's format on captions.

    Every byte is also a token of its own, so that an unknown word is spelled, never lost.

    Parameters
    ----------
    corpus : riffkit.compose.score.Corpus
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
        text = clip_format.normalizer.normalize_str(caption(compose(TEXT_SEEDS + number, corpus), rng))
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
    words = [([*word[:-1], word[-1] + "</w>"], count) for word, count in sorted(counts.items())]
    merges: list[tuple[str, str]] = []
    while len(merges) < n_merges:
        pairs: Counter[tuple[str, str]] = Counter()
        for parts, count in words:
            for pair in pairwise(parts):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for parts, _ in words:
            place = 0
            while place < len(parts) - 1:
                if (parts[place], parts[place + 1]) == best:
                    parts[place : place + 2] = ["".join(best)]
                place += 1
    return merges


def make_text_encoder(tokenizer: Any, *, width: int = 192, layers: int = 3) -> CLIPTextModel:
    """Make a CLIP text model of a few layers with random weights.

    Parameters
    ----------
    tokenizer : CLIPTokenizer
        From `build_tokenizer`.
    width : int
        Of the hidden states; divisible by 32.
    layers : int, >= 1

    Returns
    -------
    transformers.CLIPTextModel
    """
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        max_position_embeddings=MAX_TOKENS,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        hidden_act="quick_gelu",
    )
    return CLIPTextModel(config)


class _Reader(nn.Module):
    """Text encoder with a classification head: which facts hold, from its mean output."""

    def __init__(self, text_encoder: Any) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.head = nn.Linear(text_encoder.config.hidden_size, len(FACTS))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.head(self.text_encoder(tokens).last_hidden_state.mean(dim=1))


def learn_to_read(
    folder: str | Path,
    tokenizer: Any,
    text_encoder: Any,
    corpus: Corpus,
    *,
    n_steps: int,
    batch: int = 96,
    seed: int = 0,
    cpu: bool = False,
    progress: Reporter | None = None,
) -> dict[str, float]:
    """Pretrain the text encoder, in place, to tell from captions what was composed.

    Parameters
    ----------
    folder : str or Path
        Gets `text/` with the checkpoint and the losses.
    tokenizer : CLIPTokenizer
    text_encoder : CLIPTextModel
    corpus : riffkit.compose.score.Corpus
    n_steps : int, >= 0
    batch : int, >= 1
        Captions at a step.
    seed : int
    cpu : bool
        Stay on the CPU even where there is a GPU.
    progress : callable or None
        Gets (steps done, steps in all, None).

    Returns
    -------
    dict of str to float
        `told_right` of captions of 400 held-out pieces, of which every other says all that can be said.
    """
    reader = _Reader(text_encoder)
    config = TrainerConfig(n_steps, 1.5e-3, warmup=50, cpu=cpu, seed=seed)
    trainer = Trainer("text", folder, reader, [{"params": list(reader.parameters())}], config)
    weights = torch.tensor([_WEIGHTS.get(name.split()[0], 1.0) for name in FACTS]).to(trainer.device)
    for step in trainer.steps(progress):
        tokens, truth = _captions_and_facts(tokenizer, corpus, TEXT_SEEDS + (1 << 30) + step * batch, batch)
        said, truth = trainer.module(tokens.to(trainer.device)), truth.to(trainer.device)
        trainer.learn(nn.functional.binary_cross_entropy_with_logits(said, truth, weight=weights) * 10)
    tokens, truth = _captions_and_facts(tokenizer, corpus, TEXT_SEEDS + (1 << 38), 400)
    with torch.no_grad():
        said = trainer.module.eval()(tokens.to(trainer.device)).cpu()
    text_encoder.to("cpu")
    return told_right(said, truth)


def told_right(said: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    """Classification accuracy by kind: how often the likeliest fact of each kind is the true one.

    Parameters
    ----------
    said : torch.Tensor [shape=(n, len(FACTS)), any scale]
        How likely each fact is held to be.
    truth : torch.Tensor [shape=(n, len(FACTS)), 0 or 1]

    Returns
    -------
    dict of str to float
        By kind. Rows of which no fact or several of a kind are true are left out; so are kinds without any rows.
    """
    shares = {}
    for kind in dict.fromkeys(name.split()[0] for name in FACTS):
        places = [i for i, name in enumerate(FACTS) if name.split()[0] == kind]
        asked = truth[:, places].sum(dim=1) == 1
        if len(places) > 1 and asked.any():
            right = said[asked][:, places].argmax(dim=1) == truth[asked][:, places].argmax(dim=1)
            shares[kind] = round(float(right.float().mean()), 4)
    return shares


def _captions_and_facts(
    tokenizer: Any, corpus: Corpus, first_seed: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pieces = [compose(first_seed + number, corpus) for number in range(count)]
    rng = random.Random(f"reading {first_seed}")
    # Every other caption says all it can: keys and numbers of beats are named too seldom to be learnt otherwise.
    captions = [
        noisy_caption(p, rng) if number % 2 else caption(p, rng, thorough=True) for number, p in enumerate(pieces)
    ]
    return token_ids(tokenizer, captions), torch.from_numpy(np.stack([facts(piece) for piece in pieces]))
