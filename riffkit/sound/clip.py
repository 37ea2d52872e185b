"""Clip: audio samples with their sample rate; loads, saves and shows itself."""

import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from riffkit.progress import notice
from riffkit.sound.files import FORMATS, check_fits, fitting, quoted, read_samples, replacing, write_samples

CANCELLED = 0.01  # of the power of its channels that a mean has at least, unless they cancel each other: -20 dB
LOUDEST = 64.0  # float samples beyond this are surely integers that nobody scaled


class Clip:
    """Sound: float32 samples and their rate. At the end of a notebook cell it is a picture with a player.

    Parameters
    ----------
    samples : array [shape=(n,) or (channels, n)]
        Floats are taken as they are, full scale is 1; integers are divided by their full scale (int16 by 32768).
    sample_rate : int [1000..768000, Hz]

    Attributes
    ----------
    samples : np.ndarray [shape=(channels, n), float32]
    sample_rate : int [Hz]

    Raises
    ------
    TypeError, ValueError
        If there are no samples, or NaN, infinity, a wrong shape, or floats that were never scaled.

    Notes
    -----
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """

    def __init__(self, samples: npt.ArrayLike, sample_rate: float) -> None:
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
        whole = isinstance(sample_rate, float) and sample_rate.is_integer()
        if isinstance(sample_rate, bool) or not (whole or hasattr(sample_rate, "__index__")):
            raise TypeError(f"sample_rate is {sample_rate!r}; expected a whole number of Hz")
        if not 1000 <= sample_rate <= 768000:
            raise ValueError(f"sample_rate is {sample_rate} Hz; expected 1000 to 768000")
        self.samples = array
        self.sample_rate = int(sample_rate)

    def __repr__(self) -> str:
        channels = {1: "mono", 2: "stereo"}.get(self.n_channels, f"{self.n_channels} channels")
        return f"Clip({self.duration:.2f} s, {channels}, {self.sample_rate} Hz)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from riffkit.sound.display import bundle_for_clip, show_pictures  # which is built on clips

        show_pictures()
        return bundle_for_clip(self)

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return self.samples.shape[0]

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples.shape[1] / self.sample_rate

    def peak(self) -> float:
        """The largest magnitude among the samples (0 for silence)."""
        return max(abs(float(self.samples.max())), abs(float(self.samples.min())))

    def mono(self) -> "Clip":
        """The mean of all channels; where they cancel each other the loudest one, with a warning."""
        if self.n_channels == 1:
            return self
        mean = self.samples.mean(axis=0, keepdims=True)
        if cancelled(_power(mean), _power(self.samples) / self.n_channels):
            side = louder_side([self.samples])
            mean = self.samples[side : side + 1]
        return Clip(mean, self.sample_rate)

    def slice(self, start_s: float, end_s: float | None = None) -> "Clip":
        """The part between two times, both rounded to samples.

        Parameters
        ----------
        start_s : float [>= 0, s]
        end_s : float or None [> start_s, s]
            None is the end; more than there is ends there too.

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

    def resample(self, rate: int) -> "Clip":
        """The same sound at another sample rate, by band-limited interpolation (libsoxr, high quality).

        Parameters
        ----------
        rate : int [1000..768000, Hz]
        """
        if rate == self.sample_rate:
            return self
        Clip(np.zeros(1, np.float32), rate)  # checks the rate
        import soxr

        resampled = np.empty((self.n_channels, 0), np.float32)
        for i, channel in enumerate(self.samples):
            new = soxr.resample(channel, self.sample_rate, rate, quality="HQ")
            new = new if len(new) else channel[:1]  # shorter than one sample at the new rate
            if i == 0:
                resampled = np.empty((self.n_channels, len(new)), np.float32)
            np.clip(new, -LOUDEST, LOUDEST, out=resampled[i])
        return Clip(resampled, rate)

    @classmethod
    def load(
        cls, path: str | Path, start: float = 0, duration: float | None = None, *, longest: float | None = None
    ) -> Self:
        """Read WAV, FLAC, OGG, MP3 and whatever else libsndfile reads; no ffmpeg needed.

        MPEG frames are counted, files that were joined end to end are read to the last end, and what is left out of a
        damaged file is said.

        Parameters
        ----------
        path : str or Path
        start : float [>= 0, s]
        duration : float or None [> 0, s]
            How much to read; None reads to the end, and more than there is reads what there is.
        longest : float or None [s]
            What may be read at once, counted as stereo at 48 kHz. None takes six hours, and refuses what unpacks to far
            more than its file makes likely.

        Raises
        ------
        FileNotFoundError, IsADirectoryError
        ValueError
            If the file is no sound, holds none at that place, or holds NaN; or is longer than `longest`.
        """
        samples, rate = read_samples(path, start, duration, longest=longest)
        try:
            return cls(samples, rate)
        except ValueError as error:
            raise ValueError(f"{quoted(path)}: {error}") from None

    def save(self, path: str | Path, overwrite: bool = False, metadata: dict[str, Any] | None = None) -> Path:
        """Write a .wav, .flac (both 16 bit), .ogg or .mp3 file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Its suffix chooses the format.
        overwrite : bool
            Replace an existing file.
        metadata : dict or None
            Kept inside the file as JSON in the comment tag; `read_metadata` reads it back.

        Returns
        -------
        Path
            With the stem cut, and a warning, where the disk takes no name so long.

        Raises
        ------
        FileExistsError
            If the file exists and `overwrite` is False.
        ValueError
            If the format is unknown or cannot hold this clip, or so much metadata.
        OSError
            If the disk is full or the folder cannot be written; nothing half-written is left.
        """
        path = Path(path)
        if path.suffix.lower() not in FORMATS:
            raise ValueError(f"{path.name!r} ends in {path.suffix!r}; expected one of {', '.join(FORMATS)}")
        text = None if metadata is None else json.dumps(metadata)
        check_fits(self.samples, self.sample_rate, path.suffix.lower(), text)
        path = fitting(path)
        with replacing(path, overwrite) as temporary:
            write_samples(temporary, self.samples, self.sample_rate, path.suffix.lower(), metadata)
        return path

    def to_bytes(self, format: str = "wav") -> bytes:
        """The clip as the bytes of a file of this `format`: "wav", "flac", "ogg" or "mp3"."""
        suffix = "." + format.lower().lstrip(".")
        if suffix not in FORMATS:
            raise ValueError(f"format is {format!r}; expected one of wav, flac, ogg, mp3")
        buffer = io.BytesIO()
        write_samples(buffer, self.samples, self.sample_rate, suffix)
        return buffer.getvalue()


Sound = Clip | str | Path  # wherever a clip is taken, so is the path of one


def clip_of(value: Sound) -> Clip:
    """A clip as it is, or the one in a file.

    Parameters
    ----------
    value : Clip, str or Path

    Raises
    ------
    TypeError
        If it is neither; otherwise as `Clip.load`.
    """
    if isinstance(value, Clip):
        return value
    if isinstance(value, (str, Path)):
        return Clip.load(value)
    raise TypeError(
        f"expected a Clip or the path of a sound file, got {type(value).__name__}; "
        "use Clip.load(path) or Clip(samples, sample_rate)"
    )


def cancelled(mean: float, channels: float) -> bool:
    """True if the mean of channels is 20 dB below them: they are opposite, as of a mis-wired cable.

    Parameters
    ----------
    mean : float
        Power of the mean of all channels.
    channels : float
        Mean of the powers of the channels.
    """
    return mean < CANCELLED * channels


def louder_side(blocks: Iterable[np.ndarray]) -> int:
    """The loudest channel of those that cancel each other, which is said.

    Parameters
    ----------
    blocks : iterable of np.ndarray [shape=(channels, n)]
    """
    powers = sum(np.square(block, dtype=np.float64).sum(axis=1) for block in blocks)
    side = int(np.argmax(powers))
    notice(f"the channels cancel each other in their mean; channel {side + 1} of {np.size(powers)} is taken alone")
    return side


def _power(samples: np.ndarray) -> float:
    """The sum of all squares, a stretch at a time."""
    step = 1 << 20
    return sum(
        float(np.square(samples[:, a : a + step], dtype=np.float64).sum()) for a in range(0, samples.shape[1], step)
    )
