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

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

from riffkit.training.data.recordings import Found, Recording, Skipped, read_folder

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
        raise FileNotFoundError(f"{folder} is no folder (looked in {Path(folder).absolute().parent})")
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
    for row in _csv(_one(folder, "*musiccaps*.csv")):
        start, end = float(row["start_s"]), float(row["end_s"])
        named = (f"{row['ytid']}_{start:g}-{end:g}", f"{row['ytid']}_{start:g}", f"[{row['ytid']}]-[{start:g}-{end:g}]")
        cut = next((sounds[name] for name in named if name in sounds), None)
        whole = sounds.get(row["ytid"])
        sound = cut or whole
        if sound is None:
            found.skipped.append(Skipped(row["ytid"], "its sound is not there"))
            continue
        long = cut is None and _seconds(sound) > end - start + 2
        place = (start, end) if long else (0.0, None)
        source = {"source": f"MusicCaps, YouTube {row['ytid']}"}
        found.recordings.append(Recording(sound, (row["caption"].strip(),), row["ytid"], source, *place))
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
    for row in _csv(_one(folder, "song_describer*.csv")):
        captions.setdefault((row["track_id"], row["path"]), []).append(row["caption"].strip())
    for (track, path), said in captions.items():
        name = Path(path)
        places = [base / p for base in (folder / "audio", folder)
                  for p in (name, name.with_suffix(".2min.mp3"), name.with_suffix(".2min.wav"))]  # fmt: skip
        sound = next((p for p in places if p.is_file()), None)
        if sound is None:
            found.skipped.append(Skipped(path, "its sound is not there"))
            continue
        columns = {"source": f"Song Describer, Jamendo track {track}"}
        found.recordings.append(Recording(sound, tuple(dict.fromkeys(filter(None, said))), track, columns))
    return found


def _one(folder: Path, *patterns: str) -> Path:
    """The first file below a folder that fits one of the patterns."""
    for pattern in patterns:
        if paths := sorted(folder.rglob(pattern)):
            return paths[0]
    raise FileNotFoundError(f"{folder} has no {' or '.join(patterns)}; is it the folder of another collection?")


def _csv(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _by_stem(folder: Path) -> dict[str, Path]:
    """All sounds below a folder, by their name without suffixes."""
    suffixes = (".wav", ".mp3", ".flac", ".ogg", ".aif", ".aiff")
    sounds: dict[str, Path] = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes):
        stem = path.name
        while Path(stem).suffix.lower() in suffixes:  # some are named 123_name.wav.wav
            stem = Path(stem).stem
        sounds.setdefault(stem, path)
    return sounds


def _seconds(path: Path) -> float:
    import soundfile

    try:
        return soundfile.info(str(path)).duration
    except (soundfile.SoundFileError, RuntimeError):
        return 0.0  # the reader of sounds will say what is wrong with it


READERS: dict[str, Reader] = {
    "folder": read_folder, "musiccaps": read_musiccaps, "song-describer": read_song_describer,
}  # fmt: skip
