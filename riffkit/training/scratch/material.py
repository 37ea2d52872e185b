"""What a training from nothing reads: pieces, what may be said of them, and what is true of them, as yes-or-no facts.

Two composers are here side by side: that of the lesson (`compose/score.py`), and the wider one (`compose/pieces`).
"""

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from riffkit.compose import captions as first_captions
from riffkit.compose import score
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import DRUM_PATTERNS, FAMILIES, INSTRUMENTS, KITS
from riffkit.compose.lexicon import captions
from riffkit.compose.pieces import drawing
from riffkit.compose.pieces.facts import FACTS as WIDER_FACTS
from riffkit.compose.pieces.facts import facts_of

# Everything that a caption of the lesson's composer can tell.
FIRST_FACTS = (
    *(f"family {name}" for name in FAMILIES),
    *(f"instrument {name}" for name in INSTRUMENTS),
    *(f"genre {name}" for name in GENRES),
    *(f"kit {name}" for name in KITS),
    *(f"pattern {name}" for name in DRUM_PATTERNS),
    *(f"tempo {name}" for name in score.TEMPI),
    *(f"mode {name}" for name in score.SCALES),
    *(f"density {name}" for name in score.DENSITIES),
    *(f"dynamics {name}" for name in score.DYNAMICS),
    *(f"register {name}" for name in score.REGISTERS),
    *(f"key {number}" for number in range(12)),
    *(f"texture {name}" for name in score.TEXTURES),
    *(f"articulation {name}" for name in score.ARTICULATIONS),
    "drums",
    "solo",
)


@dataclass(frozen=True)
class Material:
    """One composer's pieces, captions and facts.

    Parameters
    ----------
    compose : callable
        `compose(seed)` -> a piece.
    caption : callable
        `caption(piece, rng, thorough=False)` -> str.
    noisy_caption : callable
        `noisy_caption(piece, rng)` -> str, as people type.
    true_of : callable
        `true_of(piece)` -> names of the facts that hold.
    facts : tuple of str
        All that there are, as "kind name".
    """

    compose: Callable[[int], Any]
    caption: Callable[..., str]
    noisy_caption: Callable[..., str]
    true_of: Callable[[Any], Collection[str]]
    facts: tuple[str, ...]

    @functools.cached_property
    def _place(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.facts)}

    def targets(self, piece: Any) -> np.ndarray:
        """Encode what is true of a `piece` as multi-label targets [shape=(len(facts),), float32, 0 or 1]."""
        values = np.zeros(len(self.facts), np.float32)
        values[[self._place[name] for name in self.true_of(piece) if name in self._place]] = 1
        return values

    def told_right(self, said: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
        """Classification accuracy by kind: how often the likeliest fact of each kind is the true one.

        Parameters
        ----------
        said : torch.Tensor [shape=(n, len(facts)), any scale]
            How likely each fact is held to be.
        truth : torch.Tensor [shape=(n, len(facts)), 0 or 1]

        Returns
        -------
        dict of str to float
            By kind. Rows of which no fact or several of a kind are true are left out; so are kinds without any rows.
        """
        shares = {}
        for kind in dict.fromkeys(name.split()[0] for name in self.facts):
            places = [i for i, name in enumerate(self.facts) if name.split()[0] == kind]
            asked = truth[:, places].sum(dim=1) == 1
            if len(places) > 1 and asked.any():
                right = said[asked][:, places].argmax(dim=1) == truth[asked][:, places].argmax(dim=1)
                shares[kind] = round(float(right.float().mean()), 4)
        return shares


def material_of(corpus: score.Corpus | drawing.Corpus) -> Material:
    """Give the material of a `corpus`, of either composer."""
    if isinstance(corpus, score.Corpus):
        return Material(
            functools.partial(score.compose, corpus=corpus),
            first_captions.caption, first_captions.noisy_caption, _true_of_a_lesson, FIRST_FACTS,
        )  # fmt: skip
    return Material(
        functools.partial(drawing.compose, corpus=corpus),
        captions.caption, captions.noisy_caption, facts_of, WIDER_FACTS,
    )  # fmt: skip


def _true_of_a_lesson(piece: score.Piece) -> list[str]:
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
    return true
