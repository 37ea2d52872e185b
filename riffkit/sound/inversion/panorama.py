"""The phase of channels that belong together: one for all, but where their pictures say that they went apart.

What stands in one place of the panorama has the same phase in every channel, only another loudness; found channel by
channel, phases agree nowhere and the middle falls apart. So channels are integrated along one path (linked.py), each
step by the slope of the channel that is loudest there.

Where channels do not rise and fall together, as in a hall, no single sound is heard in both. There each goes by its own
slopes. How far apart they are is read from the ratio of their magnitudes: it stays for one source, whatever that plays,
and flickers between independent noises.
"""

import numpy as np
import scipy.ndimage

from riffkit.sound.inversion.linked import integrate_linked
from riffkit.sound.inversion.operators import Grid
from riffkit.sound.inversion.phase import HANN_GAMMA, TOLERANCE, Guess
from riffkit.sound.params import SpectrogramParams, hz_per_mel

NEAR = 13  # frames on both sides of one that `apartness` looks at
TOGETHER, APART = 0.4, 0.8  # of the flicker of independent noise: below, all is shared; above, nothing
# Mean square of half the change of a log ratio over two hops, between independent noises through filters this many bins
# of the window wide: FLICKER / (1 + NARROWING * width), at ten hops a window (a fit within a fifth, 0.4 to 11 bins).
FLICKER, NARROWING = 0.23, 1.6


def apartness(mels: np.ndarray, params: SpectrogramParams, grid: Grid, first_bin: int, floor: float) -> np.ndarray:
    """How far channels have gone apart, cell by cell: 0 one source, 1 independent noises.

    Parameters
    ----------
    mels : np.ndarray [shape=(channels, n_mels, NEAR + n_frames + NEAR), >= 0]
    params : SpectrogramParams
        What they were made with.
    grid : Grid
    first_bin : int
        Bins below are left out.
    floor : float [> 0]
        Magnitudes below do not matter.

    Returns
    -------
    np.ndarray [shape=(n_frames, window // 2 + 1 - first_bin), float32, 0..1]
    """
    hertz = np.arange(first_bin, grid.window // 2 + 1) * grid.rate / grid.window
    row = np.clip(np.rint(params.row_of(hertz)), 0, params.n_mels - 1).astype(int)
    lowest = max(int(row[0]) - 2, 0)
    logs = np.log(mels[:, lowest:] + np.float32(floor))
    logs -= logs.mean(axis=0)
    change = ((logs[..., 2:] - logs[..., :-2]) ** 2 / 4).sum(axis=0) * (2 / (len(mels) - 1))  # of two: of their ratio
    energy = mels[:, lowest:, 1:-1].max(axis=0) ** 2 + np.float32(floor**2)
    weights = np.hanning(2 * NEAR + 1)[1:-1]

    def around(values: np.ndarray) -> np.ndarray:
        rows = scipy.ndimage.correlate1d(values, np.array([1, 4, 6, 4, 1]) / 16, axis=0, mode="nearest")
        return scipy.ndimage.correlate1d(rows, weights / weights.sum(), axis=1)[:, NEAR - 1 : 1 - NEAR]

    flicker = around(energy * np.minimum(change, 1)) / around(energy)
    width = params.mel_step * hz_per_mel(params.hz_of(np.arange(lowest, params.n_mels))) * grid.window / grid.rate
    usual = FLICKER * (10 * grid.hop / grid.window) ** 2 / (1 + NARROWING * width)
    share = np.clip((flicker / usual[:, None] - TOGETHER) / (APART - TOGETHER), 0, 1)
    return np.ascontiguousarray(share.T[:, row - lowest], np.float32)


class LinkedGuess:
    """Magnitudes and phase of any block, of channels that belong together; long sounds go through once, in order.

    Parameters
    ----------
    channels : list of Guess
        Of each channel for itself, all of the same blocks, grid and scale.
    params : SpectrogramParams
        What their mels were made with.
    """

    def __init__(self, channels: list[Guess], params: SpectrogramParams) -> None:
        self.channels, self.params = channels, params
        self.top = max((one.top for one in channels), default=0.0)
        self.found: dict[int, tuple[list[np.ndarray], np.ndarray, np.ndarray]] = {}  # magnitudes, phase, distances

    def block(self, b: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Magnitudes and phase of block `b`, channel by channel, as `Guess.block` gives those of one."""
        if len(self.channels) == 1 or not self.channels[0].integrated:
            return [one.block(b) for one in self.channels]
        if b not in self.found:
            for a in range(max((k for k in self.found if k < b), default=-1) + 1, b + 1):
                self._integrate(a)
        magnitudes, phase, distances = self.found[b]
        return [(size, phase + distance) for size, distance in zip(magnitudes, distances, strict=True)]

    def _integrate(self, b: int) -> None:
        one, last_block = self.channels[0], len(self.channels[0].blocks) - 1
        alone = one.periodic and last_block == 0
        halo = 0 if alone else 1
        first, last = one.blocks[b]
        mels = np.stack([channel.around(first, last, NEAR) for channel in self.channels])
        apart = apartness(mels, self.params, one.grid, one.first_bin, 1e-6 * self.top)
        inner = slice(NEAR - halo, mels.shape[2] - NEAR + halo)
        sizes = [one.grid.magnitudes(mel[:, inner])[:, one.first_bin :] for mel in mels]
        logs = np.log(np.stack(sizes) + np.float32(1e-7 * self.top))
        apart = np.pad(apart, ((halo, halo), (0, 0)), mode="edge")
        phase, distances = one.random_phase(logs.shape[1:], b), np.zeros(logs.shape, np.float32)
        known = np.zeros(logs.shape[1], np.uint8)
        if halo:
            known[[0, -1]] = 2
            for here, other, there in ((0, b - 1, -1), (-1, 0, 0)):
                if b > 0 if here == 0 else one.periodic and b == last_block:
                    _, before, distance = self.found[other]
                    phase[here], distances[:, here], known[here] = before[there], distance[:, there], 1
        hop, window = float(one.grid.hop), float(one.grid.window)
        gamma = HANN_GAMMA * window * window
        integrate_linked(
            logs,
            phase,
            distances,
            known,
            apart,
            one.first_bin,
            (2 * np.pi * hop / window, hop * window / gamma / 2, -gamma / (window * hop) / 2),
            (float(np.log(self.top)), TOLERANCE),
            alone,
        )
        kept = slice(halo, len(phase) - halo)
        self.found[b] = [size[kept] for size in sizes], phase[kept], distances[:, kept]
        one.forget(b, self.found)
