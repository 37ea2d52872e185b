"""Player and compare, by hand and by key, with the state read back in Python and the sound recorded."""

import pytest

pytestmark = pytest.mark.browser
TONES = """
import numpy as np, riffkit
from riffkit.sound.clip import Clip
time = np.arange(44100 * 4) / 44100
hertz = np.select([time < 1, time < 2, time < 3], [300, 600, 1200], 2400)  # an octave up every second
tones = Clip((0.3 * np.sin(2 * np.pi * np.cumsum(hertz) / 44100)).astype(np.float32), 44100)
"""
PLOT = ".riffkit-player .riffkit-area"


def test_try(lab):
    lab.fresh(TONES, "player = riffkit.Player(tones, title='four <b>tones</b>'); player")
    lab.page.wait_for_selector(PLOT)
    lab.page.locator(".riffkit-play").click()
    samples, rate = lab.hear(1.5)
    print(samples.shape, rate, abs(samples).max(), lab.py("player.position, player.playing"))
    lab.shoot("player_try")
    print(lab.complaints)
