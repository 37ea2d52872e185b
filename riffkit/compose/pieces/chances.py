"""How often what is drawn: shares of kinds of pieces, and what the genres leave to free combinations."""

from collections import Counter, defaultdict
from functools import lru_cache

from riffkit.compose.pieces.corpora import Corpus
from riffkit.compose.pieces.figures import FIGURES, figures_for
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.sounding.instruments import INSTRUMENTS

KINDS: dict[str, float] = {
    "genre": 0.40,
    "solo": 0.32,
    "ensemble": 0.09,
    "sounds": 0.10,
    "percussion": 0.05,
    "drums": 0.04,
}
"""Shares of kinds of pieces: a genre's recipe, one instrument alone, several, sounds alone, percussion alone, drums."""

SOUNDS_UNDER_GENRES = 0.26
"""How likely a sound is heard with a genre that has some."""

SOUNDS_UNDER_OTHERS = 0.025

# The share of all pieces in which each should be heard
_AIMS = {"instruments": 0.0095, "percussion": 0.0095, "patterns": 0.0055, "sounds": 0.0030}
_FLOOR = 0.15  # nothing is drawn less often than so many times the average

METERS: dict[int, tuple[int, ...]] = {
    5: (5,), 6: (3, 3, 6), 7: (7,), 8: (4,), 9: (3,), 10: (5, 4, 4), 11: (4,), 12: (4, 4, 4, 3, 6), 13: (4,),
    14: (7, 4, 4), 15: (3, 5), 16: (4,), 17: (4,), 18: (3, 6), 19: (4,), 20: (4, 4, 5),
}  # fmt: skip
"""Beats in a bar, by beats in the loop."""

BEAT_WEIGHTS: dict[int, float] = {8: 2.0, 10: 1.5, 12: 2.0, 16: 1.5}
"""How much more often than the others some numbers of beats are drawn."""

SCALE_WEIGHTS: dict[str, float] = {"major": 3.0, "minor": 3.0, "chromatic": 0.8, "locrian": 0.8}

HARMONY_WEIGHTS: dict[str, float] = {
    "triads": 4.0, "sevenths": 2.0, "ninths": 1.2, "suspended": 1.2, "power": 1.0, "quartal": 1.0, "clusters": 0.8,
    "octaves": 0.9, "single": 0.7,
}  # fmt: skip


EFFECT_WEIGHTS: dict[str, float] = {
    "hall": 0.3, "delay": 0.5, "spring": 0.7, "cathedral": 0.7, "plate": 0.7, "tremolo": 3.0, "auto pan": 3.0,
    "vocoder": 3.0, "gate": 2.0, "side chain": 2.0, "tape wow": 1.5, "filter sweep": 1.5, "underwater": 1.5,
    "flanger": 1.5,
}  # fmt: skip
"""How much more often than the others some effects are drawn where no genre asks for one."""

# Of figures that few can play: so much more often than their number alone makes them
_FEWER = {
    "stride": 3.0,
    "gallop": 2.0,
    "wobble": 2.0,
    "alberti": 2.0,
    "rolling": 1.5,
    "acid line": 1.5,
    "palm mute": 1.5,
}


@lru_cache(maxsize=8)
def weights_of(what: str, corpus: Corpus) -> dict[str, float]:
    """How often free combinations draw each name, so that all are heard about as often in the end, genres included.

    Parameters
    ----------
    what : str
        instruments, percussion, patterns or sounds.
    corpus : Corpus

    Returns
    -------
    dict of str to float
        Not normalised.
    """
    names: tuple[str, ...] = getattr(corpus, what)
    heard: defaultdict[str, float] = defaultdict(float)
    each = KINDS["genre"] / max(1, len(corpus.genres))
    for genre in map(GENRES.__getitem__, corpus.genres):
        rows = {
            "instruments": [(seat.who, 1.0 if index < 2 else 0.6) for index, seat in enumerate(genre.seats)],
            "percussion": [(genre.percussion, 1.05)],
            "patterns": [(genre.patterns, 1.0)],
            "sounds": [(genre.sounds, SOUNDS_UNDER_GENRES)],
        }[what]
        for who, likely in rows:
            playable = [one for one in who if one in names]
            for one in playable:
                heard[one] += each * likely / len(playable)
    wanting = {name: max(0.0, _AIMS[what] - heard[name]) for name in names}
    average = sum(wanting.values()) / max(1, len(names)) or 1.0
    return {name: max(wanting[name], _FLOOR * average) for name in names}


@lru_cache(maxsize=1)
def figure_weights() -> dict[str, float]:
    """How often each figure is drawn where several fit: those that few can play more often.

    Returns
    -------
    dict of str to float
        Not normalised.
    """
    able: Counter[str] = Counter()
    for name, instrument in INSTRUMENTS.items():
        for role in instrument.roles:
            for figure in figures_for(role, name):
                able[figure] += 1
    return {name: _FEWER.get(name, 1) / max(3, able[name]) for name in FIGURES}
