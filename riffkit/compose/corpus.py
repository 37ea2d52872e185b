"""A rendered corpus on disk: one file of pictures, made from seeds, finished where it was interrupted."""

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from riffkit.compose.rendering import opened_pictures
from riffkit.compose.score import CORPORA, LOOP_SECONDS, Piece, compose
from riffkit.compose.soundfont import check_soundfont, render_corpus
from riffkit.progress import Progress, report, shown
from riffkit.sound.files import replacing

PICTURE_SIZE = 512
CHUNK = 256  # pictures between two notes of how far we are


@dataclass(frozen=True)
class RenderedCorpus:
    """A corpus as it lies on disk.

    Parameters
    ----------
    pictures : np.ndarray [shape=(n, 512, 512), uint8]
        A read-only memory map of the pieces with seeds `first_seed`, `first_seed + 1`, ...
    pieces : list of Piece
        As many.
    first_seed : int
    """

    pictures: np.ndarray
    pieces: list[Piece]
    first_seed: int


def check_corpus(
    folder: str | Path, corpus_name: str, first_seed: int, n_pieces: int, *, soundfont: str | Path | None = None
) -> int:
    """Check what `render_to_disk` is given, and count the pieces that it finds in the folder; writes nothing.

    Parameters
    ----------
    folder : str or Path
    corpus_name : str
        One of `CORPORA`.
    first_seed : int, >= 0
    n_pieces : int, >= 1
    soundfont : str, Path or None

    Returns
    -------
    int [0..n_pieces]

    Raises
    ------
    ValueError
        If there is no corpus of that name, or the folder holds another one.
    ImportError, FileNotFoundError
        If pieces are still to be rendered, and tinysoundfont or the soundfont is missing.
    """
    if corpus_name not in CORPORA:
        raise ValueError(f"corpus is {corpus_name!r}; expected one of {', '.join(CORPORA)}")
    for name, value, least in (("first_seed", first_seed, 0), ("n_pieces", n_pieces, 1)):
        if not isinstance(value, int) or value < least:
            raise ValueError(f"{name} is {value!r}; expected a whole number from {least}")
    state_file = Path(folder) / "corpus.json"
    done = 0
    if state_file.exists():
        state = _read_state(state_file)
        done = state.pop("done")
        wanted = _settings(corpus_name, first_seed, n_pieces)
        if state != wanted:
            raise ValueError(f"{folder} holds another corpus ({state}), not {wanted}; name another folder")
    if done < n_pieces or soundfont is not None:
        check_soundfont(soundfont)
    return done


def render_to_disk(
    folder: str | Path,
    corpus_name: str,
    first_seed: int,
    n_pieces: int,
    *,
    soundfont: str | Path | None = None,
    processes: int | None = None,
    progress: Progress = None,
) -> RenderedCorpus:
    """Render a corpus into a folder, or open it if it is there; goes on where an earlier call was interrupted.

    Parameters
    ----------
    folder : str or Path
        Gets `pictures.npy` (262 kB a piece) and `corpus.json`.
    corpus_name : str
        "narrow" or "wide".
    first_seed : int, >= 0
        Of the first piece; the next one has the next number.
    n_pieces : int, >= 1
    soundfont : str, Path or None
        As in `render_corpus`.
    processes : int or None
        As in `render_corpus`.
    progress : callable, bool or None
        Gets (pieces done, pieces in all, None); None shows a bar in terminals and notebooks.

    Returns
    -------
    RenderedCorpus

    Raises
    ------
    ValueError
        If the folder holds another corpus; name another folder or remove it.
    ImportError, FileNotFoundError
        If pieces are still to be rendered, and tinysoundfont or the soundfont is missing.
    """
    folder = Path(folder)
    done = check_corpus(folder, corpus_name, first_seed, n_pieces, soundfont=soundfont)
    folder.mkdir(parents=True, exist_ok=True)
    corpus = CORPORA[corpus_name]
    shape = (n_pieces, PICTURE_SIZE, PICTURE_SIZE)
    file = folder / "pictures.npy"
    pictures = opened_pictures(file, shape) if done else np.lib.format.open_memmap(file, "w+", np.uint8, shape)
    renders = render_corpus(
        range(first_seed + done, first_seed + n_pieces), corpus, soundfont=soundfont, processes=processes
    )
    with shown(progress, "corpus") as reporter:
        while done < n_pieces:
            count = min(CHUNK, n_pieces - done)
            for offset, (_, picture) in enumerate(islice(renders, count)):
                pictures[done + offset] = picture
            pictures.flush()
            done += count
            with replacing(folder / "corpus.json", True) as temporary:
                state = {**_settings(corpus_name, first_seed, n_pieces), "done": done}
                Path(temporary).write_text(json.dumps(state), encoding="utf-8")
            report(reporter, done, n_pieces)
    pieces = [compose(seed, corpus) for seed in range(first_seed, first_seed + n_pieces)]
    return RenderedCorpus(np.load(file, mmap_mode="r"), pieces, first_seed)


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        state = None
    done = state.get("done") if isinstance(state, dict) else None
    if not isinstance(done, int) or isinstance(done, bool) or done < 0:
        raise ValueError(f"{path} is damaged; remove {path.parent}, and it is rendered again")
    return state


def _settings(corpus_name: str, first_seed: int, n_pieces: int) -> dict[str, object]:
    return {"corpus": corpus_name, "first_seed": first_seed, "n_pieces": n_pieces, "seconds": LOOP_SECONDS}
