"""How a command ends: its exit code, and one line that says why, whatever happens on the way."""

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from riffkit.cli.console import one_line, say
from riffkit.progress import Cancelled

DONE, FAULT, REFUSED = 0, 1, 2
CODES = (
    "exit codes: 0 done; 1 riffkit has a fault, or doctor found something missing; 2 it cannot be done as asked: one"
    " line says why; 128 + n ended by signal n (130 Ctrl-C, 143 SIGTERM, 129 SIGHUP)"
)
PACKAGE = Path(__file__).resolve().parents[1]
# What says by itself what is wrong with what was asked, or with the machine.
TOLD = (ValueError, ArithmeticError, OSError, ImportError, Cancelled)
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")  # torch's, as RuntimeError


class Stopped(KeyboardInterrupt):
    """The command was asked to end by a signal other than Ctrl-C's.

    Parameters
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def hear_signals() -> None:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does, so that nothing half-done is left; processes of ours die."""
    own = os.getpid()

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        signal.signal(number, signal.SIG_DFL)  # who asks twice is not kept waiting
        if os.getpid() != own:  # a forked worker: it has nothing to tidy up, and nothing to say
            os.kill(os.getpid(), number)
        raise Stopped(number)

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # the second is not known to Windows
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:  # nohup ignores it: so it stays
                signal.signal(number, stop)


def ended(run: Callable[[], int | None], *, debug: bool = False, resumable: bool = False) -> int:
    """Run a command to its end, and return its exit code; what goes wrong is told in one line.

    Parameters
    ----------
    run : callable
        Returns the exit code, or None for 0.
    debug : bool
        Show tracebacks too.
    resumable : bool
        The same command goes on where it was stopped.
    """
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: say(f"riffkit: warning: {one_line(message)}")
        try:
            return run() or DONE
        except KeyboardInterrupt as error:
            kept = "what was done is kept, and the same command goes on" if resumable else "no file is half-written"
            say(f"riffkit: stopped{f' by {error}' if isinstance(error, Stopped) else ''}; {kept}")
            return 128 + getattr(error, "number", signal.SIGINT)
        except SystemExit:
            raise
        except BaseException as error:  # also what libraries in other languages raise
            code, line = verdict(error)
            trace = "".join(traceback.format_exception(error)) if debug else ""
            say(f"{trace}riffkit: {line}")
            return code


def verdict(error: BaseException) -> tuple[int, str]:
    """Return the exit code of an `error`, and the line that tells it."""
    if type(error) is MemoryError and str(error):  # ours: it says what would help
        return REFUSED, f"error: {one_line(error)}"
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _lacks_memory(error)):
        said = f" ({one_line(error)[:200]})" if str(error) else ""
        return (
            REFUSED,
            f"error: there is not enough memory for this{said}; ask for less at once",
        )
    if sys.flags.optimize > 1 and _misses_docstrings(error):
        return (
            REFUSED,
            "error: this Python runs without docstrings (-OO), which transformers reads; run it with -O at most",
        )
    if isinstance(error, TOLD):
        return REFUSED, f"error: {one_line(error)}"
    told = f"{type(error).__name__}: {one_line(error)[:300]}{_place_of(error)}"
    return FAULT, f"this is a fault of riffkit: {told}; please report it{_reports()}, with what --debug shows"


def _lacks_memory(error: BaseException) -> bool:
    return any(words in str(error).lower() for words in NO_MEMORY)


def _misses_docstrings(error: BaseException | None) -> bool:
    """Whether docstrings were missed where an error came from."""
    return error is not None and ("docstring" in str(error) or _misses_docstrings(error.__cause__ or error.__context__))


def _place_of(error: BaseException) -> str:
    """The innermost line of riffkit's own that an error came through."""
    own = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(path, line) for path, line in own if path.is_relative_to(PACKAGE)]
    return f" (riffkit/{own[-1][0].relative_to(PACKAGE).as_posix()}:{own[-1][1]})" if own else ""


def _reports() -> str:
    """Where faults are reported, as the package's metadata say it; else nothing."""
    try:
        addresses = metadata.metadata("riffkit").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        addresses = []
    named: dict[str, Any] = dict(address.split(", ", 1) for address in addresses if ", " in address)
    return next((f" at {named[name]}" for name in ("Issues", "Repository", "Homepage") if name in named),
                " to its developers (CONTRIBUTING.md)")  # fmt: skip
