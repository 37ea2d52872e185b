"""Which words may be said of a fact: the lexicon the other way round, for captions."""

from bisect import bisect
from collections.abc import Collection
from functools import cache
from itertools import accumulate
from random import Random

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon
from riffkit.compose.pieces.facts import KINDS, PLAIN

# What a word is said for: a file's name, but names of instruments stand in several files.
_SLOTS = {"players": "instruments"}
# Kinds of facts, those that are true of most pieces last. An entry is looked up by what is rarest in it.
_COMMON = (
    "genre", "sound", "scale", "instrument", "pattern", "figure", "effect", "meter", "harmony", "side", "kit", "style",
    "family", "articulation", "feel", "register", "density", "dynamics", "role", "tempo", "mood",
)  # fmt: skip


@cache
def sayings() -> dict[str, dict[str, tuple[list[Entry], list[float]]]]:
    """Entries, and their chances added up, by slot and fact: each under all facts of its rarest group."""
    found: dict[str, dict[str, list[Entry]]] = {}
    for entry in lexicon().values():
        if entry.kind in SILENT or not entry.groups:
            continue
        facts = min(entry.groups, key=_commonness)
        for fact in facts:
            fact = "music" if fact.startswith("no ") and fact not in PLAIN else fact
            found.setdefault(slot_of(entry), {}).setdefault(fact, []).append(entry)
    return {
        slot: {fact: (entries, list(accumulate(map(_chance, entries)))) for fact, entries in facts.items()}
        for slot, facts in found.items()
    }


def slot_of(entry: Entry) -> str:
    """What an entry is said for: its file's name, but foreign names go where their English ones are.

    Parameters
    ----------
    entry : Entry
    """
    if entry.kind == "foreign":
        kind = kind_of(entry.groups[0][0])
        return {"instrument": "instruments", "family": "instruments", "genre": "genres", "sound": "sounds"}.get(
            kind, "moods" if kind in ("mood", "style") else "tempo" if kind == "tempo" else "production"
        )
    return _SLOTS.get(entry.kind, entry.kind)


def kind_of(fact: str) -> str:
    """The kind of a fact: "tempo" of "tempo very fast"; plain facts are their own kind.

    Parameters
    ----------
    fact : str
    """
    kind = fact.partition(" ")[0]
    return kind if kind in KINDS else fact


def say(slot: str, fact: str, facts: Collection[str], rng: Random, *, plain: float = 0.3) -> str | None:
    """Words for a fact that are true of a piece; None where the slot has none.

    Parameters
    ----------
    slot : str
        Of `sayings`.
    fact : str
        That is to be said; true of the piece.
    facts : collection of str
        Of the piece.
    rng : random.Random
        Chooses among the words.
    plain : float [0..1]
        How often it is the plainest name there is: the fact's own.
    """
    name = fact.partition(" ")[2]
    if plain and rng.random() < plain:
        entry = lexicon().get(name)
        if entry and fact in entry.facts and entry.holds(facts):
            return name
    entries, chances = sayings().get(slot, {}).get(fact, ([], []))
    for _ in range(4 if entries else 0):
        entry = entries[bisect(chances, rng.random() * chances[-1], 0, len(entries) - 1)]
        if entry.holds(facts):
            return entry.words
    return None


def _chance(entry: Entry) -> float:
    """Common words, and those that say one thing, are said more often than rare and vague ones."""
    vague = min(len(group) for group in entry.groups)
    foreign = 0.4 if entry.kind == "foreign" else 1.0
    return foreign / vague**0.7 / (1 + entry.rank / 5)


def _commonness(group: tuple[str, ...]) -> int:
    kinds = [kind_of(fact) for fact in group]
    return max(_COMMON.index(kind) if kind in _COMMON else len(_COMMON) for kind in kinds)
