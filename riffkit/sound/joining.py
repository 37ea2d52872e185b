"""Joining clips: as one spectrogram where there are pictures, by an aligned crossfade where there are only sounds."""

import math
from typing import Unpack

import numpy as np

from riffkit.sound.clip import Clip, Sound, clip_of
from riffkit.sound.inversion import InversionKeywords, check_mel, clip_from_mel
from riffkit.sound.params import SpectrogramParams


def join_mels(mels: list[np.ndarray], overlap: int = 0) -> np.ndarray:
    """Put mels one after another, blending `overlap` frames between neighbours.

    In the overlap, energies go over from one to the next as in an equal-power crossfade; as magnitudes have no phase,
    nothing cancels.

    Parameters
    ----------
    mels : list of np.ndarray [shape=(channels, n_mels, n_frames)]
    overlap : int [>= 0, frames]

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, sum of n_frames - overlap * (len(mels) - 1)), float32]

    Raises
    ------
    ValueError
        If there are none, their shapes do not fit, or one is shorter than the overlap.
    """
    if not mels:
        raise ValueError("no mels to join; expected one or more")
    shapes = {np.shape(mel)[:-1] for mel in mels}
    if len(shapes) > 1:
        raise ValueError(f"mels have different channels or bands {sorted(shapes)}; expected the same in all")
    shortest = min(np.shape(mel)[-1] for mel in mels)
    if not 0 <= overlap <= shortest:
        raise ValueError(f"overlap is {overlap} frames; expected 0 to {shortest}, the length of the shortest mel")
    joined = np.asarray(mels[0], np.float32)
    rise = (np.arange(overlap, dtype=np.float32) + np.float32(0.5)) / max(overlap, 1)
    for mel in mels[1:]:
        mel = np.asarray(mel, np.float32)
        n = joined.shape[-1] - overlap
        between = np.sqrt(joined[..., n:] ** 2 * (1 - rise) + mel[..., :overlap] ** 2 * rise)
        joined = np.concatenate([joined[..., :n], between, mel[..., overlap:]], axis=-1)
    return joined


def clip_from_mels(
    mels: list[np.ndarray], params: SpectrogramParams, *, overlap: int = 0, **options: Unpack[InversionKeywords]
) -> Clip:
    """One clip from several mels: they are joined (`join_mels`) and inverted once, so that no joint is heard.

    Parameters
    ----------
    mels : list of np.ndarray [shape=(channels, n_mels, n_frames)]
    params : SpectrogramParams
    overlap : int [>= 0, frames]
    options
        Those of `clip_from_mel` (quality, periodic, seed, progress ...).

    Returns
    -------
    Clip
    """
    return clip_from_mel(join_mels([check_mel(mel, params) for mel in mels], overlap), params, **options)


def crossfade(first: Sound, second: Sound, seconds: float = 0.2, *, search_seconds: float = 0.01) -> Clip:
    """Join two sounds whose spectrograms are gone: an equal-power crossfade where they fit each other best.

    The second clip is shifted by up to `search_seconds`, to where the cross-correlation of the overlap is largest, and
    the gains take account of how alike the two are there: alike sounds are faded by amplitude, unlike ones by power, so
    that the level neither dips nor bulges. Two clips with phases of their own still cancel in part; `clip_from_mels`
    is better wherever there are pictures.

    Parameters
    ----------
    first, second : Clip, str or Path
        The same sample rate and channels.
    seconds : float [>= 0, s]
    search_seconds : float [>= 0, s]

    Returns
    -------
    Clip [first.duration + second.duration - seconds, up to search_seconds shorter]

    Raises
    ------
    ValueError
        If the clips do not fit together or are shorter than the fade.

    References
    ----------
    Fink, Holters & Zolzer, "Signal-matched power-complementary cross-fading", DAFx 2016.
    """
    from scipy.signal import correlate  # half a second to load, and not needed to load a model

    first, second = clip_of(first), clip_of(second)
    if first.sample_rate != second.sample_rate or first.n_channels != second.n_channels:
        raise ValueError(f"{first!r} and {second!r} do not fit; use .resample(rate) and .mono() first")
    rate = first.sample_rate
    if not (seconds >= 0 and search_seconds >= 0 and math.isfinite(seconds + search_seconds)):
        raise ValueError(f"seconds is {seconds}, search_seconds {search_seconds}; expected finite numbers from 0")
    n = round(seconds * rate)
    a, b = first.samples, second.samples
    if n > min(a.shape[1], b.shape[1]):
        raise ValueError(f"a fade of {seconds} s is longer than {first!r} or {second!r}")
    if n == 0:
        return Clip(np.concatenate([a, b], axis=1), rate)
    shift = min(round(search_seconds * rate), b.shape[1] - n)
    tail = a[:, a.shape[1] - n :].astype(np.float64)
    match = sum(correlate(y[: n + shift].astype(np.float64), x, mode="valid") for x, y in zip(tail, b, strict=True))
    start = int(np.argmax(match)) if shift else 0
    head = b[:, start : start + n].astype(np.float64)
    energy = math.sqrt(float((tail**2).sum() * (head**2).sum()))
    likeness = min(max(float((tail * head).sum()) / energy, 0.0), 1.0) if energy > 0 else 0.0
    place = (np.arange(n) + 0.5) / n
    fall, rise = np.cos(0.5 * np.pi * place) ** 2, np.sin(0.5 * np.pi * place) ** 2
    level = np.sqrt(fall**2 + rise**2 + 2 * likeness * fall * rise)  # of unit sounds so much alike
    between = ((fall * tail + rise * head) / level).astype(np.float32)
    return Clip(np.concatenate([a[:, : a.shape[1] - n], between, b[:, start + n :]], axis=1), rate)
