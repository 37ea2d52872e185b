"""Does the embedded model play what the words say? A judge that only ever heard real renders listens.

    python -m benchmarks.model                     400 held-out prompts (make bench-model)
    python -m benchmarks.model --prompts 40        a quick look

Prints the judge's accuracy on real renders of the held-out pieces, on clips generated from their captions, and on the
same clips with the captions shuffled (what a model that ignores words would get), each with its 95 % interval; then
whether sounds are sound (never silent, clipped or NaN), whether seeds hold, the seconds taken, and how far stock
diffusers' picture from the same folder is. Needs the soundfont (`riffkit doctor` says how) for the real renders.
"""

import argparse
import hashlib
import random
import resource
import time
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import riffkit
from benchmarks import judge as judging
from riffkit.diffusion.riffer import DEFAULTS
from riffkit.training.captions import caption
from riffkit.training.render import LOOP_SAMPLES, Player, picture_from_loop
from riffkit.training.score import NARROW, compose

HELD_OUT_SEED = 40_000_000  # no training piece and no piece the judge learnt from has these seeds


def generate(riffer, captions, steps, guidance):
    """One clip per caption, seeds counted from 0; returns the riffs and the seconds each took."""
    riffs, seconds = [], []
    for seed, words in enumerate(captions):
        started = time.perf_counter()
        riffs.append(riffer.riff(words, seed=seed, num_inference_steps=steps, guidance_scale=guidance, progress=False))
        seconds.append(time.perf_counter() - started)
        if (seed + 1) % 20 == 0:
            print(f"  generated {seed + 1} of {len(captions)}", flush=True)
    return riffs, seconds


def check_sounds(riffs):
    """Count clips that are not sound: NaN or infinite, silent (peak under -40 dBFS), clipped (beyond full scale)."""
    faults = {"not finite": 0, "silent": 0, "clipped": 0}
    for riff in riffs:
        samples = riff.clip.samples
        faults["not finite"] += not np.isfinite(samples).all()
        faults["silent"] += np.abs(samples).max() < 0.01
        faults["clipped"] += np.abs(samples).max() > 1.0
    return faults


def stock_difference(folder, words, seed, steps, guidance):
    """Largest difference in grey levels between riffkit's picture and stock diffusers' from the same start.

    Both run in float32 from the same noise, drawn on the CPU from the same seed.
    """
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(seed)
    stock = pipe(words, num_inference_steps=steps, guidance_scale=guidance, generator=generator).images[0]
    ours = riffkit.load(folder, device="cpu", dtype=torch.float32).riff(
        words, seed=seed, num_inference_steps=steps, guidance_scale=guidance
    )
    a, b = (np.asarray(image.convert("L"), np.int16) for image in (stock, ours.image))
    return int(np.abs(a - b).max()), float(np.abs(a - b).mean())


def save_grid(pairs, path, columns=6):
    """Real pictures above generated ones, a third of their size, for the eye."""
    rows = []
    for start in range(0, len(pairs), columns):
        some = pairs[start : start + columns]
        for which in (0, 1):
            rows.append(np.concatenate([np.pad(pair[which], 6, constant_values=128) for pair in some], axis=1))
    grid = Image.fromarray(np.concatenate(rows))
    path.parent.mkdir(parents=True, exist_ok=True)
    grid.resize((grid.width // 3, grid.height // 3), Image.Resampling.BOX).save(path)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--prompts", type=int, default=400)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=DEFAULTS.guidance_scale, help="(default: %(default)s)")
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--grid", type=Path, default=Path("work/bench-model/grid.png"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    judge, digest = judging.load()
    pieces = [compose(seed, NARROW) for seed in range(HELD_OUT_SEED, HELD_OUT_SEED + options.prompts)]
    captions = [caption(piece, random.Random(f"caption {piece.seed}")) for piece in pieces]
    player = Player()
    real = [player.play(piece) for piece in pieces]

    started = time.perf_counter()
    riffer = riffkit.load(options.model)
    loading = time.perf_counter() - started
    riffer.riff("warm up", seed=0, num_inference_steps=2)
    riffs, seconds = generate(riffer, captions, options.steps, options.guidance)
    sounds = [riff.clip.mono().samples[0] for riff in riffs]

    shuffle = np.random.default_rng(0).permutation(len(pieces))
    said_real, said = judge.hear(real), judge.hear(sounds)
    columns = {
        "real": judging.scores(said_real, pieces),
        "generated": judging.scores(said, pieces),
        "shuffled": judging.scores(said, [pieces[i] for i in shuffle]),
    }
    print(f"\njudge {digest}, {len(pieces)} held-out prompts, {options.steps} steps")
    print(f"{'':26s}" + "".join(f"{name:>28s}" for name in columns))
    for question in columns["real"]:
        cells = []
        for name in columns:
            share, low, high, n = columns[name][question]
            cells.append(f"{100 * share:5.1f} % [{100 * low:4.1f}, {100 * high:5.1f}] n={n}")
        print(f"{question:26s}" + "".join(f"{cell:>28s}" for cell in cells))

    print(f"\nfaulty sounds among {len(riffs)}: {check_sounds(riffs)}")
    settings = {"num_inference_steps": options.steps, "guidance_scale": options.guidance, "progress": False}
    again = riffer.riff(captions[0], seed=0, **settings)
    other = riffer.riff(captions[0], seed=1, **settings)
    first = hashlib.sha256(riffs[0].clip.samples.tobytes()).hexdigest()
    print(f"same seed, same bits: {hashlib.sha256(again.clip.samples.tobytes()).hexdigest() == first}")
    print(f"another seed, another sound: {hashlib.sha256(other.clip.samples.tobytes()).hexdigest() != first}")
    median = float(np.median(seconds))
    print(f"load {loading:.1f} s; words to sound {median:.2f} s (median) for {riffs[0].clip.duration:.2f} s of sound")
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")
    largest, mean = stock_difference(str(riffer.checkpoint.folder), captions[0], 0, options.steps, options.guidance)
    print(f"stock diffusers, float32: largest difference {largest} of 255 grey levels, mean {mean:.4f}")
    padded = [np.pad(x[:LOOP_SAMPLES], (0, max(0, LOOP_SAMPLES - len(x)))) for x in sounds[:18]]
    pairs = [(picture_from_loop(a), picture_from_loop(b)) for a, b in zip(real, padded, strict=False)]
    save_grid(pairs, options.grid)
    print(f"real above generated: {options.grid}; their captions:")
    for words in captions[:18]:
        print(f"  {words}")


if __name__ == "__main__":
    main()
