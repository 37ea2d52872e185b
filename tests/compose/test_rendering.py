"""Laws of rendered corpora: the same seeds give the same pictures, however often the rendering was interrupted."""

import json

import numpy as np
import pytest

from riffkit.compose.pieces.drawing import NARROW, compose
from riffkit.compose.rendering import PARAMS, check_corpus, render_corpus, render_to_disk
from riffkit.compose.sounding.soundfont import find_soundfont

try:
    find_soundfont()
except FileNotFoundError as error:
    pytest.skip(str(error), allow_module_level=True)
pytest.importorskip("tinysoundfont")


def test_the_same_seeds_give_the_same_stereo_pictures_in_any_process():
    here = list(render_corpus(range(3), NARROW, processes=1))
    there = list(render_corpus(range(3), NARROW, processes=2))
    assert all(np.array_equal(a, b) for a, b in zip(here, there, strict=True))
    assert here[0].shape == (PARAMS.channels, PARAMS.n_mels, 512) == (2, 512, 512)
    assert all(picture.min() == 0 for picture in here)  # the loudest point is black


def test_an_interrupted_rendering_is_finished(tmp_path):
    whole = render_to_disk(tmp_path / "whole", "narrow", 0, 5, processes=1)
    render_to_disk(tmp_path / "cut", "narrow", 0, 5, processes=1)
    state = tmp_path / "cut" / "corpus.json"
    state.write_text(json.dumps({**json.loads(state.read_text()), "done": 2}))
    pictures = np.lib.format.open_memmap(tmp_path / "cut" / "pictures.npy", "r+")
    pictures[2:] = 7
    del pictures
    assert check_corpus(tmp_path / "cut", "narrow", 0, 5) == 2
    again = render_to_disk(tmp_path / "cut", "narrow", 0, 5, processes=1)
    assert np.array_equal(whole.pictures, again.pictures)
    assert again.pieces == [compose(seed, NARROW) for seed in range(5)] == whole.pieces


def test_another_corpus_in_the_folder_is_refused(tmp_path):
    render_to_disk(tmp_path, "narrow", 0, 1, processes=1)
    with pytest.raises(ValueError, match="holds another corpus"):
        render_to_disk(tmp_path, "narrow", 1, 1, processes=1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"done": "2"}', "\x00"])
def test_damaged_notes_are_named(tmp_path, text):
    (tmp_path / "corpus.json").write_text(text)
    with pytest.raises(ValueError, match=r"corpus\.json is damaged"):
        check_corpus(tmp_path, "narrow", 0, 1)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"corpus_name": "x"}, "corpus is 'x'"),
        ({"n_pieces": 0}, "n_pieces is 0"),
        ({"first_seed": -1}, "first_seed is -1"),
    ],
)
def test_nonsense_is_refused(tmp_path, change, told):
    asked = {"corpus_name": "narrow", "first_seed": 0, "n_pieces": 1, **change}
    with pytest.raises(ValueError, match=told):
        check_corpus(tmp_path, **asked)
