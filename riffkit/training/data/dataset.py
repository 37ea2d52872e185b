"""Recordings to a data set: pictures of 512 columns and `metadata.jsonl`, as `datasets`' imagefolder reads them.

    riffkit dataset my-music my-data            go on where an earlier call was interrupted: call it again

The folder that is written:

    train/metadata.jsonl, train/*.png           what is learnt from; also what the stock script of diffusers takes
    validation/metadata.jsonl, validation/*.png what is only listened to: other tracks, never other parts of the same
    skipped.jsonl                               every file and every part left out, and why
    dataset.json, pieces-*.jsonl                settings, and the work done so far
"""

import dataclasses
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.progress import report, shown
from riffkit.training.data.collections import read_collection
from riffkit.training.data.journal import cut_all, journals, mend, name_of, number_of, stamp_of
from riffkit.training.data.segment import Cutting
from riffkit.training.data.splits import SPLITS, put_together, write_text


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
        Any folder of sound with captions (see `riffkit.training.data.recordings.read_folder`), or a known collection.
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
    mine = [r for r in found.recordings if shard is None or number_of(name_of(r, source)) % shard[1] == shard[0]]
    journal = output / ("pieces.jsonl" if shard is None else f"pieces-{shard[0]}-of-{shard[1]}.jsonl")
    mend(journal)
    done = journals(output)
    jobs = []
    for recording in mine:
        name, stamp = name_of(recording, source), stamp_of(recording.path)
        if done.get(name, {}).get("stamp") != stamp:
            jobs.append((name, stamp, recording, cutting, output / "train"))
    already = len(mine) - len(jobs)
    try:
        with open(journal, "a", encoding="utf-8") as file, shown(progress, "recordings") as progress:
            report(progress, already, len(mine))
            for count, entry in enumerate(cut_all(jobs, workers), start=already + 1):
                file.write(json.dumps(entry) + "\n")
                file.flush()
                report(progress, count, len(mine))
        if shard is not None:
            return Dataset(output, {split: [] for split in SPLITS}, found.skipped, found.notes)
        return Dataset(output, *put_together(output, source, found, validation, seed))
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
        write_text(kept, json.dumps(settings, indent=2) + "\n")
    for split in SPLITS:
        (output / split).mkdir(exist_ok=True)


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
