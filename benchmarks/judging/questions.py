"""What the judge is asked, and what is right: of a piece everything, of a prompt only what its words say.

A head of the network chooses among options; a question may put several of them together (an instrument's family, the
tempo of a number of beats). All options are facts of `riffkit.compose.pieces.facts` where there is one for them.
"""

from dataclasses import dataclass

import torch

from riffkit.compose.lexicon.entries import is_true
from riffkit.compose.lexicon.understanding import understand
from riffkit.compose.pieces.drawing import WIDE
from riffkit.compose.pieces.facts import FACTS, facts_of
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.harmony import SCALES
from riffkit.compose.pieces.piece import BEATS
from riffkit.compose.sounding.instruments import INSTRUMENTS

MOODS = ("major", "minor", "other")
NARROW = 3  # alternatives that a word may leave open ("sax") among many, and still be asked about


def _facts(kind):
    return tuple(fact for fact in FACTS if fact.startswith(f"{kind} "))


# Yes or no, any number of them: what sounds.
HEARD = (*_facts("family"), *_facts("instrument"), *_facts("sound"), *_facts("effect"), "drums", "percussion",
         "ensemble", "music")  # fmt: skip

# One of several.
HEADS = {
    "soloist": tuple(f"instrument {name}" for name in WIDE.instruments),
    "percussion": tuple(f"instrument {name}" for name in WIDE.percussion),
    "sound": _facts("sound"),
    "genre": _facts("genre"),
    "style": _facts("style"),
    "beats": _facts("beats"),
    "density": ("density sparse", "density normal", "density busy"),
    "register": ("register low", "register middle", "register high"),
    "key": tuple(f"key {key} mood {mood}" for mood in MOODS for key in range(12)),
    "effect": (*_facts("effect"), "effect none"),
    "side": (*_facts("side"), "side centre"),
    "drums": ("drums", "no drums"),
}


@dataclass(frozen=True)
class Question:
    """One row of the table: which head answers, and to which of the question's options each of its own belongs."""

    head: str
    options: tuple
    place: tuple


def _question(head, name=lambda option: option, options=None):
    named = [name(option) for option in HEADS[head]]
    options = tuple(dict.fromkeys(options or named))
    return Question(head, options, tuple(options.index(one) if one in options else -1 for one in named))


def _tempo(beats):
    number = int(beats.split()[1])
    return "tempo " + ("slow" if number <= 7 else "medium" if number <= 10 else "fast" if number <= 14 else "very fast")


QUESTIONS = {
    "instrument": _question("soloist"),
    "family": _question("soloist", lambda option: f"family {INSTRUMENTS[option[11:]].family}"),
    "sound": _question("sound"),
    "percussion": _question("percussion"),
    "drums": _question("drums"),
    "genre": _question("genre"),
    "style": _question("style"),
    "mood": _question("key", lambda option: option[option.index("mood") :]),
    "root": _question("key", lambda option: option[: option.index(" mood")]),
    "tempo": _question("beats", _tempo),
    "beats": _question("beats"),
    "density": _question("density", options=("density sparse", "density busy")),  # nobody asks for what is between
    "register": _question("register", options=("register low", "register high")),
    "side": _question("side"),
    "effect": _question("effect", options=_facts("effect")),
}


def true_of(piece):
    """What is true of a piece, in facts, and in words for what has none: neither sparse nor busy, no effect."""
    facts = set(facts_of(piece))
    if piece.density == "normal" and any(fact.startswith("tempo") for fact in facts):
        facts.add("density normal")
    if not any(fact.startswith("register") for fact in facts) and any(part.role in "camp" for part in piece.parts):
        facts.add("register middle")
    if piece.side == "centre":
        facts.add("side centre")
    if not piece.effects:
        facts.add("effect none")
    moods = [mood for mood in MOODS if f"mood {mood}" in facts] or MOODS
    facts |= {f"{fact} mood {mood}" for fact in facts if fact.startswith("key ") for mood in moods}
    if "tempo " + piece.tempo in facts and f"beats {piece.beats}" not in facts:  # it hurries and waits
        facts |= {f"beats {beats}" for beats in BEATS if _tempo(f"beats {beats}") == f"tempo {piece.tempo}"}
    return frozenset(facts)


def alone(piece):
    """The head that is asked who plays alone: soloist, percussion or sound; None where several do, or the drum set."""
    if not piece.parts and piece.pattern is None:
        return "sound"
    if len(piece.parts) == 1 and piece.pattern is None and not piece.sounds:
        return "percussion" if piece.parts[0].role == "x" else "soloist"
    return None


def truth_of(pieces):
    """What the judge should answer.

    Returns
    -------
    dict of str to torch.Tensor
        "heard" [shape=(n, len(HEARD)), 0 or 1], and for each head [shape=(n, options), bool] all that would be right;
        nothing is where the question makes no sense.
    """
    rows = {"heard": [], **{head: [] for head in HEADS}}
    for piece in pieces:
        facts, player = true_of(piece), alone(piece)
        rows["heard"].append([float(name in facts) for name in HEARD])
        for head, options in HEADS.items():
            asked = head not in ("soloist", "percussion", "sound") or head == player
            rows[head].append([asked and option in facts for option in options])
    return {name: torch.tensor(values) for name, values in rows.items()}


def _options_of(question, fact):
    """Options of a question that a fact says; it may say them by the way, as an instrument says its family."""
    kind, _, name = fact.partition(" ")
    if question == "family" and kind == "instrument" and name in INSTRUMENTS:
        fact = f"family {INSTRUMENTS[name].family}"
    elif question == "style" and kind == "genre":
        fact = f"style {GENRES[name].style}"
    elif question == "mood" and kind == "scale":
        fact = f"mood {SCALES[name].mood}"
    elif question == "tempo" and kind == "beats":
        fact = _tempo(fact)
    elif question == "drums" and (kind in ("pattern", "kit") or (kind == "genre" and GENRES[name].patterns)):
        fact = "drums"
    elif question == "drums" and kind == "genre" and not GENRES[name].percussion:
        fact = "no drums"
    return {fact} & set(QUESTIONS[question].options)


def asked_of(piece, words):
    """The questions whose answers some words tell, and what would be right.

    Parameters
    ----------
    piece : Piece
        Of which the words are true.
    words : str

    Returns
    -------
    dict of str to frozenset of str
        By question: options, mostly one; up to three where a word leaves so many open.
    """
    facts, player = true_of(piece), alone(piece)
    groups = [group for span in understand(words).spans for group in span.groups]
    needs = {"instrument": "soloist", "family": "soloist", "register": "soloist", "percussion": "percussion",
             "sound": "sound"}  # fmt: skip
    found = {}
    for question in QUESTIONS:
        if needs.get(question, player) != player:
            continue
        told = [[_options_of(question, fact) for fact in group] for group in groups]
        sets = [set().union(*options) for options in told if all(options)]
        most = NARROW if len(QUESTIONS[question].options) > 20 else 1
        sets = [options for options in sets if len(options) <= most]
        right = (set.intersection(*sets) or set.union(*sets)) if sets else set()  # two effects may both be right
        others = set(QUESTIONS[question].options) & facts - right if question in ("effect", "sound") else ()
        if right and not others and any(_holds(option, facts) for option in right):  # of two, both must be said
            found[question] = frozenset(right)
    return found


def _holds(option, facts):
    return is_true(option, facts) or option.startswith("family ")


def named_in(piece, words):
    """Players and sounds that words name among others: facts of `HEARD` that should be among the likeliest."""
    if alone(piece):
        return frozenset()
    groups = [group for span in understand(words).spans for group in span.groups]
    single = {group[0] for group in groups if len(group) == 1}
    named = {fact for fact in single if fact.startswith(("instrument ", "sound "))}
    return frozenset(fact for fact in named if fact in HEARD and fact in facts_of(piece))
