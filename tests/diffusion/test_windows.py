"""Joint windows, periodic time, and pictures to latents and back, on toy checkpoints with random weights."""

import numpy as np
import pytest


def test_periodic_time_has_no_seam(mini):
    """Turning the noise turns the whole picture: the model cannot tell where the circle was cut."""
    from dataclasses import replace

    import torch

    from riffkit.diffusion.latents import pixels_from_latents
    from riffkit.diffusion.run import paint
    from riffkit.diffusion.windows import periodic_time
    from riffkit.riffing.task import ingredients

    checkpoint = mini.checkpoint
    for width in (checkpoint.window, 3 * checkpoint.window):
        made_of = ingredients(mini, "church bells", 1, width, "", 4.0)
        turn = width // 2 if width == checkpoint.window else checkpoint.window  # windows stand alike after a whole one
        turned = replace(made_of, noise=made_of.noise.roll(turn, -1))
        options = {"scheduler": "ddim", "num_inference_steps": 4, "loop": True}
        latents, rolled = paint(checkpoint, made_of, **options), paint(checkpoint, turned, **options)
        assert torch.allclose(latents.roll(turn, -1), rolled, atol=1e-4)
    latents = latents[..., : checkpoint.window].contiguous()
    there = pixels_from_latents(checkpoint, latents, periodic=True)
    back = pixels_from_latents(checkpoint, latents.roll(4, -1), periodic=True)
    assert np.abs(np.roll(there, 64, 1).astype(int) - back).max() <= 1
    x = torch.randn(1, 3, 128, 128)
    with torch.no_grad(), periodic_time(checkpoint.vae):
        encoded = checkpoint.vae.encode(x).latent_dist.mean
        assert torch.allclose(checkpoint.vae.encode(x.roll(64, -1)).latent_dist.mean, encoded.roll(4, -1), atol=1e-5)
    with torch.no_grad():  # and outside the block nothing is periodic any more
        plain = checkpoint.vae.encode(x).latent_dist.mean
        assert not torch.allclose(checkpoint.vae.encode(x.roll(64, -1)).latent_dist.mean, plain.roll(4, -1), atol=1e-5)


def test_longer_noise_begins_with_the_shorter_one(toy):
    from riffkit.diffusion.latents import draw_noise

    window = toy.checkpoint.window
    short, long = draw_noise(toy.checkpoint, 5, window), draw_noise(toy.checkpoint, 5, 3 * window)
    assert np.array_equal(long[..., :window], short)


def test_windows_agree_with_one_pass_where_the_model_is_local(toy):
    """Joint windows change nothing if every window predicts the same for the same column."""
    import torch

    from riffkit.diffusion.windows import jointly, padded_width, window_starts

    for columns, periodic in ((37, False), (37, True), (9, True), (16, True), (100, False), (17, True)):
        width = padded_width(columns, 16, periodic=periodic)
        x = torch.randn(1, 2, 4, width)
        starts = window_starts(width, 16, periodic=periodic)
        joint = jointly(lambda x, t: 3 * x + t, starts, 16, width)
        for _ in range(3):
            assert torch.allclose(joint(x, 2.0), 3 * x + 2, atol=1e-5)


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("width", [16, 17, 30, 100])
def test_pictures_and_latents_are_joined_whole_from_windows(toy, width, periodic, narrow):
    """With an autoencoder that changes nothing, what comes out of the windows is what went in."""
    from dataclasses import replace

    import torch

    from riffkit.diffusion.latents import _by_windows, _columns
    from riffkit.models.memory import Memory

    checkpoint = replace(toy.checkpoint, memory=Memory(narrow_vae=narrow))
    x = torch.randn(1, 1, 2, width)
    seen, joined = [], torch.full((1, 1, 2, width * 3), torch.nan)

    def transform(start, n):
        seen.append(n)
        return _columns(x, start, n).repeat_interleave(3, -1)

    for at, part in _by_windows(checkpoint, transform, width, 3, periodic, None):
        joined[..., at : at + part.shape[-1]] = part
    assert torch.allclose(joined, x.repeat_interleave(3, -1), atol=1e-6)
    assert max(seen) <= checkpoint.vae_window == checkpoint.window // (1 + narrow)


def test_windows_of_the_autoencoder_fade_into_one_another(toy):
    """Each window is another shade: between two of them it changes step by step, never at once."""
    import itertools

    import torch

    from riffkit.diffusion.latents import _by_windows

    window = toy.checkpoint.window
    for periodic in (False, True):
        joined = torch.full((1, 1, 1, 8 * window), torch.nan)
        shades = itertools.count()

        def transform(start, n, shades=shades):
            return torch.full((1, 1, 1, n * 2), float(next(shades)))

        for at, part in _by_windows(toy.checkpoint, transform, 4 * window, 2, periodic, None):
            joined[..., at : at + part.shape[-1]] = part
        steps = joined[0, 0, 0].diff()
        assert steps[window // 2 :].min() >= 0 and steps.max() <= 1 / (window // 2 - 1)
        assert periodic or steps.sum() == pytest.approx(next(shades) - 1)
