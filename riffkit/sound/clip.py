"""Clip: sound in memory, with loading, saving, and showing itself."""

import contextlib
import io
import json
import math
import os
import struct
import tempfile
import warnings
from pathlib import Path

import numpy as np
import soundfile

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS"), ".mp3": ("MP3", None)}
MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
LOUDEST = 64.0  # float samples beyond this are surely integers that nobody scaled
BLOCK = 65536  # frames read or written at a time


class Clip:
    """Sound: float32 samples and their rate. At the end of a notebook cell it is a picture with a player.

    Parameters
    ----------
    samples : array [shape=(n,) or (channels, n)]
        Floats are taken as they are, full scale is 1; integers are divided by their full scale (int16 by 32768).
    sample_rate : int [Hz]

    Raises
    ------
    TypeError, ValueError
        If there are no samples, or NaN, infinity, a wrong shape, or floats that were never scaled.

    Notes
    -----
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """

    def __init__(self, samples, sample_rate):
        array = np.asarray(samples)
        if array.dtype.kind in "iu":
            info = np.iinfo(array.dtype)
            middle = 0 if info.min < 0 else (info.max + 1) / 2
            array = ((array.astype(np.float64) - middle) / ((info.max + 1) / (1 if info.min < 0 else 2))).astype("f")
        elif array.dtype.kind != "f":
            raise TypeError(f"samples have type {array.dtype}; expected real numbers")
        if array.ndim not in (1, 2):
            raise ValueError(f"samples have shape {array.shape}; expected (n,) or (channels, n)")
        with np.errstate(over="ignore"):
            array = np.atleast_2d(array.astype(np.float32, copy=False))
        if array.size == 0:
            raise ValueError(f"samples have shape {array.shape}; a clip needs at least one sample in one channel")
        if array.shape[0] > 64:
            raise ValueError(f"samples have {array.shape[0]} channels; expected (channels, n), try samples.T")
        loudest = max(abs(float(array.max())), abs(float(array.min())))  # NaN goes through both
        if not math.isfinite(loudest):
            raise ValueError("samples hold NaN or infinity; mend them, for example with np.nan_to_num(samples)")
        if loudest > LOUDEST:
            raise ValueError(f"samples reach {loudest:g}; expected floats within [-1, 1], divide by their full scale")
        if isinstance(sample_rate, bool) or not hasattr(sample_rate, "__index__"):
            if not (isinstance(sample_rate, float) and sample_rate.is_integer()):
                raise TypeError(f"sample_rate is {sample_rate!r}; expected a whole number of Hz")
        if not 1000 <= sample_rate <= 768000:
            raise ValueError(f"sample_rate is {sample_rate} Hz; expected 1000 to 768000")
        self.samples = array
        self.sample_rate = int(sample_rate)

    def __repr__(self):
        channels = {1: "mono", 2: "stereo"}.get(self.n_channels, f"{self.n_channels} channels")
        return f"Clip({self.duration:.2f} s, {channels}, {self.sample_rate} Hz)"

    def _repr_mimebundle_(self, include=None, exclude=None):
        from .show import bundle_for_clip

        return bundle_for_clip(self)

    @property
    def n_channels(self):
        return self.samples.shape[0]

    @property
    def duration(self):
        """Length in seconds."""
        return self.samples.shape[1] / self.sample_rate

    def peak(self):
        """The largest magnitude among the samples (0 for silence)."""
        return max(abs(float(self.samples.max())), abs(float(self.samples.min())))

    def mono(self):
        """The mean of all channels, as a clip of one."""
        return self if self.n_channels == 1 else Clip(self.samples.mean(axis=0, keepdims=True), self.sample_rate)

    def slice(self, start_s, end_s=None):
        """The part from `start_s` to `end_s` seconds (to the end if None); both are rounded to samples.

        Raises
        ------
        ValueError
            If nothing of the clip lies between them.
        """
        end_s = self.duration if end_s is None else end_s
        first, last = max(round(start_s * self.sample_rate), 0), round(end_s * self.sample_rate)
        if start_s < 0 or first >= min(last, self.samples.shape[1]):
            raise ValueError(f"no samples from {start_s} s to {end_s} s; the clip has 0 to {self.duration:.3f} s")
        return Clip(self.samples[:, first:last], self.sample_rate)

    def resample(self, rate):
        """The same sound at another sample rate (Hz), by band-limited interpolation (libsoxr, high quality)."""
        if rate == self.sample_rate:
            return self
        Clip(np.zeros(1, np.float32), rate)  # checks the rate
        import soxr

        channels = [soxr.resample(channel, self.sample_rate, rate, quality="HQ") for channel in self.samples]
        if not len(channels[0]):  # shorter than one sample at the new rate
            channels = [channel[:1] for channel in self.samples]
        return Clip(np.clip(np.stack(channels), -LOUDEST, LOUDEST), rate)

    @classmethod
    def load(cls, path, start=0, duration=None):
        """Read WAV, FLAC, OGG, MP3 and whatever else libsndfile reads; no ffmpeg needed.

        Parameters
        ----------
        path : str or Path
        start : float [>= 0, s]
        duration : float or None [> 0, s]
            How much to read; None reads to the end, and more than there is reads what there is.

        Raises
        ------
        FileNotFoundError, IsADirectoryError
        ValueError
            If the file is no sound, holds none at that place, or holds NaN.
        """
        path = Path(path)
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist (looked in {path.absolute().parent})")
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
        try:
            return cls(samples, rate)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def save(self, path, overwrite=False, metadata=None):
        """Write a .wav, .flac (both 16 bit), .ogg or .mp3 file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its suffix chooses the format.
        overwrite : bool
            Replace an existing file.
        metadata : dict or None
            Kept inside the file as JSON in the comment tag; `read_metadata` reads it back.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        ValueError
            If the format is unknown or cannot hold this clip.
        OSError
            If the disk is full or the folder cannot be written; nothing half-written is left.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise ValueError(f"{path.name!r} ends in {path.suffix!r}; expected one of {', '.join(FORMATS)}")
        with replacing(path, overwrite) as temporary:
            self._write(temporary, path.suffix.lower(), metadata)
        return path

    def to_bytes(self, format="wav"):
        """The clip as the bytes of a file of this format: "wav", "flac", "ogg" or "mp3"."""
        suffix = "." + format.lower().lstrip(".")
        if suffix not in FORMATS:
            raise ValueError(f"format is {format!r}; expected one of wav, flac, ogg, mp3")
        buffer = io.BytesIO()
        self._write(buffer, suffix, None)
        return buffer.getvalue()

    def _write(self, target, suffix, metadata):
        container, subtype = FORMATS[suffix]
        if suffix == ".mp3" and (self.sample_rate not in MP3_RATES or self.n_channels > 2):
            raise ValueError(
                f"MP3 holds one or two channels at {', '.join(map(str, MP3_RATES))} Hz, not {self!r}; "
                "use clip.resample(44100), clip.mono() or another format"
            )
        if suffix == ".flac" and self.n_channels > 8:
            raise ValueError(f"FLAC holds up to 8 channels, not {self.n_channels}; use WAV or clip.mono()")
        peak = self.peak()
        if peak > 1:
            warnings.warn(f"the clip reaches {peak:.3g}, above full scale; it is turned down to fit", stacklevel=4)
        gain = np.float32(1 / max(peak, 1))
        try:
            with soundfile.SoundFile(
                target, "w", self.sample_rate, self.n_channels, format=container, subtype=subtype
            ) as file:
                if metadata is not None and suffix != ".wav":
                    file.comment = json.dumps(metadata)
                for a in range(0, self.samples.shape[1], BLOCK):  # libvorbis overruns its stack on long writes
                    file.write(np.ascontiguousarray((self.samples[:, a : a + BLOCK] * gain).T))
        except (soundfile.SoundFileError, RuntimeError, AssertionError) as error:
            raise OSError(f"could not write {self!r} as {suffix[1:].upper()}: {error or 'is the disk full?'}") from None
        if isinstance(target, (str, Path)):
            written = soundfile.info(str(target)).frames
            if written < self.samples.shape[1]:
                raise OSError(f"only {written} of {self.samples.shape[1]} samples could be written; is the disk full?")
            if metadata is not None and suffix == ".wav":
                _append_comment(target, json.dumps(metadata))


def _append_comment(path, text):
    """Add a LIST/INFO/ICMT chunk to a WAV file (libsndfile drops comments beyond 2 kB)."""
    comment = text.encode() + b"\0"
    comment += b"\0" * (len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b"\0" * (file.tell() % 2) + b"LIST" + struct.pack("<I", len(info)) + info)
        size = file.tell() - 8
        file.seek(4)
        file.write(struct.pack("<I", size))


def _wav_comment(path):
    """The text of a WAV file's LIST/INFO/ICMT chunk, or None."""
    with open(path, "rb") as file:
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


def _read(file, start, duration):
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
def replacing(path, overwrite):
    """A temporary path beside `path` that takes its place if all goes well, and vanishes if not."""
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
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_metadata(path):
    """The dict that `Clip.save` put into a sound file, or None if there is none."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        text = _wav_comment(path)
        if text is None:
            with soundfile.SoundFile(path) as file:
                text = file.comment
        found = json.loads(text)
    except (soundfile.SoundFileError, RuntimeError, ValueError):
        return None
    return found if isinstance(found, dict) else None
