"""The loss file of a training: one JSON object in a line, which may be read while it is written."""

import json
from pathlib import Path
from typing import Any

FILE_NAME = "losses.jsonl"


def read_losses(path: Path) -> list[dict[str, Any]]:
    """Read the entries of the loss file at `path`; a line that is still being written, or damaged, is left out."""
    entries = []
    for line in path.read_bytes().split(b"\n"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and _is_whole(entry.get("step")) and all(_is_number(v) for v in entry.values()):
            entries.append(entry)
    return entries


def _is_number(value: Any) -> bool:
    return isinstance(value, float) or _is_whole(value)  # one that is not finite tells that a training went wrong


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53


def losses_of(folder: str | Path) -> list[dict[str, Any]]:
    """Read the loss curves of a fine-tuning.

    Parameters
    ----------
    folder : str or Path
        The output of `riffkit.finetune`.

    Returns
    -------
    list of dict
        In the order of steps, each with "step" and either "loss" (of training) or "validation_loss" and perhaps
        "moved". "moved" is how far what the model says of other things is from what it said before: a mean squared
        difference, where 1 would be all of it. It is there if they are preserved.

    Raises
    ------
    FileNotFoundError
        If the folder is no output of a fine-tuning.
    """
    path = Path(folder) / "run" / FILE_NAME
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; is {folder} the output of a fine-tuning?")
    return read_losses(path)
