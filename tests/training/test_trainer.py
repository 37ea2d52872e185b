"""Laws of the training loop, on a module of one layer."""

import pytest
import torch

from riffkit.training.averaging import posthoc, read_snapshots
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig, check_precision


class _Killed(Exception):
    """In place of a signal."""


def _train(folder, n_steps, *, until=None, save_every=1e9, **changes):
    torch.manual_seed(0)
    module = torch.nn.Linear(4, 4)
    config = TrainerConfig(n_steps, 1e-2, warmup=2, cpu=True, timed=False, save_every=save_every, **changes)
    trainer = Trainer("stage", folder, module, [{"params": list(module.parameters())}], config)
    for step in trainer.steps():
        if step == until:
            raise _Killed
        _, source = trainer.rng(step)
        x = torch.randn(8, 4, generator=source)
        trainer.learn((trainer.module(x) - x.flip(1)).pow(2).mean())
    return trainer


@pytest.mark.parametrize("changes", [{}, {"power_lengths": (0.05, 0.1), "snapshot_every": 5}])
def test_a_killed_run_ends_with_the_weights_of_one_that_was_not(tmp_path, changes):
    whole = _train(tmp_path / "whole", 20, **changes)
    with pytest.raises(_Killed):
        _train(tmp_path / "killed", 20, until=13, save_every=0, **changes)
    resumed = _train(tmp_path / "killed", 20, **changes)
    assert len(whole.averages) == max(1, len(changes.get("power_lengths", ())))
    for a, b in zip(whole.averages, resumed.averages, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a.average, b.average, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(whole.weights.parameters, resumed.weights.parameters, strict=True))


def test_averages_of_other_lengths_are_made_from_what_a_run_stored(tmp_path):
    trainer = _train(tmp_path, 200, power_lengths=(0.05, 0.1), snapshot_every=20)
    snapshots = read_snapshots(tmp_path / "stage" / "averages")
    assert sorted(snapshots) == [(step, length) for step in range(20, 201, 20) for length in (0.05, 0.1)]
    wanted = _train(tmp_path / "other", 200, power_lengths=(0.07,))
    made = posthoc(snapshots, 0.07)
    # exchanged at the end: the averages are in the module
    for name, average in wanted.accelerator.unwrap_model(wanted.module).named_parameters():
        assert torch.allclose(made[name], average.detach(), atol=2e-3)
    assert trainer.step == 200


def test_a_cpu_is_not_asked_to_train_in_fp16():
    """It ended inside torch, with types that do not fit, after everything was prepared."""
    with pytest.raises(ValueError, match="mixed_precision is 'fp16', in which a CPU cannot train; take 'bf16'"):
        check_precision("fp16", torch.device("cpu"))
    for precision, device in (("fp16", "cuda"), ("bf16", "cpu"), ("no", "cpu"), (None, "cpu")):
        check_precision(precision, torch.device(device))
