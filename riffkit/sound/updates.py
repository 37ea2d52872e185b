"""The inner loops of the inversion, compiled: frames in and out of the sound, and the correction of their spectra.

Frames are handled side by side, so that every filter weight meets a whole vector of magnitudes.
"""

import math

import numba
import numpy as np

from .attacks import N_BANDS


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def gather(sound, places, window, frames):
    """frames[t] = window * sound from places[t] on, going round at the end."""
    period = len(sound)
    for t in range(len(places)):
        a = places[t] % period
        n = min(len(window), period - a)
        for i in range(n):
            frames[t, i] = sound[a + i] * window[i]
        for i in range(n, len(window)):
            frames[t, i] = sound[a + i - period] * window[i]


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def overlap(frames, places, window):
    """The frames, windowed and added, each at its place; the first sample of the sum belongs to places[0]."""
    out = np.zeros(places[-1] - places[0] + len(window), np.float32)
    for t in range(len(places)):
        a = places[t] - places[0]
        for i in range(len(window)):
            out[a + i] += frames[t, i] * window[i]
    return out


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def add_round(sound, start, piece):
    """sound[start:] += piece, going round at the end."""
    period, done = len(sound), 0
    a = start % period
    while done < len(piece):
        n = min(len(piece) - done, period - a)
        for i in range(n):
            sound[a + i] += piece[done + i]
        done += n
        a = 0


@numba.njit(cache=True, nogil=True, error_model="numpy")
def window_gain(places, squared, usual, length, period):
    """1 / the sum of squared windows at all places; with a period, those that reach over the end come round.

    Every sample adds its windows in the order of time, so that equal surroundings give equal bits. Where the sum is
    less than a twentieth of the `usual`, the gain falls to zero; the second array says what is then missing from 1.
    """
    total = np.zeros(length)
    for turn in range(1 if period == 0 else 2):
        shift = 0 if period == 0 else (turn - 1) * period
        for place in places:
            a = place + shift
            start = max(-a, 0)
            n = min(len(squared), length - a) - start
            if n > 0:
                into, window = total[a + start : a + start + n], squared[start : start + n]
                for i in range(n):
                    into[i] += window[i]
    gain, missing = np.empty(length, np.float32), np.empty(length, np.float32)
    for i in range(length):
        covered = min(total[i] / (0.05 * usual), 1.0)
        gain[i] = covered / max(total[i], 1e-3 * usual)
        missing[i] = 1.0 - covered
    return gain, missing


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def joint_update(spectra, previous, momentum, mel, least, floor, filters, back, prior, pull, bands, ratios):
    """Spectra of consistent sound -> spectra with momentum, magnitudes one step nearer to the mel, in place.

    The step is multiplicative (Kullback-Leibler, Lee & Seung 2001): |R| A'(mel / A|R|) / A'1. Where filters are wide,
    it is then drawn towards the smallest magnitudes that give the mel (`pull` of the way).

    Parameters
    ----------
    spectra, previous : np.ndarray [shape=(n_frames, 2 * n_bins), float32]
        Real and imaginary parts in turn.
    momentum : float
    mel, least : np.ndarray [shape=(n_mels, n_frames), float32]
        Wanted magnitudes, and what `prior` makes the smallest magnitudes from.
    floor : float
    filters, back, prior : Sparse
        Bin by bin: weights of the mel filters, the same for the way back, and those for `least`.
    pull : np.ndarray [shape=(n_bins,), 0..1]
    bands : np.ndarray [shape=(n_mels, 3), float32]
        What each filter's energy counts for in the three bands of attacks.py.
    ratios : np.ndarray [shape=(n_frames, 3), float32]
        Gets wanted over present energy in each of these bands.
    """
    n_frames, n_bins, n_mels = spectra.shape[0], len(pull), mel.shape[0]
    x = np.empty((n_bins, n_frames), np.float32)
    row = np.empty(n_bins, np.float32)
    for t in range(n_frames):
        z = spectra[t]
        for k in range(n_bins):
            row[k] = math.sqrt(z[2 * k] * z[2 * k] + z[2 * k + 1] * z[2 * k + 1])
        for k in range(n_bins):
            x[k, t] = row[k]
    ratio = np.zeros((n_mels, n_frames), np.float32)
    for k in range(n_bins):
        for e in range(filters.starts[k], filters.starts[k + 1]):
            j, w = filters.columns[e], filters.weights[e]
            for t in range(n_frames):
                ratio[j, t] += w * x[k, t]
    energy = np.full((N_BANDS, 2, n_frames), floor * floor, np.float32)
    for j in range(n_mels):
        for b in range(N_BANDS):
            part = bands[j, b]
            for t in range(n_frames):
                now, wanted = max(ratio[j, t], np.float32(0)), mel[j, t]
                energy[b, 0, t] += part * wanted * wanted
                energy[b, 1, t] += part * now * now
        for t in range(n_frames):
            now, wanted = max(ratio[j, t], np.float32(0)), mel[j, t]
            ratio[j, t] = min((wanted + floor) / (now + floor), np.float32(100))
    for b in range(N_BANDS):
        for t in range(n_frames):
            ratios[t, b] = energy[b, 0, t] / energy[b, 1, t]
    total, smallest = np.empty(n_frames, np.float32), np.empty(n_frames, np.float32)
    for k in range(n_bins):
        total[:] = 0
        for e in range(back.starts[k], back.starts[k + 1]):
            j, w = back.columns[e], back.weights[e]
            for t in range(n_frames):
                total[t] += w * ratio[j, t]
        p = pull[k]
        if p > 0:
            smallest[:] = 0
            for e in range(prior.starts[k], prior.starts[k + 1]):
                j, w = prior.columns[e], prior.weights[e]
                for t in range(n_frames):
                    smallest[t] += w * least[j, t]
            for t in range(n_frames):
                x[k, t] = (1 - p) * x[k, t] * total[t] + p * max(smallest[t], np.float32(0))
        else:
            for t in range(n_frames):
                x[k, t] *= total[t]
    for t in range(n_frames):
        for k in range(n_bins):
            row[k] = x[k, t]
        _advance(spectra[t], previous[t], momentum, row)


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def fixed_update(spectra, previous, momentum, magnitudes):
    """The same with magnitudes (n_frames, n_bins) that stay (fast Griffin-Lim)."""
    for t in range(spectra.shape[0]):
        _advance(spectra[t], previous[t], momentum, magnitudes[t])


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _advance(z, p, momentum, magnitudes):
    """One frame: phase of the spectrum with momentum, these magnitudes."""
    for k in range(len(magnitudes)):
        a, b = z[2 * k], z[2 * k + 1]
        real, imaginary = a + momentum * (a - p[2 * k]), b + momentum * (b - p[2 * k + 1])
        p[2 * k], p[2 * k + 1] = a, b
        size = magnitudes[k] / math.sqrt(real * real + imaginary * imaginary + np.float32(1e-30))
        z[2 * k], z[2 * k + 1] = real * size, imaginary * size
