"""FLAC without its length (written into a pipe), and FLAC joined end to end.

References
----------
RFC 9639, 8.2 (STREAMINFO) and 9.1 (the frame header).
"""

from collections.abc import Iterator
from itertools import islice

MOST = 10_000  # places that look like the last frame
BLOCK_SIZES = {1: 192, **{i: 576 << (i - 2) for i in range(2, 6)}, **{i: 256 << (i - 8) for i in range(8, 16)}}


def starts_of(data: bytes) -> list[int]:
    """Where FLAC files begin in `data`: several if they were joined; empty if there are none."""
    starts, at = [], data.find(b"fLaC")
    while at >= 0:
        if at + 42 <= len(data) and data[at + 4] & 0x7F == 0 and data[at + 5 : at + 8] == b"\0\0\x22":
            starts.append(at)
        at = data.find(b"fLaC", at + 4)
    return starts


def told(data: bytes, start: int) -> int:
    """How many samples the STREAMINFO of the file at `start` of `data` tells; 0 if it does not know."""
    return (data[start + 21] & 15) << 32 | int.from_bytes(data[start + 22 : start + 26], "big")


def with_length(data: bytes, start: int, n: int) -> bytes:
    """The first 42 bytes of the file at `start` of `data`, telling `n` samples."""
    head = bytearray(data[start : start + 42])
    head[21] = head[21] & 0xF0 | n >> 32
    head[22:26] = (n & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(head)


def counted(data: bytes, start: int, end: int) -> int:
    """How many samples lie between `start` and `end` of `data`, by the header of the last frame; 0 if none is found."""
    usual = int.from_bytes(data[start + 10 : start + 12], "big")  # the largest block
    for at in islice(_backwards(data, start + 42, end), MOST):
        found = _end_of(data, at, usual)
        if found is not None:
            return found
    return 0


def _backwards(data: bytes, first: int, end: int) -> Iterator[int]:
    at = data.rfind(b"\xff", first, end)
    while at >= 0:
        yield at
        at = data.rfind(b"\xff", first, at)


def _end_of(data: bytes, at: int, usual: int) -> int | None:
    """The sample behind the frame at `at`, or None if its checksum says that no frame begins there."""
    size_code, rate_code = (
        data[at + 2] >> 4 if at + 2 < len(data) else 0,
        data[at + 2] & 15 if at + 2 < len(data) else 0,
    )
    if at + 16 > len(data) or data[at + 1] & 0xFE != 0xF8 or size_code == 0 or rate_code == 15:
        return None
    place = at + 4
    first = data[place]
    more = 0 if first < 0x80 else 8 - (first ^ 0xFF).bit_length() - 1
    if first >= 0x80 and not 1 <= more <= 6:
        return None
    number = first if more == 0 else first & (0x3F >> more)
    for byte in data[place + 1 : place + 1 + more]:
        number = number << 6 | byte & 0x3F
    place += 1 + more
    if size_code in (6, 7):
        wide = size_code - 5
        size = int.from_bytes(data[place : place + wide], "big") + 1
        place += wide
    else:
        size = BLOCK_SIZES[size_code]
    place += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if _checksum(data[at:place]) != data[place]:
        return None
    return (number if data[at + 1] & 1 else number * usual) + size


def _checksum(data: bytes) -> int:
    """CRC-8 with the polynomial x^8 + x^2 + x + 1."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 7) & 0xFF if value & 0x80 else value << 1
    return value
