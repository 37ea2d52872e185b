"""What captions can tell of a piece, as yes-or-no facts: the targets that the text encoder is pretrained on."""

import numpy as np
import torch

from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import DRUM_PATTERNS, FAMILIES, INSTRUMENTS, KITS
from riffkit.compose.score import ARTICULATIONS, DENSITIES, DYNAMICS, REGISTERS, SCALES, TEMPI, TEXTURES, Piece

# Everything that a caption can tell, as names of yes-or-no facts.
FACTS = (
    [f"family {name}" for name in FAMILIES]
    + [f"instrument {name}" for name in INSTRUMENTS]
    + [f"genre {name}" for name in GENRES]
    + [f"kit {name}" for name in KITS]
    + [f"pattern {name}" for name in DRUM_PATTERNS]
    + [f"tempo {name}" for name in TEMPI]
    + [f"mode {name}" for name in SCALES]
    + [f"density {name}" for name in DENSITIES]
    + [f"dynamics {name}" for name in DYNAMICS]
    + [f"register {name}" for name in REGISTERS]
    + [f"key {number}" for number in range(12)]
    + [f"texture {name}" for name in TEXTURES]
    + [f"articulation {name}" for name in ARTICULATIONS]
    + ["drums", "solo"]
)
_FACT_INDEX = {name: index for index, name in enumerate(FACTS)}


def facts(piece: Piece) -> np.ndarray:
    """Encode what is true of a piece as multi-label targets.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    np.ndarray [shape=(len(FACTS),), float32, 0 or 1]
    """
    true = [f"family {family}" for family in piece.families]
    true += [f"instrument {part.instrument}" for part in piece.parts]
    true += [f"register {part.register}" for part in piece.parts]
    true += [f"tempo {piece.tempo}", f"mode {piece.mode}", f"density {piece.density}", f"dynamics {piece.dynamics}"]
    true += [f"key {piece.key}"]
    if piece.genre:
        true.append(f"genre {piece.genre}")
    if piece.texture:
        true.append(f"texture {piece.texture}")
    if piece.articulation:
        true.append(f"articulation {piece.articulation}")
    if piece.pattern:
        true += [f"kit {piece.kit}", f"pattern {piece.pattern}", "drums"]
    if len(piece.parts) == 1 and not piece.pattern:
        true.append("solo")
    values = np.zeros(len(FACTS), np.float32)
    values[[_FACT_INDEX[name] for name in true]] = 1
    return values


def told_right(said: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    """Classification accuracy by kind: how often the likeliest fact of each kind is the true one.

    Parameters
    ----------
    said : torch.Tensor [shape=(n, len(FACTS)), any scale]
        How likely each fact is held to be.
    truth : torch.Tensor [shape=(n, len(FACTS)), 0 or 1]

    Returns
    -------
    dict of str to float
        By kind. Rows of which no fact or several of a kind are true are left out; so are kinds without any rows.
    """
    shares = {}
    for kind in dict.fromkeys(name.split()[0] for name in FACTS):
        places = [i for i, name in enumerate(FACTS) if name.split()[0] == kind]
        asked = truth[:, places].sum(dim=1) == 1
        if len(places) > 1 and asked.any():
            right = said[asked][:, places].argmax(dim=1) == truth[asked][:, places].argmax(dim=1)
            shares[kind] = round(float(right.float().mean()), 4)
    return shares
