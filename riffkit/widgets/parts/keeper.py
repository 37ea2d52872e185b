"""Keeper: buttons that write a sound and its picture to files, and never replace one; and links that carry a file."""

import base64
import html
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import ipywidgets

from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.run_bar import plain_button, row


class Savable(Protocol):
    """What has a method `save(path)` that raises FileExistsError rather than replace a file, as all of riffkit's do."""

    def save(self, path: Path) -> Any:
        """Write itself to `path`."""


def save_new(value: Savable, folder: str | Path, stem: str, suffix: str) -> Path:
    """Save under the first free name: `stem.wav`, then `stem-2.wav`, and so on.

    Parameters
    ----------
    value : object with `save(path)`
    folder : str or Path
        Made if it is missing.
    stem : str
        Words; what a file name should not hold becomes "-".
    suffix : str
        ".wav" or ".png", for example.

    Returns
    -------
    Path
    """
    stem = re.sub(r"[\W_]+", "-", stem.lower()).strip("-")[:60] or "riff"
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:  # somebody else may write there too, so the only test is to try
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            value.save(path)
            return path
        except FileExistsError:
            number += 1


LARGEST_LINK = 6_000_000  # bytes; a third more as text, and Jupyter's websocket closes at 10 MB
TYPES = {".wav": "audio/wav", ".png": "image/png"}


def link_to(value: Savable, stem: str, suffix: str) -> str:
    """Write HTML that offers a file to whoever sees the page, and leaves none on this machine.

    Parameters
    ----------
    value, stem, suffix
        As in `save_new`.

    Raises
    ------
    ValueError
        If the file is larger than 6 MB.
    """
    with tempfile.TemporaryDirectory(prefix="riffkit-") as folder:
        path = save_new(value, folder, stem, suffix)
        content = path.read_bytes()
    if len(content) > LARGEST_LINK:
        raise ValueError(
            f"{path.name} has {len(content) / 1e6:.1f} MB, this page gives files of {LARGEST_LINK / 1e6:g} MB"
        )
    name, data = html.escape(path.name, quote=True), base64.b64encode(content).decode()
    return f'<a download="{name}" href="data:{TYPES[suffix]};base64,{data}">{name}</a>'


class Keeper(ipywidgets.VBox):
    """Two buttons: Save sound, Save picture.

    Parameters
    ----------
    get : callable
        Returns `(value, stem)`: what to save, with a method `save(path)`, or None if there is nothing yet; and the
        words its file is named by. May raise ValueError; that is shown.
    folder : str or Path
    """

    def __init__(self, get: Callable[[], tuple[Savable | None, str]], folder: str | Path) -> None:
        self.get, self.folder = get, Path(folder)
        self.paths: list[Path] = []  # of what was saved
        self.sound = plain_button("Save sound", "write a .wav; never replaces a file")
        self.picture = plain_button("Save picture", "write a .png; never replaces a file")
        self.status, self.error = ipywidgets.Label(), ErrorBox()
        self.sound.on_click(self.error.guards(lambda _: self.save(".wav")))
        self.picture.on_click(self.error.guards(lambda _: self.save(".png")))
        super().__init__([row(self.sound, self.picture, self.status), self.error])

    def save(self, suffix: str) -> None:
        """Save now, and say where; ".wav" or ".png" is the `suffix`."""
        self.error.clear()
        value, stem = self.get()
        if value is None:
            raise ValueError("there is nothing to save yet")
        self.paths.append(save_new(value, self.folder, stem, suffix))
        self.status.value = f"saved {self.paths[-1]}"
