"""The stream's panel without a browser: what the page would say is said in Python."""

import gc
import time
import weakref

import numpy as np
import pytest
from waiting import until

from riffkit.widgets.live_riff import LiveRiff


class Page:
    """A page that plays what it gets, in its own time."""

    def __init__(self, live):
        self.live, self.played = live, []
        live.sound.add = self.played.append

    def play(self):
        self.live.sound.playing = True
        self.live._listen({"kind": "play"})

    def heard(self, seconds, gaps=0):
        self.live._listen({"kind": "heard", "seconds": seconds, "gaps": gaps})

    @property
    def seconds(self):
        return sum(stretch.clip.duration for stretch in self.played)


@pytest.fixture
def page(toy, monkeypatch):
    monkeypatch.setattr("riffkit.widgets.live_riff.FARTHEST", 2.0)  # s: a stretch of the toy has 0.64
    live = LiveRiff(toy, "bells", num_inference_steps=1, transition=2)
    yield Page(live)
    live.close()


def test_only_as_much_is_made_as_is_needed(page):
    page.play()
    until(lambda: page.seconds >= page.live._enough and not page.live._busy)
    count = len(page.played)
    time.sleep(0.3)
    assert len(page.played) == count and not page.live.job.running
    page.heard(page.seconds - 1)
    until(lambda: len(page.played) > count)
    assert [stretch.index for stretch in page.played] == list(range(len(page.played)))


@pytest.mark.slow
def test_words_travel(page):
    page.play()
    until(lambda: page.played)
    page.live.go_to("drums")
    for _ in range(8):
        page.heard(page.seconds)
        until(lambda: not page.live._busy)
    words = [stretch.words for stretch in page.played]
    assert words[0] == "bells" and "bells → drums" in words and words[-1] == "drums"
    assert page.live.error.value == ""


def test_stop_is_at_once_and_play_begins_anew(page):
    page.play()
    until(lambda: page.played)
    page.heard(page.seconds)
    page.live._listen({"kind": "stop"})
    count = len(page.played)
    until(lambda: not page.live._busy)
    assert len(page.played) == count and not page.live.sound.playing
    page.play()
    until(lambda: len(page.played) > count)
    assert page.played[count].index == 0
    assert np.array_equal(page.played[count].clip.samples, page.played[0].clip.samples)


def test_it_says_when_the_machine_cannot_keep_up(page):
    page.live.margin, page.live.steps.value = 0.5, 20
    assert "cannot keep up; 8 steps would help" in page.live._verdict("bells")
    page.live.steps.value = 4
    assert "other programs" in page.live._verdict("bells")
    page.live.margin = 3.0
    assert page.live._verdict("bells") == "bells: 3.0 s of music made in a second"


def test_an_error_stops_it_and_is_shown(page):
    page.live._options = {"scheduler": "<none>"}
    page.play()
    assert "&lt;none&gt;" in page.live.error.value and not page.live.sound.playing


def test_a_closed_panel_gives_its_twin_back_at_once(riffer):
    """Not when garbage is collected some time: ten cells that were run again cost ten copies of the twin."""
    live = LiveRiff(riffer)
    twin = weakref.ref(live.riffer.checkpoint.unet)
    assert live.riffer.is_live and twin() is not riffer.checkpoint.unet
    gc.disable()
    try:
        live.close()
        assert twin() is None and live.riffer is riffer
    finally:
        gc.enable()
