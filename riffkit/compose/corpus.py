"""A rendered corpus on disk: one file of pictures, made from seeds, finished where it was interrupted."""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from riffkit.compose.score import CORPORA, LOOP_SECONDS, compose
from riffkit.compose.soundfont import render_corpus
from riffkit.progress import report

PICTURE_SIZE = 512
CHUNK = 256  # pictures between two notes of how far we are


@dataclass(frozen=True)
class RenderedCorpus:
    """Pictures of the pieces with seeds `first_seed`, `first_seed + 1`, ...

    `pictures` is a read-only memory map [shape=(n, 512, 512), uint8], `pieces` a list of n `Piece`.
    """

    pictures: np.ndarray
    pieces: list
    first_seed: int


def render_to_disk(folder, corpus_name, first_seed, n_pieces, *, soundfont=None, processes=None, progress=None):
    """Render a corpus into a folder, or open it if it is there; goes on where an earlier call was interrupted.

    Parameters
    ----------
    folder : path
        Gets `pictures.npy` (262 kB a piece) and `corpus.json`.
    corpus_name : str
        "narrow" or "wide".
    first_seed, n_pieces : int
    soundfont, processes
        As in `render_corpus`.
    progress : callable or None

    Returns
    -------
    RenderedCorpus

    Raises
    ------
    ValueError
        If the folder holds another corpus; name another folder or remove it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"corpus": corpus_name, "first_seed": first_seed, "n_pieces": n_pieces, "seconds": LOOP_SECONDS}
    state_file = folder / "corpus.json"
    done = 0
    if state_file.exists():
        state = json.loads(state_file.read_text())
        done = state.pop("done")
        if state != wanted:
            raise ValueError(f"{folder} holds another corpus ({state}), not {wanted}; name another folder")
    corpus = CORPORA[corpus_name]
    shape = (n_pieces, PICTURE_SIZE, PICTURE_SIZE)
    file = folder / "pictures.npy"
    pictures = np.lib.format.open_memmap(file, "r+" if done else "w+", np.uint8, shape)
    renders = render_corpus(
        range(first_seed + done, first_seed + n_pieces), corpus, soundfont=soundfont, processes=processes
    )
    while done < n_pieces:
        count = min(CHUNK, n_pieces - done)
        for offset, (_, picture) in enumerate(islice(renders, count)):
            pictures[done + offset] = picture
        pictures.flush()
        done += count
        state_file.write_text(json.dumps({**wanted, "done": done}))
        report(progress, done, n_pieces)
    pieces = [compose(seed, corpus) for seed in range(first_seed, first_seed + n_pieces)]
    return RenderedCorpus(np.load(file, mmap_mode="r"), pieces, first_seed)
