"""Sounds for the benchmarks, made on the spot: a soundfont plays notes, espeak-ng speaks, the rest is synthesised.

There is no recording of a microphone among them: none is free to ship here. What comes nearest are the samples of the
FluidR3 soundfont (recorded instruments, MIT licence), layered into mixes. Anything can be added as files: `--files`.
"""

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from riffkit.sound.clip import Clip

RATE = 44100
SECONDS = 5.11  # 512 columns

# name: General MIDI program of a soundfont, notes as (start s, length s, pitch, velocity)
SCALE = (0, 2, 4, 7, 9, 12, 14, 16)


def _melody(low, step, length, velocity=96):
    """Notes up and down a scale."""
    order = SCALE + SCALE[::-1]
    starts = np.arange(0.1, SECONDS - 0.1, step)
    return [(s, length, low + order[i % 16], velocity - 20 * (i % 3)) for i, s in enumerate(starts)]


def _chords(low, step, length, velocity=80):
    shapes = ((0, 4, 7, 12), (-3, 0, 4, 9), (-7, -3, 0, 5), (-5, -1, 2, 7))
    starts = np.arange(0.05, SECONDS - 0.1, step)
    return [(s, length, low + p, velocity) for i, s in enumerate(starts) for p in shapes[i % 4]]


def _beat(step=0.16):
    """Kick, snare, hats, a cymbal."""
    starts = np.arange(0.05, SECONDS - 0.05, step)
    hits = []
    for i, s in enumerate(starts):
        hits.append((s, 0.1, 42, 70 + 30 * (i % 2 == 0)))
        if i % 8 in (0, 3, 6):
            hits.append((s, 0.1, 36, 115))
        if i % 8 == 4:
            hits.append((s, 0.1, 38, 110))
        if i % 16 == 0:
            hits.append((s, 0.5, 49, 90))
    return hits


def _fill_of_toms():
    starts = np.arange(0.1, SECONDS - 0.1, 0.21)
    return [(s, 0.1, (50, 48, 47, 45, 43, 38, 37, 39)[i % 8], 80 + 10 * (i % 4)) for i, s in enumerate(starts)]


SCORES = {
    "mix: pop": [(0, _chords(60, 1.28, 1.2)), (33, _melody(36, 0.32, 0.3)), (-1, _beat())],
    "mix: rock": [(29, _chords(52, 0.64, 0.6, 90)), (34, _melody(33, 0.16, 0.15)), (-1, _beat(0.2))],
    "mix: orchestra": [(48, _chords(55, 1.28, 1.3)), (73, _melody(72, 0.32, 0.3)), (47, _melody(36, 1.28, 0.5))],
    "mix: jazz": [
        (0, _chords(58, 0.96, 0.4)),
        (32, _melody(34, 0.4, 0.38)),
        (66, _melody(58, 0.48, 0.4)),
        (-1, _beat(0.24)),
    ],
    "drums: kit": [(-1, _beat())],
    "drums: toms": [(-1, _fill_of_toms())],
    "plucked: nylon guitar": [(24, _melody(52, 0.32, 1.0))],
    "plucked: harp": [(46, _melody(55, 0.24, 1.5))],
    "plucked: banjo": [(105, _melody(55, 0.16, 0.4))],
    "piano: melody": [(0, _melody(60, 0.32, 0.4))],
    "piano: chords": [(0, _chords(57, 0.64, 1.5))],
    "bowed: strings": [(48, _chords(55, 1.28, 1.3))],
    "bowed: violin": [(40, _melody(64, 0.64, 0.62))],
    "bowed: cello": [(42, _melody(40, 0.64, 0.62))],
    "wind: flute": [(73, _melody(67, 0.48, 0.45))],
    "bells": [(14, _melody(60, 0.64, 2.0))],
}
SPEECH = {
    "voice: en": ("en-us", "A picture is the border between sound and diffusion. Listen to what the phase was hiding."),
    "voice: de": ("de", "Ein Bild ist die Grenze zwischen Klang und Diffusion. Hört, was die Phase verborgen hat."),
}


@lru_cache(maxsize=1)
def _synth(soundfont):
    import tinysoundfont

    synth = tinysoundfont.Synth(samplerate=RATE, gain=-6)
    return synth, synth.sfload(str(soundfont))


def _play(parts, soundfont):
    synth, font = _synth(soundfont)
    events = []
    for channel, (program, notes) in enumerate(parts):
        channel = 9 if program < 0 else channel
        if program < 0:
            synth.program_select(9, font, 128, 0, True)
        else:
            synth.program_select(channel, font, 0, program)
        for start, length, pitch, velocity in notes:
            events.append((round(start * RATE), 1, channel, pitch, velocity))
            events.append((round((start + length) * RATE), 0, channel, pitch, 0))
    total = round(SECONDS * RATE) + 1
    sound, at = np.zeros((total, 2), np.float32), 0
    for when, begins, channel, pitch, velocity in sorted(events):
        when = min(when, total)
        if when > at:
            sound[at:when] = np.frombuffer(synth.generate(when - at), np.float32).reshape(-1, 2)
            at = when
        synth.noteon(channel, pitch, velocity) if begins else synth.noteoff(channel, pitch)
    if at < total:
        sound[at:] = np.frombuffer(synth.generate(total - at), np.float32).reshape(-1, 2)
    for channel in range(16):
        synth.sounds_off(channel)
    synth.generate(4096)  # let the voices end, so that the next starts from silence
    return sound.mean(axis=1)


def _synthesise(parts, rng):
    """The same scores without a soundfont: decaying partials, and noise bursts for drums."""
    total = round(SECONDS * RATE) + 1
    time, sound = np.arange(total) / RATE, np.zeros(total)
    for program, notes in parts:
        for start, length, pitch, velocity in notes:
            a, b = round(start * RATE), min(total, round((start + length + 0.3) * RATE))
            t = time[: b - a]
            if program < 0:
                burst = rng.standard_normal(b - a) * np.exp(-t * (8 if pitch == 49 else 30 + pitch))
                sound[a:b] += (
                    velocity / 127 * (burst + (pitch == 36) * 2 * np.sin(60 * np.exp(-9 * t) * t * 6) * np.exp(-9 * t))
                )
            else:
                envelope = np.minimum(t / 0.004, 1) * np.exp(-t * (1 if program in (40, 42, 48, 73) else 4))
                envelope *= np.clip((length + 0.3 - t) / 0.1, 0, 1)
                f = 440 * 2 ** ((pitch - 69) / 12)
                for k in range(1, int(min(12, 10000 / f)) + 1):
                    sound[a:b] += velocity / 127 / k * np.sin(2 * np.pi * k * f * t + k) * envelope
    return sound


def _speak(voice, text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(path), text], check=True, capture_output=True)
        return Clip.load(path).mono().resample(RATE).samples[0]


def _numbers(rng):
    """What needs no player: noise, a sweep, clicks."""
    total = round(SECONDS * RATE) + 1
    time = np.arange(total) / RATE
    white = rng.standard_normal(total)
    spectrum = np.fft.rfft(white)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 20)), total)
    wind = pink * (0.3 + 0.7 * np.sin(2 * np.pi * 0.7 * time) ** 2)
    burst = np.exp(-40 * (time % 0.32)) * white
    return {"noise: pink, swelling": wind, "drums: noise bursts": burst}


def band_limited(samples, top=10000.0):
    """What a picture up to `top` Hz can hold: everything above is taken away (linear phase, 300 Hz wide slope)."""
    spectrum = np.fft.rfft(samples)
    f = np.fft.rfftfreq(len(samples), 1 / RATE)
    return np.fft.irfft(spectrum * np.clip((top - f) / 300, 0, 1), len(samples))


def clips(files=()):
    """{name: Clip} of about 5.11 s at 44.1 kHz, mono, peak 0.5, nothing above 10 kHz; and a note on what made them."""
    rng = np.random.default_rng(20)
    made, notes = {}, []
    try:
        import tinysoundfont  # noqa: F401

        from riffkit.compose.soundfont import find_soundfont

        soundfont = find_soundfont()
        notes.append(f"notes played through {soundfont.name}")
    except (ImportError, FileNotFoundError):
        soundfont = None
        notes.append("no soundfont: notes synthesised from partials")
    for name, parts in SCORES.items():
        made[name] = _play(parts, soundfont) if soundfont else _synthesise(parts, rng)
    made |= _numbers(rng)
    if shutil.which("espeak-ng"):
        made |= {name: _speak(*what) for name, what in SPEECH.items()}
    else:
        notes.append("no espeak-ng: no voices")
    for path in files:
        made[f"file: {Path(path).stem}"] = Clip.load(path, duration=SECONDS).mono().resample(RATE).samples[0]
    total = round(SECONDS * RATE) + 1
    ready = {}
    for name, sound in made.items():
        sound = band_limited(np.pad(sound[:total], (0, max(0, total - len(sound)))))
        ready[name] = Clip((0.5 * sound / np.abs(sound).max()).astype(np.float32), RATE)
    return ready, "; ".join(notes)
