"""Cost estimate: how long a fine-tuning will take, and whether it fits, from a few measured steps."""

import resource
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from riffkit.training.finetune.batches import Batches
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.optimizers import AVERAGE, MOMENTS
from riffkit.training.trainer import Trainer

MEASURED = 2  # steps, after one that warms up
GB = 1e9


@dataclass(frozen=True)
class Estimate:
    """What a run will take.

    Parameters
    ----------
    n_steps : int
    seconds_per_step : float [s]
    memory : float [bytes]
        That the process (CPU) or the device (CUDA) holds at its peak.
    free_memory : float [bytes]
        That there is.
    disk : float [bytes]
    device : str
    once : float [s]
        Before the first step.
    """

    n_steps: int
    seconds_per_step: float
    memory: float
    free_memory: float
    disk: float
    device: str
    once: float = 0.0

    @property
    def seconds(self) -> float:
        """Duration of the whole run [s], without what is played at checkpoints."""
        return self.once + self.n_steps * self.seconds_per_step

    def __str__(self) -> str:
        before = f" ({in_words(self.once)} of it to note what it plays already)" if self.once else ""
        return (
            f"{self.n_steps} steps of {self.seconds_per_step:.2f} s on {self.device}: about {in_words(self.seconds)}"
            f"{before}, without what is played at checkpoints; {self.memory / GB:.1f} GB of memory,"
            f" {self.disk / GB:.2f} GB of disk"
        )


def estimate_run(trainer: Trainer, batches: Batches, tuning: Tuning, output: Path, once: float = 0.0) -> Estimate:
    """Estimate what a run will take from a few measured steps, in which nothing is learnt.

    Parameters
    ----------
    trainer : Trainer
    batches : Batches
    tuning : Tuning
        Completed.
    output : Path
        On the disk that must hold the run.
    once : float [s]
        That pass before the first step.

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
    moments = learning * MOMENTS[tuning.optimizer]  # which the first step will make
    try:
        seconds = _seconds_per_step(trainer, batches)
    except torch.cuda.OutOfMemoryError:
        raise MemoryError(f"{device} cannot hold one step. {_advice(tuning, device, learning)}") from None
    memory, free = _memory(device, moments)
    if memory > free:
        raise MemoryError(
            f"this needs about {memory / GB:.1f} GB of memory, {device} has {free / GB:.1f} GB."
            f" {_advice(tuning, device, learning, memory - free)}"
        )
    disk = _disk(batches, tuning, learning)
    if disk > shutil.disk_usage(output).free:
        raise OSError(f"this needs about {disk / GB:.1f} GB of disk, and {output} has less; make room first")
    return Estimate(tuning.n_steps, seconds, memory, free, disk, str(device), once)


def _seconds_per_step(trainer: Trainer, batches: Batches) -> float:
    started = 0.0
    for step in range(1 + MEASURED):
        if step == 1:
            started = time.perf_counter()
        for loss in batches.losses(trainer, step):
            trainer.accelerator.backward(loss)
        trainer.optimizer.zero_grad()
        if trainer.device.type == "cuda":
            torch.cuda.synchronize()
    return (time.perf_counter() - started) / MEASURED


def _disk(batches: Batches, tuning: Tuning, learning: int) -> float:
    """Bytes of checkpoint, sounds, notes and result."""
    disk = learning * 20 + 3e6 * max(len(tuning.prompts), 1) * (2 + tuning.n_steps // tuning.checkpoint_every)
    if tuning.method == "full":
        disk += learning * 8
    return disk + (batches.repertoire.disk if batches.repertoire is not None else 0)


def _memory(device: torch.device, moments: float) -> tuple[float, float]:
    """Peak of what has been used plus what is still to come, and what there is."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) + moments, torch.cuda.get_device_properties(device).total_memory
    import psutil

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    used = psutil.Process().memory_info().rss
    return peak + moments, used + psutil.virtual_memory().available


def _advice(tuning: Tuning, device: torch.device, learning: int, missing: float | None = None) -> str:
    """What would help, the cheapest first; and of what can be told beforehand, whether it is enough."""
    ways: list[tuple[str, int]] = []  # (what to do, bytes that it saves)
    if not tuning.gradient_checkpointing:
        ways.append(("gradient_checkpointing=True (a third slower)", 0))
    if tuning.batch > 1:
        half = f"batch={max(tuning.batch // 2, 1)} with accumulation={tuning.accumulation * 2}"
        ways.append((f"{half} (the same result)", 0))
    if device.type == "cuda" and tuning.optimizer == "adam":
        ways.append(('optimizer="adam8bit" (needs the package bitsandbytes)',
                     learning * (MOMENTS["adam"] - MOMENTS["adam8bit"])))  # fmt: skip
    if tuning.method == "full":
        ways.append(('method="lora"', learning * (MOMENTS["adam"] + AVERAGE + 4)))  # its gradients, too
    elif tuning.reach == "all":
        ways.append(('reach="attention"', 0))
    said = []
    for way, saved in ways:
        enough = missing is not None and saved > missing
        said.append(way + (f" saves {saved / GB:.1f} GB" if saved > 0.05 * GB else "") + (": it would fit" * enough))
    return "What would help: " + "; ".join(said or ["a smaller checkpoint, or a larger device"])


def in_words(seconds: float) -> str:
    """Format a duration of so many `seconds` as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
