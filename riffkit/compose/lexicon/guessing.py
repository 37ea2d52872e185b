"""Words that the lexicon does not hold: what they may be, and how sure that is."""

from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from string import ascii_lowercase

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon, misspellings
from riffkit.compose.lexicon.rules import MODES
from riffkit.compose.lexicon.spelling import bases, canonical, plain

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {letter: (row, place + row / 2) for row, letters in enumerate(_ROWS) for place, letter in enumerate(letters)}

# What the end of a new genre's name says, whatever stands before it; the longest that fits is taken.
ENDINGS = {
    "bahton": ("reggaeton", "house"),
    "ton": ("reggaeton",),
    "core": ("hardcore",),
    "wave": ("synthwave",),
    "step": ("dubstep",),
    "hop": ("hip hop",),
    "gaze": ("shoegaze",),
    "delic": ("psychedelic",),
    "delia": ("psychedelic",),
    "tronica": ("electronica",),
    "tronic": ("electronic",),
    "tech": ("techno",),
    "beat": ("beat",),
    "phonk": ("phonk",),
    "grass": ("bluegrass",),
    "billy": ("rockabilly",),
    "trance": ("trance",),
    "phone": ("vibraphone",),
    "string": ("strings",),
    "flute": ("flute",),
    "harp": ("harp",),
    "bass": ("bass",),
    "punk": ("punk",),
    "metal": ("metal",),
    "house": ("house",),
    "funk": ("funk",),
    "jazz": ("jazz",),
    "pop": ("pop",),
    "rock": ("rock",),
    "folk": ("folk",),
    "synth": ("synth",),
}


@dataclass(frozen=True)
class Guess:
    """How a new word was read.

    Parameters
    ----------
    reading : str
        form, spelled, compound, ending, near or unknown.
    words : tuple of str
        Of the lexicon, that it is taken for; none if unknown.
    sure : float [0..1]
    """

    reading: str
    words: tuple[str, ...] = ()
    sure: float = 0.0


@cache
def entries_by_letters() -> dict[str, Entry]:
    """Entries by their canonical letters without spaces, so that "lo-fi" is found as "lofi"; those with facts win."""
    found: dict[str, Entry] = {}
    for entry in lexicon().values():
        key = "".join(canonical(word) for word in plain(entry.words).split())
        if key not in found or (found[key].kind in SILENT and entry.kind not in SILENT):
            found[key] = entry
    return found


@cache
def known_tokens() -> frozenset[str]:
    """All single words that stand anywhere in the lexicon, as they are and canonical."""
    words = {word for phrase in (*lexicon(), *MODES, "bpm bpms sharp flat") for word in plain(phrase).split()}
    return frozenset(words | {canonical(word) for word in words})


@lru_cache(maxsize=50_000)
def guess(word: str) -> Guess:
    """Find out what a word that the lexicon does not hold may be.

    Parameters
    ----------
    word : str
        Lower case, one token.
    """
    if word in misspellings():
        return Guess("spelled", (misspellings()[word],), 0.95)
    word = word[:40]
    by_letters = entries_by_letters()
    for base in bases(word):
        entry = by_letters.get(canonical(base))
        if entry and entry.kind not in SILENT and len(base) >= 3:
            return Guess("form", (entry.words,), 0.9)
    if not word.isalpha() or len(word) < 3:
        return Guess("unknown")
    close = _spelled(word)
    slip = Guess("spelled", (close[0],), 0.85 if close[1] <= 1 else 0.65) if close else None
    return (
        _compound(word, 4)
        or (slip if close and close[1] <= 1 else None)
        or _compound(word, 3)
        or _ending(word)
        or slip
        or _nearest(word)
    )


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


def _grams(word: str) -> list[str]:
    framed = f"^{word}$"
    return [framed[at : at + 3] for at in range(len(framed) - 2)]


@cache
def _compared() -> frozenset[str]:
    """What a word may be a slip of: words that stand in the lexicon, and its phrases written as one word."""
    return known_tokens() | frozenset(entries_by_letters())


@cache
def _postings() -> tuple[list[str], list[int], dict[str, list[int]]]:
    """Words to compare with, the number of their letter groups, and for each group who has it."""
    words = sorted(word for word in _compared() if len(word) > 3 and word.isalpha())
    owners: dict[str, list[int]] = {}
    for number, word in enumerate(words):
        for gram in set(_grams(word)):
            owners.setdefault(gram, []).append(number)
    return words, [len(set(_grams(word))) for word in words], owners


@lru_cache(maxsize=2000)
def _alike(word: str) -> list[tuple[float, str]]:
    """The words that share most letter groups with a word, and the cosine between them, best first."""
    words, sizes, owners = _postings()
    grams = set(_grams(word))
    shared: Counter[int] = Counter()
    for gram in grams:
        shared.update(owners.get(gram, ()))
    scored = ((count / (len(grams) * sizes[number]) ** 0.5, words[number]) for number, count in shared.items())
    return sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:25]


def _spelled(word: str) -> tuple[str, float] | None:
    """The word that a word may be a slip of, and how far it is: short words must be closer than long ones."""
    if len(word) < 4:
        return None
    limit = {4: 0.7, 5: 0.8, 6: 1.0, 7: 1.0, 8: 1.4, 9: 1.7}.get(len(word), 2.0)
    found = []
    for other in (*_one_slip_away(word), *(other for _, other in _alike(word))):
        far = distance(word, other, limit)
        if far <= limit and (word[0] == other[0] or (len(word) > 5 and far <= 1)):
            found.append((far, other))
    return (min(found)[1], min(found)[0]) if found else None


def _one_slip_away(word: str) -> list[str]:
    """Words that one letter left out, put in, exchanged or swapped makes of a word."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    slips = {before + after[1:] for before, after in cuts if after}
    slips |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    for letter in ascii_lowercase:
        slips |= {before + letter + after[cut:] for before, after in cuts for cut in (0, 1)}
    words = _compared()
    return sorted(slip for slip in slips if slip in words and len(slip) > 3)


def _says(part: str) -> Entry | None:
    entry = entries_by_letters().get(canonical(part))
    return entry if entry and entry.kind not in SILENT else None


def _compound(word: str, shortest: int) -> Guess | None:
    """Two known words written as one: "synthpunk", "fluteloop"."""
    for at in sorted(range(shortest, len(word) - shortest + 1), key=lambda at: abs(at - len(word) / 2)):
        first, second = _says(word[:at]), _says(word[at:])
        if first and second:
            return Guess("compound", (first.words, second.words), 0.75)
    return None


def _ending(word: str) -> Guess | None:
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            known = tuple(words for words in ENDINGS[ending] if words in lexicon())
            rest = word.removesuffix(ending)
            before = next((said for part in (rest, rest[:-1]) if len(part) > 3 and (said := _says(part))), None)
            if known:
                return Guess("ending", (before.words, *known) if before else known, 0.5)
    return None


def _nearest(word: str) -> Guess:
    for likeness, other in _alike(word)[:5]:
        entry = entries_by_letters().get(canonical(other))
        if likeness >= 0.75 and entry and entry.kind not in SILENT:
            return Guess("near", (entry.words,), round(0.6 * likeness, 2))
    return Guess("unknown")
