"""What the user is told: results on the output stream, lines and stages on the error stream, errors in one line.

Streams are as the world gives them: closed, into a pipe that nobody reads, of an encoding without our letters. None of
that may hide what was done, so nothing here raises.
"""

import contextlib
import io
import os
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import Any

TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")  # marks of the direction of writing


def prepare_streams() -> None:
    """Give output and error stream a place if they were closed, and write what their encoding lacks as escapes."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # closed: else the next file that is opened would get what is written to the stream
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123  (as long as we run)
        elif isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def give_up(stream: Any, write: Callable[[], Any]) -> OSError | None:
    """Write to a `stream`; one that takes nothing any more is left alone from then on.

    Parameters
    ----------
    stream : file-like or None
    write : callable
        Does it.

    Returns
    -------
    OSError or None
        Why it was not taken.
    """
    if stream is None:
        return None
    try:
        write()
        stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError, ValueError):  # Python would complain of it at the very end
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        return error
    except ValueError:  # closed
        pass
    return None


def tell(result: object) -> None:
    """Print a `result` to the output stream. The work was done, whether or not somebody reads this."""
    error = give_up(sys.stdout, lambda: print(_fitting(str(result), sys.stdout)))
    if error is not None and not isinstance(error, BrokenPipeError):
        say(f"riffkit: warning: the result could not be told ({one_line(error)}): {result}")


def say(text: str, end: str = "\n") -> None:
    """Print to the error stream, over a progress line that stands there.

    Parameters
    ----------
    text, end : str
        As those of `print`.
    """
    over = "\r\033[K" if _is_terminal() else ""
    give_up(sys.stderr, lambda: print(f"{over}{_fitting(plain(text), sys.stderr)}", end=end, file=sys.stderr))


def plain(text: str) -> str:
    """Return `text` with what would steer a terminal, and halves of letters, written as escapes; lines stay lines."""
    return "".join(letter.encode("unicode_escape").decode() if _steers(letter) else letter for letter in text)


def _steers(letter: str) -> bool:
    """Control characters but the line feed, halves of letters, separators of lines, and what turns writing round."""
    kind = unicodedata.category(letter)
    turns = kind == "Cf" and unicodedata.bidirectional(letter) in TURNS
    return (kind in ("Cc", "Cs", "Zl", "Zp") and letter != "\n") or turns


def _fitting(text: str, stream: Any) -> str:
    """`text` with what the encoding of a `stream` lacks written as escapes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _is_terminal() -> bool:
    try:
        return sys.stderr is not None and sys.stderr.isatty()
    except ValueError:  # closed
        return False


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
            if _is_terminal():
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


def one_line(error: BaseException | Warning | str) -> str:
    """Say an `error` in one line, whatever letters it quotes."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror[:1].lower() + error.strerror[1:]
        if error.filename:
            name = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else error.filename
            text = f"{name}: {text}"
    return plain(" ".join(text.split())) or type(error).__name__
