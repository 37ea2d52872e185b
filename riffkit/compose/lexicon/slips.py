"""Slips of the finger, and words that say nothing: what stands in prompts besides the music."""

from functools import cache
from random import Random

from riffkit.compose.lexicon.entries import lexicon, misspellings
from riffkit.compose.lexicon.letters import known_tokens

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def slipped(words: str, rng: Random) -> str:
    """Spell a word wrong, or put in words that say nothing of music.

    Parameters
    ----------
    words : str
    rng : random.Random
    """
    parts = words.split(" ")
    if rng.random() < 0.5:
        place = rng.randrange(len(parts))
        parts[place] = _misspelt(parts[place], rng)
        return " ".join(parts)
    for _ in range(rng.randint(1, 3)):
        made_up = "".join(rng.choice(_LETTERS) for _ in range(rng.randint(2, 8)))
        extra = rng.choice(_fillers()) if rng.random() < 0.75 or made_up in known_tokens() else made_up
        parts.insert(rng.randrange(len(parts) + 1), extra)
    return " ".join(parts)


@cache
def _fillers() -> tuple[str, ...]:
    return tuple(entry.words for entry in lexicon().values() if entry.kind == "fillers" and " " not in entry.words)


@cache
def _common_slips() -> dict[str, list[str]]:
    slips: dict[str, list[str]] = {}
    for wrong, right in misspellings().items():
        slips.setdefault(right, []).append(wrong)
    return slips


def _misspelt(word: str, rng: Random) -> str:
    """A common misspelling, or letters left out, doubled or swapped; short words stay as they are."""
    if word in _common_slips() and rng.random() < 0.7:
        return rng.choice(_common_slips()[word])
    if len(word) < 6 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 2)
    how = rng.randrange(3)
    if how == 0:
        wrong = word[:at] + word[at + 1 :]
    elif how == 1:
        wrong = word[:at] + word[at] + word[at:]
    else:
        wrong = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word if wrong in known_tokens() else wrong
