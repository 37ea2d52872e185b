"""A stereo model's clips are mixed down and drawn as the first models' pictures were."""

from types import SimpleNamespace

import numpy as np

from benchmarks.first.clips import Deadline, generated
from riffkit.compose.soundfont import picture_from_loop
from riffkit.sound.clip import Clip
from riffkit.sound.params import SpectrogramParams

TIME = np.arange(225_792) / 44_100


def test_left_and_right_are_heard_as_one(tmp_path):
    left, right = (0.4 * np.sin(2 * np.pi * hertz * TIME).astype(np.float32) for hertz in (440, 880))
    riff = SimpleNamespace(clip=Clip(np.stack([left, right]), 44_100))
    riffer = SimpleNamespace(
        params=SpectrogramParams.full_band(stereo=True), riff=lambda words, seeds, **settings: [riff for _ in words]
    )
    clips, pictures = generated(tmp_path, "stereo", riffer, ["a", "b"], Deadline())
    assert len(clips) == 2 and pictures[0].shape == (2, 512, 512)
    assert np.array_equal(pictures[0][0], picture_from_loop((left + right) / 2))
    assert set(np.argsort(clips.chroma[0])[-1:]) == {9}
