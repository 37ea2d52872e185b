"""Pairs of one changed word: what is counted rises with what is there, and nothing else changes between two renders."""

import dataclasses

import numpy as np
import pytest

from benchmarks.pairs import PAIRS, facts_changed, height, majority, onsets, verdict
from riffkit.compose.score import WIDE, compose

TIME = np.arange(225_792) / 44_100


def chord(*hertz):
    return (sum(np.sin(2 * np.pi * f * TIME) for f in hertz) / 8).astype(np.float32)


def clicks(n):
    samples = np.zeros(len(TIME), np.float32)
    for start in np.arange(n) * (len(TIME) // n) + 5000:
        samples[start : start + 2000] = np.sin(np.arange(2000) / 4) * np.exp(-np.arange(2000) / 300)
    return samples


@pytest.mark.slow
def test_amounts_rise_with_what_is_there():
    assert height(chord(130.8)) < height(chord(523.3)) < height(chord(1046.5))
    assert majority(chord(261.6, 311.1, 392.0)) < 0.3 < 0.7 < majority(chord(261.6, 329.6, 392.0))
    assert onsets(clicks(4)) < onsets(clicks(16))


@pytest.mark.parametrize("question", PAIRS)
def test_only_what_is_asked_for_changes(question):
    piece = next(p for p in map(compose, range(100), [WIDE] * 100) if len(p.parts) == 1)
    kept = {"low or high": {"parts"}, "minor or major": {"mode", "key"}, "sparse or busy": {"density"},
            "slow or fast": {"tempo", "beats", "beats_per_bar"}}[question]  # fmt: skip
    less, more = map(dataclasses.asdict, facts_changed(question, piece))
    assert {name for name in less if less[name] != more[name]} <= kept and less != more


def test_ties_count_half():
    assert verdict([(0, 1), (1, 0), (1, 1), (0, 2)]).startswith(" 62.5 %")
