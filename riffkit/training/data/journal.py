"""Recordings cut into pictures, several at once, with a journal of what is done: so that a call can be interrupted."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from riffkit.sound.image_file import save_image
from riffkit.sound.mel import n_workers
from riffkit.training.data.recordings import Recording
from riffkit.training.data.segment import Cutting, cut_recording


class Job(NamedTuple):
    """A recording to cut: its `name` and `stamp` in the journal, the `cutting`, and the `folder` for pictures."""

    name: str
    stamp: list[int]
    recording: Recording
    cutting: Cutting
    folder: Path


def cut_all(jobs: Iterable[Job], workers: int | None) -> Iterator[dict[str, Any]]:
    """Cut recordings on several cores (threads: nearly all of the work is done outside Python).

    Parameters
    ----------
    jobs : iterable of Job
    workers : int or None
        None takes one thread per core.

    Yields
    ------
    dict
        The journal's entry of each job, in their order.
    """
    with ThreadPoolExecutor(workers or n_workers()) as pool:
        try:
            yield from pool.map(_cut_one, jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _cut_one(job: Job) -> dict[str, Any]:
    """Cut one recording and write its pictures; what cannot be read is reported, what cannot be written is an error."""
    name, stamp, recording, cutting, folder = job
    entry: dict[str, Any] = {"file": name, "stamp": stamp, "pieces": [], "skipped": [], "notes": []}
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


def name_of(recording: Recording, source: Path) -> str:
    """Name a `recording` by its path below the folder `source`, and where in the file it begins, if not at 0 s."""
    try:
        name = recording.path.relative_to(source).as_posix()
    except ValueError:
        name = recording.path.as_posix()
    return name if not recording.start else f"{name} from {recording.start:g} s"


def _slug(name: str) -> str:
    """A file name that two recordings never share, still readable."""
    words = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in name)[-60:].strip("-.")
    return f"{words}-{zlib.crc32(name.encode()):08x}"


def stamp_of(path: Path) -> list[int]:
    """Stamp the file at `path` with its size [bytes] and time [ns]: if they change, it is cut again."""
    try:
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns]
    except OSError:
        return [0, 0]


def number_of(text: str) -> int:
    """Hash `text` to a large whole number: the lot that decides on shards and splits."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def fingerprint(image: Image.Image) -> np.ndarray:
    """Compute a perceptual fingerprint: 16 x 32 numbers without brightness and contrast; near-duplicates nearly agree.

    Darkness is squared, so that the noise of a lossy format, pale in the picture, counts for little.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    np.ndarray [shape=(512,), int8]
    """
    darkness = np.square(255 - np.asarray(image.convert("L"), np.float32))
    small = np.asarray(Image.fromarray(darkness).resize((32, 16), Image.Resampling.BOX))
    small = small - small.mean()
    return np.clip(np.rint(small / (float(small.std()) or 1.0) * 16), -127, 127).astype(np.int8).ravel()


# -- the journal ------------------------------------------------------------------------------------------------------


def mend(journal: Path) -> None:
    """Cut off a last line of the file `journal` that was being written when the run was killed."""
    if not journal.exists():
        return
    text = journal.read_bytes()
    if text and not text.endswith(b"\n"):
        with journal.open("r+b") as file:
            file.truncate(text.rfind(b"\n") + 1)


def journals(output: Path) -> dict[str, dict[str, Any]]:
    """Read the journals in the folder `output`: {name of the recording: its latest entry}."""
    done: dict[str, dict[str, Any]] = {}
    for journal in sorted(output.glob("pieces*.jsonl")):
        for line in journal.read_text(encoding="utf-8").split("\n"):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # another shard is writing it
            done[entry["file"]] = entry
    return done
