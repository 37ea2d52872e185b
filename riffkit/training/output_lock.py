"""One process at a time in an output folder: a lock file with the number of the process that works there.

The lock is the system's own (flock): it ends with the process that holds it, however that ends, so a killed call leaves
nothing behind that would keep the next one out, on this machine or another.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".riffkit.lock"
PATIENCE = 5.0  # seconds that one shard waits for another to begin


@contextlib.contextmanager
def locked(folder: Path, shard: tuple[int, int] | None = None) -> Iterator[None]:
    """Keep other calls out of an output folder inside a `with`; the folder exists.

    Parameters
    ----------
    folder : Path
    shard : (int, int) or None
        Number and count of a part of the work: other parts may be done beside it, but no call for all of it.

    Raises
    ------
    BlockingIOError
        If another process works there; the message has its number.
    """
    with contextlib.ExitStack() as held:
        if shard is None:
            held.enter_context(_held(folder, folder / LOCK))
            for other in sorted(folder.glob(f"{LOCK}-*")):  # parts that are being done
                with _held(folder, other):
                    pass
        else:
            with _held(folder, folder / LOCK, PATIENCE):  # two parts that begin at once wait for each other here
                held.enter_context(_held(folder, folder / f"{LOCK}-{shard[0]}-of-{shard[1]}"))
        yield


def is_lock(path: Path) -> bool:
    """Whether the file at `path` is a lock of this kind: an output folder with nothing but locks in it is new."""
    return path.name.startswith(LOCK)


@contextlib.contextmanager
def _held(folder: Path, path: Path, patience: float = 0.0) -> Iterator[None]:
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(
            f"{_holder(path)} works in {folder} at this moment; wait for it, stop it, or name another output"
        ) from None
    except NotImplementedError:  # a file system without locks: all that can be done is to go on
        yield
        return
    try:
        with contextlib.suppress(OSError):  # on a full disk nobody learns the number, that is all
            path.write_text(f"{os.getpid()}\n", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # still held: who waited for this file sees that it is gone, and makes its own
        lock.release()


def _holder(path: Path) -> str:
    try:
        pid = int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "another process"
    return f"process {pid}"
