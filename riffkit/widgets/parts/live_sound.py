"""LiveSound: plays one stretch of samples after another without a gap."""

import io

import anywidget
import numpy as np
import traitlets
from PIL import Image

from riffkit.riffing.stream import Stretch
from riffkit.widgets.parts.scripts import script, style


class LiveSound(anywidget.AnyWidget):
    """Plays what it is sent without a gap. Says "play", "stop", and four times a second how far it has played."""

    _esm = script("view.js", "live_sound.js")
    _css = style("live_sound.css")

    rate = traitlets.Int(44100).tag(sync=True)  # Hz
    playing = traitlets.Bool(False).tag(sync=True)
    volume = traitlets.Float(0.8).tag(sync=True)

    def add(self, stretch: Stretch) -> None:
        """Play a `stretch` when the one before has ended."""
        samples = np.rint(stretch.clip.samples[0] * 32767).astype("<i2").tobytes()
        buffer = io.BytesIO()
        small = stretch.image.convert("L").resize((stretch.image.width, 160), Image.Resampling.BOX)
        small.save(buffer, "WEBP", quality=70)
        about = {"kind": "stretch", "index": stretch.index, "words": stretch.words}
        self.send(about, buffers=[samples, buffer.getvalue()])
