"""An array that is computed once and kept beside a run; a damaged one is computed again."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from riffkit.sound.files import replacing


def cached_array(path: Path, length: int, make: Callable[[], Sequence[np.ndarray] | np.ndarray]) -> np.ndarray:
    """Load the float16 array at `path`, or compute and keep it.

    Parameters
    ----------
    path : Path
        Of a .npy file; replaced if it is damaged, or of another length.
    length : int
        That the array must have.
    make : callable
        Computes it, or its items.

    Returns
    -------
    np.ndarray [shape=(length, ...), float16, a read-only memory map]
    """
    found = _read(path, length)
    if found is None:
        with replacing(path, True) as temporary, Path(temporary).open("wb") as file:
            np.save(file, np.asarray(make(), np.float16))
        found = np.load(path, mmap_mode="r")
    return found


def _read(path: Path, length: int) -> np.ndarray | None:
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, SyntaxError, TypeError):
        return None
    fits = isinstance(found, np.ndarray) and found.ndim == 4 and found.dtype == np.float16 and len(found) == length
    return found if fits and all(np.isfinite(one).all() for one in found) else None
