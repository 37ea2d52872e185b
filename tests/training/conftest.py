"""Real models at toy size, and a data set of stripes, for everything that learns."""

import json

import numpy as np
import pytest
from PIL import Image
from toys import save_toy


@pytest.fixture(scope="session")
def mini(tmp_path_factory):
    """A toy checkpoint like the embedded model: v-prediction, words in the time embedding."""
    return save_toy(tmp_path_factory.mktemp("toys") / "mini", like="mini")


@pytest.fixture(scope="session")
def sd(tmp_path_factory):
    """A toy checkpoint like Stable Diffusion 1.5: epsilon."""
    return save_toy(tmp_path_factory.mktemp("toys") / "sd", like="sd")


@pytest.fixture(scope="session", params=["mini", "sd"])
def toy_folder(request):
    """Both toy checkpoints, one after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Six striped pictures of 128 x 128, two of them for validation."""
    home = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("validation", 2)):
        (home / split).mkdir()
        rows = []
        for number in range(count):
            pixels = np.full((128, 128), 255, np.uint8)
            pixels[rng.integers(0, 128, 12)] = rng.integers(0, 150)
            Image.fromarray(pixels).convert("RGB").save(home / split / f"{number}.png")
            words = "slow piano" if number % 2 else "fast drums"
            rows.append({"file_name": f"{number}.png", "text": words, "track": f"{split} {number}", "license": "CC0"})
        (home / split / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return home
