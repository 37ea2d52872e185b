"""Known collections as recordings with captions: MusicCaps, Song Describer, FMA, MTG-Jamendo, Freesound loops, NSynth.

Each reader takes the folder as the collection's authors lay it out and reads no sound. Rows whose sound is not there
are reported, not errors: most people have a part of a collection only. Mind the licences, which are kept per file where
the collection states them; `Found.notes` says what it says of itself.
"""

import csv
import json
import re
from pathlib import Path

from riffkit.training.data.recordings import Found, Recording, Skipped, columns_of, read_folder

NOTES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")


def read_collection(folder, kind="folder"):
    """Recordings and captions of a collection.

    Parameters
    ----------
    folder : path
    kind : str
        "folder" (any folder, see `read_folder`) or one of "musiccaps", "song-describer", "fma", "mtg-jamendo",
        "freesound-loops", "nsynth".

    Returns
    -------
    Found

    Raises
    ------
    ValueError, FileNotFoundError
        If the kind is unknown, or the folder has none of the files that the collection has.
    """
    readers = {
        "folder": read_folder,
        "musiccaps": read_musiccaps,
        "song-describer": read_song_describer,
        "fma": read_fma,
        "mtg-jamendo": read_mtg_jamendo,
        "freesound-loops": read_freesound_loops,
        "nsynth": read_nsynth,
    }
    if kind not in readers:
        raise ValueError(f"kind is {kind!r}; expected one of {', '.join(readers)}")
    if not Path(folder).is_dir():
        raise FileNotFoundError(f"{folder} is no folder (looked in {Path(folder).absolute().parent})")
    return readers[kind](Path(folder))


def read_musiccaps(folder):
    """MusicCaps: `musiccaps-public.csv`, and sounds named by their YouTube id, in any sub-folder.

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
        if cut is None and whole is None:
            found.skipped.append(Skipped(row["ytid"], "its sound is not there"))
            continue
        long = cut is None and _seconds(whole) > end - start + 2
        place = {"start": start, "end": end} if long else {}
        source = {"source": f"MusicCaps, YouTube {row['ytid']}"}
        found.recordings.append(Recording(cut or whole, (row["caption"].strip(),), row["ytid"], source, **place))
    return found


def read_song_describer(folder):
    """Song Describer: `song_describer.csv` and `audio/NN/ID.2min.mp3`; all captions of a track are kept.

    References
    ----------
    Manco et al., "The Song Describer dataset", 2023. For evaluation only, as its authors ask.
    """
    found = Found(notes=["Song Describer: its authors made it for evaluation; the tracks are Creative Commons"])
    captions = {}
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


def read_fma(folder):
    """FMA: `fma_metadata/tracks.csv` with its two header rows, and `fma_small/000/000002.mp3` (or _medium, _large ...).

    The caption is the genre and the tags of a track; the split is FMA's own.

    References
    ----------
    Defferrard et al., "FMA: A dataset for music analysis", ISMIR 2017.
    """
    found = Found(notes=["FMA: each track has its own Creative Commons licence, kept in the column `license`"])
    table = _one(folder, "tracks.csv")
    with open(table, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        above, below = next(rows), next(rows)
        index = {(a.strip(), b.strip()): i for i, (a, b) in enumerate(zip(above, below, strict=False))}
        sounds = {int(stem): path for stem, path in _by_stem(folder).items() if stem.isdigit()}
        for row in rows:
            if not row or not row[0].isdigit():  # the third line names the first column
                continue
            get = lambda *key, row=row: row[index[key]].strip() if key in index else ""  # noqa: E731
            track, sound = row[0], sounds.get(int(row[0]))
            if sound is None:
                continue  # the table is of all 106,574 tracks, whatever part was fetched
            tags = re.findall(r"'([^']*)'|\"([^\"]*)\"", get("track", "tags"))
            words = [get("track", "genre_top"), *(a or b for a, b in tags)]
            caption = ", ".join(dict.fromkeys(word.lower() for word in words if word))
            if not caption:
                found.skipped.append(Skipped(sound.name, "tracks.csv gives it no genre and no tags"))
                continue
            columns = columns_of({"license": get("track", "license"), "source": f"FMA track {track}"})
            split = {"training": "train", "validation": "validation", "test": "validation"}.get(get("set", "split"))
            found.recordings.append(Recording(sound, (caption,), track, columns, split=split))
    if not found.recordings:
        raise ValueError(f"{folder} has tracks.csv but none of its sounds, such as fma_small/000/000002.mp3")
    return found


def read_mtg_jamendo(folder):
    """MTG-Jamendo: a table such as `autotagging.tsv`, and `48/948.mp3` or `48/948.low.mp3` in any sub-folder.

    The caption is the tags in the order genre, instrument, mood; pictures of an artist stay in one split.

    References
    ----------
    Bogdanov et al., "The MTG-Jamendo dataset for automatic music tagging", 2019.
    """
    found = Found(notes=["MTG-Jamendo: each track has its own Creative Commons licence; see its audio_licenses.txt"])
    sounds = {}
    for path in folder.rglob("*.*"):
        if path.suffix.lower() in (".mp3", ".wav", ".flac", ".ogg"):
            sounds[f"{path.parent.name}/{path.name.split('.')[0]}"] = path
    order = ("genre", "instrument", "mood/theme")
    for line in _one(folder, "*autotagging*.tsv", "raw*.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        track, artist, _album, path, _duration, *tags = line.split("\t")
        sound = sounds.get(path.removesuffix(".mp3"))
        if sound is None:
            found.skipped.append(Skipped(path, "its sound is not there"))
            continue
        pairs = [tag.split("---", 1) for tag in tags if "---" in tag]
        pairs.sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
        if not pairs:
            found.skipped.append(Skipped(path, "it has no tags"))
            continue
        caption = ", ".join(word for _, word in pairs)
        found.recordings.append(Recording(sound, (caption,), artist, {"source": f"MTG-Jamendo {track}"}))
    return found


def read_freesound_loops(folder):
    """Freesound Loop Dataset (FSL10K): `metadata.json`, `annotations/`, and `audio/wav/ID_....wav`.

    Tempo and key are those of listeners where they annotated the loop, else none; discarded loops are skipped. Loops of
    one person stay in one split.

    References
    ----------
    Ramires et al., "The Freesound Loop Dataset and annotation tool", ISMIR 2020.
    """
    found = Found(notes=["FSL10K: each loop has its own licence (CC0, CC BY, CC BY-NC ...), kept in `license`"])
    described = json.loads(_one(folder, "metadata.json").read_text(encoding="utf-8"))
    annotations = {}
    for path in sorted((folder / "annotations").rglob("sound-*.json")):
        annotations.setdefault(path.stem.removeprefix("sound-"), json.loads(path.read_text(encoding="utf-8")))
    sounds = {}
    for stem, path in _by_stem(folder).items():
        if number := re.match(r"\d+", stem):
            sounds.setdefault(number.group(), path)
    for number, row in described.items():
        sound, told = sounds.get(str(number)), annotations.get(str(number), {})
        name = f"{number} ({row.get('name', '?')})"
        if sound is None:
            found.skipped.append(Skipped(name, "its sound is not there"))
            continue
        if told.get("discard"):
            found.skipped.append(Skipped(name, "its annotators discarded it"))
            continue
        genres = _chosen(told.get("genres"))
        parts = _chosen(told.get("instrumentation"))
        tags = [tag for tag in row.get("tags", []) if not re.fullmatch(r"\d+-?bpm|loops?|bpm|\d+", tag.lower())]
        caption = ", ".join(dict.fromkeys([*genres, *parts, *(tag.replace("-", " ") for tag in tags)]))
        if not caption:
            found.skipped.append(Skipped(name, "it has neither tags nor annotations"))
            continue
        tonic, mode = str(told.get("key") or "").strip(), str(told.get("mode") or "").strip().lower()
        mode = {"maj": "major", "min": "minor"}.get(mode, mode)
        key = f"{tonic} {mode}" if mode in ("major", "minor") and tonic.lower() not in ("", "none", "unknown") else None
        bpm = told.get("bpm") if told.get("defined_tempo", True) else None
        columns = columns_of({"bpm": bpm, "key": key, "license": row.get("license"), "source": f"Freesound {number}"})
        track = str(row.get("username") or row.get("user") or number)
        loop = bool(told.get("well_cut"))
        found.recordings.append(Recording(sound, (caption,), track, columns, loop=loop))
    return found


def read_nsynth(folder):
    """NSynth: folders with `examples.json` and `audio/*.wav`, such as nsynth-train, -valid and -test.

    The caption is made of the instrument's family, source and qualities, and the note; the notes of one instrument stay
    in one split.

    References
    ----------
    Engel et al., "Neural audio synthesis of musical notes with WaveNet autoencoders", 2017. CC BY 4.0.
    """
    found = Found()
    tables = sorted(folder.rglob("examples.json"))
    if not tables:
        raise FileNotFoundError(f"{folder} has no examples.json; is it nsynth-valid, or the folder above it?")
    for table in tables:
        part = table.parent.name
        split = "train" if "train" in part else "validation" if re.search("valid|test", part) else None
        for stem, row in json.loads(table.read_text(encoding="utf-8")).items():
            sound = table.parent / "audio" / f"{stem}.wav"
            if not sound.is_file():
                found.skipped.append(Skipped(f"{part}/{stem}", "its sound is not there"))
                continue
            qualities = [quality.replace("_", " ") for quality in row.get("qualities_str", [])]
            pitch = int(row["pitch"])
            note = f"note {NOTES[pitch % 12]} {pitch // 12 - 1}"
            words = f"{row['instrument_source_str']} {row['instrument_family_str'].replace('_', ' ')}"
            columns = {"license": "CC BY 4.0", "source": f"NSynth {stem}"}
            caption = ", ".join([words, *qualities, note])
            found.recordings.append(Recording(sound, (caption,), row["instrument_str"], columns, split=split))
    return found


def _one(folder, *patterns):
    """The first file below a folder that fits one of the patterns."""
    for pattern in patterns:
        if paths := sorted(folder.rglob(pattern)):
            return paths[0]
    raise FileNotFoundError(f"{folder} has no {' or '.join(patterns)}; is it the folder of another collection?")


def _csv(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _by_stem(folder):
    """All sounds below a folder, by their name without suffixes."""
    suffixes = (".wav", ".mp3", ".flac", ".ogg", ".aif", ".aiff")
    sounds = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in suffixes):
        stem = path.name
        while Path(stem).suffix.lower() in suffixes:  # some are named 123_name.wav.wav
            stem = Path(stem).stem
        sounds.setdefault(stem, path)
    return sounds


def _seconds(path):
    import soundfile

    try:
        return soundfile.info(str(path)).duration
    except (soundfile.SoundFileError, RuntimeError):
        return 0.0  # the reader of sounds will say what is wrong with it


def _chosen(answers):
    """Names that annotators ticked: of a list, or of a dict of yes and no."""
    if isinstance(answers, dict):
        return [name for name, yes in answers.items() if yes is True]
    return [str(name) for name in answers or []]
