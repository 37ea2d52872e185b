import numpy as np
import pytest

import riffkit
from riffkit.riffing.recorder import Film, film_of

FEW = {"num_inference_steps": 4, "quality": "fast"}


def pixels(image):
    return np.asarray(image.convert("L")).astype(int)


def test_a_film_changes_nothing_and_ends_at_the_riff(toy):
    film = Film()
    riff = toy.riff("church bells", 3, progress=film, **FEW)
    plain = toy.riff("church bells", 3, progress=False, **FEW)
    assert np.array_equal(pixels(riff.image), pixels(plain.image))
    assert np.array_equal(riff.clip.samples, plain.clip.samples)
    assert len(film) == 4 and [step.timestep for step in film.steps] == sorted(
        (step.timestep for step in film.steps), reverse=True
    )
    assert np.abs(pixels(film.image(-1, like=riff)) - pixels(riff.image)).max() <= 1
    assert np.abs(pixels(film.image(0, "seen")) - pixels(film.image(0, "guess"))).mean() > 1


def test_its_size_is_two_latents_for_each_step(mini):
    film = Film()
    mini.riff("bells", progress=film, **FEW)
    checkpoint = mini.checkpoint
    cells = checkpoint.latent_channels * checkpoint.rows * checkpoint.window
    assert film.nbytes == 4 * 2 * cells * 4
    assert "4 steps" in repr(film)


def test_a_riff_made_without_one_is_followed_again_to_the_same_bits(toy):
    film = Film()
    riff = toy.vary(toy.riff("piano", 1, progress=False, **FEW), "drums", 2, strength=0.5, progress=film, **FEW)
    again = film_of(riff, toy)
    assert len(again) == len(film) == 2
    for side in ("seen", "guess"):
        assert np.array_equal(pixels(again.image(1, side, like=riff)), pixels(film.image(1, side, like=riff)))


def test_pictures_end_where_the_riff_ends(mini):
    film = Film()
    riff = mini.riff("piano", duration=0.9, progress=film, **FEW)
    assert film.image(0, like=riff).size == riff.image.size
    assert film.image(0).width > riff.image.width


def test_a_film_can_stop_the_run(mini):
    with pytest.raises(riffkit.Cancelled):
        mini.riff("piano", progress=Film(lambda step, total, estimate: step < 2), **FEW)


def test_without_steps_there_is_no_film(mini):
    riff = mini.vary(mini.riff("piano", 1, **FEW), strength=0, **FEW)
    with pytest.raises(ValueError, match="no steps"):
        film_of(riff, mini)


def test_another_picture_is_not_passed_off_as_the_riff(mini):
    riff = mini.riff("piano", 1, **FEW)
    changed = riffkit.Riff(riff.image.transpose(0), riff.recipe)
    with pytest.raises(ValueError, match="otherwise"):
        film_of(changed, mini)
    with pytest.raises(ValueError, match="side"):
        film_of(riff, mini).image(0, "left")
