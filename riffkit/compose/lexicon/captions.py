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
    bpm_said,
    counted,
    joined,
    key_said,
    sentence,
)
from riffkit.compose.lexicon.sayings import kind_of, say, sayings
from riffkit.compose.lexicon.slips import slipped
from riffkit.compose.pieces.facts import ROLES, facts_of
from riffkit.compose.pieces.piece import Part, Piece

# How often a kind of fact is said, where it holds, and the slots of the lexicon that have words for it.
_TRAITS: dict[str, tuple[float, tuple[str, ...]]] = {
    "tempo": (0.4, ("tempo", "tempo", "production")),
    "mood": (0.3, ("moods", "moods", "theory")),
    "scale": (0.2, ("theory",)),
    "harmony": (0.12, ("theory",)),
    "density": (0.35, ("theory",)),
    "dynamics": (0.4, ("production",)),
    "articulation": (0.5, ("theory",)),
    "register": (0.3, ("production",)),
    "effect": (0.65, ("production", "production", "rooms")),
    "side": (0.75, ("production",)),
    "meter": (0.12, ("tempo",)),
    "feel": (0.2, ("tempo",)),
    "figure": (0.35, ("theory", "theory", "instruments", "tempo")),
    "pattern": (0.15, ("tempo",)),
    "kit": (0.12, ("instruments",)),
    "drums": (0.12, ("instruments",)),
    "no drums": (0.05, ("tempo",)),
    "percussion": (0.06, ("instruments",)),
    "family": (0.05, ("instruments",)),
    "style": (0.06, ("genres",)),
    "ensemble": (0.03, ("theory",)),
    "music": (0.08, ("theory", "production")),
    "role": (0.03, ("theory",)),
    "no music": (0.1, ("sounds",)),
}
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
        for words in _traits(facts, rng, 0.25 if short else share)
        if _COUNTS.get(words.removesuffix("s"), players) == players
    ]
    scenes = [scene for _ in range(2) if rng.random() < 0.3 * share and (scene := _scene(facts, rng))]
    if rng.random() < 0.08 * share and (absent := rng.choice(_ABSENT)):
        traits.append(rng.choice(("no {}", "without {}", "without any {}", "no {} please")).format(absent))
    if not core and not traits and not scenes:
        traits = _traits(facts, rng, 3.0)[:1]
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


def _traits(facts: frozenset[str], rng: Random, share: float) -> list[str]:
    """Words for mood, key, tempo, production and so on, each said only sometimes."""
    traits = []
    for fact in sorted(facts):
        kind = kind_of(fact)
        if kind == "beats" and rng.random() < 0.22 * share:
            traits.append(bpm_said(int(fact[6:]), rng))
        elif kind == "key" and rng.random() < 0.2 * share:
            scale = next((other[6:] for other in facts if other.startswith("scale ")), None)
            traits.append(key_said(int(fact[4:]), scale, rng))
        elif kind in _TRAITS and rng.random() < _chance(fact, kind) * share:
            words = say(rng.choice(_TRAITS[kind][1]), fact, facts, rng, plain=0.2)
            traits += [words] if words else []
    rng.shuffle(traits)
    return traits


def _chance(fact: str, kind: str) -> float:
    """What goes without saying is said seldom: four in a bar, straight time, major and minor scales."""
    seldom = fact in ("meter 4", "feel straight", "scale major", "scale minor", "effect room", "effect compressed")
    telling = kind in ("meter", "scale") and not seldom
    return 0.45 if telling else _TRAITS[kind][0] * (0.2 if seldom else 1.0)


def _scene(facts: frozenset[str], rng: Random) -> str | None:
    """A place, time, mood, person or room that goes with the piece."""
    slot = rng.choice(_SCENES)
    told = sayings()[slot]
    usable = [fact for fact in sorted(facts) if fact in told]
    words = say(slot, rng.choice(usable), facts, rng, plain=0) if usable else None
    return rng.choice(SCENES[slot]).format(words) if words else None
