"""What tests of sound share: the player where there is a soundfont, and short pieces written by hand."""

import pytest

from riffkit.compose.pieces.note import Note
from riffkit.compose.pieces.piece import Part, Piece
from riffkit.compose.sounding.player import Player


@pytest.fixture(scope="session")
def player():
    try:
        return Player()
    except (ImportError, FileNotFoundError) as error:
        pytest.skip(str(error))


@pytest.fixture
def written():
    """A piece and its notes: parts with an arpeggio each, a beat if there is a kit."""

    def write(*instruments, kit=None, pans=(0.0,) * 4, **changes):
        roles = [role for role, _ in instruments]
        parts = tuple(Part(role, name, pan=pan) for (role, name), pan in zip(instruments, pans, strict=False))
        plain = dict(
            parts=parts, pattern=None, kit=kit, sounds=(), genre=None, beats=8, beats_per_bar=4, feel="straight",
            scale="major", key=0, harmony="triads", progression=(0,), density="normal", dynamics="normal",
            articulation=None, effects=(), side="centre", seed=1,
        )  # fmt: skip
        notes = []
        for index, role in enumerate(roles):
            root = 36 if role == "b" else 60
            notes += [Note(k / 2, 0.45, index, root + (0, 4, 7, 12)[k % 4], 90) for k in range(16)]
        if kit:
            notes += [Note(float(k), 0.25, -1, 38 if k % 2 else 36, 110) for k in range(8)]
            notes += [Note(k / 2, 0.25, -1, 42, 80) for k in range(16)]
        return Piece(**{**plain, **changes}), notes

    return write
