"""Strokes on drums, built in layers: tones that fall, bursts of noise, clouds of metal, modes of a skin."""

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.compose.sounding.synthesis.kernels import modes, sweep

# The six square waves of the TR-808's cymbals, in Hz (Werner, Abel & Smith, "The TR-808 cymbal", 2014).
METAL = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)
SKIN = (1.0, 1.59, 2.14, 2.30, 2.65, 2.92)  # modes of an ideal membrane


def _time(n: int) -> np.ndarray:
    return np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)


def fall(high: float, low: float, quick: float, decay: float, level: float = 1.0, drive: float = 0.0) -> np.ndarray:
    """A sine that falls: kicks and toms.

    Parameters
    ----------
    high, low : float [Hz]
        Where it begins and where it comes to rest.
    quick, decay : float [s]
        To 1/e of the fall; to 1/e of the sound.
    level : float
    drive : float
        Overload; 0 is none.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    time = _time(round(6 * decay * SAMPLE_RATE))
    turns = low * time + (high - low) * quick * (1 - np.exp(-time / np.float32(quick)))
    sound = np.sin(2 * np.pi * turns) * np.exp(-time / np.float32(decay)) * np.minimum(time / 0.001, 1)
    if drive:
        sound = np.tanh(drive * sound) / np.tanh(drive)
    return (level * sound).astype(np.float32)


def hiss(hertz: float, q: float, decay: float, level: float = 1.0, kind: int = 1, attack: float = 0.0005) -> np.ndarray:
    """A burst of filtered noise: snares, hats, shakers. Always the same noise: a drum sounds like itself.

    Parameters
    ----------
    hertz : float [Hz]
    q : float
    decay : float [s]
        To 1/e.
    level : float
    kind : int
        0 low-pass, 1 band-pass, 2 high-pass.
    attack : float [s]

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = round((6 * decay + attack) * SAMPLE_RATE)
    noise = np.random.default_rng(round(hertz * 7 + decay * 1000)).standard_normal(n, dtype=np.float32)
    time = _time(n)
    shape = np.minimum(time / np.float32(attack), 1) * np.exp(
        -np.maximum(time - np.float32(attack), 0) / np.float32(decay)
    )
    return np.float32(0.5 * level) * sweep(noise, np.full(n, hertz, np.float32), q, kind) * shape


def metal(edge: float, decay: float, level: float = 1.0, pitch: float = 1.0) -> np.ndarray:
    """Six square waves at odds with each other above an edge: hats, cymbals, cowbells of drum machines.

    Parameters
    ----------
    edge : float [Hz]
    decay : float [s]
    level : float
    pitch : float
        Factor of their frequencies.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = round(6 * decay * SAMPLE_RATE)
    time = np.arange(n) / SAMPLE_RATE
    cloud = np.zeros(n)
    for k, hertz in enumerate(METAL):
        for harmonic in range(1, 64, 2):  # band-limited squares, low partials left out as the filter takes them
            f = hertz * pitch * harmonic
            if 0.4 * edge < f < 19_000:
                cloud += np.sin(2 * np.pi * f * time + k) / harmonic
    cloud = sweep(cloud.astype(np.float32), np.full(n, edge, np.float32), 0.8, 2)
    cloud = cloud / (np.sqrt(np.mean(cloud**2)) + 1e-9) * np.float32(0.25 * level)
    return (cloud * np.exp(-_time(n) / np.float32(decay))).astype(np.float32)


def skin(
    hertz: float,
    decay: float,
    level: float = 1.0,
    ratios: tuple[float, ...] = SKIN,
    tilt: float = 0.6,
    damp: float = 0.55,
) -> np.ndarray:
    """The modes of a drumhead or a block, struck once.

    Parameters
    ----------
    hertz : float [Hz]
        Of the lowest mode.
    decay : float [s]
        Of the lowest mode, to 1/e.
    level : float
    ratios : tuple of float
    tilt : float [0..1]
        Strength of each next mode.
    damp : float [0..1]
        Duration of each next mode.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    numbers = np.arange(len(ratios))
    n = round(6 * decay * SAMPLE_RATE)
    sound = modes(n, hertz * np.array(ratios), decay * damp**numbers, level * 0.6 * tilt**numbers)
    return sound * np.minimum(_time(n) / np.float32(0.0006), 1)


def claps(
    hertz: float, decay: float, level: float = 1.0, gaps: tuple[float, ...] = (0, 0.011, 0.021, 0.03)
) -> np.ndarray:
    """Several hands, nearly together.

    Parameters
    ----------
    hertz : float [Hz]
    decay : float [s]
        Of the last of them.
    level : float
    gaps : tuple of float [s]
        When each of them strikes.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    bursts = [hiss(hertz + 3 * k, 1.1, 0.006 if k < len(gaps) - 1 else decay, level) for k in range(len(gaps))]
    return layers(*bursts, at=gaps)


def layers(*sounds: np.ndarray, at: tuple[float, ...] = ()) -> np.ndarray:
    """Sounds on top of each other, each from its time on.

    Parameters
    ----------
    sounds : np.ndarray [shape=(n,), float32]
    at : tuple of float [s]
        Where left out, at once.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
        Faded out at its end.
    """
    places = [round(seconds * SAMPLE_RATE) for seconds in at] + [0] * (len(sounds) - len(at))
    out = np.zeros(max(place + len(sound) for place, sound in zip(places, sounds, strict=True)), np.float32)
    for place, sound in zip(places, sounds, strict=True):
        out[place : place + len(sound)] += sound
    fade = min(len(out), 220)
    out[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return out
