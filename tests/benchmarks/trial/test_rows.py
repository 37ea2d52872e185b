"""Perfect answers are all right, shuffled ones at chance, and a mute model is faulty."""

import numpy as np
import torch

from benchmarks.judging.questions import HEADS, truth_of
from benchmarks.trial.nearness import print_frechet
from benchmarks.trial.prompts import held_out_prompts
from benchmarks.trial.rows import TITLES, asks_of, cell, hits, shuffled, worst

PROMPTS = held_out_prompts(200)


def perfect_answers(prompts):
    """Logits that say exactly what is true, and 93.75 BPM where that is the tempo."""
    truth = truth_of([prompt.piece for prompt in prompts])
    said = {"heard": 8 * truth["heard"] - 4} | {head: 12.0 * truth[head].float() for head in HEADS}
    return said, np.array([prompt.piece.bpm for prompt in prompts])


def test_perfect_answers_are_all_right_and_shuffled_ones_are_not():
    said, bpm = perfect_answers(PROMPTS)
    right, others = hits(said, bpm, PROMPTS), shuffled(said, bpm, PROMPTS)
    for row in TITLES:
        asked = [hit for hit in right[row] if hit is not None]
        assert len(asked) == sum(bool(asks_of(prompt, row)) for prompt in PROMPTS)
        assert all(asked), (row, [p.words for p, hit in zip(PROMPTS, right[row], strict=True) if hit is False])
    share = {row: np.mean([hit for hit in others[row] if hit is not None]) for row in ("instrument", "root", "genre")}
    assert max(share.values()) < 0.3, share


def test_what_is_missed_is_named():
    solos = [prompt for prompt in PROMPTS if "instrument" in prompt.asks][:2]
    columns = {"real": {"instrument": [True, True]}, "generated": {"instrument": [True, False]}}
    missed = worst(columns, solos, "instrument")
    assert len(missed) == 1 and f"instrument {missed[0].split(',')[0]}" in solos[1].asks["instrument"]


def test_a_cell_tells_share_interval_and_number():
    assert cell([True, False, None]).split() == "50.0 % [ 9.5, 90.5] n=2".split()
    assert cell([None]) == "-"


class Ear:
    """Hears clips as points in space."""

    def hear(self, views):
        return {"embedding": torch.from_numpy(views)}


class Cloud:
    def __init__(self, seed, spread=1.0, n=64):
        self.views = np.random.default_rng(seed).normal(size=(n, 40)) * spread

    def __len__(self):
        return len(self.views)


def test_other_clouds_are_farther_than_the_same_kind(capsys):
    found = print_frechet(Ear(), Cloud(1, 3.0), Cloud(2), {"real": Cloud(3), "drawn": Cloud(4, 1.5)})
    assert found["real"] < found["drawn"] < found["generated"]
    assert "n=64" in capsys.readouterr().out
