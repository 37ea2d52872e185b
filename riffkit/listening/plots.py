"""Pictures of sound for notebooks: matplotlib figures with axes in seconds and hertz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import mel_from_image
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams, mel_of_hz

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def plot_wave(
    clip: Clip, *, ax: Axes | None = None, title: str | None = None, start: float = 0.0, end: float | None = None
) -> Axes:
    """Waveform: the samples of a clip (their mean over channels) over time.

    Parameters
    ----------
    clip : Clip
    ax : matplotlib.axes.Axes or None
        Where to draw; None makes a figure, here and in all functions of this module.
    title : str or None
        Above the axes.
    start, end : float, float or None [s]
        What is shown; None is the end of the clip.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (8, 1.8))
    end = clip.duration if end is None else end
    part = clip.slice(start, end).mono().samples[0]
    time = start + np.arange(len(part)) / clip.sample_rate
    if len(part) > 20000:  # a band from lowest to highest is what the eye sees anyway
        n = len(part) // 2000
        rows = part[: len(part) // n * n].reshape(-1, n)
        ax.fill_between(time[: len(rows) * n : n], rows.min(axis=1), rows.max(axis=1), linewidth=0.5)
    else:
        ax.plot(time, part, linewidth=0.8)
    ax.set(xlabel="time (s)", ylabel="sample", xlim=(time[0], time[-1] + 1e-9), title=title or "")
    ax.grid(alpha=0.3)
    return ax


def plot_mel(
    sound: Clip | Image.Image | np.ndarray,
    params: SpectrogramParams | None = None,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    contrast: float = 0.25,
) -> Axes:
    """The mel spectrogram of a clip, a picture, or a mel array; loud is dark, low is at the bottom.

    Parameters
    ----------
    sound : Clip, PIL.Image.Image, or np.ndarray [shape=(channels, n_mels, n_frames) or (n_mels, n_frames)]
        Of several channels the mean is drawn.
    params : SpectrogramParams or None
        What the mel was made with; None takes the defaults, or those of the picture.
    ax, title
        As in `plot_wave`.
    contrast : float [0..1]
        Power that the magnitudes are raised to.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if isinstance(sound, Clip):
        params = SpectrogramParams(sample_rate=sound.sample_rate) if params is None else params
        mel = mel_from_clip(sound, params)
    elif isinstance(sound, np.ndarray):
        mel = sound if sound.ndim == 3 else sound[None]
        params = SpectrogramParams(n_mels=mel.shape[1]) if params is None else params
    else:
        params = params_from_image(sound) if params is None else params
        mel = mel_from_image(sound, params)
    ax = _axes(ax, (8, 3.2))
    shade = (mel.mean(axis=0) / max(float(mel.max()), 1e-12)) ** contrast
    seconds = params.seconds_of(mel.shape[2])
    bottom, top = mel_of_hz(params.fmin), mel_of_hz(params.fmax)
    ax.imshow(shade, origin="lower", aspect="auto", cmap="Greys", vmin=0, vmax=1, extent=(0, seconds, bottom, top))
    ticks = [f for f in (0, 100, 250, 500, 1000, 2000, 4000, 8000, 16000) if params.fmin <= f <= params.fmax]
    ax.set_yticks([mel_of_hz(f) for f in ticks], [f"{f:g}" for f in ticks])
    ax.set(xlabel="time (s)", ylabel="frequency (Hz, mel scale)", title=title or "")
    return ax


def plot_stft(
    clip: Clip,
    window_ms: float = 100.0,
    hop_ms: float = 10.0,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    fmax: float = 5000.0,
    floor_db: float = -80.0,
) -> Axes:
    """Spectrogram of a clip (STFT): magnitudes in dB below the loudest, frequency in Hz on a straight scale.

    Parameters
    ----------
    clip : Clip
    window_ms, hop_ms : float [ms]
        Length of the Hann window, and from one to the next.
    ax, title
        As in `plot_wave`.
    fmax : float [Hz]
        The highest frequency shown.
    floor_db : float [dB, < 0]
        What is quieter is white.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (8, 3.2))
    samples = clip.mono().samples[0]
    window = min(max(round(window_ms / 1000 * clip.sample_rate), 8), len(samples))
    hop = max(round(hop_ms / 1000 * clip.sample_rate), 1)
    padded = np.pad(samples, window // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop] * np.hanning(window)
    magnitudes = np.abs(np.fft.rfft(frames, max(window, 4096), axis=1)).T
    level = 20 * np.log10(magnitudes / max(magnitudes.max(), 1e-12) + 1e-12)
    kept = int(len(level) * min(fmax / (clip.sample_rate / 2), 1))
    picture = ax.imshow(
        level[:kept],
        origin="lower",
        aspect="auto",
        cmap="Greys",
        vmin=floor_db,
        vmax=0,
        extent=(0, clip.duration, 0, kept / len(level) * clip.sample_rate / 2),
    )
    ax.figure.colorbar(picture, ax=ax, label="dB")
    ax.set(xlabel="time (s)", ylabel="frequency (Hz)", title=title or f"window {window_ms:g} ms")
    return ax


def plot_seam(clip: Clip, *, ax: Axes | None = None, title: str | None = None, seconds: float = 0.02) -> Axes:
    """The joint of a loop: its last samples, then its first, around time 0.

    Parameters
    ----------
    clip : Clip
    ax, title
        As in `plot_wave`.
    seconds : float [s]
        So much on either side.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (8, 1.8))
    samples = clip.mono().samples[0]
    n = min(max(round(seconds * clip.sample_rate), 2), len(samples))
    time = np.arange(-n, n) / clip.sample_rate * 1000
    ax.plot(time[:n], samples[-n:], label="end", linewidth=0.9)
    ax.plot(time[n:], samples[:n], label="beginning", linewidth=0.9)
    ax.axvline(0, color="grey", linewidth=0.5)
    ax.set(xlabel="time about the joint (ms)", ylabel="sample", title=title or "")
    ax.legend(loc="upper right", fontsize="small")
    return ax


def plot_figures(rows: dict[str, float], *, ax: Axes | None = None, title: str | None = None, unit: str = "dB") -> Axes:
    """Bar chart of figures of quality side by side.

    Parameters
    ----------
    rows : dict {name: number}
    ax, title
        As in `plot_wave`.
    unit : str
        Of the numbers.

    Returns
    -------
    matplotlib.axes.Axes
    """
    ax = _axes(ax, (7, 0.4 * len(rows) + 0.8))
    names, values = list(rows), list(rows.values())
    bars = ax.barh(names, values, color="0.6")
    ax.bar_label(bars, fmt="%.1f", padding=3, fontsize="small")
    ax.invert_yaxis()
    ax.margins(x=0.15)
    ax.set(xlabel=unit, title=title or "")
    return ax
