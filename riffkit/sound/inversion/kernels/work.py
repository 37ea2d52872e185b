"""What compiled rounds work on: matrices row by row, and the arrays of one chunk."""

from typing import NamedTuple

import numpy as np

from riffkit.sound.inversion.kernels.fft import Plan

N_BANDS = 3  # in which energies are compared, see transients.py


class Sparse(NamedTuple):
    """A matrix row by row (CSR): row r has `weights` at `columns`, from starts[r] to starts[r + 1].

    Parameters
    ----------
    starts : np.ndarray [shape=(n_rows + 1,), int32]
    columns : np.ndarray [shape=(n_entries,), int32]
    weights : np.ndarray [shape=(n_entries,), float32]
    """

    starts: np.ndarray
    columns: np.ndarray
    weights: np.ndarray


class Work(NamedTuple):
    """All that rounds need, for compiled code; made by `Rounds`.

    Frames go in groups of up to 8, those of part p from part_starts[p] on.
    """

    plan: Plan
    hop: int  # samples
    window: np.ndarray
    part_starts: np.ndarray
    frames: np.ndarray  # (n_groups, 8): their numbers, the last repeated
    counts: np.ndarray  # (n_groups,): how many
    places: np.ndarray  # (n_groups,): the first sample
    lengths: np.ndarray  # (n_groups,): samples reached
    sounds: np.ndarray  # (2, n_samples): in turn, the one of now first
    period: int  # samples, 0 for none
    gains: np.ndarray  # (n_parts, n_samples): what the overlapped windows of a part are multiplied by
    stays: np.ndarray  # (n_parts, n_samples): how much of the sound before stays
    mel: np.ndarray  # (n_groups, n_mels, 8): wanted magnitudes; empty if those of the bins are fixed
    least: np.ndarray  # (n_groups, n_mels, 8): what `prior` makes the smallest magnitudes from
    magnitudes: np.ndarray  # (n_groups, n_bins, 8): fixed ones, or empty
    previous: np.ndarray  # (n_groups, rows * 16): spectra of the round before
    momentum: np.float32
    floor: np.float32
    filters: Sparse
    back: Sparse
    prior: Sparse
    pull: np.ndarray  # (n_bins,)
    bands: np.ndarray  # (n_mels, N_BANDS)
    ratios: np.ndarray  # (n_frames, N_BANDS): written
    mirror_front: np.ndarray  # samples that the first ones mirror
    mirror_back: np.ndarray  # samples that the last ones mirror, read `back_whole` earlier with `back_weights`
    back_whole: int
    back_weights: np.ndarray
    pieces: np.ndarray  # from here on: room to work in, the rest of it one for each thread
    spectra: np.ndarray
    sizes: np.ndarray
    corrections: np.ndarray
    scratch: np.ndarray
