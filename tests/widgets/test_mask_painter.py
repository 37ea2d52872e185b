"""MaskPainter on the embedded model: what is painted over, and only that, changes."""

import numpy as np
import pytest

import riffkit
from riffkit.widgets.mask_painter import MaskPainter


def pixels(riff):
    return np.asarray(riff.image.convert("RGB"))


def test_what_is_not_painted_over_stays_to_the_last_bit(riffer, riff, tmp_path, finish):
    painter = MaskPainter(riffer, riff, "flute", seed=2, folder=tmp_path)
    painter.steps.value = 3
    painter.surface.box(1.5, 3.0)
    mask = painter.mask
    assert mask.mode == "L" and mask.size == riff.image.size and set(mask.get_flattened_data()) == {0, 255}
    painter.run_bar.button.click()
    finish(painter.run_bar)
    white = np.asarray(mask) > 0
    changed = (pixels(painter.result) != pixels(riff)).any(-1)
    assert not changed[~white].any() and changed[white].mean() > 0.3
    before, after = riff.clip.samples[0], painter.result.clip.samples[0]
    apart = np.abs(before - after)
    assert apart[: int(1.2 * 44100)].max() < 2e-4 and apart[int(3.3 * 44100) : -4410].max() < 2e-4, "16 bits are kept"
    assert apart[2 * 44100 : int(2.5 * 44100)].max() > 0.01
    comparison = painter.listening.children[0]
    assert comparison.names == ["before", "after"] and comparison.chosen == 1 and not comparison.playing
    painter.keeper.save(".png")
    painter.keeper.save(".png")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["flute-2-2.png", "flute-2.png"]
    assert riffkit.Riff.load(tmp_path / "flute-2.png").recipe["operation"] == "inpaint"
    result = painter.result
    painter.go_on.click()
    assert painter.source is result and painter.result is None and not painter.surface.mask.any()
    painter.close()


def test_repainting_can_be_cancelled_and_started_again(riffer, riff, finish):
    painter = MaskPainter(riffer, riff)
    painter.repaint  # noqa: B018
    painter.run_bar.button.click()
    assert "nothing is painted over" in painter.run_bar.error.value
    painter.surface.box(0, 1)
    painter.steps.value = 50
    painter.run_bar.button.click()
    with pytest.raises(RuntimeError, match="being made"):
        painter.repaint()
    painter.run_bar.cancel.click()
    finish(painter.run_bar)
    assert "cancelled" in painter.run_bar.status.value and painter.result is None
    assert not painter.run_bar.button.disabled and painter.run_bar.cancel.disabled
    painter.close()


def test_words_are_shown_as_text(riffer, riff):
    painter = MaskPainter(riffer, riff)
    painter.run_bar.error.show(ValueError("<img src=x onerror=alert(1)>"))
    painter.run_bar.say("<b>loud</b>")
    assert "<img" not in painter.run_bar.error.value and "<b>" not in painter.run_bar.status.value
    painter.close()
