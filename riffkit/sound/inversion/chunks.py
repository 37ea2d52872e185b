"""One channel from mel to sound: in chunks that overlap, the lower part of the frequencies first."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from riffkit.progress import Reporter, report
from riffkit.sound.inversion.boundaries import Place
from riffkit.sound.inversion.iterations import BLOCK, Rounds, blocks_of, n_parts
from riffkit.sound.inversion.operators import Grid, grid_for, lower_rows
from riffkit.sound.inversion.options import ITERATIONS, Inversion
from riffkit.sound.inversion.phase import Guess
from riffkit.sound.inversion.transients import HALO
from riffkit.sound.mel import n_workers
from riffkit.sound.params import SpectrogramParams

CHUNK = 16  # blocks of 256 frames inverted together: 41 s
QUIETEST = 1e-30  # magnitudes below are silence
UNINTERRUPTED = 16  # iterations at most, while nobody asks for progress
SHARED = 3  # bins below the top of the lower part that are left to the upper one


class Channel:
    """One channel on its way from mel to sound; holds what the chunks share.

    Parameters
    ----------
    columns : callable
        (first, last) -> magnitudes [shape=(n_mels, last - first), float32, >= 0].
    n_frames : int
    params : SpectrogramParams
    how : Inversion
    """

    def __init__(
        self, columns: Callable[[int, int], np.ndarray], n_frames: int, params: SpectrogramParams, how: Inversion
    ) -> None:
        self.grid = grid_for(params)
        self.params, self.iterations, self.device, self.periodic = params, how.n_iterations, how.device, how.periodic
        self.joint = how.integrated and self.grid.resolved  # else the corrections swing instead of settling
        repeats = 1
        if how.periodic:  # the loop must be longer than a window
            repeats = max(1, -(-2 * self.grid.window // (self.grid.hop * n_frames)))
        if repeats > 1:
            one_turn = np.tile(columns(0, n_frames), (1, repeats))
            columns = lambda first, last: one_turn[:, first:last]  # noqa: E731
        self.blocks = blocks_of(n_frames * repeats)
        top = max(float(columns(*block).max()) for block in self.blocks)
        self.silent = top < QUIETEST
        # inside, the loudest magnitude lies between 1/2 and 1: squares stay far from the ends of float32
        self.scale = 2.0 ** -math.frexp(top)[1] if not self.silent else 1.0
        self.top = top * self.scale
        self.columns = lambda first, last: columns(first, last) * np.float32(self.scale)
        self.margin = self._margin()
        seed, wanted = int(how.seed), self.joint and self.iterations and LowerPart.fits(params)
        self.low = LowerPart(self, seed) if wanted else None
        self.guess = Guess(
            self.grid,
            self.columns,
            self.blocks,
            self.top,
            periodic=self.periodic,
            seed=seed,
            first_bin=self.low.n_bins if self.low else 0,
            ahead=CHUNK + 2 * self.margin,
            integrated=how.integrated,
        )

    def _margin(self) -> int:
        """Blocks on both sides of a chunk that its samples depend on."""
        passes = self.iterations * (n_parts(self.grid) if self.joint else 1) + 2
        if self.joint and self.iterations:
            passes += LowerPart.rounds_for(self.iterations) * n_parts(self.grid) + 2
        reach = -(-self.grid.window // self.grid.hop) * passes
        reach += len(self._sharpened()) * (BLOCK // 2 + HALO)
        return -(-reach // (BLOCK - 8))  # blocks of long sounds differ by a few frames

    def run(self, out: np.ndarray, progress: Reporter | None, channel: int, n_channels: int) -> None:
        """Invert everything into `out`.

        Parameters
        ----------
        out : np.ndarray [shape=(n_samples,), float32]
            Changed in place.
        progress : callable or None
        channel, n_channels : int
            Which of how many this is, for `progress`.
        """
        n_blocks = len(self.blocks)
        one_go = n_blocks <= CHUNK + 2 * self.margin
        size = n_blocks if one_go else CHUNK
        margin = 0 if one_go else self.margin
        chunks = list(range(0, n_blocks, size))
        if self.periodic and not one_go:  # the first chunk reaches back into the last blocks: invert it at the end
            chunks = [*chunks[1:], chunks[0]]
        steps = self.iterations + 1
        total = len(chunks) * n_channels * steps
        for i, start in enumerate(chunks):
            step = (channel * len(chunks) + i) * steps
            end = min(start + size, n_blocks)
            if self.periodic:
                wanted = [b % n_blocks for b in range(start - margin, end + margin)]
            else:
                wanted = list(range(max(start - margin, 0), min(end + margin, n_blocks)))
            skipped = margin if self.periodic else start - wanted[0]
            tell = None if progress is None else lambda k, s=step: report(progress, s + k, total)
            self._chunk(wanted, skipped, end - start, one_go, out, tell)

    def _chunk(
        self,
        wanted: list[int],
        skipped: int,
        kept: int,
        one_go: bool,
        out: np.ndarray,
        tell: Callable[[int], None] | None,
    ) -> None:
        """Invert the blocks `wanted` and write the samples of the `kept` ones after the `skipped` ones into `out`."""
        if tell:
            tell(0)
        first, last = self.blocks[wanted[skipped]][0], self.blocks[wanted[skipped + kept - 1]][1]
        if self.silent:
            return
        place = Place(
            periodic=self.periodic and one_go,
            begins=not self.periodic and wanted[0] == 0,
            ends=not self.periodic and wanted[-1] == len(self.blocks) - 1,
        )
        meet = self.joint and (self.low is None or self.iterations >= ITERATIONS["default"])  # 4 ms for the last .1 dB
        with self.rounds(self.grid, self.params, wanted, place, joint=self.joint, meet_mirror=meet) as rounds:
            rounds.begin(self._first_spectra(rounds, wanted, place))
            done = 0
            for stop in self._stops(one_by_one=tell is not None):
                rounds.iterate(stop - done, sharpen=self.joint and stop in self._sharpened())
                done = stop
                if tell:
                    tell(done)
            lead = sum(self.blocks[b][1] - self.blocks[b][0] for b in wanted[:skipped])
            rounds.finish(out, lead, first, last, 1 / self.scale)

    def rounds(self, grid: Grid, params: SpectrogramParams, wanted: list[int], place: Place, **options: Any) -> Rounds:
        """`Rounds` of some blocks, on the CPU or on a torch device.

        Parameters
        ----------
        grid : Grid
        params : SpectrogramParams
            Of the lowest rows of the mel, or of all.
        wanted : list of int
            Numbers of the blocks.
        place : Place
        options
            Those of `Rounds` that are not known here: joint, meet_mirror, cores.
        """
        kind: Callable[..., Rounds] = Rounds
        if self.device != "cpu":
            from riffkit.sound.inversion.iterations_torch import TorchRounds

            kind, options["device"] = TorchRounds, self.device
        return kind(
            grid,
            params,
            [self.blocks[b] for b in wanted],
            place,
            mel=lambda i: self.columns(*self.blocks[wanted[i]])[: params.n_mels],
            floor=1e-6 * self.top,
            **options,
        )

    def _first_spectra(self, rounds: Rounds, wanted: list[int], place: Place) -> Callable[[int], np.ndarray]:
        """Block number in the chunk -> its first spectra, from the frames' start, shape (n, bins).

        Integration goes block by block on one core; meanwhile the lower part is inverted on those that are left.
        """

        def upper() -> list[Any]:
            found = [self.guess.block(b) for b in wanted]
            if self.iterations:
                rounds.prepare()
            return found

        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(upper)
            cores = lambda: max(n_workers() - (not found.done()), 1)  # noqa: E731
            low = self.low.spectra(wanted, place, cores) if self.low else None
            polar = found.result()
        n_bins = self.grid.window // 2 + 1

        def spectra_of(i: int) -> np.ndarray:
            magnitudes, phase = polar[i]
            polar[i] = None
            spectra = np.empty((len(phase), n_bins), np.complex64)
            first_bin = n_bins - phase.shape[1]
            _from_polar(magnitudes, phase, first_bin, spectra[:, first_bin:])
            if low is not None:
                spectra[:, :first_bin] = low(i)
            return spectra

        return spectra_of

    def _stops(self, one_by_one: bool) -> list[int]:
        """Iterations after which the compiled rounds come back."""
        stops = {*range(UNINTERRUPTED, self.iterations, UNINTERRUPTED), *self._sharpened(), self.iterations}
        return list(range(1, self.iterations + 1)) if one_by_one else sorted(stops - {0})

    def _sharpened(self) -> list[int]:
        """Iterations after which attacks are sharpened: a few of the last, every third, the last among them."""
        n = self.iterations
        return list(range(n, max(n - 9, 1), -3))


def _from_polar(magnitudes: np.ndarray, phase: np.ndarray, first_bin: int, out: np.ndarray) -> np.ndarray:
    """Complex spectra about the frame's start, from phase about its centre: every other bin changes its sign."""
    magnitudes = magnitudes * np.where((first_bin + np.arange(phase.shape[1])) % 2, -1, 1).astype(np.float32)
    np.multiply(magnitudes, np.cos(phase), out=out.real)
    np.multiply(magnitudes, np.sin(phase), out=out.imag)
    return out


class LowerPart:
    """The lower rows of the mel, inverted for themselves at a lower rate: their spectra begin those of the whole.

    Parameters
    ----------
    whole : Channel
    seed : int
    """

    def __init__(self, whole: Channel, seed: int) -> None:
        lower = lower_rows(whole.params)
        assert lower is not None, "asked for before: `fits`"
        self.whole, self.params = whole, lower
        self.grid = grid_for(self.params)
        self.n_bins = self.grid.window // 2 + 1 - SHARED
        self.guess = Guess(
            self.grid,
            lambda first, last: whole.columns(first, last)[: self.params.n_mels],
            whole.blocks,
            whole.top,
            periodic=whole.periodic,
            seed=seed,
            ahead=CHUNK + 2 * whole.margin,
        )

    @staticmethod
    def fits(params: SpectrogramParams) -> bool:
        """Whether a picture of these `params` has lower rows that can be inverted for themselves."""
        lower = lower_rows(params)
        if lower is None:
            return False
        grid, whole = grid_for(lower), grid_for(params)
        return grid.resolved and grid.stretch == whole.stretch and 64 <= grid.window <= whole.window // 2

    @staticmethod
    def rounds_for(iterations: int) -> int:
        """Iterations of the lower part where the whole has so many `iterations`."""
        return 2 * iterations + 2

    def spectra(self, wanted: list[int], place: Place, cores: Callable[[], int]) -> Callable[[int], np.ndarray]:
        """Invert the lower rows of some blocks.

        Parameters
        ----------
        wanted : list of int
            Numbers of the blocks.
        place : Place
        cores : callable
            As for `Rounds`.

        Returns
        -------
        callable
            Block number in the chunk -> spectra of its lowest bins [shape=(n, n_bins), complex64].
        """
        polar = [self.guess.block(b) for b in wanted]

        def first(i: int) -> np.ndarray:
            magnitudes, phase = polar[i]
            return _from_polar(magnitudes, phase, 0, np.empty(phase.shape, np.complex64))

        options = {"joint": True, "meet_mirror": True, "cores": cores}
        with self.whole.rounds(self.grid, self.params, wanted, place, **options) as rounds:
            rounds.begin(first)
            left = self.rounds_for(self.whole.iterations)
            while left:  # one by one until the last core is free
                n = 1 if cores() < n_workers() else left
                rounds.iterate(n)
                left -= n
        return lambda i: rounds.spectra(i)[:, : self.n_bins]
