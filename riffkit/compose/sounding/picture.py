"""A stereo loop as the 8-bit pictures that a model learns from."""

from dataclasses import replace
from functools import lru_cache

import numba
import numpy as np
import scipy.fft

from riffkit.compose.sounding.loops import LOOP_SAMPLES
from riffkit.sound.mel import hann, mel_filters, mel_from_samples
from riffkit.sound.params import SpectrogramParams

# Hiss of recorded samples at -60 dB and below prints as grey texture (the picture shows the fourth root): levels under
# a tenth of the range go to white, levels over a fifth stay, those between fade.
QUIET, CLEAR = 0.10, 0.20
NINTH = 9  # divides the loop, the hop and the window: a ninth of the samples is enough for what lies below 2 kHz
SPLIT = 1900.0  # Hz: rows below are drawn from a ninth of the samples, rows above with less padding
COARSE = 6400  # samples of the padded window for those rows: bins of 6.9 Hz
BLOCK = 64  # frames at a time


def picture_of(samples: np.ndarray, params: SpectrogramParams | None = None) -> np.ndarray:
    """Draw a loop as two pictures, left and right under one scale: Riffusion's, with the hiss removed.

    Parameters
    ----------
    samples : np.ndarray [shape=(2, 225792), float32, at 44100 Hz]
    params : SpectrogramParams or None
        None takes `SpectrogramParams.full_band()`.

    Returns
    -------
    np.ndarray [shape=(2, n_mels, 512), uint8]
        Low frequencies at the bottom, loud is dark; all white for silence.
    """
    params = params or SpectrogramParams.full_band()
    mel = _quick_mel(samples, params) if _usual(samples, params) else mel_from_samples(samples, params, periodic=True)
    loudest = mel.max()
    if loudest <= 0:
        return np.full(mel.shape, 255, np.uint8)
    return _shades(mel, float(loudest), params.contrast)


def _usual(samples: np.ndarray, params: SpectrogramParams) -> bool:
    shape = (params.sample_rate, params.hop_length, params.win_length, params.n_fft)
    return samples.shape[-1] == LOOP_SAMPLES and shape == (44_100, 441, 4410, 17_640)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _shades(mel: np.ndarray, loudest: float, contrast: float) -> np.ndarray:
    """Grey levels, upside down, with the hiss faded."""
    channels, rows, columns = mel.shape
    out = np.empty((channels, rows, columns), np.uint8)
    for c in range(channels):
        for r in range(rows):
            for t in range(columns):
                level = mel[c, rows - 1 - r, t] / loudest
                level = np.sqrt(np.sqrt(level)) if contrast == 0.25 else level**contrast
                level *= min(max((level - QUIET) / (CLEAR - QUIET), 0.0), 1.0)
                out[c, r, t] = 255 - np.uint8(np.rint(255 * level))
    return out


@lru_cache(maxsize=4)
def _bands(params: SpectrogramParams) -> tuple[int, np.ndarray, np.ndarray, np.ndarray]:
    """How many rows lie below the split; of every row its first bin, where its weights begin, and the weights.

    Rows above the split have bins of their own, wider and with as much more weight.
    """
    fine = mel_filters(params)
    coarse = mel_filters(replace(params, padded_ms=1000 * COARSE / params.sample_rate + 1e-6))
    lows, starts, weights, below = [], [0], [], 0
    for row in range(params.n_mels):
        bins = np.flatnonzero(fine[row])
        if len(bins) and bins[-1] * params.sample_rate / params.n_fft < SPLIT:
            below, triangle = row + 1, fine[row]
        else:
            triangle = coarse[row] * np.float32(params.n_fft / COARSE)
        bins = np.flatnonzero(triangle)
        first, last = (bins[0], bins[-1] + 1) if len(bins) else (0, 0)
        lows.append(first)
        weights.append(triangle[first:last])
        starts.append(starts[-1] + last - first)
    return below, np.array(lows, np.int32), np.array(starts, np.int32), np.concatenate(weights).astype(np.float32)


@numba.njit(cache=True, nogil=True)
def _framed(loop: np.ndarray, first: int, hop: int, window: np.ndarray, frames: np.ndarray) -> None:
    """frames[t] = the loop round sample (first + t) * hop, times the window."""
    n, half = len(loop), len(window) // 2
    for t in range(frames.shape[0]):
        a = ((first + t) * hop - half) % n
        for i in range(len(window)):
            k = a + i
            frames[t, i] = loop[k if k < n else k - n] * window[i]


@numba.njit(cache=True, nogil=True, fastmath=True)
def _summed(
    spectra: np.ndarray, lows: np.ndarray, starts: np.ndarray, weights: np.ndarray, rows: tuple[int, int],
    mel: np.ndarray, first: int,
) -> None:  # fmt: skip
    """Magnitudes under the triangles of some rows, into columns of `mel` from `first` on."""
    bottom, top = lows[rows[0]], 0
    for j in range(rows[0], rows[1]):
        bottom, top = min(bottom, lows[j]), max(top, lows[j] + starts[j + 1] - starts[j])
    magnitudes = np.empty(top, np.float32)
    for t in range(spectra.shape[0]):
        for k in range(bottom, top):
            magnitudes[k] = np.sqrt(spectra[t, 2 * k] ** 2 + spectra[t, 2 * k + 1] ** 2)
        for j in range(rows[0], rows[1]):
            total = np.float32(0)
            for i in range(starts[j + 1] - starts[j]):
                total += weights[starts[j] + i] * magnitudes[lows[j] + i]
            mel[j, first + t] = total


def _quick_mel(samples: np.ndarray, params: SpectrogramParams) -> np.ndarray:
    """As `mel_from_samples` within a grey level, in half its time: a loop can be thinned out without an error.

    Below the split the loop's own spectrum, cut off at 2.45 kHz, gives a ninth of its samples exactly; above it wider
    bins are enough.
    """
    below, lows, starts, weights = _bands(params)
    window = hann(params.win_length)
    mel = np.empty((len(samples), params.n_mels, LOOP_SAMPLES // params.hop_length), np.float32)
    for channel, loop in zip(mel, np.ascontiguousarray(samples, np.float32), strict=True):
        thin = scipy.fft.irfft(scipy.fft.rfft(loop)[: LOOP_SAMPLES // NINTH // 2 + 1], LOOP_SAMPLES // NINTH)
        for row, hop, shape, n_fft, rows in (
            (thin, params.hop_length // NINTH, window[::NINTH], params.n_fft // NINTH, (0, below)),
            (loop, params.hop_length, window, COARSE, (below, params.n_mels)),
        ):
            frames = np.empty((BLOCK, len(shape)), np.float32)
            for first in range(0, channel.shape[1], BLOCK):
                _framed(row, first, hop, np.ascontiguousarray(shape), frames)
                _summed(scipy.fft.rfft(frames, n_fft).view(np.float32), lows, starts, weights, rows, channel, first)
    return mel
