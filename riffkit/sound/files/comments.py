"""The dict that travels in the tags of a sound file, found wherever a tagger, an editor or ffmpeg put it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from riffkit.progress import notice
from riffkit.sound.files.chunks import OUTER, texts_of
from riffkit.sound.files.id3 import comments_of, tag_size
from riffkit.sound.files.kinds import head_of
from riffkit.sound.files.opening import opened, quoted
from riffkit.sound.files.texts import LONGEST_TEXT, dict_of


def read_metadata(path: str | Path) -> dict[str, Any] | None:
    """Read the dict that `Clip.save` put into a WAV, FLAC, OGG or MP3 file.

    It is found in whatever tag of the file it stands: RIFF's LIST/INFO, Vorbis comments (COMMENT, DESCRIPTION), ID3's
    COMM and TXXX, so that it outlives ffmpeg, Audacity and taggers.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict or None
        None if there is none, or the file is no sound.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
    """
    with opened(path, "a sound file") as file:
        try:
            for text in _texts(file, head_of(file)):
                found = dict_of(text)
                if found is not None:
                    return found
        except Exception as error:  # mutagen raises many kinds on damaged tags
            notice(f"the tags of {quoted(path)} cannot be read ({type(error).__name__}); taken as if there were none")
    return None


def _texts(file: BinaryIO, head: bytes) -> Iterator[str]:
    """Every text in the tags of a sound file."""
    if head[:4] in OUTER:
        for raw in texts_of(file, LONGEST_TEXT):
            yield from comments_of(raw) if raw.startswith(b"ID3") else (raw.decode(errors="replace"),)
    elif head[:4] in (b"fLaC", b"OggS"):
        yield from _of_vorbis(file, head)
    elif head[:3] == b"ID3":
        size = tag_size(head)
        if size <= LONGEST_TEXT:
            yield from comments_of(file.read(size))
        file.seek(size)
        if file.read(4) == b"fLaC":  # a tagger put an ID3 tag before it
            yield from _of_vorbis(file, b"fLaC")


def _of_vorbis(file: BinaryIO, head: bytes) -> Iterator[str]:
    from mutagen import MutagenError
    from mutagen.flac import FLAC
    from mutagen.oggflac import OggFLAC
    from mutagen.oggopus import OggOpus
    from mutagen.oggvorbis import OggVorbis

    for kind in (FLAC,) if head[:4] == b"fLaC" else (OggVorbis, OggOpus, OggFLAC):
        file.seek(0)
        with contextlib.suppress(MutagenError):
            tags: Any = kind(file).tags
            yield from (value for _, value in tags or ())
