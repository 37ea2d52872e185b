"""The short clips in data/clips: made here, so that everybody has something to look at, to riff on and to train with.

python -m riffkit.compose.examples data/clips        writes them again (needs a soundfont)
"""

import json
import random
import sys
from pathlib import Path

import numpy as np

from riffkit.compose.captions import caption
from riffkit.compose.genres import GENRES
from riffkit.compose.instruments import INSTRUMENTS
from riffkit.compose.score import EVERYTHING, Piece, compose
from riffkit.compose.soundfont import SAMPLE_RATE, Player
from riffkit.sound.clip import Clip
from riffkit.sound.files import replacing

FIRST_SEED = 50_000_000  # no training corpus and no judge has these
SOLOS = ("piano", "nylon guitar", "violin", "flute", "trumpet", "choir", "organ", "marimba", "sitar", "kalimba",
         "saxophone", "harpsichord")  # fmt: skip


def choose() -> list[tuple[str, Piece]]:
    """Choose one piece of every genre, a solo for each of a dozen instruments, a drum beat for each kit.

    Returns
    -------
    list of (str, Piece)
        File name without suffix, and the piece; always the same.
    """
    wanted = {f"genre {name}" for name in GENRES} | {f"solo {name}" for name in SOLOS} | {"drums 808", "drums jazz"}
    chosen: dict[str, Piece] = {}
    seed = FIRST_SEED
    while wanted - chosen.keys():
        piece = compose(seed, EVERYTHING)
        seed += 1
        instruments = [part.instrument for part in piece.parts]
        if piece.genre:
            name = f"genre {piece.genre}"
        elif piece.pattern and not instruments:
            name = f"drums {piece.kit}"
        elif len(instruments) == 1 and not piece.pattern and piece.density != "sparse":
            name = f"solo {instruments[0]}"
        else:
            continue
        if name in wanted:
            chosen.setdefault(name, piece)
    return [(name.replace(" ", "-"), chosen[name]) for name in sorted(chosen)]


def write_examples(folder: str | Path, *, overwrite: bool = False) -> int:
    """Render the examples as OGG files of 5.12 s with a `metadata.jsonl` beside them.

    Parameters
    ----------
    folder : str or Path
    overwrite : bool
        Replace files that exist; otherwise they are refused.

    Returns
    -------
    int
        How many were written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    player, lines = Player(), []
    for name, piece in choose():
        samples = player.play(piece)
        samples = (samples * (0.7 / np.abs(samples).max())).astype(np.float32)
        Clip(samples[None], SAMPLE_RATE).save(folder / f"{name}.ogg", overwrite=overwrite)
        lines.append(
            {
                "file_name": f"{name}.ogg",
                "text": caption(piece, random.Random(f"example {name}")),
                "instruments": [INSTRUMENTS[part.instrument].names[0] for part in piece.parts],
                "bpm": round(piece.bpm, 2),
                "loop": True,
                "license": "MIT",
                "source": "composed and rendered by riffkit",
            }
        )
    with replacing(folder / "metadata.jsonl", True) as temporary:
        Path(temporary).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return len(lines)


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else "data/clips"
    print(f"{write_examples(target, overwrite=True)} clips in {target}")
