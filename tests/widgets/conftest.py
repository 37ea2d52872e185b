"""A small riffer for the panels: real classes at toy size."""

import pytest

import riffkit


@pytest.fixture(scope="session")
def toy(mini_folder):
    """A riffer whose checkpoint is laid out like the embedded model, with random weights: windows of 1.28 s."""
    return riffkit.load(mini_folder, dtype="float32")
