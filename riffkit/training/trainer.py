"""What every training stage shares: warm-up and decay, gradient clipping, averaged weights, checkpoints that resume.

A stage asks a `Trainer` for the next step number, draws its batch from that number alone, and hands back a loss. So a
run that was killed at any moment and started again goes through the same batches, and ends with the same weights, as
one that was not.
"""

import json
import math
import os
import shutil
import time
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from riffkit.models.checkpoint import choose_dtype
from riffkit.progress import report
from riffkit.training.muon import Muon


class AveragedWeights:
    """Exponential moving average of parameters: what is saved and sampled from.

    Early steps are averaged over fewer steps, so that the random start is forgotten. They are kept beside the
    parameters, or on another device.
    """

    def __init__(self, parameters, decay, device=None):
        self.parameters = list(parameters)
        self.average = [parameter.detach().to(device or parameter.device, copy=True) for parameter in self.parameters]
        self.decay, self.n_updates = decay, 0

    @torch.no_grad()
    def update(self):
        self.n_updates += 1
        decay = min(self.decay, (1 + self.n_updates) / (10 + self.n_updates))
        here = [p.to(average.device) for p, average in zip(self.parameters, self.average, strict=True)]
        torch._foreach_lerp_(self.average, here, 1 - decay)

    @torch.no_grad()
    def exchange(self):
        """Put the averages into the model and keep its weights; a second call undoes it."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(kept)

    def state_dict(self):
        return {"average": self.average, "n_updates": self.n_updates}

    def load_state_dict(self, state):
        self.n_updates = state["n_updates"]
        for mine, saved in zip(self.average, state["average"], strict=True):
            mine.copy_(saved)


class Trainer:
    """Steps of one stage, with everything that keeps them safe.

    Parameters
    ----------
    name : str
        The stage, for messages and the checkpoint's folder.
    folder : path
        Gets `<name>/checkpoint` and `<name>/losses.jsonl`.
    module : torch.nn.Module
    groups : list of dict
        Parameter groups for `Muon`; `factor` in them (1 if left out) is what the learning rate is multiplied with.
    n_steps : int
    learning_rate : float
        Reached after `warmup` steps, kept for the first half, then lowered along a cosine.
    warmup : int
    ema_decay : float
    mixed_precision : str or None
        "bf16", "fp16" or "no", as accelerate takes it; None takes what the device calculates fastest in.
    cpu : bool
        Stay on the CPU even where there is a GPU.
    seed : int
    save_every : float [seconds]
    """

    def __init__(
        self,
        name,
        folder,
        module,
        groups,
        *,
        n_steps,
        learning_rate,
        warmup=100,
        ema_decay=0.999,
        mixed_precision=None,
        cpu=False,
        seed=0,
        save_every=180.0,
    ):
        self.name, self.n_steps, self.seed = name, n_steps, seed
        self.learning_rate, self.warmup, self.save_every = learning_rate, warmup, save_every
        self.folder = Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.accelerator = _accelerator(mixed_precision or fastest_precision(cpu), cpu)
        groups = [dict(group) for group in groups]
        self.factors = [group.pop("factor", 1.0) for group in groups]
        self.module, self.optimizer = self.accelerator.prepare(module, self._make_optimizer(groups))
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.weights = self._make_averages(parameters, ema_decay)
        self.accelerator.register_for_checkpointing(self.weights)
        self.step = self._resume()
        self.recent = []
        self.on_save = None  # gets the trainer after every checkpoint: `tryout.Tryout` listens to it

    @property
    def device(self):
        return self.accelerator.device

    def steps(self, progress=None):
        """Yield the numbers of the steps that are still to be done, and save along the way.

        The body of the loop calls `learn(loss)` once for each. At the end the averaged weights are in the module.
        """
        started = saved = time.monotonic()
        first = self.step
        while self.step < self.n_steps:
            self._set_learning_rate()
            torch.manual_seed(self._draw(self.step))  # dropout and such: the same after a resume
            yield self.step
            self.step += 1
            if self.step % 100 == 0 or self.step == self.n_steps:
                self._log((time.monotonic() - started) / (self.step - first))
            if time.monotonic() - saved > self.save_every:
                self._save_and_tell()
                saved = time.monotonic()
            report(progress, self.step, self.n_steps)
        self._save_and_tell()
        self.weights.exchange()

    def rng(self, step):
        """Random numbers that depend on the seed and the step only: (numpy generator, torch generator)."""
        draw = self._draw(step)
        return np.random.default_rng(draw), torch.Generator().manual_seed(draw)

    def learn(self, loss):
        """One step of the optimizer down this loss."""
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.weights.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.weights.update()
        self.recent.append(float(loss.detach()))

    def save(self):
        """Write a checkpoint beside the last one, then take its place: there is a whole one at every moment."""
        new, last = self.folder / "checkpoint.new", self.folder / "checkpoint"
        shutil.rmtree(new, ignore_errors=True)
        self.accelerator.save_state(str(new))
        (new / "step.json").write_text(json.dumps({"step": self.step, "seed": self.seed}))
        if last.exists():
            last.rename(self.folder / "checkpoint.old")
        os.replace(new, last)
        shutil.rmtree(self.folder / "checkpoint.old", ignore_errors=True)

    def _save_and_tell(self):
        self.save()
        if self.on_save is not None:
            self.on_save(self)

    def _make_optimizer(self, groups):
        return Muon(groups, lr=0.0)

    def _make_averages(self, parameters, decay):
        return AveragedWeights(parameters, decay)

    def _draw(self, step):
        return int(np.random.SeedSequence([self.seed, step]).generate_state(1)[0])

    def _resume(self):
        for kept in ("checkpoint", "checkpoint.old"):
            state = self.folder / kept / "step.json"
            if state.exists():
                self.accelerator.load_state(str(state.parent))
                return json.loads(state.read_text())["step"]
        return 0

    def _set_learning_rate(self):
        done = self.step / self.n_steps
        rate = self.learning_rate * min(1.0, (self.step + 1) / self.warmup)
        if done > 0.5:
            rate *= max(0.02, 0.5 + 0.5 * math.cos(math.pi * (done - 0.5) / 0.5))
        for group, factor in zip(self.optimizer.param_groups, self.factors, strict=True):
            group["lr"] = rate * factor

    def _log(self, seconds_per_step):
        entry = {
            "step": self.step,
            "loss": round(float(np.mean(self.recent)), 5),
            "seconds_per_step": round(seconds_per_step, 4),
        }
        self.recent.clear()
        with open(self.folder / "losses.jsonl", "a") as file:
            file.write(json.dumps(entry) + "\n")


def fastest_precision(cpu=False):
    """What the device that is trained on calculates fastest in: "bf16", "fp16" or "no" (32 bits).

    A processor that does not calculate in bf16 imitates it: a convolution takes forty times as long (measured, AVX2).
    """
    if torch.cuda.is_available() and not cpu:
        return "bf16" if torch.cuda.is_bf16_supported() else "fp16"
    return "bf16" if choose_dtype(torch.device("cpu")) == torch.bfloat16 else "no"


def _accelerator(mixed_precision, cpu):
    """An `Accelerator` of its own precision and device; by itself accelerate keeps the first one's for the process."""
    started_alone = not torch.distributed.is_available() or not torch.distributed.is_initialized()
    AcceleratorState._reset_state(reset_partial_state=started_alone)
    return Accelerator(mixed_precision=mixed_precision, cpu=cpu)
