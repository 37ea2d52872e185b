"""A folder of recordings and their captions: in a table, beside the file, or in the folder's name."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CAPTION_COLUMNS = ("text", "caption", "prompt", "description")
KEPT_COLUMNS = ("bpm", "key", "license", "source")
TABLES = ("metadata.jsonl", "metadata.csv")
READABLE = set(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64".split())
UNREADABLE = set(".m4a .aac .mp4 .wma .ape .wv .mpc .ra .dsf .mid .midi".split())


@dataclass(frozen=True)
class Recording:
    """One file to learn from.

    Parameters
    ----------
    path : Path
    captions : tuple of str
        Used in turn where a file gives several pictures.
    track : str
        Names what must not be torn apart between training and validation.
    columns : dict
        More columns of the metadata: see `columns_of`.
    start : float [s]
        Where the part begins that the captions are about.
    end : float or None [s]
        Where it ends; None is the file's end.
    split : str or None
        "train" or "validation"; None is chosen by lot.
    loop : bool
        The end joins the beginning.
    """

    path: Path
    captions: tuple[str, ...]
    track: str
    columns: dict[str, Any] = field(default_factory=dict)
    start: float = 0.0
    end: float | None = None
    split: str | None = None
    loop: bool = False


@dataclass(frozen=True)
class Skipped:
    """A file, or a part of one, that is not in the data set, and why.

    Parameters
    ----------
    file, reason : str
    start : float or None [s]
        Of the part; None is the whole file.
    """

    file: str
    reason: str
    start: float | None = None

    def __str__(self) -> str:
        place = "" if self.start is None else f" from {self.start:.2f} s"
        return f"{self.file}{place}: {self.reason}"


@dataclass
class Found:
    """What a reader found.

    Parameters
    ----------
    recordings : list of Recording
    skipped : list of Skipped
        What is left out, and why.
    notes : list of str
        What is odd but no reason to skip.
    """

    recordings: list[Recording] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_folder(folder: str | Path) -> Found:
    """Read the recordings in a folder and their captions.

    For each file the first of these that exists says what it is: a `.txt` or `.json` beside it with the same stem; a
    `metadata.jsonl` or `metadata.csv` in its folder or one above (`file_name`, and any of text, caption, prompt,
    description; bpm, key, license, source, track, split and loop are kept); the name of its folder, if no file of that
    folder has any of these.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    Found
        Recordings in the order of their paths; the same file may have several captions.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, ValueError
        If the folder does not exist, is a file, or holds no sound.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(f"{folder} does not exist (looked in {folder.absolute().parent})")
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; expected a folder of recordings")
    found = Found()
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not _hidden(p.relative_to(folder)))
    audio = [p for p in files if p.suffix.lower() in READABLE | UNREADABLE]
    if not audio:
        raise ValueError(f"{folder} holds no recordings; expected files such as .wav, .flac, .ogg or .mp3 in it")
    _note_shared_stems(audio, folder, found)
    said = _tables(files, folder, found)
    captioned_folders = {path.parent for path in said} | {p.parent for p in audio if _sidecar(p)}
    table_folders = {p.parent for p in files if p.name in TABLES}
    for path in audio:
        reason = _add(path, folder, said.get(path, []), captioned_folders, table_folders, found)
        if reason:
            found.skipped.append(Skipped(path.relative_to(folder).as_posix(), reason))
    return found


def _add(
    path: Path,
    folder: Path,
    rows: list[dict[str, Any]],
    captioned_folders: set[Path],
    table_folders: set[Path],
    found: Found,
) -> str | None:
    """Add one recording to what was found, or give the reason why not."""
    name = path.relative_to(folder).as_posix()
    if path.suffix.lower() in UNREADABLE:
        advice = f"convert it first, for example: ffmpeg -i {path.name} {path.stem}.wav"
        return f"{path.suffix} cannot be read; {advice}"
    if sidecar := _sidecar(path):
        try:
            rows = [{**(rows[0] if rows else {}), **_read_sidecar(sidecar)}]
        except ValueError as error:
            return str(error)
    elif not rows:
        if path.parent in captioned_folders or any(p in table_folders for p in path.parents):
            where = "the table does not name it" if path.parent not in captioned_folders else "others here have one"
            return f"it has no caption ({where})"
        rows = [{"text": path.parent.resolve().name.replace("_", " ").replace("-", " ").strip()}]
    captions = list(dict.fromkeys(caption for row in rows if (caption := _caption(row))))
    if not captions:
        return "its caption is empty"
    if len(captions) < len(rows):
        found.notes.append(f"{name}: the same caption stands there {len(rows)} times; it counts once")
    found.recordings.append(_recording(path, name, captions, rows[0]))
    return None


def columns_of(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Select the columns of a `row` that a data set keeps: bpm (a number in 20..400), key, license and source (text).

    Other usual spellings are understood: "tempo", "licence", capitals.
    """
    row = {str(k).lower().replace("licence", "license"): v for k, v in row.items() if k is not None}
    kept = {}
    for name in KEPT_COLUMNS:
        value = row.get({"bpm": "bpm" if "bpm" in row else "tempo"}.get(name, name))
        if value in (None, "", [], {}):
            continue
        if name == "bpm":
            try:
                value = float(value)
            except (TypeError, ValueError):
                continue
            if not 20 <= value <= 400:
                continue
        kept[name] = value if name == "bpm" else str(value)
    return kept


def _recording(path: Path, name: str, captions: list[str], row: Mapping[Any, Any]) -> Recording:
    row = {str(k).lower(): v for k, v in row.items() if k is not None}
    split = {"train": "train", "validation": "validation", "valid": "validation", "test": "validation"}
    return Recording(
        path=path,
        captions=tuple(captions),
        track=str(row.get("track") or row.get("track_id") or name),
        columns=columns_of(row),
        split=split.get(str(row.get("split", "")).lower()),
        loop=str(row.get("loop", "")).lower() in ("true", "1", "yes"),
    )


def _hidden(relative: Path) -> bool:
    return any(part.startswith(".") for part in relative.parts)


def _caption(row: Mapping[Any, Any]) -> str:
    row = {str(k).lower(): v for k, v in row.items() if k is not None}
    for name in CAPTION_COLUMNS:
        value = row.get(name)
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(one) for one in value)
        if value and str(value).strip():
            return " ".join(str(value).split())
    return ""


def _note_shared_stems(audio: Iterable[Path], folder: Path, found: Found) -> None:
    stems: dict[Path, list[str]] = {}
    for path in audio:
        stems.setdefault(path.with_suffix(""), []).append(path.name)
    for stem, names in stems.items():
        if len(names) > 1:
            where = stem.parent.relative_to(folder).as_posix()
            found.notes.append(f"{', '.join(names)} in {where} differ in their ending only; each is read on its own")


def _sidecar(path: Path) -> Path | None:
    return next((p for p in (path.with_suffix(".txt"), path.with_suffix(".json")) if p.is_file()), None)


def _read_sidecar(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not UTF-8 text; save it as UTF-8") from None
    if path.suffix.lower() == ".txt":
        return {"text": text}
    try:
        row = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path.name} is not JSON ({error})") from None
    if not isinstance(row, dict):
        raise ValueError(f'{path.name} holds no names and values; expected for example {{"text": "slow piano"}}')
    return row


def _tables(files: Iterable[Path], folder: Path, found: Found) -> dict[Path, list[dict[str, Any]]]:
    """All rows of all tables: {path of the recording: [row, ...]}."""
    said: dict[Path, list[dict[str, Any]]] = {}
    for table in (p for p in files if p.name in TABLES):
        name = table.relative_to(folder).as_posix()
        for number, row in _rows(table, name, found):
            row = {str(k).lower(): v for k, v in row.items() if k is not None}
            file_name = row.get("file_name")
            if not file_name:
                found.skipped.append(Skipped(name, f"line {number} has no file_name"))
                continue
            path = table.parent / str(file_name)
            if not path.is_file():
                found.skipped.append(Skipped(str(file_name), f"{name}, line {number} names it, but it is not there"))
                continue
            said.setdefault(path, []).append(row)
    return said


def _rows(table: Path, name: str, found: Found) -> Iterator[tuple[int, Mapping[Any, Any]]]:
    """Numbered rows of a table; lines that cannot be read are reported."""
    try:
        text = table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        found.skipped.append(Skipped(name, "it is not UTF-8 text; save it as UTF-8"))
        return
    if table.suffix == ".csv":
        yield from enumerate(csv.DictReader(text.splitlines()), start=2)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if isinstance(row, dict):
            yield number, row
        else:
            found.skipped.append(Skipped(name, f"line {number} is not a JSON object"))
