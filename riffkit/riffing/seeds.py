"""Seed pictures: whole bars cut from a recording, with tempo and key found, ready to vary and to loop."""

import math
from pathlib import Path

import numpy as np
from PIL import Image

from riffkit.listening.music import beat_columns, find_beats, find_key
from riffkit.riffing.timeline import stretch
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode, image_from_pixels
from riffkit.sound.metadata import read_tags
from riffkit.sound.params import SpectrogramParams


def cut_seed(
    clip: Clip | str | Path,
    *,
    bars: int = 2,
    columns: int = 512,
    bpm: float | None = None,
    start: float | None = None,
    beats_per_bar: int = 4,
) -> Image.Image:
    """Cut whole bars from a recording and make a looping picture of exactly so many columns.

    The bars are stretched in time, pitch untouched, so that they fill the columns; at 512 columns and two bars that is
    93.75 bpm.

    Parameters
    ----------
    clip : Clip, str or Path
    bars : int [>= 1]
    columns : int [columns]
        Of the picture; a multiple of the checkpoint's cell (16) fits best.
    bpm : float or None [bpm]
        None: found in the recording.
    start : float or None [s]
        Where the first bar begins. None: the strongest beat of the first bar.
    beats_per_bar : int

    Returns
    -------
    PIL.Image.Image
        Its `.info["seed"]` is a dict: "bpm" of the recording, "key", "bars", "start" (s), "stretched" (factor in time).

    Raises
    ------
    ValueError
        If no tempo is found, or the recording is shorter than the bars.
    """
    if not isinstance(bars, int) or bars < 1:
        raise ValueError(f"bars is {bars!r}, expected a whole number of at least 1")
    clip = Clip.load(clip) if isinstance(clip, (str, Path)) else clip
    mono = clip.mono().resample(44100)
    found, beats = find_beats(mono) if bpm is None or start is None else (bpm, [start])
    bpm = found if bpm is None else bpm
    length = bars * beats_per_bar * 60 / bpm
    if start is None:
        start = _first_downbeat(mono, beats, beats_per_bar, length)
    if start + length > mono.duration + 0.02:
        raise ValueError(
            f"{bars} bars at {bpm:.1f} bpm from {start:.2f} s last {length:.2f} s, the recording ends at"
            f" {mono.duration:.2f} s; take fewer bars, or an earlier start"
        )
    piece = mono.slice(start, min(start + length, mono.duration))
    image = encode(piece, SpectrogramParams(), periodic=True)
    pixels = stretch(np.asarray(image.convert("L")), columns, loop=True)
    params, level, _ = read_tags(image)
    seed = image_from_pixels(pixels, params, level)
    stretched = columns / image.width
    seed.info["seed"] = {
        "bpm": round(float(bpm), 2),
        "bpm_of_picture": round(bars * beats_per_bar * 60 / params.duration_of(columns, periodic=True), 2),
        "key": find_key(mono),
        "bars": bars,
        "start": round(float(start), 3),
        "stretched": round(stretched, 4),
    }
    return seed


def stretch_to_tempo(pixels: np.ndarray, like: np.ndarray, params: SpectrogramParams) -> np.ndarray:
    """Pixels stretched in time to the tempo of others: by less than a factor of 1.42, as half and double are one.

    Parameters
    ----------
    pixels, like : np.ndarray [shape=(n_mels, n_frames), uint8]
    params : SpectrogramParams

    Returns
    -------
    np.ndarray [shape=(n_mels, another n_frames), uint8]

    Raises
    ------
    ValueError
        If no tempo is found in one of them.
    """
    period, wanted = beat_columns(pixels, params), beat_columns(like, params)
    ratio = wanted / period
    ratio *= 2 ** -round(math.log2(ratio))
    return stretch(np.ascontiguousarray(pixels), max(round(pixels.shape[1] * ratio), 1))


def _first_downbeat(clip: Clip, beats: list[float], beats_per_bar: int, length: float) -> float:
    """The strongest of the first beats from which the bars still fit."""
    import librosa

    strength = librosa.onset.onset_strength(y=clip.samples[0], sr=clip.sample_rate)
    times = librosa.times_like(strength, sr=clip.sample_rate)
    fitting = [beat for beat in beats if beat + length <= clip.duration + 0.02][:beats_per_bar] or [beats[0]]
    return max(fitting, key=lambda beat: strength[np.abs(times - beat).argmin()])
