"""Strokes of a pen on a spectrogram, in seconds and hertz, and what they come to in pixels: a mask, or ink.

The browser sends strokes rather than pixels. They are small, can be taken back one by one, and mean the same on a
picture of any size; and the pixels are made in one place only, here.
"""

import math
from dataclasses import dataclass

import numpy as np

TOOLS = ("brush", "erase", "box", "clear")
MOST_POINTS = 20_000  # of one stroke: minutes of scribbling


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen.

    Parameters
    ----------
    tool : str
        "brush" and "erase" follow the points; "box" fills the rectangle between two of them; "clear" wipes all before.
    points : tuple of (float, float, float) [s, Hz, 0..1]
        Where the pen was, and its pressure; straight lines (on the mel axis) between.
    size : float [rows of the picture, > 0]
        How thick the pen is.
    level : float, 0..1
        How dark ink is at full pressure. Half as dark is 24 dB less.
    harmonics : int, >= 1
        Draw the multiples 1, 2, ... of the frequency as well: a note with its overtones. As ink they fall by 1 / k.
    """

    tool: str = "brush"
    points: tuple = ()
    size: float = 6.0
    level: float = 1.0
    harmonics: int = 1

    def __post_init__(self):
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
    def of(cls, values):
        """A stroke from the plain values that `plain` gives, as the browser sends them.

        Raises
        ------
        ValueError
            If it is no stroke.
        """
        if not isinstance(values, dict) or not set(values) <= set(cls.__dataclass_fields__):
            raise ValueError(f"expected a stroke as a dict with {', '.join(cls.__dataclass_fields__)}")
        return cls(**values)

    @property
    def plain(self):
        """The stroke as JSON values."""
        return {
            "tool": self.tool,
            "points": [[round(s, 4), round(hz, 2), round(pressure, 3)] for s, hz, pressure in self.points],
            "size": self.size,
            "level": self.level,
            "harmonics": self.harmonics,
        }


def mask_from_strokes(strokes, shape, params):
    """The places that strokes cover: hard edges, so that what is kept is kept whole.

    Parameters
    ----------
    strokes : iterable of Stroke
        In the order they were drawn.
    shape : (int, int)
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


def ink_from_strokes(strokes, shape, params):
    """How dark strokes make an empty picture. A pen is as soft as a steady tone looks, so a thin line sounds as one.

    Across a stroke, darkness falls like a bell curve whose standard deviation is half its size. Where strokes cross,
    the darker one is seen. Parameters as in `mask_from_strokes`.

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


def _cover(stroke, shape, params, reach):
    """Rectangles that a stroke touches, row 0 the lowest: (rows, columns, distance to the pen's path, darkness)."""
    if stroke.tool == "box":
        (x0, y0), (x1, y1) = (_place(s, hz, shape, params) for s, hz, _ in stroke.points[:2])
        spans = ((y0, y1), shape[0]), ((x0, x1), shape[1])  # pixels whose middle lies between
        firsts = [max(math.ceil(min(ends) - 0.5), 0) for ends, _ in spans]
        lasts = [min(math.floor(max(ends) - 0.5), n - 1) for ends, n in spans]
        size = [max(last + 1 - first, 0) for first, last in zip(firsts, lasts, strict=True)]
        rows, columns = (slice(first, first + n) for first, n in zip(firsts, size, strict=True))
        yield rows, columns, np.zeros(size), stroke.level
        return
    pressed = stroke.tool != "erase"
    for k in range(1, stroke.harmonics + 1):
        path = [(*_place(s, hz * k, shape, params), p, hz * k <= params.fmax) for s, hz, p in stroke.points]
        level = stroke.level * k**-params.contrast if pressed else 1.0
        for a, b in zip(path, path[1:] or path, strict=False):
            if a[3] or b[3]:
                yield from _segment(a, b, stroke.size * reach, level, shape)


def _segment(a, b, reach, level, shape):
    (x0, y0, p0, _), (x1, y1, p1, _) = a, b
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


def _place(seconds, hz, shape, params):
    """A point in pixels from the lower left corner; pixel i reaches from i to i + 1."""
    mel = lambda f: 2595 * math.log10(1 + f / 700)  # noqa: E731  (HTK's)
    share = (mel(hz) - mel(params.fmin)) / (mel(params.fmax) - mel(params.fmin))
    # column c is centred on c hops; row r on the (r + 1)th of n + 1 equal steps in mel
    return seconds * 1000 / params.hop_ms + 0.5, share * (shape[0] + 1) - 0.5
