"""Figures of the panorama: what two channels have in common, how wide they are, and what a loudspeaker makes of both.

Taught in notebooks/01_spectrogram_encoding.ipynb.
"""

import numpy as np
from scipy.signal import coherence

from riffkit.listening.envelopes import paired
from riffkit.sound.clip import Clip

EDGES = (60.0, 250.0, 1000.0, 4000.0, 9000.0)  # Hz: bass, body, presence, air
WINDOW = 0.093  # s: 4096 samples at 44.1 kHz
LEAST = 1e-12  # of all energy: what is below -120 dB is none


def _pair(clip: Clip) -> tuple[np.ndarray, np.ndarray]:
    if clip.n_channels != 2:
        raise ValueError(f"clip has {clip.n_channels} channel(s); expected 2, left and right")
    left, right = clip.samples.astype(np.float64)
    return left, right


def _ratio_db(a: np.ndarray, b: np.ndarray, whole: float) -> float:
    """Energy of `a` over that of `b`, in dB, between -120 and 120."""
    if whole <= 0:
        return 0.0
    floor = LEAST / 10 * whole
    return float(np.clip(10 * np.log10(((a**2).sum() + floor) / ((b**2).sum() + floor)), -120, 120))


def band_coherence(clip: Clip, edges: tuple[float, ...] = EDGES) -> np.ndarray:
    """Coherence between left and right: how much of one a filter could make from the other, in bands.

    1 is one source in one place, or several with the same balance; 0 is two sounds that have nothing in common. A
    quieter or a delayed channel has the coherence of an equal one.

    Parameters
    ----------
    clip : Clip
        Stereo.
    edges : tuple of float [rising, Hz]
        Where the bands begin, and the last ends.

    Returns
    -------
    np.ndarray [shape=(len(edges) - 1,), float64, 0..1]
        0 too where a channel is silent.

    Raises
    ------
    ValueError
        If the clip is not stereo.

    References
    ----------
    Welch, "The use of fast Fourier transform for the estimation of power spectra", 1967 (windows of 93 ms, half over).
    """
    left, right = _pair(clip)
    window = max(min(round(WINDOW * clip.sample_rate), len(left) // 4), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        hertz, found = coherence(left, right, clip.sample_rate, nperseg=window)
    found = np.nan_to_num(found)
    bands = [(hertz >= low) & (hertz < high) for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return np.array([found[band].mean() if band.any() else 0.0 for band in bands])


def side_to_middle(clip: Clip) -> float:
    """Width: energy of the side, left minus right, over that of the middle, left plus right, in dB.

    -120 is mono, -10 narrow, 0 as wide as two independent sounds; above, channels cancel each other in a mono mix.

    Parameters
    ----------
    clip : Clip
        Stereo.

    Raises
    ------
    ValueError
        If the clip is not stereo.
    """
    left, right = _pair(clip)
    return _ratio_db(left - right, left + right, float((left**2).sum() + (right**2).sum()))


def mono_loss(clip: Clip) -> float:
    """Level of the mono mix over the mean level of the channels, in dB: 0 for equal channels, -3 for independent ones.

    Parameters
    ----------
    clip : Clip
        Stereo.

    Raises
    ------
    ValueError
        If the clip is not stereo.
    """
    left, right = _pair(clip)
    both = np.concatenate([left, right]) / np.sqrt(2)
    return _ratio_db((left + right) / 2, both, float((both**2).sum()))


def balance(clip: Clip) -> float:
    """Level of the left channel over that of the right, in dB: positive leans left.

    Parameters
    ----------
    clip : Clip
        Stereo.

    Raises
    ------
    ValueError
        If the clip is not stereo.
    """
    left, right = _pair(clip)
    return _ratio_db(left, right, float((left**2).sum() + (right**2).sum()))


def panorama(clip: Clip) -> dict[str, float]:
    """All figures of one stereo clip.

    Parameters
    ----------
    clip : Clip
        Stereo.

    Returns
    -------
    dict {name (unit): number}
    """
    bands = zip(EDGES[:-1], EDGES[1:], band_coherence(clip), strict=True)
    return {f"coherence {low:.0f}-{high:.0f} Hz": float(found) for low, high, found in bands} | {
        "side to middle (dB)": side_to_middle(clip),
        "mono loss (dB)": mono_loss(clip),
        "balance (dB)": balance(clip),
    }


def panorama_error(reference: Clip, found: Clip) -> dict[str, float]:
    """How far each figure of `panorama` is from where it should be. Lower is better.

    Parameters
    ----------
    reference, found : Clip
        Stereo, of the same sample rate; the longer one is cut.

    Returns
    -------
    dict {name (unit): number, >= 0}
    """
    wanted, got = (panorama(Clip(x, reference.sample_rate)) for x in paired(reference, found))
    return {f"off: {name}": abs(got[name] - wanted[name]) for name in wanted}
