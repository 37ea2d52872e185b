"""A small riffer for the panels: real classes at toy size."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    """A riffer whose checkpoint is laid out like the embedded model, with random weights: windows of 1.28 s."""
    import riffkit

    path = Path(__file__).resolve().parents[1] / "diffusion" / "conftest.py"
    spec = importlib.util.spec_from_file_location("diffusion_conftest", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return riffkit.load(module.save_toy(tmp_path_factory.mktemp("toy") / "toy", like="mini"), dtype="float32")
