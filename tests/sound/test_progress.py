"""`progress` is a callable, True, False or None wherever a call may be long."""

import contextlib
import multiprocessing
import signal
import time

import numpy as np
import pytest

from riffkit import progress
from riffkit.progress import Cancelled
from riffkit.sound import image as codec
from riffkit.sound.clip import Clip
from riffkit.sound.formats import decode_dialect
from riffkit.sound.image import decode, encode
from riffkit.sound.inversion import clip_from_mel, pipeline
from riffkit.sound.joining import clip_from_mels
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams(n_mels=32, sample_rate=8000, fmax=3900.0, window_ms=40.0, padded_ms=80.0)
CLIP = Clip(np.sin(np.arange(4000) * 0.3) * 0.3, 8000)
PICTURE, MEL = encode(CLIP, PARAMS), mel_from_clip(CLIP, PARAMS)
CALLS = {
    "encode": lambda progress: encode(CLIP, PARAMS, progress=progress),
    "decode": lambda progress: decode(PICTURE, quality="fast", progress=progress),
    "clip_from_mel": lambda progress: clip_from_mel(MEL, PARAMS, quality="fast", progress=progress),
    "clip_from_mels": lambda progress: clip_from_mels([MEL, MEL], PARAMS, quality="fast", progress=progress),
    "decode_dialect": lambda progress: decode_dialect(PICTURE, "riffusion", quality="fast", progress=progress),
}


@pytest.fixture
def bars(monkeypatch):
    """Bars that were made; somebody is watching."""
    made, make = [], progress._bar
    monkeypatch.setattr(progress, "_watched", lambda: True)
    monkeypatch.setattr(progress, "_bar", lambda name: made.append(name) or make(name))
    return made


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_true_shows_a_bar_and_false_and_none_show_none(bars, call):
    call(False), call(None)
    assert bars == [], "short calls are silent"
    call(True)
    assert len(bars) == 1


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_callable_hears_every_step_and_may_stop(bars, call):
    heard = []
    call(lambda step, total, estimate: heard.append((step, total)))
    steps, totals = zip(*heard, strict=True)
    assert list(steps) == sorted(steps) and len(set(totals)) == 1 and bars == []
    with pytest.raises(Cancelled):
        call(lambda step, total, estimate: False)
    with pytest.raises(TypeError, match="progress is 'yes'"):
        call("yes")


@pytest.mark.parametrize("name", ["encode", "decode", "clip_from_mel"])
def test_none_shows_a_bar_for_long_sounds_where_somebody_is_watching(bars, monkeypatch, name):
    for module in (codec, pipeline):
        monkeypatch.setattr(module, "LONG", 20)
    CALLS[name](None)
    assert bars == [name]


class Output:
    """An output of a notebook: everything it showed, in order."""

    def __init__(self):
        self.shown = []

    def __call__(self, data, *, raw, display_id):
        assert raw and display_id and self.shown == [], "one output, which can be changed"
        self.shown.append(data)
        return self

    def update(self, data, *, raw):
        assert raw
        self.shown.append(data)


@pytest.mark.parametrize("fails", [False, True])
def test_a_bar_in_a_notebook_has_an_output_of_its_own_and_empties_it(fails, monkeypatch):
    """It stayed in the file half-way: "riff: 50%|##### | 2/4", above the sound, for all who read it on the web."""
    output = Output()
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr(progress, "DELAY", 0)
    monkeypatch.setattr("IPython.display.display", output)
    with contextlib.suppress(ArithmeticError), progress.shown(None, "<riff>") as report:
        for step in range(4):
            report(step, 4)
            time.sleep(0.11)  # tqdm draws ten times a second
        assert 'max="4" value="3"' in output.shown[-1]["text/html"]
        assert "&lt;riff&gt;: 3 of 4" in output.shown[-1]["text/html"]
        if fails:
            raise ArithmeticError
    assert output.shown[-1] == {} and len(output.shown) > 2


def test_a_short_call_shows_no_bar_in_a_notebook(monkeypatch):
    output = Output()
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", output)
    with progress.shown(True, "riff") as report:
        report(0, 1), report(1, 1)
    assert output.shown == []


@pytest.mark.slow
def test_nothing_of_a_bar_stays_in_a_notebooks_file():
    import nbformat
    from nbclient import NotebookClient

    code = (
        "import time\nfrom riffkit import progress\nprogress.DELAY = 0\nwith progress.shown(None, 'riff') as report:\n"
        "    for i in range(4):\n        report(i, 3)\n        time.sleep(0.2)\n"
        "(progress._in_notebook(), report is not None)"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    bar, last = book.cells[0].outputs
    assert (bar.output_type, bar.data) == ("display_data", {})
    assert last.data["text/plain"] == "(True, True)"


def test_workers_leave_signals_to_the_process_that_started_them():
    """Ctrl-C in a terminal goes to all: each of them showed a traceback."""
    with multiprocessing.get_context("spawn").Pool(1, initializer=progress.work_quietly) as pool:
        assert pool.map(signal.getsignal, [signal.SIGINT, signal.SIGTERM]) == [signal.SIG_IGN, signal.SIG_DFL]
