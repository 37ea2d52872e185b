"""Slider: a number between two ends, with its name and its value beside it."""

from typing import Any

import anywidget
import traitlets

from riffkit.widgets.parts.scripts import script, style


class Slider(anywidget.AnyWidget):
    """A number between two ends, by mouse or arrow keys; Python hears of it when it has been let go.

    The handle of `ipywidgets.IntSlider` and its kin has no name that a screen reader could say (ipywidgets 8.1); this
    one is the browser's own, in a label.

    Parameters
    ----------
    value : int or float
        With `step` a whole number, `value` is one.
    min, max, step : int or float
        A value beyond an end is set to that end.
    **traits
        `description`, `disabled`, `layout`.

    Raises
    ------
    traitlets.TraitError
        If a value is no number, or not whole where it should be.
    """

    _esm = script("slider.js")
    _css = style("slider.css")

    value = traitlets.Union([traitlets.Int(), traitlets.Float()]).tag(sync=True)
    min = traitlets.Union([traitlets.Int(0), traitlets.Float()]).tag(sync=True)
    max = traitlets.Union([traitlets.Int(1), traitlets.Float()]).tag(sync=True)
    step = traitlets.Union([traitlets.Int(1), traitlets.Float()]).tag(sync=True)
    description = traitlets.Unicode("").tag(sync=True)
    disabled = traitlets.Bool(False).tag(sync=True)

    def __init__(self, value: float, min: float, max: float, *, step: float = 1, **traits: Any) -> None:
        super().__init__(min=min, max=max, step=step, **traits)
        self.value = value

    @traitlets.validate("value")
    def _between(self, proposal: Any) -> int | float:
        value = proposal["value"]
        if isinstance(value, bool) or value != value:
            raise traitlets.TraitError(f"{self.description or 'value'} is {value!r}; expected a number")
        if isinstance(self.step, int) and value != int(value):
            raise traitlets.TraitError(f"{self.description or 'value'} is {value!r}; expected a whole number")
        value = self.min if value < self.min else self.max if value > self.max else value
        return int(value) if isinstance(self.step, int) else float(value)
