"""A folder of weights written whole or not at all, flushed, and readable by whoever may read new files here."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from riffkit.sound.files import replacing_folder

MARK = ".mode"


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Write a folder inside a `with` that takes the place of `path`, older one and all, if all goes well.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path
        An empty folder to write into.

    Raises
    ------
    OSError
        If the disk is full; then the older folder is still there.
    """
    with replacing_folder(path, True) as new:
        yield new
        mode = _plain_mode(new)
        for file in (file for file in new.rglob("*") if file.is_file()):
            if stat.S_IMODE(file.stat().st_mode) == 0o600:  # safetensors writes its files for their owner alone
                file.chmod(mode)
            with file.open("rb") as open_file:
                os.fsync(open_file.fileno())


def _plain_mode(folder: Path) -> int:
    """The mode of a new file here, as the process's umask has it: looked at, since asking for it would change it."""
    mark = folder / MARK
    mark.touch()
    mode = stat.S_IMODE(mark.stat().st_mode)
    mark.unlink()
    return mode
