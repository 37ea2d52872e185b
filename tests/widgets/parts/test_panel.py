"""A panel that was closed leaves nothing: no widget, no model, no riff."""

import gc
import threading
import weakref

import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

import riffkit
from riffkit.widgets.parts.panel import Panel, close_whole
from riffkit.widgets.parts.run_bar import RunBar


@pytest.fixture(scope="module")
def source():
    return riffkit.Clip(0.3 * np.sin(np.arange(44100) / 15), 44100)


PANELS = {
    "PromptLab": lambda riffer, riff, source: riffkit.PromptLab(riffer),
    "LiveRiff": lambda riffer, riff, source: riffkit.LiveRiff(riffer, num_inference_steps=1),
    "BlendPad": lambda riffer, riff, source: riffkit.BlendPad(riffer, ["piano", "drums"]),
    "MaskPainter": lambda riffer, riff, source: riffkit.MaskPainter(riffer, riff),
    "Canvas": lambda riffer, riff, source: riffkit.Canvas(),
    "DenoisingFilm": lambda riffer, riff, source: riffkit.DenoisingFilm(riff, riffer),
    "WordMap": lambda riffer, riff, source: riffkit.WordMap(riff, riffer),
    "Player": lambda riffer, riff, source: riffkit.Player(source),
    "compare": lambda riffer, riff, source: riffkit.compare(source, source),
}


@pytest.fixture(scope="module")
def made(toy):
    return toy.riff("piano", 1, duration=1.28, num_inference_steps=1, quality="fast")


@pytest.mark.parametrize("name", PANELS)
def test_a_closed_panel_leaves_no_widget_registered(name, toy, made, source):
    """Twenty to ninety stayed, of every cell that was run again."""
    PANELS[name](toy, made, source).close()  # what is made once for all
    before = set(_instances)
    panel = PANELS[name](toy, made, source)
    assert len(_instances) > len(before)
    panel.close()
    left = [_instances[key] for key in set(_instances) - before]
    assert left == []
    panel.close()  # twice is no error


@pytest.mark.parametrize("name", [name for name in PANELS if name not in ("Player", "compare")])
def test_a_closed_panel_is_forgotten(name, toy, made, source):
    """A LiveRiff kept the few-step twin that it had made, 29 MB each time."""
    panel = PANELS[name](toy, made, source)
    ref = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    assert ref() is None


def test_another_panel_works_after_one_was_closed(toy):
    """What panels share is no widget that the first of them takes along."""
    riffkit.PromptLab(toy).close()
    lab = riffkit.PromptLab(toy)
    inside = [lab, *lab.children, *lab.form.children, lab.form.prompt, lab.form.steps]
    assert all(widget.comm is not None and widget.layout.comm is not None for widget in inside)
    lab.close()


def test_what_is_exchanged_in_a_panel_is_closed_as_a_whole(toy, made):
    painter = riffkit.MaskPainter(toy, made)
    painter._done(made)
    before = len(_instances)
    for _ in range(2):
        painter._done(made)
    assert len(_instances) == before
    painter.close()


def test_closing_stops_what_runs():
    started = threading.Event()

    def work(progress):
        started.set()
        while progress(0, 1) is not False:
            pass

    bar = RunBar("Go", "go")
    panel = Panel([bar], [bar])
    job = bar.run(work, on_done=lambda _: None)
    assert started.wait(60)
    panel.close()
    job.join(60)
    assert not job.running and job.cancelled


def test_circles_of_widgets_are_closed_too():
    before = set(_instances)
    one = ipywidgets.VBox()
    two = ipywidgets.VBox([one])
    one.children = [two]
    close_whole(one)
    assert set(_instances) == before
