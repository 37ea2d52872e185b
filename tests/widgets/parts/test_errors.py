"""Errors are shown as text, and without the folders of the machine that shows them."""

import os
import tempfile
from pathlib import Path

import pytest

from riffkit.widgets.parts.errors import ErrorBox, without_folders
from riffkit.widgets.player import Player


def test_the_error_box_shows_text_never_html():
    box = ErrorBox()
    assert box.value == ""
    try:
        raise ValueError("<img src=x onerror=alert(1)>")
    except ValueError as error:
        box.show(error)
    assert "&lt;img src=x" in box.value and "<img" not in box.value
    assert 'role="alert"' in box.value and "riffkit-error" in box.value
    box.clear()
    assert box.value == ""


def test_an_error_names_files_and_lines_but_no_folders():
    """A page that others see told them where on the server everything lies, and who runs it."""
    box = ErrorBox()
    secret = Path.cwd() / "secret.wav"
    try:
        try:
            Player(3)
        except TypeError as error:
            raise ValueError(f"{secret} and {tempfile.gettempdir()}/b.wav") from error
    except ValueError as error:
        box.show(error)
    assert "ValueError: secret.wav and b.wav" in box.value
    assert "riffkit/widgets/player.py" in box.value and "test_errors.py" in box.value and "Player(3)" in box.value
    for folder in (Path.cwd(), Path.home(), Path(tempfile.gettempdir()), Path(os.__file__).parent):
        assert f"{folder}{os.sep}" not in box.value


def test_folders_that_are_gone_do_no_harm(tmp_path, monkeypatch):
    def gone():
        raise FileNotFoundError

    monkeypatch.setattr(Path, "cwd", gone)
    assert without_folders(str(Path.home() / "a")) == f"~{os.sep}a"


def test_what_a_guarded_callback_raises_is_shown():
    box = ErrorBox()

    @box.guards
    def divide(a, b):
        """Divide."""
        return a / b

    assert divide(4, 2) == 2 and box.value == "" and divide.__doc__ == "Divide."
    assert divide(1, 0) is None and "ZeroDivisionError" in box.value


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_kernel_goes_through(kind):
    def end():
        raise kind

    with pytest.raises(kind):
        ErrorBox().guards(end)()
