"""How sounds and pictures show themselves, what a screen reader says of it, and that nobody else's pictures change."""

import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.display import bundle_for, bundle_for_picture, show_pictures
from riffkit.sound.image import encode, image_from_pixels
from riffkit.sound.params import SpectrogramParams


@pytest.fixture
def shell():
    """IPython as a notebook has it: it asks for every kind of display."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.display_formatter.active_types = shell.display_formatter.format_types
    yield shell
    InteractiveShell.clear_instance()


def shown(shell, value):
    return set(shell.display_formatter.format(value)[0])


PICTURE = image_from_pixels(np.full((64, 50), 128, np.uint8), SpectrogramParams(n_mels=64))
BARE = Image.new("L", (50, 50))


def alts(bundle):
    """The alt texts of all images in the HTML, as a browser reads them."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tag == "img" and found.append(dict(attributes)["alt"])
    parser.feed(bundle["text/html"])
    return found


def test_a_figure_says_what_it_shows(tune):
    assert alts(tune._repr_mimebundle_()) == [f"Spectrogram: a sound of {tune.duration:.1f} s"]
    assert alts(bundle_for_picture(encode(tune))) == [f"Spectrogram: a picture of {tune.duration:.1f} s"]


def test_what_it_says_is_text():
    words = '<b onclick="x">bells</b> & "more"'
    figure = Image.new("L", (8, 8))
    bundle = bundle_for("bells", figure, figure, alt=words, note=words)
    assert alts(bundle) == [words] and "<b " not in bundle["text/html"]


@pytest.mark.parametrize("call", [show_pictures, lambda: encode(Clip(np.ones(4410), 44100)), "a clip is shown"])
def test_a_picture_shows_itself_between_axes_once_somebody_works_with_sound(shell, call):
    before = shown(shell, BARE)
    assert shown(shell, PICTURE) == before and "text/html" not in before
    if callable(call):
        call()
    else:
        shown(shell, Clip(np.ones(4410), 44100))
    assert shown(shell, PICTURE) == {"text/plain", "text/html", "image/png"}, "and not once more as JPEG"
    assert shown(shell, BARE) == before, "other pictures show as ever"


def test_a_picture_is_small_in_a_notebook(shell, tune):
    found, _ = shell.display_formatter.format(encode(tune))
    assert sum(map(len, found.values())) < 50_000 and "data:image/webp" in found["text/html"]


def test_importing_changes_no_picture():
    code = """
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
display = InteractiveShell.instance().display_formatter
import riffkit.sound.image, riffkit.sound.formats, riffkit.sound.joining
known = [Image.Image in formatter.type_printers for formatter in display.formatters.values()]
print(any(known), Image.Image in display.mimebundle_formatter.type_printers)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr
