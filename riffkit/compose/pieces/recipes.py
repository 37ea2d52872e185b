"""A genre's recipe followed: who of its band comes, and what they choose of what it leaves open."""

import random

from riffkit.compose.pieces.chances import SOUNDS_UNDER_GENRES
from riffkit.compose.pieces.corpora import Corpus
from riffkit.compose.pieces.free import Band, feel_of
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.genres.genre import Genre
from riffkit.compose.pieces.piece import Part
from riffkit.compose.pieces.rhythms import PATTERNS

_COMES = 0.62  # how likely a player after the second one is there


def followed(name: str, corpus: Corpus, rng: random.Random) -> Band:
    """Draw a band for a genre, as far as the corpus can play it.

    Parameters
    ----------
    name : str
        Of `Corpus.genres`.
    corpus : Corpus
    rng : random.Random

    Returns
    -------
    Band
    """
    genre = GENRES[name]

    def allowed(wanted: tuple[str, ...], there: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in wanted if one in there)

    band = Band(
        beats=rng.choice([one for one in genre.beats if one in corpus.beats]),
        meter=genre.meter,
        scale=rng.choice(allowed(genre.scales, corpus.scales)),
        feel="straight" if genre.feel == "free" else genre.feel,
        progressions=genre.progressions,
        harmonies=allowed(genre.harmonies, corpus.harmonies),
        effects=allowed(genre.effects, corpus.effects),
        dynamics=genre.dynamics,
        density=genre.density,
        genre=name,
    )
    if genre.patterns:
        patterns = allowed(genre.patterns, corpus.patterns)
        # a pattern in seven wants bars of seven
        closing = [
            one for one in patterns if PATTERNS[one].meter in (4, genre.meter) or not band.beats % PATTERNS[one].meter
        ]
        band.pattern = rng.choice(closing or patterns)
        band.meter = PATTERNS[band.pattern].meter
        band.kit = rng.choice(allowed(genre.kits, corpus.kits))
        band.feel = feel_of(band.pattern, band.feel)
    band.parts = _seated(genre, corpus, rng)
    playable = allowed(genre.percussion, corpus.percussion)
    if playable and rng.random() < 0.8:
        count = min(len(playable), corpus.max_parts - len(band.parts), rng.choice((1, 1, 2)))
        if count > 0:
            band.parts += tuple(Part("x", one) for one in rng.sample(playable, count))
    heard = allowed(genre.sounds, corpus.sounds)
    if heard and rng.random() < SOUNDS_UNDER_GENRES:
        band.sounds = (rng.choice(heard),)
    return band


def _seated(genre: Genre, corpus: Corpus, rng: random.Random) -> tuple[Part, ...]:
    """The first two seats are taken, the others mostly; no instrument comes twice."""
    parts: list[Part] = []
    room = corpus.max_parts - (1 if genre.percussion and corpus.max_parts > 2 else 0)
    for index, seat in enumerate(genre.seats):
        if len(parts) >= room or (index > 1 and rng.random() > _COMES):
            continue
        taken = {part.instrument for part in parts}
        playable = [one for one in seat.who if one in corpus.instruments and one not in taken]
        if playable:
            figure = rng.choice(seat.figures) if corpus.figures else None
            parts.append(Part(seat.role, rng.choice(playable), figure=figure))
    return tuple(parts)
