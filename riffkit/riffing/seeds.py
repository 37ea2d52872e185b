"""Seed pictures: whole bars cut from a recording, with tempo and key found, ready to vary and to loop."""

import math

import numpy as np

from riffkit.riffing.timeline import stretch
from riffkit.sound.image import encode, image_from_pixels
from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams

KEYS = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")
# Krumhansl & Kessler, 1982: how well each of the twelve tones fits a major or minor key
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


def cut_seed(clip, *, bars=2, columns=512, bpm=None, start=None, beats_per_bar=4):
    """Cut whole bars from a recording and make a looping picture of exactly so many columns.

    The bars are stretched in time, pitch untouched, so that they fill the columns; at 512 columns and two bars that is
    93.75 bpm.

    Parameters
    ----------
    clip : Clip
    bars : int
    columns : int
        Of the picture; a multiple of the checkpoint's cell (16) fits best.
    bpm : float, optional
        Default: found in the recording.
    start : float, optional [s]
        Where the first bar begins. Default: the strongest beat of the first bar.
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
    level = float(image.getexif()[11080]) / 32768
    seed = image_from_pixels(pixels, params_from_image(image), level)
    stretched = columns / image.width
    seed.info["seed"] = {
        "bpm": round(float(bpm), 2),
        "bpm_of_picture": round(bars * beats_per_bar * 60 / (columns / 100), 2),
        "key": find_key(mono),
        "bars": bars,
        "start": round(float(start), 3),
        "stretched": round(stretched, 4),
    }
    return seed


def find_beats(clip):
    """Tempo in bpm and the times of the beats in seconds.

    Raises
    ------
    ValueError
        If there is no pulse to be found.
    """
    import librosa

    samples = clip.mono().samples[0]
    if np.abs(samples).max() == 0:
        raise ValueError("the recording is silent: it has no tempo")
    bpm, beats = librosa.beat.beat_track(y=samples, sr=clip.sample_rate, units="time")
    bpm = float(np.atleast_1d(bpm)[0])
    if not bpm > 0 or len(beats) == 0:
        raise ValueError("no tempo was found in the recording; pass bpm and start")
    if len(beats) > 3:  # finer than the tracker's grid of frames
        bpm = 60 * (len(beats) - 1) / (beats[-1] - beats[0])
    return bpm, list(beats)


def find_key(clip):
    """The most likely key, such as "A minor", by Krumhansl's profiles; None for silence.

    It is a guess from how often each tone sounds, and often confuses a key with its relative.
    """
    import librosa

    chroma = librosa.feature.chroma_stft(y=clip.mono().samples[0], sr=clip.sample_rate).mean(1)
    if not chroma.std() > 0:
        return None
    fits = {}
    for name, profile in (("major", MAJOR), ("minor", MINOR)):
        for tonic in range(12):
            fits[f"{KEYS[tonic]} {name}"] = np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]
    return max(fits, key=fits.get)


def stretch_to_tempo(pixels, like, params):
    """Pixels stretched in time to the tempo of others: by less than a factor of 1.42, as half and double are one."""
    period, wanted = _beat_period(pixels, params), _beat_period(like, params)
    ratio = wanted / period
    ratio *= 2 ** -round(math.log2(ratio))
    return stretch(np.ascontiguousarray(pixels), max(round(pixels.shape[1] * ratio), 1))


def _beat_period(pixels, params):
    """Columns from beat to beat, by the autocorrelation of where the picture darkens."""
    darkness = 255.0 - pixels.astype(np.float32)
    onset = np.maximum(np.diff(darkness, axis=1), 0).mean(0)
    onset -= onset.mean()
    n = len(onset)
    spectrum = np.abs(np.fft.rfft(onset, 2 * n)) ** 2
    correlation = np.fft.irfft(spectrum)[:n] / np.arange(n, 0, -1)
    lags = np.arange(n)
    bpm = 60000 / params.hop_ms / np.maximum(lags, 1)
    prior = np.exp(-0.5 * (np.log2(bpm / 110) / 0.9) ** 2)  # people tap around 110
    scored = np.where((bpm >= 40) & (bpm <= 240) & (lags < 0.8 * n), correlation * prior, -np.inf)
    best = int(np.argmax(scored))
    if not np.isfinite(scored[best]) or correlation[best] <= 0:
        raise ValueError("no tempo was found in a recording; leave align out, or cut it to bars with cut_seed")
    if 0 < best < n - 1:  # parabola through the peak
        a, b, c = correlation[best - 1 : best + 2]
        if a - 2 * b + c < 0:
            return best + 0.5 * (a - c) / (a - 2 * b + c)
    return float(best)


def _first_downbeat(clip, beats, beats_per_bar, length):
    """The strongest of the first beats from which the bars still fit."""
    import librosa

    strength = librosa.onset.onset_strength(y=clip.samples[0], sr=clip.sample_rate)
    times = librosa.times_like(strength, sr=clip.sample_rate)
    fitting = [beat for beat in beats if beat + length <= clip.duration + 0.02][:beats_per_bar] or [beats[0]]
    return max(fitting, key=lambda beat: strength[np.abs(times - beat).argmin()])
