"""The loop of fine-tuning: `Trainer`'s, with a cosine that starts at once, small checkpoints, and several processes."""

import json
import math
import os
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from riffkit.sound.files import replacing
from riffkit.training.finetune.optimizers import make_adam
from riffkit.training.trainer import AveragedWeights, Trainer

LOG_EVERY = 10  # steps


class Tuner(Trainer):
    """A `Trainer` of a few parameters inside a large model.

    A checkpoint holds what learns, its averages and the optimizer's moments, in one file that replaces the last one at
    once; the rest of the model is in the base checkpoint. Each step's batch is drawn for all processes together and
    every process takes its part, so two processes do what one does with twice the batch.
    """

    def __init__(self, folder, module, groups, *, accumulation=1, optimizer="adam", tracker=None, **options):
        self.accumulation, self.kind = accumulation, optimizer
        super().__init__("run", folder, module, groups, save_every=120.0, **options)
        if tracker and self.accelerator.is_main_process:
            self._start_tracker(tracker)

    @property
    def is_main(self):
        return self.accelerator.is_main_process

    def part(self, batch, micro):
        """Which of the drawn examples are for this process, in one of the accumulated parts: a slice."""
        world, rank = self.accelerator.num_processes, self.accelerator.process_index
        start = (micro * world + rank) * batch
        return slice(start, start + batch)

    def drawn(self, batch):
        """How many examples a step draws, over all processes and accumulated parts."""
        return batch * self.accumulation * self.accelerator.num_processes

    def learn_in_parts(self, losses):
        """One step of the optimizer down the mean of losses that are computed one after the other."""
        total = 0.0
        for loss in losses:
            self.accelerator.backward(loss / self.accumulation)
            total += loss.detach() / self.accumulation
        self.accelerator.clip_grad_norm_(self.weights.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.weights.update()
        self.recent.append(float(self.accelerator.reduce(total, reduction="mean")))
        if (self.step + 1) % LOG_EVERY == 0 or self.step + 1 == self.n_steps:
            self.log({"loss": round(float(np.mean(self.recent)), 6)}, self.step + 1)
            self.recent.clear()

    def log(self, values, step):
        """Write numbers to `losses.jsonl` and the tracker."""
        if not self.is_main:
            return
        with open(self.folder / "losses.jsonl", "a") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self.accelerator.trackers:
            self.accelerator.log({k: v for k, v in values.items() if isinstance(v, float)}, step=step)

    def save(self):
        if not self.is_main:
            return
        tensors = {"average." + str(i): average for i, average in enumerate(self.weights.average)}
        for i, parameter in enumerate(self.weights.parameters):
            tensors[f"weight.{i}"] = parameter.detach()
            for name, value in self.optimizer.state.get(parameter, {}).items():
                if name.startswith("qmap"):  # 8-bit Adam's table is one for all, but each file entry is its own
                    value = value.clone()
                tensors[f"{name}.{i}"] = torch.as_tensor(value)
        notes = {"step": self.step, "n_updates": self.weights.n_updates, "recent": self.recent}
        if self.accelerator.scaler is not None:
            notes["scaler"] = self.accelerator.scaler.state_dict()
        new = self.folder / "state.new"
        save_file({name: t.cpu().contiguous() for name, t in tensors.items()}, new, {"riffkit": json.dumps(notes)})
        os.replace(new, self.folder / "state.safetensors")

    def _resume(self):
        self.recent = []
        path = self.folder / "state.safetensors"
        if not path.exists():
            (self.folder / "losses.jsonl").unlink(missing_ok=True)
            return 0
        with safe_open(path, "pt") as file, torch.no_grad():
            notes = json.loads(file.metadata()["riffkit"])
            for i, parameter in enumerate(self.weights.parameters):
                parameter.copy_(file.get_tensor(f"weight.{i}"))
                self.weights.average[i].copy_(file.get_tensor(f"average.{i}"))
            for key in file.keys():
                name, i = key.rsplit(".", 1)
                if name not in ("weight", "average"):
                    parameter = self.weights.parameters[int(i)]
                    self.optimizer.state[parameter][name] = self._moment(file.get_tensor(key), parameter)
        self.weights.n_updates, self._recent = notes["n_updates"], notes["recent"]
        if "scaler" in notes and self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(notes["scaler"])
        if self.is_main:
            self._forget_losses_after(notes["step"])
        return notes["step"]

    def _moment(self, value, parameter):
        """A part of the optimizer's state where it belongs: step counts stay on the CPU, as do offloaded moments."""
        if value.ndim == 0:
            return value if value.is_floating_point() else value.item()
        return value if self.kind == "offload" else value.to(parameter.device)

    def steps(self, progress=None):
        self.recent = getattr(self, "_recent", [])
        yield from super().steps(progress)

    def _forget_losses_after(self, step):
        path = self.folder / "losses.jsonl"
        if path.exists():
            entries = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
            # what is checked at this step is checked again, when the loop goes on
            kept = [e for e in entries if e["step"] < step or (e["step"] == step and "loss" in e)]
            with replacing(path, True) as temporary:
                Path(temporary).write_text("".join(json.dumps(entry) + "\n" for entry in kept))

    def _make_optimizer(self, groups):
        return make_adam(groups, self.kind)

    def _make_averages(self, parameters, decay):
        return AveragedWeights(parameters, decay, device="cpu" if self.kind == "offload" else None)

    def _set_learning_rate(self):
        rate = self.learning_rate * cosine_with_warmup(self.step, self.n_steps, self.warmup)
        for group, factor in zip(self.optimizer.param_groups, self.factors, strict=True):
            group["lr"] = rate * factor

    def _log(self, seconds_per_step):
        pass  # `learn_in_parts` does, more often

    def close(self):
        """Let the tracker write what it still holds."""
        for tracker in self.accelerator.trackers:
            tracker.finish()

    def _start_tracker(self, name):
        from accelerate.tracking import filter_trackers

        self.accelerator.project_configuration.set_directories(str(self.folder))
        self.accelerator.log_with = filter_trackers(name, self.folder)
        options = {"purge_step": self.step + 1} if name == "tensorboard" and self.step else {}  # not a curve twice
        self.accelerator.init_trackers("tracker", init_kwargs={name: options})


def cosine_with_warmup(step, n_steps, warmup):
    """Share of the learning rate at a step: up a line for `warmup` steps, then down a cosine to nearly nothing."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(n_steps - warmup, 1)
    return max(0.5 + 0.5 * math.cos(math.pi * done), 1e-3)


def min_snr_weights(snr, gamma, prediction_type):
    """What the squared error at a timestep counts, so that easy (nearly clean) timesteps do not rule the rest.

    Parameters
    ----------
    snr : torch.Tensor [> 0]
        Signal to noise ratio, abar / (1 - abar).
    gamma : float
        The largest weight, in terms of the error of x0. 5 is usual.
    prediction_type : str
        "epsilon", "v_prediction" or "sample": the same error of x0 is a different error of each.

    References
    ----------
    Hang et al., "Efficient diffusion training via min-SNR weighting strategy", 2023.
    """
    wanted = snr.clamp(max=gamma)
    if prediction_type == "epsilon":  # |eps error|^2 = snr |x0 error|^2
        return wanted / snr
    if prediction_type == "v_prediction":  # |v error|^2 = (snr + 1) |x0 error|^2
        return wanted / (snr + 1)
    if prediction_type == "sample":
        return wanted
    raise ValueError(f"prediction_type {prediction_type!r} is none of epsilon, v_prediction, sample")


def losses_of(folder):
    """The losses of a run: a list of dicts with "step" and "loss", or "validation_loss" and "moved".

    "moved" is how far what the model says of other things is from what it said before: a mean squared difference, where
    1 would be all of it. It is there if they are preserved.

    Parameters
    ----------
    folder : path
        The output of `finetune`.
    """
    path = Path(folder) / "run" / "losses.jsonl"
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; is {folder} the output of a fine-tuning?")
    return [json.loads(line) for line in path.read_text().splitlines()]
