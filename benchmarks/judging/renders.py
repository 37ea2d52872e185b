"""Real renders for the judge: composed, played and seen through its views, kept in chunks that a later call finds."""

import functools
import hashlib
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import riffkit.compose
from benchmarks.judging.hearing import Views
from riffkit.compose.sounding.player import Player

CHUNK = 200  # pieces in one file of views


@functools.cache
def orchestra():
    """Hash of the code that writes and plays pieces: other code makes other sounds of the same seeds."""
    found = hashlib.sha256()
    for room in ("pieces", "sounding"):
        for path in sorted(Path(riffkit.compose.__file__).with_name(room).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()[:8]


def digest(*values):
    """Eight letters by which the same values are found again."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:8]


def play(piece):
    """A piece as a stereo loop [shape=(2, 225792), float32]."""
    if not _players:
        _players.append(Player())
    return _players[0].play(piece)


_players: list = []


def _view(piece):
    os.environ.setdefault("RIFFKIT_THREADS", "1")  # the processes already fill the cores
    return Views.of([play(piece)])


def views_of_renders(folder, pieces, *, minutes=None, processes=None):
    """Play and view pieces, and keep the views; goes on where an earlier call stopped.

    Parameters
    ----------
    folder : path
    pieces : list of Piece
    minutes : float or None
        Stop after so long.
    processes : int or None
        None takes one per core.

    Returns
    -------
    views, done : Views or None, int
        None, and how many are ready, if there was no time for all.
    """
    folder, started, parts = Path(folder), time.monotonic(), []
    folder.mkdir(parents=True, exist_ok=True)
    processes = processes or os.cpu_count() or 1
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) if processes > 1 else None
    each = functools.partial(pool.map, chunksize=8) if pool else map
    try:
        for start in range(0, len(pieces), CHUNK):
            some = pieces[start : start + CHUNK]
            path = folder / f"views-{start}-{digest(some, orchestra())}.npz"
            if not path.exists():
                if minutes is not None and time.monotonic() - started > 60 * minutes:
                    return None, start
                Views.join(list(each(_view, some))).save(path)
                seconds = time.monotonic() - started
                print(f"  {start + len(some)} of {len(pieces)} rendered, {seconds:.0f} s", flush=True)
            parts.append(Views.load(path))
    finally:
        if pool:
            pool.shutdown(cancel_futures=True)
    return Views.join(parts), len(pieces)
