"""Copies that move: chorus, flanger, phaser, tremolo, auto-pan, the wow of tape; whole turns round the loop."""

import numba
import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.production.setting import Setting


@numba.njit(cache=True, nogil=True)
def _moved(loop: np.ndarray, delay: np.ndarray, feedback: float) -> np.ndarray:
    """A loop read `delay` samples late (it varies), with feedback: the second time round it is in swing."""
    n = len(loop)
    out = np.zeros(n, np.float32)
    for _ in range(2 if feedback != 0.0 else 1):
        for i in range(n):
            back = i - delay[i]
            k = int(np.floor(back))
            part = np.float32(back - k)
            k, m = k % n, (k + 1) % n
            here = loop[k] + part * (loop[m] - loop[k])
            if feedback != 0.0:
                here += np.float32(feedback) * (out[k] + part * (out[m] - out[k]))
            out[i] = here
    return out


@numba.njit(cache=True, nogil=True)
def _phased(loop: np.ndarray, turn: np.ndarray, stages: int) -> np.ndarray:
    """All-passes in a row whose corner moves (`turn` is tan of half its angle), added to what came in."""
    n = len(loop)
    memory = np.zeros((stages, 2), np.float64)
    out = np.zeros(n, np.float32)
    for i in range(-8192, n):
        x = float(loop[i % n])
        value, a = x, (turn[i % n] - 1) / (turn[i % n] + 1)
        for s in range(stages):
            y = a * value + memory[s, 0] - a * memory[s, 1]
            memory[s, 0], memory[s, 1] = value, y
            value = y
        if i >= 0:
            out[i] = np.float32(0.6 * (x + value))
    return out


def swing(turns: int, phase: float = 0.0) -> np.ndarray:
    """A sine of whole turns round the loop.

    Parameters
    ----------
    turns : int
    phase : float [0..1]

    Returns
    -------
    np.ndarray [shape=(225792,), float32, -1..1]
    """
    place = np.arange(LOOP_SAMPLES, dtype=np.float32) * np.float32(2 * np.pi * turns / LOOP_SAMPLES)
    return np.sin(place + np.float32(2 * np.pi * phase))


def _late(seconds: float, depth: float, turns: int, phase: float) -> np.ndarray:
    return (np.float32(seconds) + np.float32(depth) * swing(turns, phase)) * np.float32(SAMPLE_RATE)


def chorus(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Two more of the same, late and out of tune by turns, one on either side.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    wet = [_moved(loop[side], _late(0.016, 0.0042, 5, 0.25 + side / 2), 0.0) for side in range(2)]
    more = [_moved(loop[1 - side], _late(0.023, 0.0036, 7, side / 2), 0.0) for side in range(2)]
    return np.float32(0.6) * loop + np.float32(0.6) * np.stack(wet) + np.float32(0.45) * np.stack(more)


def flanger(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """A copy so close behind that it cuts a comb of notches, which sweeps up and down once in the loop.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    rows = []
    for side, row in enumerate(loop):
        late = 0.0006 * 2 ** (1.55 + 1.55 * swing(1 + setting.seed % 2, 0.75 + 0.06 * side))
        rows.append(row + np.float32(0.9) * _moved(row, (late * SAMPLE_RATE).astype(np.float32), 0.62))
    return np.float32(0.5) * np.stack(rows)


def phaser(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Four notches that sweep, otherwise on either side.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]

    References
    ----------
    Smith, "An all-pass approach to digital phasing and flanging", 1984.
    """
    rows = []
    for side, row in enumerate(loop):
        corner = 620 * 2 ** (1.7 * swing(2 + setting.seed % 2, 0.15 * side))
        rows.append(_phased(row, np.tan(np.pi * corner / SAMPLE_RATE).astype(np.float32), 8))
    return np.stack(rows)


def tremolo(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Loud and soft by turns, four to a beat when slow, two when fast.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    turns = setting.beats * (4 if setting.beats <= 9 else 3 if setting.beats <= 12 else 2)
    return loop * (np.float32(0.54) - np.float32(0.46) * swing(turns, 0.25))


def auto_pan(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """From one side to the other and back.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    turns = max(1, round(setting.beats / (2 if setting.seed % 2 else 4)))
    angle = np.float32(np.pi / 4) * (1 + np.float32(0.95) * swing(turns))
    return np.float32(1.3) * loop.mean(axis=0) * np.stack([np.cos(angle), np.sin(angle)])


def tape_wow(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """A worn tape: the pitch sways slowly and flutters, the treble is gone, it overloads softly.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    late = 0.02 + 0.0075 * swing(3 + setting.seed % 2) + 0.0016 * swing(8, 0.3) + 0.00012 * swing(47)
    late = (late * SAMPLE_RATE).astype(np.float32)
    rows = np.stack([_moved(row, late, 0.0) for row in loop])
    return np.tanh(np.float32(1.5) * equalized(rows, ("low pass", 5200.0, 0.0), ("low shelf", 90.0, 2.5))) / np.float32(
        1.3
    )
