"""Laws of the linear code, and of the autoencoder that speaks it."""

import numpy as np
import pytest
import torch

from riffkit.training.scratch.autoencoder import make_autoencoder, rgb_autoencoder
from riffkit.training.scratch.patch_code import PatchCode, to_pixels, to_signal


def _pictures(n, sides=1):
    """Something with lines and beats in it, as pictures have; stereo ones are alike on both sides, not equal."""
    rng = np.random.default_rng(0)
    pictures = np.full((n, sides, 512, 512), 255, np.uint8)
    for picture in pictures:
        for row in rng.integers(0, 500, 12):
            picture[:, row : row + 4, rng.integers(0, 256) :] = rng.integers(0, 200, (sides, 1, 1))
        picture[:, :, :: int(rng.integers(20, 60))] = rng.integers(0, 128, (sides, 1, 1))
    return pictures if sides > 1 else pictures[:, 0]


@pytest.mark.parametrize("sides", [1, 2])
def test_the_linear_code_round_trips_better_with_more_channels(sides):
    pictures = _pictures(8, sides)
    errors = []
    for channels in (4, 16, 64):
        code = PatchCode.fit(pictures, channels)
        assert code.sides == sides
        latents = code.encode(pictures)
        assert latents.shape == (8, channels, 32, 32)
        drawn = code.decode(latents)
        assert drawn.shape == pictures.shape
        errors.append(float(np.square(drawn.astype(float) - pictures).mean()))
    assert errors[0] > errors[1] > errors[2]
    assert abs(float(PatchCode.fit(pictures).encode(pictures).std()) - 1) < 0.3


@pytest.mark.parametrize("sides", [1, 2])
def test_all_components_together_lose_nothing(sides):
    pictures = np.random.default_rng(0).integers(0, 256, (2, sides, 32, 48)).astype(np.uint8)
    pictures = pictures if sides > 1 else pictures[:, 0]
    code = PatchCode(
        np.zeros(256 * sides, np.float32), np.eye(256 * sides, dtype=np.float32), np.ones(256 * sides, np.float32)
    )
    assert np.array_equal(code.decode(code.encode(pictures)), pictures)


def test_signals_and_pixels_round_trip():
    pictures = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    assert np.array_equal(to_pixels(to_signal(pictures)), pictures)
    assert to_signal(np.uint8([255]))[0] == 1 and to_signal(np.uint8([0]))[0] == -1


def test_three_channels_say_the_same_as_one():
    torch.manual_seed(0)
    grey = make_autoencoder().eval()
    rgb = rgb_autoencoder(grey).eval()
    signal = torch.from_numpy(to_signal(_pictures(1)[:, :128, :192]))[:, None]
    with torch.no_grad():
        code, distribution = grey.encode(signal).latent_dist.mean, rgb.encode(signal.repeat(1, 3, 1, 1)).latent_dist
        assert torch.allclose(code, distribution.mean, atol=1e-4)
        assert torch.allclose(distribution.sample(), distribution.mean, atol=1e-4)
        drawn, drawn_rgb = grey.decode(code).sample, rgb.decode(code).sample
        assert torch.allclose(drawn.repeat(1, 3, 1, 1), drawn_rgb, atol=1e-4)


def test_three_channels_hold_left_in_green_and_right_in_blue():
    torch.manual_seed(0)
    stereo = make_autoencoder(32, sides=2).eval()
    rgb = rgb_autoencoder(stereo).eval()
    signal = torch.from_numpy(to_signal(_pictures(1, 2)[..., :128, :192]))
    red = -torch.ones_like(signal[:, :1])  # pixel 0
    with torch.no_grad():
        code = stereo.encode(signal).latent_dist.mean
        assert torch.allclose(code, rgb.encode(torch.cat([red, signal], dim=1)).latent_dist.mean, atol=1e-4)
        drawn, drawn_rgb = stereo.decode(code).sample, rgb.decode(code).sample
        assert torch.allclose(torch.cat([red, drawn], dim=1), drawn_rgb, atol=1e-4)


def test_a_code_of_grey_pictures_becomes_one_of_the_middle():
    grey = _pictures(6)
    code = PatchCode.fit(grey, 24)
    middle = code.of_the_middle()
    both = np.stack([grey, grey], axis=1)
    assert np.allclose(middle.encode(both), code.encode(grey), atol=1e-4)
    assert np.array_equal(middle.decode(middle.encode(both)), np.stack([code.decode(code.encode(grey))] * 2, axis=1))
    wider = PatchCode.fit(_pictures(6, 2), 32, keep=middle)
    assert np.array_equal(wider.directions[:, :24], middle.directions)
    assert np.allclose(wider.directions.T @ wider.directions, np.eye(32), atol=1e-4)
