"""WordMap on the embedded model: every word has its map."""

import io

import numpy as np
from PIL import Image

from riffkit.widgets.word_map import WordMap


def test_every_word_has_its_map(riffer, riff, finish):
    shown = WordMap(riff, riffer)
    shown.find()
    finish(shown.run_bar)
    assert [word["word"] for word in shown.overlay.words] == ["church", "bells", "and", "drums"]
    assert np.allclose(shown.maps.maps.sum(0) + shown.maps.rest, 1, atol=1e-5)
    drawn = Image.open(io.BytesIO(shown.overlay.words[0]["map"]))
    checkpoint = riffer.checkpoint
    assert drawn.size == (checkpoint.window, checkpoint.rows) and drawn.getextrema() == (0, 255)
    rows, columns = shown.maps.sizes[0]
    assert shown.overlay.span == riff.image.width and f"{rows} × {columns}" in shown.note.value
    shown.close()
