"""What a model costs, and what it keeps: seconds, memory, size; the same bits again, and stock diffusers' picture."""

import json
import subprocess
import sys

import numpy as np
import torch

import riffkit
from benchmarks.probe import FACTS_OF_A_PROCESS, odd_prompts, stock_difference


def print_process(model, kind):
    """Seconds and memory in a process of its own.

    Parameters
    ----------
    model : str
        A folder, or mini.
    kind : str
        words (to a file), or live (the few-step twin).
    """
    command = [sys.executable, "-c", FACTS_OF_A_PROCESS, model, kind, "file"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    facts = json.loads(told.stdout.strip().splitlines()[-1])
    print(
        f"{'few-step twin' if kind == 'live' else 'words to a file'}: {facts['seconds']:.2f} s (median of {facts['n']},"
        f" best {facts['best']:.2f} s) for {facts['duration']:.2f} s in {facts['channels']} channel(s), real-time"
        f" factor {facts['seconds'] / facts['duration']:.2f} (best {facts['best'] / facts['duration']:.2f});"
        f" load {facts['load']:.1f} s; peak memory of the process {facts['memory_gb']:.2f} GB"
    )


def print_costs(model, riffer):
    """Seconds of the model and its twin, memory of the process, size of the folder."""
    print_process(model, "words")
    if riffer.checkpoint.live_file is not None:
        print_process(model, "live")
    size = sum(path.stat().st_size for path in riffer.checkpoint.folder.rglob("*") if path.is_file())
    print(f"folder on disk {size / 1e6:.1f} MB, {torch.get_num_threads()} threads")


def print_laws(model, riffer, words, settings):
    """The same seed, the same bits, also loaded anew; stock diffusers' picture; prompts nobody planned for."""
    first = riffer.riff(words, seed=5, progress=False, **settings)
    again = [one.riff(words, seed=5, progress=False, **settings) for one in (riffer, riffkit.load(model))]
    same = all(
        np.array_equal(np.asarray(first.image), np.asarray(riff.image))
        and np.array_equal(first.clip.samples, riff.clip.samples)
        for riff in again
    )
    print(f"same seed, same bits, in this process and loaded anew: {'yes' if same else 'NO'}")
    largest, mean = stock_difference(
        riffer.checkpoint.folder, words, 0, settings["num_inference_steps"], settings["guidance_scale"]
    )
    print(f"stock diffusers, float32: largest difference {largest} of 255 grey levels, mean {mean:.4f}")
    print(f"odd prompts that made sound: {odd_prompts(riffer)}")
