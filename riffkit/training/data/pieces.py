"""Recordings cut into pictures, several at once; each picture is written as it is cut."""

import base64
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from riffkit.sound.image_file import save_image
from riffkit.sound.mel import n_workers
from riffkit.training.data.journal import PRINT, bytes_of
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


class _NotWritten(Exception):
    """A picture could not be written: unlike what cannot be read, that is no reason to go on without it."""


def _cut_one(job: Job) -> dict[str, Any]:
    """Cut one recording and write its pictures; what cannot be read is reported, what cannot be written is an error."""
    name, stamp, recording, cutting, folder = job
    pieces: list[dict[str, Any]] = []
    entry: dict[str, Any] = {"file": name, "stamp": stamp, "pieces": pieces, "skipped": [], "notes": []}

    def keep(image: Image.Image, row: dict[str, Any]) -> None:  # as it is cut: an hour of pictures is half a gigabyte
        path = folder / f"{_slug(name)}-{round(row['start'] * 1000):07d}.png"
        image.info.pop("seed", None)
        try:
            save_image(image, path, overwrite=True)
        except OSError as error:
            raise _NotWritten from error
        print_of = base64.b64encode(fingerprint(image).tobytes()).decode()
        pieces.append({"row": {"file_name": path.name, **row, "original": name}, "print": print_of})

    try:
        cut = cut_recording(recording, cutting, keep=keep)
    except _NotWritten as error:
        raise error.__cause__ or error from None
    except (ValueError, OSError) as error:
        reason = str(error).removeprefix(f"{recording.path}: ").replace(str(recording.path), recording.path.name)
        pieces.clear()
        entry["skipped"].append([None, reason])
        return entry
    entry["skipped"], entry["notes"] = [list(pair) for pair in cut.left_out], cut.notes
    return entry


def _slug(name: str) -> str:
    """A file name that two recordings never share, still readable."""
    words = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in name)[-60:].strip("-.")
    return f"{words}-{zlib.crc32(bytes_of(name)):08x}"


def stamp_of(path: Path) -> list[int]:
    """Stamp the file at `path` with its size [bytes] and time [ns]: if they change, it is cut again."""
    try:
        stat = path.stat()
        return [stat.st_size, stat.st_mtime_ns]
    except OSError:
        return [0, 0]


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
    small = np.asarray(Image.fromarray(darkness).resize(PRINT, Image.Resampling.BOX))
    small = small - small.mean()
    return np.clip(np.rint(small / (float(small.std()) or 1.0) * 16), -127, 127).astype(np.int8).ravel()
