"""Before it starts: how long it will take, and whether it fits, from a few measured steps."""

import resource
import shutil
import sys
import time
from dataclasses import dataclass

import torch

from riffkit.training.finetune.optimizers import AVERAGE, ON_DEVICE

MEASURED = 2  # steps, after one that warms up
GB = 1e9


@dataclass(frozen=True)
class Estimate:
    """What a run will take. `memory` is what the process (CPU) or the device (CUDA) holds at its peak, in bytes."""

    n_steps: int
    seconds_per_step: float
    memory: float
    free_memory: float
    disk: float
    device: str
    once: float = 0.0  # seconds before the first step

    @property
    def seconds(self):
        return self.once + self.n_steps * self.seconds_per_step

    def __str__(self):
        before = f" ({in_words(self.once)} of it to note what it plays already)" if self.once else ""
        return (
            f"{self.n_steps} steps of {self.seconds_per_step:.2f} s on {self.device}: about {in_words(self.seconds)}"
            f"{before}, without what is played at checkpoints; {self.memory / GB:.1f} GB of memory,"
            f" {self.disk / GB:.2f} GB of disk"
        )


def estimate_run(trainer, batches, tuning, output, once=0.0):
    """Measure a few steps (nothing is learnt in them) and say what the run will take; `once` are seconds before them.

    Returns
    -------
    Estimate

    Raises
    ------
    MemoryError
        If the device cannot hold it; the message lists what would help.
    OSError
        If the disk cannot.
    """
    device = trainer.device
    learning = sum(parameter.numel() for parameter in trainer.weights.parameters)
    kind = tuning.optimizer if device.type == "cuda" or tuning.optimizer == "adam8bit" else "adam"
    moments = learning * ON_DEVICE[kind]  # which the first step will make
    try:
        started = None
        for step in range(1 + MEASURED):
            if step == 1:
                started = time.perf_counter()
            for loss in batches.losses(trainer, step):
                trainer.accelerator.backward(loss)
            trainer.optimizer.zero_grad()
            if device.type == "cuda":
                torch.cuda.synchronize()
        seconds = (time.perf_counter() - started) / MEASURED
    except torch.cuda.OutOfMemoryError:
        raise MemoryError(f"{device} cannot hold one step. {_advice(tuning, device, learning)}") from None
    memory, free = _memory(device, moments)
    if memory > free:
        raise MemoryError(
            f"this needs about {memory / GB:.1f} GB of memory, {device} has {free / GB:.1f} GB."
            f" {_advice(tuning, device, learning, memory - free)}"
        )
    disk = learning * 20 + 3e6 * max(len(tuning.prompts), 1) * (2 + tuning.n_steps // tuning.checkpoint_every)
    if tuning.method == "full":
        disk += learning * 8
    if batches.repertoire is not None:
        disk += batches.repertoire.disk
    if disk > shutil.disk_usage(output).free:
        raise OSError(f"this needs about {disk / GB:.1f} GB of disk, and {output} has less; make room first")
    return Estimate(tuning.n_steps, seconds, memory, free, disk, str(device), once)


def _memory(device, moments):
    """Peak of what has been used plus what is still to come, and what there is."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) + moments, torch.cuda.get_device_properties(device).total_memory
    import psutil

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    used = psutil.Process().memory_info().rss
    return peak + moments, used + psutil.virtual_memory().available


def _advice(tuning, device, learning, missing=None):
    """What would help, the cheapest first; and of what can be told beforehand, whether it is enough."""
    ways = []  # (what to do, bytes that it saves)
    if not tuning.gradient_checkpointing:
        ways.append(("gradient_checkpointing=True (a third slower)", 0))
    if tuning.batch > 1:
        half = f"batch={max(tuning.batch // 2, 1)} with accumulation={tuning.accumulation * 2}"
        ways.append((f"{half} (the same result)", 0))
    if device.type == "cuda" and tuning.optimizer == "adam":
        ways.append(('optimizer="adam8bit" (needs the package bitsandbytes)',
                     learning * (ON_DEVICE["adam"] - ON_DEVICE["adam8bit"])))  # fmt: skip
        ways.append(('optimizer="offload" (slower)', learning * (ON_DEVICE["adam"] + AVERAGE)))
    if tuning.method == "full":
        ways.append(('method="lora"', learning * (ON_DEVICE["adam"] + AVERAGE + 4)))  # its gradients, too
    elif tuning.reach == "all":
        ways.append(('reach="attention"', 0))
    said = []
    for way, saved in ways:
        enough = missing is not None and saved > missing
        said.append(way + (f" saves {saved / GB:.1f} GB" if saved > 0.05 * GB else "") + (": it would fit" * enough))
    return "What would help: " + "; ".join(said or ["a smaller checkpoint, or a larger device"])


def in_words(seconds):
    """A duration as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
