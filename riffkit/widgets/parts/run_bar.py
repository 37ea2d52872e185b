"""RunBar: a button that starts long work, one that stops it, and how far it is."""

import html
import time
from collections.abc import Callable
from typing import Any

import ipywidgets
from ipywidgets import Layout

from riffkit.progress import Cancelled
from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.jobs import Job


def plain_button(description: str, tooltip: str, **traits: Any) -> ipywidgets.Button:
    """Make a button as wide as its words.

    Parameters
    ----------
    description, tooltip : str
    **traits
        Others of `ipywidgets.Button`.
    """
    return ipywidgets.Button(description=description, tooltip=tooltip, layout=Layout(width="auto"), **traits)


def row(*widgets: ipywidgets.Widget) -> ipywidgets.Box:
    """Lay `widgets` side by side, one under the other where there is no room."""
    return ipywidgets.Box(widgets, layout=Layout(flex_flow="row wrap", align_items="center", grid_gap="2px 8px"))


class RunBar(ipywidgets.VBox):
    """Start, Cancel, a bar with the time left, and a place for errors. One run at a time.

    Parameters
    ----------
    description, tooltip : str
        Of the button that starts; what it does is set with `on_click`.
    """

    def __init__(self, description: str, tooltip: str) -> None:
        self.job: Job | None = None
        self.button = plain_button(description, tooltip, button_style="primary")
        self.cancel = plain_button("Cancel", "stop at the next step", disabled=True)
        self.bar = ipywidgets.IntProgress(0, 0, 1, layout=Layout(width="160px"))
        self.status = ipywidgets.HTML()
        self.error = ErrorBox()
        self.cancel.on_click(lambda _: self.stop())
        super().__init__([row(self.button, self.cancel, self.bar, self.status), self.error])

    def on_click(self, act: Callable[[], Any]) -> None:
        """Call `act()` at a click; what it raises is shown."""
        self.button.on_click(self.error.guards(lambda _: act()))

    def run(
        self,
        function: Callable[..., Any],
        *args: Any,
        on_done: Callable[[Any], Any],
        on_step: Callable[[int, int, Any], Any] | None = None,
        **kwargs: Any,
    ) -> Job:
        """Run `function(*args, progress=..., **kwargs)` in a worker.

        Parameters
        ----------
        function : callable
        *args, **kwargs
            What it gets beside `progress`.
        on_done : callable
            Gets what it returned, in the worker; may return words for the status line.
        on_step : callable, optional
            Gets `(step, total, estimate)`, in the worker.

        Raises
        ------
        RuntimeError
            If something is running.
        """
        if self.job is not None and self.job.running:
            raise RuntimeError("something is being made; wait for it, or cancel it")
        self.error.clear()
        self.button.disabled, self.cancel.disabled = True, False
        self.bar.value, self.bar.max = 0, 1
        self.say("waiting for the model")
        began: float | None = None

        def progress(step: int, total: int, estimate: Any = None) -> None:
            nonlocal began
            began = time.monotonic() if began is None else began
            self.bar.max, self.bar.value = max(total, 1), step
            if 0 < step < total:
                left = (time.monotonic() - began) / step * (total - step)
                self.say(f"step {step} of {total}, {left:.1f} s left")
            if on_step is not None:
                on_step(step, total, estimate)

        def done(value: Any) -> None:
            told = on_done(value)
            self._ready(told or f"done in {time.monotonic() - (began or time.monotonic()):.1f} s")

        self.job = Job(function, *args, on_progress=progress, on_done=done, on_error=self._failed, **kwargs)
        return self.job

    def stop(self) -> None:
        """End what runs at its next step."""
        if self.job is not None and self.job.running:
            self.job.cancel()
            self.cancel.disabled = True
            self.say("stopping")

    def say(self, text: str) -> None:
        """Show a line of `text`, read aloud by screen readers."""
        self.status.value = f'<span role="status">{html.escape(text)}</span>'

    def close(self) -> None:
        """Stop what runs, and take the bar off the page."""
        self.stop()
        super().close()

    def _failed(self, exception):
        if not isinstance(exception, Cancelled):
            self.error.show(exception)
        self._ready("cancelled" if isinstance(exception, Cancelled) else "")

    def _ready(self, text):
        self.bar.value = 0
        self.button.disabled, self.cancel.disabled = False, True
        self.say(text)
