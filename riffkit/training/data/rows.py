"""The rows of a data set, read at its border: what training relies on is checked here, by file and line."""

import contextlib
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from riffkit.training.data.kinds import TABLES, Places
from riffkit.training.data.tables import Row, read_table
from riffkit.training.data.texts import clean

# what Pillow raises over damaged pictures, beside OSError
DAMAGED = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error,
           zlib.error, Image.DecompressionBombError)  # fmt: skip


def read_rows(folder: Path, root: Path) -> list[Row]:
    """Read the metadata of the pictures in a folder, if it has some.

    Parameters
    ----------
    folder : Path
        With a `metadata.jsonl` or `metadata.csv`.
    root : Path
        The data set's folder, out of which no row may lead.

    Returns
    -------
    list of dict
        Each with "path", "text" and "track"; "bars", "bpm" and "loop" are numbers and a truth value, where they are.

    Raises
    ------
    ValueError
        If a line cannot be read, leads out of the folder, or holds something else than is expected there.
    FileNotFoundError
        If it names a picture that is not there.
    """
    table = next((path for name in TABLES if (path := folder / name).is_file()), None)
    if table is None:
        return []
    read, places = read_table(table, ("file_name",)), Places(root, ())
    if read.odd:
        raise ValueError(f"{table}, {read.odd[0]}")
    return [_checked(row, folder, places, f"{table}, line {line}") for line, row in read.rows]


@contextlib.contextmanager
def opened_picture(path: Path) -> Iterator[Image.Image]:
    """Open the picture at `path` inside a `with`; whatever is wrong with it is a ValueError that names it."""
    try:
        with Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is not there (any more); make the data set again") from None
    except DAMAGED as error:
        reason = "it is no picture" if isinstance(error, UnidentifiedImageError) else error
        raise ValueError(f"{path} cannot be read as a picture ({reason}); make the data set again") from None


def _checked(row: Row, folder: Path, places: Places, where: str) -> Row:
    name, text = row.get("file_name"), row.get("text")
    if name is None or text is None:
        raise ValueError(f"{where} needs file_name and text")
    for column, value in (("file_name", name), ("text", text)):
        if not isinstance(value, str):
            raise ValueError(f"{where}: {column} is {_short(value)}; expected words")
    try:
        path = places.find(folder, name)
    except ValueError as error:
        raise ValueError(f"{where}: {_short(name)} {error}") from None
    if path is None:
        raise FileNotFoundError(f"{where} names {folder / name}, which is not there")
    row = {**row, "path": path, "text": text.encode("utf-8", "replace").decode(), "track": row.get("track") or name}
    for column in ("track", "license", "source"):
        if row.get(column) is not None:
            row[column] = clean(str(row[column]))
    for column in ("bars", "bpm"):
        if column in row:
            row[column] = _number(row[column], f"{where}: {column}")
    if row.get("bars") is not None:
        row["bars"] = round(row["bars"])
    if "loop" in row:
        row["loop"] = str(row["loop"]).strip().lower() in ("true", "1", "1.0", "yes")
    return row


def _number(value: Any, where: str) -> float | None:
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= 10_000:
        raise ValueError(f"{where} is {_short(value)}; expected a number, 10,000 at most")
    return number


def _short(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}..."
