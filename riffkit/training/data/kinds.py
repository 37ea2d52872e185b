"""Kinds of files in a folder of recordings, and how each is found: what is read, and what is named as not read."""

import os
import shlex
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

READABLE = set(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64".split())
UNREADABLE = set(
    ".m4a .m4b .aac .mp4 .wma .ape .wv .mpc .ra .dsf .webm .mka .mkv .mov .avi .amr .3gp .tta .ac3 .dts".split()
)
NOTES = {".mid", ".midi", ".mod", ".xm", ".it", ".musicxml", ".mscz"}
ARCHIVES = set(".zip .tar .tgz .gz .bz2 .xz .zst .7z .rar .tbz2 .txz".split())
TABLES = ("metadata.jsonl", "metadata.csv")  # these come first
MORE_TABLES = {".jsonl", ".ndjson", ".csv", ".tsv", ".json"}
SIDECARS = (".txt", ".json", ".caption", ".cap")
# not read, but somebody's captions may well be in it
CAPTIONS = {*SIDECARS, *MORE_TABLES, *".xlsx .xls .ods .parquet .arrow .yaml .yml .srt .lrc .lab".split()}
SAID_OF_ALL = ("readme", "license", "licence", "copying", "changelog", "notice", "attribution", "credits")


def files_in(folder: Path) -> list[Path]:
    """List the files below a `folder` in the order of their paths, linked folders too, each once; none is hidden."""
    files: list[Path] = []
    seen = {folder.resolve()}
    for home, folders, names in os.walk(folder, followlinks=True):
        kept = []
        for name in sorted(folders):
            real = Path(home, name).resolve()
            # a link to a folder that was read, or to one around it, would be read again and again
            if _hidden(name) or real in seen:
                continue
            seen.add(real)
            kept.append(name)
        folders[:] = kept
        files += [path for name in names if not _hidden(name) and is_file(path := Path(home, name))]
    return sorted(files)


def is_file(path: Path) -> bool:
    """Whether there is a file at `path`; a name that cannot be one says no."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_sound(name: str) -> bool:
    """Whether `name` ends as a sound file does, one that is read or one that is not."""
    return PurePosixPath(name).suffix.lower() in READABLE | UNREADABLE | NOTES


def why_not(path: Path) -> str:
    """Say why the sound file at `path`, of a kind that is not read, is left out, and what can be done."""
    if path.suffix.lower() in NOTES:
        return f"{path.suffix} holds notes, no sound; play it with a synthesizer, and save that"
    # of any name that a shell can be given, not only of tame ones
    name, made = (shlex.quote(f"./{n}" if n.startswith("-") else n) for n in (path.name, f"{path.stem}.wav"))
    return f"{path.suffix} cannot be read; convert it first, for example: ffmpeg -i {name} {made}"


def folded(name: str) -> str:
    """Fold a file `name`, so that two spellings that look the same, and capitals, are one."""
    return unicodedata.normalize("NFC", name).casefold()


class Places:
    """The files of a folder, by every spelling that a table may have for them.

    Parameters
    ----------
    folder : Path
        Outside of which nothing is looked for.
    files : iterable of Path
    """

    def __init__(self, folder: Path, files: Iterable[Path]) -> None:
        self.folder = Path(os.path.normpath(folder.absolute()))
        self.base = folder
        self.by_name: dict[str, list[Path]] = {}
        for path in files:
            name = folded(path.relative_to(folder).as_posix())
            for key in {name, str(PurePosixPath(name).with_suffix(""))} if is_sound(name) else {name}:
                self.by_name.setdefault(key, []).append(path)

    def find(self, home: Path, name: str) -> Path | None:
        """Find the file that a table in the folder `home` calls `name`.

        Returns
        -------
        Path or None
            None if there is none, or several that it could be.

        Raises
        ------
        ValueError
            If the name leads out of the folder.
        """
        path = self._within(home, name)
        if is_file(path):
            return path
        found = self.by_name.get(folded(path.relative_to(self.base).as_posix()), [])
        if len(found) != 1 and "\\" in name:
            return self.find(home, name.replace("\\", "/"))
        return found[0] if len(found) == 1 else None

    def _within(self, home: Path, name: str) -> Path:
        path = Path(os.path.normpath(home.absolute() / name))
        if not path.is_relative_to(self.folder):
            raise ValueError(f"leads out of {self.base}; only what lies in it is read: copy or link it there")
        return self.base / path.relative_to(self.folder)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
