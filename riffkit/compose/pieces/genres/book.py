"""Every genre by its name."""

from riffkit.compose.pieces.genres.africa import AFRICAN, CARIBBEAN
from riffkit.compose.pieces.genres.asia import ASIAN
from riffkit.compose.pieces.genres.bass_music import BASS_MUSIC, HIP_HOP
from riffkit.compose.pieces.genres.calm import AMBIENT
from riffkit.compose.pieces.genres.clubs import CLUBS
from riffkit.compose.pieces.genres.concert import CLASSICAL, EARLY
from riffkit.compose.pieces.genres.genre import Genre
from riffkit.compose.pieces.genres.jazz import BLUES, JAZZ
from riffkit.compose.pieces.genres.latin import LATIN
from riffkit.compose.pieces.genres.radio import POP, SOUL
from riffkit.compose.pieces.genres.rock import METAL, ROCK
from riffkit.compose.pieces.genres.screen import FILM, STAGE
from riffkit.compose.pieces.genres.villages import FOLK

GENRES: dict[str, Genre] = {
    **LATIN, **AFRICAN, **CARIBBEAN, **CLUBS, **BASS_MUSIC, **ROCK, **METAL, **JAZZ, **BLUES, **CLASSICAL, **EARLY,
    **FOLK, **ASIAN, **HIP_HOP, **SOUL, **POP, **AMBIENT, **FILM, **STAGE,
}  # fmt: skip
"""Recipes: what `Piece.genre` names."""
