"""Audio files: reading and writing samples, the metadata inside, and writing a file whole or not at all."""

import contextlib
import json
import math
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soundfile

from riffkit.progress import notice

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS"), ".mp3": ("MP3", None)}
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
BLOCK = 65536  # frames read or written at a time


def existing(path: str | Path) -> Path:
    """`path` as a Path, or the FileNotFoundError that says where it was looked for."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist (looked in {path.absolute().parent})")
    return path


def read_samples(path: str | Path, start: float = 0, duration: float | None = None) -> tuple[np.ndarray, int]:
    """Read samples and sample rate of an audio file that libsndfile reads; errors as in `Clip.load`.

    Parameters
    ----------
    path : str or Path
    start : float [>= 0, s]
    duration : float or None [> 0, s]
        None reads to the end.

    Returns
    -------
    samples : np.ndarray [shape=(channels, n), float32]
    sample_rate : int [Hz]
    """
    path = existing(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected a sound file")
    if not (isinstance(start, (int, float)) and 0 <= start < math.inf):
        raise ValueError(f"start is {start!r}; expected seconds from 0")
    if duration is not None and not (isinstance(duration, (int, float)) and 0 < duration < math.inf):
        raise ValueError(f"duration is {duration!r}; expected seconds above 0, or None for all")
    try:
        with soundfile.SoundFile(path) as file:
            samples, rate = _read(file, start, duration), file.samplerate
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise ValueError(
            f"cannot read {path} as sound ({error}); expected WAV, FLAC, OGG or MP3. "
            f"Other formats can be converted first, for example: ffmpeg -i {path.name} {path.stem}.wav"
        ) from None
    if samples.shape[1] == 0:
        raise ValueError(f"{path} holds no samples from {start} s on")
    return samples, rate


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
        If the format cannot hold these samples.
    OSError
        If the disk is full or the target cannot be written.
    """
    n_channels, n = samples.shape
    what = f"{n_channels} channels of {n / sample_rate:.2f} s at {sample_rate} Hz"
    container, subtype = FORMATS[suffix]
    if suffix == ".mp3" and (sample_rate not in MP3_RATES or n_channels > 2):
        raise ValueError(
            f"MP3 holds one or two channels at {', '.join(map(str, MP3_RATES))} Hz, not {what}; "
            "use clip.resample(44100), clip.mono() or another format"
        )
    if suffix == ".flac" and n_channels > 8:
        raise ValueError(f"FLAC holds up to 8 channels, not {n_channels}; use WAV or clip.mono()")
    peak = max(abs(float(samples.max())), abs(float(samples.min())))
    if peak > 1:
        notice(f"the clip reaches {peak:.3g}, above full scale; it is turned down to fit")
    gain = np.float32(1 / max(peak, 1))
    try:
        with soundfile.SoundFile(target, "w", sample_rate, n_channels, format=container, subtype=subtype) as file:
            if metadata is not None and suffix != ".wav":
                file.comment = json.dumps(metadata)
            for a in range(0, n, BLOCK):  # libvorbis overruns its stack on long writes
                file.write(np.ascontiguousarray((samples[:, a : a + BLOCK] * gain).T))
    except (soundfile.SoundFileError, RuntimeError, AssertionError) as error:
        raise OSError(f"could not write {what} as {suffix[1:].upper()}: {error or 'is the disk full?'}") from None
    if isinstance(target, (str, Path)):
        written = soundfile.info(str(target)).frames
        if written < n:
            raise OSError(f"only {written} of {n} samples could be written; is the disk full?")
        if metadata is not None and suffix == ".wav":
            _append_comment(target, json.dumps(metadata))


def _append_comment(path: str | Path, text: str) -> None:
    """Add a LIST/INFO/ICMT chunk to a WAV file (libsndfile drops comments beyond 2 kB)."""
    comment = text.encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    with Path(path).open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b"\0" * (file.tell() % 2) + b"LIST" + struct.pack("<I", len(info)) + info)
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))


def _wav_comment(path: Path) -> str | None:
    """The text of a WAV file's LIST/INFO/ICMT chunk, or None."""
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return None
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, size = head[:4], struct.unpack("<I", head[4:])[0]
            if name == b"LIST":
                content = file.read(min(size, 1 << 24))
                if content[:8] == b"INFOICMT":
                    return content[12:].rstrip(b"\0").decode(errors="replace")
            else:
                file.seek(size + size % 2, os.SEEK_CUR)
    return None


def _read(file: soundfile.SoundFile, start: float, duration: float | None) -> np.ndarray:
    """Samples of an open file, block by block, shape (channels, n)."""
    first = round(start * file.samplerate)
    wanted = None if duration is None else max(round(duration * file.samplerate), 1)
    if first >= file.frames:
        return np.zeros((file.channels, 0), np.float32)
    if first:
        file.seek(first)
    expected = file.frames - first if wanted is None else min(wanted, file.frames - first)
    try:
        samples = np.empty((file.channels, expected), np.float32)
    except (MemoryError, ValueError):  # a header may claim anything
        raise ValueError(
            f"the file claims {file.frames} samples, more than fit in memory; use start and duration"
        ) from None
    n = 0
    while n < expected:
        block = file.read(min(BLOCK, expected - n), dtype="float32", always_2d=True)
        if not len(block):
            break
        samples[:, n : n + len(block)] = block.T
        n += len(block)
    return samples[:, :n]


@contextlib.contextmanager
def replacing(path: str | Path, overwrite: bool) -> Iterator[str]:
    """Write a file whole or not at all: a temporary path that takes the place of `path` if all goes well.

    Parameters
    ----------
    path : str or Path
    overwrite : bool
        Replace an existing file.

    Yields
    ------
    str
        Lies beside `path`, and vanishes if something is raised.

    Raises
    ------
    FileExistsError
        If the file exists and `overwrite` is False.
    IsADirectoryError, FileNotFoundError
        If `path` is a folder, or its folder is not there.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; pass overwrite=True to replace it")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; expected a file name")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"the folder {path.absolute().parent} does not exist; make it first")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.absolute().parent)
    os.close(handle)
    try:
        yield temporary
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise


@contextlib.contextmanager
def replacing_folder(path: str | Path, overwrite: bool) -> Iterator[Path]:
    """Write a whole folder beside `path`, which takes its place if all goes well and vanishes if not.

    Parameters
    ----------
    path : str or Path
    overwrite : bool
        Replace a folder of that name; otherwise it is refused.

    Yields
    ------
    Path
        An empty folder; what a killed call left of it is gone.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; name a new folder")
    new, old = path.with_name(f".{path.name}.new"), path.with_name(f".{path.name}.old")
    if old.exists() and not path.exists():  # killed between the two renames
        old.replace(path)
    for left_over in (new, old):
        shutil.rmtree(left_over, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        if path.exists():
            path.replace(old)
        new.replace(path)
    finally:
        for left_over in (new, old):
            shutil.rmtree(left_over, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_metadata(path: str | Path) -> dict[str, Any] | None:
    """Read the dict that `Clip.save` put into a WAV, FLAC, OGG or MP3 file.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    dict or None
        None if there is none, or the file is no sound.

    Raises
    ------
    FileNotFoundError
    """
    path = existing(path)
    try:
        text = _wav_comment(path)
        if text is None:
            with soundfile.SoundFile(path) as file:
                text = file.comment
        found = json.loads(text)
    except (soundfile.SoundFileError, RuntimeError, ValueError):
        return None
    return found if isinstance(found, dict) else None
