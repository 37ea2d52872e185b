"""The judge: a small convolutional network for timbre, and ears for tempo and key that do not care for which of them.

Its weights are in half precision, and its name is their hash.
"""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

from benchmarks.judging.hearing import BANDS, CYCLES, OCTAVES, WIDE_BANDS
from benchmarks.judging.questions import HEADS, HEARD, MOODS, QUESTIONS

WEIGHTS = Path(__file__).with_name("judge.safetensors")
WIDTH, RHYTHM, SPACE = 144, 48, 24  # numbers in which it keeps timbre, rhythm and panorama
TIMES = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1, 4 / 3, 3 / 2, 2, 3, 4, 6, 8)  # events a beat by which a tempo is told
_BEATS = tuple(int(option.split()[1]) for option in HEADS["beats"])
_HEARD_BY = {"soloist": HEADS["soloist"], "percussion": HEADS["percussion"], "sound": HEADS["sound"]}


class Judge(nn.Module):
    """Answers from the views of a loop; see `forward`."""

    def __init__(self):
        super().__init__()

        def layer(inputs, outputs, stride):
            conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

        self.timbre = nn.Sequential(
            layer(2, 16, 2), layer(16, 32, 2), layer(32, 64, (1, 2)), layer(64, 64, (2, 1))
        )  # (batch, 64, 16, 16): the frequency axis stays, for there instruments differ
        self.hidden = nn.Sequential(nn.Dropout(0.2), nn.Linear(64 * 16 * 2, WIDTH), nn.ReLU())
        self.rhythm = nn.Sequential(nn.Dropout(0.2), nn.Linear(BANDS * (CYCLES + 1), RHYTHM), nn.ReLU())
        self.space = nn.Sequential(nn.Linear(4 * WIDE_BANDS, SPACE), nn.ReLU())
        self.tempo = nn.Sequential(nn.Linear(len(TIMES) * BANDS, 48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, 1))
        self.usual = nn.Parameter(torch.zeros(len(_BEATS)))
        self.key = nn.Sequential(nn.Linear(2 * OCTAVES * 12, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, len(MOODS)))
        self.heard = nn.Linear(WIDTH + RHYTHM + SPACE, len(HEARD))
        told = [head for head in HEADS if head not in ("beats", "key", *_HEARD_BY)]
        self.heads = nn.ModuleDict({head: nn.Linear(WIDTH + RHYTHM + SPACE, len(HEADS[head])) for head in told})
        for head, options in _HEARD_BY.items():
            places = torch.tensor([HEARD.index(option) for option in options])
            self.register_buffer(f"places_of_{head}", places, persistent=False)
        events = torch.tensor([[min(beats * times, CYCLES + 1) for times in TIMES] for beats in _BEATS])
        self.register_buffer("below", events.floor().long(), persistent=False)
        self.register_buffer("share", (events - events.floor()).float(), persistent=False)

    def embed(self, timbre, rhythm, space):
        """What it hears, as 216 numbers [shape=(batch, 216)]."""
        f = self.timbre(timbre)
        heard = self.hidden(torch.cat([f.mean(dim=3), f.amax(dim=3)], dim=1).flatten(1))
        return torch.cat([heard, self.rhythm(rhythm.flatten(1)), self.space(space.flatten(1))], dim=1)

    def forward(self, timbre, rhythm, pitch, space):
        """Answers as logits: "heard" and all of `HEADS`, and under "embedding" what was heard."""
        embedding = self.embed(timbre, rhythm, space)
        heard = self.heard(embedding)
        answers = {"embedding": embedding, "heard": heard}
        answers |= {head: heard[:, getattr(self, f"places_of_{head}")] for head in _HEARD_BY}
        # The same question for each of twelve roots, is this one home; and for each number of beats, is this the pulse?
        turned = torch.stack([pitch.roll(-root, dims=-1).flatten(1) for root in range(12)], dim=1)
        answers["key"] = self.key(turned).transpose(1, 2).flatten(1)
        answers["beats"] = self.tempo(self._events(rhythm)).squeeze(2) + self.usual
        return answers | {head: layer(embedding) for head, layer in self.heads.items()}

    def _events(self, rhythm):
        """Strength of so many events a beat, for each number of beats [shape=(batch, 16, 8 * 12)]."""
        padded = F.pad(rhythm, (0, 2))
        padded = torch.cat([torch.zeros_like(padded[..., :1]), padded[..., 1:]], dim=-1)  # no events, no strength
        low, high = padded[..., self.below], padded[..., self.below + 1]
        events = low + (high - low) * self.share  # (batch, bands, beats, times)
        return events.permute(0, 2, 1, 3).flatten(2)

    @torch.no_grad()
    def hear(self, views, batch=100):
        """Answers for loops, as logits, and under "embedding" what was heard, as 216 numbers each."""
        parts = [self.eval()(*tensors_of(views[slice(a, a + batch)])) for a in range(0, len(views), batch)]
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def tensors_of(views):
    """What the network takes: timbre (white is 1, black -1), rhythm, pitch and panorama."""
    timbre = torch.from_numpy(views.timbre).float() / 127.5 - 1
    return timbre, *(torch.from_numpy(getattr(views, name)).float() for name in ("rhythm", "pitch", "space"))


def chosen(answers, question):
    """Which option of a question is the likeliest, by loop.

    Parameters
    ----------
    answers : dict of str to torch.Tensor
        From `Judge.hear`.
    question : str
        Of `QUESTIONS`.

    Returns
    -------
    list of str
    """
    asked = QUESTIONS[question]
    likely = answers[asked.head].softmax(dim=1)
    summed = torch.zeros(len(likely), len(asked.options) + 1)  # the last one gets what is no option here
    summed.index_add_(1, torch.tensor(asked.place) % (len(asked.options) + 1), likely)
    return [asked.options[place] for place in summed[:, :-1].argmax(dim=1)]


def save(judge, path=WEIGHTS):
    """Write the weights in half precision."""
    save_file({name: tensor.half().contiguous() for name, tensor in judge.state_dict().items()}, path)


def load(path=WEIGHTS):
    """A trained judge, and the hash of its weights."""
    if not Path(path).exists():
        raise FileNotFoundError(f"no judge at {path}; python -m benchmarks.judging trains one")
    judge = Judge()
    judge.load_state_dict({name: tensor.float() for name, tensor in load_file(path).items()})
    return judge.eval(), hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
