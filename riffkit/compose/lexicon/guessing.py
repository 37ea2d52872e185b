"""Words that the lexicon does not hold: what they may be, and how sure that is."""

from dataclasses import dataclass
from functools import lru_cache

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon, misspellings
from riffkit.compose.lexicon.letters import entries_by_letters
from riffkit.compose.lexicon.likeness import alike, distance, one_slip_away
from riffkit.compose.lexicon.spelling import bases, canonical

# What the end of a new genre's name says, whatever stands before it; the longest that fits is taken.
ENDINGS = {
    "bahton": ("reggaeton", "house"),
    "aeton": ("reggaeton",),
    "aton": ("reggaeton",),
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


def _spelled(word: str) -> tuple[str, float] | None:
    """The word that a word may be a slip of, and how far it is: short words must be closer than long ones."""
    if len(word) < 4:
        return None
    limit = {4: 0.7, 5: 0.8, 6: 1.0, 7: 1.0, 8: 1.4, 9: 1.7}.get(len(word), 2.0)
    found = []
    for other in (*one_slip_away(word), *(other for _, other in alike(word))):
        far = distance(word, other, limit)
        if far <= limit and (word[0] == other[0] or (len(word) > 5 and far <= 1)):
            found.append((far, other))
    return (min(found)[1], min(found)[0]) if found else None


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
        if word.endswith(ending) and len(word) > len(ending) + 3:
            known = tuple(words for words in ENDINGS[ending] if words in lexicon())
            rest = word.removesuffix(ending)
            before = next((said for part in (rest, rest[:-1]) if len(part) > 3 and (said := _says(part))), None)
            if known:
                return Guess("ending", (before.words, *known) if before else known, 0.5)
    return None


def _nearest(word: str) -> Guess:
    for likeness, other in alike(word)[:5]:
        entry = entries_by_letters().get(canonical(other))
        if likeness >= 0.75 and entry and entry.kind not in SILENT:
            return Guess("near", (entry.words,), round(0.6 * likeness, 2))
    return Guess("unknown")
