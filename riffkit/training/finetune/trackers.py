"""Trackers of a fine-tuning: which there are, asked before anything is done."""

import importlib.util

from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers


def checked_tracker(tracker: str | None) -> tuple[str | None, str]:
    """Check that a tracker can be used.

    Parameters
    ----------
    tracker : str or None
        One that accelerate knows.

    Returns
    -------
    str or None
        The tracker; None where it is tensorboard, the default, and that is not installed.
    str
        What is to be said of that; else empty.

    Raises
    ------
    ValueError
        If accelerate does not know it.
    ImportError
        If it is not installed.
    """
    if tracker is None:
        return None, ""
    if tracker not in LOGGER_TYPE_TO_CLASS:
        known = ", ".join(sorted(str(kind) for kind in LOGGER_TYPE_TO_CLASS))
        raise ValueError(f"tracker is {tracker!r}; expected None or one of {known}")
    if tracker == "tensorboard" and not any(importlib.util.find_spec(n) for n in ("tensorboard", "tensorboardX")):
        return None, "tensorboard is not installed, so it gets nothing; losses are in run/losses.jsonl and page.html"
    if tracker not in [str(kind) for kind in get_available_trackers()]:
        raise ImportError(f"tracker {tracker!r} is not installed: pip install {tracker}, or take None")
    return tracker, ""
