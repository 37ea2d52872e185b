"""Sharper attacks: where within its windows a sound's energy lies.

A 100 ms window smears an attack over ten frames, and iterations that look at one frame at a time leave its energy
before the attack. But the smear is known: the energy of a frame is the sum of the energies under its squared window.
So energies in steps of half a hop are corrected until the sums fit those of the mel in all frames at once
(Richardson-Lucy deconvolution, which keeps them positive: silence before an attack becomes silent again), and the
sound is turned up and down to follow. In three bands (`N_BANDS`; `smoothers` part them near 1000 and 3500 Hz), so that
a held bass does not pump with the drums.

References
----------
Richardson, "Bayesian-based iterative method of image restoration", JOSA 1972; Lucy, Astronomical Journal 1974.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from riffkit.sound.compiling import compiled
from riffkit.sound.inversion.operators import Grid
from riffkit.sound.mel import hann
from riffkit.sound.params import SpectrogramParams

HALO = 16  # frames looked at on both sides of a block
ROUNDS = 40
ACCELERATION = 1.8  # exponent of each correction; 2 and more overshoot
LOWEST, HIGHEST = 0.03, 3.0  # gains stay between
UNHEARD = 0.1  # natural logarithm: gains nearer to 1 are left out, the others come that much nearer


def can_sharpen(grid: Grid) -> bool:
    """Whether half a hop of this `grid` is a whole number of samples that fits the window."""
    return grid.hop % 2 == 0 and grid.window % (grid.hop // 2) == 0 and grid.hop >= 16


def bands_of(params: SpectrogramParams, rate: float) -> np.ndarray:
    """Band responses: how much of the energy at the centre of each mel filter `split` puts into each band.

    The bands overlap widely: a strong tone is heard in its neighbours too, and must be counted there.

    Parameters
    ----------
    params : SpectrogramParams
    rate : float [Hz]
        Of the sound that is split.

    Returns
    -------
    np.ndarray [shape=(n_mels, 3), float32, 0..1]
    """
    turn = np.pi * params.hz_of(np.arange(params.n_mels)) / rate
    coarse, fine = (
        (np.sin(turn * (2 * reach + 1)) / ((2 * reach + 1) * np.sin(turn))) ** 2 for reach in smoothers(rate)
    )
    return (np.stack([fine * coarse, fine - fine * coarse, 1 - fine], axis=1) ** 2).astype(np.float32)


def smoothers(rate: float) -> tuple[int, int]:
    """Half widths in samples of the two running means (used twice each) that split a sound of this `rate` (Hz)."""
    return max(round(rate / 4000), 2), max(round(rate / 13000), 1)


@compiled(fastmath=True)
def _running_mean(x: np.ndarray, reach: int, out: np.ndarray) -> None:
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


@compiled(fastmath=True)
def split(sound: np.ndarray, first: int, n: int, coarse: int, fine: int, periodic: bool) -> np.ndarray:
    """Split a piece of a sound into bands, lowest first, that add up to it.

    Parameters
    ----------
    sound : np.ndarray [shape=(n_samples,), float32]
    first, n : int [samples]
        Where the piece begins, and how long it is.
    coarse, fine : int [samples]
        From `smoothers`.
    periodic : bool
        The sound is a loop; else what lies outside is silent.

    Returns
    -------
    np.ndarray [shape=(3, n), float32]
    """
    edge, period = 2 * (coarse + fine), len(sound)
    piece = np.empty(n + 2 * edge, np.float32)
    for i in range(len(piece)):
        k = first - edge + i
        piece[i] = sound[k % period] if periodic or 0 <= k < period else np.float32(0)
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


@compiled(fastmath=True)
def step_energies(bands: np.ndarray, step: int) -> np.ndarray:
    """Energy of each band, step by step.

    Parameters
    ----------
    bands : np.ndarray [shape=(3, n), float32]
        From `split`.
    step : int [samples]

    Returns
    -------
    np.ndarray [shape=(3, n // step), float32, >= 0]
    """
    n = bands.shape[1] // step
    energies = np.zeros((3, n), np.float32)
    for b in range(3):
        for i in range(n):
            total = np.float32(0)
            for j in range(i * step, (i + 1) * step):
                total += bands[b, j] * bands[b, j]
            energies[b, i] = total
    return energies


@compiled(fastmath=True)
def gains_for(
    energies: np.ndarray,
    ratios: np.ndarray,
    weights: np.ndarray,
    rounds: int,
    acceleration: float,
    lowest: float,
    highest: float,
    unheard: float,
) -> np.ndarray:
    """Gains per step that bring the frames' energies to `ratios` times what they are (Richardson-Lucy).

    Parameters
    ----------
    energies : np.ndarray [shape=(3, n_steps), float32]
    ratios : np.ndarray [shape=(n_frames, 3), float32]
        Wanted energy of each frame over its present energy; frame t lies over steps 2 t ... 2 t + len(weights).
    weights : np.ndarray [shape=(window // step,), float32]
        The squared window, summed over each step.
    rounds : int
    acceleration : float
        Exponent of each correction.
    lowest, highest : float [> 0]
        Between them gains stay.
    unheard : float [natural logarithm, >= 0]
        By so much gains come nearer to 1.

    Returns
    -------
    np.ndarray [shape=(3, n_steps), float32]
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


@compiled(fastmath=True)
def apply_gains(
    sound: np.ndarray,
    first: int,
    gains: np.ndarray,
    step: int,
    coarse: int,
    fine: int,
    periodic: bool,
    out: np.ndarray,
) -> None:
    """Turn the bands of a piece up and down, by gains that go smoothly from step to step.

    Parameters
    ----------
    sound : np.ndarray [shape=(n_samples,), float32]
    first : int [samples]
        Where the piece begins.
    gains : np.ndarray [shape=(3, n + 2), float32]
        Of the steps before, in and after the piece.
    step : int [samples]
    coarse, fine, periodic
        As for `split`.
    out : np.ndarray [shape=(n * step,), float32]
        Changed in place: the piece.
    """
    n = gains.shape[1] - 2
    bands = split(sound, first, n * step, coarse, fine, periodic)
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


def sharpened(
    sound: np.ndarray,
    before: np.ndarray,
    ratios: np.ndarray,
    grid: Grid,
    edges: list[int],
    periodic: bool,
    run: Callable[[Callable[[int], Any], int], Iterable[Any]],
) -> np.ndarray:
    """Turn a sound up and down as the one before the last round would have needed it.

    Parameters
    ----------
    sound, before : np.ndarray [shape=(n,), float32]
    ratios : np.ndarray [shape=(n_frames, 3), float32]
        Wanted energy of each frame of `before` over its energy, band by band.
    grid : Grid
    edges : list of int [frames]
        Where pieces begin that can be looked at for themselves, and the end.
    periodic : bool
    run : callable
        run(work, n) gives work(0) to work(n - 1), in order.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n_frames, step = edges[-1], grid.hop // 2
    span = grid.window // step
    weights = (hann(grid.window) ** 2).reshape(span, step).sum(axis=1)
    limits: Any = tuple(map(np.float32, (ACCELERATION, LOWEST, HIGHEST, UNHEARD)))
    how = (*smoothers(grid.rate), periodic)
    n_steps = len(sound) // step
    after = np.empty_like(sound)

    def work(i: int) -> tuple[int, np.ndarray]:
        first, last = edges[i] - HALO, edges[i + 1] + HALO
        if not periodic or last - first > n_frames:
            first, last = max(first, 0), min(last, n_frames)
        steps = 2 * (last - first - 1) + span
        energies = step_energies(split(before, 2 * first * step, steps * step, *how), step)
        gains = gains_for(energies, ratios.take(range(first, last), axis=0, mode="wrap"), weights, ROUNDS, *limits)
        # the piece's own steps: from the middle of its first window to the middle of the next piece's first
        own, end = 2 * edges[i] + span // 2, 2 * edges[i + 1] + span // 2
        if not periodic:
            own, end = (0 if i == 0 else own), (n_steps if i == len(edges) - 2 else end)
        at = own - 2 * first
        gains = np.pad(gains, ((0, 0), (1, 1)), mode="edge")[:, at : at + end - own + 2]
        piece = np.empty((end - own) * step, np.float32)
        apply_gains(sound, own * step, gains, step, *how, piece)
        return own * step, piece

    for start, piece in run(work, len(edges) - 1):
        start %= len(after)
        n = min(len(piece), len(after) - start)
        after[start : start + n] = piece[:n]
        after[: len(piece) - n] = piece[n:]
    return after
