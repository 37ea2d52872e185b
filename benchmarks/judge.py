"""A judge that tells from sound what is played: trained on real renders only, apart from anything a model learns from.

    python -m benchmarks.judge            trains it again, into benchmarks/judge.safetensors

It hears 5.12 s loops as 128 x 128 pictures. Its seeds start where no training corpus reaches.
"""

import argparse
import hashlib
import math
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from riffkit.training.instruments import FAMILIES
from riffkit.training.render import LOOP_SAMPLES, picture_from_loop, render_corpus
from riffkit.training.score import DENSITIES, NARROW

WEIGHTS = Path(__file__).with_name("judge.safetensors")
TRAIN_SEED, TEST_SEED = 20_000_000, 30_000_000
BASS, DRUMS, ENSEMBLE = FAMILIES.index("bass"), len(FAMILIES), len(FAMILIES) + 1
N_YES_NO = len(FAMILIES) + 2


def labels(piece):
    """What the judge is asked about a piece.

    Returns
    -------
    np.ndarray [shape=(16,), float32]
        One yes or no per family, drums, more than one player; then the density's number and the mode (1 is minor).
    """
    answers = [float(family in piece.families) for family in FAMILIES]
    players = len(piece.parts) + (piece.pattern is not None)
    answers += [float(piece.pattern is not None), float(players > 1)]
    answers += [float(DENSITIES.index(piece.density)), float(piece.mode == "minor")]
    return np.array(answers, np.float32)


def is_solo(piece):
    """One instrument and no drums: the pieces whose family is asked for by name."""
    return len(piece.parts) == 1 and piece.pattern is None


class Judge(nn.Module):
    """A small convolutional network that keeps the frequency axis to the end, where instruments differ."""

    def __init__(self):
        super().__init__()

        def layer(inputs, outputs, stride):
            conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

        self.features = nn.Sequential(
            layer(1, 24, 2), layer(24, 48, 2), layer(48, 64, 1), nn.MaxPool2d((1, 2)), layer(64, 64, (2, 1))
        )  # (batch, 64, 16, 16)
        self.hidden = nn.Sequential(nn.Dropout(0.3), nn.Linear(64 * 16 * 2, 128), nn.ReLU())
        self.answers = nn.Linear(128, N_YES_NO + len(DENSITIES) + 1)

    def embed(self, x):
        """What it hears, as 128 numbers."""
        f = self.features(x)
        return self.hidden(torch.cat([f.mean(dim=3), f.amax(dim=3)], dim=1).flatten(1))

    def forward(self, x):
        return self.answers(self.embed(x))

    @torch.no_grad()
    def hear(self, loops):
        """Answers for sounds.

        Parameters
        ----------
        loops : iterable of np.ndarray [shape=(n,), float32, 44.1 kHz]
            Cut or padded to 5.12 s.

        Returns
        -------
        torch.Tensor [shape=(len(loops), 18)]
        """
        pictures = [picture_from_loop(np.pad(x[:LOOP_SAMPLES], (0, max(0, LOOP_SAMPLES - len(x))))) for x in loops]
        return self.eval()(small(np.stack(pictures)))


def small(pictures):
    """8-bit pictures [shape=(n, 512, 512)] to what the judge sees [shape=(n, 1, 128, 128)]."""
    return F.avg_pool2d(torch.from_numpy(np.asarray(pictures, np.float32) / 127.5 - 1)[:, None], 4)


def load():
    """The judge as it is kept in the repository, and the hash of its weights."""
    judge = Judge()
    judge.load_state_dict({name: tensor.float() for name, tensor in load_file(WEIGHTS).items()})
    return judge.eval(), hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()[:12]


def scores(answers, pieces):
    """How many answers are right, by question.

    Parameters
    ----------
    answers : torch.Tensor [shape=(n, 18)]
    pieces : list of Piece
        What should be heard.

    Returns
    -------
    dict of str to (float, float, float, int)
        Accuracy, both ends of its 95 % interval (Wilson), number of cases.
    """
    truth = torch.from_numpy(np.stack([labels(piece) for piece in pieces]))
    solo = torch.tensor([is_solo(piece) for piece in pieces])
    yes = (answers[:, :N_YES_NO] > 0).float()
    families = answers[:, : len(FAMILIES)].argmax(1) == truth[:, : len(FAMILIES)].argmax(1)
    density = answers[:, N_YES_NO : N_YES_NO + 3].argmax(1) == truth[:, N_YES_NO].long()
    right = {
        "drums or none": yes[:, DRUMS] == truth[:, DRUMS],
        "bass or none": yes[:, BASS] == truth[:, BASS],
        "family of solos (12-way)": families[solo],
        "solo or ensemble": yes[:, ENSEMBLE] == truth[:, ENSEMBLE],
        "density (3-way)": density,
        "major or minor": (answers[:, -1] > 0) == (truth[:, -1] > 0.5),
    }
    return {name: wilson(int(hits.sum()), len(hits)) for name, hits in right.items() if len(hits)}


def wilson(hits, n, z=1.96):
    """Share of hits with its 95 % interval: (share, low, high, n). Wilson, JASA 22, 1927."""
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, centre - reach, centre + reach, n


def train(n_pieces=6000, epochs=12, seed=0):
    """Train a judge on fresh renders and return it with its scores on held-out ones."""
    torch.manual_seed(seed)
    seen, pieces = [], []
    for piece, picture in render_corpus(range(TRAIN_SEED, TRAIN_SEED + n_pieces), NARROW):
        seen.append(small(picture[None]).half())
        pieces.append(piece)
    x, y = torch.cat(seen), torch.from_numpy(np.stack([labels(piece) for piece in pieces]))
    judge, batch = Judge(), 32
    optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=epochs * (n_pieces // batch))
    for epoch in range(epochs):
        judge.train()
        started = time.monotonic()
        for chosen in torch.randperm(n_pieces)[: n_pieces // batch * batch].view(-1, batch):
            # Loops turned by half, a little grain and other levels: the judge should not care about these.
            view = torch.roll(x[chosen].float(), int(torch.randint(0, 2, ())) * 64, -1)
            view = view + 0.05 * torch.randn_like(view) + 0.1 * torch.randn(batch, 1, 1, 1)
            said, truth = judge(view), y[chosen]
            loss = (
                3 * F.binary_cross_entropy_with_logits(said[:, :N_YES_NO], truth[:, :N_YES_NO])
                + 0.5 * F.cross_entropy(said[:, N_YES_NO : N_YES_NO + 3], truth[:, N_YES_NO].long())
                + 0.3 * F.binary_cross_entropy_with_logits(said[:, -1], truth[:, -1])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        print(f"epoch {epoch + 1} of {epochs}: loss {float(loss):.3f}, {time.monotonic() - started:.0f} s", flush=True)
    return judge.eval()


def main():
    """Train, print the scores on held-out renders, and keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pieces", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    judge = train(options.pieces, options.epochs)
    save_file({name: tensor.half().contiguous() for name, tensor in judge.state_dict().items()}, WEIGHTS)
    judge, digest = load()
    held_out = list(render_corpus(range(TEST_SEED, TEST_SEED + 400), NARROW))
    with torch.no_grad():
        said = judge(small(np.stack([picture for _, picture in held_out])))
    print(f"judge {digest} on 400 held-out renders")
    for name, (share, low, high, n) in scores(said, [piece for piece, _ in held_out]).items():
        print(f"  {name:28s} {100 * share:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]  n={n}")


if __name__ == "__main__":
    main()
