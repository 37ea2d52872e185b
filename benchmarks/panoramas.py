"""Stereo clips for `benchmarks.stereo`, made on the spot: parts panned, in rooms, with delays, choruses and voices.

All are ours: notes of benchmarks/material.py through the FluidR3 soundfont (MIT licence; without one the arithmetic
orchestra's partials), rooms of decaying noise, and voices of pulses through formants. None is a recording of a room.
"""

from functools import lru_cache

import numpy as np
import scipy.fft

from benchmarks.material import RATE, SCORES, SECONDS, _melody, _play, _synthesise, band_limited
from riffkit.sound.clip import Clip

TOTAL = round(SECONDS * RATE) + 1


@lru_cache(maxsize=1)
def soundfont():
    """The one there is, or None."""
    try:
        from riffkit.compose.soundfont import check_soundfont

        return check_soundfont()
    except (ImportError, FileNotFoundError):
        return None


def played(parts):
    """One part after another, each a mono sound [list of shape=(n,)]."""
    if soundfont():
        return [_play([part], soundfont()) for part in parts]
    return [_synthesise([part], np.random.default_rng(20)) for part in parts]


def panned(sound, place):
    """Equal power pan: -1 left, 0 middle, 1 right; `place` may move (one number a sample)."""
    angle = (np.asarray(place) + 1) * np.pi / 4
    return np.stack([sound * np.cos(angle), sound * np.sin(angle)])


def mixed(sounds, places):
    """Mono sounds, each panned to its place."""
    return sum(
        panned(sound / max(np.abs(sound).max(), 1e-9), place) for sound, place in zip(sounds, places, strict=True)
    )


def room(sound, seconds, wet, seed=1, dull=4000):
    """Decaying noise, another one for each ear, of so many seconds to -60 dB; `wet` of its energy next to the sound."""
    n = sound.shape[-1]
    time = np.arange(round(1.3 * seconds * RATE)) / RATE
    rng = np.random.default_rng(seed)
    tail = rng.standard_normal((2, len(time))) * np.exp(-6.9 * time / seconds) * np.sqrt(13.8 / seconds / RATE)
    tail *= time > 0.006
    size = scipy.fft.next_fast_len(2 * n)
    dry = scipy.fft.rfft(np.atleast_2d(sound).mean(axis=0), size)
    dry /= np.sqrt(1 + (scipy.fft.rfftfreq(size, 1 / RATE) / dull) ** 2)
    return sound + wet * scipy.fft.irfft(dry * scipy.fft.rfft(tail, size), size)[:, :n]


def delayed(sound, seconds):
    """A sound so much later, also by parts of a sample."""
    n = sound.shape[-1]
    size = scipy.fft.next_fast_len(2 * n)
    turned = np.exp(-2j * np.pi * scipy.fft.rfftfreq(size, 1 / RATE) * seconds)
    return scipy.fft.irfft(scipy.fft.rfft(sound, size) * turned, size)[..., :n]


def ping_pong(sound, seconds, feedback=0.6, turns=6):
    """The sound in the middle, its echoes left and right in turn."""
    return panned(sound, 0) + sum(
        feedback**k * panned(delayed(sound, k * seconds), -1 if k % 2 else 1) for k in range(1, turns)
    )


def chorus(sound, depth=0.004, rate=0.8):
    """Two copies whose delay sways, a quarter turn apart between the ears, beside the sound."""
    time = np.arange(len(sound)) / RATE
    copies = []
    for phase in (0, np.pi / 2):
        at = np.clip(time - 0.012 - depth / 2 * (1 + np.sin(2 * np.pi * rate * time + phase)), 0, None) * RATE
        copies.append(np.interp(at, np.arange(len(sound)), sound))
    return panned(sound, 0) + 0.8 * np.stack(copies)


def voice(pitches, seed, step=0.42):
    """A sung line: a buzz with vibrato and breath, through the formants of a vowel for each note."""
    vowels = [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)]
    rng, time = np.random.default_rng(seed), np.arange(TOTAL) / RATE
    note = np.minimum((time / step).astype(int), len(pitches) * 100) % len(pitches)
    hz = 440 * 2 ** ((np.asarray(pitches, float)[note] - 69) / 12)
    hz = np.convolve(hz, np.ones(1500) / 1500, "same").clip(60) * (1 + 0.012 * np.sin(2 * np.pi * 5.3 * time + seed))
    phase = np.cumsum(hz) / RATE % 1
    buzz = (1 - 2 * phase) + 0.12 * rng.standard_normal(TOTAL)
    buzz *= np.clip(np.sin(np.pi * (time / step % 1)) * 3, 0, 1)
    hertz, sound = np.fft.rfftfreq(TOTAL, 1 / RATE), np.zeros(TOTAL)
    for v, formants in enumerate(vowels):
        gain = sum(
            g / (1 + ((hertz - f) / w) ** 2) for f, w, g in zip(formants, (60, 90, 140), (1, 0.6, 0.3), strict=True)
        )
        sound += np.fft.irfft(np.fft.rfft(buzz * (note % len(vowels) == v)) * gain, TOTAL)
    return sound


def _notes_apart(program, low, high, step):
    """A melody of three octaves, the lower notes farther left."""
    notes = _melody(low, step, 3 * step) + [
        (s + step / 2, n, p + high - low, v) for s, n, p, v in _melody(low, step, 2)
    ]
    groups = [[note for note in notes if lower <= note[2] < lower + 8] for lower in range(low - 8, high + 24, 8)]
    groups = [group for group in groups if group]
    return mixed(played([(program, group) for group in groups]), np.linspace(-0.7, 0.7, len(groups)))


def _kit():
    """Kick and snare in the middle, hats right, cymbal left."""
    hits = SCORES["mix: pop"][2][1]
    groups = [[hit for hit in hits if hit[2] in drums] for drums in ((36, 38), (42,), (49,))]
    return mixed(played([(-1, group) for group in groups]), (0, 0.5, -0.5)) * np.array([[1.0], [0.9]])


def makers():
    """{name: function that makes [shape=(2, n)]}."""
    scores = {name: (lambda name=name: played(SCORES[name])) for name in SCORES}
    noise = lambda seed: np.random.default_rng(seed).standard_normal(TOTAL)  # noqa: E731
    time = np.arange(TOTAL) / RATE
    first, second = [57, 60, 64, 62, 60, 59, 57, 55], [64, 67, 72, 71, 67, 69, 65, 64]

    def doubled():
        """Two guitars that play the same, not at the same time and not quite in tune, far left and right."""
        (guitar,), (_, bass, drums) = played(SCORES["mix: rock"][:1]), scores["mix: rock"]()
        other = np.interp((np.arange(TOTAL) * 1.0017 - 0.013 * RATE).clip(0), np.arange(TOTAL), guitar)
        return mixed([guitar, other, bass, drums], (-0.9, 0.9, 0, 0))

    def spaced():
        """Two microphones 30 cm apart: every part reaches one of them later."""
        heard = np.zeros((2, TOTAL))
        for sound, late in zip(scores["mix: jazz"](), (0.0003, -0.0001, -0.0006, 0.0002), strict=True):
            heard += np.stack([delayed(sound, late / 2), delayed(sound, -late / 2)]) / np.abs(sound).max()
        return room(heard, 0.5, 0.15)

    return {
        "pop, close": lambda: room(mixed(scores["mix: pop"](), (0.25, 0, -0.1)), 0.3, 0.12),
        "pop, spread": lambda: room(mixed(scores["mix: pop"](), (0.7, 0, -0.3)), 0.9, 0.25, 2),
        "rock, doubled guitars": doubled,
        "orchestra in a hall": lambda: room(mixed(scores["mix: orchestra"](), (-0.5, 0.3, 0.6)), 2.0, 0.4, 3),
        "jazz in a small room": lambda: room(mixed(scores["mix: jazz"](), (-0.5, 0, 0.4, 0.1)), 0.4, 0.2, 4),
        "jazz, two microphones": spaced,
        "drum kit": lambda: room(_kit(), 0.4, 0.15, 5),
        "piano, low left": lambda: room(_notes_apart(0, 45, 69, 0.48), 0.7, 0.15, 6),
        "harp, low left": lambda: _notes_apart(46, 45, 69, 0.4),
        "guitar, ping-pong delay": lambda: ping_pong(scores["plucked: nylon guitar"]()[0], 0.23),
        "strings, chorus": lambda: chorus(scores["bowed: strings"]()[0]),
        "flute in a hall": lambda: room(panned(scores["wind: flute"]()[0], 0), 2.5, 0.35, 7),
        "two voices": lambda: mixed([voice(first, 1), voice(second, 2, 0.32)], (-0.5, 0.5)),
        "two voices in a room": lambda: room(
            mixed([voice(first, 1), voice(second, 2, 0.32)], (-0.8, 0.8)), 0.8, 0.2, 8
        ),
        "bells, wandering": lambda: panned(scores["bells"]()[0], 0.8 * np.sin(2 * np.pi * 0.4 * time)),
        "noise, half in common": lambda: panned(noise(1), 0) + 0.7 * np.stack([noise(2), noise(3)]),
    }


def panoramas(names=None, top=10000.0):
    """{name: Clip} of 5.11 s at 44.1 kHz, stereo, peak 0.5, nothing above `top` Hz."""
    made = {}
    for name, make in makers().items():
        if names is None or name in names:
            sound = np.stack([band_limited(channel, top) for channel in make()])
            made[name] = Clip((0.5 * sound / np.abs(sound).max()).astype(np.float32), RATE)
    return made
