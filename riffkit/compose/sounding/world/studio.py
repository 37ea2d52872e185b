"""The dirt and the tricks of a studio: crackle, hiss, static, glitches, risers, and what is played backwards."""

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone, hertz_of
from riffkit.compose.sounding.synthesis.lines import read_round, sweep_round
from riffkit.compose.sounding.synthesis.strokes import hiss, layers, metal
from riffkit.compose.sounding.synthesis.struck import BODIES, struck
from riffkit.compose.sounding.synthesis.tables import pulse, saw, table
from riffkit.compose.sounding.world.engines import PLACE
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, puff, rain_of, silence, slow, strew


def _vinyl_crackle(rng: np.random.Generator) -> np.ndarray:
    out = 0.05 * noise(rng, (25, 6), (80, 0), (600, -10), (6000, -10), (20_000, -16))
    turn = LOOP_SAMPLES // 3  # 35 turns a minute: the same scratch comes round
    ticks = [puff(rng, 0.002, f, 0.8, 0.0001, 2) for f in rng.uniform(1000, 6000, 10)]
    rain_of(out, ticks, int(rng.integers(160, 300)), rng, 4.0)
    for start in places(rng, int(rng.integers(2, 5))):
        pop = layers(hiss(1200, 0.6, 0.002, 1.6), hiss(300, 0.7, 0.004, 1.0))
        for k in range(3):
            strew(out, pop, start + k * turn, rng.uniform(-0.4, 0.4), rng.uniform(0.5, 0.9))
    return out


def _tape_hiss(rng: np.random.Generator) -> np.ndarray:
    out = noise(rng, (50, -24), (500, -14), (2000, -6), (7000, 0), (12_000, 0), (20_000, -4))
    hum = np.sin(2 * np.pi * 256 * PLACE) + 0.4 * np.sin(2 * np.pi * 768 * PLACE)  # 50 and 150 Hz
    return out * (1 + np.float32(0.06) * slow(rng, 20)) + np.float32(0.012) * hum


def _static(rng: np.random.Generator) -> np.ndarray:
    out = noise(rng, (100, -6), (1000, 0), (5000, 0), (9000, -8), (20_000, -24), together=0.8)
    out *= np.clip(0.6 + 0.7 * slow(rng, 40, 5), 0.08, 1.4)
    whistle = 1500 * 2 ** (1.3 * slow(rng, 3))  # a station between stations
    tone = read_round(table(saw, 4200.0), whistle.astype(np.float32)) * np.clip(slow(rng, 5), 0, 1) ** 2
    rain_of(out, [puff(rng, 0.02, f, 0.6, 0.0003, 2) for f in (800, 2000, 3500)], 90, rng, 2.0)
    return out + np.float32(0.25) * np.stack([tone, tone])


def _glitches(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(14, 26)), 1.0):
        kind, pan, n = int(rng.integers(4)), rng.uniform(-0.9, 0.9), int(rng.integers(3, 14))
        if kind == 0:  # a buffer that hangs
            grain = 0.5 * rng.standard_normal(int(rng.integers(100, 900)))
            strew(out, np.repeat(np.tile(grain, n), 2)[: SAMPLE_RATE // 3], start, pan, 0.7)
        elif kind == 1:
            f = float(rng.uniform(300, 7000))
            strew(out, np.sign(chirp([(0, f), (0.012 * n, f)], [(0, 1), (0.012 * n, 1)])), start, pan, 0.25)
        elif kind == 2:
            for k in range(n):
                strew(out, hiss(5000, 0.8, 0.001, 1.5, 2), start + k * int(rng.integers(300, 1500)), pan)
        else:
            f = float(rng.uniform(2000, 9000))
            strew(out, chirp([(0, f), (0.09, f / 12)], [(0, 1), (0.09, 0.5)], (1, 0, 0.4)), start, pan, 0.5)
    return out


def _riser(rng: np.random.Generator) -> np.ndarray:
    climb = PLACE.astype(np.float32)
    # The last hundredth falls back, so that the loop has no seam.
    level = np.where(climb < 0.985, (0.08 + climb) ** 1.6, (1 - climb) / 0.015)
    corner = (250 * 2 ** (5.6 * np.minimum(climb / 0.985, (1 - climb) / 0.015))).astype(np.float32)
    air = noise(rng, (20, 0), (1000, 0), (20_000, 0))
    out = np.stack([sweep_round(row, corner, 2.2, 1) for row in air]) * 3
    if rng.random() < 0.6:
        f = float(rng.uniform(90, 160))
        course = (f * 2 ** (3 * np.minimum(climb / 0.985, (1 - climb) / 0.015))).astype(np.float32)
        tone = read_round(table(saw, f * 8), course) + read_round(table(saw, f * 8), course * np.float32(1.01))
        out += np.float32(0.35) * np.stack([tone, np.roll(tone, 200)])
    steps = 4 * 2 ** np.minimum((climb * 4).astype(int), 3)  # a roll that doubles
    out *= 1 - 0.3 * ((climb * steps * 4) % 1 > 0.5)
    return (out * level).astype(np.float32)


def _reversed_sounds(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(5, 9)), 0.9):
        kind, pan = int(rng.integers(3)), rng.uniform(-0.8, 0.8)
        if kind == 0:
            sound = layers(metal(float(rng.uniform(2500, 5000)), 0.22, 0.8, 2.3), hiss(5000, 0.6, 0.2, 0.6, 2))
        elif kind == 1:
            sound = struck(Tone(0, 30_000, int(rng.integers(52, 76)), 110), BODIES["singing bowl"], rng)[:SAMPLE_RATE]
        else:
            f = hertz_of(int(rng.integers(45, 65)))
            sound = chirp([(0, f), (1.0, f)], [(0, 1), (0.2, 0.4), (1.0, 0)], [1 / k for k in range(1, 20)])
        sound = sound[::-1].copy()
        sound[-200:] *= np.linspace(1, 0, 200, dtype=np.float32)
        strew(out, sound, start, pan, 0.7)
    return out


def _power_hum(rng: np.random.Generator) -> np.ndarray:
    base = round(rng.choice([50, 60]) * 5.12)
    hum = sum(
        np.sin(2 * np.pi * (base * k * PLACE + rng.random())) / k**0.8 for k in (1, 2, 3, 4, 6, 8, 10, 14, 20, 28)
    )
    buzz = read_round(table(pulse(0.03), 120.0), np.full(LOOP_SAMPLES, base * 2 / 5.12, np.float32))
    crackle = silence()
    rain_of(crackle, [puff(rng, 0.01, 4000, 0.8, 0.0002, 2)], 60, rng, 2.0)
    return (
        np.stack([hum, hum]).astype(np.float32)
        + np.float32(0.6) * np.stack([buzz, buzz]) * (1 + slow(rng, 12))
        + crackle
    )


STUDIO: dict[str, Sound] = {
    "vinyl crackle": _vinyl_crackle,
    "tape hiss": _tape_hiss,
    "static": _static,
    "glitches": _glitches,
    "riser": _riser,
    "reversed sounds": _reversed_sounds,
    "electric hum": _power_hum,
}
