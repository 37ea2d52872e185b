"""What an effect may know of the piece that it is heard in."""

from dataclasses import dataclass

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES


@dataclass(frozen=True)
class Setting:
    """Where an effect stands.

    Parameters
    ----------
    beats : int
        In the loop.
    seed : int
        Of whatever it draws.
    kicks : tuple of int [samples]
        Where the bass drum strikes; empty where there is none.
    """

    beats: int
    seed: int
    kicks: tuple[int, ...] = ()

    @property
    def beat(self) -> float:
        """Samples from one beat to the next."""
        return LOOP_SAMPLES / self.beats

    def rng(self, name: str) -> np.random.Generator:
        """A generator of its own for each effect.

        Parameters
        ----------
        name : str
        """
        return np.random.default_rng([self.seed, *name.encode()])
