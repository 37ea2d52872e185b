"""All words that captions of a corpus are made of: what a model that learnt from them can know."""

from collections.abc import Iterator

from riffkit.compose.lexicon.entries import SILENT, Entry, lexicon
from riffkit.compose.lexicon.phrasing import KEY_NAMES, ROLE_PHRASES, SCENES, SENTENCES, speeds
from riffkit.compose.lexicon.rules import MODES
from riffkit.compose.pieces.corpora import WIDE, Corpus
from riffkit.compose.pieces.facts import FACTS
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.percussion import PERCUSSION


def groups(corpus: Corpus = WIDE, *, rarity: int | None = None) -> dict[str, list[str]]:
    """Words and phrases that may be said of pieces of a corpus, by kind: instruments, genres, moods, places and so on.

    Parameters
    ----------
    corpus : riffkit.compose.pieces.corpora.Corpus
    rarity : int, optional
        Leave out words with more than this many commoner ones for the same; 0 leaves the commonest only.

    Returns
    -------
    dict of str to list of str
        Of neighbours that say the same the commonest stands first.
    """
    facts = _possible(corpus)
    found: dict[str, list[str]] = {}
    for entry in lexicon().values():
        if entry.kind not in SILENT and _sayable(entry, facts) and (rarity is None or entry.rank <= rarity):
            found.setdefault(entry.kind, []).append(entry.words)
    return found


def vocabulary(corpus: Corpus = WIDE) -> list[str]:
    """List all words that captions of a corpus are made of.

    Parameters
    ----------
    corpus : riffkit.compose.pieces.corpora.Corpus

    Returns
    -------
    list of str
        Lower-case words without spaces, sorted.
    """
    phrases = [phrase for words in groups(corpus).values() for phrase in words]
    phrases += [entry.words for entry in lexicon().values() if entry.kind in SILENT]
    phrases += [name for key in corpus.keys for name in KEY_NAMES[key]] + list(MODES)
    phrases += [f"{bpm} bpm" for beats in corpus.beats for bpm in speeds(beats)]
    for table in (ROLE_PHRASES, SCENES):
        phrases += [phrase.replace("{}", "") for turns in table.values() for phrase in turns]
    phrases += [phrase.format(core="", it="") for phrase in SENTENCES]
    return sorted({word for phrase in phrases for word in phrase.replace(",", " ").split()})


def _sayable(entry: Entry, facts: frozenset[str]) -> bool:
    return all(any(fact in facts or fact.startswith("no ") for fact in group) for group in entry.groups)


def _possible(corpus: Corpus) -> frozenset[str]:
    """Facts that pieces of a corpus may have."""
    told = dict(_names(corpus))
    return frozenset(
        fact
        for fact in FACTS
        if fact.partition(" ")[0] not in told or fact.partition(" ")[2] in told[fact.partition(" ")[0]]
    )


def _names(corpus: Corpus) -> Iterator[tuple[str, set[str]]]:
    """Kinds of facts that a corpus limits, with the names that it leaves."""
    yield "instrument", {*corpus.instruments, *corpus.percussion}
    yield (
        "family",
        {
            *(INSTRUMENTS[name].family for name in corpus.instruments),
            *(PERCUSSION[name].family for name in corpus.percussion),
        },
    )
    yield "genre", set(corpus.genres)
    yield "style", {GENRES[name].style for name in corpus.genres}
    for kind in ("kit", "pattern", "sound", "effect", "side", "scale"):
        yield kind, set(getattr(corpus, f"{kind}s"))
    yield "harmony", set(corpus.harmonies)
    yield "key", {str(key) for key in corpus.keys}
    yield "beats", {str(beats) for beats in corpus.beats}
    if not corpus.figures:
        yield "figure", set()
