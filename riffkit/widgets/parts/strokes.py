"""Strokes of a pen on a spectrogram, in seconds and hertz, rasterized to a mask or to ink.

The browser sends strokes rather than pixels. They are small, can be taken back one by one, and mean the same on a
picture of any size; and the pixels are made in one place only, here.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from riffkit.sound.params import SpectrogramParams

TOOLS = ("brush", "erase", "box", "clear")
MOST_POINTS = 20_000  # of one stroke: minutes of scribbling

Patch = tuple[slice, slice, np.ndarray, Any]  # rows and columns, row 0 the lowest; distance to the pen's path; darkness


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen.

    Parameters
    ----------
    tool : str
        "brush" and "erase" follow the points; "box" fills the rectangle between two of them, whose edges are those of
        `SpectrogramParams.box`; "clear" wipes all before.
    points : tuple of (float, float, float) [s, Hz, 0..1]
        Where the pen was, and its pressure; straight lines (on the mel axis) between.
    size : float [rows of the picture, > 0]
        How thick the pen is; without effect on a box.
    level : float, 0..1
        How dark ink is at full pressure. Half as dark is 24 dB less.
    harmonics : int, >= 1
        Draw the multiples 1, 2, ... of the frequency as well: a note with its overtones. As ink they fall by 1 / k.
    """

    tool: str = "brush"
    points: tuple[tuple[float, ...], ...] = ()
    size: float = 6.0
    level: float = 1.0
    harmonics: int = 1

    def __post_init__(self) -> None:
        if self.tool not in TOOLS:
            raise ValueError(f"tool is {self.tool!r}, expected one of {', '.join(TOOLS)}")
        try:
            points = tuple((float(p[0]), float(p[1]), float(p[2]) if len(p) > 2 else 1.0) for p in self.points)
        except (TypeError, ValueError, IndexError):
            raise ValueError("points must be (seconds, Hz) or (seconds, Hz, pressure)") from None
        if not all(map(math.isfinite, (x for point in points for x in point))):
            raise ValueError("a point holds NaN or infinity")
        least = {"clear": 0, "box": 2}.get(self.tool, 1)
        if not least <= len(points) <= MOST_POINTS:
            raise ValueError(f"a {self.tool} of {len(points)} points; expected {least} to {MOST_POINTS}")
        if any(hz < 0 or not 0 <= pressure <= 1 for _, hz, pressure in points):
            raise ValueError("a point lies below 0 Hz, or has a pressure outside 0..1")
        if not (0 < self.size <= 4096 and 0 <= self.level <= 1 and 1 <= self.harmonics <= 128):
            raise ValueError(
                f"size {self.size}, level {self.level}, harmonics {self.harmonics}; expected above 0, 0..1 and 1..128"
            )
        object.__setattr__(self, "points", points)

    @classmethod
    def of(cls, values: Any) -> Self:
        """Read a stroke from the plain `values` that `plain` gives, as the browser sends them.

        Raises
        ------
        ValueError
            If it is no stroke.
        """
        if not isinstance(values, dict) or not set(values) <= set(cls.__dataclass_fields__):
            raise ValueError(f"expected a stroke as a dict with {', '.join(cls.__dataclass_fields__)}")
        return cls(**values)

    @property
    def plain(self) -> dict[str, Any]:
        """The stroke as JSON values."""
        return {
            "tool": self.tool,
            "points": [[round(s, 4), round(hz, 2), round(pressure, 3)] for s, hz, pressure in self.points],
            "size": self.size,
            "level": self.level,
            "harmonics": self.harmonics,
        }


def mask_from_strokes(strokes: Iterable[Stroke], shape: tuple[int, int], params: SpectrogramParams) -> np.ndarray:
    """Binary mask of strokes: hard edges, so that what is kept is kept whole.

    Parameters
    ----------
    strokes : iterable of Stroke
        In the order they were drawn.
    shape : (int, int) [pixels]
        Rows and columns of the picture.
    params : SpectrogramParams
        Which row is which frequency.

    Returns
    -------
    np.ndarray [shape=(rows, columns), bool, high frequencies first]
    """
    mask = np.zeros(shape, bool)
    for stroke in strokes:
        if stroke.tool == "clear":
            mask[:] = False
            continue
        for rows, columns, distance, _ in _cover(stroke, shape, params, reach=0.5):
            mask[rows, columns][distance <= stroke.size / 2] = stroke.tool != "erase"
    return mask[::-1]


def ink_from_strokes(strokes: Iterable[Stroke], shape: tuple[int, int], params: SpectrogramParams) -> np.ndarray:
    """Darkness of strokes on an empty picture. A pen is as soft as a steady tone looks, so a thin line sounds as one.

    Across a stroke, darkness falls like a bell curve whose standard deviation is half its size. Where strokes cross,
    the darker one is seen.

    Parameters
    ----------
    strokes, shape
        As in `mask_from_strokes`.
    params : SpectrogramParams
        Which row is which frequency; its contrast decides how overtones fade.

    Returns
    -------
    np.ndarray [shape=(rows, columns), float32, 0..1, high frequencies first]
    """
    ink = np.zeros(shape, np.float32)
    for stroke in strokes:
        if stroke.tool == "clear":
            ink[:] = 0
            continue
        for rows, columns, distance, dark in _cover(stroke, shape, params, reach=1.5):
            there = ink[rows, columns]
            if stroke.tool == "erase":
                there[distance <= stroke.size / 2] = 0
            else:
                edge = 1.0 if stroke.tool == "box" else np.exp(-2 * (distance / stroke.size) ** 2)
                np.maximum(there, dark * edge, out=there)
    return ink[::-1]


def _cover(stroke: Stroke, shape: tuple[int, int], params: SpectrogramParams, reach: float) -> Iterator[Patch]:
    """Patches of the picture that a stroke touches."""
    params = replace(params, n_mels=shape[0])
    if stroke.tool == "box":
        (start, end), (low, high) = (sorted(ends) for ends in zip(*(p[:2] for p in stroke.points[:2]), strict=True))
        rows, columns = params.box(start, end, low, high)
        size = [len(range(n)[span]) for span, n in zip((rows, columns), shape, strict=True)]
        yield rows, columns, np.zeros(size), stroke.level
        return
    pressed = stroke.tool != "erase"
    for k in range(1, stroke.harmonics + 1):
        # from the lower left corner, in pixels; pixel i reaches from i to i + 1
        path = [
            (params.column_of(s) + 0.5, params.row_of(hz * k) + 0.5, pressure, hz * k <= params.fmax)
            for s, hz, pressure in stroke.points
        ]
        level = stroke.level * k**-params.contrast if pressed else 1.0
        for a, b in zip(path, path[1:] or path, strict=False):
            if a[3] or b[3]:
                yield from _segment(a[:3], b[:3], stroke.size * reach, level, shape)


def _segment(
    a: tuple[float, float, float], b: tuple[float, float, float], reach: float, level: float, shape: tuple[int, int]
) -> Iterator[Patch]:
    """The patch around a straight line between two points (column, row, pressure)."""
    (x0, y0, p0), (x1, y1, p1) = a, b
    bounds = []
    for low, high, n in ((min(y0, y1), max(y0, y1), shape[0]), (min(x0, x1), max(x0, x1), shape[1])):
        bounds.append(slice(max(math.floor(low - reach), 0), min(math.ceil(high + reach) + 1, n)))
    rows, columns = bounds
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    y, x = np.ogrid[rows, columns]
    y, x = y + 0.5 - y0, x + 0.5 - x0
    dx, dy = x1 - x0, y1 - y0
    along = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-12), 0, 1)
    distance = np.hypot(x - along * dx, y - along * dy)
    yield rows, columns, distance, level * (p0 + along * (p1 - p0))
