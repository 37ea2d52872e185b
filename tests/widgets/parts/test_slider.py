"""A slider keeps its number between its ends, whole where the step is."""

import pytest
import traitlets

from riffkit.widgets.parts.slider import Slider


def test_a_value_stays_between_the_ends():
    slider = Slider(20, 1, 100, description="steps")
    assert (slider.value, type(slider.value)) == (20, int)
    for value, kept in ((0, 1), (1000, 100), (7.0, 7)):
        slider.value = value
        assert slider.value == kept and type(slider.value) is int
    assert Slider(0.6, 0, 1, step=0.05).value == 0.6
    assert type(Slider(1, 0, 30, step=0.5).value) is float


@pytest.mark.parametrize("value", ["loud", None, True, float("nan"), 2.5])
def test_what_is_no_such_number_is_refused(value):
    slider = Slider(3, 1, 9, description="steps")
    with pytest.raises(traitlets.TraitError, match="value|steps"):
        slider.value = value
    assert slider.value == 3
