"""DrawingSurface: a spectrogram picture under a pen, on which MaskPainter and Canvas are built."""

from typing import Any

import anywidget
import numpy as np
import traitlets
from PIL import Image

from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.pictures import axes_of, png_of
from riffkit.widgets.parts.scripts import PLOT, script, style
from riffkit.widgets.parts.strokes import Stroke, ink_from_strokes, mask_from_strokes

WIDEST = 8192  # columns, 82 s: more would be too narrow to draw in


class DrawingSurface(anywidget.AnyWidget):
    """A picture with its axes, and a pen: brush, eraser, boxes and bands, harmonics, undo and redo.

    What is drawn is kept as strokes (see `strokes`), which any number of views show and either side may change.
    Everything can be done by keyboard: the arrows move a cross, Enter puts the pen down and lifts it, and four fields
    take a box or a line in numbers.

    Parameters
    ----------
    image : PIL.Image.Image
        The spectrogram picture drawn on; its parameters and its size are those of what is drawn.
    ink : bool
        Draw sound on the picture, else a mask over it.
    **traits
        `size` [rows], `level` [0..1], `height` [pixels on the screen].

    Attributes
    ----------
    params : SpectrogramParams
        Of the picture.
    shape : (int, int) [pixels]
        Its rows and columns.
    strokes, undone : list of Stroke
        What is drawn, and what was taken back last and can come again.
    drawn : list of dict
        The trait behind `strokes`, for `observe`: it changes whenever the pen is lifted.
    error : str
        Shown below; empty if all is well.

    Raises
    ------
    ValueError
        If the picture is wider than 8192 columns (82 s).
    """

    _esm = script(*PLOT, "drawing_plot.js", "drawing.js")
    _css = style("player.css", "drawing.css")

    picture = traitlets.Bytes(b"").tag(sync=True)  # PNG
    about = traitlets.Dict().tag(sync=True)  # see `axes_of`; and its rows
    duration = traitlets.Float(0.0).tag(sync=True)
    ink = traitlets.Bool(False).tag(sync=True)
    drawn: traitlets.List[Any] = traitlets.List().tag(sync=True)
    taken_back: traitlets.List[Any] = traitlets.List().tag(sync=True)
    tool = traitlets.Unicode("brush").tag(sync=True)
    size = traitlets.Float(24.0, min=1.0, max=200.0).tag(sync=True)
    level = traitlets.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    height = traitlets.Int(320, min=40, max=2000).tag(sync=True)
    label = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    params: SpectrogramParams
    shape: tuple[int, int]

    def __init__(self, image: Image.Image, *, ink: bool = False, **traits: Any) -> None:
        super().__init__(ink=ink, **({"size": 6.0} if ink else {}) | traits)
        self.show(image)

    def show(self, image: Image.Image) -> None:
        """Put another picture, `image`, under the pen; what was drawn on the last one is forgotten."""
        if image.width > WIDEST:
            raise ValueError(f"the picture has {image.width} columns, {WIDEST} can be drawn on; take a part of it")
        self.params, self.shape = params_from_image(image), (image.height, image.width)
        with self.hold_sync():
            self.about = axes_of(self.params) | {"rows": image.height}
            self.duration = max(image.width - 1, 1) * self.params.hop_s
            self.picture, self.error = png_of(image.convert("L")), ""
            self.drawn = self.taken_back = []

    @property
    def strokes(self) -> list[Stroke]:
        """What is drawn, in order."""
        return [Stroke.of(values) for values in self.drawn]

    @property
    def undone(self) -> list[Stroke]:
        """What was taken back, the last at the end."""
        return [Stroke.of(values) for values in self.taken_back]

    @property
    def mask(self) -> np.ndarray:
        """Binary mask of the strokes [shape=(rows, columns), bool], see `mask_from_strokes`."""
        return mask_from_strokes(self.strokes, self.shape, self.params)

    @property
    def darkness(self) -> np.ndarray:
        """Darkness of the strokes as ink [shape=(rows, columns), float32, 0..1], see `ink_from_strokes`."""
        return ink_from_strokes(self.strokes, self.shape, self.params)

    def draw(self, *points: tuple[float, ...], **options: Any) -> None:
        """Draw one stroke.

        Parameters
        ----------
        *points : (float, float) or (float, float, float) [s, Hz, 0..1]
            Where the pen goes, and its pressure.
        **options
            Others of `Stroke`; by default `size` and `level` are this surface's.
        """
        self._add(Stroke(points=points, **{"size": self.size, "level": self.level} | options))

    def box(
        self,
        start: float = 0.0,
        end: float | None = None,
        low: float | None = None,
        high: float | None = None,
        **options: Any,
    ) -> None:
        """Draw a band in time, in frequency, or both: the same pixels as `[(start, end, low, high)]` is for `inpaint`.

        Parameters
        ----------
        start, end : float [s]
            Default: the whole picture.
        low, high : float [Hz]
            Default: `fmin` and `fmax`.
        **options
            Others of `Stroke`, such as `level`.

        Raises
        ------
        ValueError
            If it is empty.
        """
        end = self.params.seconds_of(self.shape[1]) if end is None else end
        low, high = self.params.fmin if low is None else low, self.params.fmax if high is None else high
        if not (0 <= start < end and 0 <= low < high):
            raise ValueError(f"the box {start:g} to {end:g} s, {low:g} to {high:g} Hz is empty")
        self._add(Stroke("box", ((start, low), (end, high)), **{"size": self.size, "level": self.level} | options))

    def clear(self) -> None:
        """Wipe everything; can be undone."""
        if self.drawn:
            self._add(Stroke("clear"))

    def undo(self) -> None:
        """Take the last stroke back."""
        if self.drawn:
            *rest, last = self.drawn
            with self.hold_sync():
                self.drawn, self.taken_back = rest, [*self.taken_back, last]

    def redo(self) -> None:
        """Draw again what was taken back last."""
        if self.taken_back:
            *rest, last = self.taken_back
            with self.hold_sync():
                self.drawn, self.taken_back = [*self.drawn, last], rest

    def _add(self, stroke: Stroke) -> None:
        with self.hold_sync():
            self.drawn, self.taken_back, self.error = [*self.drawn, stroke.plain], [], ""

    @traitlets.validate("drawn", "taken_back")
    def _check(self, proposal):
        try:
            for values in proposal["value"]:
                Stroke.of(values)
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(f"{proposal['trait'].name}: {error}") from error
        return proposal["value"]
