"""Opening files of anybody's: names of every kind, pipes, and stretches of files put together as one."""

import io
import os
import select
import stat
import time
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

LONGEST_NAME = 200  # letters of a path that an error quotes
PATIENCE = 10.0  # seconds that a pipe may say nothing before anything came
LARGEST_PIPED = 1 << 30  # bytes

Stretch = bytes | tuple[int, int]  # bytes as they are, or those of a file from the first to before the second


def quoted(path: str | Path) -> str:
    """`path` as errors name it: cut where nobody would read on."""
    name = str(path)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}... ({len(name)} letters)"


def names_file(path: str | Path) -> bool:
    """True if there is a file at `path`; words that cannot be a name at all (too long, odd letters) name none."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def existing(path: str | Path) -> Path:
    """`path` as a Path, or the FileNotFoundError that says where it was looked for."""
    path = Path(path)
    try:
        found = path.exists()
    except PermissionError:
        raise PermissionError(f"{quoted(path)} cannot be looked at: its folder may not be entered") from None
    except (OSError, ValueError) as error:
        raise FileNotFoundError(f"{quoted(path)!r} can be no file's name ({_reason(error)})") from None
    if not found:
        if path.is_symlink():
            raise FileNotFoundError(f"{quoted(path)} is a link to {path.readlink()}, which does not exist")
        raise FileNotFoundError(f"{quoted(path)} does not exist (looked in {quoted(path.absolute().parent)})")
    return path


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def opened(path: str | Path, expected: str = "a file", *, patience: float = PATIENCE) -> BinaryIO:
    """Open a file of anybody's for reading, whatever its name is made of.

    Parameters
    ----------
    path : str or Path
        A named pipe is read to its end first.
    expected : str
        What the caller wants, for errors.
    patience : float [s]
        How long a pipe may stay silent before anything came.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
    ValueError
        If it is a device or socket, or a pipe into which nobody writes.
    """
    path = existing(path)
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{quoted(path)} is a folder; expected {expected}")
    if stat.S_ISFIFO(mode):
        return io.BytesIO(_piped(path, patience))
    if not stat.S_ISREG(mode):
        raise ValueError(f"{quoted(path)} is a device, not a file; expected {expected}")
    return path.open("rb")


def _piped(path: Path, patience: float) -> bytes:
    """All that is written into a named pipe; opened so that nobody at its other end is waited for in vain."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        pieces: list[bytes] = []
        size, end = 0, time.monotonic() + patience
        while True:
            ready, _, _ = select.select([handle], [], [], 0.05)
            try:
                piece = os.read(handle, 1 << 20) if ready else None
            except BlockingIOError:
                piece = None
            if piece:
                pieces.append(piece)
                size, end = size + len(piece), time.monotonic() + patience
                if size > LARGEST_PIPED:
                    raise ValueError(f"{quoted(path)} is a pipe that gives more than {LARGEST_PIPED >> 20} MB; save it")
            elif piece == b"" and pieces:
                return b"".join(pieces)
            elif time.monotonic() > end:
                raise ValueError(f"{quoted(path)} is a pipe into which nothing was written for {patience:g} s")
            elif piece == b"":  # nobody has opened the other end yet
                time.sleep(0.02)
    finally:
        os.close(handle)


class Spliced(io.RawIOBase):
    """Stretches of a file and other bytes, one after another, as one file that can be read and sought.

    Parameters
    ----------
    file : binary file
    stretches : list of bytes or (first, end)
    """

    def __init__(self, file: BinaryIO, stretches: Sequence[Stretch]) -> None:
        super().__init__()
        self._file = file
        sizes = [len(s) if isinstance(s, bytes) else s[1] - s[0] for s in stretches]
        self._stretches = [s for s, size in zip(stretches, sizes, strict=True) if size]
        self._starts = [0]
        for size in filter(None, sizes):
            self._starts.append(self._starts[-1] + size)
        self._at = 0

    def readable(self) -> bool:
        """True: it can be read."""
        return True

    def seekable(self) -> bool:
        """True: it can be sought."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, counted as in every Python file by `offset` and `whence`; returns it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._starts[-1]}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` as far as one stretch goes; returns how many bytes that were."""
        if self._at >= self._starts[-1]:
            return 0
        i = bisect_right(self._starts, self._at) - 1
        stretch, inside = self._stretches[i], self._at - self._starts[i]
        n = min(len(buffer), self._starts[i + 1] - self._at)
        if isinstance(stretch, bytes):
            piece = stretch[inside : inside + n]
        else:
            self._file.seek(stretch[0] + inside)
            piece = self._file.read(n)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
