"""What a screen reader says of the figures that sounds and pictures show themselves with."""

from html.parser import HTMLParser

from PIL import Image

from riffkit.sound.display import bundle_for, bundle_for_picture
from riffkit.sound.image import encode


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
