"""The output folder of a long call: new, or begun by a call with the same settings, which goes on; nothing else."""

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError

from riffkit.sound.files import is_left_over, replacing
from riffkit.training.output_lock import is_lock, locked

SHORT = 60  # letters of a value that an error may quote


def check_output(
    folder: Path,
    file_name: str,
    settings: Mapping[str, Any],
    *,
    usual: Mapping[str, Any] | None = None,
    besides: Collection[str] = (),
) -> None:
    """Check that a folder is new, or was begun with the same settings; writes nothing.

    Parameters
    ----------
    folder : Path
        May not exist yet.
    file_name : str
        Of the JSON file in it that holds the settings.
    settings : dict
        As JSON takes them.
    usual : dict, optional
        What an older file that lacks a setting stands for.
    besides : collection of str
        Names that may lie in the folder before there are settings.

    Raises
    ------
    ValueError
        If it was begun with other settings, of which the message names the first, or its settings cannot be read.
    FileExistsError
        If it is a file, or holds something else.
    """
    kept = folder / file_name
    if kept.is_file():
        begun = {**_as_json(usual or {}), **read_settings(kept)}
        _refuse_others(folder, begun, _as_json(settings))
    elif folder.is_file() or (folder.is_dir() and any(_foreign(path, kept, besides) for path in folder.iterdir())):
        raise FileExistsError(f"{folder} exists and holds something else; name a new folder")


@contextlib.contextmanager
def claimed(
    folder: Path,
    file_name: str,
    settings: Mapping[str, Any],
    *,
    usual: Mapping[str, Any] | None = None,
    besides: Collection[str] = (),
    shard: tuple[int, int] | None = None,
) -> Iterator[None]:
    """Work in an output folder inside a `with`, alone: check it, make it if it is new, and write the settings into it.

    What could not be written inside is said in words, as `told_if_full` does.

    Parameters
    ----------
    folder : Path
    file_name : str
    settings, usual : dict
    besides : collection of str
        All as in `check_output`.
    shard : (int, int) or None
        As in `riffkit.training.output_lock.locked`.

    Raises
    ------
    ValueError, FileExistsError
        As `check_output` does.
    BlockingIOError
        If another process works in the folder.
    OSError
        If it cannot be written to.
    """
    check_output(folder, file_name, settings, usual=usual, besides=besides)
    with told_if_full(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, shard):
            check_output(folder, file_name, settings, usual=usual, besides=besides)  # it may have been begun meanwhile
            if shard is None:
                _clean(folder)
            if not (folder / file_name).is_file():
                with replacing(folder / file_name, True) as temporary:
                    Path(temporary).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
            yield


def _clean(folder: Path) -> None:
    """Remove what killed calls were writing: nobody else writes here now."""
    for path in folder.rglob(".*.tmp"):
        if is_left_over(path) or path.parent == folder:
            path.unlink(missing_ok=True)


def read_settings(path: Path) -> dict[str, Any]:
    """Read the settings that `claimed` wrote to `path`.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read ({error or 'too deep'}); name a new output folder") from None
    if not isinstance(settings, dict):
        raise ValueError(f"{path} holds {type(settings).__name__}, not names and values; name a new output folder")
    return settings


@contextlib.contextmanager
def told_if_full(output: Path) -> Iterator[None]:
    """Say in words, with the way out, what could not be written to the folder `output` inside a `with`."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, BlockingIOError, IsADirectoryError, NotADirectoryError):
        raise  # these are about a name, and say it
    except (OSError, SafetensorError) as error:
        raise OSError(
            f"writing to {output} stopped ({getattr(error, 'strerror', None) or error}); what was done is kept. If the"
            " disk is full, make room, then give the same command again: it goes on"
        ) from error


def _as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(settings))


def _foreign(path: Path, kept: Path, besides: Collection[str]) -> bool:
    older = path.name.startswith(f".{kept.stem}-") and path.suffix == ".tmp"
    return path.name not in besides and not is_lock(path) and not is_left_over(path) and not older


def _refuse_others(folder: Path, begun: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    for name, wanted in settings.items():
        had = begun.get(name)
        if had == wanted:
            continue
        if isinstance(had, dict) and isinstance(wanted, dict):
            _refuse_others(folder, had, wanted)
            continue
        values = f" ({had!r} instead of {wanted!r})" if len(f"{had!r}{wanted!r}") <= SHORT else ""
        raise ValueError(f"{folder} was begun with another {name}{values}; use the same to go on, or name a new output")
