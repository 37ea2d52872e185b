"""Writing a file or folder whole or not at all: beside, flushed, then put in place of what is to be replaced alone."""

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from riffkit.progress import notice
from riffkit.sound.files.left_over import clear, own_tail, vanishing
from riffkit.sound.files.opening import quoted

NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EXDEV)


def fitting(path: str | Path) -> Path:
    """`path` itself, or with its stem cut to what the disk takes as a name, which is said.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    ValueError
        If it holds letters that no name can have.
    """
    path = Path(path)
    try:
        name, longest = os.fsencode(path.name), _longest_name(path.absolute().parent)
    except UnicodeEncodeError:
        raise ValueError(f"{quoted(path)!r} holds letters that no file name can have; choose another name") from None
    if "\0" in str(path):
        raise ValueError(f"{quoted(path)!r} holds a zero, which no file name can have; choose another name")
    if len(name) <= longest:
        return path
    cut = path.with_name(_cut(path.stem, longest - len(os.fsencode(path.suffix))) + path.suffix)
    notice(f"the name has {len(name)} bytes, this disk takes {longest}; it is cut to {cut.name}")
    return cut


@contextlib.contextmanager
def replacing(path: str | Path, overwrite: bool) -> Iterator[str]:
    """Write a file whole or not at all: a temporary path that takes the place of `path` if all goes well.

    What lies there is replaced only if `overwrite` says so, even if it came while we wrote. A link stays one: what it
    leads to is replaced. A file keeps its mode.

    Parameters
    ----------
    path : str or Path
    overwrite : bool
        Replace an existing file.

    Yields
    ------
    str
        Lies beside `path`, and vanishes if something is raised. What a killed call left there is cleared away.

    Raises
    ------
    FileExistsError
        If the file exists, or is a link, and `overwrite` is False.
    IsADirectoryError, FileNotFoundError
        If `path` is a folder, or its folder is not there.
    """
    path = target = Path(path)
    if fitting(path) != path:  # which is for callers to ask before
        raise OSError(errno.ENAMETOOLONG, f"{quoted(path)} is longer than a name may be on this disk")
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(
            f"{quoted(path)} exists; pass overwrite=True to replace it"
            if path.exists()
            else f"{quoted(path)} is a link to {path.readlink()}, which does not exist; overwrite=True makes that"
        )
    if path.is_symlink():
        target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(f"{quoted(path)} is a folder; expected a file name")
    folder = target.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {quoted(folder)} does not exist; make it first")
    if target.exists() and not target.is_file():
        raise ValueError(f"{quoted(path)} is a device or pipe, not a file; choose another name")
    clear(folder)
    temporary = str(folder / _temporary_name(target))
    try:
        handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:  # which names a file that nobody asked for
        raise OSError(error.errno, f"{error.strerror}: nothing can be written into {quoted(folder)}") from None
    mode = stat.S_IMODE(os.fstat(handle).st_mode)  # what the umask leaves
    os.close(handle)
    try:
        with vanishing(temporary):
            yield temporary
            if target.exists():
                mode = stat.S_IMODE(target.stat().st_mode)
            _flush(temporary)
            Path(temporary).chmod(mode)
            if overwrite:
                Path(temporary).replace(target)
            else:
                _put(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    _flush_folder(folder)


@contextlib.contextmanager
def replacing_folder(path: str | Path, overwrite: bool) -> Iterator[Path]:
    """Write a whole folder beside `path`, which takes its place if all goes well and vanishes if not.

    Parameters
    ----------
    path : str or Path
    overwrite : bool
        Replace a folder of that name; otherwise it is refused.

    Yields
    ------
    Path
        An empty folder; what a killed call left of it is gone.
    """
    path = Path(path)
    if os.path.lexists(path) and not overwrite:
        raise FileExistsError(f"{quoted(path)} exists; name a new folder")
    new, old = path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")
    if old.exists() and not path.exists():  # killed between the two renames
        old.replace(path)
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        if path.exists():
            path.replace(old)
        try:
            new.replace(path)
        except OSError:
            if old.exists() and not path.exists():
                old.replace(path)
            raise
    finally:
        for left_over in (new, old):
            shutil.rmtree(left_over, ignore_errors=True)


def _put(temporary: str, target: Path) -> None:
    """Give a file its name, if nothing has it yet: looked at and done in one."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise FileExistsError(f"{quoted(target)} was made by somebody else meanwhile; choose another name") from None
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        try:  # a disk without links (FAT): an empty file claims the name
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            raise FileExistsError(f"{quoted(target)} was made by somebody else meanwhile; choose another") from None
        Path(temporary).replace(target)
    else:
        Path(temporary).unlink()


def _flush(path: str) -> None:
    with Path(path).open("r+b") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Let the new name outlive a power cut too, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _longest_name(folder: Path) -> int:
    try:
        return os.pathconf(folder, "PC_NAME_MAX")
    except (AttributeError, OSError, ValueError):  # Windows, or no such folder
        return 255


def _cut(name: str, size: int) -> str:
    """`name` cut to so many bytes, between letters."""
    while name and len(os.fsencode(name)) > size:
        name = name[: -max(1, (len(os.fsencode(name)) - size) // 4)]
    return name


def _temporary_name(target: Path) -> str:
    tail = own_tail()
    return f".{_cut(target.stem, _longest_name(target.parent) - len(tail) - 1)}{tail}"
