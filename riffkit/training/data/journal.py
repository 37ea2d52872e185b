"""The journal of a data set: one line for each recording that was cut, so that a call can be interrupted."""

import base64
import hashlib
import json
import math
from pathlib import Path
from typing import Any

from riffkit.training.data.recordings import Recording

PRINT = (32, 16)  # columns and rows of a fingerprint


def name_of(recording: Recording, source: Path) -> str:
    """Name a `recording` by its path below the folder `source`, and where in the file it begins, if not at 0 s."""
    try:
        name = recording.path.relative_to(source).as_posix()
    except ValueError:
        name = recording.path.as_posix()
    return name if not recording.start else f"{name} from {recording.start:g} s"


def number_of(text: str) -> int:
    """Hash `text` to a large whole number: the lot that decides on shards and splits."""
    return int.from_bytes(hashlib.sha256(bytes_of(text)).digest()[:8], "big")


def bytes_of(text: str) -> bytes:
    """Encode a `text` that may be a file's name which is no UTF-8."""
    return text.encode("utf-8", "surrogatepass")


def mend(journal: Path) -> None:
    """Cut off a last line of the file `journal` that was being written when the run was killed."""
    if not journal.exists():
        return
    text = journal.read_bytes()
    if text and not text.endswith(b"\n"):
        with journal.open("r+b") as file:
            file.truncate(text.rfind(b"\n") + 1)


def journals(output: Path) -> dict[str, dict[str, Any]]:
    """Read the journals in the folder `output`: {name of the recording: its latest entry}.

    What is not an entry, or a damaged one, counts as not done: its recording is cut again.
    """
    done: dict[str, dict[str, Any]] = {}
    for journal in sorted(output.glob("pieces*.jsonl")):
        for line in journal.read_bytes().split(b"\n"):
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                continue  # another shard is writing it
            if _is_entry(entry):
                done[entry["file"]] = entry
    return done


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("file"), str)
        and all(isinstance(entry.get(name), list) for name in ("pieces", "skipped", "notes"))
        and all(isinstance(note, str) for note in entry["notes"])
        and all(isinstance(pair, list) and len(pair) == 2 and _is_part(*pair) for pair in entry["skipped"])
        and all(_is_piece(piece) for piece in entry["pieces"])
    )


def _is_part(start: Any, reason: Any) -> bool:
    return isinstance(reason, str) and (start is None or _is_place(start))


def _is_piece(piece: Any) -> bool:
    """A row with a file of the data set's own folder, words and a place, and a fingerprint."""
    row = piece.get("row") if isinstance(piece, dict) else None
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("file_name", "text", "track")):
        return False
    try:
        marks = base64.b64decode(piece.get("print"), validate=True)
    except (TypeError, ValueError):
        return False
    own = Path(row["file_name"]).name == row["file_name"] and row["file_name"].endswith(".png")
    return own and len(marks) == math.prod(PRINT) and _is_place(row.get("start"))


def _is_place(start: Any) -> bool:
    return isinstance(start, (int, float)) and not isinstance(start, bool) and 0 <= start < math.inf
