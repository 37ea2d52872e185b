"""A data set of stripes for a toy checkpoint, and how many cases are drawn: a few hundred, or thousands on request."""

import json
import os

import numpy as np
from PIL import Image

THOROUGH = os.environ.get("RIFFKIT_FAULTS") == "1"


def save_stripes(home, captions=("fast drums", "slow piano"), size=128):
    """Six striped pictures, two of them for validation."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 4), ("validation", 2)):
        (home / split).mkdir(parents=True)
        rows = []
        for number in range(count):
            pixels = np.full((size, size), 255, np.uint8)
            pixels[rng.integers(0, size, 12)] = rng.integers(0, 150)
            Image.fromarray(pixels).convert("RGB").save(home / split / f"{number}.png")
            text = captions[number % len(captions)]
            rows.append({"file_name": f"{number}.png", "text": text, "track": f"{split} {number}", "license": "CC0"})
        (home / split / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return home
