"""Sounds made to be noticed: alarms, telephones, sirens, bells, horns, sonar; and those of films about space."""

import numpy as np

from riffkit.compose.sounding.equalizing import equalized
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.synthesis.lines import read_round, smoothed, sweep_round
from riffkit.compose.sounding.synthesis.strokes import hiss, layers, skin
from riffkit.compose.sounding.synthesis.tables import pulse, saw, square, table
from riffkit.compose.sounding.world.engines import PLACE
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, silence, slow, strew


def _alarm(rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.5:  # a digital clock: four beeps, a rest
        f = float(rng.choice([1980, 2048, 2300, 2730]))
        beeps, groups = 4, 5
        on = ((PLACE * groups % 1) < 0.55) & ((PLACE * groups % 1 / 0.1375) % 1 < 0.55)
        tone = read_round(table(square, f), np.full(LOOP_SAMPLES, f, np.float32))
        return np.stack([tone * smoothed(on.astype(np.float32), 0.002)] * 2) * np.float32(beeps / 4)
    out, strokes, f = (
        silence(),
        int(rng.integers(90, 120)),
        float(rng.uniform(1900, 2700)),
    )  # a hammer between two bells
    for k in range(strokes):
        side = k % 2
        strew(
            out,
            skin(f * (1 + 0.13 * side), 0.07, 0.5, (1.0, 1.47, 2.09, 2.7), 0.8, 0.8),
            k * LOOP_SAMPLES // strokes,
            -0.2 + 0.4 * side,
        )
    return out


def _telephone(rng: np.random.Generator) -> np.ndarray:
    rings, f = int(rng.integers(2, 4)), float(rng.uniform(900, 1500))
    out = silence()
    if rng.random() < 0.6:  # an old one: a bell for a second, and silence
        for ring in range(rings):
            start = ring * LOOP_SAMPLES // rings
            for k in range(int(0.52 * LOOP_SAMPLES / rings / SAMPLE_RATE * 22)):
                bell = skin(f * (1.0 if k % 2 else 1.26), 0.12, 0.4, (1.0, 2.03, 2.94, 4.2), 0.75, 0.75)
                strew(out, bell, start + k * SAMPLE_RATE // 22, 0.0)
        return out
    on = smoothed(((PLACE * rings % 1) < 0.5).astype(np.float32), 0.005)  # a later one warbles
    warble = np.where((PLACE * 110) % 1 < 0.5, f, f * 1.25).astype(np.float32)
    tone = read_round(table(square, f * 1.25), smoothed(warble, 0.0015))
    return np.stack([tone * on] * 2)


def _siren(rng: np.random.Generator) -> np.ndarray:
    kind, f = int(rng.integers(3)), float(rng.uniform(420, 620))
    if kind == 0:  # two tones
        course = np.where((PLACE * 4) % 1 < 0.5, f, f * 4 / 3).astype(np.float32)
        course = smoothed(course, 0.006)
    elif kind == 1:  # wail
        course = (f * 2 ** (0.7 + 0.75 * np.sin(2 * np.pi * (2 * PLACE)))).astype(np.float32)
    else:  # yelp
        course = smoothed((f * 2 ** (1.35 * ((PLACE * 15) % 1))).astype(np.float32), 0.012)
    tone = read_round(table(square if kind else saw, float(np.max(course)), not kind), course.astype(np.float32))
    tone = equalized(tone, ("bell", 1200.0, 6.0, 0.9), ("low pass", 5000.0, 0.0), ("high pass", 350.0, 0.0))
    return np.stack([tone + 0.35 * np.roll(tone, 9000), tone + 0.35 * np.roll(tone, 13_000)])


def _bell(rng: np.random.Generator) -> np.ndarray:
    out, f = silence(), float(rng.uniform(180, 420))
    strokes = int(rng.integers(2, 5))
    partials = (0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 3.01, 4.1, 5.4)  # hum, prime, tierce, quint, nominal ... (Rayleigh 1890)
    for k in range(strokes):
        ring = skin(f, 0.9, 0.6, partials, 0.87, 0.87)
        strew(out, layers(ring, hiss(2800, 0.8, 0.01, 0.6)), k * LOOP_SAMPLES // strokes, -0.1)
    return out


def _sonar(rng: np.random.Generator) -> np.ndarray:
    out, f = 0.05 * noise(rng, (25, 0), (120, -6), (600, -24), (20_000, -70)), float(rng.uniform(850, 1500))
    pings = int(rng.integers(2, 4))
    ping = chirp([(0, f), (1.4, f * 0.995)], [(0, 1), (0.1, 0.5), (0.5, 0.12), (1.4, 0)], (1, 0.06))
    for k in range(pings):
        start = k * LOOP_SAMPLES // pings
        for echo in range(5):
            strew(out, ping, start + echo * 17_000, 0.7 * (-1) ** echo * (echo > 0), 0.34**echo)
    return out


def _car_horn(rng: np.random.Generator) -> np.ndarray:
    out, f = silence(), float(rng.uniform(370, 440))
    for start in places(rng, int(rng.integers(2, 4)), 0.4):
        place = start
        for _ in range(int(rng.integers(1, 4))):
            s = float(rng.choice([0.16, 0.3, 0.7]))
            for low in (f, f * 1.26):
                course = [(0, low * 0.97), (0.03, low), (s, low)]
                horn = chirp(course, [(0, 1), (s, 1)], (0.6, 0.8, 1, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2))
                strew(out, horn, place, 0.2, 0.3)
            place += int((s + 0.09) * SAMPLE_RATE)
    return out + np.roll(out, 7000, axis=1)[::-1] * 0.15


def _spaceship(rng: np.random.Generator) -> np.ndarray:
    hum = 62 * 2 ** (0.25 * np.sin(2 * np.pi * PLACE))
    deep = read_round(table(saw, 140.0, True), hum.astype(np.float32)) + read_round(
        table(saw, 140.0, True), (hum * 1.01).astype(np.float32)
    )
    corner = 500 * 2 ** (1.8 * np.sin(2 * np.pi * (2 * PLACE + rng.random())) + 0.4 * np.sin(2 * np.pi * 23 * PLACE))
    drive = sweep_round(deep, corner.astype(np.float32), 6.0)
    out = np.stack([drive, np.roll(drive, 600)]) + 0.4 * noise(
        rng, (30, 0), (200, -6), (1500, -20), (9000, -24), (20_000, -40)
    )
    whirr = read_round(table(square, 2200.0), (900 * 2 ** (0.9 * np.sin(2 * np.pi * 14 * PLACE))).astype(np.float32))
    out += np.stack([whirr, -whirr]) * (0.06 * (1 + np.sin(2 * np.pi * 2 * PLACE)))
    for start in places(rng, int(rng.integers(4, 8)), 1.0):
        f = float(rng.choice([880, 1320, 1760, 2640]))
        strew(out, chirp([(0, f), (0.05, f)], [(0, 1), (0.05, 1)], (1, 0, 0.2)), start, rng.uniform(-0.8, 0.8), 0.2)
    return out


def _laser(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(5, 11)), 0.9):
        high, low, s = float(rng.uniform(4000, 9000)), float(rng.uniform(150, 400)), float(rng.uniform(0.15, 0.4))
        shot = chirp(
            [(0, high), (s * 0.3, np.sqrt(high * low)), (s, low)],
            [(0, 1), (s * 0.6, 0.6), (s, 0)],
            (1, 0.5, 0.33, 0.25),
        )
        pan = rng.uniform(-0.8, 0.8)
        for again in range(int(rng.integers(1, 4))):
            strew(out, shot, start + again * 6500, pan, 0.6)
            strew(out, shot, start + again * 6500 + 5200, -pan, 0.15)
    return out


def _toy_beeps(rng: np.random.Generator) -> np.ndarray:
    steps = 64
    notes = rng.choice([0, 3, 5, 7, 10, 12, 15, 19, 24], steps) * (rng.random(steps) < 0.75)
    course = 330 * 2 ** (notes[(PLACE * steps).astype(int) % steps] / 12)
    tone = read_round(table(pulse(0.25), 1500.0), smoothed(course.astype(np.float32), 0.001))
    on = smoothed(((PLACE * steps) % 1 < 0.7).astype(np.float32), 0.0015)
    return np.stack([tone * on, np.roll(tone * on, 300)]) * (1 + 0.2 * slow(rng, 3))


SIGNALS: dict[str, Sound] = {
    "alarm": _alarm,
    "telephone": _telephone,
    "siren": _siren,
    "bell": _bell,
    "sonar": _sonar,
    "car horn": _car_horn,
    "spaceship": _spaceship,
    "laser": _laser,
    "computer": _toy_beeps,
}
