"""A folder of recordings and their captions: in a table, beside the file, or in the folder's name."""

import re
from collections import Counter
from pathlib import Path

from riffkit.training.data.kinds import (
    ARCHIVES,
    CAPTIONS,
    MORE_TABLES,
    NOTES,
    READABLE,
    SAID_OF_ALL,
    SIDECARS,
    TABLES,
    UNREADABLE,
    Places,
    files_in,
    is_sound,
    why_not,
)  # fmt: skip
from riffkit.training.data.recordings import Found, Skipped, caption_of, recording_of
from riffkit.training.data.sidecars import Sidecars
from riffkit.training.data.tables import Row, Table, file_of, read_table
from riffkit.training.data.texts import clean

Said = dict[Path, list[Row]]  # rows of tables by the recording that they are about


def read_folder(folder: str | Path) -> Found:
    """Read the recordings in a folder and their captions.

    For each file the first of these that exists says what it is: a `.txt`, `.json` or `.caption` beside it with its
    name; a `metadata.jsonl` or `metadata.csv` in its folder or one above, else any other table of files and captions
    there (`file_name`, and any of text, caption, prompt, description; bpm, key, license, source, track, split and loop
    are kept; commas, semicolons or tabs between columns); the name of its folder, if no file of that folder has any of
    these. Linked folders are read; what a table calls by a name that leads out of the folder is not. What looks like
    sound or captions and is not read is named.

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
        unpack = "; unpack it first" if folder.suffix.lower() in ARCHIVES else ""
        raise NotADirectoryError(f"{folder} is a file; expected a folder of recordings{unpack}")
    reader = _Reader(folder)
    return reader.read()


class _Reader:
    """A folder being read."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.found = folder, Found()
        self.files = files_in(folder)
        self.audio = [path for path in self.files if is_sound(path.name)]
        self.sidecars = Sidecars(self.files)
        self.used: set[Path] = set()  # tables that were read
        self.naming: set[Path] = set()  # folders with a table that names a recording
        self.called: Counter[Path] = Counter()  # recordings without another caption than their folder's name

    def read(self) -> Found:
        found, folder = self.found, self.folder
        archives = [path for path in self.files if path.suffix.lower() in ARCHIVES]
        if not self.audio:
            packed = f"; {archives[0].name} is an archive: unpack it first" if archives else ""
            raise ValueError(f"{folder} holds no recordings; expected files such as .wav, .flac, .ogg or .mp3{packed}")
        self._note_shared_stems()
        said = self._tables()
        captioned = {path.parent for path in said} | {p.parent for p in self.audio if self.sidecars.of(p)}
        beside_tables = {p.parent for p in self.files if p.name in TABLES} | self.naming
        for path in self.audio:
            reason = self._add(path, said.get(path, []), captioned, beside_tables)
            if reason:
                found.skipped.append(Skipped(self._name(path), reason))
        found.skipped += [Skipped(self._name(path), "it is an archive; unpack it first") for path in archives]
        self._note_folder_names()
        self._note_unread()
        return found

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _add(self, path: Path, rows: list[Row], captioned: set[Path], beside_tables: set[Path]) -> str | None:
        """Add one recording to what was found, or give the reason why not."""
        if path.suffix.lower() in UNREADABLE | NOTES:
            return why_not(path)
        if beside := self.sidecars.of(path):
            try:
                row, note = self.sidecars.read(beside)
            except ValueError as error:
                return f"{beside.name}: {error}"
            rows = [{**(rows[0] if rows else {}), **row}]
            if note:
                self.found.notes.append(f"{self._name(beside)}: {note}")
        elif not rows:
            if path.parent in captioned or any(parent in beside_tables for parent in path.parents):
                where = "the table does not name it" if path.parent not in captioned else "others here have one"
                return f"it has no caption ({where})"
            self.called[path.parent] += 1
            rows = [{"text": _caption_of_folder(path.parent)}]
        captions = list(dict.fromkeys(caption for row in rows if (caption := caption_of(row))))
        if not captions:
            return "its caption is empty"
        if len(captions) < len(rows):
            self.found.notes.append(
                f"{self._name(path)}: the same caption stands there {len(rows)} times; it counts once"
            )
        self.found.recordings.append(recording_of(path, self._name(path), captions, rows[0]))
        return None

    def _tables(self) -> Said:
        """All rows of all tables; those of other names than usual only say what nothing else says."""
        places, said = Places(self.folder, self.files), Said()
        for path in (p for p in self.files if p.name in TABLES):
            self._take(path, read_table(path), places, said)
        others = [p for p in self.files if p.suffix.lower() in MORE_TABLES and p.name not in TABLES]
        more = Said()
        for path in (p for p in others if not self.sidecars.belongs(p)):
            table = read_table(path)
            if path.suffix.lower() != ".json" or any(_is_there(places, path, row) for _, row in table.rows):
                self._take(path, table, places, more)
        return {**more, **said}

    def _take(self, path: Path, table: Table, places: Places, said: Said) -> None:
        self.used.add(path)
        name, skipped = self._name(path), self.found.skipped
        skipped += [Skipped(name, reason) for reason in table.odd]
        self.found.notes += [f"{name}: {note}" for note in table.notes]
        for number, row in table.rows:
            named = file_of(row)
            if named is None:
                skipped.append(Skipped(name, f"line {number} has no file_name"))
                continue
            try:
                sound = places.find(path.parent, named)
            except ValueError as error:
                skipped.append(Skipped(clean(named), f"{name}, line {number} {error}"))
                continue
            if sound is None:
                skipped.append(Skipped(clean(named), f"{name}, line {number} names it, but it is not there"))
            elif not is_sound(sound.name):
                known = "expected " + " ".join(sorted(READABLE))
                skipped.append(Skipped(clean(named), f"{name}, line {number} names it, which is no sound; {known}"))
            else:
                said.setdefault(sound, []).append(row)
                self.naming.add(path.parent)

    def _note_shared_stems(self) -> None:
        stems: dict[Path, list[str]] = {}
        for path in self.audio:
            stems.setdefault(path.with_suffix(""), []).append(path.name)
        for stem, names in stems.items():
            if len(names) > 1:
                where = self._name(stem.parent)
                self.found.notes.append(
                    f"{', '.join(names)} in {where} differ in their ending only; each is read on its own"
                )

    def _note_folder_names(self) -> None:
        for folder, count in self.called.items():
            repeats = "" if _repeats(folder) is None else "; the number before it, of repeats, is not used"
            name, caption = self._name(folder), _caption_of_folder(folder)
            what = "1 recording has" if count == 1 else f"{count} recordings have"
            self.found.notes.append(f"{what} the name of the folder {name} for a caption: {caption}{repeats}")

    def _note_unread(self) -> None:
        """Name the files of captions that nothing was made of."""
        unread: dict[str, list[Path]] = {}
        for path in self.files:
            about_all = path.stem.lower().startswith(SAID_OF_ALL)
            kind = path.suffix.lower()
            if kind in CAPTIONS and not (path in self.used or self.sidecars.belongs(path) or about_all):
                unread.setdefault(kind, []).append(path)
        for kind, paths in unread.items():
            named = ", ".join(self._name(path) for path in paths[:3]) + (", ..." if len(paths) > 3 else "")
            readable = kind in SIDECARS or kind in MORE_TABLES
            why = "no recording has its name, and it names none" if readable else "save it as .csv or .jsonl"
            self.found.notes.append(f"{len(paths)} {kind} not read ({named}): {why}")


def _is_there(places: Places, table: Path, row: Row) -> bool:
    named = file_of(row)
    try:
        return named is not None and places.find(table.parent, named) is not None
    except ValueError:
        return False


def _repeats(folder: Path) -> str | None:
    """The number of repeats that kohya's scripts read from a folder's name such as "10_church bells", or None."""
    begun = re.match(r"\d{1,4}_\s*(?=[^\W\d_])", folder.resolve().name)
    return begun and begun[0]


def _caption_of_folder(folder: Path) -> str:
    name = folder.resolve().name.removeprefix(_repeats(folder) or "")
    return clean(name.replace("_", " ").replace("-", " "))
