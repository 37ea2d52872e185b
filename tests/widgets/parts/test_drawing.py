"""The surface that strokes are drawn on: what is kept, what can be undone, what is refused."""

import numpy as np
import pytest
import traitlets
from PIL import Image

from riffkit.riffing.masks import mask_pixels
from riffkit.sound.image import image_from_pixels
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.drawing import DrawingSurface
from riffkit.widgets.parts.strokes import Stroke, mask_from_strokes

PARAMS = SpectrogramParams()
SHAPE = (512, 512)


def mask(*strokes):
    return mask_from_strokes(strokes, SHAPE, PARAMS)


def surface(columns=512, **options):
    return DrawingSurface(image_from_pixels(np.full((512, columns), 255, np.uint8), PARAMS), **options)


def test_a_band_without_an_end_goes_to_the_edges():
    pad = surface(300)
    pad.box()
    assert pad.mask.all()
    pad.clear()
    pad.box(1.0, 2.0)
    assert np.array_equal(pad.mask, mask_pixels([[1.0, 2.0]], 512, 300, PARAMS) > 0)


@pytest.mark.parametrize("values", [{"tool": "spray", "points": [[1, 2, 1]]}, {"points": []}, "not a dict"])
def test_what_is_no_stroke_is_refused(values):
    with pytest.raises(traitlets.TraitError):
        surface().drawn = [values]


def test_undo_and_redo_go_through_all_strokes():
    pad = surface()
    pad.box(1, 2)
    pad.draw((3, 440), (4, 440))
    both = pad.mask
    pad.undo()
    assert (pad.mask == mask(Stroke("box", ((1, 0), (2, 10000))))).all() and len(pad.undone) == 1
    pad.redo()
    assert (pad.mask == both).all()
    pad.clear()
    assert not pad.mask.any()
    pad.undo()
    assert (pad.mask == both).all()
    pad.undo()
    pad.draw((3, 880))
    assert pad.undone == [], "a new stroke ends what could be redone"
    for _ in range(5):
        pad.undo()
    assert pad.strokes == [] and not pad.mask.any()


def test_the_mask_has_the_size_of_the_picture():
    assert surface(700).mask.shape == (512, 700)
    assert surface(700).duration == pytest.approx(6.99)
    with pytest.raises(ValueError, match="8192"):
        surface(8193)
    with pytest.raises(ValueError, match="empty"):
        surface().box(2, 1)
    pad = surface()
    pad.box(1, 2)
    pad.show(Image.new("RGB", (300, 256), "white"))
    assert pad.mask.shape == (256, 300) and not pad.mask.any()
