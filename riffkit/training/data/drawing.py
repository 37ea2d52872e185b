"""What a piece of a recording is drawn from: one channel, its level, its mel spectrogram, cleaned of hiss."""

import numpy as np

from riffkit.sound.clip import Clip, cancelled
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

COLUMNS = 512
QUIET, CLEAR = 0.10, 0.20  # shades (of 1, fourth root of magnitude) that `cleaned` makes white, and leaves as they are


def one_channel(clip: Clip) -> tuple[Clip, str]:
    """Mix a `clip` to mono; where its sides cancel each other, the louder side is taken.

    Returns
    -------
    Clip [one channel]
    str
        What is to be said of it; empty if nothing.
    """
    mean = clip.samples.mean(axis=0, keepdims=True)
    levels = [rms(side) for side in clip.samples]
    if len(levels) > 1 and cancelled(rms(mean) ** 2, float(np.square(levels).mean())):
        side = int(np.argmax(levels))
        note = f"its sides cancel each other in the mix; side {side + 1} of {len(levels)} is taken alone"
        return Clip(clip.samples[side : side + 1], clip.sample_rate), note
    return clip.mono(), ""


def rms(samples: np.ndarray) -> float:
    """Root mean square of `samples` [shape=(channels, n) or (n,)], 0 if there are none."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0


def rms_db(samples: np.ndarray) -> float:
    """Level of `samples` [dB relative to full scale]."""
    return 20 * np.log10(rms(samples) + 1e-12)


def mel_of_loop(clip: Clip, params: SpectrogramParams) -> np.ndarray:
    """Mel spectrogram of a `clip` that is a loop of 512 columns, drawn with `params`; its end joins its beginning."""
    columns = COLUMNS * params.hop_length
    samples = np.pad(clip.samples, ((0, 0), (0, max(columns - clip.samples.shape[1], 0))))[:, :columns]
    return mel_from_clip(Clip(samples, params.sample_rate), params, periodic=True)


def cleaned(mel: np.ndarray, params: SpectrogramParams) -> np.ndarray:
    """Gate the noise: what lies 80 dB and more under the loudest goes, what lies under 56 dB fades.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames), >= 0]
    params : SpectrogramParams
        Its `contrast` says what shade a magnitude is drawn in.

    Returns
    -------
    np.ndarray, like `mel`
    """
    loudest = mel.max()
    if not loudest > 0:
        return mel
    shade = (mel / loudest) ** params.contrast
    return loudest * (shade * np.clip((shade - QUIET) / (CLEAR - QUIET), 0, 1)) ** (1 / params.contrast)
