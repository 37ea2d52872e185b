"""Seed pictures: whole bars of a recording, stretched to the picture's width, that say where they come from."""

import numpy as np
import pytest

from riffkit.listening.music import beat_columns, tempo_agrees
from riffkit.riffing.seeds import cut_seed, stretch_to_tempo
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.metadata import read_tags
from riffkit.sound.params import SpectrogramParams

RATE = 44100


def beating(bpm, seconds=9.0):
    """Short tones on every beat, every fourth louder."""
    time = np.arange(round(seconds * RATE)) / RATE
    since = time % (60 / bpm)
    loud = np.where(time * bpm / 60 % 4 < 1, 1.0, 0.5)
    return Clip((0.4 * loud * np.sin(2 * np.pi * 880 * since) * np.exp(-40 * since)).astype(np.float32), RATE)


@pytest.fixture(scope="module")
def recording():
    return beating(120.0)


def test_a_seed_has_its_columns_and_says_where_it_comes_from(recording):
    seed = cut_seed(recording, bars=2, columns=512, bpm=120.0, start=0.0)
    assert seed.size == (512, 512)
    found = seed.info["seed"]
    assert found | {"key": None} == {
        "bpm": 120.0,
        "bpm_of_picture": 93.75,
        "key": None,
        "bars": 2,
        "start": 0.0,
        "stretched": 1.28,
    }
    params, level, _ = read_tags(seed)
    whole = encode(recording.slice(0.0, 4.0), periodic=True)
    assert params == SpectrogramParams() and level == read_tags(whole).level, "as loud as the recording"


def test_tempo_and_first_beat_are_found(recording):
    found = cut_seed(recording, bars=1, columns=256).info["seed"]
    assert tempo_agrees(found["bpm"], 120.0)[1] and 0 <= found["start"] < 4


def test_what_cannot_be_cut_is_refused(recording):
    with pytest.raises(ValueError, match="take fewer bars"):
        cut_seed(recording, bars=8, bpm=120.0, start=0.0)
    with pytest.raises(ValueError, match="bars is 0"):
        cut_seed(recording, bars=0)
    with pytest.raises(ValueError, match="no tempo"):
        cut_seed(Clip(np.zeros(RATE), RATE))


def test_pictures_are_stretched_to_one_tempo():
    params = SpectrogramParams(n_mels=128)
    pixels, like = (np.asarray(encode(beating(bpm), params).convert("L")) for bpm in (100.0, 120.0))
    stretched = stretch_to_tempo(pixels, like, params)
    assert beat_columns(stretched, params) == pytest.approx(beat_columns(like, params), rel=0.03)
    assert 1 / 1.42 < stretched.shape[1] / pixels.shape[1] < 1.42
