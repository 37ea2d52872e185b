"""Framing and overlap-add, compiled."""

import numpy as np

from riffkit.sound.inversion.kernels.build import compiled, fast


@fast
def gather(sound: np.ndarray, places: np.ndarray, window: np.ndarray, frames: np.ndarray) -> None:
    """Framing: frames[t] = window * sound from places[t] on, going round at the end.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,), float32]
    places : np.ndarray [shape=(n_frames,), int, samples]
    window : np.ndarray [shape=(n_window,), float32]
    frames : np.ndarray [shape=(n_frames, n_window), float32]
        Changed in place.
    """
    period = len(sound)
    for t in range(len(places)):
        a = places[t] % period
        n = min(len(window), period - a)
        for i in range(n):
            frames[t, i] = sound[a + i] * window[i]
        for i in range(n, len(window)):
            frames[t, i] = sound[a + i - period] * window[i]


@fast
def overlap(frames: np.ndarray, places: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Overlap-add: the frames, windowed and added, each at its place.

    Parameters
    ----------
    frames : np.ndarray [shape=(n_frames, n_window), float32]
    places : np.ndarray [shape=(n_frames,), int, samples, rising]
    window : np.ndarray [shape=(n_window,), float32]

    Returns
    -------
    np.ndarray [shape=(n,), float32]
        Its first sample belongs to places[0].
    """
    out = np.zeros(places[-1] - places[0] + len(window), np.float32)
    for t in range(len(places)):
        a = places[t] - places[0]
        for i in range(len(window)):
            out[a + i] += frames[t, i] * window[i]
    return out


@fast
def add_round(sound: np.ndarray, start: int, piece: np.ndarray) -> None:
    """sound[start:] += piece, going round at the end.

    Parameters
    ----------
    sound : np.ndarray [shape=(n,), float32]
        Changed in place.
    start : int [samples]
    piece : np.ndarray [shape=(m,), float32]
    """
    period, done = len(sound), 0
    a = start % period
    while done < len(piece):
        n = min(len(piece) - done, period - a)
        for i in range(n):
            sound[a + i] += piece[done + i]
        done += n
        a = 0


@compiled
def window_gain(
    places: np.ndarray, squared: np.ndarray, usual: float, length: int, period: int
) -> tuple[np.ndarray, np.ndarray]:
    """1 / the sum of squared windows at all places; with a period, those that reach over the end come round.

    Every sample adds its windows in the order of time, so that equal surroundings give equal bits.

    Parameters
    ----------
    places : np.ndarray [shape=(n_frames,), int, samples]
    squared : np.ndarray [shape=(n_window,), float64]
        The squared window.
    usual : float
        Of the sum. Where it is less than a twentieth of that, the gain falls to zero.
    length : int [samples]
    period : int [samples]
        0 for none.

    Returns
    -------
    gain, missing : np.ndarray [shape=(length,), float32], np.ndarray [shape=(length,), float32, 0..1]
        `missing` is what a gain that falls leaves missing from 1.
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
