"""Every rhythm of the drum set by its name."""

from riffkit.compose.pieces.patterns.band import BAND
from riffkit.compose.pieces.patterns.club import CLUB
from riffkit.compose.pieces.patterns.jazz import JAZZ
from riffkit.compose.pieces.patterns.latin import LATIN
from riffkit.compose.pieces.patterns.pattern import Pattern
from riffkit.compose.pieces.patterns.street import STREET
from riffkit.compose.pieces.patterns.world import WORLD

PATTERNS: dict[str, Pattern] = {**BAND, **JAZZ, **LATIN, **STREET, **CLUB, **WORLD}
"""Patterns of the drum set: what `Piece.pattern` names."""


def patterns_of(meter: int) -> tuple[str, ...]:
    """List the patterns that a bar of so many beats can have: its own, or those in four where it has few.

    Parameters
    ----------
    meter : int [3..7]
        Beats in a bar.

    Returns
    -------
    tuple of str
    """
    return tuple(name for name, pattern in PATTERNS.items() if pattern.meter == meter)
