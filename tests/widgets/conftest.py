"""A small riffer for the panels: real classes at toy size; and a riff of the embedded model, with its film."""

import pytest

import riffkit
from riffkit.riffing.recorder import Film

FEW = {"num_inference_steps": 3, "quality": "fast"}


@pytest.fixture(scope="session")
def toy(mini_folder):
    """A riffer whose checkpoint is laid out like the embedded model, with random weights: windows of 1.28 s."""
    return riffkit.load(mini_folder, dtype="float32")


@pytest.fixture(scope="session")
def riffer():
    return riffkit.load()


@pytest.fixture(scope="session")
def film():
    """The steps of `riff`, once it was made."""
    return Film()


@pytest.fixture(scope="session")
def riff(riffer, film):
    return riffer.riff("church bells and drums", 5, **FEW, progress=film)


@pytest.fixture(scope="session")
def finish():
    """A function that waits for what a run bar runs."""

    def wait(bar):
        bar.job.join(120)
        assert not bar.job.running and bar.error.value == "", bar.error.value

    return wait
