"""Recordings to a data set: pictures of 512 columns and `metadata.jsonl`, as `datasets`' imagefolder reads them.

    riffkit dataset my-music my-data            go on where an earlier call was interrupted: call it again

The folder that is written:

    train/metadata.jsonl, train/*.png           what is learnt from; also what the stock script of diffusers takes
    validation/metadata.jsonl, validation/*.png what is only listened to: other tracks, never other parts of the same
    skipped.jsonl                               every file and every part left out, and why
    dataset.json, pieces-*.jsonl                settings, and the work done so far
"""

import base64
import dataclasses
import hashlib
import json
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.diffusion.bar import shown
from riffkit.progress import report
from riffkit.sound.clip import replacing
from riffkit.sound.image import save_image
from riffkit.sound.mel import n_workers
from riffkit.training.adapters import read_collection
from riffkit.training.cutting import Cutting, cut_recording
from riffkit.training.recordings import Skipped

SPLITS = ("train", "validation")
# Correlation of two fingerprints from which on two pictures are the same music. Measured: the same piece at half the
# level, 20 ms later and through OGG, 0.96 to 0.99 (drums least); the two most alike of the pieces in data/clips, 0.88.
ALIKE = 0.95


@dataclass
class Dataset:
    """A data set on disk. `rows` maps "train" and "validation" to lists of dicts with "path" and all columns."""

    folder: Path
    rows: dict
    skipped: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def __repr__(self):
        train, validation = (len(self.rows[split]) for split in SPLITS)
        tracks = len({row["track"] for split in SPLITS for row in self.rows[split]})
        return (
            f"Dataset({self.folder}: {train} + {validation} pictures of {tracks} tracks, {len(self.skipped)} skipped)"
        )

    def pictures(self, split="train"):
        """Grey pixels of all pictures of a split [shape=(n, rows, columns), uint8]."""
        return np.stack([_pixels(row["path"]) for row in self.rows[split]])

    def report(self, longest=20):
        """What was kept and what was not, in words: a string of several lines."""
        lines = [repr(self)]
        reasons = Counter(skipped.reason for skipped in self.skipped)
        lines += [f"  {count} x {reason}" for reason, count in reasons.most_common(longest)]
        lines += [f"  {skipped}" for skipped in self.skipped if skipped.start is None][:longest]
        lines += [f"  note: {note}" for note in self.notes[:longest]]
        return "\n".join(lines)


def build_dataset(
    source,
    output,
    *,
    kind="folder",
    cutting=None,
    validation=0.1,
    seed=0,
    workers=None,
    shard=None,
    progress=None,
):
    """Turn a folder of recordings into pictures with captions; goes on where an earlier call was interrupted.

    Parameters
    ----------
    source : path
        Any folder of sound with captions (see `riffkit.training.recordings.read_folder`), or a known collection.
    output : path
        A new folder, or that of an interrupted call with the same settings.
    kind : str
        "folder", or a collection that `read_collection` knows.
    cutting : Cutting or None
    validation : float [0..0.5]
        Share of the tracks that are kept for validation (at least one, of two or more tracks).
    seed : int
        Chooses these tracks.
    workers : int or None
        None takes one per core.
    shard : (int, int) or None
        (0, 4) does the first of four parts of the work, for four machines that share the output folder. When all are
        done, a call without `shard` puts the parts together.
    progress : callable, bool or None
        Gets (files done, files in all, None); None shows a bar in terminals and notebooks.

    Returns
    -------
    Dataset

    Raises
    ------
    FileNotFoundError, ValueError
        If the source holds no recordings, or the output was begun with other settings.
    FileExistsError
        If the output holds something else.
    OSError
        If the disk is full; what was done is kept, and the same call goes on.
    """
    cutting = cutting or Cutting()
    source, output = Path(source), Path(output)
    if not 0 <= validation <= 0.5:
        raise ValueError(f"validation is {validation!r}; expected a share of the tracks in 0..0.5")
    if shard is not None and not (len(shard) == 2 and 0 <= shard[0] < shard[1]):
        raise ValueError(f"shard is {shard!r}; expected (number, of how many), such as (0, 4)")
    if output.resolve() == source.resolve():
        raise ValueError(f"the output is the folder of the recordings, {source}; name a new folder")
    found = read_collection(source, kind)
    inside = output.absolute()
    found.recordings = [r for r in found.recordings if inside not in r.path.absolute().parents]
    if not found.recordings:
        reasons = "; ".join(str(one) for one in found.skipped[:3])
        raise ValueError(f"{source} holds nothing to learn from: {reasons or 'no recordings'}")
    settings = {"source": str(source.resolve()), "kind": kind, "validation": validation, "seed": seed}
    settings["cutting"] = dataclasses.asdict(cutting)
    _claim(output, settings)
    mine = [r for r in found.recordings if shard is None or _number(_name(r, source)) % shard[1] == shard[0]]
    journal = output / ("pieces.jsonl" if shard is None else f"pieces-{shard[0]}-of-{shard[1]}.jsonl")
    _mend(journal)
    done = _journals(output)
    jobs = []
    for recording in mine:
        name, stamp = _name(recording, source), _stamp(recording.path)
        if done.get(name, {}).get("stamp") != stamp:
            jobs.append((name, stamp, recording, cutting, output / "train"))
    already = len(mine) - len(jobs)
    try:
        with open(journal, "a", encoding="utf-8") as file, shown(progress, "recordings") as progress:
            report(progress, already, len(mine))
            for count, entry in enumerate(_all(jobs, workers), start=already + 1):
                file.write(json.dumps(entry) + "\n")
                file.flush()
                report(progress, count, len(mine))
        if shard is not None:
            return Dataset(output, {split: [] for split in SPLITS}, found.skipped, found.notes)
        return _put_together(output, source, found, validation, seed)
    except OSError as error:
        raise OSError(
            f"writing to {output} stopped ({error.strerror or error}); what was done is kept. If the disk is full,"
            " make room, then give the same command again: it goes on"
        ) from error


def open_dataset(folder):
    """Open a data set that `build_dataset` made, or any imagefolder with `metadata.jsonl` and pictures of 512 rows.

    Parameters
    ----------
    folder : path
        With `train/` and perhaps `validation/` in it, or with a `metadata.jsonl` of its own.

    Returns
    -------
    Dataset

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no `metadata.jsonl`, or nothing in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder (looked in {folder.absolute().parent})")
    rows = {split: _read_rows(folder / split) for split in SPLITS}
    if not rows["train"]:
        rows["train"] = _read_rows(folder)
    if not rows["train"]:
        hint = "make one with build_dataset or `riffkit dataset`"
        if (folder / "dataset.json").exists():
            hint = "it was not finished: call build_dataset (or `riffkit dataset`) again"
        raise FileNotFoundError(f"{folder} holds no metadata.jsonl with pictures; {hint}")
    return Dataset(folder, rows)


def fingerprint(image):
    """A picture as 16 x 32 numbers, brightness and contrast taken away: near-duplicates have nearly the same.

    Darkness is squared, so that the noise of a lossy format, pale in the picture, counts for little.

    Returns
    -------
    np.ndarray [shape=(512,), int8]
    """
    darkness = np.square(255 - np.asarray(image.convert("L"), np.float32))
    small = np.asarray(Image.fromarray(darkness).resize((32, 16), Image.Resampling.BOX))
    small = small - small.mean()
    return np.clip(np.rint(small / (float(small.std()) or 1.0) * 16), -127, 127).astype(np.int8).ravel()


# -- one file ---------------------------------------------------------------------------------------------------------


def _all(jobs, workers):
    """Do the jobs, in order, on several cores (threads: nearly all of the work is done outside Python)."""
    with ThreadPoolExecutor(workers or n_workers()) as pool:
        try:
            yield from pool.map(_cut_one, jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _cut_one(job):
    """Cut one recording and write its pictures; what cannot be read is reported, what cannot be written is an error."""
    name, stamp, recording, cutting, folder = job
    entry = {"file": name, "stamp": stamp, "pieces": [], "skipped": [], "notes": []}
    try:
        cut = cut_recording(recording, cutting)
    except (ValueError, OSError) as error:
        reason = str(error).removeprefix(f"{recording.path}: ").replace(str(recording.path), recording.path.name)
        entry["skipped"].append([None, reason])
        return entry
    entry["skipped"], entry["notes"] = [list(pair) for pair in cut.left_out], cut.notes
    for image, row in zip(cut.pictures, cut.rows, strict=True):
        path = folder / f"{_slug(name)}-{round(row['start'] * 1000):07d}.png"
        image.info.pop("seed", None)
        save_image(image, path, overwrite=True)
        print_of = base64.b64encode(fingerprint(image).tobytes()).decode()
        entry["pieces"].append({"row": {"file_name": path.name, **row, "original": name}, "print": print_of})
    return entry


def _name(recording, source):
    """The file's path below the source; with the place in it where a file is used in several places."""
    try:
        name = recording.path.relative_to(source).as_posix()
    except ValueError:
        name = recording.path.as_posix()
    return name if not recording.start else f"{name} from {recording.start:g} s"


def _slug(name):
    """A file name that two recordings never share, still readable."""
    words = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in name)[-60:].strip("-.")
    return f"{words}-{zlib.crc32(name.encode()):08x}"


def _stamp(path):
    """Size and time of a file: if they change, the file is cut again."""
    try:
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns]
    except OSError:
        return [0, 0]


def _number(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


# -- all files --------------------------------------------------------------------------------------------------------


def _claim(output, settings):
    """Make the folder ours, or see that it is that of a call with the same settings."""
    kept = output / "dataset.json"
    if kept.exists():
        begun = json.loads(kept.read_text())
        if begun != settings:
            other = [name for name in settings if begun.get(name) != settings[name]]
            raise ValueError(
                f"{output} was begun with another {', '.join(other)} ({begun.get(other[0])!r} instead of"
                f" {settings[other[0]]!r}); use the same, or name a new folder"
            )
    elif output.exists() and (output.is_file() or any(output.iterdir())):
        raise FileExistsError(f"{output} exists and holds something else; name a new folder")
    else:
        output.mkdir(parents=True, exist_ok=True)
        _write(kept, json.dumps(settings, indent=2) + "\n")
    for split in SPLITS:
        (output / split).mkdir(exist_ok=True)


def _splits(recordings, share, seed):
    """Which split each track belongs to: as the collection says, else by lot."""
    splits = {r.track: r.split for r in recordings if r.split}
    free = sorted({r.track for r in recordings} - splits.keys(), key=lambda track: _number(f"{seed} {track}"))
    n_kept = round(len(free) * share)
    if share > 0 and n_kept == 0 and len(free) > 1 and "validation" not in splits.values():
        n_kept = 1
    return splits | {track: "validation" if i < n_kept else "train" for i, track in enumerate(free)}


def _mend(journal):
    """Cut off a last line that was being written when the run was killed."""
    if not journal.exists():
        return
    text = journal.read_bytes()
    if text and not text.endswith(b"\n"):
        with open(journal, "r+b") as file:
            file.truncate(text.rfind(b"\n") + 1)


def _journals(output):
    """The work done so far: {name of the file: its latest entry}."""
    done = {}
    for journal in sorted(output.glob("pieces*.jsonl")):
        for line in journal.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # another shard is writing it
            done[entry["file"]] = entry
    return done


def _put_together(output, source, found, validation, seed):
    """Choose the split of each track, leave out near-duplicates, write the metadata, delete pictures nothing names."""
    done = _journals(output)
    missing = [name for r in found.recordings if (name := _name(r, source)) not in done]
    if missing:
        raise ValueError(f"{missing[0]} has not been cut yet; wait for the other shards, then call again")
    usable = [r for r in found.recordings if done[_name(r, source)]["pieces"]]
    splits = dict.fromkeys((r.track for r in found.recordings), "train") | _splits(usable, validation, seed)
    rows, skipped, notes = {split: [] for split in SPLITS}, list(found.skipped), list(found.notes)
    kept_prints, kept_names = np.zeros((64, 512), np.float32), []
    # validation is read first: of two alike the one that is learnt from goes, so that nothing learnt is tested
    for recording in sorted(found.recordings, key=lambda r: splits[r.track] != "validation"):
        name = _name(recording, source)
        entry = done[name]
        skipped += [Skipped(name, reason, start) for start, reason in entry["skipped"]]
        notes += [f"{name}: {note}" for note in entry["notes"]]
        for piece in entry["pieces"]:
            mark = np.frombuffer(base64.b64decode(piece["print"]), np.int8).astype(np.float32)
            norm = float(np.linalg.norm(mark))
            mark = mark / norm if norm else mark
            n = len(kept_names)
            if n and (alike := kept_prints[:n] @ mark).max() > ALIKE:
                reason = f"sounds like {kept_names[int(alike.argmax())]}"
                skipped.append(Skipped(name, reason, piece["row"]["start"]))
                continue
            if n == len(kept_prints):
                kept_prints = np.concatenate([kept_prints, np.zeros_like(kept_prints)])
            kept_prints[n] = mark
            kept_names.append(f"{name} from {piece['row']['start']:.2f} s")
            rows[splits[recording.track]].append(piece["row"])
    if not rows["train"]:
        reasons = "; ".join(str(one) for one in skipped[:3])
        raise ValueError(f"nothing is left to learn from: {reasons}")
    names = list(dict.fromkeys(key for split in SPLITS for row in rows[split] for key in row))
    _write(output / "skipped.jsonl", "".join(json.dumps(dataclasses.asdict(one)) + "\n" for one in skipped))
    for split in SPLITS:
        full = [{name: row.get(name) for name in names} for row in rows[split]]
        for row in full:  # pictures are cut into train/; and a track's split may change when tracks are added
            _move(row["file_name"], output, split)
        _write(output / split / "metadata.jsonl", "".join(json.dumps(row) + "\n" for row in full))
        rows[split] = [{**row, "path": output / split / row["file_name"]} for row in full]
        if not full:
            (output / split / "metadata.jsonl").unlink()
    for split in SPLITS:
        named = {row["file_name"] for row in rows[split]}
        for path in (output / split).glob("*.png"):
            if path.name not in named:
                path.unlink()
    return Dataset(output, rows, skipped, notes)


def _move(name, output, split):
    """Put a picture where its split is. What lies in train/ is the newer of two."""
    cut, moved = output / "train" / name, output / "validation" / name
    if split == "validation" and cut.exists():
        cut.replace(moved)
    elif split == "train" and not cut.exists():
        moved.replace(cut)


def _read_rows(folder):
    table = folder / "metadata.jsonl"
    if not table.is_file():
        return []
    rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines() if line.strip()]
    for number, row in enumerate(rows, start=1):
        if "file_name" not in row or "text" not in row:
            raise ValueError(f"{table}, line {number} needs file_name and text")
        row["path"] = folder / row["file_name"]
        row.setdefault("track", row["file_name"])
        if not row["path"].is_file():
            raise FileNotFoundError(f"{table}, line {number} names {row['path']}, which is not there")
    return rows


def _pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def _write(path, text):
    with replacing(path, True) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")
