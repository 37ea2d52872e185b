"""The iterations of the inversion, on all cores.

A round visits every frame once, but only every fourth at a time: the sound has moved on before the next are looked at,
and four small steps go further than a large one (ordered subsets, Hudson & Larkin 1994). Each core takes eight frames
at a time through window, FFT, magnitude update and inverse FFT while they are in its cache (loops.py). What they give
is added up in the order of time, so the number of cores does not change a bit of the result.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, Self

import numpy as np
import scipy.fft

from riffkit.sound.inversion import boundaries, transients
from riffkit.sound.inversion.boundaries import Mirror, Place
from riffkit.sound.inversion.kernels.fft import plan_for, scratch_size
from riffkit.sound.inversion.kernels.frames import add_round, gather, overlap, window_gain
from riffkit.sound.inversion.kernels.loops import play_rounds
from riffkit.sound.inversion.kernels.radix import ROW
from riffkit.sound.inversion.kernels.simd import WIDTH, aligned
from riffkit.sound.inversion.kernels.threads import run_together
from riffkit.sound.inversion.kernels.work import N_BANDS, Work
from riffkit.sound.inversion.operators import Grid
from riffkit.sound.mel import hann, n_workers
from riffkit.sound.params import SpectrogramParams

BLOCK = 256  # frames whose phase is integrated together
MOMENTUM = 0.99  # of plain rounds; 1.3 diverges
STEADY = 0.8  # of rounds in parts, divided by their number; 1.2 diverges slowly
EACH = 2  # groups of a part that make another thread worth its waiting
OVERLAP = 2.5  # windows over each sample that every part of a round must keep
ORDER = {1: (0,), 2: (0, 1), 3: (0, 1, 2), 4: (0, 2, 1, 3)}  # of the parts: neighbours not one after the other


def blocks_of(n_frames: int) -> list[tuple[int, int]]:
    """Cut `n_frames` into (first, last) blocks of about 256 frames, two or more if there are 128."""
    n = max(round(n_frames / BLOCK), min(n_frames // (BLOCK // 4), 2), 1)
    edges = [i * n_frames // n for i in range(n + 1)]
    return list(zip(edges[:-1], edges[1:], strict=True))


def n_parts(grid: Grid) -> int:
    """In how many parts (subsets) a round on this `grid` can visit the frames: up to four."""
    return int(min(max(grid.window / grid.hop / OVERLAP, 1), 4))


class Rounds:
    """Sound and spectra of one chunk (a list of blocks), and the iterations on them.

    Parameters
    ----------
    grid : Grid
    params : SpectrogramParams
    blocks : list of (first, last)
        Frames of the whole, in order; in a loop they may go round its end.
    place : Place
        Where in the whole the chunk lies.
    mel : callable
        Block number in this chunk -> (n_mels, n) magnitudes; asked once, and once more at the ends.
    floor : float [>= 0]
        What is added to mel magnitudes before they are compared.
    joint : bool
        Correct magnitudes towards the mel; otherwise they stay.
    cores : callable
        How many cores are free now; asked again and again.
    """

    def __init__(
        self,
        grid: Grid,
        params: SpectrogramParams,
        blocks: list[tuple[int, int]],
        place: Place,
        *,
        mel: Callable[[int], np.ndarray],
        floor: float,
        joint: bool,
        cores: Callable[[], int] = n_workers,
    ) -> None:
        self.grid, self.params, self.periodic = grid, params, place.periodic
        self.sizes = [last - first for first, last in blocks]
        self.offsets = np.concatenate([[0], np.cumsum(self.sizes)]).astype(int)
        self.n_frames = int(self.offsets[-1])
        self.numbers = np.concatenate([np.arange(*block) for block in blocks])
        self.window = hann(grid.window)
        self.mel, self.floor, self.joint = mel, np.float32(floor), joint
        parts = n_parts(grid) if joint and self.n_frames * grid.hop >= 2 * grid.window else 1
        self.momentum = np.float32(MOMENTUM if parts == 1 else STEADY / parts)
        self.n_parts = parts
        visited = (np.flatnonzero(self.numbers % parts == p) for p in ORDER[parts])
        self.parts = [part for part in visited if len(part)]
        self._work: Work | None = None
        self.begun = False
        self.mirror = Mirror(grid, params, self.n_frames, place)
        self.sound = np.zeros(self._length(grid.hop, grid.window), np.float32)
        self.bands = transients.bands_of(params, grid.rate)
        self.ratios = np.ones((self.n_frames, N_BANDS), np.float32)
        self.pool = ThreadPoolExecutor(n_workers()) if n_workers() > 1 and len(blocks) > 1 else None
        self.cores = cores

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._work = None  # much memory; the sound stays
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def _map(self, work: Callable[[int], Any], n: int | None = None) -> Iterable[Any]:
        """work(0), work(1), ... for all blocks (or n), in order, on all cores."""
        blocks = range(len(self.sizes) if n is None else n)
        return map(work, blocks) if self.pool is None or self.cores() < 2 else self.pool.map(work, blocks)

    def _length(self, hop: int, window: int) -> int:
        return self.n_frames * hop if self.periodic else (self.n_frames - 1) * hop + window

    @cached_property
    def gains(self) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """`_gain` of each part."""
        return [self._gain(part, self.grid.hop, self.grid.window, self.n_parts) for part in self.parts]

    def _gain(self, frames: np.ndarray, hop: int, window: int, parts: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For frames (one of `parts`) overlapped and added: gain, samples hardly covered, what stays of them."""
        squared = hann(window).astype(np.float64) ** 2
        length = self._length(hop, window)
        usual = squared.sum() / hop / parts
        gain, missing = window_gain(frames * hop, squared, usual, length, length if self.periodic else 0)
        bare = np.flatnonzero(missing)
        return gain, bare, missing[bare]

    def _in_block(self, frames: np.ndarray, i: int) -> np.ndarray:
        """Those of the frames (numbers in this chunk, rising) that lie in block i."""
        return frames[slice(*np.searchsorted(frames, self.offsets[i : i + 2]))]

    def _overlapped(
        self, frames: np.ndarray, work: Callable[[int, np.ndarray], np.ndarray], hop: int, window: int, parts: int
    ) -> np.ndarray:
        """Sound made of some frames, one of `parts`. `work(i, mine)` gives those of block i; on all cores, in order."""

        def piece(i: int) -> tuple[int, np.ndarray] | None:
            mine = self._in_block(frames, i)
            if len(mine):
                return int(mine[0]) * hop, overlap(work(i, mine), mine * hop, hann(window))
            return None

        sound = np.zeros(self._length(hop, window), np.float32)
        for found in self._map(piece):
            if found is not None:
                add_round(sound, *found)
        sound *= self._gain(frames, hop, window, parts)[0]
        return sound

    def _frames(self, mine: np.ndarray) -> np.ndarray:
        """Windowed frames of the sound, shape (n, window)."""
        frames = np.empty((len(mine), self.grid.window), np.float32)
        gather(self.sound, mine * self.grid.hop, self.window, frames)
        return frames

    def begin(self, first_spectra: Callable[[int], np.ndarray]) -> None:
        """Make the first sound, or another one: from now on it is the sound of these spectra.

        Parameters
        ----------
        first_spectra : callable
            Block number -> spectra from the frames' start [shape=(n, window // 2 + 1), complex64].
        """
        grid = self.grid
        everything = np.arange(self.n_frames)

        def work(i: int, _: np.ndarray) -> np.ndarray:
            return scipy.fft.irfft(first_spectra(i), n=grid.window, overwrite_x=True)

        self.sound = self._overlapped(everything, work, grid.hop, grid.window, 1)

    def meet_mirror(self, others: Sequence[Self] = ()) -> None:
        """Turn the partials of the first sound's ends towards their mirror image, and those of `others` alike."""
        together = [self, *others]
        self.mirror.turn([one.sound for one in together], [one.mel for one in together], self.sizes, self._map)

    def spectra(self, i: int) -> np.ndarray:
        """Spectra of block `i` of the sound from the frames' start [shape=(n, window // 2 + 1), complex64]."""
        return scipy.fft.rfft(self._frames(np.arange(self.offsets[i], self.offsets[i + 1])))

    def iterate(self, n: int = 1, sharpen: bool = False) -> None:
        """Iterate `n` rounds: sound -> spectra -> corrected spectra -> sound, part by part; `sharpen` attacks after."""
        work, passes = self._prepared(), n * len(self.parts)
        n_threads = min(len(work.spectra), self.cores())
        work.sounds[0] = self.sound
        run_together(self.pool, n_threads, play_rounds, 2 * passes, work, n, self.begun)
        self.begun = True
        self.sound = work.sounds[passes % 2]
        self._sharpen_if(sharpen, work.sounds[1 - passes % 2])

    def _groups(self) -> tuple[list[tuple[np.ndarray, int]], np.ndarray]:
        """(frames, block) of each group of up to 8 frames, part by part, and the number of the first of each part."""
        groups, starts = [], [0]
        for part in self.parts:
            for i in range(len(self.sizes)):
                mine = self._in_block(part, i)
                if len(mine):
                    groups += [(some, i) for some in np.array_split(mine, -(-len(mine) // WIDTH))]
            starts.append(len(groups))
        return groups, np.array(starts)

    def prepare(self) -> None:
        """Lay out all that rounds need, if it was not done yet."""
        self._prepared()

    def _prepared(self) -> Work:
        if self._work is None:
            self._work = self._laid_out()
        return self._work

    def _laid_out(self) -> Work:
        grid, window = self.grid, self.grid.window
        plan = plan_for(grid.n_fft // 2)
        groups, starts = self._groups()
        frames = np.array([np.pad(mine, (0, WIDTH - len(mine)), "edge") for mine, _ in groups])
        counts = np.array([len(mine) for mine, _ in groups])
        lengths = np.array([(mine[-1] - mine[0]) * grid.hop + window for mine, _ in groups])
        most = np.diff(starts).max()
        n_threads = 1 if self.pool is None else max(min(n_workers(), most // EACH), 1)
        n_rows, n_bins = self.params.n_mels, grid.n_fft // 2 + 1
        mel, least = (aligned(len(groups) if self.joint else 0, n_rows, WIDTH) for _ in range(2))
        magnitudes = aligned(0 if self.joint else len(groups), n_bins, WIDTH)

        def fetch(i: int) -> None:
            rows = self.mel(i)
            if self.joint:
                wanted = [(mel, rows), (least, grid.solve(rows))]
            else:
                wanted = [(magnitudes, grid.magnitudes(rows, fine=True).T)]
            for g, (_, block) in enumerate(groups):
                for into, values in wanted if block == i else ():
                    into[g] = values[:, frames[g] - self.offsets[i]]

        list(self._map(fetch))
        stays = np.zeros((len(self.parts), len(self.sound)), np.float32)
        for part, (_, bare, missing) in zip(stays, self.gains, strict=True):
            part[bare] = missing
        whole, weights = boundaries.reading(self.mirror.lag)
        return Work(
            plan=plan,
            hop=grid.hop,
            window=self.window,
            part_starts=starts,
            frames=frames,
            counts=counts,
            places=frames[:, 0] * grid.hop,
            lengths=lengths,
            sounds=np.zeros((2, len(self.sound)), np.float32),
            period=len(self.sound) if self.periodic else 0,
            gains=np.stack([gain for gain, _, _ in self.gains]),
            stays=stays,
            mel=mel,
            least=least,
            magnitudes=magnitudes,
            previous=aligned(len(groups), plan.n * ROW),
            momentum=self.momentum,
            floor=self.floor,
            filters=grid.heard,
            back=grid.back,
            prior=grid.readout_fine,
            pull=grid.pull,
            bands=self.bands,
            ratios=self.ratios,
            mirror_front=self.mirror.front,
            mirror_back=self.mirror.back,
            back_whole=whole,
            back_weights=weights,
            pieces=aligned(most, lengths.max()),
            spectra=aligned(n_threads, plan.size * ROW),
            sizes=aligned(n_threads, n_bins * WIDTH),
            corrections=aligned(n_threads, n_rows * WIDTH),
            scratch=aligned(n_threads, scratch_size(plan)),
        )

    def _sharpen_if(self, wanted: bool, before: np.ndarray) -> None:
        """Turn the sound up and down as the sound `before` the round would have needed it."""
        if wanted and transients.can_sharpen(self.grid):
            self.sound = transients.sharpened(
                self.sound, before, self.ratios, self.grid, self._edges(), self.periodic, self._map
            )

    def _edges(self) -> list[int]:
        """Each block cut into four, so that few frames depend on one another."""
        quarters = [self.offsets[i] + np.arange(4) * self.sizes[i] // 4 for i in range(len(self.sizes))]
        return np.unique([*np.concatenate(quarters), self.n_frames]).tolist()

    def finish(self, out: np.ndarray, lead: int, first: int, last: int, gain: float) -> None:
        """Resample the sound of some frames to the clip's rate. Every fourth window is enough: they overlap.

        Parameters
        ----------
        out : np.ndarray [shape=(n_samples,), float32]
            The whole clip, changed in place.
        lead : int [frames]
            Where in this chunk the frames begin.
        first, last : int [frames]
            Where in the whole they lie.
        gain : float
        """
        grid, params = self.grid, self.params
        hop, win = params.hop_length, params.win_length
        self.mirror.fill(self.sound)
        parts = n_parts(grid)
        frames = np.flatnonzero(self.numbers % parts == 0)
        if not self.periodic:
            frames = np.union1d(frames, [0, self.n_frames - 1])

        def work(_: int, mine: np.ndarray) -> np.ndarray:
            return scipy.fft.irfft(scipy.fft.rfft(self._frames(mine)), n=win)  # zeros fill the bins above

        sound = self._overlapped(frames, work, hop, win, parts)
        sound = np.roll(sound, -(win // 2)) if self.periodic else sound[win // 2 :]
        part = sound[lead * hop : (lead + last - first) * hop]
        target = out[first * hop : last * hop]
        np.multiply(part[: len(target)], np.float32(gain), out=target[: len(part)])
