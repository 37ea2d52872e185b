"""The first guess of a spectrogram: least-norm magnitudes, with integrated phase, block by block."""

import numpy as np

from .phase import integrate_phase

TOLERANCE = 1e-4  # cells quieter than this, next to the loudest mel magnitude, get random phase


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

    def __init__(self, grid, columns, blocks, top, *, periodic, seed, first_bin=0, ahead=0, integrated=True):
        self.grid, self.columns, self.blocks, self.top = grid, columns, blocks, top
        self.periodic, self.seed, self.integrated = periodic, seed % 2**64, integrated
        self.first_bin, self.ahead = first_bin, ahead
        self.n_frames = blocks[-1][1]
        self.found = {}  # block -> magnitudes, phase

    def block(self, b):
        """Magnitudes and phase (about the frame's centre) of block `b`, shape (n, bins - first_bin) each.

        The phase of a block goes on from the one before, so they are integrated in order (all at once would take
        the queue out of the cache), and forgotten when no chunk can ask for them any more.
        """
        if not self.integrated:
            magnitudes = self.grid.magnitudes(self.columns(*self.blocks[b]))[:, self.first_bin :]
            return magnitudes, self._random_phase(magnitudes.shape, b)
        if b not in self.found:
            for a in range(max((k for k in self.found if k < b), default=-1) + 1, b + 1):
                self._integrate(a)
        return self.found[b]

    def _random_phase(self, shape, part):
        return np.random.default_rng((self.seed, part)).random(shape, np.float32) * np.float32(2 * np.pi)

    def _integrate(self, b):
        first, last = self.blocks[b]
        whole_circle = self.periodic and len(self.blocks) == 1
        before, after = (first - 1) % self.n_frames, last % self.n_frames
        halo = 0 if whole_circle else 1
        mel = self.columns(first, last)
        if halo:
            edges = [before if self.periodic or first > 0 else first]
            edges.append(after if self.periodic or last < self.n_frames else last - 1)
            mel = np.concatenate([self.columns(edges[0], edges[0] + 1), mel, self.columns(edges[1], edges[1] + 1)], 1)
        magnitudes = np.ascontiguousarray(self.grid.magnitudes(mel)[:, self.first_bin :])
        log_s = np.log(magnitudes + np.float32(1e-7 * self.top))
        phase = self._random_phase(log_s.shape, b)
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
            whole_circle,
        )
        inner = slice(halo, len(phase) - halo)
        self.found[b] = magnitudes[inner], phase[inner]
        oldest_needed = b - 2 - self.ahead
        for old in [k for k in self.found if k < oldest_needed and not (self.periodic and k <= self.ahead)]:
            del self.found[old]
