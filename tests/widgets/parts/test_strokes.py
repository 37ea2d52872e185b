"""Strokes: what lies under the pen, as a mask and as ink, and what is refused."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from riffkit.riffing.masks import mask_pixels
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.strokes import Stroke, ink_from_strokes, mask_from_strokes

PARAMS = SpectrogramParams()
SHAPE = (512, 512)


def mask(*strokes):
    return mask_from_strokes(strokes, SHAPE, PARAMS)


def test_a_band_covers_its_seconds_and_all_rows():
    band = mask(Stroke("box", ((1.0, 0), (2.0, 10000))))
    assert band.all(0).sum() == band.any(0).sum() == 100
    assert np.flatnonzero(band[0])[[0, -1]].tolist() == [100, 199]
    assert mask(Stroke("box", ((2.0, 10000), (1.0, 0)))).sum() == band.sum(), "dragged the other way"
    assert mask(Stroke("box", ((0, 0), (60, 22050)))).all()
    assert not mask(Stroke("box", ((6, 0), (7, 10000)))).any(), "beyond the end"


SECONDS = st.floats(0, 8, allow_subnormal=False)
HERTZ = st.floats(0, 12000, allow_subnormal=False)


@given(
    st.tuples(SECONDS, SECONDS).filter(lambda ends: min(ends) < 5.12 and ends[0] != ends[1]),
    st.tuples(HERTZ, HERTZ).filter(lambda ends: ends[0] != ends[1]),
    st.sampled_from([512, 256, 64]),
)
@example((1.0, 2.0), (0.0, 10000.0), 512)
@example((0.0, 5.12), (300.0, 3000.0), 512)
def test_a_box_that_is_painted_is_the_box_that_inpaint_takes(seconds, hertz, rows):
    painted = mask_from_strokes([Stroke("box", tuple(zip(seconds, hertz, strict=True)))], (rows, 512), PARAMS)
    taken = mask_pixels([[min(seconds), max(seconds), min(hertz), max(hertz)]], rows, 512, PARAMS) > 0
    assert np.array_equal(painted, taken)


def test_a_dab_is_a_disc_of_its_size_where_it_was_made():
    dab = mask(Stroke(points=((2.5, 1000),), size=20))
    rows, columns = np.nonzero(dab)
    assert columns.mean() == pytest.approx(250, abs=0.6) and np.ptp(columns) in (18, 19, 20)
    assert dab.sum() == pytest.approx(np.pi * 100, rel=0.05)
    mel = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    assert rows.mean() == pytest.approx(
        512 - mel(1000) / mel(10000) * 513, abs=0.6
    )  # row r from below is (r + 1) / 513


def test_harmonics_lie_on_the_multiples():
    drawn = mask(Stroke(points=((1, 500), (4, 500)), size=3, harmonics=4))
    alone = [mask(Stroke(points=((1, hz), (4, hz)), size=3)) for hz in (500, 1000, 1500, 2000)]
    assert (drawn == np.any(alone, 0)).all()
    high = mask(Stroke(points=((1, 6000),), harmonics=32))
    assert (high == mask(Stroke(points=((1, 6000),)))).all(), "overtones above fmax are left out"


def test_erasing_and_clearing_act_on_what_was_before():
    band = Stroke("box", ((1.0, 0), (2.0, 10000)))
    wiped = mask(band, Stroke("erase", ((1.5, 0), (1.5, 10000)), size=10))
    assert 0 < wiped.sum() < mask(band).sum() and not wiped[:, 150].any()
    assert not mask(band, Stroke("clear")).any()
    assert (mask(Stroke("clear"), band) == mask(band)).all()


def test_ink_is_as_dark_as_level_and_pressure_say():
    ink = ink_from_strokes([Stroke(points=((1, 440, 1.0), (4, 440, 0.5)), level=0.8)], SHAPE, PARAMS)
    assert ink[:, 100].max() == pytest.approx(0.8, abs=0.03) and ink[:, 400].max() == pytest.approx(0.4, abs=0.02)
    assert ink[:, 250].max() == pytest.approx(0.6, abs=0.02) and ink.min() == 0
    twice = ink_from_strokes([Stroke(points=((1, 440), (4, 440)), level=0.5)] * 2, SHAPE, PARAMS)
    assert twice.max() <= 0.5, "drawn over, it gets no darker"


@pytest.mark.parametrize(
    "values",
    [
        {"tool": "spray", "points": [[1, 2, 1]]},
        {"points": []},
        {"points": [[1, float("nan")]]},
        {"points": [[1, -5]]},
        {"points": [["a", "b"]]},
        {"points": [[1, 440]], "size": 0},
        {"points": [[1, 440]], "harmonics": 10**9},
        {"points": [[1, 440]], "colour": "red"},
        {"tool": "box", "points": [[1, 440]]},
        "not a dict",
    ],
)
def test_what_is_no_stroke_is_refused(values):
    with pytest.raises(ValueError):
        Stroke.of(values)


def test_plain_values_say_the_same_stroke():
    stroke = Stroke("brush", ((0.12345, 440.123, 0.5), (1, 2)), size=3, harmonics=2)
    again = Stroke.of(stroke.plain)
    assert np.allclose(again.points, [(0.1234, 440.12, 0.5), (1, 2, 1)], atol=1e-4)
    assert (again.tool, again.size, again.level, again.harmonics) == ("brush", 3, 1.0, 2)
    assert Stroke.of(again.plain) == again
