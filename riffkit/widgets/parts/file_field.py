"""FileField: a sound or picture from the reader's own computer, small enough for the way into the kernel."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from ipywidgets.widgets.trait_types import bytes_serialization

from riffkit.sound.files import FORMATS, PICTURE_SUFFIXES
from riffkit.widgets.parts.scripts import script, style

LARGEST = 8_000_000  # bytes; Jupyter's websocket closes at 10 MB, and with it all widgets
MOST = 50  # files that one field takes: what is uploaded stays until the kernel ends
LONGEST_NAME = 200  # bytes


class FileField(anywidget.AnyWidget):
    """A button that takes one file. What is too large is refused in the browser, with a word, before it is sent.

    The browser is somebody else's: what comes from it is measured here again, and its name is not believed.

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

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._limit = self.largest  # as Python set it
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def saved(self) -> Path:
        """Write the file into a folder of its own, under the last part of the name it had; gone when the kernel ends.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            If nothing was uploaded, or so many files that there is no end to it.
        """
        if not self.data:
            raise ValueError("no file was uploaded yet")
        if self._count >= MOST:
            raise ValueError(f"{MOST} files were uploaded here; reload the page to begin anew")
        self._count += 1
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="riffkit-", ignore_cleanup_errors=True)
        path = Path(self._folder.name) / str(self._count) / name_of(self.name)
        path.parent.mkdir()
        path.write_bytes(bytes(self.data))
        return path

    @traitlets.validate("data")
    def _measure(self, proposal: Mapping[str, Any]) -> bytes:
        size, limit = len(proposal["value"]), getattr(self, "_limit", LARGEST)
        if size <= limit:
            return proposal["value"]
        self.error = f"the file has {size / 1e6:.1f} MB; more than {limit / 1e6:.1f} MB cannot be uploaded here"
        return b""


def name_of(name: str) -> str:
    """Return the last part of a file's `name`, as every disk takes it; "upload" where nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(letter for letter in last if letter.isprintable()).strip(". ")
    return printable.encode()[-LONGEST_NAME:].decode(errors="ignore") or "upload"
