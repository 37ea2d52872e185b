"""What the user is told beside the result: lines and stages on the error stream, errors in one line."""

import sys
import time
from collections.abc import Callable
from typing import Any


def say(text: str, end: str = "\n") -> None:
    """Print to the error stream, over a progress line that stands there.

    Parameters
    ----------
    text, end : str
        As those of `print`.
    """
    over = "\r\033[K" if sys.stderr.isatty() else ""
    print(f"{over}{text}", end=end, file=sys.stderr, flush=True)


class Stages:
    """Stopwatch of a command's stages: each is told as it ends, on the error stream (the result goes to the other)."""

    def __init__(self) -> None:
        self.start = self.last = time.perf_counter()

    def done(self, name: str, note: str = "") -> None:
        """Tell that a stage has ended.

        Parameters
        ----------
        name : str
        note : str
            What else is worth knowing.
        """
        now = time.perf_counter()
        say(f"  {name:<10}{now - self.last:7.2f} s   {note}".rstrip())
        self.last = now

    def progress(self, name: str) -> Callable[..., None]:
        """Return a `progress` callable that shows the steps of stage `name` on a terminal; in a log it is silent."""

        def show(step: int, total: int, estimate: Any = None) -> None:
            if sys.stderr.isatty():
                say(f"  {name:<10}{step:4d} of {total}", end="")

        return show

    def painting(self) -> Callable[..., None]:
        """Return a `progress` callable that tells painting from decoding: a riff's last steps are picture and sound."""
        show, ended = self.progress("denoise"), set()

        def listen(step: int, total: int, estimate: Any = None) -> None:
            name = {total - 2: "denoise", total - 1: "picture"}.get(step)
            if name and name not in ended:
                ended.add(name)
                self.done(name, f"{total - 2} steps" if name == "denoise" else "")
            elif step < total - 2:
                show(step, total - 2)

        return listen

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return time.perf_counter() - self.start


def one_line(error: BaseException) -> str:
    """Say an `error` in one line."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror.lower()}"
    return " ".join(str(error).split()) or type(error).__name__
