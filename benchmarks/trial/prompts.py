"""What a model is asked for: held-out captions, and words that aim at one thing. Each knows what would be right.

A caption says only a part of what is true of its piece, and a model is asked only about that part.
"""

import random
from dataclasses import dataclass
from functools import cache

from benchmarks.judging.questions import QUESTIONS, alone, asked_of, named_in
from riffkit.compose.lexicon.captions import caption
from riffkit.compose.pieces.drawing import WIDE, compose
from riffkit.compose.pieces.facts import facts_of
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.sounding.instruments import INSTRUMENTS

# No training piece, and no piece that a judge learnt from, has these seeds.
HELD_OUT_SEED, AIMED_SEED, OTHER_SEED = 40_000_000, 42_000_000, 45_000_000
_TRIES = 6  # captions drawn of one of them
_NOBODY: frozenset = frozenset()
_REACH = 16_000  # pieces that are looked through for what is rare
_ALONE = {"instrument": "soloist", "percussion": "percussion"}
_NAMES = {"genre": WIDE.genres, "instrument": WIDE.instruments, "percussion": WIDE.percussion, "sound": WIDE.sounds}


@dataclass(frozen=True)
class Prompt:
    """Words, the piece they are true of, what would be right by question, and players named among others."""

    words: str
    piece: object
    asks: dict
    named: frozenset

    @classmethod
    def of(cls, piece, words):
        """Ask what the words say."""
        return cls(words, piece, asked_of(piece, words), named_in(piece, words))


def held_out_prompts(count):
    """Captions of combinations that training never met; every third caption says most of what can be said."""
    pieces = (compose(HELD_OUT_SEED + number, WIDE, held_out=True) for number in range(count))
    return [_captioned(piece, number, thorough=number % 3 == 2) for number, piece in enumerate(pieces)]


def other_pieces(count):
    """As many other held-out pieces, in the same mixture, to compare real renders with real renders."""
    return [compose(OTHER_SEED + number, WIDE, held_out=True) for number in range(count)]


def names_alone(kind):
    """For every name of a kind nothing but the name, and a piece that is that and nothing more.

    Parameters
    ----------
    kind : str
        genre, instrument ("solo piano"), sound or percussion.

    Returns
    -------
    list of Prompt
    """
    found, treated = {}, {}
    for piece in _pieces():
        if kind == "genre":
            name = piece.genre
        elif kind == "sound":
            name = piece.sounds[0] if alone(piece) == "sound" and len(piece.sounds) == 1 else None
        else:
            name = piece.parts[0].instrument if alone(piece) == _ALONE[kind] else None
        if name:
            (treated if piece.effects else found).setdefault(name, piece)
        if len(found) == len(_NAMES[kind]):
            break
    words = "solo {}" if kind == "instrument" else "{}"
    return [_by_name(kind, name, piece, words.format(name)) for name, piece in sorted((treated | found).items())]


def _by_name(kind, name, piece, words):
    """The name itself is right, and what the lexicon has for it where that is little."""
    fact = f"instrument {name}" if kind == "percussion" else f"{kind} {name}"
    exact = {kind: {fact}}
    if kind == "instrument":
        exact["family"] = {f"family {INSTRUMENTS[name].family}"}
    elif kind == "genre":
        exact["style"] = {f"style {GENRES[name].style}"}
    told = asked_of(piece, words)
    return Prompt(words, piece, {row: frozenset(right) | told.get(row, set()) for row, right in exact.items()}, _NOBODY)


def aimed_prompts(question, each):
    """Captions that say one thing among others, for every option of a question: sides, roots, moods, tempi.

    Parameters
    ----------
    question : str
        Of `QUESTIONS`.
    each : int
        Captions for each option.

    Returns
    -------
    list of Prompt
        Fewer for an option that hardly any piece has.
    """
    wanted = {option: each for option in QUESTIONS[question].options if not option.endswith(("centre", "normal"))}
    found = []
    for number, piece in enumerate(_pieces()):
        mine = {option for option in wanted if wanted[option] and option in facts_of(piece)}
        for attempt in range(_TRIES if mine else 0):
            prompt = _captioned(piece, f"{question} {number} {attempt}", thorough=attempt % 2 == 1)
            right = prompt.asks.get(question, _NOBODY)
            if right & mine:
                wanted[min(right & mine)] -= 1
                found.append(Prompt(prompt.words, piece, {question: right}, _NOBODY))
                break
        if not any(wanted.values()):
            break
    return found


def effect_prompts(each):
    """A player, a genre or a sound, and the name of an effect: "organ, tremolo". Captions name many effects vaguely.

    Parameters
    ----------
    each : int
        Prompts for each effect.
    """
    wanted = {option.partition(" ")[2]: each for option in QUESTIONS["effect"].options}
    found = []
    for piece in _pieces():
        player = piece.parts[0].instrument if alone(piece) in _ALONE.values() else None
        what = piece.genre or player or (piece.sounds[0] if alone(piece) == "sound" else None)
        if what and len(piece.effects) == 1 and wanted[piece.effects[0]]:
            wanted[piece.effects[0]] -= 1
            found.append(_by_name("effect", piece.effects[0], piece, f"{what}, {piece.effects[0]}"))
    return found


@cache
def _pieces():
    """Pieces in which names and facts are looked for, the common ones and the rare."""
    return _Drawn(AIMED_SEED)


class _Drawn:
    """Pieces of seeds one after another, each composed once, up to a limit."""

    def __init__(self, first_seed):
        self.first_seed, self.pieces = first_seed, []

    def __iter__(self):
        for number in range(_REACH):
            if number == len(self.pieces):
                self.pieces.append(compose(self.first_seed + number, WIDE))
            yield self.pieces[number]


def _captioned(piece, number, thorough):
    return Prompt.of(piece, caption(piece, random.Random(f"caption {piece.seed} {number}"), thorough=thorough))
