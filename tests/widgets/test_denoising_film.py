"""DenoisingFilm on the embedded model: a film that was kept, and one that was not."""

import io

import numpy as np
import pytest
from PIL import Image
from waiting import until

from riffkit.widgets.denoising_film import DenoisingFilm


def test_a_film_that_was_kept_is_developed_without_a_model(riff, film, finish):
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


@pytest.mark.slow
def test_a_film_that_was_not_kept_is_made_again(riffer, riff, film, finish):
    shown = DenoisingFilm(riff, riffer)
    shown.develop()
    finish(shown.run_bar)
    assert np.array_equal(shown.film.steps[1].x_t, film.steps[1].x_t)
    shown.close()
