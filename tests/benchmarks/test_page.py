"""A page of sounds holds what was painted: words as words, a picture and a sound, nothing from outside."""

import base64
import io
import re

import numpy as np
import soundfile
from PIL import Image

from benchmarks.page import chosen_prompts, row


def test_a_row_shows_and_plays_what_it_is_given():
    time = np.arange(225_792) / 44_100
    loop = (0.5 * np.sin(2 * np.pi * 440 * time) * np.array([[1.0], [0.2]])).astype(np.float32)
    line = row(1, "rock & <b>roll</b>", loop, None)
    assert "rock &amp; &lt;b&gt;roll" in line and "http" not in line
    picture, sound = (base64.b64decode(found) for found in re.findall(r"base64,([\w+/=]+)", line))
    assert Image.open(io.BytesIO(picture)).size == (256, 256)
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 44_100 and samples.shape == (225_792, 2)
    assert np.std(samples[:, 0]) > 3 * np.std(samples[:, 1])


def test_prompts_of_a_page_are_of_all_kinds_and_the_same_again():
    prompts = chosen_prompts(40)
    assert len({prompt.words for prompt in prompts}) == 40
    assert {"genre", "instrument", "sound", "percussion", "side", "effect"} <= {row for p in prompts for row in p.asks}
    assert [prompt.words for prompt in chosen_prompts(40)] == [prompt.words for prompt in prompts]
