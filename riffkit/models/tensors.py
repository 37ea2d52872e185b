"""Tensor files of anybody's: safetensors by what they hold, not by what they are called; pickles are never opened."""

import json
from pathlib import Path
from typing import Any

import torch


def existing_file(path: str | Path) -> Path | None:
    """Return `path` as a Path if there is such a file, else None: also where the system takes no name like that."""
    try:
        path = Path(path).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # a name too long, one with a zero, no such home
        return None


def read_tensors(path: Path, what: str) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Read all tensors of a safetensors file, and the texts in its header.

    Parameters
    ----------
    path : Path
        May be a link, as every file in the Hub's cache is one.
    what : str
        That was expected, such as "a LoRA".

    Raises
    ------
    ValueError
        If it is none: the message says what it is instead.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as opened:
            return {key: opened.get_tensor(key) for key in opened.keys()}, opened.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ValueError(
            f"{path} is no safetensors file ({_kind_of(path) or str(error)[:200]}); {what} is one"
        ) from error


def _kind_of(path: Path) -> str:
    """What a file is that is no safetensors file, if it can be told; pickles are not opened for that."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        return str(error)
    if head[:4] == b"PK\x03\x04" or head[:1] == b"\x80":
        return "but a pickle, whatever its name: pickled weights can run any code and are never opened"
    return "it is empty" if not head else ""


def read_text_object(texts: dict[str, str], key: str) -> dict[str, Any]:
    """Parse the JSON object that a header's `texts` hold under `key`: {} where there is none that can be read."""
    try:
        found = json.loads(texts.get(key, "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
