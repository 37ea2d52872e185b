"""What travels in a picture beside its pixels: Riffusion's EXIF tags, and a JSON text of our own.

Written by anybody, so nothing in them is trusted: what is missing, foreign or absurd is left out with a warning.
"""

import json
import warnings
from dataclasses import replace

from PIL import Image

from riffkit.sound.params import SpectrogramParams

TAGS = {
    "sample_rate": 11000,
    "stereo": 11005,
    "hop_ms": 11010,
    "window_ms": 11020,
    "padded_ms": 11030,
    "n_mels": 11040,
    "fmin": 11050,
    "fmax": 11060,
    "contrast": 11070,
}
MAX_VALUE = 11080
INT16 = 32768.0  # Riffusion reads 16-bit integers unscaled: its MAX_VALUE is this much larger than ours
KEY = "riffkit"


def as_riffusion(name, value):
    """A parameter as Riffusion writes it: whole numbers for all but the contrast."""
    if name in ("stereo", "sample_rate", "n_mels"):
        return int(value)
    return int(value) if name != "contrast" and float(value).is_integer() else float(value)


def tags_of(image):
    """Riffusion's tags in a picture as {name: value}, or None if there is none of them."""
    try:
        exif = image.getexif()
    except Exception:  # Pillow raises many kinds on damaged EXIF
        warnings.warn("the picture's EXIF cannot be read; it is taken as if there were none", stacklevel=4)
        return None
    found = {name: exif[tag] for name, tag in TAGS.items() if tag in exif}
    return found or None


def extra_of(image):
    """The JSON that travels in a picture under "riffkit", as a dict (empty if there is none)."""
    text = image.info.get(KEY)
    if isinstance(text, str):
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return {}


def stored_level(image):
    """The magnitude of black (ours, full scale 1), or None if the picture does not say or says nonsense."""
    try:
        value = image.getexif().get(MAX_VALUE)
        value = None if value is None else float(value)
    except Exception:
        return None
    if value is None:
        return None
    if not (0 <= value < 1e12):
        warnings.warn(f"the picture's MAX_VALUE is {value}; it is ignored", stacklevel=4)
        return None
    return value / INT16


def params_from_image(image):
    """The parameters a picture was made with, as far as it says so; the rest are Riffusion's.

    Tags that are missing, foreign or absurd are left out with a warning. Without tags, a picture with an all-zero red
    channel is stereo, and it has as many mels as rows.

    Parameters
    ----------
    image : PIL.Image.Image

    Returns
    -------
    SpectrogramParams [with n_mels = image.height]
    """
    if not isinstance(image, Image.Image):
        raise TypeError(f"expected a PIL picture, got {type(image).__name__}; use PIL.Image.open(path)")
    if not 2 <= image.height <= 4096:
        raise ValueError(f"the picture has {image.height} rows; a spectrogram has 2 to 4096")
    tags = tags_of(image)
    if tags is None:
        return replace(SpectrogramParams(), n_mels=image.height, stereo=_looks_stereo(image))
    params = SpectrogramParams(n_mels=image.height)
    order = [name for name in ("sample_rate", "padded_ms", "fmax") if name in tags]  # these bound the others
    order += [name for name in tags if name not in order]
    for attempt in range(2):  # a second round for those that only fit together
        for name in list(order):
            try:
                value = float(tags[name])
                if name == "n_mels":
                    if attempt == 0 and value != image.height:
                        message = f"the picture has {image.height} rows but its tag says {value:g}; taking its rows"
                        warnings.warn(message, stacklevel=3)
                    order.remove(name)
                    continue
                params = replace(params, **{name: bool(value) if name == "stereo" else value})
                order.remove(name)
            except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
                if attempt:
                    message = f"tag {name.upper()} of the picture is ignored, the default is taken: {error}"
                    warnings.warn(message, stacklevel=3)
    return params


def _looks_stereo(image):
    if image.mode not in ("RGB", "RGBA", "P"):
        return False
    red, green, blue = image.convert("RGB").split()
    return red.getextrema() == (0, 0) and (green.getextrema()[1] > 0 or blue.getextrema()[1] > 0)
