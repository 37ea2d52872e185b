"""The lower part of the frequencies: most of the energy of music, at a quarter of the rate and of the work."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import numpy as np

from riffkit.sound.inversion.boundaries import Place
from riffkit.sound.inversion.iterations import Rounds
from riffkit.sound.inversion.operators import Grid, grid_for, lower_rows
from riffkit.sound.inversion.panorama import LinkedGuess
from riffkit.sound.mel import n_workers
from riffkit.sound.params import SpectrogramParams

SHARED = 3  # bins below the top of the lower part that are left to the upper one


def from_polar(magnitudes: np.ndarray, phase: np.ndarray, first_bin: int, out: np.ndarray) -> np.ndarray:
    """Complex spectra about the frame's start, from phase about its centre: every other bin changes its sign.

    Parameters
    ----------
    magnitudes, phase : np.ndarray [shape=(n, bins), float32]
    first_bin : int
        The number of the first.
    out : np.ndarray [shape=(n, bins), complex64]
        Changed in place, and returned.
    """
    magnitudes = magnitudes * np.where((first_bin + np.arange(phase.shape[1])) % 2, -1, 1).astype(np.float32)
    np.multiply(magnitudes, np.cos(phase), out=out.real)
    np.multiply(magnitudes, np.sin(phase), out=out.imag)
    return out


class LowerPart:
    """The lower rows of the mel, inverted for themselves at a lower rate: their spectra begin those of the whole.

    Parameters
    ----------
    params : SpectrogramParams
        Of the whole; they must `fits`.
    iterations : int
        Of the whole.
    guess_of : callable
        (grid, params) -> the phase of all channels.
    rounds : callable
        (channel, grid, params, numbers of blocks, place, **options) -> `Rounds`.
    """

    def __init__(
        self,
        params: SpectrogramParams,
        iterations: int,
        guess_of: Callable[[Grid, SpectrogramParams], LinkedGuess],
        rounds: Callable[..., Rounds],
    ) -> None:
        lower = lower_rows(params)
        assert lower is not None, "asked for before: `fits`"
        self.params, self.grid, self.iterations, self.rounds = lower, grid_for(lower), iterations, rounds
        self.n_bins = self.grid.window // 2 + 1 - SHARED
        self.guess = guess_of(self.grid, lower)

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

    def spectra(self, wanted: list[int], place: Place, cores: Callable[[], int]) -> list[Callable[[int], np.ndarray]]:
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
        list of callable
            One per channel: block number in the chunk -> spectra of its lowest bins [shape=(n, n_bins), complex64].
        """
        polar = [self.guess.block(b) for b in wanted]

        def first(channel: int, i: int) -> np.ndarray:
            magnitudes, phase = polar[i][channel]
            return from_polar(magnitudes, phase, 0, np.empty(phase.shape, np.complex64))

        with ExitStack() as stack:
            options = {"joint": True, "cores": cores}
            channels = [
                stack.enter_context(self.rounds(c, self.grid, self.params, wanted, place, **options))
                for c in range(len(self.guess.channels))
            ]
            for c, rounds in enumerate(channels):
                rounds.begin(partial(first, c))
            channels[0].meet_mirror(channels[1:])
            for rounds in channels:
                left = self.rounds_for(self.iterations)
                with rounds:
                    while left:  # one by one until the last core is free
                        n = 1 if cores() < n_workers() else left
                        rounds.iterate(n)
                        left -= n
        return [partial(self._lowest, rounds) for rounds in channels]

    def _lowest(self, rounds: Rounds, i: int) -> np.ndarray:
        return rounds.spectra(i)[:, : self.n_bins]
