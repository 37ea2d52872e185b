"""Draw the pictures of the README again, with the embedded model as it is now.

make test ARGS=tests/browser       leaves a fresh screenshot in tests/browser/shots
.venv/bin/python data/pictures/draw.py
"""

from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image

import riffkit

HERE = Path(__file__).parent
SHOT = HERE.parents[1] / "tests" / "browser" / "shots" / "00_welcome.png"
PROMPT, SEED = "funky slap bass and drums", 7
STEPS_SHOWN = (1, 6, 12)  # of twenty


def draw_way(path):
    """Words, the picture on its way out of the noise, and the sound, side by side."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    seen = {}

    def watch(step, total, estimate=None):
        if step in STEPS_SHOWN and estimate is not None:
            seen[step] = estimate()

    riff = riffkit.load().riff(PROMPT, seed=SEED, progress=watch)
    pictures = [*((f"its guess after step {step}", seen[step]) for step in STEPS_SHOWN), ("the picture", riff.image)]
    figure, axes = plt.subplots(
        1, 6, figsize=(13, 2.5), width_ratios=[0.9, 1, 1, 1, 1, 1.35], layout="constrained", facecolor="white"
    )
    axes[0].text(
        0.5, 0.5, f"“{PROMPT}”".replace(" bass", "\nbass"), ha="center", va="center", fontsize=13, style="italic"
    )
    axes[0].set_title("your words")
    for axis, (title, image) in zip(axes[1:5], pictures, strict=True):
        axis.imshow(image.convert("L"), cmap="gray", vmin=0, vmax=255, aspect="auto")
        axis.set_title(title)
    samples = riff.clip.mono().samples[0]
    blocks = samples[: len(samples) // 400 * 400].reshape(400, -1)
    axes[5].fill_between(np.linspace(0, riff.clip.duration, 400), blocks.min(1), blocks.max(1), color="black", lw=0)
    axes[5].set_title(f"{riff.clip.duration:.0f} seconds of sound")
    for axis in axes:
        axis.set_xticks([])
        axis.set_yticks([])
        for side in axis.spines.values():
            side.set_visible(axis in axes[1:5])
    figure.savefig(path.with_suffix(".png"), dpi=110)
    Image.open(path.with_suffix(".png")).convert("RGB").save(path, quality=80, method=6)
    path.with_suffix(".png").unlink()


if __name__ == "__main__":
    draw_way(HERE / "way.webp")
    if SHOT.exists():
        Image.open(SHOT).convert("RGB").save(HERE / "lab.webp", quality=80, method=6)
