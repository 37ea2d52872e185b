"""Errors where one sees them: in the panel, in words, and without the folders of the machine that the panel runs on."""

import contextlib
import functools
import html
import os
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets


class ErrorBox(ipywidgets.HTML):
    """Error message of a widget: nothing, until `show` is called; read aloud by screen readers.

    `tests/test_notebooks.py` fails when one of them shows something.
    """

    def show(self, exception: BaseException) -> None:
        """Show the type and message of an `exception`, and folded away where it was raised; as text, never as HTML."""
        told = html.escape(without_folders(f"{type(exception).__name__}: {exception}"))
        where = html.escape(without_folders(where_of(exception)))
        colours = "color:var(--jp-error-color1,#b00020);white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.4"
        self.value = (
            f'<div class="riffkit-error" role="alert" style="{colours}">{told}'
            f"<details><summary>where</summary>"
            f'<pre style="font-size:80%;white-space:pre-wrap">{where}</pre></details></div>'
        )

    def clear(self) -> None:
        """Show nothing."""
        self.value = ""

    def guards(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return `callback`, except that what it raises is shown here instead of being lost."""

        @functools.wraps(callback)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return callback(*args, **kwargs)
            except Exception as exception:
                self.show(exception)

        return guarded


def where_of(exception: BaseException) -> str:
    """Return the traceback of an `exception`, its files without the folders that they lie in on this machine."""
    told: traceback.TracebackException | None = traceback.TracebackException.from_exception(exception)
    text, waiting = told, [told]
    while waiting:
        told = waiting.pop()
        if told is not None:
            for frame in told.stack:
                parts = Path(frame.filename).parts
                home = max((i for i, part in enumerate(parts) if part in ("riffkit", "site-packages")), default=-1)
                home += home >= 0 and parts[home] == "site-packages"
                frame.filename = "/".join(parts[home:] if home >= 0 else parts[-1:])
            waiting += [told.__cause__, told.__context__]
    return "".join(text.format()) if text is not None else ""


def without_folders(text: str) -> str:
    """Return `text`, in which a page may be shown to others, without this folder, home, and that of temporary files."""
    for find, instead in ((Path.cwd, ""), (lambda: Path(tempfile.gettempdir()), ""), (Path.home, f"~{os.sep}")):
        with contextlib.suppress(OSError, RuntimeError):  # a folder that was deleted, a user without a home
            folder = find()
            if folder != folder.parent:
                text = text.replace(f"{folder}{os.sep}", instead)
    return text
