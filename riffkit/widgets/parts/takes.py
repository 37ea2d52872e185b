"""Takes: a shelf of riffs as small pictures, to choose from, star, and set against each other."""

import base64
import io
from dataclasses import dataclass

import anywidget
import traitlets
from PIL import Image

from riffkit.riffing.riff import Riff
from riffkit.widgets.parts.calls import Call, Source, loading_code
from riffkit.widgets.parts.scripts import script, style

THUMB = (144, 72)  # pixels


@dataclass(frozen=True, eq=False)
class Take:
    """One riff on the shelf: its number, the call that made it, and Python that makes it again as `riff_<number>`."""

    number: int
    riff: Riff
    call: Call
    code: str

    def as_source(self):
        """This take as the beginning of another call."""
        return Source(f"take {self.number}", self.riff, f"riff_{self.number}", self.code)


class Takes(anywidget.AnyWidget):
    """Small pictures in a row, the newest first. `shown` is the number of the chosen one, `a` and `b` those to compare.

    Numbers begin at 1; 0 is none. `starred` holds numbers. `changes` of these traits are all that it says.

    Parameters
    ----------
    riffer : Riffer
        What makes the riffs; the code to copy begins with loading it.
    """

    _esm = script("takes.js")
    _css = style("takes.css")

    labels = traitlets.List(traitlets.Dict()).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    a = traitlets.Int(0).tag(sync=True)
    b = traitlets.Int(0).tag(sync=True)
    starred = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, riffer, **kwargs):
        super().__init__(**kwargs)
        self._riffer, self._takes = riffer, []

    @property
    def newest(self):
        """The last take, or None."""
        return self._takes[-1] if self._takes else None

    def find(self, number):
        """The take of that number.

        Raises
        ------
        IndexError
            If there is none.
        """
        if not 1 <= number <= len(self._takes):
            raise IndexError(f"no take {number!r}; there are {len(self._takes)}")
        return self._takes[number - 1]

    def add(self, riff, call):
        """Put a riff on the shelf.

        Returns
        -------
        Take
        """
        number = len(self._takes) + 1
        take = Take(number, riff, call, call.code(self._riffer, f"riff_{number}"))
        self._takes.append(take)
        arguments = call.arguments
        label = {
            "number": number,
            "words": arguments.get("prompt") or "(no words)",
            "note": " · ".join([*([call.operation] if call.source else []), f"seed {arguments.get('seed')}",
                                f"{riff.clip.duration:.1f} s{' loop' if riff.loop else ''}"]),
            "thumb": thumbnail(riff.image),
            "code": loading_code(self._riffer) + take.code,
        }  # fmt: skip
        self.labels = [*self.labels, label]
        return take


def thumbnail(image, size=THUMB):
    """A small picture as a data URI, about 3 kB."""
    buffer = io.BytesIO()
    image.convert("L").resize(size, Image.Resampling.BOX).save(buffer, "WEBP", quality=60)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"
