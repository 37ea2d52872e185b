"""Comments in ID3 tags (COMM and TXXX), each byte looked at once.

mutagen reads them too, but copies what is left of the tag for every frame: a megabyte of tiny frames takes minutes. A
compressed frame of a few bytes becomes as large as somebody likes: those are passed over, as encrypted ones are.

References
----------
M. Nilsson, "ID3 tag version 2.4.0" and 2.3.0, 2.2.0, id3.org.
"""

from collections.abc import Iterator

ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
MOST = 20_000  # frames that are looked at
COMMENTS = (b"COMM", b"COM", b"TXXX", b"TXX")


def tag_size(head: bytes) -> int:
    """How long the tag is that begins with `head`, its own 10 bytes included; 0 if it is none [bytes]."""
    if head[:3] != b"ID3" or len(head) < 10 or max(head[6:10]) > 127:
        return 0
    return 10 + _syncsafe(head[6:10]) + (10 if head[5] & 16 else 0)


def comments_of(tag: bytes) -> Iterator[str]:
    """Texts of the comments in a tag.

    Parameters
    ----------
    tag : bytes
        From b"ID3" on; may be cut.
    """
    if not tag_size(tag[:10]):
        return
    version, flags, end = tag[3], tag[5], min(len(tag), tag_size(tag[:10]))
    if version not in (2, 3, 4):
        return
    if flags & 0x80 and version < 4:  # 2.4 marks each frame
        tag = tag[:10] + tag[10:end].replace(b"\xff\x00", b"\xff")
        end = len(tag)
    at = 10
    if flags & 0x40 and version > 2:  # an extended header; its length counts itself in 2.4 only
        at += _syncsafe(tag[at : at + 4]) if version == 4 else 4 + int.from_bytes(tag[at : at + 4], "big")
    letters, head = (3, 6) if version == 2 else (4, 10)
    for _ in range(MOST):
        if at + head >= end or tag[at] == 0:  # zeros fill the end
            return
        name = tag[at : at + letters]
        number = tag[at + letters : at + 2 * letters]
        size = _syncsafe(number) if version == 4 and max(number) < 128 else int.from_bytes(number, "big")
        kind = tag[at + 9] if version > 2 else 0
        if name in COMMENTS and at + head + size <= end:
            text = _text_of(name, kind, version, tag[at + head : at + head + size])
            if text is not None:
                yield text
        at += head + size


def _text_of(name: bytes, flags: int, version: int, frame: bytes) -> str | None:
    packed = (0x08 | 0x04) if version == 4 else (0x80 | 0x40)
    if flags & packed:
        return None
    if version == 4:
        frame = frame[4:] if flags & 1 else frame
        frame = frame.replace(b"\xff\x00", b"\xff") if flags & 2 else frame
    encoding = ENCODINGS.get(frame[0]) if frame else None
    if encoding is None:
        return None
    body = frame[4:] if name.startswith(b"COM") else frame[1:]  # the language has three letters
    if encoding.startswith("utf-16"):
        cut = next((i for i in range(0, min(len(body), 4096), 2) if body[i : i + 2] == b"\0\0"), None)
        text = None if cut is None else body[cut + 2 :]
    else:
        text = body.partition(b"\0")[2] or None
    return None if text is None else text.decode(encoding, "replace").rstrip("\0")


def _syncsafe(number: bytes) -> int:
    value = 0
    for byte in number:
        value = value << 7 | byte & 127
    return value
