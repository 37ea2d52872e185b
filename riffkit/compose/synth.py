"""Additive synthesis: thirteen instruments and a drum kit made of sines and noise, nothing to install.

It plays the same pieces as `soundfont.Player`, less finely: one period of every tone is added up from partials, dull
and bright, and read out at the speed of the note. The lesson that trains a model from nothing hears this one, so that
it runs anywhere.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from riffkit.compose.arrange import DRUM_CHANNEL, notes
from riffkit.compose.instruments import (
    CLAP,
    CLOSED_HAT,
    CRASH,
    KICK,
    LOW_TOM,
    MID_TOM,
    OPEN_HAT,
    RIDE,
    RIM,
    SHAKER,
    SNARE,
)
from riffkit.compose.score import LOOP_SECONDS, Piece
from riffkit.compose.soundfont import LOOP_SAMPLES, SAMPLE_RATE, picture_from_loop, textured
from riffkit.progress import work_quietly

TABLE = 8192  # samples of one period
HIGHEST = 10_000  # Hz: partials above the picture's edge are left out


@dataclass(frozen=True)
class Timbre:
    """How one instrument sounds.

    Parameters
    ----------
    spectrum : callable
        `spectrum(n, f)` -> the strength of each partial, from its number n (1 is the note itself) and its frequency f
        in Hz.
    attack, decay, release : float [s]
    sustain : float [0..1]
        The level that is held while the note lasts.
    brightness : float [s]
        In which the bright partials fade (0: they stay; negative: they come with the attack, as in brass).
    voices : int, >= 1
        Players.
    spread : float [semitones]
        By which they are out of tune.
    vibrato : float
        By which they sway.
    noise : float
        Breath.
    drive : float
        Overloads.
    ratios : tuple of float
        Where given, the frequencies of partials that are no multiples: bells.
    gain : float
    """

    spectrum: Callable[[Any, Any], Any]
    attack: float = 0.005
    decay: float = 0.6
    sustain: float = 0.0
    release: float = 0.08
    brightness: float = 0.2
    voices: int = 1
    spread: float = 0.0
    vibrato: float = 0.0
    noise: float = 0.0
    drive: float = 0.0
    ratios: tuple[float, ...] = ()
    gain: float = 1.0


def _formants(*peaks: tuple[float, float]) -> Callable[[Any, Any], Any]:
    """Partials under hills at the given (Hz, strength): a throat, or the bell of a horn."""
    return lambda n, f: sum(a * np.exp(-(((f - peak) / (0.16 * peak + 60)) ** 2)) for peak, a in peaks) / n**0.4


TIMBRES = {
    "piano": Timbre(lambda n, f: n**-1.3, decay=0.9, release=0.15, brightness=0.25),
    "marimba": Timbre(lambda n, f: n**-1.0, decay=0.22, ratios=(1, 3.93, 9.24)),
    "tubular bells": Timbre(
        lambda n, f: 1 / (1 + 0.25 * n),
        decay=1.6,
        release=0.9,
        ratios=(0.5, 1, 1.19, 1.5, 2, 2.74, 3.76, 5.2),
        gain=0.7,
    ),
    "organ": Timbre(
        lambda n, f: np.isin(n, (1, 2, 3, 4, 6, 8)) / n**0.5,
        attack=0.01,
        sustain=1,
        release=0.03,
        brightness=0,
        gain=0.6,
    ),
    "nylon guitar": Timbre(lambda n, f: np.abs(np.sin(0.22 * np.pi * n)) / n, decay=0.45, brightness=0.09),
    "distorted guitar": Timbre(lambda n, f: 1 / n, decay=3, sustain=0.6, brightness=0, drive=6.0, gain=0.5),
    "strings": Timbre(
        lambda n, f: 1 / n,
        attack=0.16,
        sustain=1,
        release=0.2,
        brightness=0,
        voices=3,
        spread=0.09,
        vibrato=0.12,
        gain=0.6,
    ),
    "choir": Timbre(
        _formants((650, 1), (1080, 0.6), (2900, 0.15)),
        attack=0.12,
        sustain=1,
        release=0.2,
        brightness=0,
        voices=3,
        spread=0.14,
        vibrato=0.3,
    ),
    "trumpet": Timbre(
        _formants((500, 0.5), (1200, 1), (2500, 0.6), (4000, 0.3)),
        attack=0.03,
        sustain=0.9,
        brightness=-0.06,
        vibrato=0.08,
    ),
    "flute": Timbre(lambda n, f: 0.2 ** (n - 1), attack=0.06, sustain=0.9, brightness=0, vibrato=0.25, noise=0.03),
    "square lead": Timbre(lambda n, f: n % 2 / n, attack=0.003, sustain=0.8, release=0.02, brightness=0, gain=0.5),
    "warm pad": Timbre(
        lambda n, f: 1 / n / (1 + (f / 900) ** 3),
        attack=0.4,
        sustain=1,
        release=0.5,
        brightness=0,
        voices=3,
        spread=0.2,
    ),
    "electric bass": Timbre(lambda n, f: n**-1.5, decay=0.9, sustain=0.2, release=0.05, brightness=0.1, gain=1.4),
}

# drum: (Hz at the stroke, Hz it falls to, level of the tone, of the noise, seconds, times the noise is thinned out)
DRUMS = {
    KICK: (160, 48, 1.6, 0.05, 0.16, 0),
    LOW_TOM: (170, 100, 1.0, 0.05, 0.22, 0),
    MID_TOM: (260, 160, 1.0, 0.05, 0.20, 0),
    RIM: (820, 800, 0.5, 0.2, 0.025, 1),
    SNARE: (240, 180, 0.4, 0.5, 0.11, 1),
    CLAP: (900, 900, 0.0, 0.6, 0.09, 1),
    CLOSED_HAT: (9000, 9000, 0.0, 0.3, 0.03, 2),
    OPEN_HAT: (9000, 9000, 0.0, 0.3, 0.16, 2),
    SHAKER: (7000, 7000, 0.0, 0.16, 0.05, 2),
    RIDE: (5300, 5300, 0.05, 0.18, 0.35, 2),
    CRASH: (4200, 4200, 0.05, 0.35, 0.9, 1),
}


def play(piece: Piece) -> np.ndarray:
    """Synthesize a piece as a loop: time is a circle, what rings on after the end is heard at the beginning.

    Parameters
    ----------
    piece : riffkit.compose.score.Piece
        Of instruments in `TIMBRES`, with or without drums.

    Returns
    -------
    np.ndarray [shape=(225792,), float32]
        Mono; not limited to [-1, 1]. The same piece gives the same samples.

    Raises
    ------
    ValueError
        If an instrument is not among `TIMBRES`.

    References
    ----------
    Taught in notebooks/07_training_from_scratch.ipynb.
    """
    strange = [part.instrument for part in piece.parts if part.instrument not in TIMBRES]
    if strange:
        raise ValueError(f"{strange[0]!r} is not among the oscillators' instruments: {', '.join(TIMBRES)}")
    tracks: dict[int, np.ndarray] = {}
    rng = np.random.default_rng(piece.seed)
    for note in notes(piece):
        start = round(note.start / piece.beats * LOOP_SAMPLES)
        if note.channel == DRUM_CHANNEL:
            sound = _stroke(note.pitch, rng)
        else:
            seconds = note.duration / piece.beats * LOOP_SECONDS
            sound = _tone(TIMBRES[piece.parts[note.channel].instrument], note.pitch, seconds, rng)
        track = tracks.setdefault(note.channel, np.zeros(LOOP_SAMPLES, np.float32))
        _add_round(track, sound * (note.velocity / 127) ** 1.5, start)
    for channel, track in tracks.items():
        if channel != DRUM_CHANNEL and (drive := TIMBRES[piece.parts[channel].instrument].drive):
            tracks[channel] = np.tanh(drive * track) * 0.35
    return textured(0.3 * sum(tracks.values(), np.zeros(LOOP_SAMPLES, np.float32)), piece.texture)


def draw_pieces(pieces: Sequence[Piece], *, processes: int | None = None) -> np.ndarray:
    """Synthesize and draw pieces, on all cores.

    Parameters
    ----------
    pieces : sequence of Piece
    processes : int or None
        Worker processes; None takes one per core.

    Returns
    -------
    np.ndarray [shape=(len(pieces), 512, 512), uint8]
        The pictures, in the order of the pieces.
    """
    processes = processes or os.cpu_count() or 1
    if processes == 1:
        return np.stack([_draw(piece) for piece in pieces])
    with ProcessPoolExecutor(processes, initializer=work_quietly) as pool:
        return np.stack(list(pool.map(_draw, pieces, chunksize=8)))


def _draw(piece: Piece) -> np.ndarray:
    return picture_from_loop(play(piece))


def _tone(timbre: Timbre, pitch: int, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """One note [shape=(n,), float32]: its length is `seconds` and what rings on."""
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    n = round((seconds + 4 * timbre.release) * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float32) / SAMPLE_RATE
    if timbre.ratios:
        heard = [ratio for ratio in timbre.ratios if frequency * ratio < HIGHEST]
        numbers = np.arange(1, len(heard) + 1)
        strengths = timbre.spectrum(numbers, frequency * np.array(heard))
        tone = np.zeros(n, np.float32)
        for ratio, strength in zip(heard, strengths, strict=True):  # high partials of a bell die first
            tone += strength * np.sin(2 * np.pi * frequency * ratio * time) * np.exp(-time * ratio**0.7 / timbre.decay)
    else:
        tone = np.zeros(n, np.float32)
        bright, dull = _tables(timbre, pitch)
        for voice in range(timbre.voices):
            detune = timbre.spread * (voice - (timbre.voices - 1) / 2)
            sway = timbre.vibrato * np.sin(2 * np.pi * (5.3 * time + rng.random()), dtype=np.float32)
            turns = frequency * 2 ** (detune / 12) * (time + sway * np.float32(0.0018))
            place = ((turns + rng.random()) * TABLE).astype(np.int64) % TABLE
            tone += _faded(timbre, bright[place], dull[place], time) / timbre.voices
        held = np.exp(-time / timbre.decay)
        tone *= timbre.sustain + (1 - timbre.sustain) * held
    if timbre.noise:
        tone += timbre.noise * rng.standard_normal(n, dtype=np.float32)
    tone *= np.minimum(1, time / timbre.attack) * np.exp(-np.maximum(0, time - seconds) / timbre.release)
    return timbre.gain * tone


def _faded(timbre: Timbre, bright: np.ndarray, dull: np.ndarray, time: np.ndarray) -> np.ndarray:
    """From bright to dull as a string rings out, or the other way as a trumpet speaks."""
    if not timbre.brightness:
        return bright
    brightness = np.exp(-time / np.float32(abs(timbre.brightness)))
    if timbre.brightness < 0:
        brightness = 1 - brightness
    return dull + brightness * (bright - dull)


@lru_cache(maxsize=1024)
def _tables(timbre: Timbre, pitch: int) -> list[np.ndarray]:
    """One period of the note, bright and dull (every partial n times e^(0.5 (1 - n)) softer)."""
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    n = np.arange(1, min(TABLE // 2 - 1, int(HIGHEST / frequency)) + 1)
    strengths = np.asarray(timbre.spectrum(n, n * frequency), float)
    strengths = strengths / np.sqrt((strengths**2).sum())
    phases = np.exp(2j * np.pi * np.random.default_rng(0).random(len(n)))  # random phases: no click in every period
    tables = []
    for softer in (np.ones(len(n)), np.exp(0.5 * (1 - n))):
        spectrum = np.zeros(TABLE // 2 + 1, complex)
        spectrum[n] = strengths * softer * phases
        tables.append((np.fft.irfft(spectrum) * TABLE / 2).astype(np.float32))
    return tables


def _stroke(drum: int, rng: np.random.Generator) -> np.ndarray:
    """One stroke on a drum [shape=(n,), float32]: a falling sine and a burst of noise."""
    high, low, tone, hiss, seconds, thinner = DRUMS[drum]
    time = np.arange(round(5 * seconds * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    turns = low * time + (high - low) * 0.03 * (1 - np.exp(-time / np.float32(0.03)))
    noise = rng.standard_normal(len(time) + thinner, dtype=np.float32)
    for _ in range(thinner):  # each difference takes low frequencies away
        noise = np.diff(noise) * np.float32(0.6)
    return (tone * np.sin(2 * np.pi * turns) + hiss * noise) * np.exp(-time / np.float32(seconds))


def _add_round(track: np.ndarray, sound: np.ndarray, start: int) -> None:
    """Add a sound to a loop from a place on, round the end."""
    sound = sound[: 2 * len(track)]
    start %= len(track)
    while len(sound):
        count = min(len(sound), len(track) - start)
        track[start : start + count] += sound[:count]
        sound, start = sound[count:], 0
