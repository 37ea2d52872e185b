"""The output folder of a long call: new, or begun by a call with the same settings, which goes on; nothing else."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from riffkit.sound.files import replacing

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
        If it was begun with other settings; the message names the first of them.
    FileExistsError
        If it is a file, or holds something else.
    """
    kept = folder / file_name
    if kept.is_file():
        begun = {**_as_json(usual or {}), **json.loads(kept.read_text(encoding="utf-8"))}
        _refuse_others(folder, begun, _as_json(settings))
    elif folder.is_file() or (folder.is_dir() and any(_foreign(path, kept, besides) for path in folder.iterdir())):
        raise FileExistsError(f"{folder} exists and holds something else; name a new folder")


def claim_output(
    folder: Path,
    file_name: str,
    settings: Mapping[str, Any],
    *,
    usual: Mapping[str, Any] | None = None,
    besides: Collection[str] = (),
) -> None:
    """Check a folder as `check_output` does, make it if it is new, and write the settings into it.

    Parameters
    ----------
    folder : Path
    file_name : str
    settings, usual : dict
    besides : collection of str
        All as in `check_output`.
    """
    check_output(folder, file_name, settings, usual=usual, besides=besides)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / file_name).is_file():
        with replacing(folder / file_name, True) as temporary:
            Path(temporary).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _as_json(settings: Mapping[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(settings))


def _foreign(path: Path, kept: Path, besides: Collection[str]) -> bool:
    left_over = path.name.startswith(f".{kept.stem}-") and path.suffix == ".tmp"  # of a call killed while it wrote
    return path.name not in besides and not left_over


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
