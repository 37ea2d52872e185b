"""Plots draw without a screen, with axes that mean something."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from riffkit.listening import plots
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

matplotlib.use("Agg")


@pytest.fixture(scope="module")
def tone():
    return Clip(0.3 * np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100), 44100)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_every_plot_names_its_axes(tone):
    drawn = [
        plots.plot_wave(tone),
        plots.plot_wave(tone, start=0.5, end=0.51),
        plots.plot_mel(tone),
        plots.plot_stft(tone),
        plots.plot_seam(tone),
        plots.plot_figures({"a": 1.0, "b": -2.0}),
    ]
    assert all(ax.get_xlabel() for ax in drawn)


def test_a_tone_is_drawn_at_its_frequency(tone):
    ax = plots.plot_mel(tone)
    shade, (_, _, bottom, top) = ax.images[0].get_array(), ax.images[0].get_extent()
    height = bottom + (shade[:, 50].argmax() + 0.5) / len(shade) * (top - bottom)
    assert height == pytest.approx(2595 * np.log10(1 + 1000 / 700), abs=12)


def test_clip_mel_and_picture_draw_the_same(tone):
    mel = mel_from_clip(tone)
    drawn = [plots.plot_mel(x).images[0].get_array() for x in (tone, mel, mel[0], encode(tone))]
    assert np.array_equal(drawn[0], drawn[1]) and np.array_equal(drawn[0], drawn[2])
    assert np.abs(drawn[0] - drawn[3]).max() < 0.01


def test_odd_clips_are_drawn():
    short = Clip(np.zeros((6, 30)), 8000)
    for draw in (plots.plot_wave, plots.plot_stft, plots.plot_seam):
        draw(short)
    plots.plot_mel(short, SpectrogramParams(sample_rate=8000, fmax=4000))
