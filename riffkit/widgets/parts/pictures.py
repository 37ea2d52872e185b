"""Pictures on their way to a page: PNG, small WEBP, and what a page has to know of a spectrogram picture."""

import base64
import io
from typing import Any

from PIL import Image

from riffkit.sound.params import SpectrogramParams

THUMB = (144, 72)  # pixels


def png_of(image: Image.Image) -> bytes:
    """Encode a picture as PNG, quickly.

    Parameters
    ----------
    image : PIL.Image.Image
    """
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def thumbnail(image: Image.Image, size: tuple[int, int] = THUMB) -> str:
    """Encode a small grey picture as a data URI, about 3 kB.

    Parameters
    ----------
    image : PIL.Image.Image
    size : (int, int) [columns, rows]
    """
    buffer = io.BytesIO()
    image.convert("L").resize(size, Image.Resampling.BOX).save(buffer, "WEBP", quality=60)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def axes_of(params: SpectrogramParams, *, lanes: int = 1, squeezed: float = 1.0) -> dict[str, Any]:
    """Scales of a spectrogram picture, as plot.js takes them: `hop` [s], `lanes`, `fmin`, `fmax` [Hz].

    Parameters
    ----------
    params : SpectrogramParams
    lanes : int
        Pictures one above the other: a channel each.
    squeezed : float
        Columns of the picture in one that is sent.
    """
    return {"hop": params.hop_s * squeezed, "lanes": lanes, "fmin": params.fmin, "fmax": params.fmax}
