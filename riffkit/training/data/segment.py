"""One recording to pictures of exactly 512 columns: plain windows, whole bars, or a loop; silence is left out."""

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from riffkit.listening.music import find_beats, find_key
from riffkit.riffing.seeds import cut_seed
from riffkit.sound.clip import Clip
from riffkit.sound.files import duration_of
from riffkit.sound.image import image_from_mel, mel_from_image
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.metadata import stored_level
from riffkit.sound.params import SpectrogramParams
from riffkit.training.data.drawing import COLUMNS, cleaned, mel_of_loop, one_channel, rms_db
from riffkit.training.data.recordings import Recording

STRETCH = 12  # windows read at a time: a minute, so that memory does not grow with length
MARGIN = 0.25  # seconds read beyond both ends, so that the first and last windows see what really was there
SHORTEST = 0.3  # seconds: less is no clip
NEAREST_TEMPO = (0.7, 1.45)  # by how much bars may be stretched in time to fill a picture
BARS_AT_ONCE = 600.0  # seconds read at a time where bars are cut


@dataclass(frozen=True)
class Cutting:
    """How recordings become pictures, checked when it is made.

    Parameters
    ----------
    on_bars : bool
        Cut whole bars where a tempo is known or found, stretched in time (not in pitch) to fill a picture.
    silence_db : float [dB relative to full scale]
        Windows with a mean level (RMS) below this are skipped. Default -55.
    step_seconds : float or None [s], > 0
        From window to window; None takes the window's own length, so that windows do not overlap.
    clean : bool
        Draw hiss (80 dB under the loudest and below, fading in up to 56 dB) as white, as in the pictures that the
        embedded model learnt from. Riffusion's did not.
    add_tempo, add_key : bool
        Say them in the caption: those of the columns `bpm` and `key`, else found in the sound. All four switches are
        off by default.
    """

    on_bars: bool = False
    silence_db: float = -55.0
    step_seconds: float | None = None
    clean: bool = False
    add_tempo: bool = False
    add_key: bool = False

    def __post_init__(self) -> None:
        for name in ("silence_db", "step_seconds"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and math.isfinite(value)):
                raise ValueError(f"{name} is {value!r}; expected a finite number")
        if self.step_seconds is not None and self.step_seconds <= 0:
            raise ValueError(f"step_seconds is {self.step_seconds!r}; expected seconds above 0, or None")


Keep = Callable[[Image.Image, dict[str, Any]], object]  # gets each picture and its row as it is cut


@dataclass
class Cut:
    """What became of one recording.

    Parameters
    ----------
    pictures : list of PIL.Image.Image [512 columns]
    rows : list of dict
        Their metadata; both are empty if somebody else keeps them.
    left_out : list of (float, str)
        Start [s] of each part that was left out, and the reason.
    notes : list of str
    """

    pictures: list[Image.Image] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[tuple[float, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Work:
    """One recording being cut: what is known of it, and what has become of it."""

    recording: Recording
    cutting: Cutting
    params: SpectrogramParams
    length: float  # seconds
    columns: dict[str, Any]
    keep: Keep | None = None
    words: list[str] = field(default_factory=list)
    cut: Cut = field(default_factory=Cut)
    kept: int = 0  # pictures so far

    @property
    def window(self) -> float:
        """Seconds of a picture."""
        return self.params.duration_of(COLUMNS, periodic=True)


def cut_recording(
    recording: Recording, cutting: Cutting, params: SpectrogramParams | None = None, keep: Keep | None = None
) -> Cut:
    """Segment a recording into pictures; it is read in blocks, so that memory does not grow with its length.

    Parameters
    ----------
    recording : Recording
    cutting : Cutting
    params : SpectrogramParams or None
        None takes Riffusion's.
    keep : callable or None
        Gets each picture and its row (a dict) as it is cut; None collects them in what is returned.

    Returns
    -------
    Cut

    Raises
    ------
    ValueError, OSError
        If the file cannot be read as sound, or nothing of it is long enough.
    """
    params = params or SpectrogramParams()
    work = _Work(recording, cutting, params, _length(recording), dict(recording.columns), keep)
    if work.length < SHORTEST:
        raise ValueError(f"it lasts {work.length:.2f} s; at least {SHORTEST:g} s are needed")
    if cutting.add_tempo or cutting.add_key or cutting.on_bars:
        _find_tempo_and_key(_load(work, 0, min(work.length, 120.0)), work.columns, cutting)
    work.words = _words(work.columns, cutting)
    if recording.loop and abs(work.length - work.window) < 0.002:
        _add(work, 0.0, mel=mel_of_loop(_load(work, 0, work.window), work.params), extra={"loop": True})
    elif not (cutting.on_bars and "bpm" in work.columns and _cut_bars(work)):
        if cutting.on_bars:
            work.cut.notes.append("no tempo was found; it is cut without regard to bars")
        _cut_windows(work)
    return work.cut


def _length(recording: Recording) -> float:
    whole = duration_of(recording.path)
    if whole == 0:
        raise ValueError("it has no samples (zero length)")
    if recording.start and recording.start >= whole:
        raise ValueError(f"its part begins at {recording.start:g} s, but it lasts {whole:.2f} s")
    return min(recording.end or whole, whole) - recording.start


def _load(work: _Work, start: float, seconds: float) -> Clip:
    """A part of the recording, in mono at the pictures' rate; `start` counts from the recording's own start."""
    clip = Clip.load(work.recording.path, start=max(work.recording.start + start, 0), duration=seconds)
    clip, note = one_channel(clip)
    if note and note not in work.cut.notes:
        work.cut.notes.append(note)
    return clip.resample(work.params.sample_rate)


def _find_tempo_and_key(clip: Clip, columns: dict[str, Any], cutting: Cutting) -> None:
    if (cutting.add_tempo or cutting.on_bars) and "bpm" not in columns:
        with contextlib.suppress(ValueError):  # silence, or sound without a pulse
            columns["bpm"] = round(find_beats(clip)[0], 1)
    if cutting.add_key and "key" not in columns and (key := find_key(clip)):
        columns["key"] = key


def _words(columns: dict[str, Any], cutting: Cutting) -> list[str]:
    said = []
    if cutting.add_tempo and "bpm" in columns:
        said.append(f"{columns['bpm']:.0f} bpm")
    if cutting.add_key and "key" in columns:
        said.append(f"in {columns['key']}")
    return said


def _cut_windows(work: _Work) -> None:
    """Windows side by side; what is left over is not used. After a file shorter than a window comes silence."""
    params, window, length = work.params, work.window, work.length
    step = work.cutting.step_seconds or window
    n_windows = max(int((length - window) / step + 1e-6) + 1, 1)
    if length < window:
        work.cut.notes.append(f"it lasts {length:.2f} s; the picture's rest is silence")
    hop = params.hop_ms / 1000
    for first in range(0, n_windows, STRETCH):
        last = min(first + STRETCH, n_windows)
        begin = max(first * step - MARGIN, 0)
        begin = round(begin / hop) * hop  # whole columns, so that windows fall on them
        try:
            clip = _load(work, begin, (last - 1) * step + window + MARGIN - begin)
        except ValueError as error:
            if not first:
                raise
            work.cut.left_out.append((_place(work, first * step), f"from here on it cannot be read: {error}"))
            return
        wanted = round(((last - 1) * step + window - begin) * params.sample_rate)
        samples, ends = clip.samples, begin + clip.duration
        if samples.shape[1] < wanted:
            samples = np.pad(samples, ((0, 0), (0, wanted - samples.shape[1])))
        mel = mel_from_clip(Clip(samples, params.sample_rate), params)
        for number in range(first, last):
            if number * step >= ends:
                work.cut.left_out.append((_place(work, number * step), "the sound ends before, whatever its file says"))
                continue
            a = round((number * step - begin) / hop)
            piece = samples[:, a * params.hop_length : (a + COLUMNS) * params.hop_length]
            _add(work, number * step, mel=mel[:, :, a : a + COLUMNS], level=rms_db(piece))


def _cut_bars(work: _Work) -> bool:
    """Whole bars, as many as fit a picture best; False if the tempo leaves no good number of bars."""
    bpm = work.columns["bpm"]
    bar = 240 / bpm
    bars = max(round(work.window / bar), 1)
    if not NEAREST_TEMPO[0] < work.window / (bars * bar) < NEAREST_TEMPO[1] or bars * bar > work.length:
        return False
    at, start = 0.0, 0.0  # where what is read begins, and within it the next piece [s]
    clip = _load(work, at, min(work.length, BARS_AT_ONCE))
    if not work.recording.loop:
        try:
            start = cut_seed(clip, bars=bars, bpm=bpm).info["seed"]["start"]
        except ValueError:
            return False
    while True:
        while start + bars * bar <= clip.duration + 1e-3:
            piece = clip.slice(start, min(start + bars * bar, clip.duration))
            image = cut_seed(clip, bars=bars, bpm=bpm, start=start)
            _add(work, at + start, image=image, level=rms_db(piece.samples), extra={"bars": bars, "loop": True})
            start += bars * bar
        if at + start + bars * bar > work.length or clip.duration < bars * bar:
            return True
        at, start = at + start, 0.0
        clip = _load(work, at, min(work.length - at, BARS_AT_ONCE))


def _place(work: _Work, start: float) -> float:
    return round(work.recording.start + start, 3)


def _add(
    work: _Work,
    start: float,
    *,
    mel: np.ndarray | None = None,
    image: Image.Image | None = None,
    level: float | None = None,
    extra: dict[str, Any] | None = None,
) -> None:
    """Keep one picture, drawn already or still a mel spectrogram, unless it is silent."""
    recording, cut, params, clean = work.recording, work.cut, work.params, work.cutting.clean
    start = _place(work, start)
    if (level is not None and level < work.cutting.silence_db) or (mel is not None and not mel.max() > 0):
        cut.left_out.append((start, "silence"))
        return
    if mel is not None:
        image = image_from_mel(cleaned(mel, params) if clean else mel, params, rounding=True)
    elif image is not None and clean:
        stored = stored_level(image)
        image = image_from_mel(cleaned(mel_from_image(image), params), params, rounding=True, level=stored)
    assert image is not None
    caption = recording.captions[work.kept % len(recording.captions)]
    work.kept += 1
    row = {"text": ", ".join([caption, *work.words]), "track": recording.track, "start": start, **work.columns}
    row |= extra or {}
    if work.keep is not None:
        work.keep(image, row)
        return
    cut.pictures.append(image)
    cut.rows.append(row)
