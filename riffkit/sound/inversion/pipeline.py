"""Mel magnitudes to sound: magnitudes, phase, and iterations that better both together.

1. The smallest magnitudes that give the mel, by a tridiagonal solve (operators.py).
2. Phase by integrating its gradient (phase.py), one for all channels where they belong together (panorama.py); at hard
   ends, partials are turned until they agree with their mirror image there (boundaries.py).
3. Iterations (iterations.py): make the spectrogram consistent (to sound and back, with momentum), and correct its
   magnitudes by one step towards the mel; then attacks are sharpened (transients.py). Plain Griffin-Lim keeps the
   magnitudes of step 1 instead.
   The lower quarter of the frequencies holds most of the energy of music, and costs a quarter of the work at a quarter
   of the rate: it goes through steps 1 to 3 for itself first, while another core integrates the phase above.
4. The inner sound (20 kHz; 40 where pictures reach that far) to the clip's rate, through the bins both grids share.

Long clips go through in chunks that overlap by as much as the iterations reach (chunks.py): the samples are those of
one go.
"""

from collections.abc import Callable
from typing import TypedDict

import numpy as np

from riffkit.progress import Progress, Reporter, shown
from riffkit.sound.clip import LOUDEST, Clip
from riffkit.sound.inversion.chunks import Channels
from riffkit.sound.inversion.options import Inversion
from riffkit.sound.mel import LONG
from riffkit.sound.params import SpectrogramParams


class InversionKeywords(TypedDict, total=False):
    """Options of `clip_from_mel` by name, for those who hand them on."""

    periodic: bool
    quality: str
    seed: int
    iterations: int | None
    device: str
    link_channels: bool
    progress: Progress


def clip_from_mel(
    mel: np.ndarray,
    params: SpectrogramParams,
    *,
    periodic: bool = False,
    quality: str = "default",
    seed: int = 0,
    iterations: int | None = None,
    device: str = "cpu",
    link_channels: bool = True,
    progress: Progress = None,
) -> Clip:
    """Find a sound whose mel magnitudes are these.

    Lossy: the mel says nothing about phase and little about what lies between its bands.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames) or (n_mels, n_frames), >= 0]
        As from `mel_from_clip`.
    params : SpectrogramParams
        What the mel was made with.
    periodic : bool
        Time is a circle: the clip has n_frames * hop_length samples and repeats without a seam. Otherwise it has
        (n_frames - 1) * hop_length.
    quality : str
        "fast", "default" or "best": 2, 4 or 14 joint iterations (and 6, 10 or 30 for the lower quarter of the
        frequencies). For comparison: "pghi" (phase integration alone) and
        "griffin-lim" (32 iterations from random phase with fixed magnitudes, the way of Riffusion).
    seed : int
        For the phase of what is too quiet to matter (all of it with "griffin-lim"). Same seed, same samples.
    iterations : int or None
        0..10000: another number of iterations than the quality's own; 0 stops after the first phase.
    device : str
        "cpu" (all cores, scipy and numba), or where torch should iterate, such as "cuda" (not tried on a GPU yet; the
        same code runs under torch on the CPU in the tests).
    link_channels : bool
        What stands in one place between left and right gets one phase in both channels, so that it stays there. False
        finds the phase of each channel for itself, as Riffusion does: the middle falls apart.
    progress : callable, bool or None
        A callable gets `(step, total, None)`; return False to stop with `Cancelled`. True shows a bar, False none, None
        one where somebody is watching a mel of more than a minute.

    Returns
    -------
    Clip

    Raises
    ------
    ValueError
        If the mel has another shape than `params` says, holds NaN, infinity or negative values.
    riffkit.progress.Cancelled
        If `progress` returned False.

    References
    ----------
    Prusa et al., IEEE TASLP 2017 (phase); Perraudin et al., WASPAA 2013 (momentum); Masuyama et al., arXiv 2307.12232
    (magnitudes and phase together). Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    how = Inversion(periodic, quality, seed, iterations, device, link_channels)
    mel = check_mel(mel, params)

    def columns(channel: int) -> Callable[[int, int], np.ndarray]:
        return lambda first, last: mel[channel, :, first:last]

    sources = [columns(c) for c in range(mel.shape[0])]
    with shown(progress, "clip_from_mel", long=mel.shape[2] > LONG) as tell:
        return invert(sources, mel.shape[2], params, how, progress=tell)


def check_mel(mel: np.ndarray, params: SpectrogramParams) -> np.ndarray:
    """`mel` as float32, or the error that says what is wrong with it.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames) or (n_mels, n_frames), >= 0]
    params : SpectrogramParams
        What it was made with.

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0]

    Raises
    ------
    TypeError, ValueError
        If it holds no real numbers, NaN, infinity or negative values, or has another shape.
    """
    mel = np.asarray(mel)
    if mel.dtype.kind not in "fiu":
        raise TypeError(f"mel has type {mel.dtype}; expected real numbers")
    mel = mel[None] if mel.ndim == 2 else mel
    if mel.ndim != 3 or mel.shape[1] != params.n_mels or 0 in mel.shape:
        raise ValueError(f"mel has shape {mel.shape}; expected (channels, {params.n_mels}, n_frames), none of them 0")
    with np.errstate(over="ignore"):
        mel = mel.astype(np.float32, copy=False)
    low, high = float(mel.min()), float(mel.max())
    if not (low >= 0 and high < 1e12):  # NaN fails both
        raise ValueError(f"mel goes from {low} to {high}; expected finite magnitudes from 0 to 1e12, without NaN")
    return mel


def invert(
    sources: list[Callable[[int, int], np.ndarray]],
    n_frames: int,
    params: SpectrogramParams,
    how: Inversion,
    *,
    progress: Reporter | None = None,
    ceiling: float | None = LOUDEST,
) -> Clip:
    """Invert mels that need not lie in memory; `clip_from_mel` for those that do.

    Parameters
    ----------
    sources : list of callable
        One per channel: columns(first, last) -> magnitudes [shape=(n_mels, last - first), float32, >= 0].
    n_frames : int
    params : SpectrogramParams
    how : Inversion
    progress : callable or None
        Gets `(step, total, None)`.
    ceiling : float or None [full scale 1]
        What is louder is turned down to it; None sets the peak to -1 dBFS.

    Returns
    -------
    Clip
    """
    n_samples = n_frames * params.hop_length if how.periodic else max(n_frames - 1, 1) * params.hop_length
    samples = np.zeros((len(sources), n_samples), np.float32)
    together = [list(range(len(sources)))] if how.link_channels else [[channel] for channel in range(len(sources))]
    for number, some in enumerate(together):
        outs = [samples[channel] for channel in some]
        Channels([sources[c] for c in some], n_frames, params, how).run(outs, progress, number, len(together))
    for first in range(0, n_samples, 1 << 22):  # a part at a time: the masks of an hour would take half a gigabyte
        np.nan_to_num(samples[:, first : first + (1 << 22)], copy=False, posinf=0, neginf=0)
    peak = max(float(samples.max()), -float(samples.min()))
    wanted = 10 ** (-1 / 20) if ceiling is None else min(peak, ceiling)
    if peak > 0 and peak != wanted:
        samples *= np.float32(wanted / peak)
    return Clip(samples, params.sample_rate)
