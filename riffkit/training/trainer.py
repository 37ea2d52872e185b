"""The training loop of every stage: optimizer steps, gradient clipping, averaged weights, checkpoints that resume.

A stage asks a `Trainer` for the next step number, draws its batch from that number alone, and hands back a loss. So a
run that was killed at any moment and started again goes through the same batches, and ends with the same weights, as
one that was not.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from safetensors.torch import save_file

from riffkit.progress import Reporter, report
from riffkit.sound.files import replacing
from riffkit.training.averaging import AveragedWeights, PowerAverage
from riffkit.training.losses import FILE_NAME, read_losses
from riffkit.training.muon import Muon
from riffkit.training.trainer_config import TrainerConfig, fastest_precision
from riffkit.training.trainer_state import read_state, write_state

Group = dict[str, Any]  # of parameters, as torch's optimizers take them


class Trainer:
    """Steps of one stage, with everything that keeps them safe.

    A checkpoint is one safetensors file that replaces the last one at once. It holds what learns, its averages and the
    optimizer's moments; what does not learn the caller loads again. Each step's batch is drawn for all processes
    together and every process takes its part, so two processes do what one does with twice the batch.

    Parameters
    ----------
    name : str
        The stage, for the folder's name.
    folder : str or Path
        Gets `<name>/state.safetensors` and `<name>/losses.jsonl`.
    module : torch.nn.Module
    groups : sequence of dict
        Parameter groups for the optimizer; `factor` in them (1 if left out) is what the learning rate is multiplied
        with.
    config : TrainerConfig
    make_optimizer : callable
        `make_optimizer(groups)` -> torch.optim.Optimizer. Default: `Muon`.
    tracker : str or None
        One that accelerate knows, which gets the losses as well.
    """

    def __init__(
        self,
        name: str,
        folder: str | Path,
        module: torch.nn.Module,
        groups: Sequence[Group],
        config: TrainerConfig,
        *,
        make_optimizer: Callable[[list[Group]], torch.optim.Optimizer] = Muon,
        tracker: str | None = None,
    ) -> None:
        self.name, self.config, self.n_steps = name, config, config.n_steps
        self.folder = Path(folder) / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.accelerator = _accelerator(config.mixed_precision or fastest_precision(config.cpu), config.cpu)
        plain = [{key: value for key, value in group.items() if key != "factor"} for group in groups]
        self.factors = [group.get("factor", 1.0) for group in groups]
        self.module, self.optimizer = self.accelerator.prepare(module, make_optimizer(plain))
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        self.averages: list[AveragedWeights] = [PowerAverage(parameters, length) for length in config.power_lengths]
        self.averages = self.averages or [AveragedWeights(parameters, config.ema_decay)]
        self.weights = self.averages[0]  # what is saved and sampled from
        self.recent: list[float] = []  # losses since the last line of the loss file
        self.step = self._resume()
        self.on_save: Callable[[Trainer], None] | None = None  # gets the trainer after every checkpoint
        self._began = time.monotonic(), self.step
        if tracker and self.is_main:
            self._start_tracker(tracker)

    @property
    def device(self) -> torch.device:
        """Where the module is."""
        return self.accelerator.device

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes files."""
        return self.accelerator.is_main_process

    def steps(self, progress: Reporter | None = None) -> Iterator[int]:
        """Yield the numbers of the steps that are still to be done, and save along the way.

        The body of the loop calls `learn(losses)` once for each. At the end the averaged weights are in the module.

        Parameters
        ----------
        progress : callable or None
            Gets (steps done, steps in all, None).

        Yields
        ------
        int
        """
        saved = time.monotonic()
        self._began = saved, self.step
        while self.step < self.n_steps:
            self._set_learning_rate()
            torch.manual_seed(self._draw(self.step))  # dropout and such: the same after a resume
            yield self.step
            self.step += 1
            if time.monotonic() - saved > self.config.save_every:
                self._save_and_tell()
                saved = time.monotonic()
            report(progress, self.step, self.n_steps)
        torch.manual_seed(self._draw(self.n_steps))  # what is drawn next: the same, whether steps were done or found
        self._save_and_tell()
        self.weights.exchange()

    def rng(self, step: int) -> tuple[np.random.Generator, torch.Generator]:
        """Make random number generators, of numpy and of torch, that depend on the seed and on `step` only."""
        draw = self._draw(step)
        return np.random.default_rng(draw), torch.Generator().manual_seed(draw)

    def drawn(self, batch: int) -> int:
        """Count the examples that a step draws over all processes and accumulated parts, each of `batch` examples."""
        return batch * self.config.accumulation * self.accelerator.num_processes

    def part(self, batch: int, micro: int) -> slice:
        """Select this process's `batch` of the drawn examples, in the accumulated part number `micro`."""
        start = (micro * self.accelerator.num_processes + self.accelerator.process_index) * batch
        return slice(start, start + batch)

    def learn(self, losses: torch.Tensor | Iterable[torch.Tensor]) -> None:
        """Take one step of the optimizer down a loss, or down the mean of losses computed one after the other.

        Parameters
        ----------
        losses : torch.Tensor [scalar], or an iterable of as many as `config.accumulation` says
        """
        total: Any = 0.0
        parts = self.config.accumulation
        for loss in [losses] if isinstance(losses, torch.Tensor) else losses:
            self.accelerator.backward(loss / parts)
            total += loss.detach() / parts
        self.accelerator.clip_grad_norm_(self.weights.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        for average in self.averages:
            average.update()
        if self.config.snapshot_every and (self.step + 1) % self.config.snapshot_every == 0:
            self._save_averages()
        self.recent.append(float(self.accelerator.reduce(total, reduction="mean")))
        if (self.step + 1) % self.config.log_every == 0 or self.step + 1 == self.n_steps:
            values = {"loss": round(float(np.mean(self.recent)), 6)}
            if self.config.timed:
                started, first = self._began
                values["seconds_per_step"] = round((time.monotonic() - started) / (self.step + 1 - first), 4)
            self.log(values, self.step + 1)
            self.recent.clear()

    def log(self, values: dict[str, float], step: int) -> None:
        """Append `values` of a `step` to the loss file and send them to the tracker."""
        if not self.is_main:
            return
        with (self.folder / FILE_NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self.accelerator.trackers:
            self.accelerator.log({k: v for k, v in values.items() if isinstance(v, float)}, step=step)

    def save(self) -> None:
        """Write a checkpoint; there is a whole one at every moment."""
        if not self.is_main:
            return
        notes = {"step": self.step, "n_updates": self.weights.n_updates, "recent": self.recent}
        if self.accelerator.scaler is not None:
            notes["scaler"] = self.accelerator.scaler.state_dict()
        write_state(self._state, self.averages, self.optimizer, notes)

    def _save_averages(self) -> None:
        """Keep the averages of this step, in half precision and by the names of the weights."""
        if not self.is_main:
            return
        names = {id(parameter): name for name, parameter in self.module.named_parameters()}
        tensors = {
            f"{length:g}/{names[id(parameter)]}": value.half().cpu().contiguous()
            for length, average in zip(self.config.power_lengths, self.averages, strict=False)
            for parameter, value in zip(average.parameters, average.average, strict=True)
        }
        (self.folder / "averages").mkdir(exist_ok=True)
        with replacing(self.folder / "averages" / f"{self.step + 1:06d}.safetensors", True) as temporary:
            save_file(tensors, temporary)

    def close(self) -> None:
        """Let the tracker write what it still holds."""
        for tracker in self.accelerator.trackers:
            tracker.finish()

    @property
    def _state(self) -> Path:
        return self.folder / "state.safetensors"

    def _save_and_tell(self) -> None:
        self.save()
        if self.on_save is not None:
            self.on_save(self)

    def _draw(self, step: int) -> int:
        return int(np.random.SeedSequence([self.config.seed, step]).generate_state(1)[0])

    def _resume(self) -> int:
        losses = self.folder / FILE_NAME
        if self.is_main:
            for left_over in self.folder.glob(f".{self._state.stem}-*.tmp"):  # of a call that was killed while it saved
                left_over.unlink(missing_ok=True)
            if not self._state.exists():
                losses.unlink(missing_ok=True)
        if not self._state.exists():
            return 0
        notes = read_state(self._state, self.averages, self.optimizer)
        self.recent = notes["recent"]
        if "scaler" in notes and self.accelerator.scaler is not None:
            try:
                self.accelerator.scaler.load_state_dict(notes["scaler"])
            except (KeyError, TypeError, RuntimeError) as error:
                raise ValueError(f"{self._state} is damaged ({error!r}); remove it to begin again") from None
        if self.is_main and losses.exists():
            self._forget_losses_after(notes["step"], losses)
        return notes["step"]

    def _forget_losses_after(self, step: int, losses: Path) -> None:
        # what is checked at this step is checked again, when the loop goes on
        kept = [e for e in read_losses(losses) if e["step"] < step or (e["step"] == step and "loss" in e)]
        with replacing(losses, True) as temporary:
            Path(temporary).write_text("".join(json.dumps(entry) + "\n" for entry in kept), encoding="utf-8")

    def _set_learning_rate(self) -> None:
        config = self.config
        rate = config.learning_rate * config.schedule(self.step, config.n_steps, config.warmup)
        for group, factor in zip(self.optimizer.param_groups, self.factors, strict=True):
            group["lr"] = rate * factor

    def _start_tracker(self, name: str) -> None:
        from accelerate.tracking import filter_trackers

        self.accelerator.project_configuration.set_directories(str(self.folder))
        self.accelerator.log_with = filter_trackers(name, self.folder)
        options = {"purge_step": self.step + 1} if name == "tensorboard" and self.step else {}  # not a curve twice
        self.accelerator.init_trackers("tracker", init_kwargs={name: options})


def _accelerator(mixed_precision: str, cpu: bool) -> Accelerator:
    """An `Accelerator` of its own precision and device; by itself accelerate keeps the first one's for the process."""
    started_alone = not torch.distributed.is_available() or not torch.distributed.is_initialized()
    AcceleratorState._reset_state(reset_partial_state=started_alone)
    return Accelerator(mixed_precision=mixed_precision, cpu=cpu)
