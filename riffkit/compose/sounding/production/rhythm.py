"""Effects in time with the beat: delay, side chain, gate, stutter."""

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.synthesis.lines import smoothed


def delay(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Echoes three quarters of a beat apart, from side to side, each duller than the last.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    late = setting.beat * (0.75 if setting.beats <= 13 else 1.5)
    out, echo = loop.copy(), loop.mean(axis=0)
    for k in range(1, 6):
        echo = equalized(np.roll(echo, round(late)), ("low pass", 5200.0, 0.0, 0.5), ("high pass", 180.0, 0.0, 0.5))
        echo *= np.float32(0.62)
        out[k % 2] += echo
        out[1 - k % 2] += np.float32(0.2) * echo
    return out


def side_chain(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Ducked by the bass drum, or by every beat where there is none: it pumps.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    strokes = setting.kicks or tuple(round(k * setting.beat) for k in range(setting.beats))
    n = round(min(setting.beat * 0.95, 0.5 * SAMPLE_RATE))
    place = np.arange(n, dtype=np.float32) / n
    dip = 1 - np.float32(0.93) * (1 - place) ** 1.4
    gain = np.ones(LOOP_SAMPLES, np.float32)
    for stroke in strokes:
        places = (stroke + np.arange(n)) % LOOP_SAMPLES
        gain[places] = np.minimum(gain[places], dip)
    return loop * smoothed(gain, 0.004)


def gate(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Cut into sixteenths by a pattern, as in trance.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    patterns = ("x.xxx.xxx.xxx.xx", "x.x.x.x.x.x.x.x.", "xx.xx.x.xx.xx.x.", "xxx.xxx.xxx.xxx.")
    pattern = patterns[setting.seed % 4]
    steps = setting.beats * 4
    on = np.array([pattern[k % 16] == "x" for k in range(steps)], np.float32)
    place = np.arange(LOOP_SAMPLES) * steps / LOOP_SAMPLES
    level = on[place.astype(int)] * (place % 1 < 0.8)
    return loop * smoothed(level.astype(np.float32), 0.003)


def stutter(loop: np.ndarray, setting: Setting) -> np.ndarray:
    """Every other beat or so a sixteenth of it, or half of one, said again and again.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]
    setting : Setting

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    out, rng = loop.copy(), setting.rng("stutter")
    first = int(rng.integers(2))
    for beat in range(first, setting.beats, 2):
        start, stop = round(beat * setting.beat), round((beat + 1) * setting.beat)
        size = round(setting.beat / (4, 6, 8)[int(rng.integers(3))])
        grain = loop[:, (start + np.arange(size)) % LOOP_SAMPLES].copy()
        fade = np.minimum(np.arange(size) / 90, 1) * np.minimum(np.arange(size)[::-1] / 220, 1)
        grain *= fade.astype(np.float32)
        repeats = np.tile(grain, (1, (stop - start) // size + 1))[:, : stop - start]
        repeats[:, -220:] *= np.linspace(1, 0, 220, dtype=np.float32)
        out[:, start:stop] = repeats
    return out
