"""Absurd input: refused in words or played; never a crash, NaN, or noise out of silence."""

import pytest

from sound.fuzzing import run


@pytest.mark.slow
def test_two_thousand_absurd_inputs():
    counts = run(2000)
    assert sum(counts.values()) == 2000

    assert min(counts.get(kind, 0) for kind in ("samples", "mel", "picture", "sound file", "picture file")) > 10
