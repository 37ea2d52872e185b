"""What the embedded model is asked for, and what can be expected of it: held-out prompts over the wide grammar.

A caption says only a part of what is true of its piece. The model is asked only about that part.
"""

import random
import re
from dataclasses import dataclass

from benchmarks.first.judge import is_solo, solo_seeds
from riffkit.compose.captions import (
    DENSITY_WORDS,
    KEY_NAMES,
    MOOD_WORDS,
    REGISTER_WORDS,
    TEMPO_WORDS,
    TEXTURE_WORDS,
    caption,
)
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import INSTRUMENTS, KITS
from riffkit.compose.score import SCALES, WIDE, compose, genres_of

# No training piece, and no piece that the judge learnt from, has these seeds.
HELD_OUT_SEED, COMBINATION_SEED, GENRE_SEED, OTHER_SEED = 40_000_000, 41_000_000, 42_000_000, 43_000_000
NO_DRUMS = ("no drums", "without drums", "drumless")


@dataclass(frozen=True)
class Prompt:
    """Words, the piece they were drawn from, and the questions of the judge that they answer."""

    words: str
    piece: object
    asks: frozenset


def held_out_prompts(count):
    """Captions of pieces that nothing was trained on, of combinations that training has met; every fourth is a solo."""
    return [_prompt(piece) for piece in _pieces(HELD_OUT_SEED, count)]


def combination_prompts(count):
    """Captions of combinations of instruments, genre and tempo that were kept from training."""
    seeds = range(COMBINATION_SEED, COMBINATION_SEED + count)
    return [_prompt(compose(seed, WIDE, held_out=True)) for seed in seeds]


def genre_prompts(count):
    """Nothing but the name of a genre, all genres in turn."""
    prompts, seed, names = [], GENRE_SEED, genres_of(WIDE)
    for number in range(count):
        name = names[number % len(names)]
        while (piece := compose(seed, WIDE)).genre != name:
            seed += 1
        seed += 1
        prompts.append(Prompt(GENRES[name].names[0], piece, frozenset({"genre"})))
    return prompts


def other_pieces(count):
    """As many other pieces, in the same mixture, to compare real renders with real renders."""
    return _pieces(OTHER_SEED, count)


def _pieces(first_seed, count):
    solos = iter(solo_seeds(first_seed + 500_000, count // 4))
    return [compose(next(solos) if n % 4 == 3 else first_seed + n, WIDE) for n in range(count)]


def _prompt(piece):
    words = caption(piece, random.Random(f"caption {piece.seed}"))
    return Prompt(words, piece, questions_of(piece, words))


def questions_of(piece, words):
    """The questions whose answers a caption of a piece tells, as names.

    Drums can always be told: where a caption of no genre names none, there are none. The genre's own drums, players and
    bass lines are known from its name only in part, so there the rest is not asked.
    """
    asks = {"drums"}
    if any(phrase in words for phrase in NO_DRUMS):
        asks.add("no drums")
    if not piece.genre:
        asks |= {"ensemble", "bass"}
        asks |= {"family", "instrument"} if is_solo(piece) else set()
    rest = _without_names(piece, words)
    if piece.tempo != "waltz" and ("bpm" in rest or _says(rest, TEMPO_WORDS[piece.tempo])):
        asks |= {"tempo", "bpm"}
    if any(_says(rest, [f"{name} {piece.mode}"]) for name in KEY_NAMES[piece.key]):
        asks |= {"root", "mode"}
    if _says(rest, (*MOOD_WORDS[piece.mode], *(f"a {mode} key" for mode in SCALES))):
        asks.add("mode")
    if piece.density in DENSITY_WORDS and _says(rest, DENSITY_WORDS[piece.density]):
        asks.add("density")
    if piece.texture and _says(rest, TEXTURE_WORDS[piece.texture]):
        asks.add("texture")
    if is_solo(piece) and (register := piece.parts[0].register) in REGISTER_WORDS:
        asks |= {"register"} if _says(rest, REGISTER_WORDS[register]) else set()
    return frozenset(asks)


def _without_names(piece, words):
    """The caption without the names of instruments, drums and the genre: "warm pad" says nothing about warmth."""
    names = [name for part in piece.parts for name in INSTRUMENTS[part.instrument].names]
    names += KITS[piece.kit][1] if piece.kit else ()
    names += GENRES[piece.genre].names if piece.genre else ()
    for name in sorted(names, key=len, reverse=True):
        words = re.sub(rf"\b{re.escape(name)}\b", " ", words)
    return words


def _says(words, phrases):
    return any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", words) for phrase in phrases)
