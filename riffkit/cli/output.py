"""Files that commands write: what may be written where, names for new ones, and nothing replaced unasked."""

import argparse
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from riffkit.cli.console import Stages, tell

LONGEST_STEM = 180  # bytes; file systems take 255 for a name, and a seed, a number and a suffix are to come


def free_path(folder: str | Path, stem: str, suffix: str) -> Path:
    """Find a path in `folder` that nothing has yet: `<stem><suffix>`, else `<stem>-2<suffix>` and so on."""
    path, number = Path(folder) / f"{stem}{suffix}", 1
    while os.path.lexists(path):
        number += 1
        path = Path(folder) / f"{stem}-{number}{suffix}"
    return path


def stem_for(prompt: str, seed: int) -> str:
    """Make a file name of a `prompt`: its letters and digits, at most 60 of them, and the `seed`."""
    words = re.sub(r"[\W_]+", "-", prompt.lower()).strip("-")[:60]
    words = words.encode()[:LONGEST_STEM].decode(errors="ignore").rstrip("-")
    return f"{words or 'riff'}-{seed}"


def sound_suffixes() -> list[str]:
    """Endings of the sound files that can be written."""
    from riffkit.sound.files import FORMATS

    return list(FORMATS)


def check_output(path: Path, suffixes: Iterable[str], force: bool) -> None:
    """Refuse an output that cannot be written before hours are spent on what would go into it.

    Parameters
    ----------
    path : Path
    suffixes : list of str
        What it may end in.
    force : bool
        It may exist.
    """
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(suffixes)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
    if os.path.lexists(path) and not force:
        raise FileExistsError(f"{path} exists; choose another name, or replace it with --force")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {folder} does not exist; create it first")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"the folder {folder} cannot be written to")
    longest = os.pathconf(folder, "PC_NAME_MAX") if hasattr(os, "pathconf") else 255
    if len(os.fsencode(path.name)) > longest:
        raise ValueError(f"{path.name} has {len(os.fsencode(path.name))} bytes; names of files take {longest} there")


def write(made: Any, stage: str, stages: Stages, arguments: argparse.Namespace, stem: str = "") -> None:
    """Write a riff, and tell how long it all took.

    Parameters
    ----------
    made : Riff or Walk
    stage : str
        That ends with its sound.
    stages : Stages
    arguments : argparse.Namespace
        Its `output`; where that is None, the first free name that begins with `stem`. With `force` a file is replaced.
    stem : str
    """
    clip = made.clip
    stages.done(stage)
    while True:  # somebody else may write here too, so the only test of a free name is to try
        output = arguments.output or free_path(".", stem, ".wav")
        try:
            made.save(output, overwrite=arguments.force and arguments.output is not None)
            break
        except FileExistsError:
            if arguments.output is not None:
                raise
    stages.done("write")
    tell(f"{output}: {clip.duration:.2f} s of sound, made in {stages.seconds:.1f} s")
