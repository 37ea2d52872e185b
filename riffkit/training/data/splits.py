"""Pieces to a data set: each track goes to one split, near-duplicates go out, and what is left is written down."""

import base64
import dataclasses
import json
from pathlib import Path

import numpy as np

from riffkit.sound.files import replacing
from riffkit.training.data.journal import journals, name_of, number_of
from riffkit.training.data.recordings import Skipped

SPLITS = ("train", "validation")
# Correlation of two fingerprints from which on two pictures are the same music. Measured: the same piece at half the
# level, 20 ms later and through OGG, 0.96 to 0.99 (drums least); the two most alike of the pieces in data/clips, 0.88.
ALIKE = 0.95


def put_together(output, source, found, validation, seed):
    """Choose the split of each track, leave out near-duplicates, write the metadata, delete pictures nothing names."""
    done = journals(output)
    missing = [name for r in found.recordings if (name := name_of(r, source)) not in done]
    if missing:
        raise ValueError(f"{missing[0]} has not been cut yet; wait for the other shards, then call again")
    usable = [r for r in found.recordings if done[name_of(r, source)]["pieces"]]
    splits = dict.fromkeys((r.track for r in found.recordings), "train") | _splits(usable, validation, seed)
    rows, skipped, notes = {split: [] for split in SPLITS}, list(found.skipped), list(found.notes)
    kept_prints, kept_names = np.zeros((64, 512), np.float32), []
    # validation is read first: of two alike the one that is learnt from goes, so that nothing learnt is tested
    for recording in sorted(found.recordings, key=lambda r: splits[r.track] != "validation"):
        name = name_of(recording, source)
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
    write_text(output / "skipped.jsonl", "".join(json.dumps(dataclasses.asdict(one)) + "\n" for one in skipped))
    for split in SPLITS:
        full = [{name: row.get(name) for name in names} for row in rows[split]]
        for row in full:  # pictures are cut into train/; and a track's split may change when tracks are added
            _move(row["file_name"], output, split)
        write_text(output / split / "metadata.jsonl", "".join(json.dumps(row) + "\n" for row in full))
        rows[split] = [{**row, "path": output / split / row["file_name"]} for row in full]
        if not full:
            (output / split / "metadata.jsonl").unlink()
    for split in SPLITS:
        named = {row["file_name"] for row in rows[split]}
        for path in (output / split).glob("*.png"):
            if path.name not in named:
                path.unlink()
    return rows, skipped, notes


def _splits(recordings, share, seed):
    """Which split each track belongs to: as the collection says, else by lot."""
    splits = {r.track: r.split for r in recordings if r.split}
    free = sorted({r.track for r in recordings} - splits.keys(), key=lambda track: number_of(f"{seed} {track}"))
    n_kept = round(len(free) * share)
    if share > 0 and n_kept == 0 and len(free) > 1 and "validation" not in splits.values():
        n_kept = 1
    return splits | {track: "validation" if i < n_kept else "train" for i, track in enumerate(free)}


def _move(name, output, split):
    """Put a picture where its split is. What lies in train/ is the newer of two."""
    cut, moved = output / "train" / name, output / "validation" / name
    if split == "validation" and cut.exists():
        cut.replace(moved)
    elif split == "train" and not cut.exists():
        moved.replace(cut)


def write_text(path, text):
    with replacing(path, True) as temporary:
        Path(temporary).write_text(text, encoding="utf-8")
