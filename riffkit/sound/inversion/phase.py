"""Phase from magnitudes by integrating its gradient, loudest cells first (PGHI).

For a Gaussian window the phase's slope along time is the log-magnitude's slope along frequency, and the other way
round; a Hann window is close enough. The integration starts at the loudest cell and always goes on from the loudest
cell reached, so that errors stay in the quiet ones. A queue of 1024 loudness levels stands for the paper's heap: it
needs no sorting, and within 0.007 of the natural logarithm the order does not matter.

References
----------
Prusa, Balazs, Sondergaard, "A noniterative method for reconstruction of phase from STFT magnitude", IEEE TASLP 2017.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from riffkit.sound.compiling import compiled
from riffkit.sound.inversion.operators import Grid

TOLERANCE = 1e-4  # cells quieter than this, next to the loudest mel magnitude, get random phase
N_LEVELS = 1024
HANN_GAMMA = 0.25645  # gamma of the Gaussian nearest to a Hann window of length M is this times M^2 (Prusa 2017)


@compiled(fastmath=True)
def integrate_phase(
    log_s: np.ndarray,
    phase: np.ndarray,
    known: np.ndarray,
    first_bin: int,
    hop: float,
    n_fft: float,
    top: float,
    tolerance: float,
    periodic: bool,
) -> None:
    """Phase gradient heap integration: the phase of every cell that is loud enough, in frames that are not `known`.

    Parameters
    ----------
    log_s : np.ndarray [shape=(n_frames, n_bins), float32]
        Natural logarithm of the magnitudes.
    phase : np.ndarray [shape=(n_frames, n_bins), float32, radians about the frame's centre]
        Changed in place. Comes with random phases: quiet cells keep theirs, and integration starts from them.
    known : np.ndarray [shape=(n_frames,), uint8]
        0: to be found. 1: given, integration starts from here too. 2: outside, only its magnitudes are used.
    first_bin : int
        The number of the first bin given.
    hop, n_fft : float [samples]
    top : float
        Log of the loudest magnitude anywhere.
    tolerance : float [0..1]
        Cells quieter than this share of the loudest keep their phase.
    periodic : bool
        The last frame is followed by the first.
    """
    n_frames, n_bins = log_s.shape
    shift = 1  # cell (t, k) has number (t << shift) + k: rows of a power of two need no division
    while (1 << shift) < n_bins:
        shift += 1
    mask = (1 << shift) - 1
    n = n_frames << shift
    span = -np.log(tolerance)
    scale = N_LEVELS / span
    level = np.full(n, -1, np.int16)  # -1: finished, or too quiet to be integrated
    waiting = np.full(N_LEVELS, -1, np.int32)  # per level, a linked list of cells not reached yet
    waiting_next = np.empty(n, np.int32)
    border = np.full(N_LEVELS, -1, np.int32)  # per level, a linked list of cells reached, neighbours not yet
    border_next = np.empty(n, np.int32)
    current = -1
    for t in range(n_frames):
        state = known[t]
        for k in range(n_bins if state < 2 else 0):
            if log_s[t, k] <= top - span:
                continue
            i = (t << shift) + k
            b = min(int((log_s[t, k] - top + span) * scale), N_LEVELS - 1)
            if state == 1:
                border_next[i] = border[b]
                border[b] = i
                current = max(current, b)
            else:
                level[i] = b
                waiting_next[i] = waiting[b]
                waiting[b] = i
    gamma = HANN_GAMMA * n_fft * n_fft
    along_f = -gamma / (n_fft * hop) / 2
    along_t = hop * n_fft / gamma / 2
    turn, per_turn = 2 * np.pi, 0.5 / np.pi
    rotation = turn * hop / n_fft
    start_level = N_LEVELS - 1
    while True:
        while current >= 0 and border[current] < 0:
            current -= 1
        if current >= 0:
            i = border[current]
            border[current] = border_next[i]
        else:  # an island: begin anew at the loudest cell not reached
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
        phase_here = phase[t, k]
        inner = 0 < k < n_bins - 1
        later, earlier = t + 1, t - 1
        if periodic:
            later, earlier = later % n_frames, earlier % n_frames
        time_slope = rotation * (first_bin + k) + (along_t * (log_s[t, k + 1] - log_s[t, k - 1]) if inner else 0.0)
        for side in range(2):
            u = later if side == 0 else earlier
            if u < 0 or u >= n_frames:
                continue
            j = (u << shift) + k
            b = level[j]
            if b < 0:
                continue
            slope = rotation * (first_bin + k) + (along_t * (log_s[u, k + 1] - log_s[u, k - 1]) if inner else 0.0)
            value = phase_here + (0.5 if side == 0 else -0.5) * (time_slope + slope)
            phase[u, k] = value - turn * np.floor(value * per_turn)
            level[j] = -1
            border_next[j] = border[b]
            border[b] = j
            current = max(current, b)
        if known[t] != 0:
            continue
        a, z = max(earlier, 0), min(later, n_frames - 1)
        frequency_slope = along_f * (log_s[z, k] - log_s[a, k])
        for side in range(2):
            q = k + 1 if side == 0 else k - 1
            if q < 0 or q >= n_bins:
                continue
            j = (t << shift) + q
            b = level[j]
            if b < 0:
                continue
            slope = along_f * (log_s[z, q] - log_s[a, q])
            phase[t, q] = phase_here + (0.5 if side == 0 else -0.5) * (frequency_slope + slope)
            level[j] = -1
            border_next[j] = border[b]
            border[b] = j
            current = max(current, b)


class Guess:
    """Magnitudes and phase of any block; long sounds go through once, in order.

    Parameters
    ----------
    grid : Grid
    columns : callable
        (first, last) -> mel magnitudes (n_mels, last - first), the loudest of them `top`.
    blocks : list of (first, last)
        Frames of the whole.
    top : float
    periodic : bool
    seed : int
        For the phase of quiet cells, and where integration begins.
    first_bin : int
        Bins below are left out.
    ahead : int [blocks]
        How far back from the latest block asked for a block may still be asked for.
    integrated : bool
        False: all phase is random.
    """

    def __init__(
        self,
        grid: Grid,
        columns: Callable[[int, int], np.ndarray],
        blocks: list[tuple[int, int]],
        top: float,
        *,
        periodic: bool,
        seed: int,
        first_bin: int = 0,
        ahead: int = 0,
        integrated: bool = True,
    ) -> None:
        self.grid, self.columns, self.blocks, self.top = grid, columns, blocks, top
        self.periodic, self.seed, self.integrated = periodic, seed % 2**64, integrated
        self.first_bin, self.ahead = first_bin, ahead
        self.n_frames = blocks[-1][1]
        self.found: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # block -> magnitudes, phase

    def block(self, b: int) -> tuple[np.ndarray, np.ndarray]:
        """Magnitudes and phase (about the frame's centre) of block `b` [shape=(n, bins - first_bin) each, float32].

        The phase of a block goes on from the one before, so they are integrated in order (all at once would take
        the queue out of the cache), and forgotten when no chunk can ask for them any more.
        """
        if not self.integrated:
            magnitudes = self.grid.magnitudes(self.columns(*self.blocks[b]))[:, self.first_bin :]
            return magnitudes, self.random_phase(magnitudes.shape, b)
        if b not in self.found:
            for a in range(max((k for k in self.found if k < b), default=-1) + 1, b + 1):
                self._integrate(a)
        return self.found[b]

    def around(self, first: int, last: int, halo: int) -> np.ndarray:
        """Mel magnitudes of some frames and `halo` more on both sides: round the end, or the outermost again.

        Parameters
        ----------
        first, last, halo : int [frames]

        Returns
        -------
        np.ndarray [shape=(n_mels, last - first + 2 * halo), float32]
        """
        a, z = first - halo, last + halo
        if not self.periodic:
            inside = self.columns(max(a, 0), min(z, self.n_frames))
            return np.pad(inside, ((0, 0), (max(-a, 0), max(z - self.n_frames, 0))), mode="edge")
        pieces = []
        while a < z:
            start = a % self.n_frames
            n = min(z - a, self.n_frames - start)
            pieces.append(self.columns(start, start + n))
            a += n
        return np.concatenate(pieces, axis=1)

    def random_phase(self, shape: tuple[int, ...], part: int) -> np.ndarray:
        """Random phases of this `shape`, those of block `part` [float32, radians]."""
        return np.random.default_rng((self.seed, part)).random(shape, np.float32) * np.float32(2 * np.pi)

    def _integrate(self, b: int) -> None:
        first, last = self.blocks[b]
        alone = self.periodic and len(self.blocks) == 1  # the block is followed by itself
        before, after = (first - 1) % self.n_frames, last % self.n_frames
        halo = 0 if alone else 1
        mel = self.columns(first, last)
        if halo:
            edges = [before if self.periodic or first > 0 else first]
            edges.append(after if self.periodic or last < self.n_frames else last - 1)
            mel = np.concatenate([self.columns(edges[0], edges[0] + 1), mel, self.columns(edges[1], edges[1] + 1)], 1)
        magnitudes = np.ascontiguousarray(self.grid.magnitudes(mel)[:, self.first_bin :])
        log_s = np.log(magnitudes + np.float32(1e-7 * self.top))
        phase = self.random_phase(log_s.shape, b)
        known = np.zeros(len(log_s), np.uint8)
        if halo:
            known[[0, -1]] = 2
            if b > 0:
                phase[0], known[0] = self.found[b - 1][1][-1], 1
            if self.periodic and b == len(self.blocks) - 1:
                phase[-1], known[-1] = self.found[0][1][0], 1
        integrate_phase(
            log_s,
            phase,
            known,
            self.first_bin,
            float(self.grid.hop),
            float(self.grid.window),
            float(np.log(self.top)),
            TOLERANCE,
            alone,
        )
        inner = slice(halo, len(phase) - halo)
        self.found[b] = magnitudes[inner], phase[inner]
        self.forget(b, self.found)

    def forget(self, latest: int, blocks: dict[int, Any]) -> None:
        """Drop from `blocks` those that nobody can ask for any more, now that `latest` was found."""
        oldest_needed = latest - 2 - self.ahead
        for old in [k for k in blocks if k < oldest_needed and not (self.periodic and k <= self.ahead)]:
            del blocks[old]
