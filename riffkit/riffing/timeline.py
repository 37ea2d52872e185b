"""Timeline: seconds, bars and columns; time stretching of columns; which words belong to which moment."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from riffkit.diffusion.windows import width_for, window_starts
from riffkit.models.checkpoint import Checkpoint
from riffkit.models.emphasis import check_prompt
from riffkit.sound.params import SpectrogramParams

MOST_BARS = 1000  # in so many seconds at 400 bpm
LONGEST = 600.0  # seconds; memory for the picture and its sound grows with length, the model's does not


def painted_length(
    checkpoint: Checkpoint,
    params: SpectrogramParams,
    *,
    duration: float | None = None,
    loop: bool = False,
    bars: int | None = None,
    bpm: float | None = None,
    beats_per_bar: int = 4,
) -> tuple[int, int]:
    """Return how wide to paint, and how long the picture is to be.

    Without a length, the model's own window. A loop is painted in whole latent columns, and with `bars` in whole
    windows of the model (which holds whole bars), and then stretched in time, pitch untouched, to the exact length.

    Parameters
    ----------
    checkpoint : Checkpoint
    params : SpectrogramParams
    duration : float, optional [s, up to 600]
    loop : bool
    bars, bpm : int and float, optional
        Musical length, instead of `duration`; only for loops.
    beats_per_bar : int

    Returns
    -------
    width : int [latent columns to paint]
    columns : int [columns of the picture]

    Raises
    ------
    ValueError
        If the length is not above 0 or beyond the ceiling, or given twice.
    """
    f, window = checkpoint.factor, checkpoint.window
    if (bars is None) != (bpm is None):
        raise ValueError(f"bars is {bars!r} and bpm is {bpm!r}; give both, or neither")
    if bars is not None and bpm is not None:
        if duration is not None:
            raise ValueError("the length is given twice, as duration and as bars at bpm; leave one out")
        if not loop:
            raise ValueError("bars and bpm are for loops; add loop=True, or give duration in seconds")
        whole = isinstance(bars, int) and not isinstance(bars, bool) and 1 <= bars <= MOST_BARS
        if not (whole and isinstance(bpm, (int, float)) and 20 <= bpm <= 400 and beats_per_bar >= 1):
            raise ValueError(
                f"bars is {bars!r} and bpm is {bpm!r}, expected whole bars in 1..{MOST_BARS} and 20..400 bpm"
            )
        duration = bars * beats_per_bar * 60 / bpm
    if duration is None:
        return window, window * f
    check_duration(duration)
    if not loop:
        columns = params.n_frames_for(duration)
        return width_for(columns, f, window), columns
    columns = max(round(duration / params.hop_s), 1)
    if bars is not None:
        return max(round(columns / (f * window)), 1) * window, columns
    return max(round(columns / f), 1), columns


def check_duration(duration: float, name: str = "duration") -> None:
    """Raise the ValueError that says what a `duration` [s] called `name` may be."""
    if isinstance(duration, bool) or not isinstance(duration, (int, float)) or not 0 < duration <= LONGEST:
        raise ValueError(f"{name} is {duration!r}, expected seconds above 0 and up to {LONGEST:g}")


def check_source(columns: int, params: SpectrogramParams, name: str = "the source's length") -> None:
    """Raise the ValueError that says that a source of so many `columns`, called `name`, is longer than riffing takes.

    A picture of 600 s has 60001 columns: its last one stands at 600 s.
    """
    if columns > params.n_frames_for(LONGEST):
        seconds = columns * params.hop_s
        raise ValueError(
            f"{name} is {seconds:g}, expected seconds above 0 and up to {LONGEST:g}; cut it, for example with"
            f" riffkit.Clip.load(path, start=0, duration={LONGEST:g})"
        )


def check_transition(transition: Any) -> None:
    """Raise the ValueError that says what a `transition` may be."""
    number = isinstance(transition, (int, float)) and not isinstance(transition, bool)
    if not number or not 0 <= transition <= LONGEST:
        raise ValueError(f"transition is {transition!r}, expected seconds from 0 to {LONGEST:g}")


def stretch(pixels: np.ndarray, columns: int, *, loop: bool = False) -> np.ndarray:
    """Time stretching of pixels to so many columns (linear between columns); pitch stays.

    Parameters
    ----------
    pixels : np.ndarray [shape=(rows, n) or (rows, n, 3), uint8]
    columns : int
    loop : bool
        Between the last column and the first is as much time as between others.
    """
    n = pixels.shape[1]
    if n == columns:
        return pixels
    place = np.arange(columns) * n / columns if loop else np.linspace(0, n - 1, columns)
    left = np.floor(place).astype(int)
    right = (left + 1) % n if loop else np.minimum(left + 1, n - 1)
    share = (place - left).astype(np.float32)
    if pixels.ndim == 3:
        share = share[:, None]
    return np.rint((1 - share) * pixels[:, left] + share * pixels[:, right]).astype(np.uint8)


def cut_where_quiet(pixels: np.ndarray, reach: int = 16) -> np.ndarray:
    """Roll a loop's `pixels` so that it is cut where least begins, at most `reach` columns from where it was cut.

    A circle has no beginning, but a file has: players that leave a gap are heard least there, usually just before a
    beat.
    """
    darkness = 255.0 - pixels
    begins = np.maximum(darkness - np.roll(darkness, 1, 1), 0).sum(0)
    begins = begins + (np.roll(begins, 1) + np.roll(begins, -1)) / 2  # one column alone is not enough room
    reach = min(reach, pixels.shape[1] // 2)
    shifts = np.arange(-reach, reach + 1)
    best = shifts[np.argmin(begins[shifts])]
    return np.roll(pixels, -best, 1)


def fit_columns(pixels: np.ndarray, columns: int) -> np.ndarray:
    """Cut `pixels` to so many `columns`, or mirror their end up to so many; nothing is stretched."""
    missing = columns - pixels.shape[1]
    if missing <= 0:
        return pixels[:, :columns]
    return np.pad(pixels, ((0, 0), (0, missing)), mode="symmetric")


def window_times(checkpoint: Checkpoint, params: SpectrogramParams, width: int, *, loop: bool = False) -> list[float]:
    """Return the middle of each window over time, in seconds.

    Parameters
    ----------
    checkpoint : Checkpoint
    params : SpectrogramParams
    width : int [latent columns]
    loop : bool
        Time is periodic.
    """
    second = params.hop_s * checkpoint.factor
    middle = min(checkpoint.window, width) / 2
    return [(start + middle) * second for start in window_starts(width, checkpoint.window, periodic=loop)]


def place_in_story(times: Sequence[float], time: float, transition: float) -> tuple[int, int, float]:
    """Return between which two chapters a moment lies: (index, next index, alpha), alpha 0 away from transitions.

    Parameters
    ----------
    times : list of float [s]
        When each chapter begins, the first at 0, rising.
    time : float [s]
    transition : float [s]
        How long it takes from one chapter to the next, centred on the moment the next begins.
    """
    index = max(i for i, begins in enumerate(times) if begins <= max(time, 0))
    half = transition / 2
    if half > 0 and index + 1 < len(times) and time > times[index + 1] - half:
        return index, index + 1, 0.5 + (time - times[index + 1]) / transition
    if half > 0 and index > 0 and time < times[index] + half:
        return index - 1, index, 0.5 + (time - times[index]) / transition
    return index, index, 0.0


def check_story(chapters: Any) -> list[tuple[float, str]]:
    """Return `chapters` as a list of (seconds, words), or the ValueError that says what is wrong with them."""
    try:
        chapters = [(float(time), words) for time, words in chapters]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"the story is {chapters!r}, expected [(seconds, words), ...]") from None
    times = [time for time, _ in chapters]
    if not chapters or times[0] != 0 or not all(a < b for a, b in zip(times, times[1:], strict=False)):
        raise ValueError(f"the story's chapters begin at {times} s, expected rising times, the first at 0")
    for _, words in chapters:
        check_prompt(words, "a chapter's prompt")
    return chapters
