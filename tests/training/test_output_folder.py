"""An output folder belongs to one call at a time, goes on after a kill, and is never anybody else's."""

import errno
import os
import signal
import subprocess
import sys

import pytest
from safetensors import SafetensorError

from riffkit.training.output_folder import check_output, claimed, told_if_full
from riffkit.training.output_lock import LOCK, locked

SETTINGS = {"seed": 0, "cutting": {"clean": False}}

HOLD = """
import sys, time
from pathlib import Path
from riffkit.training.output_folder import claimed
with claimed(Path(sys.argv[1]), "dataset.json", {"seed": 0, "cutting": {"clean": False}}):
    print("works", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def held(tmp_path):
    """A folder, and the process that works in it."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "works\n"
    yield tmp_path / "out", other
    other.kill()
    other.wait()


def begun(folder, **options):
    with claimed(folder, "dataset.json", SETTINGS, **options):
        return True


def test_two_at_once_are_refused_by_number_and_the_dead_hold_nothing(held):
    folder, other = held
    with pytest.raises(BlockingIOError, match=f"process {other.pid} works in .*out at this moment"):
        begun(folder)
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (folder / LOCK).exists() and begun(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["dataset.json"]


def test_two_at_once_in_one_process_are_refused_too(tmp_path):
    with (
        claimed(tmp_path / "out", "dataset.json", SETTINGS),
        pytest.raises(BlockingIOError, match=f"process {os.getpid()} works"),
    ):
        begun(tmp_path / "out")
    assert begun(tmp_path / "out")


def test_shards_work_side_by_side_but_not_beside_the_whole(tmp_path):
    with locked(tmp_path, (0, 2)), locked(tmp_path, (1, 2)):
        for shard in (None, (0, 2)):
            with pytest.raises(BlockingIOError), locked(tmp_path, shard):
                pass
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [".dataset-abc123.tmp", LOCK])
def test_what_a_killed_call_leaves_before_its_settings_is_known(tmp_path, left):
    (tmp_path / left).write_text('{"se')
    assert begun(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["dataset.json"]


@pytest.mark.parametrize(
    "text", ["", '{"seed": 0', "[0]", "null", "\udcff".encode("utf-8", "surrogateescape"), "[" * 99999]
)
def test_damaged_settings_are_named(tmp_path, text):
    (tmp_path / "dataset.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match="dataset.json"):
        check_output(tmp_path, "dataset.json", SETTINGS)


def test_only_what_could_not_be_written_is_told_so(tmp_path):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for error in (full, SafetensorError("I/O error: No space left on device (os error 28)")):
        with pytest.raises(OSError, match="stopped .*No space left.*it goes on"), told_if_full(tmp_path):
            raise error
    for error in (ValueError("state.safetensors is damaged"), FileNotFoundError("a.png is not there")):
        with pytest.raises(type(error), match="^" + str(error)), told_if_full(tmp_path):
            raise error
