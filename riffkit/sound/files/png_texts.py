"""Texts of a PNG that Pillow refuses: it opens no picture in which one unpacks to more than a megabyte."""

import struct
import zlib
from typing import BinaryIO

from riffkit.sound.files.chunks import size_of
from riffkit.sound.files.opening import Stretch
from riffkit.sound.files.texts import ROOM

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST = 20_000  # chunks that are looked at
TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def without_texts(file: BinaryIO, key: str) -> tuple[list[Stretch], str | None]:
    """The picture without its texts, and the one that is wanted.

    Parameters
    ----------
    file : binary file
    key : str
        The keyword of the text that is wanted.

    Returns
    -------
    stretches : list of Stretch
        Empty if the file is no PNG.
    text : str or None
    """
    end, at = size_of(file), len(SIGNATURE)
    file.seek(0)
    if file.read(at) != SIGNATURE:
        return [], None
    stretches: list[Stretch] = [(0, at)]
    text = None
    for _ in range(MOST):
        if at + 12 > end:
            break
        file.seek(at)
        size, name = struct.unpack(">I4s", file.read(8))
        if name in TEXTS:
            word = file.read(min(size, 80)).partition(b"\0")[0]
            if word == key.encode() and size <= ROOM[".png"]:
                file.seek(at + 8)
                text = _text_of(name, file.read(size)) or text
        else:
            stretches.append((at, min(at + 12 + size, end)))
        at += 12 + size
    return stretches, text


def _text_of(name: bytes, content: bytes) -> str | None:
    _, _, rest = content.partition(b"\0")
    packed = name == b"zTXt" or (name == b"iTXt" and rest[:1] == b"\1")
    if name == b"iTXt":
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]  # behind the language and the word in it
    elif name == b"zTXt":
        rest = rest[1:]
    if packed:
        unpacking = zlib.decompressobj()
        try:
            rest = unpacking.decompress(rest, ROOM[".png"])
        except zlib.error:
            return None
        if unpacking.unconsumed_tail:
            return None
    return rest.decode("utf-8" if name == b"iTXt" else "latin-1", "replace")
