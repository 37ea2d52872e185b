"""MaskPainter, DenoisingFilm and WordMap on the embedded model: what the buttons do, read back in Python."""

import io
import time

import numpy as np
import pytest
from PIL import Image

import riffkit
from riffkit.riffing.recorder import Film
from riffkit.widgets.denoising_film import DenoisingFilm
from riffkit.widgets.mask_painter import MaskPainter
from riffkit.widgets.word_map import WordMap

FEW = {"num_inference_steps": 3, "quality": "fast", "progress": False}


@pytest.fixture(scope="module")
def riffer():
    return riffkit.load()


@pytest.fixture(scope="module")
def film():
    return Film()


@pytest.fixture(scope="module")
def riff(riffer, film):
    return riffer.riff("church bells and drums", 5, **FEW | {"progress": film})


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def pixels(riff):
    return np.asarray(riff.image.convert("RGB"))


def finish(bar):
    bar.job.join(120)
    assert not bar.job.running and bar.error.value == "", bar.error.value


def test_what_is_not_painted_over_stays_to_the_last_bit(riffer, riff, tmp_path):
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


def test_repainting_can_be_cancelled_and_started_again(riffer, riff):
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


def test_a_film_that_was_kept_is_developed_without_a_model(riff, film):
    shown = DenoisingFilm(riff, film=film)
    assert len(shown.strip.frames) == 1
    with pytest.raises(ValueError, match="not developed"):
        shown.hear("guess")
    shown.develop()
    finish(shown.run_bar)
    assert [frame["told"][:6] for frame in shown.strip.frames] == ["step 1", "step 2", "step 3", "the fi"]
    guess = np.asarray(Image.open(io.BytesIO(shown.strip.frames[2]["guess"])).convert("L"), float)
    end = np.asarray(Image.open(io.BytesIO(shown.strip.frames[3]["guess"])).convert("L"), float)
    seen = np.asarray(Image.open(io.BytesIO(shown.strip.frames[0]["seen"])).convert("L"), float)
    assert guess.shape == (256, 512) and np.abs(guess - end).mean() < 3 < np.abs(seen - end).mean()
    shown.strip.step = 1
    shown.hear("seen")
    until(lambda: not shown._decoder.running)
    assert shown.player.title == "what step 2 saw" and shown.player.duration == pytest.approx(5.11)
    assert not shown.player.playing and shown.error.value == ""
    shown.close()


def test_a_film_that_was_not_kept_is_made_again(riffer, riff, film):
    shown = DenoisingFilm(riff, riffer)
    shown.develop()
    finish(shown.run_bar)
    assert np.array_equal(shown.film.steps[1].x_t, film.steps[1].x_t)
    shown.close()


def test_every_word_has_its_map(riffer, riff):
    shown = WordMap(riff, riffer)
    shown.find()
    finish(shown.run_bar)
    assert [word["word"] for word in shown.overlay.words] == ["church", "bells", "and", "drums"]
    assert np.allclose(shown.maps.maps.sum(0) + shown.maps.rest, 1, atol=1e-5)
    drawn = Image.open(io.BytesIO(shown.overlay.words[0]["map"]))
    checkpoint = riffer.checkpoint
    assert drawn.size == (checkpoint.window, checkpoint.rows) and drawn.getextrema() == (0, 255)
    rows, columns = shown.maps.sizes[0]
    assert shown.overlay.span == riff.image.width and f"{rows} × {columns}" in shown.note.value
    shown.close()
