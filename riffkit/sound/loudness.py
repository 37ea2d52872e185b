"""Loudness: how loud a clip is to the ear, and setting it without clipping."""

import math
import warnings

import numpy as np

from riffkit.sound.clip import Clip, Sound, clip_of

STRETCH = 1 << 18  # samples oversampled at a time


def loudness(clip: Sound) -> float:
    """Integrated loudness in LUFS, minus infinity for silence. Clips below 0.4 s are measured as if repeated.

    Parameters
    ----------
    clip : Clip, str or Path

    References
    ----------
    ITU-R BS.1770-4, through pyloudnorm (Steinmetz & Reiss, AES 2021).
    """
    import pyloudnorm

    clip = clip_of(clip)
    samples = clip.samples.T[:, :5]  # the standard knows five channels
    if len(samples) < 0.5 * clip.sample_rate:
        samples = np.tile(samples, (math.ceil(0.5 * clip.sample_rate / len(samples)), 1))
    with np.errstate(divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(pyloudnorm.Meter(clip.sample_rate).integrated_loudness(samples.astype(np.float64)))


def true_peak(clip: Sound) -> float:
    """The largest magnitude between the samples as well, in dBTP (0 is full scale): four times oversampled.

    Parameters
    ----------
    clip : Clip, str or Path

    References
    ----------
    ITU-R BS.1770-4, annex 2.
    """
    from scipy.signal import resample_poly  # half a second to load, and not needed to load a model

    clip = clip_of(clip)
    top, reach = clip.peak(), 64
    for channel in clip.samples:
        for a in range(0, len(channel), STRETCH):
            piece = channel[max(a - reach, 0) : a + STRETCH + reach]
            top = max(top, float(np.abs(resample_poly(piece, 4, 1)).max()))
    return 20 * math.log10(top) if top > 0 else -math.inf


def normalize_loudness(clip: Sound, target: float = -16.0, ceiling: float = -1.0) -> Clip:
    """Turn a clip up or down to a loudness, but never its true peak above the ceiling. Nothing is compressed.

    Parameters
    ----------
    clip : Clip, str or Path
    target : float [LUFS]
    ceiling : float [dBTP, <= 0]

    Returns
    -------
    Clip
        Silence stays silence. Peaky clips end below the target, as the ceiling comes first.

    Raises
    ------
    ValueError
        If the target or the ceiling is no finite number, or the ceiling is above 0.
    """
    if not (math.isfinite(target) and math.isfinite(ceiling) and ceiling <= 0):
        raise ValueError(f"target is {target} LUFS, ceiling {ceiling} dBTP; expected finite numbers, ceiling <= 0")
    clip = clip_of(clip)
    loud, peak = loudness(clip), true_peak(clip)
    if peak == -math.inf:
        return clip
    room = ceiling - peak
    gain_db = room if loud == -math.inf or math.isnan(loud) else min(target - loud, room)
    gain = 10 ** (gain_db / 20)
    if not math.isfinite(gain * clip.peak()):
        return clip
    return Clip(clip.samples * np.float32(gain), clip.sample_rate)
