"""What is told of a piece is true but for one fact, and the error is that of the model's own kind of prediction."""

import random
from dataclasses import asdict
from types import SimpleNamespace

import pytest
import torch

from benchmarks.noise import WRONG, errors, told
from riffkit.compose.score import WIDE, compose
from riffkit.training.scratch.denoiser import NOISE_SCHEDULE

PIECES = [piece for piece in (compose(seed, WIDE) for seed in range(40)) if piece.parts]
CHANGED = {
    "key": {"key"},
    "mode": {"mode"},
    "tempo": {"tempo", "beats", "beats_per_bar"},
    "instrument": {"parts"},
}


@pytest.mark.parametrize("fact", WRONG)
def test_one_fact_is_changed_and_always(fact):
    rng = random.Random(0)
    for piece in PIECES:
        before, after = asdict(piece), asdict(WRONG[fact](piece, rng))
        changed = {name for name in before if before[name] != after[name]}
        assert changed and changed <= CHANGED[fact]


def test_captions_of_the_truth_and_of_anything_else_differ():
    captions = told(PIECES)
    assert set(captions["nothing"]) == {""}
    for fact in ("key", "mode", "tempo"):
        pairs = zip(captions["truth"], captions[fact], strict=True)
        assert all(true != wrong for true, wrong in pairs), fact


@pytest.mark.parametrize("kind", ["v_prediction", "epsilon"])
def test_a_model_that_says_nothing_of_silence_errs_by_what_was_to_be_said(kind):
    """v of silence is sqrt(abar) noise; eps is the noise."""
    checkpoint = SimpleNamespace(
        unet=lambda x, t, words: SimpleNamespace(sample=torch.zeros_like(x)),
        scheduler_config={**NOISE_SCHEDULE, "prediction_type": kind},
        device=torch.device("cpu"),
        dtype=torch.float32,
    )
    found = errors(checkpoint, torch.zeros(40, 4, 32, 32), torch.zeros(40, 3, 8), 300)
    abar = 1.442 / 2.442  # of timestep 300, as the benchmark prints it
    assert found.shape == (40,)
    assert found.mean() == pytest.approx(abar if kind == "v_prediction" else 1, rel=0.02)
