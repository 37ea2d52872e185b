"""The pad without a browser: points asked for in Python, as the square would."""

import threading
import time

import numpy as np
import pytest
from waiting import until

from riffkit.widgets.blend_pad import BlendPad, _even
from riffkit.widgets.parts.jobs import MODEL_LOCK


@pytest.fixture
def pad(toy):
    pad = BlendPad(toy, ["bells", "drums", "<b>flute</b>", {"prompt": "bass", "seed": 5}], num_inference_steps=2)
    yield pad
    pad.close()


def drag(pad, *places):
    for place in places:
        pad.square.place = list(place)


def test_the_newest_place_wins_and_the_rest_is_dropped(pad):
    with MODEL_LOCK:  # nothing is painted while the point moves
        pad.square.settled = False
        drag(pad, *[(i / 30, 0.5) for i in range(31)])
        pad.square.settled = True
    until(lambda: (1.0, 0.5) in pad.riffs)
    until(lambda: not pad._newest.running)
    assert len(pad.riffs) <= 2 and pad.run_bar.error.value == ""
    assert "drums 50%" in pad.player.title and "bass 50%" in pad.player.title
    assert [1.0, 0.5] in pad.square.known


def test_places_near_one_another_are_painted_once(pad):
    pad.go_to(0.5, 0.5)
    until(lambda: pad.riffs)
    riff = pad.riffs[0.5, 0.5]
    pad.go_to(0.51, 0.49)
    until(lambda: not pad._newest.running)
    assert pad.riffs == {(0.5, 0.5): riff}


def test_a_place_that_was_heard_comes_back_at_once(pad):
    pad.go_to(0, 0)
    until(lambda: pad.riffs)
    pad.go_to(1, 0)
    until(lambda: len(pad.riffs) == 2)
    pad.go_to(0, 0)
    assert pad.player.title.startswith("bells 100%")


def test_what_was_asked_for_last_is_shown_last(pad, monkeypatch):
    pad.go_to(0, 0)
    until(lambda: pad.riffs and not pad._newest.running)
    show, began = pad.player.show, threading.Event()

    def late(*args, **kwargs):
        began.set()
        time.sleep(0.3)
        show(*args, **kwargs)

    monkeypatch.setattr(pad.player, "show", late)
    pad.go_to(1, 0)
    assert began.wait(120)  # the worker is about to show this one
    monkeypatch.setattr(pad.player, "show", show)
    pad.go_to(0, 0)
    until(lambda: not pad._newest.running)
    assert pad.player.title.startswith("bells 100%")


def test_a_recorded_path_becomes_one_clip(pad):
    pad.record.value = True
    pad.square.path = [[1.0, 0, 0], [1.5, 0.5, 0.2], [3.0, 1, 1]]
    pad.record.value = False
    assert not pad.run_bar.button.disabled
    pad.seconds.value = 3.0
    pad.run_bar.button.click()
    pad.run_bar.job.join(120)
    assert pad.run_bar.error.value == "" and pad.journey.clip.duration == pytest.approx(3, abs=0.02)


def test_a_path_is_even_in_time():
    path = _even([[0, 0.0, 0.0], [3, 0.75, 0.0], [4, 1.0, 1.0]])
    assert path[0] == (0, 0) and path[-1] == (1, 1)
    assert np.allclose(np.diff([x for x, _ in path]), np.diff([x for x, _ in path])[0])
    with pytest.raises(ValueError, match="press Record"):
        _even([])


def test_errors_are_shown(pad):
    pad.run_bar.error.guards(pad.travel)([], 3)
    pad.run_bar.job.join(20)
    assert "the path has no places" in pad.run_bar.error.value


def test_two_ends_are_a_line(toy):
    pad = BlendPad(toy, {"left": "bells", "right": toy.riff("drums", 1, num_inference_steps=1, progress=False)})
    assert pad.square.ends == ["left", "right"] and pad.plane.loop
    with pytest.raises(ValueError, match="3 ends"):
        BlendPad(toy, ["a", "b", "c"])
