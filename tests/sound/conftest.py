"""Sounds for the tests, made here."""

import numpy as np
import pytest

from riffkit.sound.clip import Clip

RATE = 44100


def pluck_tune(seconds, seed=0):
    """Decaying tones over a little noise: something with attacks, partials and quiet stretches."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE)
    time = np.arange(n) / RATE
    sound = 0.003 * rng.standard_normal(n)
    for start in np.arange(0, seconds, 0.32):
        pitch = 110 * 2 ** (rng.integers(0, 36) / 12)
        since = time - start
        decay = np.exp(-4 * np.maximum(since, 0)) * (since >= 0)
        for partial in (1, 2, 3, 4):
            sound += 0.1 / partial * np.sin(2 * np.pi * pitch * partial * since) * decay
    return sound.astype(np.float32)


@pytest.fixture(scope="session")
def tune():
    return Clip(pluck_tune(3.0), RATE)


@pytest.fixture(scope="session")
def loop():
    """A loop of 2.56 s (256 columns) with attacks, whose tails go round."""
    n = 256 * 441
    twice = pluck_tune(2 * n / RATE, seed=3)
    return Clip(np.roll(twice[:n] + twice[n:], n // 16), RATE)  # no attack at the seam
