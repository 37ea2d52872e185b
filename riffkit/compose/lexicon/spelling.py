"""How words are written: tokens of a text, and forms of one word that mean the same."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "’": "'", "‘": "'"})
_TOKEN = re.compile(r"[a-g]#m?(?![^\W_])|\d+/\d+|\d+(?:st|nd|rd|th|s)(?![^\W_])|\d+|[^\W\d_]+|[,;:.!?()\[\]|\n]")
_SIMPLE = re.compile("[a-z]+( [a-z]+)*")  # most of the lexicon: nothing to be done
_BARRIERS = frozenset(",;:.!?()[]|\n")


@dataclass(frozen=True)
class Token:
    """A word of a text.

    Parameters
    ----------
    word : str
        Lower case, without accents, apostrophes and possessive endings.
    starts : bool
        True behind a comma or another mark: no phrase reaches across it.
    """

    word: str
    starts: bool = False


def tokens(text: str) -> list[Token]:
    """Take a text apart into words.

    Parameters
    ----------
    text : str
        Anything at all. Hyphens part words; numbers part from letters but for "80s" and "3rd".
    """
    text = text.replace("♯", "#").replace("♭", "b").replace("&", " and ").replace("w/o", " without ")
    text = unicodedata.normalize("NFKD", text).lower().replace("w/ ", "with ").translate(_LETTERS)
    text = "".join(one for one in text if not unicodedata.combining(one))
    text = re.sub(r"\s*'n'?(?=\W|$)\s*", " n ", re.sub(r"(\d)'s\b", r"\1s", text))
    text = re.sub(r"'s(?![^\W_])", "", text).replace("'", "")
    found, starts = [], True
    for word in _TOKEN.findall(text):
        if word in _BARRIERS:
            starts = True
        else:
            found.append(Token(word, starts))
            starts = False
    return found


def plain(text: str) -> str:
    """A text's tokens with single spaces between: how entries are looked up.

    Parameters
    ----------
    text : str
    """
    return text if _SIMPLE.fullmatch(text) else " ".join(token.word for token in tokens(text))


@lru_cache(maxsize=20_000)
def canonical(word: str) -> str:
    """One spelling for a word's singular, plural, British and American ways of writing.

    The result need not be a word: "blues" and "blue" give the same.

    Parameters
    ----------
    word : str
        Lower case.
    """
    word = american(singular(word))
    return word.replace("ae", "e") if len(word) > 5 else word


def singular(word: str) -> str:
    """A regular plural's singular; other words as they are.

    Parameters
    ----------
    word : str
        Lower case.
    """
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


def american(word: str) -> str:
    """The American spelling of a British one; other words as they are, or nearly.

    Parameters
    ----------
    word : str
        Lower case.
    """
    if word == "grey":
        return "gray"
    if len(word) >= 6:
        word = re.sub(r"our(ed|ful|ing|ite|less)?$", r"or\1", word)
        word = re.sub(r"is(e|ed|ing|ation|er)$", r"iz\1", word)
        word = re.sub(r"tre$", "ter", word)
        word = re.sub(r"logue$", "log", word)
        word = re.sub(r"mme$", "m", word)
        word = re.sub(r"ll(ed|ing|er)$", r"l\1", word)
    return word


_ENDINGS = (
    "ish y like style styled esque ly ness ing ed er ers ist ists ic ical al ful ous est ier iest ily wise based "
    "driven heavy tinged inspired infused flavored flavoured filled laden soaked core"
).split()
_OF_PLURALS = ("y", "ish", "like", "style", "esque", "core")  # "bluesy" comes from "blues"
_OF_Y = ("ier", "iest", "ily", "iness")  # "moodier" comes from "moody"


def bases(word: str) -> list[str]:
    """Words that a word may be formed from, by its ending: "bluesy" from "blues", "drumming" from "drum".

    Parameters
    ----------
    word : str
        Lower case.

    Returns
    -------
    list of str
        Not all of them words; the longest first.
    """
    found = []
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest == word or len(rest) < 3:
            continue
        found.append(rest)
        if rest[-1] == rest[-2] and len(rest) > 3:
            found.append(rest[:-1])
        if ending[0] in "aeio" and len(rest) > 3:
            found.append(rest + "e")
        if ending in _OF_Y:
            found.append(rest + "y")
        if ending in _OF_PLURALS:
            found.append(rest + "s")
    return sorted(dict.fromkeys(found), key=len, reverse=True)
