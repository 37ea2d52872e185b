"""Measures that several tests of sound use: seams, spectra, tuning."""

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE


def seam(loop):
    """Step over the seam, against the largest step within the loop."""
    steps = np.abs(np.diff(loop, axis=-1)).max()
    return np.abs(loop[..., 0] - loop[..., -1]).max() / steps


def bands(loop):
    """Levels in a grid of 40 bands by 24 stretches of a loop, each to the fourth root and the whole of length 1."""
    mono = loop if loop.ndim == 1 else loop.mean(axis=0)
    frames = mono[: len(mono) // 24 * 24].reshape(24, -1)
    spectra = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1])))
    hertz = np.fft.rfftfreq(frames.shape[1], 1 / SAMPLE_RATE)
    edges = np.geomspace(30, 20_000, 41)
    grid = np.stack(
        [spectra[:, (hertz >= a) & (hertz < b)].mean(axis=1) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    )
    grid = grid**0.25
    return (grid / np.linalg.norm(grid)).ravel()


def nearest_pairs(sounds):
    """The distance of the two most alike of named sounds, and their names."""
    names = list(sounds)
    grid = np.stack([bands(sounds[name]) for name in names])
    distance = np.sqrt(np.maximum(2 - 2 * grid @ grid.T, 0)) + 9 * np.eye(len(names))
    a, b = np.unravel_index(distance.argmin(), distance.shape)
    return float(distance.min()), names[a], names[b]


def cents_off(samples, hertz):
    """How far the partials of a tone lie from the multiples of a frequency, in cents, weighed by their power."""
    mono = samples if samples.ndim == 1 else samples.mean(axis=0)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 4 * len(mono))) ** 2
    bins = np.fft.rfftfreq(4 * len(mono), 1 / SAMPLE_RATE)
    total, off = 0.0, 0.0
    for k in range(1, 5):
        near = (bins > hertz * k * 2 ** (-1.5 / 12)) & (bins < hertz * k * 2 ** (1.5 / 12))
        strength = power[near].sum()
        total += strength
        off += strength * 1200 * np.log2((bins[near] * power[near]).sum() / strength / (hertz * k))
    return off / total
