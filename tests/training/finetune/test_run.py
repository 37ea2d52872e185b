"""A fine-tuning loses nothing: killed it ends as an unbroken one; what is wrong is said in words before it starts."""

import dataclasses
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import riffkit
from riffkit.training.data.dataset import open_dataset
from riffkit.training.finetune import cost
from riffkit.training.finetune.config import Tuning, completed
from riffkit.training.finetune.run import finetune
from riffkit.training.losses import losses_of

TOY = Tuning(rank=2, n_steps=6, batch=2, warmup=2, mixed_precision="no", checkpoint_every=2, validation_steps=0)


def toy(**changes):
    return dataclasses.replace(TOY, **changes)


KILL = """
import os, signal, sys
from riffkit.training.finetune.run import finetune
sys.path.insert(0, {tests!r})
from test_run import TOY
def progress(step, total, _):
    if step == {step}:
        os.kill(os.getpid(), signal.SIGKILL)
finetune({data!r}, {out!r}, TOY, checkpoint={mini!r}, cpu=True, progress=progress)
"""


@pytest.mark.slow
def test_killed_it_ends_with_the_same_bits(mini, data, tmp_path):
    whole = finetune(data, tmp_path / "whole", TOY, checkpoint=mini, cpu=True)
    out = tmp_path / "killed"
    code = KILL.format(tests=str(Path(__file__).parent), step=5, data=str(data), out=str(out), mini=str(mini))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (out / whole.name).exists() and (out / "run" / "state.safetensors").exists()
    steps = []
    made = finetune(data, out, TOY, checkpoint=mini, cpu=True, progress=lambda step, *_: steps.append(step))
    assert steps[-2:] == [5, 6] and 3 not in steps[1:], "it went on at the checkpoint after step 4"
    assert made.read_bytes() == whole.read_bytes()
    assert losses_of(out) == losses_of(tmp_path / "whole")
    assert finetune(data, out, TOY, checkpoint=mini, cpu=True).read_bytes() == whole.read_bytes(), "and once more"


RELENTLESS = """
import os, random, signal, sys, time
sys.path.insert(0, {tests!r})
from test_run import toy
from riffkit.training.finetune.run import finetune
def run(out):  # in a process of its own; nothing has been calculated in this one yet, so that it may be forked
    child = os.fork()
    if child == 0:
        finetune({data!r}, out, toy(n_steps=12, checkpoint_every=1), checkpoint={mini!r}, cpu=True, tracker=None)
        os._exit(0)
    return child
started = time.monotonic()
assert os.waitpid(run({whole!r}), 0)[1] == 0
whole, moments, kills = time.monotonic() - started, random.Random(0), 0
for _ in range(8):
    child = run({out!r})
    time.sleep(moments.uniform(0.05, 0.9) * whole)
    os.kill(child, signal.SIGKILL)
    kills += os.waitpid(child, 0)[1] == signal.SIGKILL
assert os.waitpid(run({out!r}), 0)[1] == 0
print("kills", kills)
"""


@pytest.mark.slow
def test_killed_again_and_again_at_any_moment_it_ends_with_the_same_bits(mini, data, tmp_path):
    names = {"tests": str(Path(__file__).parent), "data": str(data), "mini": str(mini)}
    code = RELENTLESS.format(whole=str(tmp_path / "whole"), out=str(tmp_path / "killed"), **names)
    quiet = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=quiet)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) >= 2
    one, other = ((tmp_path / run / "pytorch_lora_weights.safetensors").read_bytes() for run in ("whole", "killed"))
    assert one == other
    assert losses_of(tmp_path / "whole") == losses_of(tmp_path / "killed")


@pytest.mark.slow
@pytest.mark.parametrize("step", [1, 3, 4])
def test_stopped_anywhere_it_ends_with_the_same_bits(mini, data, tmp_path, step):
    whole = finetune(data, tmp_path / "whole", TOY, checkpoint=mini, cpu=True)
    with pytest.raises(riffkit.Cancelled):
        finetune(
            data, tmp_path / "cut", TOY, checkpoint=mini, cpu=True, progress=lambda s, t, _: not (t == 6 and s == step)
        )
    assert finetune(data, tmp_path / "cut", TOY, checkpoint=mini, cpu=True).read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_accumulated_parts_are_one_larger_batch(toy_folder, data, tmp_path):
    one = load_file(finetune(data, tmp_path / "a", toy(batch=4), checkpoint=toy_folder, cpu=True))
    two = load_file(finetune(data, tmp_path / "b", toy(batch=1, accumulation=4), checkpoint=toy_folder, cpu=True))
    for key in one:
        assert torch.allclose(one[key], two[key], atol=2e-4), key
    losses = [[e["loss"] for e in losses_of(tmp_path / run) if "loss" in e] for run in "ab"]
    assert np.allclose(*losses, rtol=1e-4)


@pytest.mark.slow
def test_two_processes_are_one_with_twice_the_batch(mini, data, tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_run import toy
from riffkit.training.finetune.run import finetune
finetune({str(data)!r}, {str(tmp_path / "two")!r}, toy(n_steps=12), checkpoint={str(mini)!r}, cpu=True)
"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    world = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "ACCELERATE_USE_CPU": "true"}
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True,
            env=os.environ | world | {"RANK": str(rank), "LOCAL_RANK": str(rank), "OMP_NUM_THREADS": "1"},
        )
        for rank in range(2)
    ]  # fmt: skip
    for run in runs:
        _, errors = run.communicate(timeout=280)
        assert run.returncode == 0, errors
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the two processes: sums in another order are other sums
    try:
        one = load_file(finetune(data, tmp_path / "one", toy(n_steps=12, batch=4), checkpoint=mini, cpu=True))
    finally:
        torch.set_num_threads(threads)
    two = load_file(tmp_path / "two" / "pytorch_lora_weights.safetensors")
    for key in one:
        assert torch.allclose(one[key], two[key], atol=2e-4), key
    alone, together = ([e["loss"] for e in losses_of(tmp_path / run) if "loss" in e] for run in ("one", "two"))
    assert len(alone) == len(together) == 2 and np.allclose(alone, together, rtol=1e-3)


@pytest.mark.slow
def test_a_full_disk_stops_with_words_and_loses_nothing(mini, data, tmp_path):
    whole = finetune(data, tmp_path / "whole", TOY, checkpoint=mini, cpu=True, tracker=None)
    code = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_run import TOY
from riffkit.training.finetune.run import finetune
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # what a full disk looks like to a program
try:
    finetune({str(data)!r}, {str(tmp_path / "out")!r}, TOY, checkpoint={str(mini)!r}, cpu=True, tracker=None)
except OSError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"writing to {tmp_path / 'out'} stopped" in done.stdout and "it goes on" in done.stdout
    made = finetune(data, tmp_path / "out", TOY, checkpoint=mini, cpu=True, tracker=None)
    assert made.read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_tensorboard_gets_losses_and_sounds(mini, data, tmp_path):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    tuning = toy(n_steps=20, checkpoint_every=10, validation_steps=1, prompts=("slow piano",))
    with pytest.raises(riffkit.Cancelled):
        finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True,
                 progress=lambda step, total, _: not (total == 20 and step == 15))  # fmt: skip
    finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True)
    written = events.EventAccumulator(str(tmp_path / "out" / "run" / "tracker"), size_guidance={"scalars": 0})
    written.Reload()
    for name in ("loss", "validation_loss"):
        expected = {e["step"]: e[name] for e in losses_of(tmp_path / "out") if name in e}
        assert {e.step: e.value for e in written.Scalars(name)} == pytest.approx(expected)
    assert {"base/slow piano", "step-000010/slow piano", "step-000020/slow piano"} <= set(written.Tags()["audio"])


def test_outputs_and_data_that_do_not_fit_are_refused(mini, sd, data, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "song.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds something else"):
        finetune(data, out, TOY, checkpoint=mini, cpu=True)
    finetune(data, tmp_path / "run", toy(n_steps=1), checkpoint=mini, cpu=True)
    with pytest.raises(ValueError, match="another n_steps .1 instead of 2"):
        finetune(data, tmp_path / "run", toy(n_steps=2), checkpoint=mini, cpu=True)
    with pytest.raises(ValueError, match="begun with another checkpoint"):
        finetune(data, tmp_path / "run", toy(n_steps=1), checkpoint=sd, cpu=True)
    with pytest.raises(FileNotFoundError, match="riffkit dataset"):
        finetune(tmp_path / "run", tmp_path / "new", TOY, checkpoint=mini, cpu=True)
    (tmp_path / "tall").mkdir()
    Image.new("RGB", (128, 256)).save(tmp_path / "tall" / "a.png")
    (tmp_path / "tall" / "metadata.jsonl").write_text('{"file_name": "a.png", "text": "tall"}\n')
    with pytest.raises(ValueError, match="128 x 256 pixels; this checkpoint learns from pictures of 128 rows"):
        finetune(tmp_path / "tall", tmp_path / "new", TOY, checkpoint=mini, cpu=True)


def test_what_is_no_checkpoint_or_no_picture_is_named(mini, data, tmp_path):
    with pytest.raises(FileNotFoundError, match="model_index.json does not exist"):
        finetune(data, tmp_path / "a", TOY, checkpoint=data, cpu=True)
    with pytest.raises(FileNotFoundError, match="neither a folder here nor a Hub id"):
        finetune(data, tmp_path / "b", TOY, checkpoint="nowhere", cpu=True)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a.png").write_bytes(b"no picture")
    (broken / "metadata.jsonl").write_text('{"file_name": "a.png", "text": "tall"}\n')
    with pytest.raises(ValueError, match="a.png cannot be read as a picture.*make the data set again"):
        finetune(broken, tmp_path / "c", TOY, checkpoint=mini, cpu=True)
    for wrong, said in (({"optimizer": "sgd"}, "adam, adam8bit"), ({"batch": 0}, "whole number from 1")):
        with pytest.raises(ValueError, match=said):
            toy(**wrong)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"tracker": "none"}, ValueError, "tracker is 'none'; expected None or one of"),
        ({"tracker": "wandb"}, ImportError, "tracker 'wandb' is not installed"),
        ({"checkpoint": "nowhere"}, FileNotFoundError, "neither a folder here nor a Hub id"),
        ({"tuning": "lora"}, TypeError, "expected a Tuning"),
        ({"progress": "yes"}, TypeError, "progress is 'yes'"),
        ({"tuning": toy(method="word", word="a", like="guitar")}, ValueError, "known already"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(mini, data, tmp_path, wrong, error, said):
    if wrong.get("tracker") == "wandb" and importlib.util.find_spec("wandb"):
        pytest.skip("it is installed")
    with pytest.raises(error, match=said):
        finetune(data, tmp_path / "out", **{"checkpoint": mini, "tuning": TOY, "cpu": True, **wrong})
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"prompts": ("a (piano",)}, "never closed"),
        ({"rank": 0}, "rank is 0"),
        ({"reach": "some"}, "reach is 'some'"),
        ({"mixed_precision": "int8"}, "mixed_precision is 'int8'"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"validation_steps": 2000}, "1000 at most"),
        ({"warmup": -1}, "warmup is -1"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_a_tuning_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        toy(**wrong)


def test_pictures_of_two_widths_are_refused_before_any_is_encoded(mini, tmp_path):
    for name, width in (("a", 128), ("b", 256)):
        Image.new("RGB", (width, 128)).save(tmp_path / f"{name}.png")
    lines = "".join(f'{{"file_name": "{name}.png", "text": "wide"}}\n' for name in "ab")
    (tmp_path / "metadata.jsonl").write_text(lines)
    with pytest.raises(ValueError, match="a.png 128 and b.png 256 columns"):
        finetune(tmp_path, tmp_path / "out", TOY, checkpoint=mini, cpu=True)
    assert not (tmp_path / "out").exists()


def test_brackets_in_captions_are_played_as_they_stand(mini, data):
    dataset = open_dataset(data)
    for row in dataset.rows["validation"]:
        row["text"] = "piano (live"
    base = riffkit.load(mini, dtype="float32", device="cpu").checkpoint
    assert completed(TOY, base, dataset).prompts == ("piano \\(live",)


def test_too_little_memory_is_said_with_what_would_fit(mini, data, tmp_path, monkeypatch):
    monkeypatch.setattr(cost, "_memory", lambda device, moments: (9e9, 4e9))
    with pytest.raises(MemoryError, match="needs about 9.0 GB of memory, cpu has 4.0 GB.*gradient_checkpointing"):
        finetune(data, tmp_path / "out", toy(n_steps=1), checkpoint=mini, cpu=True)


def test_on_a_graphics_card_the_advice_says_what_is_enough():
    def advice(device, missing=None, **changes):
        return cost._advice(toy(**changes), torch.device(device), 860_000_000, missing)

    said = advice("cuda", 6e9, method="full")
    assert 'optimizer="adam8bit" (needs the package bitsandbytes) saves 5.2 GB;' in said, "not enough"
    assert 'method="lora" saves 13.8 GB: it would fit' in said
    assert "would fit" not in advice("cuda", method="full"), "nobody knows by how much it failed"
    assert "adam8bit" not in advice("cpu") and "adam8bit" not in advice("cuda", optimizer="adam8bit")
    assert "batch=1 with accumulation=2" in advice("cpu") and "larger device" in advice(
        "cpu", batch=1, gradient_checkpointing=True, reach="attention"
    )
