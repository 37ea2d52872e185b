"""The scripts and styles of the widgets: a browser gets each widget's as one module, joined from files it shares."""

from collections.abc import Iterable
from pathlib import Path

JS = Path(__file__).parents[1] / "js"
CSS = Path(__file__).parents[1] / "css"
PLOT = ("view.js", "plot.js")  # what a picture with axes needs before its own file


def script(*names: str, view: str | None = None) -> str:
    """Text of an anywidget module: .js files one after the other, so that each knows the names of those before it.

    Parameters
    ----------
    *names : str
        Files of `widgets/js`, in the order in which they need each other: view.js (what every view does), buffers.js
        and transport.js (sound), plot.js (picture and axes), player.js (both, with controls), widget.js (the traits
        behind them), and the widget's own.
    view : str, optional
        A class that draws a widget with sound, built as `new View(model, el, transport)`; the module then exports
        `widget(<view>)`. Without it the last file says what is exported.
    """
    ending = [] if view is None else [f"export default widget({view});"]
    return "\n".join([*_texts(JS, names), *ending])


def style(*names: str) -> str:
    """Text of a style sheet: these .css files of `widgets/css`, `names`, one after the other."""
    return "\n".join(_texts(CSS, names))


def _texts(folder: Path, names: Iterable[str]) -> list[str]:
    return [(folder / name).read_text(encoding="utf-8") for name in names]
