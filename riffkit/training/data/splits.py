"""Train and validation splits: each track goes to one, near-duplicates go out, and what is left is written down."""

import base64
import dataclasses
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from riffkit.sound.files import replacing
from riffkit.training.data.journal import journals, name_of, number_of
from riffkit.training.data.recordings import Found, Recording, Skipped

SPLITS = ("train", "validation")
Rows = dict[str, list[dict[str, Any]]]  # by split
# Correlation of two fingerprints from which on two pictures are the same music. Measured: the same piece at half the
# level, 20 ms later and through OGG, 0.96 to 0.99 (drums least); the two most alike of the pieces in data/clips, 0.88.
ALIKE = 0.95


def chosen(
    output: Path, source: Path, found: Found, validation: float, seed: int
) -> tuple[Rows, list[Skipped], list[str]]:
    """Choose the split of each track, and leave out near-duplicates; writes nothing.

    Parameters
    ----------
    output : Path
        With the journal.
    source : Path
        Of the recordings.
    found : Found
        All of them.
    validation : float [0..0.5]
        Share of the tracks.
    seed : int
        Chooses these.

    Returns
    -------
    rows : dict of str to list of dict
    skipped : list of Skipped
    notes : list of str

    Raises
    ------
    ValueError
        If a recording has not been cut yet, or nothing is left to learn from.
    """
    done = journals(output)
    missing = [name for r in found.recordings if (name := name_of(r, source)) not in done]
    if missing:
        raise ValueError(f"{missing[0]} has not been cut yet; wait for the other shards, then call again")
    usable = [r for r in found.recordings if done[name_of(r, source)]["pieces"]]
    splits = dict.fromkeys((r.track for r in found.recordings), "train") | _splits(usable, validation, seed)
    rows: Rows = {split: [] for split in SPLITS}
    skipped, notes, kept = list(found.skipped), list(found.notes), _Kept()
    # validation is read first: of two alike the one that is learnt from goes, so that nothing learnt is tested
    for recording in sorted(found.recordings, key=lambda r: splits[r.track] != "validation"):
        name = name_of(recording, source)
        entry = done[name]
        skipped += [Skipped(name, reason, start) for start, reason in entry["skipped"]]
        notes += [f"{name}: {note}" for note in entry["notes"]]
        for piece in entry["pieces"]:
            start = piece["row"]["start"]
            other = kept.add(f"{name} from {start:.2f} s", piece["print"])
            if other:
                skipped.append(Skipped(name, f"sounds like {other}", start))
            else:
                rows[splits[recording.track]].append({**piece["row"], "original": name})
    if not rows["train"]:
        reasons = "; ".join(str(one) for one in skipped[:3])
        raise ValueError(f"nothing is left to learn from: {reasons}")
    return rows, skipped, notes


def lost(output: Path, rows: Rows) -> set[str]:
    """Name the recordings of which a picture in `rows` is not in the folder `output` (any more)."""
    there = {path.name for split in SPLITS for path in (output / split).glob("*.png")}
    return {row["original"] for split in SPLITS for row in rows[split] if row["file_name"] not in there}


class _Kept:
    """Fingerprints of the pieces that are kept."""

    def __init__(self) -> None:
        self.prints, self.names = np.zeros((64, 512), np.float32), list[str]()

    def add(self, name: str, fingerprint: str) -> str | None:
        """Keep the piece `name` with its `fingerprint` (base64), or name a kept one that sounds like it."""
        mark = np.frombuffer(base64.b64decode(fingerprint), np.int8).astype(np.float32)
        norm = float(np.linalg.norm(mark))
        mark = mark / norm if norm else mark
        n = len(self.names)
        if n and (alike := self.prints[:n] @ mark).max() > ALIKE:
            return self.names[int(alike.argmax())]
        if n == len(self.prints):
            self.prints = np.concatenate([self.prints, np.zeros_like(self.prints)])
        self.prints[n] = mark
        self.names.append(name)
        return None


def write_metadata(output: Path, rows: Rows, skipped: Iterable[Skipped]) -> None:
    """Write the metadata, move pictures to their splits, put their paths into the rows, delete what nothing names.

    Parameters
    ----------
    output : Path
        With the pictures in its `train/` and `validation/`.
    rows : dict of str to list of dict
        From `chosen`; changed in place.
    skipped : iterable of Skipped
    """
    names = list(dict.fromkeys(key for split in SPLITS for row in rows[split] for key in row))
    _write_text(output / "skipped.jsonl", "".join(json.dumps(dataclasses.asdict(one)) + "\n" for one in skipped))
    for split in SPLITS:
        full: list[dict[str, Any]] = [{name: row.get(name) for name in names} for row in rows[split]]
        for row in full:  # pictures are cut into train/; and a track's split may change when tracks are added
            _move(row["file_name"], output, split)
        _write_text(output / split / "metadata.jsonl", "".join(json.dumps(row) + "\n" for row in full))
        rows[split] = [{**row, "path": output / split / row["file_name"]} for row in full]
        if not full:
            (output / split / "metadata.jsonl").unlink()
    for split in SPLITS:
        named = {row["file_name"] for row in rows[split]}
        for path in (output / split).glob("*.png"):
            if path.name not in named:
                path.unlink()


def _splits(recordings: list[Recording], share: float, seed: int) -> dict[str, str]:
    """Which split each track belongs to: as the collection says, else by lot."""
    splits = {r.track: r.split for r in recordings if r.split}
    free = sorted({r.track for r in recordings} - splits.keys(), key=lambda track: number_of(f"{seed} {track}"))
    n_kept = round(len(free) * share)
    if share > 0 and n_kept == 0 and len(free) > 1 and "validation" not in splits.values():
        n_kept = 1
    return splits | {track: "validation" if i < n_kept else "train" for i, track in enumerate(free)}


def _move(name: str, output: Path, split: str) -> None:
    """Put a picture where its split is. What lies in train/ is the newer of two."""
    cut, moved = output / "train" / name, output / "validation" / name
    if split == "validation" and cut.exists():
        cut.replace(moved)
    elif split == "train" and not cut.exists():
        moved.replace(cut)


def _write_text(path: Path, text: str) -> None:
    with replacing(path, True) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")
