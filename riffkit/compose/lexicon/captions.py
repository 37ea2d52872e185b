"""Say in words what was composed: captions that are true by construction.

A caption says a random part of the facts, in words drawn from the lexicon, in one of the orders in which people type.
A new one is drawn each time a piece is learnt from, so there is no end of paraphrases.
"""

from collections.abc import Collection
from random import Random

from riffkit.compose.lexicon.entries import is_true
from riffkit.compose.lexicon.matching import spans_of
from riffkit.compose.lexicon.phrasing import (
    ROLE_PHRASES,
    SCENES,
    article,
    counted,
    joined,
    sentence,
)
from riffkit.compose.lexicon.sayings import kind_of, say, sayings
from riffkit.compose.lexicon.slips import slipped
from riffkit.compose.lexicon.traits import traits_said
from riffkit.compose.pieces.facts import ROLES, facts_of
from riffkit.compose.pieces.piece import Part, Piece

_SCENES = ("places", "eras", "seasons", "moods", "moods", "scenes", "scenes", "genres", "people", "rooms")
_ABSENT = "drums bass vocals guitar strings piano synths percussion brass reverb distortion choir organ horns".split()
_COUNTS = {
    "duo": 2,
    "duet": 2,
    "two players": 2,
    "two instruments": 2,
    "trio": 3,
    "quartet": 4,
    "quintet": 5,
    "sextet": 6,
    "septet": 7,
    "octet": 8,
}
_TRIES = 4


def caption(piece: Piece, rng: Random, *, thorough: bool = False) -> str:
    """Describe a piece in words.

    Parameters
    ----------
    piece : riffkit.compose.pieces.piece.Piece
    rng : random.Random
        Chooses what is said and how; the same state gives the same words.
    thorough : bool
        Say most of what can be said, in place of a small random part of it.

    Returns
    -------
    str
        Lower case, one to about 24 words (40 if thorough). All that it says of the music is true of the piece.
    """
    facts = facts_of(piece)
    for _ in range(_TRIES):
        words = _drawn(piece, facts, rng, thorough)
        if words and is_true_of(words, facts):
            return words
    names = [fact.partition(" ")[2] for fact in sorted(facts) if kind_of(fact) in ("sound", "instrument")]
    return next((name for name in names if is_true_of(name, facts)), "music")


def noisy_caption(piece: Piece, rng: Random) -> str:
    """Caption a piece as people type: now and then with slips, and with words that mean nothing here.

    So these do a model that learns from it no harm.

    Parameters
    ----------
    piece : riffkit.compose.pieces.piece.Piece
    rng : random.Random
        Chooses what is said and how.
    """
    words = caption(piece, rng, thorough=rng.random() < 0.3)
    return slipped(words, rng) if rng.random() < 0.25 else words


def is_true_of(words: str, facts: Collection[str]) -> bool:
    """Whether all that is understood of some words holds of a piece.

    Parameters
    ----------
    words : str
    facts : collection of str
        As `facts_of` gives them.
    """
    return all(any(is_true(fact, facts) for fact in group) for span in spans_of(words) for group in span.groups)


def _drawn(piece: Piece, facts: frozenset[str], rng: Random, thorough: bool) -> str:
    """One caption, true but for words that mean something else where they meet."""
    short = not thorough and rng.random() < 0.2
    share = 1.6 if thorough else 0.35 if short else rng.choice((0.6, 0.9, 1.2))
    core = joined(_named(piece, facts, rng, share), rng)
    genre = _genre(piece, facts, rng) if rng.random() < (0.75 if core else 0.95) else None
    if genre and core and not (short and rng.random() < 0.5):
        order = ("{0} with {1}", "{1}, {0}", "{0}, {1}", "{0} {1}", "{0} and {1}")
        core = rng.choice(order).format(genre, core)
    elif genre:
        core = genre
    players = len(piece.parts) + (piece.pattern is not None)
    if core and (count := counted(facts, players, rng)):
        core = f"{count} {core}" if count != "alone" else f"{core} alone"
    traits = [
        words
        for words in traits_said(facts, rng, 0.25 if short else share)
        if _COUNTS.get(words.removesuffix("s"), players) == players
    ]
    scenes = [scene for _ in range(2) if rng.random() < 0.3 * share and (scene := _scene(facts, rng))]
    if rng.random() < 0.08 * share and (absent := rng.choice(_ABSENT)):
        traits.append(rng.choice(("no {}", "without {}", "without any {}", "no {} please")).format(absent))
    if not core and not traits and not scenes:
        traits = traits_said(facts, rng, 3.0)[:1]
    return sentence(core, traits[: 9 if thorough else 4], scenes, rng)


def _named(piece: Piece, facts: frozenset[str], rng: Random, share: float) -> list[str]:
    """Phrases for the players, percussion and sounds that are named this time."""
    named = []
    for part in piece.parts:
        if rng.random() < (0.62 if piece.genre else 0.95) * min(1.0, share + 0.25):
            words = say("instruments", f"instrument {part.instrument}", facts, rng)
            if words:
                named.append(_with_role(words, part, facts, rng))
    for sound in piece.sounds:
        if rng.random() < 0.9 and (words := say("sounds", f"sound {sound}", facts, rng)):
            named.append(words)
    rng.shuffle(named)
    return named


def _with_role(words: str, part: Part, facts: Collection[str], rng: Random) -> str:
    """A player with its part ("piano chords"), its register or an article, now and then."""
    told = part.role == "x" or f"role {ROLES[part.role]}" in facts
    if told and rng.random() < 0.2:
        words = rng.choice(ROLE_PHRASES[part.role]).format(words)
    elif f"register {part.register}" in facts and rng.random() < 0.3:
        words = f"{part.register} {words}"
    return article(words) + words if rng.random() < 0.1 and not words.startswith("a ") else words


def _genre(piece: Piece, facts: frozenset[str], rng: Random) -> str | None:
    return say("genres", f"genre {piece.genre}", facts, rng, plain=0.35) if piece.genre else None


def _scene(facts: frozenset[str], rng: Random) -> str | None:
    """A place, time, mood, person or room that goes with the piece."""
    slot = rng.choice(_SCENES)
    told = sayings()[slot]
    usable = [fact for fact in sorted(facts) if fact in told]
    words = say(slot, rng.choice(usable), facts, rng, plain=0) if usable else None
    return rng.choice(SCENES[slot]).format(words) if words else None
