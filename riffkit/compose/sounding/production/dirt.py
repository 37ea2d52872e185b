"""Overload, crushed bits, pressed levels, and a voice of carriers: what bends the wave itself."""

import numpy as np
import scipy.fft

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.synthesis.lines import smoothed


def _level(loop: np.ndarray) -> np.float32:
    return np.float32(np.sqrt(np.mean(loop**2)) + 1e-9)


def distortion(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """An overdriven amplifier and its cabinet; reckoned at twice the rate, so that little folds back.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    before = equalized(loop, ("high pass", 110.0, 0.0), ("bell", 900.0, 4.0, 0.7))
    n = loop.shape[1]
    spectra = np.zeros((2, n + 1), np.complex64)
    spectra[:, : n // 2 + 1] = scipy.fft.rfft(before)
    double = scipy.fft.irfft(spectra, 2 * n) * 2
    double = np.tanh(double * np.float32(7.0) / _level(double) * np.float32(0.5) + np.float32(0.12))
    back = scipy.fft.irfft(scipy.fft.rfft(double)[:, : n // 2 + 1] * np.float32(0.5), n)
    back -= back.mean(axis=1, keepdims=True)
    return equalized(back, ("low pass", 5600.0, 0.0), ("low pass", 8000.0, 0.0)) * (_level(loop) / np.float32(0.6))


def bit_crusher(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Few levels, and every sample held for some: the steps are meant to be heard.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    hold = (6, 7, 8, 9)[setting.seed % 4]  # 7.4 to 4.9 kHz; each divides the loop's 225,792 samples or nearly so
    held = np.repeat(loop[:, ::hold], hold, axis=1)[:, :LOOP_SAMPLES]
    peak = np.float32(np.abs(held).max() + 1e-9)
    return (np.round(held / peak * 14) / 14 * peak).astype(np.float32)


def compressed(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Pressed hard: what is soft comes up, what is struck is held down, everything breathes.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    power = smoothed(smoothed((loop**2).mean(axis=0), 0.012), 0.03)
    level = np.sqrt(np.maximum(power, 0)) / _level(loop)
    gain = np.minimum((level + 0.02) ** -0.85, 16.0).astype(np.float32)
    pressed = loop * gain
    return np.tanh(np.float32(1.4) * pressed / (3 * _level(pressed))) * (3 * _level(loop))


def vocoder(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """The loop's bands of loudness laid over a chord of saws: the machine speaks.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]

    References
    ----------
    Dudley, "The vocoder", 1939.
    """
    mono = loop.mean(axis=0)
    time = np.arange(LOOP_SAMPLES) / LOOP_SAMPLES
    carrier = np.zeros(LOOP_SAMPLES, np.float32)
    for turns in (563, 564, 845, 1127):  # whole turns round the loop: 110, 165, 220 Hz
        carrier += (2 * ((turns * time) % 1) - 1).astype(np.float32)
    spectrum, voice = scipy.fft.rfft(carrier), scipy.fft.rfft(mono)
    edges = np.geomspace(120, 9000, 17)
    hertz = np.fft.rfftfreq(LOOP_SAMPLES, 1 / SAMPLE_RATE)
    out = np.zeros(LOOP_SAMPLES, np.float32)
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        band = (1 / np.sqrt((1 + (low / np.maximum(hertz, 1)) ** 8) * (1 + (hertz / high) ** 8))).astype(np.float32)
        power = smoothed(scipy.fft.irfft(voice * band, LOOP_SAMPLES) ** 2, 0.008)
        out += np.sqrt(np.maximum(power, 0)) * scipy.fft.irfft(spectrum * band, LOOP_SAMPLES)
    out = out * (_level(mono) / _level(out))
    return np.stack([out, np.roll(out, 400)])
