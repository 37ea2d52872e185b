"""Tables of captions: CSV with any usual separator, JSON lines, or JSON, each row with its line."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from riffkit.training.data.kinds import is_sound
from riffkit.training.data.texts import read_text

FILE_COLUMNS = ("file_name", "filename", "file", "path", "file_path", "filepath", "audio_file", "audio_path",
                "audio_filepath", "audio", "name")  # fmt: skip
CAPTION_COLUMNS = ("text", "caption", "prompt", "description", "captions", "tags")
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
Row = dict[str, Any]


class Table(NamedTuple):
    """What a table says: `rows` with their lines, lines that are `odd` and left out, and `notes` of what is not."""

    rows: list[tuple[int, Row]]
    odd: list[str]
    notes: list[str]


def read_table(path: Path, needed: Sequence[str] = FILE_COLUMNS) -> Table:
    """Read a table by what its name ends in: .csv and .tsv, .jsonl and .ndjson, or .json.

    Parameters
    ----------
    path : Path
    needed : sequence of str
        Names of columns, one of which at least the header of a CSV table has.

    Returns
    -------
    Table
        Names of columns are small letters. Rows may lack a file or a caption.
    """
    try:
        text, note = read_text(path)
    except (ValueError, OSError) as error:
        return Table([], [str(getattr(error, "strerror", None) or error)], [])
    table = Table([], [], [note] if note else [])
    if path.suffix.lower() in (".csv", ".tsv"):
        _read_csv(text, needed, table)
    elif path.suffix.lower() == ".json" or text.lstrip()[:1] == "[":
        _read_json(text, table)
    else:
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                _keep(_parsed(line), number, table)
    return table


def file_of(row: Mapping[str, Any]) -> str | None:
    """Find in a `row` what names its file, or None."""
    return next((value for name in FILE_COLUMNS if isinstance(value := row.get(name), str) and value.strip()), None)


def small(row: Mapping[Any, Any]) -> Row:
    """Write the names of a `row` in small letters, without blanks around them."""
    return {str(key).strip().lower(): value for key, value in row.items() if key is not None}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _keep(row: Any, number: int, table: Table) -> None:
    if isinstance(row, dict):
        table.rows.append((number, small(row)))
    else:
        table.odd.append(f"line {number} is not a JSON object")


def _read_json(text: str, table: Table) -> None:
    """A list of objects, or captions (or objects) by file name."""
    held = _parsed(text)
    if isinstance(held, dict):
        named = {name: {"text": value} if isinstance(value, str) else value for name, value in held.items()}
        held = [{**row, "file_name": name} for name, row in named.items() if isinstance(row, dict)]
    if not isinstance(held, list):
        table.odd.append("it is not JSON with a list of objects, or with captions by file name")
        return
    for number, row in enumerate(held, start=1):
        _keep(row, number, table)


def _read_csv(text: str, needed: Sequence[str], table: Table) -> None:
    begun = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)  # as some spreadsheets begin it
    body = text[begun.end() :] if begun else text
    first = body.partition("\n")[0]
    separator = begun[1] if begun else max(SEPARATORS, key=lambda one: _promise(first, one, needed))
    records = _records(body, separator, table)
    line, header = next(records, (1, []))
    columns = [name.strip().lower() for name in header]
    if not set(columns) & set(needed):
        if len(columns) == 2 and is_sound(header[0].strip()):  # no header: a name and a caption from the first line on
            table.notes.append("it has no header; its first column was taken for file_name, its second for text")
            columns = ["file_name", "text"]
            table.rows.append((line, dict(zip(columns, header, strict=True))))
        else:
            named = ", ".join(columns[:8]) or "none"
            said = SEPARATORS.get(separator, repr(separator))
            table.odd.append(
                f"no column names files (its columns, with {said} between them: {named}); expected {needed[0]}, and"
                " commas, semicolons or tabs between columns"
            )
            return
    for number, values in records:
        _keep(_fitted(values, columns, number, separator, table), number, table)


def _promise(header: str, separator: str, needed: Sequence[str]) -> tuple[bool, int]:
    try:
        columns = next(csv.reader([header], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        columns = []
    return bool({name.strip().lower() for name in columns} & set(needed)), len(columns)


def _records(text: str, separator: str, table: Table) -> Iterator[tuple[int, list[str]]]:
    """Records that are not empty, and the lines where they begin; what csv cannot read is left out and said."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    read: Callable[[], list[str]] = reader.__next__
    while True:
        line = reader.line_num + 1
        try:
            values = read()
        except StopIteration:
            return
        except csv.Error as error:
            table.odd.append(f"line {line} cannot be read ({error})")
            continue
        if any(value.strip() for value in values):
            yield line, values


def _fitted(values: list[str], columns: list[str], number: int, separator: str, table: Table) -> Row:
    """A record as a row; separators within the last column, if it is the caption, are part of it."""
    more = len(values) - len(columns)
    if more > 0 and columns[-1] in CAPTION_COLUMNS:
        values = [*values[: len(columns) - 1], f"{separator} ".join(values[len(columns) - 1 :])]
        table.notes.append(f"line {number} has {SEPARATORS.get(separator, 'separators')} in its caption; quote it")
    elif more > 0 and any(value.strip() for value in values[len(columns) :]):
        table.notes.append(f"line {number} has {len(values)} values for {len(columns)} columns; the last were left out")
    return dict(zip(columns, values, strict=False))
