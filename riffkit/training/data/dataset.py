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
import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from riffkit.progress import Progress, Reporter, report, shown
from riffkit.training.data.collections import Reader, read_collection
from riffkit.training.data.journal import journals, mend, name_of, number_of
from riffkit.training.data.pieces import Job, cut_all, stamp_of
from riffkit.training.data.recordings import Found, Recording, Skipped
from riffkit.training.data.rows import opened_picture, read_rows
from riffkit.training.data.segment import Cutting
from riffkit.training.data.splits import SPLITS, Rows, chosen, lost, write_metadata
from riffkit.training.data.texts import shown as shown_text
from riffkit.training.output_folder import claimed


@dataclass
class Dataset:
    """A data set on disk.

    Parameters
    ----------
    folder : Path
    rows : dict of str to list of dict
        "train" and "validation", for each picture "path", "text", "track", "start" [s] and all other columns.
    skipped : list of Skipped
        What was left out, and why.
    notes : list of str
        What is odd, but was no reason to leave it out.
    """

    folder: Path
    rows: Rows
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        train, validation = (len(self.rows[split]) for split in SPLITS)
        tracks = len({row["track"] for split in SPLITS for row in self.rows[split]})
        return (
            f"Dataset({self.folder}: {train} + {validation} pictures of {tracks} tracks, {len(self.skipped)} skipped)"
        )

    def pictures(self, split: str = "train") -> np.ndarray:
        """Load all pictures of a `split`, "train" or "validation", as grey pixels [shape=(n, rows, columns), uint8]."""
        return np.stack([_pixels(row["path"]) for row in self.rows[split]])

    def report(self, longest: int = 20) -> str:
        """Summarize what was kept and what was not, in lines of words; `longest` is the most of each kind."""
        lines = [repr(self)]
        reasons = Counter(skipped.reason for skipped in self.skipped)
        lines += [f"  {count} x {reason}" for reason, count in reasons.most_common(longest)]
        lines += [f"  {skipped}" for skipped in self.skipped if skipped.start is None][:longest]
        lines += [f"  note: {note}" for note in self.notes[:longest]]
        return "\n".join(map(shown_text, lines))


def build_dataset(
    source: str | Path,
    output: str | Path,
    *,
    kind: str | Reader = "folder",
    cutting: Cutting | None = None,
    validation: float = 0.1,
    seed: int = 0,
    workers: int | None = None,
    shard: tuple[int, int] | None = None,
    progress: Progress = None,
) -> Dataset:
    """Build a data set of spectrogram pictures with captions from recordings; goes on where a call was interrupted.

    What is given is checked before anything is done or written.

    Parameters
    ----------
    source : str or Path
        Any folder of sound with captions (see `riffkit.training.data.folders.read_folder`), or a known collection.
    output : str or Path
        A new folder, or that of an interrupted call with the same settings.
    kind : str or callable
        "folder" (default), "musiccaps", "song-describer", or a reader of your own: `kind(folder)` -> Found, see
        `riffkit.training.data.collections`.
    cutting : Cutting or None
        How recordings become pictures; None takes the defaults of `Cutting`.
    validation : float [0..0.5]
        Share of the tracks that are kept for validation (at least one, of two or more tracks). Default 0.1.
    seed : int, >= 0
        Chooses these tracks. Default 0.
    workers : int or None, >= 1
        Recordings at once; None takes one per core.
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
    FileNotFoundError, ValueError, TypeError
        If a value is wrong, the source holds no recordings, or the output was begun with other settings.
    FileExistsError
        If the output holds something else.
    OSError
        If the disk is full; what was done is kept, and the same call goes on.

    References
    ----------
    Taught in notebooks/05_fine_tuning.ipynb.
    """
    cutting, source, output = cutting or Cutting(), Path(source), Path(output)
    _check(source, output, cutting, validation, seed, workers, shard)
    with shown(progress, "recordings") as reporter:
        found = read_collection(source, kind)
        inside = output.absolute()
        found.recordings = [r for r in found.recordings if inside not in r.path.absolute().parents]
        if not found.recordings:
            reasons = "; ".join(str(one) for one in found.skipped[:3])
            raise ValueError(f"{source} holds nothing to learn from: {reasons or 'no recordings'}")
        named = kind if isinstance(kind, str) else getattr(kind, "__name__", type(kind).__name__)
        settings = {"source": str(source.resolve()), "kind": named, "validation": validation, "seed": seed}
        settings |= {"cutting": dataclasses.asdict(cutting)}
        with claimed(output, "dataset.json", settings, shard=shard):
            for split in SPLITS:
                (output / split).mkdir(exist_ok=True)
            work = _Work(source, output, found, cutting, workers, shard)
            work.cut(reporter)
            if shard is not None:
                return Dataset(output, {split: [] for split in SPLITS}, found.skipped, found.notes)
            rows, skipped, notes = chosen(output, source, found, validation, seed)
            if again := lost(output, rows):
                work.cut(reporter, again)
                rows, skipped, notes = chosen(output, source, found, validation, seed)
            write_metadata(output, rows, skipped)
            return Dataset(output, rows, skipped, notes)


def _check(
    source: Path,
    output: Path,
    cutting: Cutting,
    validation: float,
    seed: int,
    workers: int | None,
    shard: tuple[int, int] | None,
) -> None:
    if not isinstance(cutting, Cutting):
        raise TypeError(f"cutting is {cutting!r}; expected a Cutting")
    if not (isinstance(validation, (int, float)) and 0 <= validation <= 0.5):
        raise ValueError(f"validation is {validation!r}; expected a share of the tracks in 0..0.5")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise ValueError(f"seed is {seed!r}; expected a whole number")
    if workers is not None and not (isinstance(workers, int) and workers >= 1):
        raise ValueError(f"workers is {workers!r}; expected a whole number from 1, or None")
    if shard is not None and not (len(shard) == 2 and 0 <= shard[0] < shard[1]):
        raise ValueError(f"shard is {shard!r}; expected (number, of how many), such as (0, 4)")
    if output.resolve() == source.resolve():
        raise ValueError(f"the output is the folder of the recordings, {source}; name a new folder")


@dataclass(frozen=True)
class _Work:
    """What is to be cut, and into what."""

    source: Path
    output: Path
    found: Found
    cutting: Cutting
    workers: int | None
    shard: tuple[int, int] | None

    def cut(self, progress: Reporter | None, again: Collection[str] = ()) -> None:
        """Cut what is not in the journal yet, and what is named once more."""
        shard, journal = self.shard, self.output / "pieces.jsonl"
        mine = [(name_of(r, self.source), r) for r in self.found.recordings]
        if shard is not None:
            mine = [(name, r) for name, r in mine if number_of(name) % shard[1] == shard[0]]
            journal = self.output / f"pieces-{shard[0]}-of-{shard[1]}.jsonl"
        mend(journal)
        jobs = self._jobs(mine, again)
        already = len(mine) - len(jobs)
        with journal.open("a", encoding="utf-8") as file:
            report(progress, already, len(mine))
            for count, entry in enumerate(cut_all(jobs, self.workers), start=already + 1):
                file.write(json.dumps(entry) + "\n")
                file.flush()
                os.fsync(file.fileno())  # the pictures are on the disk already: so must be what says so
                report(progress, count, len(mine))

    def _jobs(self, mine: list[tuple[str, Recording]], again: Collection[str]) -> list[Job]:
        done, jobs = journals(self.output), []
        for name, recording in mine:
            stamp = stamp_of(recording.path)
            if done.get(name, {}).get("stamp") != stamp or name in again:
                jobs.append(Job(name, stamp, recording, self.cutting, self.output / "train"))
        return jobs


def open_dataset(folder: str | Path) -> Dataset:
    """Open a data set that `build_dataset` made, or any imagefolder with `metadata.jsonl` and pictures of 512 rows.

    Only pictures in its own folder are taken: metadata that lead out of it are refused.

    Parameters
    ----------
    folder : str or Path
        With `train/` and perhaps `validation/` in it, or with a `metadata.jsonl` of its own.

    Returns
    -------
    Dataset

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no `metadata.jsonl`, nothing in it, or a line that cannot be learnt from.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder (looked in {folder.absolute().parent})")
    rows = {split: read_rows(folder / split, folder) for split in SPLITS}
    if not rows["train"]:
        rows["train"] = read_rows(folder, folder)
    if not rows["train"]:
        hint = "make one with build_dataset or `riffkit dataset`"
        if (folder / "dataset.json").exists():
            hint = "it was not finished: call build_dataset (or `riffkit dataset`) again"
        raise FileNotFoundError(f"{folder} holds no metadata.jsonl with pictures; {hint}")
    return Dataset(folder, rows)


def _pixels(path: Path) -> np.ndarray:
    with opened_picture(path) as image:
        return np.asarray(image.convert("L"))
