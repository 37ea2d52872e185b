"""Square: a point to move in a line or a square."""

from typing import Any

import anywidget
import traitlets

from riffkit.widgets.parts.scripts import script, style


class Square(anywidget.AnyWidget):
    """A point in a line (two ends) or a square (four), moved by mouse, touch or the arrow keys.

    Attributes
    ----------
    ends : list of str
    place : list [x, y; 0..1]
    settled : bool
        False while the point is being dragged.
    known : list of [x, y]
        Places that are marked.
    recording : bool
        Whether moves are added to `path`, a list of [seconds, x, y].
    """

    _esm = script("view.js", "square.js")
    _css = style("square.css")

    ends = traitlets.List(traitlets.Unicode()).tag(sync=True)
    place: traitlets.List[Any] = traitlets.List([0.5, 0.5]).tag(sync=True)
    settled = traitlets.Bool(True).tag(sync=True)
    known: traitlets.List[Any] = traitlets.List().tag(sync=True)
    recording = traitlets.Bool(False).tag(sync=True)
    path: traitlets.List[Any] = traitlets.List().tag(sync=True)
