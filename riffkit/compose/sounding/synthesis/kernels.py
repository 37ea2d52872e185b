"""The loops over samples that numpy cannot do: oscillators read from tables, filters and strings with feedback."""

import numba
import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE


@numba.njit(cache=True, nogil=True)
def read(table: np.ndarray, hertz: np.ndarray, phase: float) -> np.ndarray:
    """Read one period again and again at the speed of a note.

    Parameters
    ----------
    table : np.ndarray [shape=(size + 1,), float32]
        One period and its first sample once more.
    hertz : np.ndarray [shape=(n,), float32, Hz]
    phase : float [0..1]
        Where in the period it begins.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    size = len(table) - 1
    out = np.empty(len(hertz), np.float32)
    for i in range(len(hertz)):
        place = phase * size
        k = int(place)
        part = np.float32(place - k)
        out[i] = table[k] + part * (table[k + 1] - table[k])
        phase += hertz[i] / SAMPLE_RATE
        phase -= np.floor(phase)
    return out


@numba.njit(cache=True, nogil=True)
def sweep(x: np.ndarray, cutoff: np.ndarray, q: float, kind: int) -> np.ndarray:
    """State-variable filter of two poles, whose cutoff moves from sample to sample.

    Parameters
    ----------
    x : np.ndarray [shape=(n,), float32]
    cutoff : np.ndarray [shape=(n,), float32, Hz, < 20000]
    q : float [>= 0.5]
        Resonance; 0.707 has none.
    kind : int
        0 low-pass, 1 band-pass (peak 1), 2 high-pass.

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Simper, "Linear trapezoidal integrated state variable filter", 2013.
    """
    out = np.empty(len(x), np.float32)
    first, second, k = 0.0, 0.0, 1.0 / q
    g = 0.0
    for i in range(len(x)):
        if i % 16 == 0:  # a filter that moves every third of a millisecond moves smoothly
            g = np.tan(np.pi * min(max(cutoff[i], 10.0), 20000.0) / SAMPLE_RATE)
        a1 = 1.0 / (1.0 + g * (g + k))
        v3 = x[i] - second
        band = a1 * first + g * a1 * v3
        low = second + g * a1 * first + g * g * a1 * v3
        first, second = 2 * band - first, 2 * low - second
        if kind == 0:
            out[i] = low
        elif kind == 1:
            out[i] = k * band
        else:
            out[i] = x[i] - k * band - low
    return out


@numba.njit(cache=True, nogil=True)
def string(x: np.ndarray, delay: np.ndarray, loss: float, dullness: float, buzz: float, stiffness: float) -> np.ndarray:
    """A string that is plucked or struck by `x`: a delay of one period with a filter in its loop.

    Parameters
    ----------
    x : np.ndarray [shape=(n,), float32]
        What the pick does to it.
    delay : np.ndarray [shape=(n,), float32, samples, >= 4]
        One period at each time.
    loss : float [0..1]
        What is left of a low partial after one period.
    dullness : float [0..0.5]
        How quickly the treble dies.
    buzz : float [samples]
        By how much the string shortens where it leans on a flat bridge, as the sitar's and the tanpura's.
    stiffness : float [0..0.9]
        Of an all-pass in the loop; 0 is a string, more is a bar or a piano's.

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Karplus & Strong, "Digital synthesis of plucked-string and drum timbres", 1983; Jaffe & Smith, 1983 (tuning).
    """
    n = len(x)
    y = np.zeros(n, np.float32)
    before, left_in, left_out = 0.0, 0.0, 0.0
    # what the filters in the loop delay by at low frequencies is taken off the period
    own = dullness + (1 - stiffness) / (1 + stiffness) if stiffness > 0 else dullness
    for i in range(n):
        back = i - (delay[i] - own)
        if buzz != 0.0 and i > 0 and y[i - 1] > 0:
            back += buzz * min(y[i - 1], 1.0)
        k = int(np.floor(back))
        value = 0.0
        if k >= 1 and k + 2 < i:  # four points, Lagrange
            d = back - k
            a, b, c, e = y[k - 1], y[k], y[k + 1], y[k + 2]
            value = (
                -d * (d - 1) * (d - 2) / 6 * a
                + (d + 1) * (d - 1) * (d - 2) / 2 * b
                - (d + 1) * d * (d - 2) / 2 * c
                + (d + 1) * d * (d - 1) / 6 * e
            )
        dull = (1 - dullness) * value + dullness * before
        before = value
        if stiffness > 0:
            through = stiffness * dull + left_in - stiffness * left_out
            left_in, left_out = dull, through
            dull = through
        y[i] = x[i] + loss * dull
    return y


@numba.njit(cache=True, nogil=True)
def resonances(x: np.ndarray, hertz: np.ndarray, widths: np.ndarray, gains: np.ndarray, hop: int) -> np.ndarray:
    """Resonators side by side whose frequencies move: a throat, or a body.

    Parameters
    ----------
    x : np.ndarray [shape=(n,), float32]
    hertz, widths, gains : np.ndarray [shape=(n_frames, n_resonators), float32, Hz | Hz | factor]
    hop : int [samples]
        From one frame to the next; the last one is held.

    Returns
    -------
    np.ndarray [shape=(n,), float32]

    References
    ----------
    Klatt, "Software for a cascade/parallel formant synthesizer", 1980.
    """
    n, frames, count = len(x), hertz.shape[0], hertz.shape[1]
    out = np.zeros(n, np.float32)
    for r in range(count):
        first, second = 0.0, 0.0
        a, b, gain = 0.0, 0.0, 0.0
        sign = 1.0 if r % 2 == 0 else -1.0  # neighbours of opposite sign leave no hole between them
        before, twice = 0.0, 0.0
        for i in range(n):
            if i % 32 == 0:
                place = i / hop
                k = min(int(place), frames - 1)
                m = min(k + 1, frames - 1)
                t = min(place - k, 1.0)
                f = min((1 - t) * hertz[k, r] + t * hertz[m, r], 20000.0)
                w = (1 - t) * widths[k, r] + t * widths[m, r]
                radius = np.exp(-np.pi * w / SAMPLE_RATE)
                a, b = 2 * radius * np.cos(2 * np.pi * f / SAMPLE_RATE), -radius * radius
                # with x[i] - x[i - 2] the peak is about 1 whatever the width
                gain = sign * ((1 - t) * gains[k, r] + t * gains[m, r]) * (1 - radius * radius) / 2
            value = x[i] - twice + a * first + b * second
            twice, before = before, x[i]
            second, first = first, value
            out[i] += gain * value
    return out


@numba.njit(cache=True, nogil=True)
def modes(n: int, hertz: np.ndarray, seconds: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Decaying sines, all struck at once: bars, bells, bowls and skins.

    Parameters
    ----------
    n : int [samples]
    hertz, seconds, gains : np.ndarray [shape=(n_modes,), float64, Hz | s to 1/e | factor]
        Modes above 20 kHz are left out.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    out = np.zeros(n, np.float32)
    for m in range(len(hertz)):
        if hertz[m] > 20000.0:
            continue
        radius = np.exp(-1.0 / (seconds[m] * SAMPLE_RATE))
        turn = 2 * np.pi * hertz[m] / SAMPLE_RATE
        a, b = 2 * radius * np.cos(turn), -radius * radius
        first, second = 0.0, -np.sin(turn) / radius
        for i in range(n):
            out[i] += gains[m] * first
            first, second = a * first + b * second, first
    return out


@numba.njit(cache=True, nogil=True)
def biquad(loop: np.ndarray, b: np.ndarray, a: np.ndarray) -> np.ndarray:
    """A filter of two poles and two zeros round a loop: it is in swing when the loop begins.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,), float32, samples]
    b, a : np.ndarray [shape=(3,), float64]
        Its coefficients; a[0] is 1.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = len(loop)
    first, second = 0.0, 0.0
    for i in range(max(n - 16384, 0), n):
        value = b[0] * loop[i] + first
        first, second = b[1] * loop[i] - a[1] * value + second, b[2] * loop[i] - a[2] * value
    out = np.empty(n, np.float32)
    for i in range(n):
        value = b[0] * loop[i] + first
        first, second = b[1] * loop[i] - a[1] * value + second, b[2] * loop[i] - a[2] * value
        out[i] = value
    return out
