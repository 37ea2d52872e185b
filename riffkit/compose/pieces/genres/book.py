"""Every genre by its name."""

from riffkit.compose.pieces.genres.genre import Genre
from riffkit.compose.pieces.genres.jazz import JAZZ

GENRES: dict[str, Genre] = {**JAZZ}
"""Recipes: what `Piece.genre` names."""
