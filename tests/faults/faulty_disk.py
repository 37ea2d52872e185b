"""A disk that is full, or a process that dies, at the n-th write, rename, link or flush.

Everything that riffkit itself writes goes through these calls of the operating system; each counts as one step.
"""

import contextlib
import errno
import io
import os
import pathlib

STEPS = ("write", "replace", "link", "fsync")


class Disk:
    """Counts steps, and lets the one with number `at` fail.

    Parameters
    ----------
    at : int
        From 1; 0 never fails, and counts.
    end : str
        "full": OSError ENOSPC; "short": a part of the bytes is written first; "dead": the process dies at once.
    """

    def __init__(self, at=0, end="full"):
        self.at, self.end, self.steps = at, end, 0

    def step(self, data=None, handle=None):
        self.steps += 1
        if self.steps != self.at:
            return
        if self.end == "dead":
            os._exit(9)
        if self.end == "short" and data is not None:
            os.write(handle, bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextlib.contextmanager
def faulty(at=0, end="full"):
    """Within, files opened for writing, and renames, links and flushes, go through a `Disk`."""
    disk = Disk(at, end)
    kept = {name: getattr(os, name) for name in ("replace", "rename", "link", "fsync")}
    kept_open, kept_replace = pathlib.Path.open, pathlib.Path.replace

    def through(name):
        def call(*args, **keywords):
            disk.step()
            return kept[name](*args, **keywords)

        return call

    def replace(self, target):
        disk.step()
        return kept_replace(self, target)

    def opened(self, mode="r", buffering=-1, *args, **keywords):
        if not set(mode) & set("wxa+"):
            return kept_open(self, mode, buffering, *args, **keywords)
        raw = Watched(os.fspath(self), mode.replace("b", "").replace("t", ""), disk)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        keywords.pop("errors", None)
        return io.TextIOWrapper(buffered, encoding=keywords.get("encoding") or "utf-8")

    for name in kept:
        setattr(os, name, through(name))
    pathlib.Path.open, pathlib.Path.replace = opened, replace
    try:
        yield disk
    finally:
        for name, call in kept.items():
            setattr(os, name, call)
        pathlib.Path.open, pathlib.Path.replace = kept_open, kept_replace


class Watched(io.FileIO):
    """A file of which each write is a step."""

    def __init__(self, path, mode, disk):
        super().__init__(path, mode)
        self._disk = disk

    def write(self, data):
        self._disk.step(data, self.fileno())
        return super().write(data)
