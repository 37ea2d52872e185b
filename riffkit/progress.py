"""Progress of long calls: how they tell where they are, show a bar, are stopped, and warn.

Every long call takes `progress`: a callable that gets `(step, total, estimate)`, True or False for the bar, or None to
show it where somebody is watching. `estimate` is None, or a callable without arguments that draws the current state (a
PIL picture) when, and only when, somebody asks. To stop the call, return False: it ends with `Cancelled` before the
next step, and nothing half-done is left behind.
"""

import contextlib
import html
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

DELAY = 0.7  # seconds before a bar appears: short calls stay quiet
PACKAGE = Path(__file__).resolve().parent

Reporter = Callable[[int, int, Callable[[], Any] | None], Any]  # (step, total, estimate); False stops the call
Progress = Reporter | bool | None  # what users may give as `progress`


class Cancelled(Exception):
    """The run was stopped by its `progress` callable."""


def report(progress: Reporter | None, step: int, total: int, estimate: Callable[[], Any] | None = None) -> None:
    """Tell `progress` that `step` of `total` steps are done, and raise `Cancelled` if it returned False.

    Parameters
    ----------
    progress : callable or None
        Gets `(step, total, estimate)`. None is allowed and does nothing.
    step, total : int
        Steps done so far, and in all; `0 <= step <= total`.
    estimate : callable or None
        Draws the current state when called.

    Raises
    ------
    Cancelled
        If `progress` returned False (None and True go on).
    """
    if progress is not None and progress(step, total, estimate) is False:
        raise Cancelled(f"stopped by the progress callable after step {step} of {total}")


@contextlib.contextmanager
def shown(progress: Progress, name: str = "", *, long: bool = True) -> Iterator[Reporter | None]:
    """A progress callable for one long call.

    Parameters
    ----------
    progress : callable, bool or None
        A callable is used as it is. None shows a bar in terminals and notebooks and is silent in scripts and pipes;
        True always shows one, False never.
    name : str
        Stands before the bar.
    long : bool
        False for what is done before a bar would appear: then None shows none, and costs nothing.

    Yields
    ------
    callable or None
    """
    if callable(progress):
        yield progress
    elif progress is False or (progress is None and not (long and _watched())):
        yield None
    elif progress in (None, True):
        with contextlib.closing(_bar(name)) as bar:

            def show(step, total, estimate=None):
                bar.total = total
                bar.update(step - bar.n)

            yield show
    else:
        raise TypeError(f"progress is {progress!r}, expected a callable taking (step, total, estimate), True or False")


def subtask(progress: Reporter | None, done: int, steps: int, total: int) -> Reporter | None:
    """Return `progress` for a part of a call: its steps count as `steps` of `total`, after the first `done`."""
    if progress is None:
        return None

    def within(step: int, of: int, estimate: Callable[[], Any] | None = None) -> None:
        report(progress, done + steps * step // max(of, 1), total, estimate)

    return within


def work_quietly() -> None:
    """Leave Ctrl-C to the process that started this one: a pool's `initializer`, so that none shows a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # forked, it would be told as the command line wants it


def _in_notebook():
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


def _watched():
    return _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())


def _bar(name):
    from tqdm.std import tqdm

    if not _in_notebook():
        return tqdm(desc=name, total=0, delay=DELAY, leave=False)

    from IPython.display import display

    class Cell(tqdm):
        """A bar in an output of its own, which is emptied at the end: nothing of it stays in the notebook's file."""

        output = None

        def display(self, msg=None, pos=None):
            text = self.format_meter(**self.format_dict | {"bar_format": "{n_fmt} of {total_fmt}, {remaining} left"})
            text = f"{name}: {text}" if name else text
            bar = f'<progress max="{max(self.total, 1)}" value="{self.n}"></progress>'
            seen = {"text/html": f"{bar} <code>{html.escape(text)}</code>", "text/plain": text}
            if self.output is None:
                self.output = display(seen, raw=True, display_id=True)
            else:
                self.output.update(seen, raw=True)

        def close(self):
            super().close()
            if self.output is not None:
                self.output.update({}, raw=True)
                self.output = None

    return Cell(desc=name, total=0, delay=DELAY, leave=False, gui=True)


def notice(message: str) -> None:
    """Tell the user a `message` as a UserWarning."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and Path(frame.f_code.co_filename).is_relative_to(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
