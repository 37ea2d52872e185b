"""Player: a sound and its spectrogram picture, to be listened to with eyes and hands."""

import io
from dataclasses import replace
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode, params_from_image
from riffkit.sound.levels import normalize_loudness
from riffkit.sound.params import SpectrogramParams

HERE = Path(__file__).parent


class Player(anywidget.AnyWidget):
    """A live player: the spectrogram with its axes, a playhead, and all that a transport can do.

    Parameters
    ----------
    source : Clip, Riff, Walk or PIL.Image.Image, optional
        What to play; a picture is decoded first. Can be exchanged at any time with `show`.
    title : str, optional
        Shown above the picture, as text; default what the source says of itself.
    loop : bool, optional
        Start with the whole played as a loop; default True for riffs that are loops.
    """

    _esm = HERE / "player.js"
    _css = HERE / "player.css"

    picture = traitlets.Bytes(b"").tag(sync=True)  # PNG, lanes one above the other
    sound = traitlets.Bytes(b"").tag(sync=True)  # FLAC
    duration = traitlets.Float(0.0).tag(sync=True)  # s
    title = traitlets.Unicode("").tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    position = traitlets.Float(0.0).tag(sync=True)  # s
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(self, source=None, *, title=None, loop=None, **kwargs):
        super().__init__(**kwargs)
        if source is not None:
            self.show(source, title=title, loop=loop)

    def show(self, source, *, title=None, loop=None):
        """Play this from now on in place of what was there; what sounds is stopped."""
        clip, image, says, loops = seen_and_heard(source)
        with self.hold_sync():
            self.picture = picture_bytes(image)
            self.sound = normalize_loudness(clip).to_bytes("flac")
            self.duration, self.title = clip.duration, says if title is None else title
            self.loop = loops if loop is None else loop
            self.position, self.error = 0.0, ""


def seen_and_heard(source):
    """(clip, spectrogram picture, what it is called, whether it is a loop) of a clip, a riff or a picture.

    Raises
    ------
    TypeError
        If it is none of them.
    """
    if isinstance(source, Clip):
        return source, encode(source, params_for(source)), repr(source), False
    if isinstance(source, Image.Image):
        return decode(source), source, f"picture, {source.width} columns", False
    if hasattr(source, "image") and hasattr(source, "clip"):  # Riff and Walk
        return source.clip, source.image, getattr(source, "title", repr(source)), bool(getattr(source, "loop", False))
    raise TypeError(f"expected a Clip, a Riff or a picture, got {type(source).__name__}")


def params_for(clip):
    """The parameters of a picture of this clip: the usual ones, as far as its sample rate allows."""
    rate = min(max(clip.sample_rate, 4000), 384000)
    return replace(SpectrogramParams(stereo=clip.n_channels > 1), sample_rate=rate, fmax=min(10000.0, rate / 2))


def picture_bytes(image):
    """A picture as grey PNG: one lane, or for stereo the left above the right."""
    if params_from_image(image).stereo:
        _, left, right = np.moveaxis(np.asarray(image.convert("RGB")), 2, 0)
        grey = Image.fromarray(np.concatenate([left, right]))
    else:
        grey = image.convert("L")
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
