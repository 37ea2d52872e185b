"""Voices: a buzz or a breath through the resonances of a throat that goes from vowel to vowel."""

from dataclasses import dataclass

import numpy as np

from riffkit.compose.sounding.loops import SAMPLE_RATE, Tone
from riffkit.compose.sounding.synthesis.kernels import read, resonances, sweep
from riffkit.compose.sounding.synthesis.tables import held, lasting, table, vibrato

# First five formants of a man's vowels in Hz (Peterson & Barney, "Control methods used in a study of the vowels", 1952;
# the upper two are those of a singer), and their strengths in dB.
VOWELS = {
    "a": ((730, 1090, 2440, 2900, 3600), (0, -4, -16, -18, -28)),
    "o": ((570, 840, 2410, 2800, 3500), (0, -6, -24, -24, -32)),
    "u": ((320, 800, 2240, 2700, 3300), (0, -13, -28, -28, -36)),
    "e": ((500, 1840, 2480, 2900, 3700), (0, -11, -15, -17, -26)),
    "i": ((290, 2290, 3010, 3400, 4000), (0, -16, -18, -20, -28)),
    "ae": ((660, 1720, 2410, 2900, 3700), (0, -7, -13, -18, -26)),
}
WIDTHS = np.array([80, 95, 130, 160, 220], np.float32)
HOP = 256  # samples from one setting of the throat to the next
# Consonants: (Hz of the hiss, its q, seconds, strength, voiced before the vowel)
CONSONANTS = (
    (6500, 1.0, 0.09, 0.5, False),  # s
    (3200, 1.2, 0.08, 0.5, False),  # sh
    (4200, 0.8, 0.025, 0.9, False),  # t
    (1800, 1.0, 0.035, 0.8, False),  # k
    (900, 0.7, 0.02, 0.6, False),  # p
    (1000, 0.7, 0.05, 0.04, True),  # m
    (1500, 0.7, 0.05, 0.06, True),  # l
    (1200, 0.6, 0.06, 0.25, False),  # h
)


def _glottis(n: np.ndarray, f: np.ndarray) -> np.ndarray:
    """The buzz of vocal folds, 12 dB down an octave, less what the lips radiate."""
    return n**-1.05 / (1 + (f / 5000) ** 2)


def _throat(path: str, n: int, length: float) -> tuple[np.ndarray, np.ndarray]:
    """Formants and gains [shape=(n_frames, 5)] of vowels that follow each other, by ' '; `length` scales the throat."""
    names = path.split()
    frames = n // HOP + 2
    place = np.linspace(0, len(names) - 1, frames)
    corners = np.array([VOWELS[name][0] for name in names], np.float32) * np.float32(length)
    levels = np.array([VOWELS[name][1] for name in names], np.float32)
    steps = np.arange(len(names))
    place = np.floor(place) + np.clip((place % 1 - 0.5) * 2.2 + 0.5, 0, 1)  # vowels are held, and glide over quickly
    hertz = np.stack([np.interp(place, steps, corners[:, r]) for r in range(5)], axis=1)
    gains = 10 ** (np.stack([np.interp(place, steps, levels[:, r]) for r in range(5)], axis=1) / 20)
    return hertz.astype(np.float32), gains.astype(np.float32)


@dataclass(frozen=True)
class Manner:
    """How a syllable is said or sung.

    Parameters
    ----------
    length : float
        1 is a man's throat, 1.17 a woman's, 1.35 a child's.
    breath : float
        Noise in the buzz.
    whisper : bool
        Noise in its place.
    sway : tuple of (float, float, float)
        Vibrato: Hz, semitones, seconds until it is full.
    fall : float [semitones]
        By which the pitch falls to the end, as in speech.
    attack, release : float [s]
    consonant : int or None
        Of `CONSONANTS`, before the vowel.
    voices : int
        How many sing it.
    apart : float [semitones]
        By which they differ.
    """

    length: float = 1.0
    breath: float = 0.02
    whisper: bool = False
    sway: tuple[float, float, float] = (5.4, 0.0, 0.4)
    fall: float = 0.0
    attack: float = 0.04
    release: float = 0.06
    consonant: int | None = None
    voices: int = 1
    apart: float = 0.0


def voiced(tone: Tone, path: str, rng: np.random.Generator, how: Manner) -> np.ndarray:
    """One syllable.

    Parameters
    ----------
    tone : Tone
    path : str
        Its vowels, "a" or "u o".
    rng : np.random.Generator
    how : Manner

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    n = lasting(tone.length, how.release)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    air = rng.standard_normal(n, dtype=np.float32)
    formants, gains = _throat(path, n, how.length)
    if not how.whisper:  # where the note is higher than the throat's first resonance, the jaw opens, as sopranos' do
        formants[:, 0] = np.maximum(formants[:, 0], np.float32(tone.highest * 1.05))
    source = np.float32(0.32) * air if how.whisper else _buzz(tone, time, rng, how) + np.float32(how.breath) * air
    sound = resonances(source, formants, np.tile(WIDTHS, (len(formants), 1)), gains, HOP)
    if how.whisper:
        sound += np.float32(0.06) * sweep(air, np.full(n, 5200, np.float32), 0.7, 1)
    if how.consonant is None:
        return sound * held(n, tone.length, how.attack, 0.5, 0.85, how.release) * np.float32(tone.force)
    centre, q, seconds, strength, hums = CONSONANTS[how.consonant]
    short = min(round(seconds * SAMPLE_RATE), n // 2)
    begins = 0 if hums else short
    sound[:begins] = 0
    sound[begins:] *= held(n - begins, max(tone.length - begins, 400), how.attack, 0.5, 0.85, how.release)
    if hums:
        sound[:short] *= np.linspace(0.15, 1, short, dtype=np.float32)
    hiss = sweep(air[: short + 800], np.full(short + 800, centre, np.float32), q, 1)[:n]
    shape = np.interp(np.arange(len(hiss)), [0, short * 0.3, short, short + 800], [0, 1, 0.8, 0])
    sound[: len(hiss)] += np.float32(strength * 0.24) * hiss * shape.astype(np.float32)
    return sound * np.float32(tone.force)


def _buzz(tone: Tone, time: np.ndarray, rng: np.random.Generator, how: Manner) -> np.ndarray:
    """Vocal folds: their pitch sways, falls and is never quite still."""
    n = len(time)
    hertz = tone.hertz(n) * vibrato(n, *how.sway, rng)
    if how.fall:
        hertz = hertz * 2 ** (np.float32(-how.fall / 12) * np.minimum(time / np.float32(max(tone.seconds, 0.05)), 1.3))
    corners = np.arange(0, n + 2200, 2200)
    jitter = np.interp(np.arange(n), corners, rng.normal(0, 0.0018, len(corners)))
    hertz = (hertz * (1 + jitter)).astype(np.float32)
    period, buzz = table(_glottis, tone.highest), np.zeros(n, np.float32)
    for k in range(how.voices):
        place = (k - (how.voices - 1) / 2) / max(how.voices - 1, 1) + 0.2 * float(rng.normal())
        buzz += read(period, hertz * np.float32(2 ** (place * how.apart / 12)), float(rng.random()))
    return buzz * np.float32(how.voices**-0.5)


def singer(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """Somebody sings a syllable on a vowel, with vibrato on long notes; high notes are a woman's, low ones a man's.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    path = ("a", "o", "e", "a o", "i", "u a", "o a", "ae")[int(rng.integers(8))]
    consonant = int(rng.integers(len(CONSONANTS))) if rng.random() < 0.6 else None
    length = 1.18 if tone.pitch >= 60 else 1.0
    return voiced(
        tone, path, rng, Manner(length=length, sway=(5.6, 0.45, 0.55), attack=0.05, release=0.08, consonant=consonant)
    )


def chant(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """Five monks on one note, none quite together.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    path = ("o", "u o", "a", "o a", "u")[int(rng.integers(5))]
    return _choir(
        tone, path, rng, Manner(voices=3, apart=0.2, length=0.96, sway=(4.7, 0.1, 0.8), attack=0.12, release=0.12)
    )


def shout(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """A crowd shouts "hey": six voices, hoarse, that fall at the end.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(2, n), float32]
    """
    tone = tone._replace(length=max(min(tone.length, 16_000), 9000))
    path = ("ae e i", "o", "a", "ae")[int(rng.integers(4))]
    return _choir(
        tone,
        path,
        rng,
        Manner(voices=4, apart=1.8, length=1.08, fall=4.0, attack=0.02, release=0.06, breath=0.3, consonant=7),
    )


def whisper(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """Breath through the vowels of a throat, two or three syllables to a note.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    path = " ".join(("a", "i", "e", "u", "ae", "o")[int(k)] for k in rng.integers(0, 6, 2))
    return voiced(
        tone, path, rng, Manner(whisper=True, length=1.1, attack=0.03, release=0.05, consonant=int(rng.integers(5)))
    )


def rap(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """One syllable of speech in rhythm: a consonant, a vowel or two, the pitch falling as in talk.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    length = max(3000, min(round(tone.length * 0.92), 12_000))
    path = " ".join(("a", "i", "e", "u", "ae", "o")[int(k)] for k in rng.integers(0, 6, int(rng.integers(1, 3))))
    tone = tone._replace(length=length, bend=((0, float(rng.normal(0, 1.3))),))
    how = Manner(fall=3.5 * rng.random(), attack=0.012, release=0.025, breath=0.04, consonant=int(rng.integers(8)))
    return voiced(tone, path, rng, how)


def beatbox(tone: Tone, rng: np.random.Generator) -> np.ndarray:
    """Lips and teeth as a drum set: the pitch says which of boots, cats, hats and rimshots.

    Parameters
    ----------
    tone : Tone
    rng : np.random.Generator

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    kind = tone.pitch % 4
    n = round((0.22, 0.16, 0.1, 0.2)[kind] * SAMPLE_RATE)
    time = np.arange(n, dtype=np.float32) / np.float32(SAMPLE_RATE)
    air = rng.standard_normal(n, dtype=np.float32)
    if kind == 0:  # b: lips
        pitch = (60 + 130 * np.exp(-time / 0.025)).astype(np.float32)
        sound = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-time / 0.06)
        sound += 0.4 * sweep(air, np.full(n, 700, np.float32), 0.8, 1) * np.exp(-time / 0.015)
    elif kind == 1:  # pf
        sound = (
            1.3
            * sweep(air, (1500 + 3500 * np.minimum(time / 0.05, 1)).astype(np.float32), 0.9, 1)
            * np.exp(-time / 0.05)
        )
        sound += 0.5 * np.sin(2 * np.pi * 190 * time) * np.exp(-time / 0.03)
    elif kind == 2:  # ts
        sound = 1.2 * sweep(air, np.full(n, 8500, np.float32), 0.9, 1) * np.exp(-time / 0.025)
    else:  # kh: the tongue, inwards
        sound = (
            1.4
            * sweep(air, (2400 - 900 * np.minimum(time / 0.1, 1)).astype(np.float32), 2.5, 1)
            * np.exp(-time / 0.045)
        )
        sound += 0.5 * sweep(air, np.full(n, 1100, np.float32), 4.0, 1) * np.exp(-time / 0.02)
    sound *= np.minimum(time / 0.002, 1)
    sound[-300:] *= np.linspace(1, 0, 300)
    return (sound * tone.force).astype(np.float32)


def _choir(tone: Tone, path: str, rng: np.random.Generator, how: Manner) -> np.ndarray:
    """The same syllable from many throats: half of them on the left, half on the right."""
    rows = []
    for _ in range(2):
        late = int(rng.integers(0, 900))
        rows.append(np.pad(voiced(tone, path, rng, how), (late, 900 - late)))
    left, right = rows
    return np.stack([left + np.float32(0.45) * right, right + np.float32(0.45) * left])
