"""What the player sends to the page, and what it accepts from it."""

import io

import numpy as np
import pytest
import soundfile
import traitlets
from PIL import Image

from riffkit.riffing.riff import Riff
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.loudness import loudness
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.player import Player

RATE = 44100


def tone(hertz=440.0, seconds=1.0, channels=1, rate=RATE, level=0.2):
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return Clip(np.repeat(wave[None].astype(np.float32), channels, axis=0), rate)


def heard(track):
    samples, rate = soundfile.read(io.BytesIO(track["sound"]), always_2d=True)
    return Clip(samples.T, rate)


def seen(track):
    return np.asarray(Image.open(io.BytesIO(track["picture"])))


def test_a_clip_arrives_whole_and_at_the_common_loudness():
    player = Player(tone(seconds=1.5))
    (track,) = player.tracks
    assert heard(track).samples.shape == (1, round(1.5 * RATE)) and player.duration == 1.5
    assert loudness(heard(track)) == pytest.approx(-16, abs=0.1)
    as_it_is = heard(Player(tone(), loudness=None).tracks[0])
    assert np.allclose(as_it_is.samples, tone().samples, atol=1e-4)


def test_the_picture_is_the_clips_own_and_says_where_its_axes_lie():
    (track,) = Player(tone()).tracks
    assert np.array_equal(seen(track), np.asarray(encode(tone()).convert("L")))
    assert (track["lanes"], track["hop"], track["fmin"], track["fmax"]) == (1, 0.01, 0.0, 10000.0)


def test_stereo_is_two_lanes_left_above():
    wave = tone().samples[0]
    (track,) = Player(Clip(np.stack([wave, 0 * wave]), RATE)).tracks
    left, right = np.split(seen(track), 2)
    assert track["lanes"] == 2 and left.min() < 10 and right.min() == 255


def test_a_riff_shows_its_own_picture_and_loops_if_it_is_one():
    params = SpectrogramParams(n_mels=64)
    riff = Riff(encode(tone(), params), {"operation": "riff", "arguments": {"prompt": "<b>bells</b>"}}, tone())
    player = Player(riff)
    assert seen(player.tracks[0]).shape == (64, riff.image.width)
    assert player.title == riff.title and not player.loop
    assert Player(Riff(riff.image, {"sound": {"loop": True}}, tone())).loop
    assert Player(riff, title="mine", loop=True).title == "mine"


def test_a_picture_is_decoded():
    player = Player(encode(tone(seconds=0.5)))
    samples = heard(player.tracks[0]).samples[0]
    assert np.argmax(np.abs(np.fft.rfft(samples))) / player.duration == pytest.approx(440, abs=5)


@pytest.mark.parametrize("rate, channels", [(1000, 1), (8000, 2), (192000, 5)])
def test_odd_clips_play(rate, channels):
    (track,) = Player(tone(100, channels=channels, rate=rate)).tracks
    assert heard(track).sample_rate in (8000, 44100) and heard(track).n_channels == {1: 1, 2: 2, 5: 1}[channels]


def test_long_clips_get_long_columns():
    (track,) = Player(tone(rate=8000, seconds=120)).tracks
    assert seen(track).shape[1] <= 4001 and track["hop"] == pytest.approx(0.03, abs=0.001)


def test_show_forgets_what_belonged_to_the_old_sound():
    player = Player(tone(seconds=2))
    player.region, player.band, player.view, player.notes = [0.5, 1.5], [100, 200], [0, 1, 0, 500], True
    player.show(tone(seconds=1))
    assert (player.region, player.band, player.view, player.duration) == ([], [], [], 1.0)
    assert player.notes, "settings stay"


@pytest.mark.parametrize(
    "name, value",
    [("region", [1.0]), ("region", [0.5, 0.2]), ("region", [0.0, 3.0]), ("band", [-1.0, 5.0]), ("view", [0, 1, 5, 5])],
)
def test_nonsense_is_refused(name, value):
    player = Player(tone())
    with pytest.raises(traitlets.TraitError, match="expected"):
        setattr(player, name, value)
    assert getattr(player, name) == []


def test_what_cannot_be_played_is_told():
    with pytest.raises(TypeError, match="expected a Clip, a Riff or a picture, got str"):
        Player("song.mp3")
    with pytest.raises(ValueError, match="lasts 1000 s"):
        Player(Clip(np.zeros(1000 * 1000, np.float32), 1000))


def test_an_empty_player_waits():
    player = Player()
    assert player.tracks == [] and repr(player) == "Player()"
    player.play(), player.pause(), player.seek(1)
    player = Player(title="later", loop=True)
    assert player.title == "later" and player.loop


def test_a_part_can_be_chosen_at_once():
    player = Player(tone(seconds=2), region=[0.5, 1], band=[100, 1000], notes=True)
    assert player.region == [0.5, 1] and player.band == [100, 1000] and player.notes
