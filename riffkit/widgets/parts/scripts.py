"""The scripts of the widgets: a browser gets each widget's as one module, joined from the files that it shares."""

from pathlib import Path

JS = Path(__file__).parents[1] / "js"


def joined(*names, view):
    """The text of an anywidget module: these .js files one after the other, exporting `widget(<view>)`.

    Parameters
    ----------
    names : str
        Files of `widgets/js`, in the order in which they need each other: buffers.js and transport.js (sound), plot.js
        (picture and axes), player.js (both, with controls), widget.js (the traits behind them), and the widget's own.
    view : str
        The class that draws the widget; built as `new View(model, el, transport)`.
    """
    return "\n".join([*((JS / name).read_text(encoding="utf-8") for name in names), f"export default widget({view});"])
