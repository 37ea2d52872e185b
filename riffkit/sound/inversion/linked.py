"""Phase of several channels at once, along one path: compiled, see panorama.py.

References
----------
Prusa, Balazs, Sondergaard, as in phase.py.
"""

import numba
import numpy as np

from riffkit.sound.compiling import compiled

N_LEVELS = 1024  # of loudness, as in phase.py


@numba.njit(nogil=True, fastmath=True, error_model="numpy", inline="always")
def _slope(logs: np.ndarray, c: int, cell: tuple[int, int], along: int, of_log: np.ndarray, periodic: bool) -> float:
    """Slope of a channel's phase along time (0) or frequency (1), but for the turning of the bin."""
    (t, k), (n_frames, n_bins) = cell, logs.shape[1:]
    if along == 0:
        a, z = max(k - 1, 0), min(k + 1, n_bins - 1)
        return of_log[0] * (logs[c, t, z] - logs[c, t, a]) * (z - a == 2)
    a, z = t - 1, t + 1
    if a < 0:
        a = n_frames - 1 if periodic else 0
    if z >= n_frames:
        z = 0 if periodic else n_frames - 1
    return of_log[1] * (logs[c, z, k] - logs[c, a, k])


@compiled(fastmath=True)
def _part(
    logs: np.ndarray,
    distances: np.ndarray,
    here: tuple[int, int],
    there: tuple[int, int],
    along: int,
    sign: float,
    step: float,
    own: float,
    of_log: np.ndarray,
    periodic: bool,
) -> None:
    """Each channel by its own slopes, in place of the leader's `step`, as far as they are apart (`own`)."""
    for c in range(len(logs)):
        slopes = _slope(logs, c, here, along, of_log, periodic) + _slope(logs, c, there, along, of_log, periodic)
        distance = distances[c, here[0], here[1]] + sign * slopes - step
        distances[c, there[0], there[1]] = own * (distance - 2 * np.pi * np.floor(distance * (0.5 / np.pi) + 0.5))


@compiled(fastmath=True)
def integrate_linked(
    logs: np.ndarray,
    phase: np.ndarray,
    distances: np.ndarray,
    known: np.ndarray,
    apart: np.ndarray,
    first_bin: int,
    slopes: tuple[float, float, float],
    loudness: tuple[float, float],
    periodic: bool,
) -> None:
    """`phase.integrate_phase` for channels together: the loudest leads, the others part from it as far as `apart` says.

    Parameters
    ----------
    logs : np.ndarray [shape=(channels, n_frames, n_bins), float32]
        Natural logarithms of the magnitudes.
    phase : np.ndarray [shape=(n_frames, n_bins), float32, radians about the frame's centre]
        Of whoever leads. Changed in place; quiet cells keep theirs.
    distances : np.ndarray [shape=(channels, n_frames, n_bins), float32, radians]
        How far each channel's phase is from that; changed in place where they are apart, comes with zeros.
    known : np.ndarray [shape=(n_frames,), uint8]
    apart : np.ndarray [shape=(n_frames, n_bins), float32, 0..1]
        From `apartness`.
    first_bin : int
    slopes : tuple of float [radians]
        By which a bin turns from frame to frame; by which slopes of the log along frequency and along time are
        multiplied for those of the phase along the other, two steps at once.
    loudness : tuple of float
        Log of the loudest magnitude anywhere, and the share of it below which cells keep their phase.
    periodic : bool
    """
    n_channels, n_frames, n_bins = logs.shape
    (rotation, along_t, along_f), (top, tolerance) = slopes, loudness
    of_log = np.array([along_t, along_f], np.float32)
    # side by side, as they are met together: the leader's slopes, its phase, and how far apart the channels are
    cells = np.zeros((n_frames, n_bins, 4), np.float32)
    shift = 1
    while (1 << shift) < n_bins:
        shift += 1
    mask = (1 << shift) - 1
    n = n_frames << shift
    span = -np.log(tolerance)
    scale = N_LEVELS / span
    level = np.full(n, -1, np.int16)
    waiting = np.full(N_LEVELS, -1, np.int32)
    waiting_next = np.empty(n, np.int32)
    border = np.full(N_LEVELS, -1, np.int32)
    border_next = np.empty(n, np.int32)
    current = -1
    for t in range(n_frames):
        state = known[t]
        for k in range(n_bins if state < 2 else 0):
            lead = 0
            for c in range(1, n_channels):
                if logs[c, t, k] > logs[lead, t, k]:
                    lead = c
            loudest = logs[lead, t, k]
            if loudest <= top - span:
                continue
            cells[t, k, 0] = _slope(logs, lead, (t, k), 0, of_log, periodic) + rotation * (first_bin + k)
            cells[t, k, 1] = _slope(logs, lead, (t, k), 1, of_log, periodic)
            cells[t, k, 2], cells[t, k, 3] = phase[t, k], apart[t, k]
            i = (t << shift) + k
            b = min(int((loudest - top + span) * scale), N_LEVELS - 1)
            if state == 1:
                border_next[i] = border[b]
                border[b] = i
                current = max(current, b)
            else:
                level[i] = b
                waiting_next[i] = waiting[b]
                waiting[b] = i
    turn, per_turn = 2 * np.pi, 0.5 / np.pi
    start_level = N_LEVELS - 1
    while True:
        while current >= 0 and border[current] < 0:
            current -= 1
        if current >= 0:
            i = border[current]
            border[current] = border_next[i]
        else:
            i = -1
            while start_level >= 0 and i < 0:
                j = waiting[start_level]
                if j < 0:
                    start_level -= 1
                else:
                    waiting[start_level] = waiting_next[j]
                    if level[j] >= 0:
                        i = j
            if i < 0:
                break
            level[i] = -1
        t, k = i >> shift, i & mask
        for side in range(2):
            u = t + 1 if side == 0 else t - 1
            if periodic and (u < 0 or u >= n_frames):
                u = n_frames - 1 if u < 0 else 0
            if 0 <= u < n_frames:
                b = level[(u << shift) + k]
                if b >= 0:
                    sign = 0.5 if side == 0 else -0.5
                    step = sign * (cells[t, k, 0] + cells[u, k, 0])
                    value = cells[t, k, 2] + step
                    cells[u, k, 2] = value - turn * np.floor(value * per_turn)
                    if cells[u, k, 3] > 0:
                        step -= 2 * sign * rotation * (first_bin + k)
                        _part(logs, distances, (t, k), (u, k), 0, sign, step, cells[u, k, 3], of_log, periodic)
                    j = (u << shift) + k
                    level[j] = -1
                    border_next[j] = border[b]
                    border[b] = j
                    current = max(current, b)
        if known[t] != 0:
            continue
        for side in range(2):
            q = k + 1 if side == 0 else k - 1
            if 0 <= q < n_bins:
                b = level[(t << shift) + q]
                if b >= 0:
                    sign = 0.5 if side == 0 else -0.5
                    step = sign * (cells[t, k, 1] + cells[t, q, 1])
                    value = cells[t, k, 2] + step
                    cells[t, q, 2] = value - turn * np.floor(value * per_turn)
                    if cells[t, q, 3] > 0:
                        _part(logs, distances, (t, k), (t, q), 1, sign, step, cells[t, q, 3], of_log, periodic)
                    j = (t << shift) + q
                    level[j] = -1
                    border_next[j] = border[b]
                    border[b] = j
                    current = max(current, b)
    for t in range(n_frames):
        for k in range(n_bins):
            if cells[t, k, 0] != 0:
                phase[t, k] = cells[t, k, 2]
