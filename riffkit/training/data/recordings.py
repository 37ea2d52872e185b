"""A folder of recordings and what is said of each: captions in a table, beside the file, or in the folder's name."""

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

CAPTION_COLUMNS = ("text", "caption", "prompt", "description")
KEPT_COLUMNS = ("bpm", "key", "license", "source")
TABLES = ("metadata.jsonl", "metadata.csv")
READABLE = set(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64".split())
UNREADABLE = set(".m4a .aac .mp4 .wma .ape .wv .mpc .ra .dsf .mid .midi".split())


@dataclass(frozen=True)
class Recording:
    """One file to learn from.

    `captions` are used in turn where a file gives several pictures. `track` names what must not be torn apart between
    training and validation. `start`, `end` [s] limit the part that the captions are about; `split` is "train",
    "validation" or None (chosen by us); `loop` says that the end joins the beginning.
    """

    path: Path
    captions: tuple[str, ...]
    track: str
    columns: dict = field(default_factory=dict)
    start: float = 0.0
    end: float | None = None
    split: str | None = None
    loop: bool = False


@dataclass(frozen=True)
class Skipped:
    """A file, or a part of one, that is not in the data set, and why."""

    file: str
    reason: str
    start: float | None = None

    def __str__(self):
        place = "" if self.start is None else f" from {self.start:.2f} s"
        return f"{self.file}{place}: {self.reason}"


@dataclass
class Found:
    """What a reader found: `recordings`, `skipped` files, and `notes` on what is odd but no reason to skip."""

    recordings: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def read_folder(folder):
    """Find recordings and their captions.

    For each file the first of these that exists says what it is: a `.txt` or `.json` beside it with the same stem; a
    `metadata.jsonl` or `metadata.csv` in its folder or one above (`file_name`, and any of text, caption, prompt,
    description; bpm, key, license, source, track, split and loop are kept); the name of its folder, if no file of that
    folder has any of these.

    Parameters
    ----------
    folder : path

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
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in UNREADABLE:
            advice = f"convert it first, for example: ffmpeg -i {path.name} {path.stem}.wav"
            found.skipped.append(Skipped(name, f"{path.suffix} cannot be read; {advice}"))
            continue
        rows = said.get(path, [])
        if _sidecar(path):
            try:
                rows = [{**(rows[0] if rows else {}), **_read_sidecar(_sidecar(path))}]
            except ValueError as error:
                found.skipped.append(Skipped(name, str(error)))
                continue
        elif not rows:
            covered = path.parent in captioned_folders or any(p in table_folders for p in path.parents)
            if covered:
                where = "the table does not name it" if path.parent not in captioned_folders else "others here have one"
                found.skipped.append(Skipped(name, f"it has no caption ({where})"))
                continue
            rows = [{"text": path.parent.resolve().name.replace("_", " ").replace("-", " ").strip()}]
        captions = list(dict.fromkeys(caption for row in rows if (caption := _caption(row))))
        if not captions:
            found.skipped.append(Skipped(name, "its caption is empty"))
            continue
        if len(captions) < len(rows):
            found.notes.append(f"{name}: the same caption stands there {len(rows)} times; it counts once")
        found.recordings.append(_recording(path, name, captions, rows[0]))
    return found


def columns_of(row):
    """The columns that a data set keeps, with their usual spellings: numbers as numbers, the rest as text."""
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


def _recording(path, name, captions, row):
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


def _hidden(relative):
    return any(part.startswith(".") for part in relative.parts)


def _caption(row):
    row = {str(k).lower(): v for k, v in row.items() if k is not None}
    for name in CAPTION_COLUMNS:
        value = row.get(name)
        if isinstance(value, (list, tuple)):
            value = ", ".join(str(one) for one in value)
        if value and str(value).strip():
            return " ".join(str(value).split())
    return ""


def _note_shared_stems(audio, folder, found):
    stems = {}
    for path in audio:
        stems.setdefault(path.with_suffix(""), []).append(path.name)
    for stem, names in stems.items():
        if len(names) > 1:
            where = stem.parent.relative_to(folder).as_posix()
            found.notes.append(f"{', '.join(names)} in {where} differ in their ending only; each is read on its own")


def _sidecar(path):
    return next((p for p in (path.with_suffix(".txt"), path.with_suffix(".json")) if p.is_file()), None)


def _read_sidecar(path):
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


def _tables(files, folder, found):
    """All rows of all tables: {path of the recording: [row, ...]}."""
    said = {}
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


def _rows(table, name, found):
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
