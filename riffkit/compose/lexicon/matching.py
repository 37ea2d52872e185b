"""A text's words, span by span: the longest known phrase first, then rules, then guesses."""

from dataclasses import dataclass, replace
from functools import cache

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon, misspellings
from riffkit.compose.lexicon.guessing import guess
from riffkit.compose.lexicon.letters import entries_by_letters, known_tokens
from riffkit.compose.lexicon.rules import ruled
from riffkit.compose.lexicon.spelling import Token, canonical, plain, tokens
from riffkit.compose.pieces.facts import PLAIN

NEGATIONS = frozenset("no without sans minus not never nor non zero ohne sin senza dont isnt aint exclude".split())
_LISTING = frozenset(("without", "sans", "ohne", "sin", "senza", "exclude"))  # "without drums and bass" means both
_LOOSE_LETTERS = 6  # words that were parted or joined in another way than in the lexicon are this long


@dataclass(frozen=True)
class Span:
    """Some words of a text, and how they were read.

    Parameters
    ----------
    words : str
        As typed, but lower case and without punctuation.
    reading : str
        known, form (a plural, another ending), rule (a number, a key), spelled, compound, ending, near, empty (they say
        nothing), not (the next thing is absent) or unknown.
    known : str
        Words of the lexicon that they were taken for.
    groups : tuple of tuple of str
        Facts, as in `Entry`.
    sure : float [0..1]
    """

    words: str
    reading: str
    known: str = ""
    groups: tuple[tuple[str, ...], ...] = ()
    sure: float = 0.0

    @property
    def facts(self) -> tuple[str, ...]:
        """All facts that were heard, without repetition."""
        return tuple(dict.fromkeys(fact for group in self.groups for fact in group))


@cache
def _phrases() -> tuple[dict[str, Entry], int]:
    found: dict[str, Entry] = {}
    for entry in lexicon().values():
        key = plain(entry.words)
        if key not in found or found[key].kind in SILENT:
            found[key] = entry
    return found, max((key.count(" ") + 1 for key in found), default=1)


def spans_of(text: str) -> list[Span]:
    """Take a text apart into spans.

    Parameters
    ----------
    text : str
        Anything at all.
    """
    words = [_spelled_right(token) for token in tokens(text)]
    flat = [token for tokens_of_one in words for token in tokens_of_one]
    found: list[Span] = []
    at, negating, reach = 0, "", 0
    while at < len(flat):
        if flat[at].starts:
            negating = ""
        count, span = _span(flat, at)
        if flat[at].word in NEGATIONS and count == 1:
            negating, reach, span = flat[at].word, 4, Span(flat[at].word, "not", flat[at].word, (), 1.0)
        elif negating and span.groups:
            span = replace(span, groups=_absent(span.groups))
            following = flat[at + count].word if at + count < len(flat) and not flat[at + count].starts else ""
            negating = negating if following == "or" or (following == "and" and negating in _LISTING) else ""
        elif negating:
            reach -= 1
            negating = negating if reach else ""
        found.append(span)
        at += count
    return found


def phrase_at(words: list[Token], at: int) -> tuple[int, Entry, bool] | None:
    """The longest phrase of the lexicon at one place of a text.

    Parameters
    ----------
    words : list of Token
    at : int
        Where to look.

    Returns
    -------
    (int, Entry, bool) or None
        How many tokens it takes, its entry, and whether it stands there letter by letter.
    """
    phrases, longest = _phrases()
    end = at + 1
    while end < len(words) and end - at < longest and not words[end].starts:
        end += 1
    for stop in range(end, at, -1):
        phrase = [token.word for token in words[at:stop]]
        entry = phrases.get(" ".join(phrase))
        if entry:
            return stop - at, entry, True
        letters = "".join(map(canonical, phrase))
        entry = entries_by_letters().get(letters)
        if entry and (entry.words.count(" ") + 1 == len(phrase) or len(letters) >= _LOOSE_LETTERS or len(phrase) == 1):
            return stop - at, entry, False
    return None


def _span(words: list[Token], at: int) -> tuple[int, Span]:
    """One span, and how many tokens it takes."""
    phrase, rule = phrase_at(words, at), ruled(words, at)
    if rule and (not phrase or rule.count > phrase[0] or (rule.count == phrase[0] and phrase[1].kind in SILENT)):
        typed = " ".join(token.word for token in words[at : at + rule.count])
        entry = lexicon().get(rule.words)
        if rule.groups or entry:
            return rule.count, Span(typed, "rule", rule.words, rule.groups or entry.groups, 1.0)  # type: ignore[union-attr]
    if phrase:
        count, entry, exact = phrase
        typed = " ".join(token.word for token in words[at : at + count])
        slip = [token.typed for token in words[at : at + count] if isinstance(token, _Righted)]
        reading = "empty" if not entry.groups else "spelled" if slip else "known" if exact else "form"
        sure = min([token.sure for token in words[at : at + count] if isinstance(token, _Righted)], default=1.0)
        return count, Span(_typed(words[at : at + count]) or typed, reading, entry.words, entry.groups, sure)
    return 1, _guessed(words[at])


def _guessed(token: Token) -> Span:
    typed = token.typed if isinstance(token, _Righted) else token.word
    read = guess(token.word)
    groups = tuple(group for words in read.words if words in lexicon() for group in lexicon()[words].groups)
    if not groups:
        return Span(typed, "unknown")
    return Span(typed, read.reading, ", ".join(read.words), groups, read.sure)


@dataclass(frozen=True)
class _Righted(Token):
    """A token whose spelling was set right."""

    typed: str = ""
    sure: float = 1.0


def _spelled_right(token: Token) -> list[Token]:
    """The token, or the one or more that it seems to be a slip of."""
    word = token.word
    known = word in known_tokens() or canonical(word) in known_tokens() or canonical(word) in entries_by_letters()
    if known and word not in misspellings():
        return [token]
    read = guess(word)
    if read.reading != "spelled":
        return [token]
    parts = plain(read.words[0]).split()
    typed = [word, *[""] * (len(parts) - 1)]
    return [_Righted(part, token.starts and not n, typed=typed[n], sure=read.sure) for n, part in enumerate(parts)]


def _typed(words: list[Token]) -> str:
    return " ".join(part for token in words if (part := token.typed if isinstance(token, _Righted) else token.word))


def _absent(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The opposite of facts: none of one group's alternatives; of several groups, not all of their first facts."""
    if len(groups) == 1:
        return tuple((_opposite(fact),) for fact in groups[0])
    return (tuple(_opposite(group[0]) for group in groups),)


def _opposite(fact: str) -> str:
    return fact[3:] if fact.startswith("no ") and (fact not in PLAIN or fact[3:] in PLAIN) else f"no {fact}"
