"""Sound files of anybody's, read a block at a time: the one reader that all of riffkit uses."""

import contextlib
import io
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import soundfile

from riffkit.progress import notice
from riffkit.sound.files.chunks import size_of
from riffkit.sound.files.kinds import advice_for, head_of
from riffkit.sound.files.opening import Stretch, opened, quoted
from riffkit.sound.files.parts import opened_part, parts_of

BLOCK = 65536  # frames read at a time, of one or two channels
FLAC_BLOCK = 4096  # of FLAC: a damaged one is read as far as it is right
MOST_CHANNELS = 64
LONGEST = 6 * 3600.0  # seconds of stereo at 48 kHz that are read unless told otherwise
BOMB = 250  # times as large as its file: no music packs as well
HARMLESS = 256 << 20  # bytes that a file may unpack to, however small it is
ENDLESS = 1 << 48  # samples that libsndfile tells where it does not know
LAST_PAGE = 6  # seconds that a page of an OGG holds at most: 255 packets of 1024 samples, as a rule
RESERVOIR = 16 * 1152  # samples of an MP3 before the frame that is wanted
FAILED = (soundfile.SoundFileError, RuntimeError, TypeError, OverflowError)  # what soundfile raises


class SoundReader:
    """An open sound file: its length counted, not guessed, and files joined end to end read as one.

    Parameters
    ----------
    path : str, Path or binary file
    quiet : bool
        Say nothing of what is left out: whoever reads it again said so.

    Attributes
    ----------
    sample_rate : int [Hz]
    n_channels : int
    n_samples : int
        Of each channel; a damaged file may end before.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
    ValueError
        If it is no sound.
    """

    def __init__(self, path: str | Path | BinaryIO, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._stack = contextlib.ExitStack()
        if isinstance(path, (str, os.PathLike)):
            self.name = quoted(path)
            self._path: Path | None = Path(path)
            self._file = self._stack.enter_context(opened(path, "a sound file"))
        else:
            self.name, self._path, self._file = "the sound", None, path
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise

    def _open(self) -> None:
        head = head_of(self._file)
        parts = parts_of(self._file)
        self._n_bytes = size_of(self._file)
        self._file.seek(0)  # from where libsndfile goes on; nobody else may move it from here on
        self._sounds: list[soundfile.SoundFile] = []
        try:
            whole: list[list[Stretch] | None] = list(parts.files) or [None]
            if parts.enough:
                plain = self._stack.enter_context(self._decoder(self._file))
                if plain.frames >= parts.enough:  # guessed, but not too little
                    self._sounds, whole = [plain], []
            for stretches in whole:
                file = self._file if stretches is None else opened_part(self._file, stretches)
                self._sounds.append(self._stack.enter_context(self._decoder(file)))
        except FAILED as error:
            if self._sounds:  # of several
                self._tell(f"{self.name}: what was joined to its end cannot be read ({_without_name(error)})")
            else:
                path = self._path or Path("sound")
                raise ValueError(
                    f"cannot read {self.name} as sound: {advice_for(path, head, _without_name(error))}"
                ) from None
        for note in parts.notes:
            self._tell(f"{self.name}: {note}")
        first = self._sounds[0]
        self.sample_rate, self.n_channels = int(first.samplerate), int(first.channels)
        fitting = [s for s in self._sounds if (s.samplerate, s.channels) == (first.samplerate, first.channels)]
        if len(fitting) < len(self._sounds):
            left = sum(s.frames / max(s.samplerate, 1) for s in self._sounds if s not in fitting)
            self._tell(f"{self.name}: {left:.1f} s at its end have another rate or other channels; they are left out")
        self._sounds = fitting
        self.n_samples = sum(int(s.frames) for s in fitting if 0 < s.frames < ENDLESS)
        if not 1 <= self.n_channels <= MOST_CHANNELS or self.sample_rate < 1:
            raise ValueError(
                f"{self.name} claims {self.n_channels} channels at {self.sample_rate} Hz; expected 1 to {MOST_CHANNELS}"
            )

    def _decoder(self, file: BinaryIO) -> soundfile.SoundFile:
        try:
            sound = soundfile.SoundFile(_Nameless(file))
            if sound.format in ("MP3", "FLAC"):
                # after each read soundfile seeks to where it is, upon which libmpg123 mutes the frames that borrow bits
                # from those before: a twentieth of a second in every one and a half of a quiet recording
                sound.seekable = lambda: False
            return sound
        except FAILED:
            if self._path is None or isinstance(self._file, io.BytesIO):
                raise
            # a few old kinds without a header are known by their names alone
            name = str(self._path) if sys.platform == "win32" else os.fsencode(self._path)
            return soundfile.SoundFile(name)

    def _tell(self, message: str) -> None:
        if not self._quiet:
            notice(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate

    def span(self, start: float, duration: float | None, longest: float | None) -> tuple[int, int]:
        """Which samples a reader wants, once it is sure that they fit.

        Parameters
        ----------
        start : float [>= 0, s]
        duration : float or None [> 0, s]
            None reads to the end.
        longest : float or None [s]
            See `read_samples`.

        Returns
        -------
        first, count : int

        Raises
        ------
        ValueError
            If they are more than `longest` allows.
        """
        first = min(round(start * self.sample_rate), self.n_samples)
        count = self.n_samples - first
        if duration is not None:
            count = min(max(round(duration * self.sample_rate), 1), count)
        n_bytes = 4 * count * self.n_channels
        bomb = longest is None and n_bytes > HARMLESS and n_bytes > BOMB * self._n_bytes
        most = 8 * 48000 * (LONGEST if longest is None else longest)
        if bomb or n_bytes > most:
            why = (
                f"it is {self._n_bytes:,} bytes and claims {n_bytes:,} of sound, as no recording does"
                if bomb
                else f"more than the limit of {most / 384000:g} s (of stereo at 48 kHz)"
            )
            raise ValueError(
                f"{self.name} would be {count / self.sample_rate:.1f} s of sound in {self.n_channels} channels: {why}; "
                f"read a part with start and duration, or pass longest={math.ceil(n_bytes / 384000)}"
            )
        return first, count

    def blocks(self, first: int, count: int) -> Iterator[np.ndarray]:
        """Read samples a block at a time.

        Parameters
        ----------
        first, count : int
            Of `span`.

        Yields
        ------
        np.ndarray [shape=(channels, n), float32]
        """
        step = max(BLOCK // max(self.n_channels // 2, 1), 1)
        done = 0
        for sound in self._sounds:
            n = min(max(sound.frames - first, 0), count - done)
            if n > 0:
                try:
                    if first:  # seeking to where one is moves the last bits of an MP3
                        _go_to(sound, first)
                    left = n
                    while left > 0:
                        n_read = min(FLAC_BLOCK if sound.format == "FLAC" else step, left)
                        block = sound.read(n_read, dtype="float32", always_2d=True)
                        if not len(block):
                            break
                        yield block.T
                        left, done = left - len(block), done + len(block)
                except FAILED as error:
                    if not done:
                        raise ValueError(
                            f"cannot read {self.name} as sound ({_without_name(error)}); it is damaged"
                        ) from None
                    self._tell(
                        f"{self.name} is damaged {done / self.sample_rate:.1f} s after the place where reading began "
                        f"({_without_name(error)}); what follows is left out"
                    )
            first = max(first - sound.frames, 0)


def read_samples(
    path: str | Path | BinaryIO, start: float = 0, duration: float | None = None, *, longest: float | None = None
) -> tuple[np.ndarray, int]:
    """Read samples and sample rate of an audio file that libsndfile reads; errors as in `Clip.load`.

    Parameters
    ----------
    path : str, Path or binary file
    start : float [>= 0, s]
    duration : float or None [> 0, s]
        None reads to the end.
    longest : float or None [s]
        What may be read at once, counted as stereo at 48 kHz (384 kB a second). None takes six hours, and refuses what
        unpacks to far more than its file makes likely.

    Returns
    -------
    samples : np.ndarray [shape=(channels, n), float32]
    sample_rate : int [Hz]
    """
    check_span(start, duration, longest)
    with SoundReader(path) as file:
        first, count = file.span(start, duration, longest)
        try:
            samples = np.empty((file.n_channels, count), np.float32)
        except (MemoryError, ValueError):  # a header may claim anything
            raise ValueError(
                f"{file.name} claims {file.n_samples} samples, more than fit in memory; use start and duration"
            ) from None
        n = 0
        for block in file.blocks(first, count):
            samples[:, n : n + block.shape[1]] = block
            n += block.shape[1]
        if n == 0:
            raise ValueError(f"{file.name} holds no samples from {start} s on")
        return samples[:, :n], file.sample_rate


def duration_of(path: str | Path) -> float:
    """Length of a sound file in seconds, counted where its header does not tell it; errors as in `Clip.load`."""
    with SoundReader(path, quiet=True) as file:
        return file.duration


def check_span(start: float, duration: float | None, longest: float | None = None) -> None:
    """Raise the ValueError that says which of `start`, `duration` and `longest` is no time in seconds."""
    if not (isinstance(start, (int, float)) and 0 <= start < math.inf):
        raise ValueError(f"start is {start!r}; expected seconds from 0")
    for name, value in (("duration", duration), ("longest", longest)):
        if value is not None and not (isinstance(value, (int, float)) and 0 < value < math.inf):
            raise ValueError(f"{name} is {value!r}; expected seconds above 0, or None")


def _go_to(sound: soundfile.SoundFile, first: int) -> None:
    """Seek to a sample, from so far before that what comes is what stands there in the whole."""
    before = 0
    if sound.format == "MP3":
        before = RESERVOIR  # its frames borrow bits from earlier ones
    elif sound.format == "OGG" and first > sound.frames - LAST_PAGE * sound.samplerate:
        before = (
            2 * LAST_PAGE * sound.samplerate
        )  # within the last page libsndfile counts from what is cut off behind it
    before = min(before, first)
    sound.seek(first - before)
    for a in range(0, before, BLOCK):
        sound.read(min(BLOCK, before - a), dtype="float32")


def _without_name(error: Exception) -> str:
    """What libsndfile says, without what soundfile calls the file that it was given."""
    said = getattr(error, "error_string", None) or str(error)
    return said.strip().rstrip(".") or type(error).__name__


class _Nameless:
    """A file as soundfile needs it, without a name from which it would guess."""

    def __init__(self, file: BinaryIO) -> None:
        self.readinto, self.read = getattr(file, "readinto", None), file.read
        self.seek, self.tell = file.seek, file.tell
