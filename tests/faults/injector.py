"""A fault injector: a child process dies at the n-th thing it does to its output folder, or finds the disk full there.

What counts: opening a file to write, each write into it (of which half arrives), flushing it to the disk, renaming,
linking, removing, making a folder, and what libraries write from inside (safetensors, NumPy's arrays and maps). A
parent that has imported everything, and calculated nothing, forks one child for each n.
"""

import builtins
import errno
import importlib
import io
import json
import os
import shutil
import sys
import traceback
from pathlib import Path

DEAD = 77  # exit code of a child that was killed here
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Fault:
    """What happens at event number `n` (0: never): "kill", or "full" from there on for everything that needs room."""

    def __init__(self, root, n=0, how="kill"):
        self.root, self.n, self.how, self.count = os.path.realpath(root), n, how, 0

    def inside(self, path):
        if isinstance(path, int) or path is None:
            return False
        where = os.path.realpath(os.fsdecode(path))
        return where == self.root or where.startswith(self.root + os.sep)

    def strikes(self, needs_room=True):
        self.count += 1
        if not self.n or (self.how == "full" and not needs_room):
            return False
        return self.count == self.n if self.how == "kill" else self.count >= self.n

    def happen(self, error=FULL):
        if self.how == "kill":
            os._exit(DEAD)
        raise error


class Faulty(io.FileIO):
    """A file of which half of a write arrives, when the fault strikes."""

    fault = None

    def write(self, data):
        if self.fault.strikes():
            super().write(bytes(data)[: len(bytes(data)) // 2])
            self.fault.happen()
        return super().write(data)


def arm(fault):
    """Let the fault strike in this process."""
    Faulty.fault = fault

    def wrapped(module, name, needs_room, places=(0,)):
        original = getattr(module, name)

        def call(*args, **options):
            if any(len(args) > i and fault.inside(args[i]) for i in places) and fault.strikes(needs_room):
                fault.happen()
            return original(*args, **options)

        setattr(module, name, call)

    for name in ("rename", "replace", "unlink", "remove", "rmdir"):
        wrapped(os, name, False, (0, 1) if name in ("rename", "replace") else (0,))
    wrapped(os, "link", True, (0, 1))
    wrapped(os, "mkdir", True)
    real_fsync, real_os_open, real_open = os.fsync, os.open, io.open

    def fsync(handle):
        if fault.strikes():
            fault.happen()
        return real_fsync(handle)

    def os_open(path, flags, *args, **options):
        if flags & os.O_CREAT and fault.inside(path) and fault.strikes():
            fault.happen()
        return real_os_open(path, flags, *args, **options)

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        if not set("wax+") & set(mode) or opener is not None or not fault.inside(file):
            return real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if fault.strikes():
            fault.happen()
        raw = Faulty(file, mode.replace("b", "").replace("t", ""))
        if buffering == 0:
            return raw
        binary = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return binary
        text = io.TextIOWrapper(binary, encoding or "utf-8", errors, newline)
        text.mode = mode
        return text

    os.fsync, os.open, io.open, builtins.open = fsync, os_open, opened, opened
    _arm_libraries(fault)


def _arm_libraries(fault):
    import numpy as np
    import safetensors.numpy
    import safetensors.torch
    from safetensors import SafetensorError

    full = SafetensorError(f"Error while serializing: I/O error: {os.strerror(errno.ENOSPC)} (os error {errno.ENOSPC})")
    for module in (safetensors.torch, safetensors.numpy):

        def serialize_file(tensors, filename, metadata=None, *, original=module.serialize_file):
            strikes = fault.inside(filename) and fault.strikes()
            original(tensors, filename, metadata=metadata)
            if strikes:
                os.truncate(filename, Path(filename).stat().st_size // 2)
                fault.happen(full)

        module.serialize_file = serialize_file
    write_array, flush = np.lib.format.write_array, np.memmap.flush

    def write(file, array, *args, **options):
        if fault.strikes():
            file.write(b"\x93NUMPY")
            fault.happen()
        return write_array(file, array, *args, **options)

    def flushed(self):
        if fault.strikes():
            fault.happen()
        return flush(self)

    np.lib.format.write_array, np.memmap.flush = write, flushed


def child(run, root, n=0, how="kill", report=None):
    """Run in a child process; (exit code, what it said: events so far, and its error if it ended with one)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        fault, said = Fault(root, n, how), {}
        try:
            arm(fault)
            run(Path(root))
        except OSError as error:
            said = {"error": str(error), "full": "No space left" in f"{error} {error.__cause__} {error.__context__}"}
        except BaseException:
            said = {"error": traceback.format_exc(), "full": False}
        said |= {"events": fault.count, "modules": sorted(sys.modules) if report else []}
        os.write(writing, json.dumps(said).encode()[-1_000_000:])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = json.loads(pipe.read() or b"{}")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def tree(folder, skip=()):
    """Every file below a folder and its bytes; journals, whose order of lines may differ, and locks aside."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files
        if not path.name.startswith(("pieces", ".riffkit.lock")) and not any(part in skip for part in path.parts)
    }


def tried(run, home, numbers, how, skip=()):
    """For each n a child is struck, and another goes on: what did not end as an unbroken run, in words.

    `numbers` gets the count of events of an unbroken run, and gives those to try.
    """
    from riffkit.sound.files import is_left_over

    whole = home / "whole" / "out"
    whole.parent.mkdir(parents=True)
    code, said = child(run, whole, report=True)
    assert code == 0 and "error" not in said, said.get("error", code)
    for name in said["modules"]:  # so that no child has to
        if (
            name.split(".")[0]
            in "riffkit librosa scipy numba PIL matplotlib diffusers peft transformers accelerate".split()
        ):
            try:
                importlib.import_module(name)
            except Exception:  # some modules are made by hand, and cannot be imported by their names
                continue
    expected, wrong = tree(whole, skip), []
    for n in numbers(said["events"]):
        out = home / f"{how}-{n}" / "out"
        out.parent.mkdir()
        code, struck = child(run, out, n, how)
        if how == "full":
            left = [str(path) for path in out.rglob("*") if is_left_over(path)]
            if left or ("error" in struck and not struck["full"]):
                wrong.append(f"full at {n}: left {left}, {struck.get('error')}")
        elif code != DEAD:
            wrong.append(f"kill at {n}: it ended with {code}, {struck.get('error')}")
        code, said_then = child(run, out)
        found = tree(out, skip) if out.exists() else {}
        if code or "error" in said_then:
            wrong.append(f"{how} at {n}: it does not go on: {said_then.get('error')}")
        elif found != expected:
            differ = [name for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)]
            wrong.append(f"{how} at {n}: other bits in {differ[:5]}")
        shutil.rmtree(out.parent)
    return said["events"], wrong
