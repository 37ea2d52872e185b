"""A judge that tells from sound what is played: trained on real renders only, apart from anything a model learns from.

    python -m benchmarks.first.judge --minutes 4      trains it again, into benchmarks/first/judge.safetensors, in
                                                      pieces: call it until it prints its scores

It hears 5.12 s loops through the three views of `hearing.py`. Its seeds start where no training corpus reaches.
"""

import argparse
import hashlib
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from benchmarks.first.hearing import BANDS, CYCLES, OCTAVES, Views, views_of_renders
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import FAMILIES, INSTRUMENTS
from riffkit.compose.score import DENSITIES, REGISTERS, SCALES, TEMPI, TEXTURES, WIDE, compose
from riffkit.compose.soundfont import LOOP_SAMPLES, picture_from_loop
from riffkit.listening.statistics import wilson

WEIGHTS = Path(__file__).with_name("judge.safetensors")
TRAIN_SEED, SOLO_SEED = 20_000_000, 21_000_000
TEST_SEED, TEST_SOLO_SEED = 30_000_000, 31_000_000
UNASKED = -1  # the answer where a question makes no sense

# Yes or no, any number of them: what sounds.
HEARD = (
    *(f"family {name}" for name in FAMILIES),
    *(f"instrument {name}" for name in WIDE.instruments),
    "drums",
    "ensemble",
)
# One of several.
CHOICES = {
    "tempo": tuple(TEMPI),
    "density": DENSITIES,
    "register": tuple(REGISTERS),
    "genre": tuple(sorted(GENRES)),
    "texture": ("plain", *TEXTURES),
}


_INSTRUMENTS = slice(len(FAMILIES), len(FAMILIES) + len(WIDE.instruments))
_FAMILY_OF = torch.tensor([FAMILIES.index(INSTRUMENTS[name].family) for name in WIDE.instruments])


def is_solo(piece):
    """One instrument and no drums: the pieces whose instrument is asked for by name."""
    return len(piece.parts) == 1 and piece.pattern is None


def solo_seeds(first_seed, count):
    """The first seeds from there on whose pieces are solos."""
    found, seed = [], first_seed
    while len(found) < count:
        found += [seed] if is_solo(compose(seed, WIDE)) else []
        seed += 1
    return found


def truth_of(pieces):
    """What the judge should answer.

    Returns
    -------
    dict of str to torch.Tensor
        "heard" [shape=(n, len(HEARD)), 0 or 1]; and one number per piece for each of `CHOICES`, for "soloist" (the
        instrument of solos) and for "key" (0 to 11 are the major keys from C, 12 to 23 the minor ones), -1 where it
        makes no sense.
    """
    answers = {"heard": [], "soloist": [], "key": [], **{name: [] for name in CHOICES}}
    for piece in pieces:
        true = {f"family {family}" for family in piece.families}
        true |= {f"instrument {part.instrument}" for part in piece.parts}
        true |= {"drums"} if piece.pattern else set()
        true |= {"ensemble"} if len(piece.parts) + (piece.pattern is not None) > 1 else set()
        answers["heard"].append([float(name in true) for name in HEARD])
        answers["soloist"].append(WIDE.instruments.index(piece.parts[0].instrument) if is_solo(piece) else UNASKED)
        answers["key"].append(12 * tuple(SCALES).index(piece.mode) + piece.key if piece.parts else UNASKED)
        said = {
            "tempo": piece.tempo,
            "density": piece.density,
            "register": piece.parts[0].register if is_solo(piece) else None,
            "genre": piece.genre,
            "texture": piece.texture or "plain",
        }
        for name, options in CHOICES.items():
            answers[name].append(options.index(said[name]) if said[name] is not None else UNASKED)
    return {name: torch.tensor(values) for name, values in answers.items()}


class Judge(nn.Module):
    """A small convolutional network for timbre, which keeps the frequency axis to the end, where instruments differ;
    beside it a layer for rhythm, and an ear for keys that does not care in which of the twelve it is.
    """

    def __init__(self):
        super().__init__()

        def layer(inputs, outputs, stride):
            conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

        self.timbre = nn.Sequential(
            layer(1, 16, 2), layer(16, 32, 2), layer(32, 64, (1, 2)), layer(64, 64, (2, 1))
        )  # (batch, 64, 16, 16)
        self.hidden = nn.Sequential(nn.Dropout(0.3), nn.Linear(64 * 16 * 2, 160), nn.ReLU())
        self.rhythm = nn.Sequential(nn.Linear(BANDS * (CYCLES + 1), 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 64))
        self.key = nn.Sequential(
            nn.Linear(2 * OCTAVES * 12, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(SCALES))
        )
        self.heard = nn.Linear(160, len(HEARD))
        self.choices = nn.ModuleDict({name: nn.Linear(160 + 64, len(options)) for name, options in CHOICES.items()})

    def embed(self, timbre, rhythm):
        """What it hears, as 224 numbers."""
        f = self.timbre(timbre)
        heard = self.hidden(torch.cat([f.mean(dim=3), f.amax(dim=3)], dim=1).flatten(1))
        return torch.cat([heard, F.relu(self.rhythm(rhythm.flatten(1)))], dim=1)

    def forward(self, timbre, rhythm, pitch):
        """Answers as logits, by question; see `truth_of`."""
        embedding = self.embed(timbre, rhythm)
        # The same question for each of twelve roots: is this one home, in major or in minor?
        turned = torch.stack([pitch.roll(-root, dims=-1).flatten(1) for root in range(12)], dim=1)
        answers = {"heard": self.heard(embedding[:, :160]), "key": self.key(turned).transpose(1, 2).flatten(1)}
        return answers | {name: head(embedding) for name, head in self.choices.items()}

    @torch.no_grad()
    def hear(self, views, batch=100):
        """Answers for loops, as logits, and under "embedding" what was heard, as 224 numbers each."""
        said = []
        for start in range(0, len(views), batch):
            some = tensors_of(views[slice(start, start + batch)])
            said.append({**self.eval()(*some), "embedding": self.embed(*some[:2])})
        return {name: torch.cat([part[name] for part in said]) for name in said[0]}


def tensors_of(views):
    """What the network takes: timbre (white is 1, black -1), rhythm and pitch."""
    timbre = torch.from_numpy(views.timbre).float()[:, None] / 127.5 - 1
    return timbre, torch.from_numpy(views.rhythm).float(), torch.from_numpy(views.pitch).float()


def views_of_sounds(loops):
    """Views of sounds [each shape=(n,), float32, 44.1 kHz], cut or padded to 5.12 s."""
    padded = (np.pad(x[:LOOP_SAMPLES], (0, max(0, LOOP_SAMPLES - len(x)))) for x in loops)
    return Views.join([Views.of(picture_from_loop(x)[None]) for x in padded])


def load():
    """The judge as it is kept in the repository, and the hash of its weights."""
    judge = Judge()
    judge.load_state_dict({name: tensor.float() for name, tensor in load_file(WEIGHTS).items()})
    return judge.eval(), hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:12]


def hits(answers, pieces):
    """Which answers are right, by question, and None where a question makes no sense.

    Parameters
    ----------
    answers : dict of str to torch.Tensor
        From `Judge.hear`.
    pieces : list of Piece
        What should be heard.

    Returns
    -------
    dict of str to list of (bool or None)
    """
    truth = truth_of(pieces)
    place = {name: index for index, name in enumerate(HEARD)}
    heard, true = answers["heard"], truth["heard"]
    soloist, solo = truth["soloist"], truth["soloist"] != UNASKED
    likely = heard[:, _INSTRUMENTS].softmax(1)
    by_family = torch.zeros(len(pieces), len(FAMILIES)).index_add(1, _FAMILY_OF, likely)
    right = {
        "family": (by_family.argmax(1) == _FAMILY_OF[soloist], solo),
        "instrument": (likely.argmax(1) == soloist, solo),
    }
    for question, name in (("drums", "drums"), ("bass", "family bass"), ("ensemble", "ensemble")):
        right[question] = ((heard[:, place[name]] > 0) == (true[:, place[name]] > 0.5), None)
    for question in CHOICES:
        right[question] = (answers[question].argmax(1) == truth[question], truth[question] != UNASKED)
    low_or_high = torch.tensor(
        [CHOICES["register"].index(name) for name in ("low", "high")]
    )  # nobody asks for the middle
    register = low_or_high[answers["register"][:, low_or_high].argmax(1)]
    right["register"] = (register == truth["register"], torch.isin(truth["register"], low_or_high))
    key, key_heard, asked = truth["key"], answers["key"], truth["key"] != UNASKED
    right["root"] = (key_heard.argmax(1) % 12 == key % 12, asked)
    right["mode"] = (key_heard.unflatten(1, (2, 12)).logsumexp(2).argmax(1) == key // 12, asked)
    return {
        question: [
            bool(h) if a else None for h, a in zip(hit, [True] * len(hit) if asked is None else asked, strict=True)
        ]
        for question, (hit, asked) in right.items()
    }


def area_under_curve(scores, truth):
    """Area under the ROC curve: how often a case that is true scores above one that is not (ties count half)."""
    from scipy.stats import rankdata

    truth = np.asarray(truth) > 0.5
    ranks, n = rankdata(scores), truth.sum()
    return float((ranks[truth].sum() - n * (n + 1) / 2) / (n * (len(truth) - n)))


def loss_of(said, truth):
    """What the judge is trained down: every question counts, those that make no sense do not."""
    loss = 6 * F.binary_cross_entropy_with_logits(said["heard"], truth["heard"])
    if (truth["soloist"] != UNASKED).any():  # for solos, also which instrument it is rather than another
        loss = loss + 0.5 * F.cross_entropy(said["heard"][:, _INSTRUMENTS], truth["soloist"], ignore_index=UNASKED)
    weights = {"tempo": 0.5, "density": 0.5, "register": 0.3, "genre": 0.3, "texture": 0.3, "key": 0.4}
    for name, weight in weights.items():
        if (truth[name] != UNASKED).any():
            loss = loss + weight * F.cross_entropy(said[name], truth[name], ignore_index=UNASKED)
    return loss


def train(views, pieces, *, epochs=10, batch=32, seed=0, state=None, minutes=None):
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
    first = 0
    if state is not None and Path(state).exists():
        kept = torch.load(state, weights_only=True)
        first = kept.pop("epoch")
        for part, name in ((judge, "judge"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(kept[name])
    for epoch in range(first, epochs):
        judge.train()
        order = np.random.default_rng([seed, epoch]).permutation(len(pieces))[: n_batches * batch].reshape(-1, batch)
        for chosen in order:
            timbre, rhythm, pitch = tensors_of(views[chosen])
            # Loops turned, a little grain and other levels: the judge should not care about these.
            timbre = torch.roll(timbre, int(torch.randint(0, 16, ())) * 8, -1)
            timbre = timbre + 0.05 * torch.randn_like(timbre) + 0.1 * torch.randn(batch, 1, 1, 1)
            pitch = pitch + 0.02 * torch.randn_like(pitch)
            with torch.autocast("cpu", torch.bfloat16):
                said = judge(timbre, rhythm, pitch)
            said = {name: values.float() for name, values in said.items()}
            loss = loss_of(said, {name: values[chosen] for name, values in truth.items()})
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1} of {epochs}: loss {float(loss.detach()):.3f}, {seconds:.0f} s", flush=True)
        if state is not None:
            parts = {"judge": judge, "optimizer": optimizer, "schedule": schedule}
            torch.save({name: part.state_dict() for name, part in parts.items()} | {"epoch": epoch + 1}, state)
        if minutes is not None and time.monotonic() - started > 60 * minutes and epoch + 1 < epochs:
            return None
    return judge.eval()


def main():
    """Render, train, print the scores on held-out renders, and keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pieces", type=int, default=2000)
    parser.add_argument("--solos", type=int, default=2000, help="and so many solos, where instruments are learnt best")
    parser.add_argument("--held-out", type=int, default=250, help="pieces, and as many solos")
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--minutes", type=float, help="stop after so long; call again to go on")
    parser.add_argument("--work", type=Path, default=Path("work/judge"))
    options = parser.parse_args()
    seeds = [*range(TRAIN_SEED, TRAIN_SEED + options.pieces), *solo_seeds(SOLO_SEED, options.solos)]
    views, pieces = views_of_renders(options.work, seeds, minutes=options.minutes)
    seeds = [*range(TEST_SEED, TEST_SEED + options.held_out), *solo_seeds(TEST_SOLO_SEED, options.held_out)]
    test, asked = views_of_renders(options.work, seeds, minutes=options.minutes)
    if views is None or test is None:
        return print("not all is rendered yet; call again")
    judge = train(views, pieces, epochs=options.epochs, state=options.work / "state.pt", minutes=options.minutes)
    if judge is None:
        return print("not all is learnt yet; call again")
    save_file({name: tensor.half().contiguous() for name, tensor in judge.state_dict().items()}, WEIGHTS)
    judge, digest = load()
    print(f"judge {digest} on {len(asked)} held-out renders")
    for question, right in hits(judge.hear(test), asked).items():
        right = [hit for hit in right if hit is not None]
        share, low, high, n = wilson(sum(right), len(right))
        print(f"  {question:12s} {100 * share:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]  n={n}")


if __name__ == "__main__":
    main()
