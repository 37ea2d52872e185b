"""Long work behind a widget: one thread at a time at the model, progress and Cancel, and errors where one sees them.

A callback of a widget must return at once: while it runs, every other click waits. So it starts a `Job`, or asks a
`Newest`, and both call back from their worker thread, from where traits may be set. Whatever goes wrong there would be
shown nowhere; it belongs into an `ErrorBox` (errors.py).
"""

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Any

import ipywidgets

from riffkit.progress import Cancelled, Reporter, notice

MODEL_LOCK = threading.Lock()  # whoever runs a model holds it: two runs at a time are slower than one after the other


class Job:
    """Worker thread that calls `function(*args, progress=..., **kwargs)`, holding `MODEL_LOCK`.

    Started when made. All callbacks run in the worker, `on_done` and `on_error` after the lock was given back. An
    exception in `on_progress` ends the run; one in `on_done` goes to `on_error` like the function's own.

    Parameters
    ----------
    function : callable
        Takes `progress` as all of riffkit's long calls do (`riffkit.progress`).
    *args, **kwargs
        What else it takes.
    on_progress : callable, optional
        Gets `(step, total, estimate)` after every step.
    on_done : callable, optional
        Gets what the function returned.
    on_error : callable, optional
        Gets the exception; for a job that was cancelled this is `riffkit.Cancelled`. Without it the exception is
        raised in the thread, which prints it.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *args: Any,
        on_progress: Reporter | None = None,
        on_done: Callable[[Any], Any] | None = None,
        on_error: Callable[[Exception], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self._call = lambda: function(*args, progress=self._report, **kwargs)
        self._on_progress, self._on_done, self._on_error = on_progress, on_done, on_error
        self._cancel = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="riffkit-job")
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the worker is alive: waiting for the lock, running, or in its callbacks."""
        return self._thread.is_alive()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called, in time or not."""
        return self._cancel.is_set()

    def cancel(self) -> None:
        """End before the next step; at once if the job still waits for the lock. Returns without waiting."""
        self._cancel.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the worker has ended, at most `timeout` seconds. Not from within its own callbacks."""
        self._thread.join(timeout)

    def _report(self, step: int, total: int, estimate: Callable[[], Any] | None = None) -> bool:
        if self._on_progress is not None and not self._cancel.is_set():
            self._on_progress(step, total, estimate)
        return not self._cancel.is_set()

    def _work(self) -> None:
        try:
            while not MODEL_LOCK.acquire(timeout=0.05):
                if self._cancel.is_set():
                    raise Cancelled("stopped before it began")
            with contextlib.ExitStack() as held:
                held.callback(MODEL_LOCK.release)
                value = self._call()
            if self._cancel.is_set():
                raise Cancelled("stopped after its last step")
            if self._on_done is not None:
                self._on_done(value)
        except Exception as exception:
            if self._on_error is None:
                raise
            self._on_error(exception)


class Newest:
    """One worker that runs only the newest request: a slider sends dozens, one is wanted.

    A request that arrives while another runs waits for it; if it is overtaken while it waits, it is dropped. The thread
    ends when nothing waits, so that an idle widget has none.

    Parameters
    ----------
    function : callable
        Called as `function(*args, progress=...)`, like a `Job`'s.
    on_done, on_error : callable, optional
        As in `Job`; not called for requests that were dropped.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        on_done: Callable[[Any], Any] | None = None,
        on_error: Callable[[Exception], Any] | None = None,
    ) -> None:
        self._function, self._on_done, self._on_error = function, on_done, on_error
        self._guard = threading.Lock()
        self._waiting: tuple[Any, ...] | None = None
        self._job: Job | None = None
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether a request runs or waits."""
        with self._guard:  # between two jobs there is none for a moment
            return self._job is not None

    def ask(self, *args: Any) -> None:
        """Ask for `function(*args)`; returns at once. After `close` it does nothing."""
        with self._guard:
            if self._closed:
                return
            self._waiting = args
            if self._job is None:
                self._start(args)

    def interrupt(self) -> None:
        """Stop what runs at its next step, so that what waits comes sooner."""
        with self._guard:
            if self._job is not None:
                self._job.cancel()

    def close(self) -> None:
        """Stop what runs, drop what waits, take nothing more."""
        with self._guard:
            self._closed, self._waiting = True, None
            if self._job is not None:
                self._job.cancel()

    def _start(self, args: tuple[Any, ...]) -> None:  # with the guard held
        self._waiting = None
        self._job = Job(self._function, *args, on_done=self._done, on_error=self._failed)

    def _next(self) -> None:
        with self._guard:
            self._job = None
            if self._waiting is not None:
                self._start(self._waiting)

    def _done(self, value: Any) -> None:  # should `on_done` raise, the job calls `_failed` instead
        if self._on_done is not None and not self._closed:
            self._on_done(value)
        self._next()

    def _failed(self, exception: Exception) -> None:
        try:
            if not isinstance(exception, Cancelled):
                if self._on_error is None:
                    raise exception
                self._on_error(exception)
        finally:
            self._next()


REPLY = "_reply_subshell_for"  # ipykernel's, of a comm: which thread answers what a page says


def answer_beside_cells(*widgets: ipywidgets.Widget) -> None:
    """Let `widgets`, and all inside them, be heard while a cell is running.

    JupyterLab sends what a widget says to a thread beside the cells. ipykernel 7.4 sends it on to wherever Python last
    changed that widget, which is mostly the thread of the cells: a click on Cancel waited for the end of the cell. It
    has no public way to say otherwise, so its own choice is overwritten, where it is.
    """
    for widget in widgets:
        if hasattr(widget.comm, REPLY):
            setattr(widget.comm, REPLY, lambda data, chosen: chosen)
        elif type(widget.comm).__module__.startswith("ipykernel."):
            _tell_that_cells_come_first()
        answer_beside_cells(*getattr(widget, "children", ()))


@functools.cache
def _tell_that_cells_come_first() -> None:
    """Warn, once, where ipykernel does it in another way than when this was written."""
    from ipykernel._version import __version__, version_info

    if version_info >= (7, 4):  # before, the thread beside the cells answered by itself
        notice(
            f"ipykernel {__version__} has no {REPLY}, which riffkit knows of 7.4: a click on Cancel may wait"
            " for the end of the cell that runs; please report it"
        )
