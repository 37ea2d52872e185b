"""How the judge learns, and how well it then does: sets of right answers, loops turned, a little grain."""

import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.judging.network import Judge, chosen, tensors_of
from benchmarks.judging.questions import HEADS, QUESTIONS, truth_of

# How much each question counts beside what sounds, which counts as one.
_WEIGHTS = {"soloist": 0.5, "percussion": 0.5, "sound": 0.5, "genre": 0.4, "style": 0.2, "beats": 0.5, "density": 0.3,
            "register": 0.2, "key": 0.4, "effect": 0.4, "side": 0.8, "drums": 0.4}  # fmt: skip


def loss_of(said, truth):
    """What the judge is trained down: minus the logarithm of how likely it holds all right answers together.

    Parameters
    ----------
    said : dict of str to torch.Tensor
        Logits, from `Judge`.
    truth : dict of str to torch.Tensor
        From `truth_of`; questions without any right answer do not count.
    """
    loss = F.binary_cross_entropy_with_logits(said["heard"], truth["heard"]) * 8
    for head, weight in _WEIGHTS.items():
        asked = truth[head].any(dim=1)
        if asked.any():
            logits, right = said[head][asked], truth[head][asked]
            together = logits.masked_fill(~right, -torch.inf).logsumexp(dim=1)
            loss = loss + weight * (logits.logsumexp(dim=1) - together).mean()
    return loss


def train(views, pieces, *, epochs=12, batch=32, seed=0, state=None, minutes=None):
    """Train a judge on views of real renders.

    Parameters
    ----------
    views : Views
    pieces : list of Piece
    epochs, batch, seed : int
    state : path or None
        Keeps a checkpoint after every epoch, and goes on from it.
    minutes : float or None
        Stop after the epoch in which this is passed.

    Returns
    -------
    Judge or None
        None if there was no time to finish.
    """
    started = time.monotonic()
    torch.manual_seed(seed)
    truth, judge = truth_of(pieces), Judge()
    optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.05)
    n_batches = len(pieces) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=epochs * n_batches)
    parts, first = {"judge": judge, "optimizer": optimizer, "schedule": schedule}, 0
    if state is not None and Path(state).exists():
        kept = torch.load(state, weights_only=True)
        first = kept.pop("epoch")
        for name, part in parts.items():
            part.load_state_dict(kept[name])
    for epoch in range(first, epochs):
        judge.train()
        torch.manual_seed(1000 * seed + epoch)  # an interrupted training draws what an uninterrupted one does
        order = np.random.default_rng([seed, epoch]).permutation(len(pieces))[: n_batches * batch].reshape(-1, batch)
        total = 0.0
        for picked in order:
            said = judge(*_varied(*tensors_of(views[picked])))
            loss = loss_of(said, {name: values[picked] for name, values in truth.items()})
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1} of {epochs}: loss {total / n_batches:.3f}, {seconds:.0f} s", flush=True)
        if state is not None:
            new = Path(state).with_suffix(".new")
            torch.save({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch + 1}, new)
            new.replace(state)
        if minutes is not None and seconds > 60 * minutes and epoch + 1 < epochs:
            return None
    return judge.eval()


def _varied(timbre, rhythm, pitch, space):
    """Loops turned, a little grain and other levels: the judge should not care about these."""
    timbre = torch.roll(timbre, int(torch.randint(0, 16, ())) * 8, -1)
    timbre = timbre + 0.05 * torch.randn_like(timbre) + 0.1 * torch.randn(len(timbre), 1, 1, 1)
    return timbre, rhythm, pitch + 0.02 * torch.randn_like(pitch), space + 0.02 * torch.randn_like(space)


def scores(judge, views, pieces):
    """Right or wrong on real renders, by question; only where there is a right answer.

    Returns
    -------
    dict of str to list of bool
    """
    said, truth = judge.hear(views), truth_of(pieces)
    found = {}
    for question, asked in QUESTIONS.items():
        right = [
            {asked.options[place] for place, good in zip(asked.place, row, strict=True) if good and place >= 0}
            for row in truth[asked.head].tolist()
        ]
        if question == "mood":  # where the mood is not told, the head takes any
            right = [options if len(options) == 1 else set() for options in right]
        pairs = zip(chosen(said, question), right, strict=True)
        found[question] = [option in options for option, options in pairs if options]
    return found


def chances(question):
    """How many options there are to choose from."""
    return len(QUESTIONS[question].options) if question in QUESTIONS else len(HEADS[question])
