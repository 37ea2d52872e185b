"""How a piece is played, in words: mood, key, tempo, touch, production and so on."""

from random import Random

from riffkit.compose.lexicon.phrasing import bpm_said, key_said
from riffkit.compose.lexicon.sayings import kind_of, say

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


def traits_said(facts: frozenset[str], rng: Random, share: float) -> list[str]:
    """Words for mood, key, tempo, production and so on, each said only sometimes.

    Parameters
    ----------
    facts : frozenset of str
        Of the piece.
    rng : random.Random
    share : float [>= 0]
        1 says about as much as people do.
    """
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
