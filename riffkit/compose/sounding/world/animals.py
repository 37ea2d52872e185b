"""Birds and beasts: tones that move as throats do, and wings."""

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.lines import read_round
from riffkit.compose.sounding.synthesis.tables import saw, table
from riffkit.compose.sounding.synthesis.throats import Manner, voiced
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, puff, silence, slow, strew


def _birds(rng: np.random.Generator) -> np.ndarray:
    out = 0.02 * noise(rng, (50, -10), (400, 0), (3000, -8), (20_000, -20))
    for _ in range(int(rng.integers(3, 6))):  # each bird has a song of its own
        pan, base, kind = rng.uniform(-0.9, 0.9), float(rng.uniform(2600, 5200)), int(rng.integers(3))
        if kind == 0:  # a falling whistle
            song = [chirp([(0, base * 1.5), (0.12, base)], [(0, 1), (0.12, 0.6)])] * int(rng.integers(2, 5))
        elif kind == 1:  # up and down
            song = [chirp([(0, base), (0.04, base * 1.4), (0.09, base * 0.9)], [(0, 0.5), (0.05, 1), (0.09, 0.2)])] * 6
        else:  # a trill
            song = [chirp([(0, base * 1.15), (0.03, base)], [(0, 1), (0.03, 0.4)])] * int(rng.integers(9, 18))
        gap = len(song[0]) * rng.uniform(1.3, 1.9)
        for start in places(rng, int(rng.integers(1, 3))):
            for k, note in enumerate(song):
                strew(out, note, start + int(k * gap), pan, 0.5)
    return out


def _crickets(rng: np.random.Generator) -> np.ndarray:
    out = 0.015 * noise(rng, (50, -6), (300, 0), (2000, -12), (20_000, -20))
    for _ in range(int(rng.integers(2, 5))):
        hertz, pan, pulses = float(rng.uniform(3900, 5200)), rng.uniform(-0.9, 0.9), int(rng.integers(3, 5))
        tick = chirp([(0, hertz), (0.017, hertz * 0.985)], [(0, 0.2), (0.006, 1), (0.017, 0.1)], (1, 0.12))
        chirps, level = int(rng.integers(9, 17)), rng.uniform(0.3, 0.9)
        for start in places(rng, chirps, 0.06):
            for k in range(pulses):
                strew(out, tick, start + int(k * 0.023 * SAMPLE_RATE), pan, level)
    return out


def _bark(rng: np.random.Generator, pitch: float) -> np.ndarray:
    tone = Tone(0, round(0.13 * SAMPLE_RATE), round(pitch), 120, ((0, -5.0), (1700, 3.0), (5500, -6.0)))
    sound = voiced(tone, "ae o", rng, Manner(length=1.25, breath=0.35, attack=0.012, release=0.035))
    sound[:2200] += 0.5 * puff(rng, 2200 / SAMPLE_RATE, 1200, 0.7, 0.008)
    return np.tanh(4 * sound)


def _dog(rng: np.random.Generator) -> np.ndarray:
    out, pitch = silence(), float(rng.uniform(55, 68))
    for start in places(rng, int(rng.integers(3, 6)), 0.5):
        for k in range(int(rng.integers(1, 4))):
            strew(out, _bark(rng, pitch), start + int(k * 0.27 * SAMPLE_RATE), 0.15, rng.uniform(0.7, 1.0))
    return out


def _cat(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(2, 4)), 0.5):
        seconds = rng.uniform(0.6, 1.1)
        n = round(seconds * SAMPLE_RATE)
        rise = rng.uniform(3, 7)
        tone = Tone(0, n, int(rng.integers(66, 73)), 115, ((0, 0.0), (n // 3, rise), (n, -3.0)))
        strew(
            out,
            voiced(tone, "i ae a o u", rng, Manner(length=1.45, breath=0.06, attack=0.1, release=0.09)),
            start,
            rng.uniform(-0.3, 0.3),
        )
    return out


def _frogs(rng: np.random.Generator) -> np.ndarray:
    out = 0.03 * noise(rng, (50, -3), (300, 0), (2000, -10), (20_000, -25))
    for _ in range(int(rng.integers(3, 6))):
        hertz, pan, level = float(rng.uniform(350, 1100)), rng.uniform(-0.9, 0.9), rng.uniform(0.4, 1)
        pulses, gap = int(rng.integers(6, 16)), rng.uniform(0.016, 0.03)
        pulse = chirp([(0, hertz), (0.014, hertz * 1.1)], [(0, 1), (0.014, 0)], (1, 0.8, 0.5, 0.3, 0.2))
        for start in places(rng, int(rng.integers(3, 7)), 0.5):
            for k in range(pulses):
                strew(
                    out, pulse, start + int(k * gap * SAMPLE_RATE), pan, level * np.sin(np.pi * (k + 1) / (pulses + 1))
                )
    return out


def _horse(rng: np.random.Generator) -> np.ndarray:
    out, strides = silence(), int(rng.integers(8, 12))
    pitch = rng.uniform(0.85, 1.2)
    for k in range(strides):  # a gallop: three beats and a rest
        for step, level in ((0, 0.8), (0.17, 0.9), (0.33, 1.0)):
            start = int((k + step * 1.7) * LOOP_SAMPLES / strides)
            hoof = puff(rng, 0.05, 900 * pitch * rng.uniform(0.9, 1.1), 4.0, 0.0008)
            body = puff(rng, 0.07, 190, 2.0, 0.001)
            strew(out, hoof + 1.6 * body[: len(hoof)], start, -0.3 + 0.6 * step, level)
    return out


def _bees(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for _ in range(int(rng.integers(6, 10))):
        hertz = rng.uniform(170, 260) * 2 ** (0.12 * slow(rng, 30, 2))
        near = np.clip(0.55 + 0.45 * slow(rng, 5), 0, 1) ** 2
        wing = read_round(table(saw, 400.0, True), hertz.astype(np.float32)) * near
        angle = np.float32(np.pi / 4) * (1 + slow(rng, 4))
        out += np.stack([wing * np.cos(angle), wing * np.sin(angle)])
    return out


def _owl(rng: np.random.Generator) -> np.ndarray:
    out, hertz = 0.006 * noise(rng, (50, 0), (500, 0), (3000, -12), (20_000, -30)), float(rng.uniform(330, 420))
    for start in places(rng, 2, 0.2):
        for late, seconds, level in ((0, 0.32, 0.8), (0.75, 0.12, 0.6), (0.95, 0.6, 1.0)):
            hoot = chirp([(0, hertz * 0.94), (0.08, hertz), (seconds, hertz * 0.93)],
                         [(0, 0), (0.07, 1), (seconds * 0.7, 0.8), (seconds, 0)], (1, 0.12, 0.05))  # fmt: skip
            strew(out, hoot, start + int(late * SAMPLE_RATE), -0.2, level)
    return out


def _seagulls(rng: np.random.Generator) -> np.ndarray:
    out = 0.12 * noise(rng, (30, 0), (200, -3), (1500, -12), (20_000, -30)) * (0.6 + 0.4 * slow(rng, 3))
    for start in places(rng, int(rng.integers(3, 5))):
        hertz, pan = float(rng.uniform(900, 1300)), rng.uniform(-0.8, 0.8)
        for k in range(int(rng.integers(2, 6))):
            cry = chirp([(0, hertz * 0.8), (0.06, hertz * 1.35), (0.3, hertz)], [(0, 0.4), (0.08, 1), (0.3, 0)],
                        (1, 0.9, 0.7, 0.45, 0.25, 0.12))  # fmt: skip
            strew(out, cry, start + int(k * 0.36 * SAMPLE_RATE), pan, 0.4)
    return out


def _rooster(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    start, f = int(rng.integers(LOOP_SAMPLES)), float(rng.uniform(480, 620))
    for late, seconds, course in (
        (0, 0.16, (1, 1.4)),
        (0.25, 0.14, (1.3, 1.5)),
        (0.45, 0.24, (1.2, 1.75)),
        (0.8, 1.1, (1.9, 1.2)),
    ):
        crow = chirp([(0, f * course[0]), (seconds * 0.25, f * max(course)), (seconds, f * course[1])],
                     [(0, 0.5), (seconds * 0.2, 1), (seconds * 0.8, 0.8), (seconds, 0)],
                     (0.7, 1, 0.9, 0.8, 0.5, 0.35, 0.25, 0.15))  # fmt: skip
        for again in (0, LOOP_SAMPLES // 2):
            strew(out, crow, start + again + int(late * SAMPLE_RATE), 0.1, 0.5)
    return out


def _cow(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, 2, 0.3):
        n = round(rng.uniform(1.1, 1.5) * SAMPLE_RATE)
        tone = Tone(0, n, int(rng.integers(42, 47)), 120, ((0, -3.0), (n // 3, 2.5), (n, -2.0)))
        moo = voiced(tone, "u u o a o u", rng, Manner(length=0.72, breath=0.06, attack=0.15, release=0.1))
        strew(out, moo, start, rng.uniform(-0.3, 0.3))
    return out


def _wolf(rng: np.random.Generator) -> np.ndarray:
    out = 0.01 * noise(rng, (50, 0), (500, -2), (3000, -14), (20_000, -34))
    for k, start in enumerate(places(rng, 2, 0.4)):
        f, s = float(rng.uniform(380, 480)), rng.uniform(1.9, 2.4)
        howl = chirp([(0, f * 0.62), (0.5, f), (s * 0.6, f * 1.03), (s, f * 0.7)],
                     [(0, 0.1), (0.4, 0.9), (s * 0.7, 1), (s, 0)], (1, 0.5, 0.25, 0.1, 0.05))  # fmt: skip
        strew(out, howl, start, -0.5 + k, 0.8 - 0.2 * k)
        strew(out, howl, start + 5000, 0.5 - k, 0.25)
    return out


def _whale(rng: np.random.Generator) -> np.ndarray:
    out = 0.05 * noise(rng, (20, 0), (150, -4), (800, -20), (20_000, -60))
    for start in places(rng, int(rng.integers(3, 5)), 0.6):
        f, s = float(rng.uniform(140, 420)), rng.uniform(1.0, 1.9)
        bends = [
            (0, f),
            (s * 0.3, f * rng.uniform(0.7, 1.8)),
            (s * 0.7, f * rng.uniform(0.6, 2.2)),
            (s, f * rng.uniform(0.5, 1.2)),
        ]
        song = chirp(bends, [(0, 0), (s * 0.25, 1), (s * 0.8, 0.7), (s, 0)], (1, 0.45, 0.3, 0.12, 0.05))
        pan = rng.uniform(-0.6, 0.6)
        for k in range(4):  # the ocean answers
            strew(out, song, start + k * 9500, pan * (-1) ** k, 0.6 * 0.5**k)
    return out


ANIMALS: dict[str, Sound] = {
    "birds": _birds,
    "crickets": _crickets,
    "dog": _dog,
    "cat": _cat,
    "frogs": _frogs,
    "horse": _horse,
    "bees": _bees,
    "owl": _owl,
    "seagulls": _seagulls,
    "rooster": _rooster,
    "cow": _cow,
    "wolf": _wolf,
    "whale": _whale,
}
