"""The lexicon's lines: a word or phrase, and the facts of a piece for which it may be said.

A line of `words/*.txt` reads `havana = genre son | genre salsa` or `frozen = mood minor & tempo slow | tempo medium`:
groups joined by "&", of alternatives joined by "|". The phrase may be said of a piece if in every group at least one
fact holds. `no` before a fact turns it round: `clean = no effect distortion`. Nothing behind the "=": the word says
nothing of music. The file's name is the kind of word. Of neighbouring lines with the same facts the commonest words
stand first: captions take them more often.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from riffkit.compose.pieces.facts import PLAIN

SPELLINGS = "typos"  # the one file whose lines name another word in place of facts
SILENT = ("stopwords", "fillers")  # kinds of words that say nothing


@dataclass(frozen=True)
class Entry:
    """One line of the lexicon.

    Parameters
    ----------
    words : str
        Lower case, as people type it.
    kind : str
        Of word: the file's name, such as "instruments" or "moods".
    groups : tuple of tuple of str
        Facts. In every group at least one holds where the words are true; no groups: they say nothing.
    rank : int
        How many neighbouring lines before it say the same, with commoner words.
    """

    words: str
    kind: str
    groups: tuple[tuple[str, ...], ...]
    rank: int = 0

    @property
    def facts(self) -> tuple[str, ...]:
        """All facts that are named, in the order of the line."""
        return tuple(dict.fromkeys(fact for group in self.groups for fact in group))

    def holds(self, facts: Collection[str]) -> bool:
        """Whether the words may be said of a piece.

        Parameters
        ----------
        facts : collection of str
            Of the piece, as `facts_of` gives them; a set is quickest.
        """
        for group in self.groups:
            for fact in group:
                if fact in facts or (fact.startswith("no ") and is_true(fact, facts)):
                    break
            else:
                return False
        return True


def is_true(fact: str, facts: Collection[str]) -> bool:
    """Whether a fact, or the absence of one, holds of a piece.

    Parameters
    ----------
    fact : str
        As in the lexicon; "no family bass" holds where "family bass" does not.
    facts : collection of str
        Of the piece.
    """
    return fact in facts or (fact.startswith("no ") and fact not in PLAIN and fact[3:] not in facts)


def read(lines: Iterable[str], kind: str) -> list[Entry]:
    """Read lines of the lexicon.

    Parameters
    ----------
    lines : iterable of str
        Empty ones, and those that begin with "#", are left out.
    kind : str
        Of word that they hold.

    Raises
    ------
    ValueError
        Where a line has no "=", no words, or an empty place among its facts.
    """
    entries: list[Entry] = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        words, equals, right = line.partition("=")
        words = " ".join(words.split())
        groups = tuple(
            tuple(" ".join(fact.split()) for fact in group.split("|")) for group in re.split(r"\s&\s", right)
        )
        groups = () if not right.strip() else groups
        if not equals or not words or words != words.lower() or not all(fact for group in groups for fact in group):
            raise ValueError(f"{kind}.txt, line {number}: {line.strip()!r}, expected 'words = fact | fact & fact'")
        rank = entries[-1].rank + 1 if entries and entries[-1].groups == groups else 0
        entries.append(Entry(words, kind, groups, rank))
    return entries


@cache
def lexicon() -> dict[str, Entry]:
    """All entries by their words, in the files' order.

    Raises
    ------
    ValueError
        If the same words stand on two lines.
    """
    entries: dict[str, Entry] = {}
    for path in sorted(files("riffkit.compose.lexicon").joinpath("words").iterdir(), key=lambda path: path.name):
        kind = path.name.removesuffix(".txt")
        if kind == SPELLINGS or not path.name.endswith(".txt"):
            continue
        for entry in read(path.read_text(encoding="utf-8").splitlines(), kind):
            if entry.words in entries:
                raise ValueError(f"{entry.words!r} stands in {entries[entry.words].kind}.txt and in {kind}.txt")
            entries[entry.words] = entry
    return entries


@cache
def misspellings() -> dict[str, str]:
    """What is often typed, and what is meant: `{"rythm": "rhythm"}`."""
    path = files("riffkit.compose.lexicon").joinpath("words", f"{SPELLINGS}.txt")
    entries = read(path.read_text(encoding="utf-8").splitlines(), SPELLINGS)
    return {entry.words: entry.groups[0][0] for entry in entries}
