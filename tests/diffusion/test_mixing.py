import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from riffkit.diffusion.mixing import alphas, bend, lerp, slerp

place = st.floats(0, 1)


@given(place)
def test_slerp_and_lerp_are_the_same_read_backwards(alpha):
    a, b = (torch.randn(3, 5, generator=torch.Generator().manual_seed(i)) for i in range(2))
    for between in (slerp, lerp):
        assert torch.equal(between(a, b, alpha), between(b, a, 1 - alpha))


@pytest.mark.parametrize("between", [slerp, lerp])
def test_both_ends_and_equal_ends_are_exact(between):
    a, b = torch.randn(4, 4), torch.randn(4, 4)
    assert between(a, b, 0) is a and between(a, b, 1) is b
    assert between(a, a.clone(), 0.37) is a


def test_slerp_keeps_length_where_lerp_shrinks():
    a, b = torch.randn(1, 16, 32, 32), torch.randn(1, 16, 32, 32)
    for alpha in (0.25, 0.5, 0.9):
        assert slerp(a, b, alpha).norm() == pytest.approx(float(a.norm()), rel=0.03)
    assert lerp(a, b, 0.5).norm() < 0.75 * a.norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_slerp_takes_zero_and_opposite_and_any_dtype(dtype):
    a = torch.randn(8).to(dtype)
    for b in (torch.zeros(8, dtype=dtype), -a, a * 2):
        out = slerp(a, b, 0.3)
        assert torch.isfinite(out).all() and out.dtype == dtype


def test_curves_begin_at_0_and_end_at_1_and_rise():
    for curve in ("linear", "power", "ease"):
        places = alphas(9, curve)
        assert places[0] == 0 and places[-1] == 1 and all(x < y for x, y in zip(places, places[1:], strict=False))
    assert bend(0.5, "power", power=3) == 0.125 and bend(0.25, "ease") == pytest.approx(1 - bend(0.75, "ease"))


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan")])
def test_places_beyond_the_ends_are_refused(bad):
    with pytest.raises(ValueError, match="alpha"):
        slerp(torch.ones(2), torch.ones(2), bad)
    with pytest.raises(ValueError, match="count"):
        alphas(1)
    with pytest.raises(ValueError, match="curve"):
        alphas(3, "wobbly")
