"""Splicing: kept sound stays kept, the old samples where nothing was repainted, joined to the new ones in phase."""

import numpy as np
from scipy import ndimage

from riffkit.sound.clip import Clip
from riffkit.sound.params import SpectrogramParams

JOIN_SECONDS = 0.1  # around each border: as far as one analysis window reaches
REACH_SECONDS = 0.6  # how far from a border phases are turned to fit
ROUNDS = 12


def keep_sound(
    clip: Clip,
    old: Clip,
    kept_columns: np.ndarray,
    params: SpectrogramParams,
    *,
    shift: int = 0,
    match_loudness: bool = True,
) -> Clip:
    """Put the old sound back wherever whole columns of the picture were kept.

    A new inversion finds other phases even for old columns. So the old samples are put back, and next to each border
    the new part is turned in phase to fit them: some rounds of Griffin-Lim in which the old samples are held.

    Parameters
    ----------
    clip : Clip
        The sound of the whole new picture.
    old : Clip
        The sound of the old picture.
    kept_columns : np.ndarray of bool [shape=(columns,)]
        Columns of the new picture that were kept.
    params : SpectrogramParams
    shift : int [columns]
        By how much the old part stands further to the right in the new picture.
    match_loudness : bool
        Set the new part's loudness by the old part's. Off where both come from one scale: many joints would wander.

    Returns
    -------
    Clip
    """
    rate, hop = clip.sample_rate, params.hop_length
    x = clip.mono().samples[0].astype(np.float64)
    before = np.zeros_like(x)
    original = old.mono().samples[0]
    n = min(len(original), len(x) - shift * hop)
    before[shift * hop : shift * hop + n] = original[:n]
    weight = _weights(kept_columns, hop, len(x), round(JOIN_SECONDS * rate), shift * hop, shift * hop + n)
    loudness = np.sqrt((before * before * weight).sum() / max((x * x * weight).sum(), 1e-12))
    if match_loudness and 0.05 < loudness < 20:  # the new part as loud, beside the old one, as the picture says
        x = x * loudness
    joined = weight * before + (1 - weight) * x
    for first, last in _around_borders(weight, round(REACH_SECONDS * rate)):
        joined[first:last] = _fit_phase(
            joined[first:last], x[first:last], before[first:last], weight[first:last], rate, hop
        )
    peak = np.abs(joined[weight < 1]).max() if (weight < 1).any() else 0
    if peak > 1:
        joined = np.where(weight < 1, np.clip(joined, -1, 1), joined)
    return Clip(joined.astype(np.float32)[None], rate)


def _weights(kept_columns: np.ndarray, hop: int, n: int, join: int, first: int, last: int) -> np.ndarray:
    """1 where old samples stand, 0 where new ones do, a raised cosine inside the kept part next to each border."""
    columns = np.repeat(kept_columns, hop).astype(float)
    columns = np.pad(columns, (0, max(n - len(columns), 0)), mode="edge")[:n]
    columns[:first] = columns[last:] = 0
    if not columns.any() or columns.all():
        return columns
    well_inside = ndimage.minimum_filter1d(columns, 2 * join + 1, mode="nearest")
    ramp = ndimage.uniform_filter1d(well_inside, 2 * join + 1, mode="nearest")
    return np.clip(0.5 - 0.5 * np.cos(np.pi * ramp.round(6)), 0, 1)


def _around_borders(weight: np.ndarray, reach: int) -> list[list[int]]:
    """Stretches of samples around every place where old and new meet, merged where they overlap."""
    edges = np.flatnonzero(np.diff((weight >= 1).astype(int))).tolist()
    stretches: list[list[int]] = []
    for edge in edges:
        first, last = max(edge - reach, 0), min(edge + reach, len(weight))
        if stretches and first <= stretches[-1][1]:
            stretches[-1][1] = last
        else:
            stretches.append([first, last])
    return stretches


def _fit_phase(
    joined: np.ndarray, new: np.ndarray, old: np.ndarray, weight: np.ndarray, rate: int, hop: int
) -> np.ndarray:
    """Griffin & Lim, 1984, with the old samples held: magnitudes from both sides, phases that agree at the border."""
    from scipy import signal  # half a second to load, and not needed to load a model

    size = 10 * hop
    if len(joined) < 2 * size:
        return joined
    options = {"fs": rate, "nperseg": size, "noverlap": size - 2 * hop}
    magnitudes = np.abs(signal.stft(new, **options)[2])
    x = joined
    held = weight >= 1
    edges = np.ones(len(x))
    ramp = min(size, len(x) // 4)
    if not held[0]:  # come back to the untouched new sound at the far ends
        edges[:ramp] = np.linspace(0, 1, ramp)
    if not held[-1]:
        edges[-ramp:] = np.linspace(1, 0, ramp)
    for _ in range(ROUNDS):
        spectrum = signal.stft(x, **options)[2]
        turned = magnitudes * np.exp(1j * np.angle(spectrum))
        y = signal.istft(turned, **options)[1][: len(x)]
        y = np.pad(y, (0, len(x) - len(y)))
        y = edges * y + (1 - edges) * new
        x = weight * old + (1 - weight) * y
    return x
