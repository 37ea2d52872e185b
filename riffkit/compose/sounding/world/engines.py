"""Machines that run: engines, trains, helicopters, saws, drills, clocks, and what explodes."""

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.synthesis.lines import read_round, sweep_round
from riffkit.compose.sounding.synthesis.strokes import fall, hiss, layers, metal, skin
from riffkit.compose.sounding.synthesis.tables import pulse, saw, square, table
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, puff, silence, slow, strew

PLACE = np.arange(LOOP_SAMPLES, dtype=np.float32) / LOOP_SAMPLES


def _swing(turns: float, phase: float = 0.0) -> np.ndarray:
    return np.sin(np.float32(2 * np.pi) * (turns * PLACE + np.float32(phase)))


def _both(mono: np.ndarray, side: np.ndarray | None = None) -> np.ndarray:
    return np.stack([mono, mono]) if side is None else np.stack([mono + side, mono - side])


def _engine(rng: np.random.Generator) -> np.ndarray:
    idle = rng.random() < 0.4
    rate = (26 + 3 * slow(rng, 6)) if idle else 38 * 2 ** (0.8 * _swing(1, rng.random()) ** 2 + 0.15 * slow(rng, 5))
    motor = read_round(table(pulse(0.12), 200.0, False), rate.astype(np.float32))
    half = read_round(table(pulse(0.08), 200.0, False), (rate / 2).astype(np.float32))
    body = equalized(
        np.tanh(2 * (motor + 0.8 * half)),
        ("bell", 95.0, 9.0, 1.5),
        ("bell", 240.0, 6.0, 2.0),
        ("low pass", 1900.0, 0.0),
    )
    air = noise(rng, (80, 0), (500, -3), (2500, -12), (20_000, -34))
    return _both(body) + air * (0.8 + 0.9 * np.abs(half))


def _train(rng: np.random.Generator) -> np.ndarray:
    out = 0.5 * noise(rng, (25, 0), (120, -2), (500, -12), (3000, -26), (20_000, -50))
    if rng.random() < 0.5:  # steam: four puffs a turn of the wheels
        count = 4 * int(rng.integers(4, 8))
        for k in range(count):
            chuff = puff(rng, 0.2, 900 + 300 * (k % 4 == 0), 0.6, 0.02)
            strew(out, chuff, k * LOOP_SAMPLES // count, -0.1, 1.0 if k % 4 == 0 else 0.6)
        for start in places(rng, 1):  # and a whistle
            for f in (466, 587, 698):
                course = [(0, f * 0.97), (0.1, f), (1.1, f), (1.2, f * 0.97)]
                whistle = chirp(course, [(0, 0), (0.08, 1), (1.0, 0.9), (1.2, 0)], (1, 0.3, 0.1))
                strew(out, whistle, start, 0.3, 0.3)
    else:  # rails: two wheels, two wheels
        count = int(rng.integers(4, 8))
        for k in range(count):
            for late in (0, 0.11, 0.3, 0.41):
                wheel = layers(
                    hiss(320, 0.8, 0.03, 1.6), hiss(1900, 1.2, 0.012, 0.7), skin(540, 0.03, 0.2, (1, 2.3), 0.6, 0.6)
                )
                strew(out, wheel, int((k + late * count / 6) * LOOP_SAMPLES / count), -0.2 + 0.4 * (late > 0.2))
    return out


def _saw(rng: np.random.Generator) -> np.ndarray:
    strokes = int(rng.integers(5, 10))
    place = (PLACE * strokes) % 1
    air = noise(rng, (100, -12), (700, 0), (2500, 0), (7000, -2), (20_000, -12), together=0.7)
    push = np.where(place < 0.48, np.abs(np.sin(np.pi * place / 0.48)) ** 0.6, 0)
    pull = np.where(place >= 0.52, 0.55 * np.sin(np.pi * np.clip((place - 0.52) / 0.48, 0, 1)) ** 0.6, 0)
    teeth = 1 + 0.6 * np.sign(np.sin(2 * np.pi * np.cumsum(60 + 110 * (push + pull)) / SAMPLE_RATE))
    corner = (1400 + 1700 * push + 700 * pull).astype(np.float32)
    return np.stack([sweep_round(row, corner, 1.4, 1) * (push + pull) * teeth for row in air]).astype(np.float32)


def _drill(rng: np.random.Generator) -> np.ndarray:
    load = np.clip(slow(rng, 4), -0.3, 1)
    on = np.clip(6 * (_swing(int(rng.integers(1, 3)), rng.random()) + 0.7), 0, 1)
    rate = (95 + 210 * on * (1 - 0.35 * np.maximum(load, 0))).astype(np.float32)
    whine = read_round(table(saw, 700.0, True), rate * 2) + 0.6 * read_round(table(pulse(0.2), 400.0), rate)
    whine += 0.3 * read_round(table(square, 4000.0), rate * 11)
    grit = noise(rng, (300, -6), (2500, 0), (8000, -4), (20_000, -14)) * np.maximum(load, 0)
    return _both(equalized(whine, ("bell", 1700.0, 6.0, 1.0), ("high pass", 120.0, 0.0)) * (0.05 + on)) + 2 * on * grit


def _helicopter(rng: np.random.Generator) -> np.ndarray:
    turns = int(rng.integers(55, 75))
    blade = np.maximum(_swing(turns), 0) ** 7 + 0.5 * np.maximum(_swing(turns, 0.07), 0) ** 3
    near = 0.75 + 0.25 * _swing(1, rng.random())
    air = noise(rng, (30, 2), (90, 4), (400, -6), (2000, -18), (20_000, -40))
    turbine = read_round(table(saw, 2600.0, True), np.full(LOOP_SAMPLES, 2450.0, np.float32))
    return (air * (0.15 + 2.0 * blade) * 2 + _both(0.03 * turbine)) * near


def _machine(rng: np.random.Generator) -> np.ndarray:
    out = 0.3 * noise(rng, (40, 0), (200, -4), (1000, -18), (20_000, -40)) + _both(
        0.06 * read_round(table(saw, 50.0), np.full(LOOP_SAMPLES, 50.0, np.float32))
    )
    turns = int(rng.integers(4, 8))
    parts = [
        (layers(fall(90, 50, 0.02, 0.07, 1.2), hiss(700, 0.6, 0.03, 1.0)), (0.0,)),
        (layers(metal(2500, 0.05, 0.8, 2.1), hiss(2600, 1.0, 0.01, 0.8)), (0.25, 0.75)),
        (puff(rng, 0.16, 4200, 0.7, 0.02), (0.5,)),
        (hiss(1500, 3.0, 0.008, 1.0), (0.125, 0.375, 0.625, 0.875)),
    ]
    for k in range(turns):
        for index, (sound, phases) in enumerate(parts):
            for phase in phases:
                strew(out, sound, int((k + phase) * LOOP_SAMPLES / turns), -0.5 + 0.33 * index, 0.8)
    return out


def _clock(rng: np.random.Generator) -> np.ndarray:
    out, f = silence(), float(rng.uniform(1500, 3200))
    ticks = 10 if rng.random() < 0.6 else 5  # two to the second, all but; or a tall clock
    for k in range(ticks):
        pitch = 1.0 if k % 2 else 0.82
        tick = layers(skin(f * pitch, 0.012, 0.7, (1.0, 1.9, 3.1), 0.7, 0.8), hiss(4800, 1.2, 0.003, 0.9))
        wood = skin(f * pitch / (4 if ticks == 10 else 7), 0.03, 0.5 if ticks == 10 else 1.2)
        strew(out, tick, k * LOOP_SAMPLES // ticks, 0.05)
        strew(out, wood, k * LOOP_SAMPLES // ticks, 0.05)
    return out


def _explosion(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, 1 if rng.random() < 0.6 else 2):
        blast = layers(fall(150, 28, 0.06, 0.45, 1.6, 2.0), hiss(500, 0.4, 0.5, 2.4, 0), hiss(2500, 0.4, 0.09, 2.0, 1))
        strew(out, np.tanh(1.5 * blast), start)
        for k in range(24):
            late = int((0.15 + abs(rng.normal(0, 0.7))) * SAMPLE_RATE)
            debris = puff(rng, 0.08, rng.uniform(300, 3500), 0.9, 0.002)
            strew(out, debris, start + late, rng.uniform(-0.9, 0.9), 0.5 * np.exp(-k / 12))
        strew(out, puff(rng, 2.4, 130, 0.5, 0.1, 0), start + 4000, 0.0, 1.4)
    return out


def _chainsaw(rng: np.random.Generator) -> np.ndarray:
    rev = np.clip(0.5 + 0.9 * _swing(int(rng.integers(2, 4)), rng.random()) + 0.3 * slow(rng, 9), 0, 1)
    rate = (48 + 95 * rev).astype(np.float32)
    motor = np.tanh(3 * read_round(table(pulse(0.15), 180.0), rate) + 1.5 * read_round(table(saw, 180.0), rate))
    body = equalized(motor, ("bell", 450.0, 7.0, 1.0), ("bell", 2400.0, 8.0, 0.8), ("high pass", 90.0, 0.0))
    return _both(body * (0.45 + 0.55 * rev)) + 2.0 * noise(rng, (200, -8), (3000, 0), (20_000, -12)) * rev**2


ENGINES: dict[str, Sound] = {
    "engine": _engine,
    "train": _train,
    "saw": _saw,
    "drill": _drill,
    "chainsaw": _chainsaw,
    "helicopter": _helicopter,
    "machine": _machine,
    "clock": _clock,
    "explosion": _explosion,
}
