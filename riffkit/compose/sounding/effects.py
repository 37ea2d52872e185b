"""Effects by name: what each is applied to, and how the tracks of a piece are put together through them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, frequencies
from riffkit.compose.sounding.production import dirt, modulation, places, rhythm, rooms
from riffkit.compose.sounding.production.setting import Setting

Effect = Callable[[np.ndarray, Setting], np.ndarray]
ALL = ("parts", "bass", "drums", "sounds")


def _in(name: str) -> Effect:
    return lambda loop, setting: rooms.room(loop, name)


# name: (the effect, the buses that it treats; all of them is the mix itself)
_EFFECTS: dict[str, tuple[Effect, tuple[str, ...]]] = {
    "room": (_in("room"), ALL),
    "hall": (_in("hall"), ALL),
    "cathedral": (_in("cathedral"), ALL),
    "plate": (_in("plate"), ALL),
    "spring": (_in("spring"), ALL),
    "delay": (rhythm.delay, ("parts", "sounds")),
    "chorus": (modulation.chorus, ("parts",)),
    "flanger": (modulation.flanger, ("parts", "drums", "sounds")),
    "phaser": (modulation.phaser, ("parts", "drums", "sounds")),
    "tremolo": (modulation.tremolo, ("parts", "sounds")),
    "distortion": (dirt.distortion, ("parts", "bass")),
    "bit crusher": (dirt.bit_crusher, ALL),
    "low pass": (places.low_pass, ALL),
    "high pass": (places.high_pass, ALL),
    "filter sweep": (places.filter_sweep, ALL),
    "side chain": (rhythm.side_chain, ("parts", "bass", "sounds")),
    "gate": (rhythm.gate, ("parts", "sounds")),
    "tape wow": (modulation.tape_wow, ALL),
    "radio": (places.radio, ALL),
    "telephone line": (places.telephone_line, ALL),
    "underwater": (places.underwater, ALL),
    "next room": (rooms.next_room, ALL),
    "megaphone": (places.megaphone, ALL),
    "stutter": (rhythm.stutter, ALL),
    "auto pan": (modulation.auto_pan, ("parts", "drums", "sounds")),
    "compressed": (dirt.compressed, ALL),
    "vocoder": (dirt.vocoder, ("parts",)),
}
EFFECTS = tuple(_EFFECTS)
SPACES = ("room", "hall", "cathedral", "plate", "spring", "next room", "radio", "telephone line", "megaphone")


def affected(loop: np.ndarray, name: str, setting: Setting) -> np.ndarray:
    """Send a loop through one effect.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, 225792), float32]
    name : str
        One of `EFFECTS`.
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]

    Raises
    ------
    ValueError
        If there is no such effect.
    """
    if name not in _EFFECTS:
        raise ValueError(f"{name!r} is no effect; expected one of {', '.join(EFFECTS)}")
    return _EFFECTS[name][0](loop, setting)


def treated(buses: dict[str, np.ndarray], effects: Sequence[str], setting: Setting) -> np.ndarray:
    """Put the tracks of a piece together: effects on some of them first, then those on the mix.

    An effect whose tracks the piece lacks treats what there is.

    Parameters
    ----------
    buses : dict of str to np.ndarray [shape=(2, 225792), float32]
        Of `ALL`, those that sound.
    effects : sequence of str
        Of `EFFECTS`, in the order in which the sound goes through them.
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    buses, whole = dict(buses), []
    for name in effects:
        own = [bus for bus in _EFFECTS[name][1] if bus in buses]
        if _EFFECTS[name][1] == ALL or not own:
            whole.append(name)
            continue
        for bus in own:
            buses[bus] = affected(buses[bus], name, setting)
    mix = sum(buses.values(), np.zeros((2, LOOP_SAMPLES), np.float32))
    for name in whole:
        mix = affected(mix, name, setting)
    return mix


def in_a_room(mix: np.ndarray, effects: Sequence[str], setting: Setting) -> np.ndarray:
    """Nothing is heard without walls: a short room round everything, unless an effect has put it in a place already.

    How much of it, and how bright the whole is, is another day's work for each seed.

    Parameters
    ----------
    mix : np.ndarray [shape=(2, 225792), float32]
    effects : sequence of str
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, 225792), float32]
    """
    if set(effects) & set(SPACES):
        return mix
    share, tilt = setting.rng("desk").uniform((0.1, -2.0), (0.24, 2.0))
    return rooms.room(mix, "default", float(share), np.exp(_octaves() * np.float32(tilt * np.log(10) / 60)))


@lru_cache(maxsize=1)
def _octaves() -> np.ndarray:
    """How far each bin lies from 1 kHz, three octaves at most: what a seesaw of the spectrum turns about."""
    return np.clip(np.log2(np.maximum(frequencies(), 20) / 1000), -3, 3).astype(np.float32)
