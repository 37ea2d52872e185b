"""MPEG audio, frame by frame: how long it truly is, where one file ends that another was appended to.

Without a Xing or VBRI frame the length of an MP3 is nowhere written, and decoders guess it from its size; with one, it
is the length of the first of several files joined end to end. So the headers are walked from first to last.

References
----------
ISO/IEC 11172-3, 2.4.2.3 (the header); Gabriel Bouvigne, "Mp3 Info Tag rev 1" (the Xing frame).
"""

from functools import lru_cache
from typing import NamedTuple

RATES = ((44100, 48000, 32000), (22050, 24000, 16000), (11025, 12000, 8000))  # MPEG 1, 2, 2.5
MOST_JUNK = 1 << 20  # bytes at a time that are looked through for the next frame
PADDING = 529  # of LAME's, if nothing is to be cut off at the end: what the decoder lags behind
KBPS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


class Header(NamedTuple):
    """What four bytes say about the frame that they begin.

    Parameters
    ----------
    size : int [bytes]
    samples : int
    rate : int [Hz]
    kind : tuple
        What is the same in all frames of a file: version, layer, rate.
    """

    size: int
    samples: int
    rate: int
    kind: tuple[int, int, int]


class Part(NamedTuple):
    """A run of frames that belong together: a file, or one of several joined end to end.

    Parameters
    ----------
    stretches : list of (int, int) [bytes]
        Where its frames lie, without tags and junk between them.
    told : int or None
        How many frames its Xing or VBRI frame tells, if it begins with one.
    counted : int
        How many there are, without that one.
    header : Header
        Of its first frame.
    mono : bool
    junk : int [bytes]
        What lies before, between and behind its frames and is no tag.
    """

    stretches: list[tuple[int, int]]
    told: int | None
    counted: int
    header: Header
    mono: bool
    junk: int = 0


@lru_cache(maxsize=4096)
def header_of(second: int, third: int) -> Header | None:
    """Read the bytes `second` and `third` of a frame; the first is 255. None if no frame begins so."""
    version, layer = {3: 0, 2: 1, 0: 2}.get(second >> 3 & 3), 4 - (second >> 1 & 3)
    if second & 0xE0 != 0xE0 or version is None or layer == 4 or third >> 2 & 3 == 3 or third >> 4 in (0, 15):
        return None
    rate = RATES[version][third >> 2 & 3]
    bits = 1000 * KBPS[min(version + 1, 2), layer][third >> 4]
    padding = third >> 1 & 1
    samples = 384 if layer == 1 else 576 if layer == 3 and version else 1152
    size = (12 * bits // rate + padding) * 4 if layer == 1 else samples // 8 * bits // rate + padding
    return Header(size, samples, rate, (version, layer, rate))


def _told_by(data: bytes, at: int, header: Header) -> int | None:
    """How many frames the Xing, Info or VBRI frame at `at` tells; None if it is none, 0 if it says nothing."""
    version, layer, _ = header.kind
    if layer != 3:
        return None
    mono = data[at + 3] >> 6 == 3
    side = (17 if mono else 32) if version == 0 else (9 if mono else 17)
    for place in (at + 4 + side, at + 6 + side):  # the second behind a checksum
        if data[place : place + 4] in (b"Xing", b"Info"):
            has_count = data[place + 7] & 1 if place + 12 <= len(data) else 0
            return int.from_bytes(data[place + 8 : place + 12], "big") if has_count else 0
    if data[at + 36 : at + 40] == b"VBRI":
        return int.from_bytes(data[at + 50 : at + 54], "big")
    return None


def _after_tag(data: bytes, at: int) -> int | None:
    """Where the tag at `at` ends, or None if there is none."""
    if data[at : at + 3] == b"ID3" and at + 10 <= len(data) and max(data[at + 6 : at + 10]) < 128:
        size = data[at + 6] << 21 | data[at + 7] << 14 | data[at + 8] << 7 | data[at + 9]
        return at + 10 + size + (10 if data[at + 5] & 16 else 0)
    if data[at : at + 8] == b"APETAGEX" and at + 32 <= len(data):
        size = int.from_bytes(data[at + 12 : at + 16], "little")
        return at + 32 + (size if data[at + 23] & 32 else 0)
    return at + 128 if data[at : at + 3] == b"TAG" else None


def walk(data: bytes) -> list[Part]:
    """Go through an MPEG file from header to header.

    Parameters
    ----------
    data : bytes, or a memory map of a file

    Returns
    -------
    list of Part
        One, unless files were joined end to end; empty if no frames were found.
    """
    parts: list[Part] = []
    at, end, junk, sure = 0, len(data), 0, False  # sure: a frame ended here, so that what looks like a header is one
    while at + 4 <= end:
        header = header_of(data[at + 1], data[at + 2]) if data[at] == 255 else None
        if header is not None and at + header.size <= end and (sure or _follows(data, at + header.size, header)):
            mono, told = data[at + 3] >> 6 == 3, _told_by(data, at, header)
            last = parts[-1] if parts else None
            if told is not None or last is None or (last.header.kind, last.mono) != (header.kind, mono):
                parts.append(Part([(at, at + header.size)], told, int(told is None), header, mono))
            else:
                first, stop = last.stretches[-1]
                if stop == at:
                    last.stretches[-1] = (first, at + header.size)
                else:
                    last.stretches.append((at, at + header.size))
                parts[-1] = last._replace(counted=last.counted + 1)
            parts[-1] = parts[-1]._replace(junk=parts[-1].junk + junk)
            at, junk, sure = at + header.size, 0, True
        elif (after := _after_tag(data, at)) is not None:
            at = after
        else:
            next_at = data.find(b"\xff", at + 1)
            next_at = end if next_at < 0 else next_at
            junk, at, sure = junk + next_at - at, next_at, False
            if junk > MOST_JUNK:
                break
    if parts and junk + max(end - at, 0):
        parts[-1] = parts[-1]._replace(junk=parts[-1].junk + junk + end - at)
    return [part for part in parts if part.counted]


def _follows(data: bytes, at: int, header: Header) -> bool:
    """True if another frame of the same kind begins at `at`, or a tag, or the file ends there."""
    if at + 3 > len(data) or _after_tag(data, at) is not None:
        return True
    other = header_of(data[at + 1], data[at + 2]) if data[at] == 255 else None
    return other is not None and other.kind == header.kind


def telling(data: bytes, part: Part) -> bytes:
    """A Xing frame that tells how long a part is, to be put before its frames in place of the one it may have.

    Parameters
    ----------
    data : bytes
        Of the whole file.
    part : Part
    """
    first, _ = part.stretches[0]
    if part.told is not None:  # its own, with a delay to cut off at the beginning: only the counts are mended
        frame = bytearray(data[first : first + part.header.size])
        place = next((p for p in (frame.find(b"Xing"), frame.find(b"Info")) if p > 0), None)
        if place is not None and frame[place + 7] & 1:
            flags, at = frame[place + 7], place + 8
            size = sum(b - a for a, b in part.stretches)
            for flag, value in ((1, part.counted), (2, size)):
                if flags & flag:
                    frame[at : at + 4] = value.to_bytes(4, "big")
                    at += 4
            at += (100 if flags & 4 else 0) + (4 if flags & 8 else 0)
            if part.told > part.counted and frame[at : at + 1].isalpha():
                frame[at + 22 : at + 24] = bytes((frame[at + 22] & 0xF0 | PADDING >> 8, PADDING & 255))
            return bytes(frame)
    # the largest frame of this kind has room for all; no checksum, no padding
    second, third = data[first + 1] | 1, 14 << 4 | data[first + 2] & 0x0C
    header = header_of(second, third)
    assert header is not None
    version = header.kind[0]
    side = (17 if part.mono else 32) if version == 0 else (9 if part.mono else 17)
    frame = bytearray(header.size)
    frame[:4] = bytes((255, second, third, data[first + 3]))
    frame[4 + side : 16 + side] = b"Xing" + (1).to_bytes(4, "big") + part.counted.to_bytes(4, "big")
    return bytes(frame)
