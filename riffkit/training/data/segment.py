"""One recording to pictures of exactly 512 columns: plain windows, whole bars, or a loop; silence is left out."""

from dataclasses import dataclass, field

import numpy as np

from riffkit.listening.music import find_beats, find_key
from riffkit.riffing.seeds import cut_seed
from riffkit.sound.clip import Clip
from riffkit.sound.image import image_from_mel, mel_from_image
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

COLUMNS = 512
STRETCH = 12  # windows read at a time: a minute, so that memory does not grow with length
MARGIN = 0.25  # seconds read beyond both ends, so that the first and last windows see what really was there
SHORTEST = 0.3  # seconds: less is no clip
NEAREST_TEMPO = (0.7, 1.45)  # by how much bars may be stretched in time to fill a picture
QUIET, CLEAR = 0.10, 0.20  # shades (of 1, fourth root of magnitude) that `clean` makes white, and leaves as they are


@dataclass(frozen=True)
class Cutting:
    """How recordings become pictures.

    Parameters
    ----------
    on_bars : bool
        Cut whole bars where a tempo is known or found, stretched in time (not in pitch) to fill a picture.
    silence_db : float [dB below full scale]
        Windows with a mean level (RMS) below this are skipped.
    step_seconds : float or None
        From window to window; None takes the window's own length, so that windows do not overlap.
    clean : bool
        Draw hiss (80 dB under the loudest and below, fading in up to 56 dB) as white, as in the pictures that the
        embedded model learnt from. Riffusion's did not.
    add_tempo, add_key : bool
        Say them in the caption: those of the columns `bpm` and `key`, else found in the sound.
    """

    on_bars: bool = False
    silence_db: float = -55.0
    step_seconds: float | None = None
    clean: bool = False
    add_tempo: bool = False
    add_key: bool = False


@dataclass
class Cut:
    """What became of one recording: pictures with their rows of metadata, parts left out as (start, reason), notes."""

    pictures: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    left_out: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def cut_recording(recording, cutting, params=None):
    """Cut a recording into pictures.

    Parameters
    ----------
    recording : Recording
    cutting : Cutting
    params : SpectrogramParams or None

    Returns
    -------
    Cut

    Raises
    ------
    ValueError, OSError
        If the file cannot be read as sound, or nothing of it is long enough.
    """
    params = params or SpectrogramParams()
    cut = Cut()
    length = _length(recording)
    if length < SHORTEST:
        raise ValueError(f"it lasts {length:.2f} s; at least {SHORTEST:g} s are needed")
    window = params.duration_of(COLUMNS, periodic=True)
    clip = None
    columns = dict(recording.columns)
    if cutting.add_tempo or cutting.add_key or cutting.on_bars:
        clip = _load(recording, 0, min(length, 120.0), params)
        _find_tempo_and_key(clip, columns, cutting)
    words = _words(columns, cutting)
    if recording.loop and abs(length - window) < 0.002:
        _add(cut, _mel(_load(recording, 0, window, params), params, periodic=True), 0.0, recording, columns, words,
             cutting, params, level=None, loop=True)  # fmt: skip
    elif cutting.on_bars and "bpm" in columns and _cut_bars(cut, recording, columns, words, cutting, params, length):
        pass
    else:
        if cutting.on_bars:
            cut.notes.append("no tempo was found; it is cut without regard to bars")
        _cut_windows(cut, recording, columns, words, cutting, params, length)
    return cut


def _length(recording):
    import soundfile

    try:
        whole = soundfile.info(str(recording.path)).duration
    except (soundfile.SoundFileError, RuntimeError):
        Clip.load(recording.path)  # raises with the reason in words
        raise
    if whole == 0:
        raise ValueError("it has no samples (zero length)")
    return min(recording.end or whole, whole) - recording.start


def _load(recording, start, seconds, params):
    """A part of the recording, in mono at the pictures' rate; `start` counts from the recording's own start."""
    clip = Clip.load(recording.path, start=max(recording.start + start, 0), duration=seconds)
    return clip.mono().resample(params.sample_rate)


def _find_tempo_and_key(clip, columns, cutting):
    if (cutting.add_tempo or cutting.on_bars) and "bpm" not in columns:
        try:
            columns["bpm"] = round(find_beats(clip)[0], 1)
        except ValueError:
            pass  # silence, or sound without a pulse
    if cutting.add_key and "key" not in columns and (key := find_key(clip)):
        columns["key"] = key


def _words(columns, cutting):
    said = []
    if cutting.add_tempo and "bpm" in columns:
        said.append(f"{columns['bpm']:.0f} bpm")
    if cutting.add_key and "key" in columns:
        said.append(f"in {columns['key']}")
    return said


def _cut_windows(cut, recording, columns, words, cutting, params, length):
    """Windows side by side; what is left over is not used. After a file shorter than a window comes silence."""
    window = params.duration_of(COLUMNS, periodic=True)
    step = cutting.step_seconds or window
    n_windows = max(int((length - window) / step + 1e-6) + 1, 1)
    if length < window:
        cut.notes.append(f"it lasts {length:.2f} s; the picture's rest is silence")
    hop = params.hop_ms / 1000
    for first in range(0, n_windows, STRETCH):
        last = min(first + STRETCH, n_windows)
        begin = max(first * step - MARGIN, 0)
        begin = round(begin / hop) * hop  # whole columns, so that windows fall on them
        clip = _load(recording, begin, (last - 1) * step + window + MARGIN - begin, params)
        wanted = round(((last - 1) * step + window - begin) * params.sample_rate)
        samples = clip.samples
        if samples.shape[1] < wanted:
            samples = np.pad(samples, ((0, 0), (0, wanted - samples.shape[1])))
        mel = mel_from_clip(Clip(samples, params.sample_rate), params)
        for number in range(first, last):
            a = round((number * step - begin) / hop)
            piece = samples[:, a * params.hop_length : (a + COLUMNS) * params.hop_length]
            _add(cut, mel[:, :, a : a + COLUMNS], number * step, recording, columns, words, cutting, params,
                 level=_rms_db(piece))  # fmt: skip


def _cut_bars(cut, recording, columns, words, cutting, params, length):
    """Whole bars, as many as fit a picture best; False if the tempo leaves no good number of bars."""
    bar = 240 / columns["bpm"]
    window = params.duration_of(COLUMNS, periodic=True)
    bars = max(round(window / bar), 1)
    if not NEAREST_TEMPO[0] < window / (bars * bar) < NEAREST_TEMPO[1] or bars * bar > length:
        return False
    clip = _load(recording, 0, min(length, 600.0), params)
    start = 0.0
    if not recording.loop:
        try:
            start = cut_seed(clip, bars=bars, bpm=columns["bpm"]).info["seed"]["start"]
        except ValueError:
            return False
    while start + bars * bar <= clip.duration + 1e-3:
        piece = clip.slice(start, min(start + bars * bar, clip.duration))
        image = cut_seed(clip, bars=bars, bpm=columns["bpm"], start=start)
        extra = {"bars": bars, "loop": True}
        _add(cut, None, start, recording, columns | extra, words, cutting, params, level=_rms_db(piece.samples),
             image=image)  # fmt: skip
        start += bars * bar
    return True


def _mel(clip, params, periodic):
    columns = COLUMNS * params.hop_length
    samples = np.pad(clip.samples, ((0, 0), (0, max(columns - clip.samples.shape[1], 0))))[:, :columns]
    return mel_from_clip(Clip(samples, params.sample_rate), params, periodic=periodic)


def _rms_db(samples):
    return 20 * np.log10(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) + 1e-12)


def _add(cut, mel, start, recording, columns, words, cutting, params, *, level, loop=False, image=None):
    """Keep one picture, unless it is silent."""
    start = round(recording.start + start, 3)
    if (level is not None and level < cutting.silence_db) or (mel is not None and not mel.max() > 0):
        cut.left_out.append((start, "silence"))
        return
    if image is None:
        image = image_from_mel(cleaned(mel, params) if cutting.clean else mel, params, rounding=True)
    elif cutting.clean:
        level = float(image.getexif()[11080]) / 32768
        image = image_from_mel(cleaned(mel_from_image(image), params), params, rounding=True, level=level)
    caption = recording.captions[len(cut.rows) % len(recording.captions)]
    row = {"text": ", ".join([caption, *words]), "track": recording.track, "start": start, **columns}
    cut.pictures.append(image)
    cut.rows.append(row | ({"loop": True} if loop else {}))


def cleaned(mel, params):
    """Mel magnitudes without what lies 80 dB and more under the loudest; what lies under 56 dB fades."""
    loudest = mel.max()
    if not loudest > 0:
        return mel
    shade = (mel / loudest) ** params.contrast
    return loudest * (shade * np.clip((shade - QUIET) / (CLEAR - QUIET), 0, 1)) ** (1 / params.contrast)
