"""A corpus rendered to disk: stereo pictures of pieces, made from seeds, finished where it was interrupted."""

import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from riffkit.compose.pieces.drawing import CORPORA, Corpus, compose
from riffkit.compose.pieces.piece import LOOP_SECONDS, Piece
from riffkit.compose.sounding.picture import picture_of
from riffkit.compose.sounding.player import Player
from riffkit.compose.sounding.soundfont import check_soundfont
from riffkit.progress import Progress, report, shown, work_quietly
from riffkit.sound.files import replacing
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams.full_band(stereo=True)  # of all pictures of a corpus
CHUNK = 64  # pictures between two notes of how far we are


@dataclass(frozen=True)
class RenderedCorpus:
    """A corpus as it lies on disk.

    Parameters
    ----------
    pictures : np.ndarray [shape=(n, 2, 512, 512), uint8]
        A read-only memory map of the pieces with seeds `first_seed`, `first_seed + 1`, ...; left and right.
    pieces : list of Piece
        As many.
    first_seed : int
    """

    pictures: np.ndarray
    pieces: list[Piece]
    first_seed: int


def render_corpus(
    seeds: Iterable[int],
    corpus: Corpus,
    *,
    soundfont: str | Path | None = None,
    processes: int | None = None,
) -> Iterator[np.ndarray]:
    """Compose, play and draw one piece for each seed, on all cores.

    Parameters
    ----------
    seeds : iterable of int, >= 0
    corpus : riffkit.compose.pieces.drawing.Corpus
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3; None takes `find_soundfont()`.
    processes : int or None
        Worker processes; None takes one per core.

    Yields
    ------
    np.ndarray [shape=(2, 512, 512), uint8]
        In the order of the seeds. The same seeds give the same pictures.
    """
    jobs = ((seed, corpus, soundfont) for seed in seeds)
    processes = processes or os.cpu_count() or 1
    if processes == 1:
        yield from map(_render_one, jobs)
        return
    with ProcessPoolExecutor(processes, initializer=work_quietly) as pool:
        yield from pool.map(_render_one, jobs, chunksize=8)


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
        If there is no corpus of that name, the folder holds another one, or its notes are damaged.
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
        Gets `pictures.npy` (524 kB a piece) and `corpus.json`.
    corpus_name : str
        One of `CORPORA`.
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
    shape = (n_pieces, PARAMS.channels, PARAMS.n_mels, round(LOOP_SECONDS / PARAMS.hop_s))
    file = folder / "pictures.npy"
    pictures = opened_pictures(file, shape) if done else np.lib.format.open_memmap(file, "w+", np.uint8, shape)
    renders = render_corpus(
        range(first_seed + done, first_seed + n_pieces), corpus, soundfont=soundfont, processes=processes
    )
    with shown(progress, "corpus") as reporter:
        while done < n_pieces:
            count = min(CHUNK, n_pieces - done)
            for offset, picture in enumerate(islice(renders, count)):
                pictures[done + offset] = picture
            pictures.flush()
            done += count
            with replacing(folder / "corpus.json", True) as temporary:
                state = {**_settings(corpus_name, first_seed, n_pieces), "done": done}
                Path(temporary).write_text(json.dumps(state), encoding="utf-8")
            report(reporter, done, n_pieces)
    pieces = [compose(seed, corpus) for seed in range(first_seed, first_seed + n_pieces)]
    return RenderedCorpus(np.load(file, mmap_mode="r"), pieces, first_seed)


def opened_pictures(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Open the array of pictures at `path`, of this `shape`, to go on with as far as they are rendered.

    Raises
    ------
    ValueError
        If the file is damaged, or holds something else.
    """
    try:
        pictures = np.lib.format.open_memmap(path, "r+")
    except (OSError, ValueError, EOFError, SyntaxError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}); remove {path.parent}, and it is rendered again") from None
    if pictures.shape != shape or pictures.dtype != np.uint8:
        raise ValueError(f"{path} holds {pictures.shape} {pictures.dtype}, not {shape} uint8; remove {path.parent}")
    return pictures


def _settings(corpus_name: str, first_seed: int, n_pieces: int) -> dict[str, object]:
    return {"corpus": corpus_name, "first_seed": first_seed, "n_pieces": n_pieces, "seconds": LOOP_SECONDS}


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is damaged ({error}); remove the folder, and render again") from error
    if not isinstance(state, dict) or not isinstance(state.get("done"), int):
        raise ValueError(f"{path} is damaged (it does not say how many are done); remove the folder, and render again")
    return state


_players: dict[str | Path | None, Player] = {}


def _render_one(job: tuple[int, Corpus, str | Path | None]) -> np.ndarray:
    seed, corpus, soundfont = job
    os.environ.setdefault("RIFFKIT_THREADS", "1")  # the processes already fill the cores
    if soundfont not in _players:
        _players[soundfont] = Player(soundfont)
    return picture_of(_players[soundfont].play(compose(seed, corpus)), PARAMS)
