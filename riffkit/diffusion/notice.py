"""Warnings that point at the line of the user's that called riffkit, however deep inside they arise."""

import sys
import warnings
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def notice(message):
    """Tell the user something as a UserWarning."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
