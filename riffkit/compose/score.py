"""Compose short pieces: the music that the embedded model learns from.

A `Piece` says what is played (instruments, drums, genre, tempo, key, mode, density, dynamics); `compose` draws one from
a seed. Every piece fills exactly 5.12 seconds, 512 spectrogram columns, with whole beats: it is a perfect loop. Its
notes are written by `arrange.py`, its words by `captions.py`, and `soundfont.py` or `synth.py` plays it.
"""

import hashlib
import random
from dataclasses import dataclass

from riffkit.compose.genres import GENRES, Genre
from riffkit.compose.instruments import DRUM_PATTERNS, INSTRUMENTS, KITS

LOOP_SECONDS = 5.12

# name: the (beats in the loop, beats in a bar) it may have; 6, 8, 12 and 16 beats in 5.12 s are 70, 94, 141, 188 BPM.
TEMPI = {
    "slow": ((6, 6), (4, 4)),
    "medium": ((8, 4),),
    "fast": ((12, 4),),
    "very fast": ((16, 4),),
    "waltz": ((12, 3), (9, 3)),
}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
KEYS = ("c", "c sharp", "d", "e flat", "e", "f", "f sharp", "g", "a flat", "a", "b flat", "b")

# Chord roots as scale degrees from 0, one per quarter of the loop.
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4), (3, 4, 0, 0), (0, 2, 3, 4), (1, 4, 0, 0)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 4), (0, 5, 3, 4), (0, 0, 3, 4), (0, 2, 6, 3), (0, 6, 0, 6)),
}
DENSITIES = ("sparse", "normal", "busy")
DYNAMICS = {"soft": 52, "normal": 84, "loud": 118}  # MIDI velocity
TEXTURES = ("distant", "radio", "warm")  # what the sound has gone through; `soundfont.textured` does it
ARTICULATIONS = {"staccato": 0.35, "legato": 1.25}  # factor on the length of notes
REGISTERS = {"low": 0.12, "middle": 0.4, "high": 0.75}  # place in the instrument's range


@dataclass(frozen=True)
class Part:
    """One player.

    Parameters
    ----------
    role : str
        c chords, a arpeggio, m melody, b bass, p pad.
    instrument : str
        One of `instruments.INSTRUMENTS`.
    register : str
        One of `REGISTERS`.
    """

    role: str
    instrument: str
    register: str = "middle"


@dataclass(frozen=True)
class Piece:
    """What is played, before any note is written. Two equal pieces give equal notes.

    Parameters
    ----------
    parts : tuple of Part
        None to three.
    pattern, kit : str or None
        Of the drums; None where there are none.
    genre : str or None
        One of `genres.GENRES`, if the piece follows its recipe.
    tempo : str
        One of `TEMPI`.
    beats : int [4..16]
        In the loop of 5.12 s.
    beats_per_bar : int
    mode : str
        "major" or "minor".
    key : int [0..11]
        Pitch class of the root; 0 is C.
    progression : tuple of int
        Scale degrees of the chords, from 0.
    density : str
        One of `DENSITIES`.
    dynamics : str
        One of `DYNAMICS`.
    texture, articulation : str or None
        Of `TEXTURES` and `ARTICULATIONS`; None where the sound is plain.
    seed : int
        Of the notes.
    """

    parts: tuple[Part, ...]
    pattern: str | None
    kit: str | None
    genre: str | None
    tempo: str
    beats: int
    beats_per_bar: int
    mode: str
    key: int
    progression: tuple[int, ...]
    density: str
    dynamics: str
    texture: str | None
    articulation: str | None
    seed: int

    @property
    def bpm(self) -> float:
        """Tempo in beats per minute: what a beat tracker should find."""
        return self.beats / LOOP_SECONDS * 60

    @property
    def families(self) -> set[str]:
        """Names of the instrument families that sound."""
        return {INSTRUMENTS[part.instrument].family for part in self.parts}

    @property
    def held_out(self) -> bool:
        """True for one in twelve combinations of instruments, genre and tempo: training never meets any of these."""
        names = sorted(part.instrument for part in self.parts)
        combination = f"{names} {self.genre} {self.tempo}"
        return len(names) > 0 and int(hashlib.sha256(combination.encode()).hexdigest(), 16) % 12 == 0


@dataclass(frozen=True)
class Corpus:
    """The pieces that `compose` may draw.

    Parameters
    ----------
    name : str
    instruments : tuple of str
    tempi : tuple of str
    keys : tuple of int [0..11]
        Pitch classes.
    max_parts : int [0..3]
        At once, without drums.
    textures, articulations : tuple of str
        Empty draws plain sound only.
    """

    name: str
    instruments: tuple[str, ...] = tuple(INSTRUMENTS)
    tempi: tuple[str, ...] = tuple(TEMPI)
    keys: tuple[int, ...] = tuple(range(12))
    max_parts: int = 3
    textures: tuple[str, ...] = TEXTURES
    articulations: tuple[str, ...] = tuple(ARTICULATIONS)


EVERYTHING = Corpus("everything")
# Two timbres are left out, so that there is something to teach the model later (notebooks/05_fine_tuning.ipynb).
WIDE = Corpus("wide", instruments=tuple(name for name in INSTRUMENTS if name not in ("sitar", "steel drums")))
# What two CPU cores can teach a small model in an hour: one tempo, four keys, two parts and drums.
NARROW = Corpus(
    "narrow",
    instruments=(
        "piano", "electric piano", "organ", "church organ", "accordion", "nylon guitar", "clean guitar", "harp",
        "distorted guitar", "violin", "strings", "choir", "trumpet", "brass", "saxophone", "flute", "saw lead",
        "square lead", "warm pad", "marimba", "tubular bells", "glockenspiel", "acoustic bass", "electric bass",
        "slap bass", "synth bass",
    ),
    tempi=("medium",),
    keys=(0, 2, 5, 9),
    max_parts=2,
    textures=(),
    articulations=(),
)  # fmt: skip
CORPORA = {corpus.name: corpus for corpus in (EVERYTHING, WIDE, NARROW)}


def genres_of(corpus: Corpus) -> list[str]:
    """List the genres that `corpus` draws from, sorted: those that it can play some part of, in a tempo of theirs."""
    return [
        name
        for name, genre in sorted(GENRES.items())
        if (name != "waltz" or "waltz" in corpus.tempi)
        and any(instrument in corpus.instruments for _, choices in genre.parts for instrument in choices)
    ]


def compose(seed: int, corpus: Corpus = WIDE, *, held_out: bool = False) -> Piece:
    """Draw a piece from a seed.

    About two in five follow a genre recipe; the rest combine instruments freely, alone, together or with drums.

    Parameters
    ----------
    seed : int
        The same seed gives the same piece.
    corpus : Corpus
        What may be drawn.
    held_out : bool
        Draw one of the combinations that are kept from training (`Piece.held_out`), instead of one of all others.

    Returns
    -------
    Piece
    """
    rng = random.Random(f"piece {seed}")
    while True:
        piece = _draw(rng, corpus)
        if piece.held_out == held_out:
            return piece


# parts, drum pattern, kit, tempo and mode
_Players = tuple[tuple[Part, ...], str | None, str | None, str, str]


def _draw(rng: random.Random, corpus: Corpus) -> Piece:
    genre = rng.choice(genres_of(corpus)) if rng.random() < 0.4 else None
    if genre is not None:
        parts, pattern, kit, tempo, mode = _follow_recipe(GENRES[genre], corpus, rng)
        if not parts and pattern is None:
            genre = None
    if genre is None:
        parts, pattern, kit, tempo, mode = _combine_freely(corpus, rng)
    beats, beats_per_bar = rng.choice(TEMPI[tempo])
    return Piece(
        parts=parts,
        pattern=pattern,
        kit=kit,
        genre=genre,
        tempo=tempo,
        beats=beats,
        beats_per_bar=beats_per_bar,
        mode=mode,
        key=rng.choice(corpus.keys),
        progression=rng.choice(PROGRESSIONS[mode]),
        density=rng.choices(DENSITIES, (1, 1.6, 1))[0],
        dynamics=rng.choices(tuple(DYNAMICS), (1, 2, 1))[0],
        texture=_texture(genre, corpus, rng),
        articulation=rng.choice(corpus.articulations) if corpus.articulations and rng.random() < 0.25 else None,
        seed=rng.randrange(1 << 30),
    )


def _texture(genre: str | None, corpus: Corpus, rng: random.Random) -> str | None:
    likely = GENRES[genre].texture if genre else None
    if likely in corpus.textures and rng.random() < 0.6:
        return likely
    return rng.choice(corpus.textures) if corpus.textures and rng.random() < 0.16 else None


def _follow_recipe(recipe: Genre, corpus: Corpus, rng: random.Random) -> _Players:
    """What a genre wants, as far as the corpus can play it."""
    parts = []
    for role, choices in recipe.parts:
        playable = [name for name in choices if name in corpus.instruments]
        if playable:
            parts.append(Part(role, rng.choice(playable)))
    while len(parts) > corpus.max_parts or (len(parts) > 2 and rng.random() < 0.4):
        parts.pop(rng.randrange(len(parts)))
    tempi = [tempo for tempo in recipe.tempi if tempo in corpus.tempi] or list(corpus.tempi)
    tempo = rng.choice(tempi)
    pattern = rng.choice(recipe.patterns) if recipe.patterns else None
    kit = rng.choice(recipe.kits) if pattern else None
    return tuple(parts), pattern, kit, tempo, recipe.mode or rng.choice(tuple(SCALES))


def _combine_freely(corpus: Corpus, rng: random.Random) -> _Players:
    """Everything drawn independently; more than half are solos."""
    weights = {"slow": 2, "medium": 4, "fast": 3, "very fast": 1, "waltz": 1}
    tempo = rng.choices(corpus.tempi, [weights[name] for name in corpus.tempi])[0]
    n_parts = rng.choices((0, 1, 2, 3), (1, 6, 4, 2 if corpus.max_parts > 2 else 0))[0]
    parts = []
    for name in rng.sample(corpus.instruments, n_parts):
        register = rng.choices(tuple(REGISTERS), (1, 3, 1))[0]
        parts.append(Part(rng.choice(INSTRUMENTS[name].roles), name, register))
    pattern = kit = None
    if n_parts == 0 or rng.random() < (0.2 if n_parts == 1 else 0.4):
        patterns = [name for name in DRUM_PATTERNS if (name == "waltz") == (tempo == "waltz")]
        pattern, kit = rng.choice(patterns), rng.choice(sorted(KITS))
    return tuple(parts), pattern, kit, tempo, rng.choice(tuple(SCALES))
