"""Sharper attacks: where within its windows a sound's energy lies.

A 100 ms window smears an attack over ten frames, and iterations that look at one frame at a time leave its energy
before the attack. But the smear is known: the energy of a frame is the sum of the energies under its squared window.
So energies in steps of half a hop are corrected until the sums fit those of the mel in all frames at once
(Richardson-Lucy deconvolution, which keeps them positive: silence before an attack becomes silent again), and the
sound is turned up and down to follow. In three bands, so that a held bass does not pump with the drums.

References
----------
Richardson, "Bayesian-based iterative method of image restoration", JOSA 1972; Lucy, Astronomical Journal 1974.
"""

import math

import numba
import numpy as np

N_BANDS = 3  # parted near 1000 and 3500 Hz, see `smoothers`
HALO = 16  # frames looked at on both sides of a block
ROUNDS = 40
ACCELERATION = 1.8  # exponent of each correction; 2 and more overshoot
LOWEST, HIGHEST = 0.03, 3.0  # gains stay between
UNHEARD = 0.1  # natural logarithm: gains nearer to 1 are left out, the others come that much nearer


def can_sharpen(grid):
    """Whether half a hop is a whole number of samples that fits the window."""
    return grid.hop % 2 == 0 and grid.window % (grid.hop // 2) == 0 and grid.hop >= 16


def bands_of(params, rate):
    """How much of the energy at the centre of each mel filter `split` puts into each band, shape (n_mels, 3), float32.

    The bands overlap widely: a strong tone is heard in its neighbours too, and must be counted there.
    """
    turn = np.pi * params.hz_of(np.arange(params.n_mels)) / rate
    coarse, fine = (
        (np.sin(turn * (2 * reach + 1)) / ((2 * reach + 1) * np.sin(turn))) ** 2 for reach in smoothers(rate)
    )
    return (np.stack([fine * coarse, fine - fine * coarse, 1 - fine], axis=1) ** 2).astype(np.float32)


def smoothers(rate):
    """Half widths in samples of the two running means (used twice each) that split a sound into the bands."""
    return max(round(rate / 4000), 2), max(round(rate / 13000), 1)


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _running_mean(x, reach, out):
    """Mean of 2 reach + 1 neighbours; what lies outside counts as zero."""
    n, total, scale = len(x), 0.0, 1.0 / (2 * reach + 1)
    for i in range(min(reach, n)):
        total += x[i]
    for i in range(n):
        if i + reach < n:
            total += x[i + reach]
        if i - reach - 1 >= 0:
            total -= x[i - reach - 1]
        out[i] = total * scale


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def split(sound, first, n, coarse, fine, circular):
    """Bands of n samples from `first` on, lowest first; they add up to the sound. Shape (3, n)."""
    edge, period = 2 * (coarse + fine), len(sound)
    piece = np.empty(n + 2 * edge, np.float32)
    for i in range(len(piece)):
        k = first - edge + i
        piece[i] = sound[k % period] if circular or 0 <= k < period else np.float32(0)
    low, mid, spare = np.empty_like(piece), np.empty_like(piece), np.empty_like(piece)
    _running_mean(piece, fine, spare)
    _running_mean(spare, fine, mid)
    _running_mean(mid, coarse, spare)
    _running_mean(spare, coarse, low)
    bands = np.empty((3, n), np.float32)
    for i in range(n):
        k = i + edge
        bands[0, i], bands[1, i], bands[2, i] = low[k], mid[k] - low[k], piece[k] - mid[k]
    return bands


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def step_energies(bands, step):
    """Energy of each band in steps of `step` samples: shape (3, n // step)."""
    n = bands.shape[1] // step
    energies = np.zeros((3, n), np.float32)
    for b in range(3):
        for i in range(n):
            total = np.float32(0)
            for j in range(i * step, (i + 1) * step):
                total += bands[b, j] * bands[b, j]
            energies[b, i] = total
    return energies


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def gains_for(energies, ratios, weights, rounds, acceleration, lowest, highest, unheard):
    """Gains per step that bring the frames' energies to `ratios` times what they are.

    Parameters
    ----------
    energies : np.ndarray [shape=(3, n_steps), float32]
    ratios : np.ndarray [shape=(n_frames, 3), float32]
        Wanted energy of each frame over its present energy; frame t lies over steps 2 t ... 2 t + len(weights).
    weights : np.ndarray [float32]
        The squared window, summed over each step.
    """
    n_frames, span, n_steps = len(ratios), len(weights), energies.shape[1]
    gains = np.ones((3, n_steps), np.float32)
    cover = np.zeros(n_steps, np.float32)
    for t in range(n_frames):
        for i in range(span):
            cover[2 * t + i] += weights[i]
    wanted = np.empty(n_frames, np.float32)
    back = np.empty(n_steps, np.float32)
    for b in range(3):
        top = np.float32(0)
        for i in range(n_steps):
            top = max(top, energies[b, i])
        floor = np.float32(1e-12) * top + np.float32(1e-30)
        start = energies[b] + floor
        now = start.copy()
        for t in range(n_frames):
            total = np.float32(0)
            for i in range(span):
                total += weights[i] * now[2 * t + i]
            wanted[t] = total * ratios[t, b]
        for _ in range(rounds):
            back[:] = 0
            for t in range(n_frames):
                total = np.float32(0)
                for i in range(span):
                    total += weights[i] * now[2 * t + i]
                q = wanted[t] / (total + floor)
                for i in range(span):
                    back[2 * t + i] += weights[i] * q
            for i in range(n_steps):
                if cover[i] > 0:
                    now[i] *= max(back[i] / cover[i], np.float32(1e-6)) ** acceleration
        for i in range(n_steps):
            gain = 0.5 * math.log(now[i] / start[i])
            gain = math.copysign(max(abs(gain) - unheard, 0.0), gain)
            gains[b, i] = min(max(math.exp(gain), lowest), highest)
    return gains


@numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def apply_gains(sound, first, gains, step, coarse, fine, circular, out):
    """out = the bands of the sound from `first` on, times gains that go smoothly from step to step.

    `gains` (3, n + 2) are those of the steps before, in and after the piece of n * step samples.
    """
    n = gains.shape[1] - 2
    bands = split(sound, first, n * step, coarse, fine, circular)
    rising = np.empty(step, np.float32)
    for j in range(step):
        rising[j] = 0.5 - 0.5 * math.cos(math.pi * (((j + 0.5) / step + 0.5) % 1.0))
    for i in range(n):
        for j in range(step):
            k = i if 2 * j < step else i + 1
            total = np.float32(0)
            for b in range(3):
                total += bands[b, i * step + j] * (gains[b, k] + (gains[b, k + 1] - gains[b, k]) * rising[j])
            out[i * step + j] = total
