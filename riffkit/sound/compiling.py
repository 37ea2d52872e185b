"""How functions are compiled with numba, and where the machine code is kept from run to run.

numba keeps it beside the source, else in the user's cache folder, and refuses to go on where it can write to neither: a
package that many share, read-only, used by somebody without a home folder. `keep_code`, called when this floor is
imported and so before numba and librosa are, names the folder of temporary files then.
"""

import contextlib
import importlib.util
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs

VARIABLE = "NUMBA_CACHE_DIR"  # numba's name for a folder of the user's choice
SOUND = Path(__file__).resolve().parent


def code_folder(source: Path = SOUND) -> Path | None:
    """Find the folder where numba keeps what it compiles of the files in a folder `source`; None if there is none."""
    named = os.environ.get(VARIABLE)
    candidates = [Path(named)] if named else []
    candidates.append(source / "__pycache__")
    with contextlib.suppress(RuntimeError, OSError):  # no home
        candidates.append(Path(platformdirs.user_cache_dir("numba", appauthor=False)))
    return next((folder for folder in candidates if takes_files(folder)), None)


def keep_code() -> None:
    """Name a folder to numba where it would find none: for what riffkit compiles, or for what librosa does."""
    if all(code_folder(source) for source in (SOUND, *_librosa())):
        return
    folder = temporary_folder()
    if folder is not None:
        os.environ[VARIABLE] = str(folder)  # read by numba when it is imported, also in processes of ours
        if "numba" in sys.modules:
            sys.modules["numba"].config.CACHE_DIR = str(folder)


def temporary_folder() -> Path | None:
    """Make a folder among the temporary files that is this user's alone, or find it; None if that cannot be.

    What lies in it is run. So a folder that somebody else made, or could write to, is not taken.
    """
    try:
        folder = Path(tempfile.gettempdir()) / f"riffkit-{os.getuid() if hasattr(os, 'getuid') else 'code'}"
        folder.mkdir(mode=0o700, exist_ok=True)
        seen = folder.lstat()
    except OSError:
        return None
    mine = not hasattr(os, "getuid") or (seen.st_uid == os.getuid() and not seen.st_mode & 0o077)
    return folder if stat.S_ISDIR(seen.st_mode) and mine and takes_files(folder) else None


def compiled(*, fastmath: bool = False, error_model: str = "numpy") -> Callable[[Callable[..., Any]], Any]:
    """Compile a function without the GIL when it is first called, and keep the machine code for later runs.

    Where it cannot be kept (a full disk, no place at all) or what was kept is damaged, the function is compiled again
    and works all the same.

    Parameters
    ----------
    fastmath : bool
        Sums in any order: vectors of several terms at once.
    error_model : str
        "numpy": a division by zero gives infinity; "python": it raises.

    Returns
    -------
    callable
        A decorator.
    """
    import numba

    options: dict[str, Any] = {"nogil": True, "error_model": error_model}
    if fastmath:
        options["fastmath"] = True

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            made = numba.njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no place
            return numba.njit(**options)(function)
        cache = made._cache
        cache.load_overload = _forgiving(cache.load_overload, cache.flush)
        cache.save_overload = _forgiving(cache.save_overload)
        return made

    return decorate


def _forgiving(method: Callable[..., Any], mend: Callable[[], Any] | None = None) -> Callable[..., Any]:
    """A method of a cache that gives None in place of any error: the file may be cut, of another version, not ours."""

    def call(*arguments: Any) -> Any:
        try:
            return method(*arguments)
        except Exception:
            if mend is not None:
                with contextlib.suppress(Exception):
                    mend()  # numba would stumble over it at every start
            return None

    return call


def _librosa() -> list[Path]:
    found = importlib.util.find_spec("librosa")
    return [Path(found.origin).parent] if found is not None and found.origin else []


def takes_files(folder: Path) -> bool:
    """Say whether a `folder` can be written to, tried as numba tries it: it is made if it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, ValueError):
        return False
    return True
