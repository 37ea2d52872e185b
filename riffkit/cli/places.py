"""The doctor's look at places: room on the disk, where compiled code and settings are kept, what can be printed."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from riffkit.cli.findings import OK, WARN, Finding

ROOM = 0.5  # GB that work needs


def check_disk() -> Iterator[Finding]:
    """See that there is room in this folder and in that of temporary files, and that both may be written to."""
    mend = "make room there, or work in a folder where you can write"
    for name, find in (("this folder", Path.cwd), ("temporary files", lambda: Path(tempfile.gettempdir()))):
        try:
            place = find()
            free = shutil.disk_usage(place).free / 1e9
        except OSError as error:  # no place for temporary files
            yield Finding(WARN, "disk", f"{name}: {error.strerror or error}", mend if name == "this folder" else
                          "set TMPDIR to a folder that can be written to")  # fmt: skip
            continue
        writable = os.access(place, os.W_OK)
        fine = free >= ROOM and writable
        text = f"{free:.1f} GB free in {place}{'' if writable else ', not writable'}"
        yield Finding(OK if fine else WARN, "disk", text, "" if fine else mend)


def check_code() -> Iterator[Finding]:
    """See whether what numba compiles is kept for the next start."""
    from riffkit.sound.compiling import code_folder, temporary_folder

    folder, mend = code_folder(), "set NUMBA_CACHE_DIR to a folder that stays and can be written to"
    if folder is None:
        text = "is kept nowhere, as no folder for it can be written to: each start compiles anew, half a minute"
        yield Finding(WARN, "compiled", text, mend)
    elif folder == temporary_folder():
        text = f"is kept in {folder}, since riffkit's own folder and the home folder cannot be written to"
        yield Finding(WARN, "compiled", f"{text}; after a restart it is made anew, half a minute", mend)
    else:
        yield Finding(OK, "compiled", f"is kept in {folder}")


def check_home() -> Iterator[Finding]:
    """See that settings and downloads have a place: a home folder, or what variables name in its stead."""
    from riffkit.sound.compiling import takes_files

    try:
        cache = Path(platformdirs.user_cache_dir())
    except (OSError, RuntimeError):  # a user whom the system does not know
        cache = Path("/nonexistent")
    there = next((folder for folder in (cache, *cache.parents) if folder.is_dir()), cache)
    named = [name for name in ("MPLCONFIGDIR", "HF_HOME") if not os.environ.get(name)]
    if takes_files(there) or not named:
        yield Finding(OK, "home", f"caches and settings: {cache}")
    else:
        text = (
            f"{cache} cannot be written to: checkpoints from the Hub are not kept, plots prepare their fonts each time"
        )
        yield Finding(WARN, "home", text, f"set HOME, or {' and '.join(named)}, to folders that can be")


def check_letters() -> Iterator[Finding]:
    """See whether names and words of any language can be printed here."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    try:
        "é 教 ж".encode(encoding)
        yield Finding(OK, "letters", f"all are printed ({encoding})")
    except (UnicodeEncodeError, LookupError):
        text = (
            f"this output takes {encoding} only: what else names and words hold is shown as escapes (files are right)"
        )
        yield Finding(WARN, "letters", text, "set PYTHONUTF8=1, and the terminal to UTF-8")
