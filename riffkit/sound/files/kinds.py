"""What a file is by its first bytes, whatever its name says, and what to do with one that cannot be read."""

import shlex
from pathlib import Path
from typing import BinaryIO

from riffkit.sound.files.opening import names_file

PICTURE_SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")  # what is written; more is read
HEAD = 64  # bytes that are looked at

PICTURES = {
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"8BPS": "a Photoshop picture",
}
SOUNDS = {b"fLaC": "FLAC", b"OggS": "OGG", b"RIFX": "WAV", b"RF64": "WAV", b"caff": "CAF", b".snd": "AU", b"ID3": "MP3"}
OTHERS = {
    b"\x30\x26\xb2\x75": "WMA",
    b"\x1a\x45\xdf\xa3": "Matroska or WebM",
    b"#!AMR": "AMR",
    b"MAC ": "Monkey's Audio",
    b"wvPk": "WavPack",
    b"MThd": "MIDI (notes, not sound)",
    b"FLV": "Flash video",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF document",
    b"<!DOCTYPE": "a web page",
    b"<!doctype": "a web page",
    b"<html": "a web page",
}
CONVERTIBLE = ("WMA", "Matroska or WebM", "AMR", "Monkey's Audio", "WavPack", "Flash video")


def head_of(file: BinaryIO) -> bytes:
    """The first bytes of an open `file`, which stands at its beginning afterwards."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return head


def kind_of(head: bytes) -> tuple[str, str]:
    """Tell what a file is by its first bytes.

    Parameters
    ----------
    head : bytes
        Some 64 of them.

    Returns
    -------
    kind, name : str
        "picture", "sound" (which libsndfile reads), "converted" (sound that ffmpeg can convert), "other" or "unknown";
        and what people call it.
    """
    if not head:
        return "other", "empty (0 bytes)"
    if head[8:12] == b"WEBP" and head[:4] == b"RIFF":
        return "picture", "a WEBP picture"
    if head[4:8] == b"ftyp":
        picture = head[8:12] in (b"avif", b"avis", b"heic", b"heix", b"mif1")
        return ("picture", "an AVIF or HEIC picture") if picture else ("converted", "M4A or MP4 (AAC)")
    if head[:4] in (b"RIFF", b"FORM"):
        return "sound", "WAV" if head[:4] == b"RIFF" else "AIFF"
    for kind, names in (("picture", PICTURES), ("sound", SOUNDS), ("other", OTHERS)):
        for magic, name in names.items():
            if head.startswith(magic):
                return ("converted" if name in CONVERTIBLE else kind), name
    if head[0] == 0xFF and len(head) > 1 and head[1] & 0xE0 == 0xE0:
        return ("sound", "MP3") if head[1] & 0x06 else ("converted", "AAC")  # layer 0 marks an ADTS stream
    return "unknown", "none of the kinds riffkit knows"


def is_picture(path: str | Path) -> bool:
    """True if the file at `path` is a picture by its first bytes, or by its name where those say nothing."""
    if not names_file(path):
        return False
    with Path(path).open("rb") as file:
        kind, _ = kind_of(head_of(file))
    return kind == "picture" or (kind == "unknown" and Path(path).suffix.lower() in PICTURE_SUFFIXES)


def advice_for(path: Path, head: bytes, reason: str) -> str:
    """What to tell whoever gave a file as sound that cannot be read as such.

    Parameters
    ----------
    path : Path
    head : bytes
        The first bytes.
    reason : str
        What the decoder says.
    """
    kind, name = kind_of(head)
    if kind == "picture":
        return f"it is {name}; riffkit.decode(path), or `riffkit decode`, plays spectrogram pictures"
    if kind == "other":
        return f"it is {name}; expected WAV, FLAC, OGG or MP3"
    if kind == "sound":
        reason = f"it begins as {name}, but {reason[:1].lower()}{reason[1:]}"
    said = f"it is {name}" if kind == "converted" else reason
    target = f"{path.stem}-converted.wav" if path.suffix.lower() == ".wav" else f"{path.stem}.wav"
    words = [name if not name.startswith("-") else f"./{name}" for name in (path.name, target)]
    return (
        f"{said}; expected WAV, FLAC, OGG or MP3. Other formats can be converted first, "
        f"for example: ffmpeg -i {shlex.quote(words[0])} {shlex.quote(words[1])}"
    )
