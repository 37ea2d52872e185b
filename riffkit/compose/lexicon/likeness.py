"""How alike two spellings are: slips of the finger on one hand, shared groups of letters on the other."""

from collections import Counter
from functools import cache, lru_cache
from string import ascii_lowercase

from riffkit.compose.lexicon.letters import compared

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {letter: (row, place + row / 2) for row, letters in enumerate(_ROWS) for place, letter in enumerate(letters)}


def distance(one: str, other: str, limit: float = 2.0) -> float:
    """How far two spellings are apart: letters left out, put in, exchanged or swapped.

    Neighbours on a keyboard and vowels exchanged, doubled letters and swapped ones count less than 1.

    Parameters
    ----------
    one, other : str
    limit : float
        Anything farther may be told as infinity.
    """
    if abs(len(one) - len(other)) > limit:
        return float("inf")
    earlier: list[float] = []
    above = [float(place) for place in range(len(other) + 1)]
    for i, letter in enumerate(one, 1):
        row = [float(i)]
        for j, against in enumerate(other, 1):
            cost = above[j - 1] + (0 if letter == against else _exchange(letter, against))
            cost = min(cost, above[j] + _extra(one, i - 1), row[-1] + _extra(other, j - 1))
            if i > 1 and j > 1 and letter == other[j - 2] != against == one[i - 2]:
                cost = min(cost, earlier[j - 2] + 0.7)
            row.append(cost)
        if min(row) > limit + 1:  # a swap, counted one row later, may still make it near
            return float("inf")
        earlier, above = above, row
    return above[-1]


def _exchange(letter: str, against: str) -> float:
    if letter in _KEYS and against in _KEYS:
        (row, place), (other_row, other_place) = _KEYS[letter], _KEYS[against]
        if abs(row - other_row) <= 1 and abs(place - other_place) <= 1:
            return 0.9
    return 0.9 if letter in "aeiouy" and against in "aeiouy" else 1.2


def _extra(word: str, at: int) -> float:
    """A letter too many or too few costs less where it only doubles its neighbour."""
    return 0.5 if at and word[at] == word[at - 1] else 0.8


def one_slip_away(word: str) -> list[str]:
    """Words that one letter left out, put in, exchanged or swapped makes of a word.

    Parameters
    ----------
    word : str
    """
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    slips = {before + after[1:] for before, after in cuts if after}
    slips |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    for letter in ascii_lowercase:
        slips |= {before + letter + after[cut:] for before, after in cuts for cut in (0, 1)}
    words = compared()
    return sorted(slip for slip in slips if slip in words and len(slip) > 3)


@cache
def _postings() -> tuple[list[str], list[int], dict[str, list[int]]]:
    """Words to compare with, the number of their letter groups, and for each group who has it."""
    words = sorted(word for word in compared() if len(word) > 3 and word.isalpha())
    owners: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        for gram in set(_grams(word)):
            owners.setdefault(gram, []).append(number)
    return words, [len(set(_grams(word))) for word in words], owners


@lru_cache(maxsize=2000)
def alike(word: str) -> list[tuple[float, str]]:
    """The words that share most letter groups with a word, and the cosine between them, the best 25 first.

    Parameters
    ----------
    word : str
    """
    words, sizes, owners = _postings()
    grams = set(_grams(word))
    shared: Counter[int] = Counter()
    for gram in grams:
        shared.update(owners.get(gram, ()))
    scored = ((count / (len(grams) * sizes[number]) ** 0.5, words[number]) for number, count in shared.items())
    return sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:25]


def _grams(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]
