"""Panel: widgets one under the other that are heard while a cell runs, and whose workers end with them."""

from collections.abc import Sequence
from typing import Any, Protocol

import ipywidgets

from riffkit.widgets.parts.jobs import answer_beside_cells


class Closable(Protocol):
    """A `RunBar`, a `Newest`: what is closed with a panel."""

    def close(self) -> None:
        """Stop what runs."""


class Panel(ipywidgets.VBox):
    """What all panels are: a column of widgets with workers behind it.

    Parameters
    ----------
    children : list of ipywidgets.Widget
    workers : list of RunBar, Newest and so on
        Closed when the panel is.
    """

    _workers: Sequence[Closable] = ()  # also for a panel that failed while it was made, and is closed

    def __init__(self, children: Sequence[Any], workers: Sequence[Closable] = ()) -> None:
        self._workers = tuple(workers)
        super().__init__(children)
        answer_beside_cells(self)

    def close(self) -> None:
        """Stop what runs, and take the panel off the page."""
        for worker in self._workers:
            worker.close()
        held = [value for value in vars(self).values() if isinstance(value, ipywidgets.Widget)]  # shown or not yet
        inside = [*_inside(self), *held]
        super().close()
        close_whole(*inside)


def close_whole(*widgets: ipywidgets.Widget) -> None:
    """Close `widgets` with all that they are made of: children, layouts, styles.

    ipywidgets closes the outermost alone; the others stay registered, with their callbacks, and through these with
    everything that a panel holds: a model, riffs.
    """
    waiting, seen = list(widgets), set()
    while waiting:
        widget = waiting.pop()
        if id(widget) not in seen:
            seen.add(id(widget))
            waiting += _inside(widget)
            widget.close()


def _inside(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    values = [getattr(widget, name) for name in widget.keys if widget.trait_has_value(name)]
    parts = [part for value in values for part in (value if isinstance(value, (list, tuple)) else [value])]
    return [part for part in parts if isinstance(part, ipywidgets.Widget)]
