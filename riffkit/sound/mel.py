"""Sound to mel magnitudes: frames, window, FFT, triangles.

Same numbers as a zero-padded STFT with a dense mel matrix (Riffusion through torchaudio), six times faster: only the
samples under the window are transformed; as the triangles end below a quarter of the sample rate, every other sample
of a low-passed frame is enough; and every triangle is summed over its own few bins.
"""

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import scipy.fft

from riffkit.sound.clip import Clip
from riffkit.sound.compiling import compiled
from riffkit.sound.params import SpectrogramParams, mel_of_hz

BLOCK = 64  # frames at a time: their spectra fit the second-level cache
LONG = 6000  # frames: what has fewer is drawn or heard before a bar of progress would appear
TAPS, BETA, TRANSITION = 201, 12.0, 0.0382  # of the low-pass (Kaiser window): 118 dB off, this share of the rate wide


def _linspace(start: float, stop: float, n: int) -> np.ndarray:
    """float32 linspace with torch's rounding (one fused multiply-add, from both ends), for equal pixels."""
    first, last = np.float32(start), np.float32(stop)
    step = np.float64(np.float32((last - first) / np.float32(n - 1)))
    i = np.arange(n)
    return np.where(i < n // 2, first + step * i, last - step * (n - 1 - i)).astype(np.float32)


@lru_cache(maxsize=8)
def _triangles(params: SpectrogramParams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The filter bank row by row: filter j has weights[starts[j] : starts[j + 1]], from bin lows[j] on."""
    filters = mel_filters(params)
    rows = [np.flatnonzero(row) for row in filters]
    lows = np.array([row[0] if len(row) else 0 for row in rows], np.int32)
    sizes = [int(row[-1]) - int(row[0]) + 1 if len(row) else 0 for row in rows]
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    pieces = [row[low : low + size] for row, low, size in zip(filters, lows, sizes, strict=True)]
    return lows, starts, np.concatenate(pieces)


@lru_cache(maxsize=8)
def _low_pass(params: SpectrogramParams) -> np.ndarray:
    """Half of a symmetric low-pass (middle tap last), so that half the samples do; empty where `fmax` is too high.

    Halving folds what is above a quarter of the rate down. It must not reach `fmax`: the filter takes 118 dB off all
    that would, and leaves all below `fmax` as it is.
    """
    rate, win = params.sample_rate, params.win_length
    room = rate / 2 - 2 * params.fmax
    if room < TRANSITION * rate or win % 2 or params.n_fft % 4 or win < TAPS:
        return np.empty(0)
    at = np.arange(-(TAPS // 2), 1)
    taps = np.sinc(at / 2) * np.kaiser(TAPS, BETA)[: len(at)]
    return taps / (2 * taps.sum() - taps[-1])


@lru_cache(maxsize=8)
def mel_filters(params: SpectrogramParams) -> np.ndarray:
    """Triangular filters on the HTK mel scale, peak 1.

    Parameters
    ----------
    params : SpectrogramParams

    Returns
    -------
    np.ndarray [shape=(n_mels, n_fft // 2 + 1), float32, read-only]
        The same numbers as torchaudio's `melscale_fbanks` (norm None, "htk"), transposed.

    References
    ----------
    Young et al., "The HTK Book", 5.4.
    """
    n_bins = params.n_fft // 2 + 1
    freqs = _linspace(0, params.sample_rate // 2, n_bins)
    points = _linspace(mel_of_hz(params.fmin), mel_of_hz(params.fmax), params.n_mels + 2)
    # hz_of_mel step by step, each rounded to float32 as torchaudio does
    powers = (10.0 ** (points / np.float32(2595.0)).astype(np.float64)).astype(np.float32)
    edges = np.float32(700.0) * (powers - np.float32(1.0))
    width = np.maximum(np.diff(edges), np.float32(1e-9))
    slopes = edges[None, :] - freqs[:, None]
    down = -slopes[:, :-2] / width[:-1]
    up = slopes[:, 2:] / width[1:]
    filters = np.ascontiguousarray(np.maximum(np.float32(0), np.minimum(down, up)).T)
    filters.setflags(write=False)
    return filters


@compiled(fastmath=True)
def _low_passed(samples: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Samples through a symmetric filter, those near the ends left out; in double precision, for quiet frames."""
    half = len(taps) - 1
    x = samples.astype(np.float64)
    out = np.empty(len(x) - 2 * half, np.float32)
    for a in range(0, len(out), 256):
        n = min(256, len(out) - a)
        sums = taps[half] * x[a + half : a + half + n]
        for k in range(0, half, 2):  # two pairs of taps at a time, so that sums are fetched less often
            p, q, z = taps[k], taps[k + 1], a + 2 * half - k
            first, second = x[a + k : a + k + n], x[a + k + 1 : a + k + 1 + n]
            last, last_but_one = x[z : z + n], x[z - 1 : z - 1 + n]
            for i in range(n):
                sums[i] += p * (first[i] + last[i]) + q * (second[i] + last_but_one[i])
        out[a : a + n] = sums
    return out


@compiled(fastmath=True)
def _window_frames(samples: np.ndarray, hop: int, step: int, window: np.ndarray, frames: np.ndarray) -> None:
    """frames[t] = every `step`-th sample from t * hop on, times the window."""
    for t in range(frames.shape[0]):
        a = t * hop
        for i in range(len(window)):
            frames[t, i] = samples[a + step * i] * window[i]


@compiled(fastmath=True)
def _add_bands(
    spectra: np.ndarray, lows: np.ndarray, starts: np.ndarray, weights: np.ndarray, mel: np.ndarray, first: int
) -> None:
    top = 0
    for j in range(len(lows)):
        top = max(top, lows[j] + starts[j + 1] - starts[j])
    magnitudes = np.empty(top, np.float32)
    for t in range(spectra.shape[0]):
        z = spectra[t]
        for k in range(top):
            magnitudes[k] = np.sqrt(z[k].real * z[k].real + z[k].imag * z[k].imag)
        for j in range(len(lows)):
            total, low, start = np.float32(0), lows[j], starts[j]
            for i in range(starts[j + 1] - start):
                total += weights[start + i] * magnitudes[low + i]
            mel[j, first + t] = total


@compiled(error_model="python")
def _silence(samples: np.ndarray, hop: int, length: int, mel: np.ndarray, first: int, n: int) -> None:
    """Columns of mel from `first` on are 0 where no sample under the window sounds, whatever the filter smeared."""
    sounding = 0  # up to here we have looked
    for t in range(n):
        sounding = max(sounding, t * hop)
        while sounding < t * hop + length and samples[sounding] == 0:
            sounding += 1
        if sounding == t * hop + length:
            mel[:, first + t] = 0


def hann(length: int) -> np.ndarray:
    """Periodic Hann window of `length` samples [shape=(length,), float32]."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)).astype(np.float32)


def n_workers() -> int:
    """Threads worth starting: the cores this process may use (RIFFKIT_THREADS overrides)."""
    wanted = os.environ.get("RIFFKIT_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min(cores, _quota()), 1)


@lru_cache(maxsize=1)
def _quota(path: str = "/sys/fs/cgroup/cpu.max") -> int:
    """How many cores' time a container may use, which sees all of them (Linux, cgroup v2); else a large number."""
    try:
        quota, period = Path(path).read_text().split()
        return int(quota) // int(period)
    except (OSError, ValueError):  # no such file; or "max"
        return sys.maxsize


def _stretch(samples: np.ndarray, start: int, length: int, period: int) -> np.ndarray:
    """samples[start : start + length], where what lies outside is mirrored, or wrapped round after `period` samples."""
    if start >= 0 and start + length <= (period or len(samples)):
        return samples[start : start + length]
    places = np.arange(start, start + length)
    if period:
        loop = samples if len(samples) >= period else np.pad(samples, (0, period - len(samples)))
        return loop[places % period]
    if len(samples) == 1:
        return np.where(places == 0, samples[0], np.float32(0))
    places = np.abs(places) % (2 * len(samples) - 2)
    return samples[np.where(places < len(samples), places, 2 * len(samples) - 2 - places)]


def mel_columns(
    samples: np.ndarray, params: SpectrogramParams, first: int, last: int, out: np.ndarray, periodic: bool = False
) -> np.ndarray:
    """Mel magnitudes of some frames of one channel.

    Parameters
    ----------
    samples : np.ndarray [shape=(n,), float32, at params.sample_rate]
    params : SpectrogramParams
    first, last : int [frames]
    out : np.ndarray [shape=(n_mels, last - first), float32]
        Changed in place, and returned.
    periodic : bool
        The samples are a loop.
    """
    _on_all_cores(_blocks(samples, params, first, last, out, periodic))
    return out


def _blocks(
    samples: np.ndarray, params: SpectrogramParams, first: int, last: int, out: np.ndarray, periodic: bool
) -> list[Callable[[], None]]:
    """The work of `mel_columns` as calls, one for each 64 frames."""
    triangles, taps, window = _triangles(params), _low_pass(params), hann(params.win_length)
    hop, win = params.hop_length, params.win_length
    before = params.n_fft // 2 - (params.n_fft - win) // 2  # win / 2: the rest of Riffusion's padding meets zeros
    period = params.n_frames_of(len(samples), periodic=True) * hop if periodic else 0
    step = 2 if len(taps) else 1
    half = max(len(taps) - 1, 0)
    window = np.ascontiguousarray(window[::step]) * np.float32(step)

    def block(a: int) -> None:
        n = min(BLOCK, last - a)
        length = (n - 1) * hop + win
        piece = np.ascontiguousarray(_stretch(samples, a * hop - before - half, length + 2 * half, period))
        frames = np.empty((n, len(window)), np.float32)
        _window_frames(_low_passed(piece, taps) if half else piece, hop, step, window, frames)
        _add_bands(scipy.fft.rfft(frames, n=params.n_fft // step), *triangles, out, a - first)
        _silence(piece[half:], hop, win, out, a - first, n)

    return [partial(block, a) for a in range(first, last, BLOCK)]


def _on_all_cores(calls: list[Callable[[], None]]) -> None:
    workers = min(n_workers(), len(calls))
    if workers == 1:
        for call in calls:
            call()
        return
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()


def mel_from_samples(samples: np.ndarray, params: SpectrogramParams, *, periodic: bool = False) -> np.ndarray:
    """Mel magnitudes of plain arrays: the fast path for corpora (`mel_from_clip` checks and explains more).

    Parameters
    ----------
    samples : np.ndarray [shape=(channels, n), float32, at params.sample_rate]
    params : SpectrogramParams
    periodic : bool
        The samples are a loop, see `mel_from_clip`.

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0]
    """
    samples = np.atleast_2d(np.asarray(samples, dtype=np.float32))
    mels = np.empty((len(samples), params.n_mels, params.n_frames_of(samples.shape[1], periodic=periodic)), np.float32)
    calls: list[Callable[[], None]] = []
    for channel, mel in zip(samples, mels, strict=True):
        calls += _blocks(channel, params, 0, mels.shape[2], mel, periodic)
    _on_all_cores(calls)
    return mels


def mel_from_clip(clip: Clip, params: SpectrogramParams | None = None, *, periodic: bool = False) -> np.ndarray:
    """Mel magnitudes of a clip, channel by channel. Phase is dropped here; inversion estimates it again.

    Parameters
    ----------
    clip : Clip
        At `params.sample_rate`.
    params : SpectrogramParams or None
        None takes the defaults.
    periodic : bool
        Take the clip as a loop: windows at one end reach round to the other. What is left over after the last whole
        hop is dropped.

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0]
        Frame t is centred on sample t * hop_length; n_frames is 1 + n // hop_length, or n // hop_length if periodic.
        Times 32768 they are the numbers of Riffusion, which reads 16-bit integers unscaled.

    Raises
    ------
    ValueError
        If the clip has another sample rate.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    params = SpectrogramParams() if params is None else params
    if clip.sample_rate != params.sample_rate:
        raise ValueError(
            f"clip has sample_rate {clip.sample_rate} Hz, params expect {params.sample_rate} Hz; "
            f"use clip.resample({params.sample_rate})"
        )
    return mel_from_samples(clip.samples, params, periodic=periodic)
