"""Waiting for what another thread does: for the thing itself, never for a time."""

import time


def until(condition, seconds=120):
    """Wait until `condition()` is true; fail if it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()
