"""What the text encoder alone understands: a linear probe tells from its output what captions of held-out pieces say.

The probe learns from captions of ordinary pieces, which the text encoder may have read, and is asked about captions of
combinations that were kept from it. Only what a caption says is asked.
"""

import random
from collections import defaultdict

import torch
from torch import nn

from riffkit.compose.lexicon.captions import caption
from riffkit.compose.lexicon.understanding import understand
from riffkit.compose.pieces.drawing import WIDE, compose
from riffkit.compose.pieces.facts import FACTS
from riffkit.models.prompt import token_ids

KINDS = ("instrument", "genre", "tempo", "scale", "key", "beats", "sound", "effect", "side")
LEARNT_SEED, ASKED_SEED = 48_000_000, 49_000_000
_NAMES = {kind: [fact for fact in FACTS if fact.startswith(f"{kind} ")] for kind in KINDS}


def told_by(words):
    """By kind the one fact that words say; kinds of which they say none, or several, are left out."""
    said = defaultdict(set)
    for span in understand(words).spans:
        for group in span.groups:
            if len(group) == 1:
                said[group[0].partition(" ")[0]].add(group[0])
    return {kind: next(iter(said[kind])) for kind in KINDS if len(said[kind]) == 1 and said[kind] <= set(_NAMES[kind])}


def captions_of(first_seed, count, held_out):
    """Captions, every other of which says most of what can be said."""
    pieces = (compose(first_seed + n, WIDE, held_out=held_out) for n in range(count))
    return [caption(piece, random.Random(f"read {piece.seed}"), thorough=n % 2 == 0) for n, piece in enumerate(pieces)]


@torch.no_grad()
def read(checkpoint, captions, batch=100):
    """Mean of the text encoder's output over the tokens [shape=(n, width), float32]."""
    encoder, found = checkpoint.text_encoder, []
    for start in range(0, len(captions), batch):
        tokens = token_ids(checkpoint.tokenizer, captions[start : start + batch]).to(checkpoint.device)
        found.append(encoder(tokens).last_hidden_state.float().mean(dim=1).cpu())
    return torch.cat(found)


def probe(features, answers, names, steps=400):
    """A linear classifier learnt from features [shape=(n, width)] and the numbers of their names."""
    torch.manual_seed(0)
    layer = nn.Linear(features.shape[1], len(names))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=3e-2, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-2, total_steps=steps)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(layer(features), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return layer


def answers_of(checkpoint, learnt, asked):
    """Right or wrong by kind, on captions that are asked, of a probe that learnt from others.

    Parameters
    ----------
    checkpoint : Checkpoint
    learnt, asked : list of str
        Captions.

    Returns
    -------
    dict of str to list of bool
    """
    told = [[told_by(words) for words in captions] for captions in (learnt, asked)]
    features = [read(checkpoint, captions) for captions in (learnt, asked)]
    mean, spread = features[0].mean(dim=0), features[0].std(dim=0) + 1e-6
    features = [(some - mean) / spread for some in features]
    found = {}
    for kind, names in _NAMES.items():
        (first, answers), (second, wanted) = (
            (
                [n for n, said in enumerate(rows) if kind in said],
                [names.index(said[kind]) for said in rows if kind in said],
            )
            for rows in told
        )
        if first and second:
            layer = probe(features[0][first], torch.tensor(answers), names)
            right = layer(features[1][second]).argmax(dim=1) == torch.tensor(wanted)
            found[kind] = right.tolist()
    return found
