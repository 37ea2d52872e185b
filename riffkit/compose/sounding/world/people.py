"""What people do: breathe, walk, clap, talk, laugh, cry, type, shut doors, count coins; and their hearts."""

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.lines import sweep_round
from riffkit.compose.sounding.synthesis.strokes import claps, fall, hiss, layers, metal, skin
from riffkit.compose.sounding.synthesis.throats import CONSONANTS, Manner, voiced
from riffkit.compose.sounding.world.grains import Sound, chirp, noise, places, puff, rain_of, silence, slow, strew


def _heartbeat(rng: np.random.Generator) -> np.ndarray:
    out, beats = silence(), int(rng.integers(5, 9))
    for k in range(beats):
        start = int(k * LOOP_SAMPLES / beats)
        strew(out, fall(78, 44, 0.03, 0.055, 1.0), start)
        strew(out, fall(90, 58, 0.025, 0.04, 0.75), start + round(0.19 * SAMPLE_RATE))
    return out + 0.004 * noise(rng, (20, 0), (200, 0), (600, -30), (20_000, -80))


def _breathing(rng: np.random.Generator) -> np.ndarray:
    air = noise(rng, (100, -12), (500, -2), (1500, 0), (4000, -6), (9000, -8), (20_000, -20), together=0.9)
    place = np.arange(LOOP_SAMPLES) / LOOP_SAMPLES * int(rng.integers(1, 3)) % 1
    inward = np.where(place < 0.4, np.abs(np.sin(np.pi * place / 0.4)) ** 1.2, 0)
    outward = np.where(
        (place > 0.46) & (place < 0.95), np.sin(np.pi * np.clip((place - 0.46) / 0.49, 0, 1) ** 0.6) ** 1.5, 0
    )
    corner = np.where(place < 0.43, 2300 + 1500 * place, 1100 - 300 * place).astype(np.float32)
    rows = [sweep_round(row, corner, 1.6, 1) * (0.8 * inward + outward) for row in air]
    return np.stack(rows).astype(np.float32)


def _footsteps(rng: np.random.Generator) -> np.ndarray:
    out, steps, hard = silence(), int(rng.integers(7, 13)), rng.random() < 0.5
    for k in range(steps):
        start = int((k + rng.normal(0, 0.02)) * LOOP_SAMPLES / steps)
        pan = 0.25 * (-1) ** k
        if hard:  # heels on stone
            strew(out, layers(hiss(2300, 1.6, 0.006, 1.2), skin(420 + 25 * (k % 2), 0.015, 0.5)), start, pan)
            strew(out, puff(rng, 0.03, 1500, 1.0, 0.002), start + 3300, pan, 0.35)
        else:  # boots on gravel
            for _ in range(9):
                grit = puff(rng, 0.025, rng.uniform(1500, 5500), 0.9, 0.002)
                strew(out, grit, start + int(abs(rng.normal(0, 2600))), pan, rng.uniform(0.2, 0.7))
        strew(out, fall(120, 70, 0.01, 0.022, 0.6), start, pan)
    return out


def _applause(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    hands = [claps(float(f), 0.012, 1.0, (0, 0.003)) for f in rng.uniform(900, 2400, 20)]
    rain_of(out, hands, int(rng.integers(420, 620)), rng, 1.4)
    out *= 1 + np.float32(0.2) * slow(rng, 4)
    return out + 0.25 * noise(rng, (100, -24), (600, -6), (1400, 0), (4000, -6), (20_000, -20))


def _murmur(rng: np.random.Generator, count: int, level: float, high: float = 0.0) -> np.ndarray:
    """Many people talk."""
    out = silence()
    for _ in range(count):
        pitch, pan, place = rng.uniform(42, 60) + high, rng.uniform(-1, 1), int(rng.integers(LOOP_SAMPLES))
        length = rng.uniform(0.85, 1.25)
        for _ in range(int(rng.integers(4, 8))):
            path = " ".join(("a", "i", "e", "u", "ae", "o")[int(k)] for k in rng.integers(0, 6, 2))
            n = round(rng.uniform(0.1, 0.24) * SAMPLE_RATE)
            tone = Tone(0, n, round(pitch + rng.normal(0, 1.5)), int(rng.integers(60, 120)))
            how = Manner(length, 0.06, fall=2, attack=0.02, release=0.02, consonant=int(rng.integers(len(CONSONANTS))))
            said = voiced(tone, path, rng, how)
            strew(out, said, place, pan, level)
            place += n + int(rng.integers(0, 2500))
    return out


def _crowd(rng: np.random.Generator) -> np.ndarray:
    out = _murmur(rng, 16, 0.5)
    for k, level in ((1, 0.6), (2, 0.5)):  # and as many again, further off
        out = out + np.float32(level) * np.roll(out, k * 31_111, axis=1)[::-1]
    return out + 0.05 * noise(rng, (80, -10), (400, 0), (1200, -6), (20_000, -30))


def _laughter(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for _ in range(int(rng.integers(3, 6))):
        pitch, pan, start = rng.uniform(50, 70), rng.uniform(-0.8, 0.8), int(rng.integers(LOOP_SAMPLES))
        vowel, gap, length = ("a", "ae", "e")[int(rng.integers(3))], rng.uniform(0.15, 0.2), rng.uniform(1.0, 1.25)
        for k in range(int(rng.integers(6, 12))):  # ha ha ha, falling
            tone = Tone(0, round(0.085 * SAMPLE_RATE), round(pitch - 0.45 * k + (3 if k == 1 else 0)), 115)
            ha = voiced(
                tone, vowel, rng, Manner(length=length, fall=2.5, breath=0.18, attack=0.02, release=0.022, consonant=7)
            )
            strew(out, ha, start + int(k * gap * SAMPLE_RATE), pan, 0.9 - 0.04 * k)
    return out


def _baby(rng: np.random.Generator) -> np.ndarray:
    out, pitch = silence(), rng.integers(68, 73)
    for start in places(rng, int(rng.integers(4, 6)), 0.2):
        n = round(rng.uniform(0.6, 0.85) * SAMPLE_RATE)
        tone = Tone(0, n, int(pitch), 120, ((0, -5.0), (n // 5, 1.5), (2 * n // 3, 0.0), (n, -6.0)))
        cry = voiced(tone, "e ae a ae", rng, Manner(length=1.65, breath=0.12, attack=0.05, release=0.05))
        strew(out, np.tanh(3 * cry), start, 0.1)
        strew(out, puff(rng, 0.22, 2600, 1.0, 0.15), start + n + 1500, 0.1, 0.15)  # and breathes in
    return out


def _typing(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    machine = rng.random() < 0.5  # a typewriter has a bell
    for start in places(rng, int(rng.integers(26, 40)), 0.9):
        key = layers(
            hiss(3600 + 200 * float(rng.integers(5)), 1.4, 0.004, 1.2),
            skin(700 + 60 * float(rng.integers(6)), 0.01, 0.35),
        )
        pan = rng.uniform(-0.35, 0.35)
        strew(out, key, start, pan, rng.uniform(0.5, 1))
        strew(out, hiss(2400, 1.2, 0.003, 0.5), start + int(0.06 * SAMPLE_RATE), pan, rng.uniform(0.3, 0.6))
        if machine:
            strew(out, hiss(1300, 2.0, 0.012, 1.0), start, pan, 0.8)
    if machine:
        strew(out, skin(2350, 0.35, 0.5, (1.0, 2.4), 0.3, 0.5), int(rng.integers(LOOP_SAMPLES)), 0.3)
    return out


def _door(rng: np.random.Generator) -> np.ndarray:
    out, start = silence(), int(rng.integers(LOOP_SAMPLES))
    seconds, f = rng.uniform(1.1, 1.6), float(rng.uniform(120, 260))  # it creaks: stick and slip
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    speed = 22 + 40 * np.sin(np.pi * time / seconds) + 9 * np.sin(2 * np.pi * 2.1 * time)
    place = np.cumsum(speed) / SAMPLE_RATE
    clicks = (np.diff(np.floor(place), prepend=0) > 0).astype(np.float32)
    for k, hertz in enumerate((f, f * 4.1, f * 7.3, f * 12.7)):
        ring = np.exp(-np.arange(900) / 180) * np.sin(2 * np.pi * hertz * np.arange(900) / SAMPLE_RATE)
        strew(out, np.convolve(clicks, ring / (k + 1))[: len(time)], start, -0.3, 0.6)
    slam = layers(fall(110, 60, 0.02, 0.1, 1.4), hiss(500, 0.5, 0.06, 1.6), hiss(2400, 0.6, 0.02, 1.2))
    strew(out, slam, start + len(time) + 26_000, -0.2, 1.2)
    strew(out, hiss(3800, 2.0, 0.006, 1.0), start + len(time) + 29_500, -0.2, 0.6)
    for k in range(3):  # somebody knocks
        strew(
            out, layers(skin(260, 0.03, 0.9), hiss(900, 0.8, 0.01, 0.9)), start + len(time) + 80_000 + k * 10_500, -0.2
        )
    return out


def _coins(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, int(rng.integers(6, 10)), 0.9):
        f, pan, gap = float(rng.uniform(3800, 6800)), rng.uniform(-0.6, 0.6), 0.16
        place = start
        for k in range(int(rng.integers(2, 9))):  # bounces, closer and closer
            strew(out, skin(f, 0.09, 0.5, (1.0, 1.51, 2.2, 2.93), 0.8, 0.7), place, pan, 0.75**k)
            place += int(gap * 0.72**k * SAMPLE_RATE)
    return out


def _breaking_glass(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, 2, 0.4):
        strew(out, layers(hiss(3000, 0.4, 0.05, 1.5, 2), metal(5000, 0.08, 0.6, 3.3)), start)
        for _ in range(60):  # shards
            late = int(abs(rng.normal(0, 0.28)) * SAMPLE_RATE)
            shard = skin(
                float(rng.uniform(2400, 9500)), float(rng.uniform(0.02, 0.09)), 0.4, (1.0, 1.43, 1.97), 0.7, 0.7
            )
            strew(out, shard, start + late, rng.uniform(-0.8, 0.8), float(rng.random()))
    return out


def _whistling(rng: np.random.Generator) -> np.ndarray:
    out = silence()
    for start in places(rng, 3, 0.3):  # fingers in the mouth: up, and away
        f = float(rng.uniform(1300, 1700))
        call = chirp(
            [(0, f), (0.25, f * 1.25), (0.3, f * 1.9), (0.62, f * 0.95)], [(0, 0.5), (0.1, 1), (0.62, 0.1)], (1, 0.05)
        )
        strew(out, call, start, 0.2)
        strew(out, puff(rng, 0.6, f * 1.4, 3.0, 0.1), start, 0.2, 0.1)
    return out


PEOPLE: dict[str, Sound] = {
    "heartbeat": _heartbeat,
    "breathing": _breathing,
    "footsteps": _footsteps,
    "applause": _applause,
    "crowd": _crowd,
    "laughter": _laughter,
    "baby": _baby,
    "typing": _typing,
    "door": _door,
    "coins": _coins,
    "breaking glass": _breaking_glass,
    "whistling": _whistling,
}
