"""Writing samples as sound files, whole or with the true reason why not, and looked at again afterwards."""

import contextlib
import json
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from riffkit.progress import notice
from riffkit.sound.files.parts import parts_of
from riffkit.sound.files.reading import BLOCK
from riffkit.sound.files.texts import ROOM

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS"), ".mp3": ("MP3", None)}
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
LARGEST_WAV = (1 << 32) - (1 << 20)  # bytes: its lengths have 32 bits
FAILED = (soundfile.SoundFileError, RuntimeError, AssertionError)  # what soundfile raises


def write_samples(
    target: str | Path | BinaryIO,
    samples: np.ndarray,
    sample_rate: int,
    suffix: str,
    metadata: dict[str, Any] | None = None,
) -> None:
    """Write samples as an audio file of the format that `suffix` names (a key of `FORMATS`).

    Parameters
    ----------
    target : str, Path or binary file
    samples : np.ndarray [shape=(channels, n), float32]
        Beyond full scale they are turned down, with a warning.
    sample_rate : int [Hz]
    suffix : str
    metadata : dict, optional
        Kept as JSON in the comment tag; only where `target` is a path.

    Raises
    ------
    ValueError
        If the format cannot hold these samples, or this metadata.
    OSError
        If the disk is full or the target cannot be written.
    """
    n_channels, n = samples.shape
    what = f"{n_channels} channels of {n / sample_rate:.2f} s at {sample_rate} Hz as {suffix[1:].upper()}"
    container, subtype = FORMATS[suffix]
    text = None if metadata is None else json.dumps(metadata)
    check_fits(samples, sample_rate, suffix, text)
    peak = max(abs(float(samples.max())), abs(float(samples.min())))
    if peak > 1:
        notice(f"the clip reaches {peak:.3g}, above full scale; it is turned down to fit")
    gain = np.float32(1 / max(peak, 1))
    is_path = isinstance(target, (str, os.PathLike))
    with contextlib.ExitStack() as stack:
        plain = stack.enter_context(Path(target).open("w+b", 0)) if is_path else target  # type: ignore[arg-type]
        file = _Watched(plain)  # type: ignore[arg-type]
        try:
            with soundfile.SoundFile(file, "w", sample_rate, n_channels, format=container, subtype=subtype) as sound:
                if text is not None and suffix != ".wav":
                    sound.comment = text
                for a in range(0, n, BLOCK):  # libvorbis overruns its stack on long writes
                    sound.write(np.ascontiguousarray((samples[:, a : a + BLOCK] * gain).T))
                    file.check(what)
        except FAILED as error:
            file.check(what)
            raise OSError(f"could not write {what}: {error or 'is the disk full?'}") from None
        file.check(what)
        if is_path and text is not None and suffix == ".wav":
            _append_comment(file, text)
            file.check(what)
        if is_path:
            _look_again(plain, n, what)  # type: ignore[arg-type]


def write_bytes(path: str | Path, data: bytes | memoryview) -> None:
    """Write `data` into the file at `path`, and read it back.

    Raises
    ------
    OSError
        If the disk is full, or other bytes come back.
    """
    with Path(path).open("w+b", 0) as plain:
        file = _Watched(plain)
        file.write(data)
        file.check(f"{len(data):,} bytes")
        plain.seek(0)
        same = all(plain.read(BLOCK) == data[a : a + BLOCK] for a in range(0, len(data), BLOCK))
        if not same or plain.read(1):
            raise OSError(f"the {len(data):,} bytes that were written do not come back; is the disk full?")


def check_fits(samples: np.ndarray, sample_rate: int, suffix: str, text: str | None = None) -> None:
    """Raise the ValueError that says why a format cannot hold `samples` at `sample_rate`, or the JSON `text`."""
    n_channels, n = samples.shape
    if suffix == ".mp3" and (sample_rate not in MP3_RATES or n_channels > 2):
        what = f"{n_channels} channels of {n / sample_rate:.2f} s at {sample_rate} Hz"
        raise ValueError(
            f"MP3 holds one or two channels at {', '.join(map(str, MP3_RATES))} Hz, not {what}; "
            "use clip.resample(44100), clip.mono() or another format"
        )
    if suffix == ".flac" and n_channels > 8:
        raise ValueError(f"FLAC holds up to 8 channels, not {n_channels}; use WAV or clip.mono()")
    if suffix == ".wav" and 2 * n_channels * n + len(text or "") > LARGEST_WAV:
        raise ValueError(f"WAV holds up to 4 GB, not {n / sample_rate:.0f} s of {n_channels} channels; use FLAC or OGG")
    if text is not None and len(text) > ROOM[suffix]:
        raise ValueError(
            f"{suffix[1:].upper()} carries up to {ROOM[suffix]:,} bytes of metadata, not {len(text):,}; use WAV or OGG"
            ", or leave it out"
        )


def _append_comment(file: "_Watched", text: str) -> None:
    """Add a LIST/INFO/ICMT chunk to a WAV file (libsndfile drops comments beyond 2 kB)."""
    comment = text.encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    file.seek(0, os.SEEK_END)
    file.write(b"\0" * (file.tell() % 2) + b"LIST" + struct.pack("<I", len(info)) + info)
    size = file.tell() - 8
    file.seek(4)
    file.write(struct.pack("<I", size))


def _look_again(file: BinaryIO, n: int, what: str) -> None:
    """Read the end of a file back that should hold `n` samples.

    Raises
    ------
    OSError
        If they are not there.
    """
    file.seek(0)
    try:
        with soundfile.SoundFile(_Watched(file)) as sound:
            frames = sound.frames
            sound.seek(max(min(frames, n) - 1, 0))
            end = len(sound.read(1, dtype="float32"))
    except FAILED as error:
        raise OSError(f"{what} were written, but cannot be read back ({error})") from None
    parts = parts_of(file)
    if frames < n or end < 1 or parts.files or parts.notes:
        raise OSError(f"only {frames if end else 'a part'} of {n} samples could be written; is the disk full?")


class _Watched:
    """A file as soundfile needs it. The first error of writing is kept: libsndfile would only call it "System error".

    Parameters
    ----------
    file : binary file
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None
        self.seek, self.tell, self.read = file.seek, file.tell, file.read

    def write(self, data: bytes | memoryview) -> int:
        """Write `data`; 0 if that fails."""
        rest = memoryview(data)
        while self._error is None and len(rest):
            try:
                rest = rest[self._file.write(rest) :]  # a full disk takes a part, and refuses the next
            except OSError as error:
                self._error = error
        return len(data) - len(rest)

    def check(self, what: str) -> None:
        """Raise the OSError that was kept, if there is one."""
        if self._error is not None:
            number, reason = self._error.errno, self._error.strerror or self._error
            raise OSError(number, f"could not write {what}: {reason}")
