"""Recipes can be played, and pieces follow them."""

import pytest

from riffkit.compose.pieces.corpora import WIDE
from riffkit.compose.pieces.drawing import compose
from riffkit.compose.pieces.figures import figures_for
from riffkit.compose.pieces.genres.book import GENRES
from riffkit.compose.pieces.genres.genre import recipe
from riffkit.compose.pieces.harmony import HARMONIES, SCALES
from riffkit.compose.pieces.rhythms import PATTERNS
from riffkit.compose.pieces.studio import EFFECTS
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.noises import SOUNDS
from riffkit.compose.sounding.percussion import KITS, PERCUSSION

PIECES = [piece for seed in range(4000) if (piece := compose(seed)).genre]


def test_there_are_many_and_all_of_them_can_be_drawn():
    assert len(GENRES) >= 125
    assert set(WIDE.genres) == set(GENRES)


@pytest.mark.parametrize("name", GENRES)
def test_recipes_name_what_there_is_and_who_can(name):
    genre = GENRES[name]
    tables = (
        (genre.scales, SCALES), (genre.harmonies, HARMONIES), (genre.patterns, PATTERNS), (genre.kits, KITS),
        (genre.percussion, PERCUSSION), (genre.effects, EFFECTS), (genre.sounds, SOUNDS),
        (genre.feel, ("straight", "swing", "shuffle", "free")),
    )  # fmt: skip
    for names, table in tables:
        assert {names} <= set(table) if isinstance(names, str) else set(names) <= set(table)
    assert bool(genre.patterns) == bool(genre.kits) and genre.seats and genre.beats
    assert all(5 <= beats <= 20 and beats >= genre.meter for beats in genre.beats)
    for seat in genre.seats:
        for who in seat.who:
            assert seat.role in INSTRUMENTS[who].roles, who
            for figure in seat.figures:
                assert figure is None or figure in figures_for(seat.role, who), (who, figure)
    degrees = min(len(SCALES[scale].steps) for scale in genre.scales)
    assert all(degree < max(degrees, 7) for one in genre.progressions for degree in one)


def test_no_two_recipes_are_the_same():
    bands = [(genre.seats, genre.patterns, genre.beats, genre.scales) for genre in GENRES.values()]
    assert len(set(bands)) == len(bands)


def test_pieces_follow_their_recipe():
    for piece in PIECES:
        genre = GENRES[piece.genre]
        assert piece.beats in genre.beats and piece.scale in genre.scales
        assert (piece.pattern in genre.patterns and piece.kit in genre.kits) if genre.patterns else not piece.pattern
        assert set(piece.sounds) <= set(genre.sounds)
        assert piece.dynamics in genre.dynamics and piece.density in genre.density
        assert piece.beats_per_bar in (genre.meter, PATTERNS[piece.pattern].meter if piece.pattern else genre.meter)
        for part in piece.parts:
            if part.role == "x":
                assert part.instrument in genre.percussion
                continue
            assert any(
                part.role == seat.role and part.instrument in seat.who and part.figure in seat.figures
                for seat in genre.seats
            ), (piece.genre, part)
        if not any(
            INSTRUMENTS[part.instrument].family == "distorted guitar" for part in piece.parts if part.role == "c"
        ):
            assert piece.harmony in genre.harmonies or not any(part.role in "cap" for part in piece.parts)


def test_who_matters_most_is_there():
    for piece in PIECES:
        first = GENRES[piece.genre].seats[0]
        assert piece.parts[0].role == first.role and piece.parts[0].instrument in first.who
        assert len({part.instrument for part in piece.parts}) == len(piece.parts)


def test_a_line_that_is_none_of_a_recipe_is_refused():
    with pytest.raises(ValueError, match="'drumz' is no line"):
        recipe("rock", "beats: 8\ndrumz: rock @ power")
