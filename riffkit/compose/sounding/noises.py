"""Sounds that are not music, by name: each fills the loop, has no seam, and varies with its seed."""

import numpy as np

from riffkit.compose.sounding.world.animals import ANIMALS
from riffkit.compose.sounding.world.engines import ENGINES
from riffkit.compose.sounding.world.grains import Sound
from riffkit.compose.sounding.world.people import PEOPLE
from riffkit.compose.sounding.world.signals import SIGNALS
from riffkit.compose.sounding.world.studio import STUDIO
from riffkit.compose.sounding.world.weather import WEATHER

_SOUNDS: dict[str, Sound] = {**WEATHER, **ANIMALS, **PEOPLE, **ENGINES, **SIGNALS, **STUDIO}
SOUNDS = tuple(_SOUNDS)


def sound_of(name: str, seed: int) -> np.ndarray:
    """Make one sound as a stereo loop.

    Parameters
    ----------
    name : str
        One of `SOUNDS`.
    seed : int, >= 0
        Another one is another rain, another dog.

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32, -1..1]
        Peaks at 0.9.

    Raises
    ------
    ValueError
        If there is no such sound.
    """
    if name not in _SOUNDS:
        raise ValueError(f"{name!r} is no sound; expected one of {', '.join(SOUNDS)}")
    loop = np.asarray(_SOUNDS[name](np.random.default_rng(seed)), np.float32)
    loop = loop - loop.mean(axis=1, keepdims=True)
    return loop * np.float32(0.9 / (np.abs(loop).max() + 1e-9))
