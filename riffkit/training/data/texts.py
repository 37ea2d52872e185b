"""Text as people have it: read whatever it is encoded in, cleaned of what no caption holds, and safe to show."""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes

LARGEST = 256 << 20  # bytes of a file of captions
# A few letters beyond ASCII among many within it are Western: a guess from so few is wrong more often than right.
WESTERN, FEW = "cp1252", 0.2
USUAL = ["cp1250", "cp1251", "cp1252", "cp1253", "cp932", "euc_jp", "gb18030", "big5", "euc_kr", "koi8_r", "mac_roman"]


class Decoded(NamedTuple):
    """A text, and what is to be said of its encoding (empty for UTF-8)."""

    text: str
    note: str


def read_text(path: Path) -> Decoded:
    """Decode the text file at `path`: UTF-8 or UTF-16 where it is that, else what it looks like.

    Raises
    ------
    ValueError
        If it is no text, or too large for one.
    OSError
        If it cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it has {path.stat().st_size >> 20} MB; expected captions, {LARGEST >> 20} MB at most")
    data = path.read_bytes()
    for encoding in _marked(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return Decoded(text, "" if encoding == "utf-8-sig" else f"it is not UTF-8, and was read as {encoding}")
    western = sum(byte > 127 for byte in data) < FEW * len(data)
    found = None if b"\0" in data else from_bytes(data, cp_isolation=[WESTERN] if western else USUAL).best()
    if found is None:
        raise ValueError("it is no text in an encoding that is known; save it as UTF-8")
    wrong = "; where its letters are wrong, save it as UTF-8"
    return Decoded(str(found), f"it is not UTF-8, and was read as {found.encoding}{wrong}")


def _marked(data: bytes) -> list[str]:
    """Encodings to try, by the mark that a text begins with, or the zeros that UTF-16 is full of."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    even, odd = data[::2].count(0), data[1::2].count(0)
    return ["utf-8-sig", *(["utf-16-le" if odd > even else "utf-16-be"] if even + odd > len(data) // 4 else [])]


def clean(text: str) -> str:
    """Clean `text` that becomes a caption or a name: one line, no control characters, no halves of characters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", whole).split())


def shown(text: str) -> str:
    """Escape what a terminal would obey rather than show: control characters in `text`, and turned directions."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
