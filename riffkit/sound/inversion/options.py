"""The options of an inversion, checked once."""

from dataclasses import dataclass

import numpy as np

ITERATIONS = {"fast": 2, "default": 4, "best": 14, "griffin-lim": 32, "pghi": 0}


@dataclass(frozen=True)
class Inversion:
    """How a mel is inverted: the options of `clip_from_mel`, checked once.

    Parameters
    ----------
    periodic : bool
    quality : str
    seed : int
    iterations : int or None [0..10000]
        None takes the quality's own.
    device : str
    link_channels : bool

    Raises
    ------
    TypeError, ValueError
        If one of them is none of those that `clip_from_mel` names.
    """

    periodic: bool = False
    quality: str = "default"
    seed: int = 0
    iterations: int | None = None
    device: str = "cpu"
    link_channels: bool = True

    def __post_init__(self) -> None:
        if self.quality not in ITERATIONS:
            raise ValueError(f"quality is {self.quality!r}; expected one of {', '.join(ITERATIONS)}")
        if not 0 <= self.n_iterations <= 10000:
            raise ValueError(f"iterations is {self.iterations}; expected 0 to 10000")
        if not isinstance(self.seed, (int, np.integer)) or isinstance(self.seed, bool):
            raise TypeError(f"seed is {self.seed!r}; expected a whole number")

    @property
    def n_iterations(self) -> int:
        """Joint iterations, of the whole."""
        return ITERATIONS[self.quality] if self.iterations is None else self.iterations

    @property
    def integrated(self) -> bool:
        """Whether phase is integrated; else all of it is random."""
        return self.quality != "griffin-lim"
