"""FileField: a sound or picture from the reader's own computer, small enough for the way into the kernel."""

import tempfile
from pathlib import Path

import anywidget
import traitlets
from ipywidgets.widgets.trait_types import bytes_serialization

from riffkit.sound.files import FORMATS
from riffkit.sound.image_file import PICTURE_SUFFIXES
from riffkit.widgets.parts.scripts import script, style

LARGEST = 8_000_000  # bytes; Jupyter's websocket closes at 10 MB, and with it all widgets


class FileField(anywidget.AnyWidget):
    """A button that takes one file. What is too large is refused in the browser, with a word, before it is sent.

    Parameters
    ----------
    label : str
    accept : str
        As in HTML: ".wav,.png" and so on.
    largest : int [bytes]
    """

    _esm = script("file_field.js")
    _css = style("file_field.css")

    label = traitlets.Unicode("Upload a sound or picture").tag(sync=True)
    accept = traitlets.Unicode(",".join(("audio/*", *FORMATS, *PICTURE_SUFFIXES))).tag(sync=True)
    largest = traitlets.Int(LARGEST).tag(sync=True)
    name = traitlets.Unicode("").tag(sync=True)
    data = traitlets.Bytes(b"").tag(sync=True, **bytes_serialization)
    error = traitlets.Unicode("").tag(sync=True)

    def saved(self) -> Path:
        """Write the file into a folder of its own, under the last part of the name it had.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            If nothing was uploaded.
        """
        if not self.data:
            raise ValueError("no file was uploaded yet")
        path = Path(tempfile.mkdtemp(prefix="riffkit-")) / (Path(self.name.replace("\\", "/")).name or "upload")
        path.write_bytes(bytes(self.data))
        return path
