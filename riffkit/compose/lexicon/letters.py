"""The lexicon by its letters: entries however they are parted into words, and all the words that stand in it."""

from functools import cache

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon
from riffkit.compose.lexicon.rules import MODES
from riffkit.compose.lexicon.spelling import canonical, plain


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


@cache
def compared() -> frozenset[str]:
    """What a word may be a slip of: words that stand in the lexicon, and its phrases written as one word."""
    return known_tokens() | frozenset(entries_by_letters())
