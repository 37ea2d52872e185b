"""Player: a sound and its spectrogram picture, to be listened to with eyes and hands.

The picture lies between a frequency axis and a time axis. A click seeks, a drag chooses a region, with Shift a box in
time and frequency; `Loop` repeats it, and of a box one hears only what is inside. All state can be read back and set:
`player.region`, `player.band`, `player.position`.
"""

import io
import math
from dataclasses import replace

import anywidget
import numpy as np
import traitlets
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode
from riffkit.sound.loudness import normalize_loudness
from riffkit.sound.metadata import params_from_image
from riffkit.sound.params import SpectrogramParams
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
    loop, speed, keep_pitch, volume
        Repeat; 0.25 to 4 times as fast, at the same pitch or not; 0 to 1.
    notes, compact, height
        Note names on the frequency axis; no second row of controls; pixels of the picture.
    playing, position : bool, float [s]
        Told by the browser; use `play`, `pause` and `seek` to change them.
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

    tracks = traitlets.List().tag(sync=True)  # of dicts: sound (FLAC), picture (PNG), hop (s), lanes, fmin, fmax (Hz)
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

    def __init__(self, source=None, *, title=None, loop=None, loudness=LOUDNESS, **traits):
        parts = {name: traits.pop(name) for name in ("region", "band", "view") if name in traits}
        super().__init__(title=title or "", loop=bool(loop), **traits)
        if source is not None:
            self.show(source, title=title, loop=loop, loudness=loudness)
        for name, value in parts.items():  # of this sound, so after it
            setattr(self, name, value)

    def show(self, source, *, title=None, loop=None, loudness=LOUDNESS):
        """Take this in place of what was there; what sounds is stopped. Parameters as those of the class."""
        clip, image, says, loops = seen_and_heard(source)
        clip = clip if loudness is None else normalize_loudness(clip, loudness)
        with self.hold_sync():
            self._forget()
            self.duration, self.title = clip.duration, says if title is None else title
            self.loop = loops if loop is None else loop
            self.tracks = [track_of(clip, image)]

    def _forget(self):
        self.region, self.band, self.view = [], [], []
        self.position, self.playing, self.error = 0.0, False, ""

    def play(self):
        """Start, if the browser lets the page sound (it does after any click)."""
        self.send({"act": "play"})

    def pause(self):
        """Stop where it is."""
        self.send({"act": "pause"})

    def seek(self, seconds):
        """Go on from there."""
        self.send({"act": "seek", "time": float(seconds)})

    @traitlets.validate("region", "band")
    def _check_span(self, proposal):
        value, name = proposal["value"], proposal["trait"].name
        top, unit = (self.duration or math.inf, "s") if name == "region" else (math.inf, "Hz")
        if not value:
            return []
        if len(value) != 2 or not 0 <= value[0] < value[1] <= top + 0.01:
            raise traitlets.TraitError(f"{name} is {value}; expected [] or [from, to] within 0 to {top:.2f} {unit}")
        return [value[0], min(value[1], top)]

    @traitlets.validate("view")
    def _check_view(self, proposal):
        value = proposal["value"]
        if value and not (len(value) == 4 and value[0] < value[1] and 0 <= value[2] < value[3]):
            raise traitlets.TraitError(f"view is {value}; expected [] or [from s, to s, low Hz, high Hz]")
        return value

    def __repr__(self):
        return f"Player({self.title})"


def seen_and_heard(source):
    """(clip, spectrogram picture, what it is called, whether it is a loop) of a clip, a riff or a picture.

    Raises
    ------
    TypeError
        If it is none of them.
    ValueError
        If it is longer than 15 minutes.
    """
    if isinstance(source, Clip):
        clip, image, says, loops = source, None, repr(source), False
    elif isinstance(source, Image.Image):
        clip, image, says, loops = decode(source), source, f"picture, {source.width} columns", False
    elif hasattr(source, "image") and hasattr(source, "clip"):  # a Riff, a Walk
        clip, image, says = source.clip, source.image, getattr(source, "title", repr(source))
        loops = bool(getattr(source, "loop", False))
    else:
        raise TypeError(f"expected a Clip, a Riff or a picture, got {type(source).__name__}")
    if clip.duration > LONGEST:
        raise ValueError(f"it lasts {clip.duration:.0f} s, a player takes {LONGEST:.0f} s; use clip.slice(start, end)")
    if clip.n_channels > 2:
        clip = clip.mono()
    if not 8000 <= clip.sample_rate <= 96000:  # what browsers decode
        clip = clip.resample(44100)
    return clip, image_from_pixels(clip) if image is None else image, says, loops


def image_from_pixels(clip):
    """The spectrogram picture of a clip, with the usual parameters as far as its rate and length allow."""
    rate = min(max(clip.sample_rate, 4000), 384000)
    hop_ms = max(10.0, 1000 * clip.duration / WIDEST)
    params = replace(
        SpectrogramParams(sample_rate=rate, fmax=min(10000.0, rate / 2), stereo=clip.n_channels == 2),
        **({} if hop_ms <= 100 else {"window_ms": hop_ms, "padded_ms": 4 * hop_ms}),
    )
    return encode(clip, replace(params, hop_ms=hop_ms))


def track_of(clip, image):
    """A sound and its picture as the browser takes them, see `Player.tracks`."""
    params = params_from_image(image)
    if params.stereo:
        _, *lanes = np.moveaxis(np.asarray(image.convert("RGB")), 2, 0)
        grey = Image.fromarray(np.concatenate(lanes))
    else:
        lanes, grey = [None], image.convert("L")
    buffer = io.BytesIO()
    grey.save(buffer, "PNG", compress_level=1)
    return {
        "sound": clip.to_bytes("flac"),
        "picture": buffer.getvalue(),
        "hop": params.hop_length / params.sample_rate,
        "lanes": len(lanes),
        "fmin": params.fmin,
        "fmax": params.fmax,
    }
