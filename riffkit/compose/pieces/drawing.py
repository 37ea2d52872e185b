"""A piece drawn from a seed: a genre's recipe or a free combination, and then all that stands beside the players."""

import random

from riffkit.compose.pieces.chances import EFFECT_WEIGHTS, HARMONY_WEIGHTS, KINDS
from riffkit.compose.pieces.corpora import CORPORA, EVERYTHING, NARROW, WIDE, Corpus
from riffkit.compose.pieces.figures import FIGURES
from riffkit.compose.pieces.free import Band, combined
from riffkit.compose.pieces.harmony import SCALES
from riffkit.compose.pieces.piece import Part, Piece
from riffkit.compose.pieces.recipes import followed
from riffkit.compose.pieces.studio import EFFECT_GROUPS, audible_effects
from riffkit.compose.sounding.instruments import INSTRUMENTS

__all__ = ["CORPORA", "EVERYTHING", "NARROW", "WIDE", "Corpus", "compose"]

_HEAVY = ("power", "octaves", "single")  # chords that stay clear when they are distorted
_PENTATONIC = ("triads", "suspended", "power", "quartal", "octaves", "single", "clusters")
_ASIDE = 0.15  # of pieces are not heard in the ordinary stereo picture


def compose(seed: int, corpus: Corpus = WIDE, *, held_out: bool = False) -> Piece:
    """Draw a piece from a seed.

    About two in five follow a genre's recipe, as many again are solos of one instrument; the rest are bands, drums or
    percussion alone, and sounds that are no music.

    Parameters
    ----------
    seed : int
        The same seed gives the same piece.
    corpus : Corpus
        What may be drawn.
    held_out : bool
        Draw one of the combinations that are kept from training (`Piece.held_out`), instead of one of all others.

    Returns
    -------
    Piece
    """
    rng = random.Random(f"piece {seed}")
    while True:
        piece = _drawn(rng, corpus)
        if piece.held_out == held_out:
            return piece


def _drawn(rng: random.Random, corpus: Corpus) -> Piece:
    kinds = {kind: share for kind, share in KINDS.items() if _possible(kind, corpus)}
    kind = rng.choices(list(kinds), list(kinds.values()))[0]
    band = followed(rng.choice(corpus.genres), corpus, rng) if kind == "genre" else combined(kind, corpus, rng)
    scale, harmony = band.scale, _harmony(band, corpus, rng)
    side = rng.choice(corpus.sides) if corpus.sides and rng.random() < _ASIDE else "centre"
    effects = _effects(band, corpus, rng)
    if "auto pan" in effects and side in ("left", "right", "narrow"):
        side = "centre"
    return Piece(
        parts=_panned(band.parts, side, rng),
        pattern=band.pattern,
        kit=band.kit,
        sounds=band.sounds,
        genre=band.genre,
        beats=band.beats,
        beats_per_bar=band.meter,
        feel=band.feel,
        scale=scale,
        key=rng.choice(corpus.keys),
        harmony=harmony,
        progression=_progression(band, rng),
        density=rng.choice(band.density) if band.density else rng.choices(("sparse", "normal", "busy"), (1, 1.6, 1))[0],
        dynamics=rng.choice(band.dynamics) if band.dynamics else rng.choices(("soft", "normal", "loud"), (1, 2, 1))[0],
        articulation=_articulation(band, rng),
        effects=effects,
        side=side,
        seed=rng.randrange(1 << 30),
    )


def _possible(kind: str, corpus: Corpus) -> bool:
    wanted = {
        "sounds": corpus.sounds,
        "percussion": corpus.percussion,
        "drums": corpus.patterns,
        "genre": corpus.genres,
    }
    return bool(wanted.get(kind, corpus.instruments))


def _harmony(band: Band, corpus: Corpus, rng: random.Random) -> str:
    """A kind of chord that the scale has and that stays clear on who plays it."""
    if not any(part.role in "cap" for part in band.parts):
        return "triads"
    names = band.harmonies or corpus.harmonies
    if len(SCALES[band.scale].steps) < 7 and band.scale not in ("whole tone", "blues"):
        names = tuple(name for name in names if name in _PENTATONIC) or names
    if any(
        part.role == "c"
        and (INSTRUMENTS[part.instrument].family == "distorted guitar" or part.figure in ("gallop", "palm mute"))
        for part in band.parts
    ):
        names = tuple(name for name in names if name in _HEAVY) or _HEAVY[:1]
    if band.harmonies:
        return rng.choice(names)
    return rng.choices(names, [HARMONY_WEIGHTS[name] for name in names])[0]


def _progression(band: Band, rng: random.Random) -> tuple[int, ...]:
    """Chords of the genre or of the scale, no more of them than every other beat can have."""
    if all(part.figure == "drone" for part in band.parts if part.role != "x"):
        return (0,)
    every = band.progressions or SCALES[band.scale].progressions
    fitting = [one for one in every if len(one) <= max(2, band.beats // 2)]
    return rng.choice(fitting or [one[: band.beats // 2] for one in every])


def _articulation(band: Band, rng: random.Random) -> str | None:
    """Short or long notes, unless a figure has said so already, or nobody can."""
    able = [part for part in band.parts if part.role in "camb"]
    if not able or any(part.figure and FIGURES[part.figure].touch for part in able) or rng.random() > 0.2:
        return None
    if any(part.figure in ("vibrato line", "glissando", "tremolo", "drone", "roll", "trill") for part in able):
        return None
    return rng.choice(("staccato", "legato"))


_ONE, _TWO = 0.30, 0.08  # shares of pieces with an effect, and with two


def _effects(band: Band, corpus: Corpus, rng: random.Random) -> tuple[str, ...]:
    """None mostly; what a genre likes, more often than not; never one that nobody would hear."""
    melodic = [INSTRUMENTS[part.instrument] for part in band.parts if part.role != "x"]
    roles = "".join(part.role for part in band.parts)
    heard = audible_effects(
        roles,
        band.pattern is not None,
        min((one.low for one in melodic), default=0),
        frozenset(one.family for one in melodic),
    )
    possible = [name for name in heard if name in corpus.effects]
    liked = [name for name in band.effects if name in possible]
    chance = rng.random()
    if not possible or chance > (0.55 if liked else 0.235 if roles or band.pattern else 0.15):
        return ()
    first = rng.choice(liked) if liked else rng.choices(possible, [EFFECT_WEIGHTS.get(one, 1.0) for one in possible])[0]
    chosen = [first]
    if rng.random() < _TWO / _ONE:
        group = _group(first)
        others = [name for name in possible if _group(name) != group and {group, _group(name)} != {"dirt", "space"}]
        if others:
            chosen.append(rng.choice(others))
    order = list(EFFECT_GROUPS)
    return tuple(sorted(chosen, key=lambda name: order.index(_group(name))))


def _group(effect: str) -> str:
    return next(group for group, names in EFFECT_GROUPS.items() if effect in names)


def _panned(parts: tuple[Part, ...], side: str, rng: random.Random) -> tuple[Part, ...]:
    """Players beside each other; basses in the middle, and everybody where the piece is narrow or to one side."""
    if len(parts) < 2 or side in ("left", "right", "narrow"):
        return parts
    reach = 0.8 if side == "wide" else rng.choice((0.0, 0.25, 0.4, 0.55))
    way = rng.choice((-1, 1))
    seated = []
    for part in parts:
        pan = 0.0
        if part.role != "b" and reach:
            pan, way = round(way * reach * rng.uniform(0.7, 1.0), 2), -way
        seated.append(Part(part.role, part.instrument, part.register, part.figure, pan))
    return tuple(seated)
