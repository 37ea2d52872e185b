"""Readers of known collections, and how to write one: MusicCaps, Song Describer.

A reader is a function that takes the folder as the collection's authors lay it out, reads no sound, and returns
`Found`: recordings with their captions, and what it had to leave out. `build_dataset(..., kind=reader)` takes it as it
is. For a collection whose `tracks.csv` has the columns id, genre, mood and licence beside `audio/<id>.wav`:

    def read_mine(folder):
        found = Found(notes=["My collection: for research only"])
        with (folder / "tracks.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                sound = folder / "audio" / f"{row['id']}.wav"
                if not sound.is_file():  # most people have a part of a collection only
                    found.skipped.append(Skipped(row["id"], "its sound is not there"))
                    continue
                columns = columns_of({"license": row["licence"], "source": f"mine {row['id']}"})
                found.recordings.append(Recording(sound, (f"{row['genre']}, {row['mood']}",), row["id"], columns))
        return found

    riffkit.build_dataset("mine", "my-data", kind=read_mine)

`Recording.track` names what must not be torn apart between training and validation: of an artist's songs, the artist.
Mind the licences, which are kept per file where the collection states them; `Found.notes` says what it says of itself.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from riffkit.sound.files import duration_of
from riffkit.training.data.folders import read_folder
from riffkit.training.data.kinds import ARCHIVES, Places, files_in
from riffkit.training.data.recordings import Found, Recording, Skipped
from riffkit.training.data.tables import read_table
from riffkit.training.data.texts import clean

Reader = Callable[[Path], Found]


def read_collection(folder: str | Path, kind: str | Reader = "folder") -> Found:
    """Read recordings and captions of a collection.

    Parameters
    ----------
    folder : str or Path
    kind : str or callable
        "folder" (any folder, see `read_folder`), one of "musiccaps", "song-describer", or a reader of your own:
        `kind(folder)` -> Found.

    Returns
    -------
    Found

    Raises
    ------
    ValueError, TypeError, FileNotFoundError
        If the kind is unknown, a reader gives something else, or the folder has none of the files of the collection.
    """
    reader = READERS.get(kind) if isinstance(kind, str) else kind
    if not callable(reader):
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(READERS)}, or a callable that reads a folder")
    if not Path(folder).is_dir():
        unpack = "; an archive is unpacked first" if Path(folder).suffix.lower() in ARCHIVES else ""
        raise FileNotFoundError(f"{folder} is no folder (looked in {Path(folder).absolute().parent}){unpack}")
    found = reader(Path(folder))
    if not isinstance(found, Found):
        raise TypeError(f"{kind!r} gave {found!r}; expected a riffkit.training.data.recordings.Found")
    return found


def read_musiccaps(folder: Path) -> Found:
    """Read MusicCaps: in `folder` `musiccaps-public.csv`, and sounds named by their YouTube id, in any sub-folder.

    Of a sound longer than the ten seconds that a caption is about, that part is taken.

    References
    ----------
    Agostinelli et al., "MusicLM: Generating music from text", 2023.
    """
    found = Found(notes=["MusicCaps: the captions are CC BY-SA 4.0; the sounds belong to those who published them"])
    sounds = _by_stem(folder)
    for line, row in _rows(_one(folder, "*musiccaps*.csv"), ("ytid", "start_s", "end_s", "caption"), found):
        name = row["ytid"]
        try:
            start, end = float(row["start_s"]), float(row["end_s"])
        except ValueError:
            start = end = math.nan
        if not 0 <= start < end < math.inf:
            times = f"from {row['start_s']!r} to {row['end_s']!r}"
            found.skipped.append(Skipped(clean(name), f"line {line} goes {times}; expected seconds"))
            continue
        named = (f"{name}_{start:g}-{end:g}", f"{name}_{start:g}", f"[{name}]-[{start:g}-{end:g}]")
        cut = next((sounds[one] for one in named if one in sounds), None)
        sound = cut or sounds.get(name)
        if sound is None:
            found.skipped.append(Skipped(clean(name), "its sound is not there"))
            continue
        long = cut is None and _seconds(sound) > end - start + 2
        place = (start, end) if long else (0.0, None)
        source = {"source": f"MusicCaps, YouTube {clean(name)}"}
        _add(found, Recording(sound, (clean(row["caption"]),), clean(name), source, *place))
    return found


def read_song_describer(folder: Path) -> Found:
    """Read Song Describer: in `folder` `song_describer.csv` and `audio/NN/ID.2min.mp3`.

    All captions of a track are kept.

    References
    ----------
    Manco et al., "The Song Describer dataset", 2023. For evaluation only, as its authors ask.
    """
    found = Found(notes=["Song Describer: its authors made it for evaluation; the tracks are Creative Commons"])
    captions: dict[tuple[str, str], list[str]] = {}
    for _, row in _rows(_one(folder, "song_describer*.csv"), ("track_id", "path", "caption"), found):
        captions.setdefault((clean(row["track_id"]), row["path"]), []).append(clean(row["caption"]))
    places = Places(folder, ())
    for (track, name), said in captions.items():
        stem = name.rpartition(".")[0] or name
        bases = [base for base in (folder / "audio", folder) if base.is_dir()]
        try:
            sounds = [
                places.find(base, one) for base in bases for one in (name, f"{stem}.2min.mp3", f"{stem}.2min.wav")
            ]
        except ValueError as error:
            found.skipped.append(Skipped(clean(name), str(error)))
            continue
        sound = next((sound for sound in sounds if sound), None)
        if sound is None:
            found.skipped.append(Skipped(clean(name), "its sound is not there"))
            continue
        columns = {"source": f"Song Describer, Jamendo track {track}"}
        _add(found, Recording(sound, tuple(dict.fromkeys(filter(None, said))), track, columns))
    return found


def _add(found: Found, recording: Recording) -> None:
    if any(recording.captions):
        found.recordings.append(recording)
    else:
        found.skipped.append(Skipped(recording.path.name, "its caption is empty"))


def _one(folder: Path, *patterns: str) -> Path:
    """The first file below a folder that fits one of the patterns."""
    for pattern in patterns:
        if paths := sorted(folder.rglob(pattern)):
            return paths[0]
    raise FileNotFoundError(f"{folder} has no {' or '.join(patterns)}; is it the folder of another collection?")


def _rows(path: Path, needed: Sequence[str], found: Found) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows that have the columns that are needed, with their lines; what else there is, is said."""
    table = read_table(path, needed)
    found.skipped += [Skipped(path.name, reason) for reason in table.odd]
    found.notes += [f"{path.name}: {note}" for note in table.notes]
    for line, row in table.rows:
        missing = [name for name in needed if not isinstance(row.get(name), str)]
        if missing:
            found.skipped.append(Skipped(path.name, f"line {line} has no {missing[0]}"))
        else:
            yield line, row


def _by_stem(folder: Path) -> dict[str, Path]:
    """All sounds below a folder, by their name without suffixes."""
    suffixes = (".wav", ".mp3", ".flac", ".ogg", ".aif", ".aiff")
    sounds: dict[str, Path] = {}
    for path in (path for path in files_in(folder) if path.suffix.lower() in suffixes):
        stem = path.name
        while Path(stem).suffix.lower() in suffixes:  # some are named 123_name.wav.wav
            stem = Path(stem).stem
        sounds.setdefault(stem, path)
    return sounds


def _seconds(path: Path) -> float:
    try:
        return duration_of(path)
    except (ValueError, OSError):
        return 0.0  # the reader of sounds will say what is wrong with it


READERS: dict[str, Reader] = {
    "folder": read_folder, "musiccaps": read_musiccaps, "song-describer": read_song_describer,
}  # fmt: skip
