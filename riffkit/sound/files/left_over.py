"""Temporary files that a killed call leaves behind: known as ours by their names, and cleared away."""

import contextlib
import hashlib
import os
import platform
import re
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ENDING = ".riffkit.tmp"
OURS = re.compile(r"\..*-(?P<host>[0-9a-f]{6})-(?P<pid>\d+)-[0-9a-f]{6}\.riffkit\.tmp", re.DOTALL)
OLDER = re.compile(r"\..*-[a-z0-9_]{8}\.tmp", re.DOTALL)  # of riffkit 0.2
STALE = 86400.0  # seconds after which nobody writes to a file any more, wherever that was

_written: set[tuple[int, str]] = set()  # (process, path): a forked child must leave its parent's alone
_cleared: set[Path] = set()  # looked at once: a data set's folder holds thousands of files


def is_left_over(path: str | Path) -> bool:
    """True if a file is one that a call of riffkit was writing when it was killed, or writes at this moment.

    Parameters
    ----------
    path : str or Path
    """
    name = Path(path).name
    return bool(OURS.fullmatch(name) or OLDER.fullmatch(name))


def own_tail() -> str:
    """How the name of a temporary file of this process ends."""
    return f"-{_host()}-{os.getpid()}-{secrets.token_hex(3)}{ENDING}"


def clear(folder: Path) -> None:
    """Delete what calls that were killed left in a `folder`; once in a process."""
    if folder in _cleared:
        return
    _cleared.add(folder)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            found = OURS.fullmatch(path.name)
            if found is None:
                continue
            with contextlib.suppress(OSError):
                old = time.time() - path.lstat().st_mtime > STALE
                if old or (found["host"] == _host() and not _alive(int(found["pid"]))):
                    path.unlink()


@contextlib.contextmanager
def vanishing(temporary: str) -> Iterator[None]:
    """Let a temporary file vanish if SIGTERM or SIGHUP ends the process within, unless somebody else hears them.

    Parameters
    ----------
    temporary : str
        Its path.
    """
    mine = (os.getpid(), temporary)
    _written.add(mine)
    heard = []
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # the second is not known to Windows
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, _end)
                heard.append(number)
    try:
        yield
    finally:
        _written.discard(mine)
        for number in heard:
            if signal.getsignal(number) == _end:
                signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:
    for process, path in list(_written):
        if process == os.getpid():
            with contextlib.suppress(OSError):
                Path(path).unlink()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _host() -> str:
    return hashlib.sha256(platform.node().encode(errors="replace")).hexdigest()[:6]


def _alive(pid: int) -> bool:
    if os.name == "nt":  # where signal 0 would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
