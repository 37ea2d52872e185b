"""Free combinations: instruments alone or together, percussion, drums, sounds; everything drawn by itself."""

import random
from dataclasses import dataclass, field

from riffkit.compose.pieces.chances import (
    BEAT_WEIGHTS,
    METERS,
    SCALE_WEIGHTS,
    SOUNDS_UNDER_OTHERS,
    figure_weights,
    weights_of,
)
from riffkit.compose.pieces.corpora import Corpus
from riffkit.compose.pieces.figures import figures_for
from riffkit.compose.pieces.piece import Part
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.percussion import KITS

_REGISTERS = ("low", "middle", "high")
_NARROW_RANGE = 20  # semitones: no registers to tell apart in it
_FIGURED = 0.5  # of parts that have a figure to play
ROLE_ORDER = "cmabp"


@dataclass
class Band:
    """Who plays what, before the rest of a piece is drawn.

    Parameters
    ----------
    parts : tuple of Part
    pattern, kit : str or None
    beats, meter : int
    scale : str
    feel : str
    sounds : tuple of str
    progressions : tuple of tuple of int
        Empty takes those of the scale.
    harmonies : tuple of str
        To choose from; empty takes any that suits.
    effects : tuple of str
        That go with it; empty takes any that would be heard.
    dynamics, density : tuple of str
        To choose from; empty takes any.
    genre : str or None
    """

    parts: tuple[Part, ...] = ()
    pattern: str | None = None
    kit: str | None = None
    beats: int = 8
    meter: int = 4
    scale: str = "major"
    feel: str = "straight"
    sounds: tuple[str, ...] = ()
    progressions: tuple[tuple[int, ...], ...] = ()
    harmonies: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    dynamics: tuple[str, ...] = ()
    density: tuple[str, ...] = ()
    genre: str | None = field(default=None)


def combined(kind: str, corpus: Corpus, rng: random.Random) -> Band:
    """Draw a band that follows no genre.

    Parameters
    ----------
    kind : str
        Of `chances.KINDS`, but for genre.
    corpus : Corpus
    rng : random.Random

    Returns
    -------
    Band
    """
    beats = rng.choices(corpus.beats, [BEAT_WEIGHTS.get(one, 1.0) for one in corpus.beats])[0]
    band = Band(
        beats=beats,
        meter=rng.choice(METERS[beats]),
        scale=rng.choices(corpus.scales, [SCALE_WEIGHTS.get(one, 1.0) for one in corpus.scales])[0],
        feel=rng.choices(("straight", "swing", "shuffle"), (7, 1.3, 1.3))[0],
    )
    if kind == "sounds":
        band.sounds = (_weighed("sounds", corpus, rng),)
        return band
    if kind in ("solo", "ensemble"):
        count = 1 if kind == "solo" else rng.choices((1, 2, 3), (2, 5, 3))[0]
        band.parts = _players(min(count, corpus.max_parts), corpus, rng)
    with_drums = kind == "drums" or (kind == "ensemble" and (count == 1 or rng.random() < 0.4))
    if kind == "percussion" or (kind == "ensemble" and corpus.percussion and rng.random() < 0.42):
        band.parts = (*band.parts[: corpus.max_parts - 1], _percussionist(corpus, rng))
    if with_drums:
        _seat_drummer(band, corpus, rng)
    if corpus.sounds and rng.random() < SOUNDS_UNDER_OTHERS:
        band.sounds = (_weighed("sounds", corpus, rng),)
    return band


def _weighed(what: str, corpus: Corpus, rng: random.Random) -> str:
    weights = weights_of(what, corpus)
    return rng.choices(list(weights), list(weights.values()))[0]


def _players(count: int, corpus: Corpus, rng: random.Random) -> tuple[Part, ...]:
    """So many different instruments, each in a role that nobody else has, where that can be."""
    names: list[str] = []
    while len(names) < count:
        name = _weighed("instruments", corpus, rng)
        if name not in names:
            names.append(name)
    parts: list[Part] = []
    for name in names:
        roles = INSTRUMENTS[name].roles
        taken = {part.role for part in parts}
        role = rng.choice([one for one in roles if one not in taken] or roles)
        instrument = INSTRUMENTS[name]
        register = rng.choices(_REGISTERS, (1, 3, 1))[0]
        if instrument.high - instrument.low < _NARROW_RANGE or role == "b":
            register = "middle"
        parts.append(Part(role, name, register, figure_of(role, name, corpus, rng)))
    return tuple(parts)


def figure_of(role: str, name: str, corpus: Corpus, rng: random.Random) -> str | None:
    """Draw a figure for a part, or none.

    Parameters
    ----------
    role, name : str
        And instrument.
    corpus : Corpus
    rng : random.Random

    Returns
    -------
    str or None
    """
    fitting = figures_for(role, name)
    if not corpus.figures or not fitting or rng.random() > _FIGURED:
        return None
    weights = figure_weights()
    return rng.choices(fitting, [weights[one] for one in fitting])[0]


def _percussionist(corpus: Corpus, rng: random.Random) -> Part:
    name = _weighed("percussion", corpus, rng)
    rolls = corpus.figures and name in _ROLLING and rng.random() < 0.15
    return Part("x", name, figure="roll" if rolls else None)


_ROLLING = ("snare drum", "taiko drums", "toms", "bongos", "congas", "djembe", "frame drum", "tabla", "timbales",
            "woodblock", "triangle", "castanets", "tambourine", "electronic drum")  # fmt: skip


def _seat_drummer(band: Band, corpus: Corpus, rng: random.Random) -> None:
    """A pattern in the piece's meter, and a feel that goes with it."""
    fitting = [name for name in corpus.patterns if PATTERNS[name].meter == band.meter]
    fitting = fitting or [name for name in corpus.patterns if PATTERNS[name].meter == 4]
    weights = weights_of("patterns", corpus)
    if band.beats > 15:  # sixteenths all the way blur at this tempo
        fitting = [name for name in fitting if PATTERNS[name].strokes_a_beat <= 2.5] or fitting
    band.pattern = rng.choices(fitting, [weights[one] for one in fitting])[0]
    band.feel = feel_of(band.pattern, band.feel)
    electronic = rng.random() < 0.5
    kits = [name for name in corpus.kits if (KITS[name].family == "electronic percussion") == electronic]
    band.kit = rng.choice(kits or corpus.kits)


def feel_of(pattern: str, feel: str) -> str:
    """The feel that a pattern has, or `feel` where it can have any.

    Parameters
    ----------
    pattern : str
    feel : str

    Returns
    -------
    str
    """
    if PATTERNS[pattern].steps == 3:
        return "swing" if pattern in ("swing", "bebop", "jazz waltz", "brushes", "second line") else "shuffle"
    return feel
