"""A riff and a recording to start from."""

import numpy as np
import pytest
from toys import FEW

import riffkit


@pytest.fixture(scope="session")
def bells(toy):
    """A riff of each toy."""
    return toy.riff("church bells", 3, **FEW)


@pytest.fixture(scope="session")
def recording():
    """Three seconds of a tone that wobbles, so that every moment can be told from every other."""
    t = np.arange(3 * 44100) / 44100
    return riffkit.Clip(0.3 * np.sin(2 * np.pi * (300 * t + 60 * t * t)), 44100)
