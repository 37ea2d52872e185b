"""Channels from mel to sound: in chunks that overlap, the lower part of the frequencies first."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np

from riffkit.progress import Reporter, report
from riffkit.sound.inversion.boundaries import Place
from riffkit.sound.inversion.iterations import BLOCK, Rounds, blocks_of, n_parts
from riffkit.sound.inversion.lower import LowerPart, from_polar
from riffkit.sound.inversion.operators import Grid, grid_for
from riffkit.sound.inversion.options import ITERATIONS, Inversion
from riffkit.sound.inversion.panorama import LinkedGuess
from riffkit.sound.inversion.phase import Guess
from riffkit.sound.inversion.transients import HALO
from riffkit.sound.mel import n_workers
from riffkit.sound.params import SpectrogramParams

CHUNK = 16  # blocks of 256 frames inverted together: 41 s
QUIETEST = 1e-30  # magnitudes below are silence
UNINTERRUPTED = 16  # iterations at most, while nobody asks for progress

Columns = Callable[[int, int], np.ndarray]


class Channels:
    """Channels on their way from mel to sound, one or some that belong together; holds what the chunks share.

    Parameters
    ----------
    sources : list of callable
        One per channel: (first, last) -> magnitudes [shape=(n_mels, last - first), float32, >= 0].
    n_frames : int
    params : SpectrogramParams
    how : Inversion
    """

    def __init__(self, sources: list[Columns], n_frames: int, params: SpectrogramParams, how: Inversion) -> None:
        self.grid = grid_for(params)
        self.params, self.iterations, self.device, self.periodic = params, how.n_iterations, how.device, how.periodic
        self.joint = how.integrated and self.grid.resolved  # else the corrections swing instead of settling
        self.seed, self.integrated = int(how.seed), how.integrated
        repeats = 1
        if how.periodic:  # the loop must be longer than a window
            repeats = max(1, -(-2 * self.grid.window // (self.grid.hop * n_frames)))
        if repeats > 1:
            sources = [_repeated(columns, n_frames, repeats) for columns in sources]
        self.blocks = blocks_of(n_frames * repeats)
        tops = [max(float(columns(*block).max()) for block in self.blocks) for columns in sources]
        self.sounding = [c for c, top in enumerate(tops) if top >= QUIETEST]
        # inside, the loudest magnitude lies between 1/2 and 1: squares stay far from the ends of float32
        self.scale = 2.0 ** -math.frexp(max(tops))[1] if self.sounding else 1.0
        self.tops = [tops[c] * self.scale for c in self.sounding]
        self.columns = [_scaled(sources[c], self.scale) for c in self.sounding]
        self.margin = self._margin()
        divided = self.joint and self.iterations and LowerPart.fits(params)
        self.low = LowerPart(params, self.iterations, self.guess_of, self.rounds) if divided else None
        self.guess = self.guess_of(self.grid, params, self.low.n_bins if self.low else 0)

    def guess_of(self, grid: Grid, params: SpectrogramParams, first_bin: int = 0) -> LinkedGuess:
        """The phase of all channels that sound.

        Parameters
        ----------
        grid : Grid
        params : SpectrogramParams
            Of the lowest rows of the mel, or of all.
        first_bin : int
            Bins below are left out.
        """
        guesses = [
            Guess(
                grid,
                partial(_lowest_rows, columns, params.n_mels),
                self.blocks,
                top,
                periodic=self.periodic,
                seed=self.seed,
                first_bin=first_bin,
                ahead=2 * self.margin + (CHUNK if self.periodic else 0),  # a loop's first chunk comes last
                integrated=self.integrated,
            )
            for columns, top in zip(self.columns, self.tops, strict=True)
        ]
        return LinkedGuess(guesses, params)

    def _margin(self) -> int:
        """Blocks on both sides of a chunk that its samples depend on."""
        passes = self.iterations * (n_parts(self.grid) if self.joint else 1) + 2
        if self.joint and self.iterations:
            passes += LowerPart.rounds_for(self.iterations) * n_parts(self.grid) + 2
        reach = -(-self.grid.window // self.grid.hop) * passes
        reach += len(self._sharpened()) * (BLOCK // 2 + HALO)
        return -(-reach // (BLOCK - 8))  # blocks of long sounds differ by a few frames

    def run(self, outs: list[np.ndarray], progress: Reporter | None, number: int = 0, of: int = 1) -> None:
        """Invert everything into `outs`.

        Parameters
        ----------
        outs : list of np.ndarray [shape=(n_samples,), float32]
            One per channel; changed in place.
        progress : callable or None
        number, of : int
            Which of how many runs this is, for `progress`.
        """
        n_blocks = len(self.blocks)
        one_go = n_blocks <= CHUNK + 2 * self.margin
        size = n_blocks if one_go else CHUNK
        margin = 0 if one_go else self.margin
        chunks = list(range(0, n_blocks, size))
        if self.periodic and not one_go:  # the first chunk reaches back into the last blocks: invert it at the end
            chunks = [*chunks[1:], chunks[0]]
        steps = self.iterations * max(len(self.sounding), 1) + 1
        total = len(chunks) * of * steps
        outs = [outs[c] for c in self.sounding]
        for i, start in enumerate(chunks):
            step = (number * len(chunks) + i) * steps
            end = min(start + size, n_blocks)
            if self.periodic:
                wanted = [b % n_blocks for b in range(start - margin, end + margin)]
            else:
                wanted = list(range(max(start - margin, 0), min(end + margin, n_blocks)))
            skipped = margin if self.periodic else start - wanted[0]
            place = Place(
                periodic=self.periodic and one_go,
                begins=not self.periodic and wanted[0] == 0,
                ends=not self.periodic and wanted[-1] == n_blocks - 1,
            )
            tell = None if progress is None else lambda k, s=step: report(progress, s + k, total)
            if tell:
                tell(0)
            if outs:
                self._chunk(wanted, place, skipped, end - start, outs, tell)

    def _chunk(
        self,
        wanted: list[int],
        place: Place,
        skipped: int,
        kept: int,
        outs: list[np.ndarray],
        tell: Callable[[int], None] | None,
    ) -> None:
        """Invert the blocks `wanted` and write the samples of the `kept` ones after the `skipped` ones into `outs`."""
        first, last = self.blocks[wanted[skipped]][0], self.blocks[wanted[skipped + kept - 1]][1]
        lead = sum(self.blocks[b][1] - self.blocks[b][0] for b in wanted[:skipped])
        with ExitStack() as stack:
            channels = [
                stack.enter_context(self.rounds(c, self.grid, self.params, wanted, place, joint=self.joint))
                for c in range(len(outs))
            ]
            spectra = self._first_spectra(channels, wanted, place)
            for c, rounds in enumerate(channels):
                rounds.begin(partial(spectra, c))
            del spectra  # a tenth of a gigabyte
            if self.joint and (self.low is None or self.iterations >= ITERATIONS["default"]):
                channels[0].meet_mirror(channels[1:])  # 4 ms for the last .1 dB
            for c, (rounds, out) in enumerate(zip(channels, outs, strict=True)):
                done = 0
                with rounds:  # one after the other: what one works on takes more memory than all the rest
                    for stop in self._stops(one_by_one=tell is not None):
                        rounds.iterate(stop - done, sharpen=self.joint and stop in self._sharpened())
                        done = stop
                        if tell:
                            tell(c * self.iterations + done)
                    rounds.finish(out, lead, first, last, 1 / self.scale)

    def rounds(
        self, channel: int, grid: Grid, params: SpectrogramParams, wanted: list[int], place: Place, **options: Any
    ) -> Rounds:
        """`Rounds` of some blocks, on the CPU or on a torch device.

        Parameters
        ----------
        channel : int
            Which of those that sound.
        grid : Grid
        params : SpectrogramParams
            Of the lowest rows of the mel, or of all.
        wanted : list of int
            Numbers of the blocks.
        place : Place
        options
            Those of `Rounds` that are not known here: joint, cores.
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
            mel=lambda i: self.columns[channel](*self.blocks[wanted[i]])[: params.n_mels],
            floor=1e-6 * self.tops[channel],
            **options,
        )

    def _first_spectra(
        self, channels: list[Rounds], wanted: list[int], place: Place
    ) -> Callable[[int, int], np.ndarray]:
        """Channel and block in the chunk -> its first spectra, from the frames' start, shape (n, bins).

        Integration goes block by block on one core; meanwhile the lower part is inverted on those that are left.
        """

        def upper() -> list[Any]:
            found = [self.guess.block(b) for b in wanted]
            if self.iterations and len(channels) == 1:  # with more, it would be the moment of most memory
                channels[0].prepare()
            return found

        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(upper)
            cores = lambda: max(n_workers() - (not found.done()), 1)  # noqa: E731
            low = self.low.spectra(wanted, place, cores) if self.low else None
            polar = found.result()
        n_bins = self.grid.window // 2 + 1

        def spectra_of(channel: int, i: int) -> np.ndarray:
            magnitudes, phase = polar[i][channel]
            spectra = np.empty((len(phase), n_bins), np.complex64)
            first_bin = n_bins - phase.shape[1]
            from_polar(magnitudes, phase, first_bin, spectra[:, first_bin:])
            if low is not None:
                spectra[:, :first_bin] = low[channel](i)
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


def _repeated(columns: Columns, n_frames: int, times: int) -> Columns:
    """The columns of a loop, so many times."""
    one_turn = np.tile(columns(0, n_frames), (1, times))
    return lambda first, last: one_turn[:, first:last]


def _scaled(columns: Columns, scale: float) -> Columns:
    return lambda first, last: columns(first, last) * np.float32(scale)


def _lowest_rows(columns: Columns, n: int, first: int, last: int) -> np.ndarray:
    return columns(first, last)[:n]
