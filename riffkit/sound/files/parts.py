"""What a sound file truly holds: lengths counted where they are only guessed, and files that were joined end to end."""

import io
import mmap
import os
import time
from collections import deque
from typing import BinaryIO, Literal, NamedTuple

from riffkit.sound.files import flac, mpeg
from riffkit.sound.files.chunks import OUTER, SOUND, UNTOLD, chunks_of, size_of
from riffkit.sound.files.kinds import head_of, kind_of
from riffkit.sound.files.opening import Spliced, Stretch

SETTLED = 2.0  # seconds after which a change would show in the time of the file
REMEMBERED = 256  # files that were looked through
NEAR = 1  # frames by which a Xing frame may be off: some count themselves


class Parts(NamedTuple):
    """How to read a file that is not what it seems.

    Parameters
    ----------
    files : list of list of Stretch
        Each decoded by itself, one after another; empty if the file is just what it says.
    notes : list of str
        What whoever reads it should know.
    enough : int [samples]
        Read it as it is where the decoder finds so many; 0 if it never does.
    """

    files: list[list[Stretch]]
    notes: list[str]
    enough: int = 0


AS_IT_IS = Parts([], [])


def opened_part(file: BinaryIO, stretches: list[Stretch]) -> BinaryIO:
    """One of the `files` of `Parts`, found in the `file` that was looked through, as a binary file."""
    return io.BufferedReader(Spliced(file, stretches), 1 << 16)


def parts_of(file: BinaryIO) -> Parts:
    """Look through a sound file for what its header does not tell; once, as long as nobody writes to it.

    Parameters
    ----------
    file : binary file
    """
    try:
        state = os.fstat(file.fileno())
    except (OSError, ValueError):  # it lies in memory
        return _looked_through(file)
    if time.time() - state.st_mtime < SETTLED:
        return _looked_through(file)
    key = (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size)
    if key not in _known:
        if len(_known) >= REMEMBERED:
            _known.clear()
        _known[key] = _looked_through(file)
    return _known[key]


_known: dict[tuple[int, int, int, int], Parts] = {}  # a long file is read in many short pieces


def _looked_through(file: BinaryIO) -> Parts:
    head = head_of(file)
    if kind_of(head)[0] not in ("sound", "unknown"):
        return AS_IT_IS
    if head[:4] in OUTER:
        return _of_chunks(file)
    data = _mapped(file)
    try:
        if head[:4] == b"OggS":
            return _of_ogg(data)
        if head[:4] == b"fLaC":
            return _of_flac(data)
        return _of_mpeg(data) if kind_of(head)[1] == "MP3" else AS_IT_IS
    finally:
        if isinstance(data, mmap.mmap):
            data.close()


def _mapped(file: BinaryIO) -> bytes:
    """The bytes of a file without reading them all; of one that lies in memory a copy."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # type: ignore[return-value]
    except (OSError, ValueError):  # no file of the system's, or an empty one
        file.seek(0)
        return file.read()


def _of_mpeg(data: bytes) -> Parts:
    found = mpeg.walk(data)
    if not found:
        return AS_IT_IS
    first, notes = found[0], []
    if len(found) == 1 and first.told is not None and abs(first.told - first.counted) <= NEAR:
        return Parts([list(first.stretches)], []) if first.junk else AS_IT_IS  # libmpg123 is loud about junk
    files: list[list[Stretch]] = []
    for part in found:
        ranges: list[Stretch] = list(part.stretches)
        if part.told is None or abs(part.told - part.counted) > NEAR:
            if part.told is not None:
                a, b = part.stretches[0]
                ranges[:1] = [(a + part.header.size, b)] if b - a > part.header.size else []
            ranges.insert(0, mpeg.telling(data, part))
        files.append(ranges)
        if part.told and part.told > part.counted + NEAR and len(found) == 1:
            seconds = [n * part.header.samples / part.header.rate for n in (part.counted, part.told)]
            notes.append(f"it was cut: {seconds[0]:.1f} s of the {seconds[1]:.1f} s that it tells are there")
    guessed = len(found) == 1 and not first.told
    return Parts(files, notes, (first.counted - NEAR) * first.header.samples if guessed else 0)


def _of_flac(data: bytes) -> Parts:
    starts = flac.starts_of(data)
    if not starts or (len(starts) == 1 and flac.told(data, starts[0])):
        return AS_IT_IS
    files: list[list[Stretch]] = []
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        n = flac.told(data, start) or flac.counted(data, start, end)
        if n:
            files.append([flac.with_length(data, start, n), (start + 42, end)])
    return Parts(files, [])


def _of_ogg(data: bytes) -> Parts:
    """Chained streams: a page that begins one, after pages that did not."""
    starts, at, beginning = [0], 0, True
    while data[at : at + 4] == b"OggS" and at + 27 <= len(data):
        begins = bool(data[at + 5] & 2)
        if begins and not beginning:
            starts.append(at)
        beginning = begins
        n_segments = data[at + 26]
        at += 27 + n_segments + sum(data[at + 27 : at + 27 + n_segments])
    if len(starts) == 1:
        return AS_IT_IS
    return Parts([[(a, b)] for a, b in zip(starts, [*starts[1:], len(data)], strict=True)], [])


def _of_chunks(file: BinaryIO) -> Parts:
    end, starts, notes = size_of(file), [], []
    unfinished = None
    for chunk in chunks_of(file):
        if chunk.name in OUTER:
            starts.append(chunk.at - 8)
        elif chunk.name in SOUND:
            rest = end - chunk.at
            if chunk.size == 0 and rest > 0 and not _goes_on(file, chunk.at):
                unfinished = (chunk.at - 4, rest)
                notes.append("its header was never finished (the recorder stopped?); it is read to the end of the file")
                break
            if rest < chunk.size < UNTOLD:
                notes.append(f"it was cut: {rest / chunk.size:.1%} of the sound that it tells is there")
            elif (
                chunk.size < UNTOLD
                and (more := rest - chunk.size) > chunk.size
                and not _goes_on(file, chunk.at + chunk.size + chunk.size % 2)
            ):
                notes.append(
                    f"{more} bytes behind the end that it tells are no part of it as far as can be seen; left out"
                )
    if unfinished is not None:
        at, rest = unfinished
        start = starts[-1] if starts else 0
        told = min(rest, 0xFFFFFFFF).to_bytes(4, _order(file, start))
        last: list[Stretch] = [(start, at), told, (at + 4, end)]
        before: list[list[Stretch]] = [[(a, b)] for a, b in zip(starts, starts[1:], strict=False)]
        return Parts([*before, last], notes)
    if len(starts) < 2:
        return Parts([], notes)
    return Parts([_closed(file, a, b) for a, b in zip(starts, [*starts[1:], end], strict=True)], notes)


def _goes_on(file: BinaryIO, at: int) -> bool:
    """True if chunks lead from `at` to the end of the file."""
    last = deque(chunks_of(file, at), 1)
    return bool(last) and last[0].at + last[0].size <= size_of(file) <= last[0].at + last[0].size + 8


def _closed(file: BinaryIO, first: int, end: int) -> list[Stretch]:
    """One of several WAV or AIFF files joined, its own length told right."""
    size = min(end - first - 8, 0xFFFFFFFF).to_bytes(4, _order(file, first))
    return [(first, first + 4), size, (first + 8, end)]


def _order(file: BinaryIO, start: int) -> Literal["big", "little"]:
    """How numbers stand in the WAV or AIFF file that begins at `start`."""
    file.seek(start)
    return "big" if file.read(4) in (b"FORM", b"RIFX") else "little"
