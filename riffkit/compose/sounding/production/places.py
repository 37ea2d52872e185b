"""Narrow bands and far places: radio, telephone, megaphone, under water; plain filters, and one that sweeps."""

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES
from riffkit.compose.sounding.production.modulation import swing
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.synthesis.lines import sweep_round


def low_pass(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Everything above some 900 Hz taken away.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    corner = float(700 + 80 * (setting.seed % 6))
    return equalized(loop, ("low pass", corner, 0.0, 0.9), ("low pass", corner * 1.2, 0.0, 0.6))


def high_pass(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Everything below some 900 Hz taken away.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    corner = float(800 + 80 * (setting.seed % 6))
    return equalized(loop, ("high pass", corner, 0.0, 0.9), ("high pass", corner * 0.8, 0.0, 0.6))


def filter_sweep(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """A resonant low-pass that opens and shuts once round the loop.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    corner = (1300 * 2 ** (3.0 * swing(1, 0.75 if setting.seed % 2 else 0.25))).astype(np.float32)
    return np.stack([sweep_round(row, corner, 2.4) for row in loop])


def _band(loop: np.ndarray, low: float, high: float, drive: float) -> np.ndarray:
    """Mono, a band with steep edges, overloaded."""
    mono = equalized(loop.mean(axis=0), ("high pass", low, 0.0), ("high pass", low, 0.0), ("low pass", high, 0.0))
    level = np.float32(np.sqrt(np.mean(mono**2)) + 1e-9)
    mono = np.tanh(mono * (np.float32(drive) / level)) * level / np.float32(np.sqrt(drive / (1 + drive)))
    return equalized(mono, ("low pass", high, 0.0), ("low pass", high * 1.1, 0.0), ("high pass", low, 0.0))


def radio(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """An old set on medium wave: 250 Hz to 3 kHz, mono, some static.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    band = _band(loop, 260.0, 3000.0, 0.5)
    rng = setting.rng("radio")
    static = equalized(
        rng.standard_normal(LOOP_SAMPLES, dtype=np.float32), ("bell", 2400.0, 6.0, 1.0), ("low pass", 4200.0, 0.0)
    )
    static *= np.float32(0.045 * np.sqrt(np.mean(band**2))) * (1 + np.float32(0.5) * swing(2, rng.random()))
    return np.stack([band + static] * 2)


def telephone_line(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """300 to 3400 Hz, mono, with the grain of a carbon microphone.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    band = equalized(_band(loop, 480.0, 2900.0, 1.2), ("bell", 1500.0, 7.0, 1.2))
    band = np.round(band / (np.abs(band).max() + 1e-9) * 20) / 20 * np.abs(band).max()
    return np.stack([equalized(band.astype(np.float32), ("low pass", 3300.0, 0.0))] * 2)


def megaphone(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """A horn that shouts: 600 Hz to 5 kHz, hard overload, a ring at 1.8 kHz.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    band = equalized(_band(loop, 620.0, 4800.0, 4.5), ("bell", 1800.0, 9.0, 3.0), ("bell", 3100.0, 6.0, 3.0))
    slap = np.roll(band, round(0.11 * 44_100)) * np.float32(0.22)
    return np.stack([band + slap, band + np.roll(slap, 900)])


def underwater(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Below the surface: all dull, the corner swaying, bubbles of resonance.

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
        corner = 380 * 2 ** (0.55 * swing(3, 0.2 * side) + 0.35 * swing(7, 0.5 - 0.3 * side))
        rows.append(
            sweep_round(sweep_round(row, corner.astype(np.float32), 3.2), (corner * 1.3).astype(np.float32), 0.7)
        )
    return np.stack(rows)
