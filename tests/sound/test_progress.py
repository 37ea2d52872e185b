"""`progress` is a callable, True, False or None wherever a call may be long."""

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
