"""Player: a sound and its spectrogram, with a playhead, loops, boxes in time and frequency, and zoom.

The picture lies between a frequency axis and a time axis. A click seeks, a drag chooses a region, with Shift a box in
time and frequency; `Loop` repeats it, and of a box one hears only what is inside. All state can be read back and set:
`player.region`, `player.band`, `player.position`.
"""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode
from riffkit.sound.loudness import normalize_loudness
from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.pictures import axes_of, png_of
from riffkit.widgets.parts.scripts import script, style

LONGEST = 900.0  # seconds; more than the connection to the browser carries well
WIDEST = 4000  # columns drawn of a clip; longer ones get longer columns
LOUDNESS = -16.0  # LUFS, as in a clip's own output
SCRIPTS = ("view.js", "buffers.js", "transport.js", "plot.js", "player.js", "widget.js")


class Player(anywidget.AnyWidget):
    """A live player: the spectrogram with its axes, a playhead, and a transport. Silent until somebody presses Play.

    Parameters
    ----------
    source : Clip, Riff, Walk or PIL.Image.Image, optional
        What to play; a picture is decoded first. `show` takes another at any time.
    title : str, optional
        Shown above the picture, as text; default what the source says of itself.
    loop : bool, optional
        Repeat; default True for riffs that are loops.
    loudness : float or None [LUFS]
        The loudness it is played at; None leaves it as it is.
    **traits
        Any of the traits below, for example `notes=True` or `compact=True`.

    Attributes
    ----------
    region : list [from, to; s] or []
        The part that is played.
    band : list [low, high; Hz] or []
        The frequencies that are heard.
    view : list [from, to, low, high; s and Hz] or []
        The part of the picture that is shown; all of it if empty.
    speed : float, 0.25..4
        How many times as fast it is played.
    keep_pitch : bool
        At the same pitch, whatever the speed.
    volume : float, 0..1
    notes : bool
        Note names on the frequency axis.
    compact : bool
        Without the second row of controls.
    height : int [pixels]
        Of the picture.
    playing : bool
        Told by the browser; use `play` and `pause` to change it.
    position : float [s]
        Told by the browser; use `seek` to change it.
    error : str
        Shown below; empty if all is well.

    Raises
    ------
    TypeError, ValueError
        If the source is none of these, or longer than 15 minutes.

    Notes
    -----
    The band is cut out in the browser by a linear-phase filter as long as the picture's window (100 ms), so that what
    remains is this very sound, at this very place. Inverting a masked picture would make up another phase. Taught in
    notebooks/01_spectrogram_encoding.ipynb.
    """

    _esm = script(*SCRIPTS, view="PlayerView")
    _css = style("player.css")

    tracks: traitlets.List[Any] = traitlets.List().tag(sync=True)  # see `track_of`
    duration = traitlets.Float(0.0).tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    region = traitlets.List(traitlets.Float()).tag(sync=True)
    band = traitlets.List(traitlets.Float()).tag(sync=True)
    view = traitlets.List(traitlets.Float()).tag(sync=True)
    loop = traitlets.Bool(False).tag(sync=True)
    speed = traitlets.Float(1.0, min=0.25, max=4.0).tag(sync=True)
    keep_pitch = traitlets.Bool(False).tag(sync=True)
    volume = traitlets.Float(0.8, min=0.0, max=1.0).tag(sync=True)
    notes = traitlets.Bool(False).tag(sync=True)
    boxing = traitlets.Bool(False).tag(sync=True)  # a plain drag draws a box too
    compact = traitlets.Bool(False).tag(sync=True)
    height = traitlets.Int(256, min=40, max=2000).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    position = traitlets.Float(0.0).tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        source: Any = None,
        *,
        title: str | None = None,
        loop: bool | None = None,
        loudness: float | None = LOUDNESS,
        **traits: Any,
    ) -> None:
        parts = {name: traits.pop(name) for name in ("region", "band", "view") if name in traits}
        super().__init__(title=title or "", loop=bool(loop), **traits)
        if source is not None:
            self.show(source, title=title, loop=loop, loudness=loudness)
        for name, value in parts.items():  # of this sound, so after it
            setattr(self, name, value)

    def show(
        self,
        source: Any,
        *,
        title: str | None = None,
        loop: bool | None = None,
        loudness: float | None = LOUDNESS,
    ) -> None:
        """Take another sound in place of what was there; what sounds is stopped.

        Parameters
        ----------
        source : Clip, Riff, Walk or PIL.Image.Image
        title : str, optional
        loop : bool, optional
        loudness : float or None [LUFS]
            All as those of the class.
        """
        seen = seen_and_heard(source)
        clip = seen.clip if loudness is None else normalize_loudness(seen.clip, loudness)
        with self.hold_sync():
            self._forget()
            self.duration, self.title = clip.duration, seen.title if title is None else title
            self.loop = seen.loop if loop is None else loop
            self.tracks = [track_of(clip, seen.image)]

    def _forget(self) -> None:
        self.region, self.band, self.view = [], [], []
        self.position, self.playing, self.error = 0.0, False, ""

    def close(self) -> None:
        """Take the player off the page, and its layout with it."""
        super().close()
        self.layout.close()

    def play(self) -> None:
        """Start, if the browser lets the page sound (it does after any click)."""
        self.send({"act": "play"})

    def pause(self) -> None:
        """Stop where it is."""
        self.send({"act": "pause"})

    def seek(self, seconds: float) -> None:
        """Go on from another place, `seconds` from the beginning."""
        self.send({"act": "seek", "time": float(seconds)})

    @traitlets.validate("region", "band")
    def _check_span(self, proposal: Any) -> list[float]:
        value, name = proposal["value"], proposal["trait"].name
        top, unit = (self.duration or math.inf, "s") if name == "region" else (math.inf, "Hz")
        if not value:
            return []
        if len(value) != 2 or not 0 <= value[0] < value[1] <= top + 0.01:
            raise traitlets.TraitError(f"{name} is {value}; expected [] or [from, to] within 0 to {top:.2f} {unit}")
        return [value[0], min(value[1], top)]

    @traitlets.validate("view")
    def _check_view(self, proposal: Any) -> list[float]:
        value = proposal["value"]
        if value and not (len(value) == 4 and value[0] < value[1] and 0 <= value[2] < value[3]):
            raise traitlets.TraitError(f"view is {value}; expected [] or [from s, to s, low Hz, high Hz]")
        return value

    def __repr__(self) -> str:
        return f"Player({self.title})"


class Seen(NamedTuple):
    """What a player shows and plays of a source."""

    clip: Clip
    image: Image.Image
    title: str
    loop: bool


def seen_and_heard(source: Any) -> Seen:
    """Take the sound and the spectrogram picture of a clip, a riff or a picture.

    Parameters
    ----------
    source : Clip, Riff, Walk or PIL.Image.Image
        A picture is decoded.

    Returns
    -------
    Seen
        With at most two channels, at 8 to 96 kHz.

    Raises
    ------
    TypeError
        If it is none of them.
    ValueError
        If it is longer than 15 minutes.
    """
    image, loop = None, False
    if isinstance(source, Clip):
        clip, title = source, repr(source)
    elif isinstance(source, Image.Image):
        clip, image, title = decode(source), source, f"picture, {source.width} columns"
    elif hasattr(source, "image") and hasattr(source, "clip"):  # a Riff, a Walk
        clip, image, title = source.clip, source.image, getattr(source, "title", repr(source))
        loop = bool(getattr(source, "loop", False))
    else:
        raise TypeError(f"expected a Clip, a Riff or a picture, got {type(source).__name__}")
    if clip.duration > LONGEST:
        raise ValueError(f"it lasts {clip.duration:.0f} s, a player takes {LONGEST:.0f} s; use clip.slice(start, end)")
    if clip.n_channels > 2:
        clip = clip.mono()
    if not 8000 <= clip.sample_rate <= 96000:  # what browsers decode
        clip = clip.resample(44100)
    return Seen(clip, image_of(clip) if image is None else image, title, loop)


def image_of(clip: Clip) -> Image.Image:
    """Encode a `clip` with the usual parameters, as far as its sample rate [Hz] and duration [s] allow."""
    rate = min(max(clip.sample_rate, 4000), 384000)
    hop_ms = max(10.0, 1000 * clip.duration / WIDEST)
    long: dict[str, Any] = {} if hop_ms <= 100 else {"window_ms": hop_ms, "padded_ms": 4 * hop_ms}
    params = SpectrogramParams(sample_rate=rate, fmax=min(10000.0, rate / 2), stereo=clip.n_channels == 2)
    return encode(clip, replace(params, hop_ms=hop_ms, **long))


def track_of(clip: Clip, image: Image.Image) -> dict[str, Any]:
    """Pack a sound and its picture for the browser: sound (FLAC), picture (PNG), and what `axes_of` gives.

    Parameters
    ----------
    clip : Clip
    image : PIL.Image.Image
        The channels of a stereo picture are sent one above the other.
    """
    params, grey, lanes = params_from_image(image), image.convert("L"), 1
    if params.stereo:
        _, *channels = np.moveaxis(np.asarray(image.convert("RGB")), 2, 0)
        grey, lanes = Image.fromarray(np.concatenate(channels)), len(channels)
    return {"sound": clip.to_bytes("flac"), "picture": png_of(grey), **axes_of(params, lanes=lanes)}
