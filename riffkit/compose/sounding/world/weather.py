"""Rain, wind, waves, thunder, fire, drops, a stream, bubbles."""

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, folded
from riffkit.compose.sounding.synthesis.lines import sweep_round
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, puff, rain_of, silence, slow, strew


def _rain(rng: np.random.Generator) -> np.ndarray:
    out = noise(rng, (100, -22), (600, -12), (2500, -3), (6000, 0), (12_000, -2), (20_000, -9))
    drops = [puff(rng, 0.012, f, 2.5, 0.0005) for f in rng.uniform(2500, 9000, 12)]
    drops += [_drop(float(f), 0.02) for f in rng.uniform(1500, 4000, 4)]
    rain_of(out, drops, int(rng.integers(250, 500)), rng, 3.0)
    return out * (1 + np.float32(0.15) * slow(rng, 4))


def _wind(rng: np.random.Generator) -> np.ndarray:
    out = np.float32(0.7) * noise(rng, (20, 0), (150, -2), (600, -18), (3000, -40), (20_000, -70))
    air = noise(rng, (20, -10), (300, 0), (3000, -4), (20_000, -30))
    gust = slow(rng, 3)
    for side in range(2):
        howl = 420 * 2 ** (0.9 * gust + 0.25 * slow(rng, 9, 4))
        out[side] += 2.4 * sweep_round(air[side], howl.astype(np.float32), 9.0, 1)
        out[side] += 1.2 * sweep_round(air[side], (howl * 1.9).astype(np.float32), 12.0, 1)
    return out * (0.6 + 0.4 * gust)


def _waves(rng: np.random.Generator) -> np.ndarray:
    out, foam = silence(), noise(rng, (50, -6), (300, -2), (1500, 0), (5000, -3), (20_000, -12))
    low = noise(rng, (20, 0), (120, 0), (500, -16), (3000, -40), (20_000, -60))
    place = np.arange(LOOP_SAMPLES, dtype=np.float32) / LOOP_SAMPLES
    count = int(rng.integers(1, 3))
    for k in range(count):
        at = (place - (k + 0.3 * rng.random()) / count) % 1 * count  # 0..1 within this wave
        swell = np.where(at < 0.35, (at / 0.35) ** 2.2, np.exp(-(at - 0.35) / 0.2)) * np.clip((1 - at) / 0.1, 0, 1)
        bright = np.where(at < 0.35, 500 + 6500 * (at / 0.35) ** 3, 7000 - 4500 * np.minimum((at - 0.35) / 0.5, 1))
        for side in range(2):
            out[side] += swell * sweep_round(foam[side], bright.astype(np.float32), 0.6)
        out += 1.1 * np.roll(swell, -4000) * low
    return out + 0.08 * foam


def _thunder(rng: np.random.Generator) -> np.ndarray:
    out = noise(rng, (20, 0), (60, 0), (200, -14), (1000, -38), (20_000, -80)) * (0.5 + 0.3 * slow(rng, 12, 3))
    start = int(rng.integers(LOOP_SAMPLES))
    crack = puff(rng, 0.9, 900, 0.5, 0.004, 0) + np.pad(
        puff(rng, 0.25, 2800, 0.6, 0.002), (0, round(0.65 * SAMPLE_RATE))
    )
    for k in range(4):
        strew(out, crack, start + int(rng.integers(0, 9000)) * k, rng.uniform(-0.6, 0.6), 1.6 / (k + 1))
    for k in range(16):  # the rumble rolls away
        late = int((0.25 + 0.2 * k + 0.15 * rng.random()) * SAMPLE_RATE)
        roll = puff(rng, rng.uniform(0.5, 1.1), rng.uniform(70, 260), 0.6, 0.12, 0)
        strew(out, roll, start + late, rng.uniform(-0.9, 0.9), 2.6 * np.exp(-k / 7))
    return out


def _fire(rng: np.random.Generator) -> np.ndarray:
    out = (
        0.45
        * noise(rng, (20, -2), (100, 0), (400, -10), (2000, -18), (8000, -24), (20_000, -34))
        * (1 + 0.4 * slow(rng, 20, 2))
    )
    snaps = [puff(rng, rng.uniform(0.002, 0.012), f, 1.5, 0.0003) for f in rng.uniform(1200, 9000, 24)]
    rain_of(out, snaps, int(rng.integers(120, 260)), rng, 3.5)
    for start in places(rng, 7):
        strew(out, puff(rng, 0.03, float(rng.uniform(800, 3000)), 1.0, 0.0003), start, rng.uniform(-0.7, 0.7), 1.6)
    return out


def _drop(hertz: float, seconds: float) -> np.ndarray:
    """A bubble that a drop leaves: its pitch rises as it comes up (van den Doel, 2005)."""
    return chirp([(0, hertz), (seconds, hertz * 1.9)], [(0, 1), (seconds * 0.4, 0.4), (seconds, 0)])


def _water_drops(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(7, 13)), 0.8):
        hertz = float(rng.uniform(600, 1700))
        pan = rng.uniform(-0.8, 0.8)
        strew(out, puff(rng, 0.006, 5000, 0.8, 0.0003), start, pan, 0.35)
        strew(out, _drop(hertz, 0.07), start + 500, pan, rng.uniform(0.4, 1.0))
    echo = puff(rng, 2.0, 2500, 0.4, 0.01)  # a cave
    wet = np.fft.irfft(np.fft.rfft(out) * np.fft.rfft(folded(echo)), LOOP_SAMPLES).astype(np.float32)
    wet[1] = np.roll(wet[1], 700)
    return out + 0.3 * wet / (np.abs(wet).max() + 1e-9)


def _stream(rng: np.random.Generator) -> np.ndarray:
    out = 0.5 * noise(rng, (60, -16), (400, -4), (1200, 0), (4000, -8), (20_000, -22))
    bubbles = [
        _drop(float(f), float(s)) for f, s in zip(rng.uniform(350, 2400, 40), rng.uniform(0.02, 0.07, 40), strict=True)
    ]
    rain_of(out, bubbles, int(rng.integers(330, 480)), rng, 2.2)
    return out


def _bubbles(rng: np.random.Generator) -> np.ndarray:
    out = 0.02 * noise(rng, (60, 0), (400, 0), (2000, -20), (20_000, -50))
    for _ in range(int(rng.integers(9, 15))):  # strings of bubbles that get quicker and higher
        start, hertz, gap = int(rng.integers(LOOP_SAMPLES)), float(rng.uniform(250, 800)), rng.uniform(0.05, 0.1)
        pan = rng.uniform(-0.8, 0.8)
        for k in range(int(rng.integers(2, 8))):
            strew(out, _drop(hertz * 1.08**k, 0.06), start + int(k * gap * SAMPLE_RATE * 0.93**k), pan, 0.8 * 0.85**k)
    return out


WEATHER: dict[str, Sound] = {
    "rain": _rain,
    "wind": _wind,
    "waves": _waves,
    "thunder": _thunder,
    "fire": _fire,
    "water drops": _water_drops,
    "stream": _stream,
    "bubbles": _bubbles,
}
