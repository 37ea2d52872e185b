"""Chunks of RIFF (WAV) and FORM (AIFF) files: where sound begins and truly ends, and where texts are."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

MOST = 20_000  # chunks that are looked at: files of people have a dozen
UNTOLD = 0x7FFFF000  # a length from here on is what programs write that do not know it (yet)
OUTER = {b"RIFF": (b"WAVE",), b"RIFX": (b"WAVE",), b"FORM": (b"AIFF", b"AIFC")}
SOUND = (b"data", b"SSND")


class Chunk(NamedTuple):
    """One chunk.

    Parameters
    ----------
    name : bytes [4]
        b"RIFF" or b"FORM" for the 12 bytes that begin a file.
    at : int [bytes]
        Where its content begins.
    size : int [bytes]
        As it is told; more than there is if the file was cut.
    """

    name: bytes
    at: int
    size: int


def size_of(file: BinaryIO) -> int:
    """How many bytes an open `file` has."""
    file.seek(0, 2)
    return file.tell()


def chunks_of(file: BinaryIO, first: int = 0) -> Iterator[Chunk]:
    """Walk through the chunks of a WAV or AIFF file, and of those joined to its end.

    Parameters
    ----------
    file : binary file
    first : int [bytes]
        Where to begin.

    Yields
    ------
    Chunk
        Until the file ends, or until what follows is no chunk.
    """
    at, order, end = first, "<I", size_of(file)
    for _ in range(MOST):
        if at + 8 > end:
            return
        file.seek(at)
        head = file.read(12)
        if head[:4] in OUTER and head[8:12] in OUTER[head[:4]]:
            order = "<I" if head[:4] == b"RIFF" else ">I"
            yield Chunk(head[:4], at + 8, struct.unpack(order, head[4:8])[0])
            at += 12
            continue
        name, size = head[:4], struct.unpack(order, head[4:8])[0]
        if not all(32 <= letter < 127 for letter in name):
            if at > first and size_of(file) > at and head[1:5] in (b"RIFF", b"LIST"):  # an odd chunk without its pad
                at += 1
                continue
            return
        yield Chunk(name, at + 8, size)
        if name in SOUND and size >= UNTOLD:
            return
        at += 8 + size + size % 2


def texts_of(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """Texts in a WAV or AIFF file: every sub-chunk of LIST/INFO, ID3 tags as they are, AIFF's annotations.

    Parameters
    ----------
    file : binary file
    longest : int [bytes]
        Longer ones are passed over.

    Yields
    ------
    bytes
        Those of an ID3 tag begin with b"ID3".
    """
    end = size_of(file)
    for chunk in chunks_of(file):
        if chunk.size > longest or chunk.at + chunk.size > end:
            continue
        if chunk.name == b"LIST":
            file.seek(chunk.at)
            if file.read(4) != b"INFO":
                continue
            at = chunk.at + 4
            for _ in range(MOST):
                if at + 8 > chunk.at + chunk.size:
                    break
                file.seek(at)
                _, size = struct.unpack("<4sI", file.read(8))
                yield file.read(min(size, chunk.at + chunk.size - at - 8)).rstrip(b"\0")
                at += 8 + size + size % 2
        elif chunk.name.lower() in (b"id3 ", b"anno", b"text", b"ixml"):
            file.seek(chunk.at)
            yield file.read(chunk.size).rstrip(b"\0")
