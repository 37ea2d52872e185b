"""Laws of effects: the loop stays a loop, the sound changes, and each does what its name says."""

import numpy as np
import pytest

from riffkit.compose.sounding.effects import EFFECTS, affected, treated
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.stereo import panned
from riffkit.compose.sounding.synthesis.orchestra import play
from tests.compose.sounding.laws import nearest_pairs, seam

SETTING = Setting(beats=8, seed=1)


@pytest.fixture(scope="module")
def music():
    tones = [Tone(k * LOOP_SAMPLES // 16, 12_000, 52 + (0, 7, 12, 16)[k % 4], 90 + k) for k in range(16)]
    loop = play("brass lead", tones, np.random.default_rng(0)) + 0.6 * play("fm piano", tones, np.random.default_rng(1))
    return panned(loop, -0.15).astype(np.float32)


@pytest.fixture(scope="module")
def treated_music(music):
    before = music.copy()
    heard = {name: affected(music, name, SETTING) for name in EFFECTS}
    assert np.array_equal(before, music), "an effect changes what it is given"
    return heard


def share(loop, low, high):
    power = np.abs(np.fft.rfft(loop)) ** 2
    hertz = np.fft.rfftfreq(loop.shape[-1], 1 / SAMPLE_RATE)
    return power[..., (hertz >= low) & (hertz < high)].sum() / power.sum()


@pytest.mark.parametrize("name", EFFECTS)
def test_the_loop_stays_a_loop(name, music, treated_music):
    heard = treated_music[name]
    assert heard.shape == music.shape and np.isfinite(heard).all()
    assert 0.1 < np.sqrt(np.mean(heard**2) / np.mean(music**2)) < 6
    assert seam(heard) <= 1


def test_no_two_effects_are_alike(music, treated_music):
    distance, one, other = nearest_pairs({"none": music.mean(axis=0), **treated_music})
    assert distance > 0.02, f"{one} and {other} differ by {distance:.3f} only"


@pytest.mark.parametrize("name", ["room", "hall", "cathedral", "plate", "spring", "delay", "low pass"])
def test_turning_the_loop_turns_what_is_heard(name, music):
    """Of effects that do not move by themselves: rooms and filters do not know where the loop begins."""
    turned = affected(np.roll(music, 5000, axis=1), name, SETTING)
    expected = np.roll(affected(music, name, SETTING), 5000, axis=1)
    assert np.allclose(turned, expected, atol=2e-3 * np.abs(expected).max())


def test_filters_take_what_they_say(music, treated_music):
    assert share(treated_music["low pass"], 3000, 20_000) < 0.05 * share(music, 3000, 20_000)
    assert share(treated_music["high pass"], 0, 300) < 0.1 * share(music, 0, 300)
    for name, high in (("radio", 6000), ("telephone line", 5000), ("next room", 1500), ("underwater", 3000)):
        assert share(treated_music[name], high, 22_050) < 0.02, name
    assert share(treated_music["telephone line"], 0, 150) < 0.01
    assert share(treated_music["bit crusher"], 8000, 20_000) > share(music, 8000, 20_000)


def test_rooms_ring_longer_the_larger_they_are():
    click = np.zeros((2, LOOP_SAMPLES), np.float32)
    click[:, 100] = 1

    def ringing(name):
        power = (affected(click, name, SETTING) ** 2).sum(axis=0)[120:]
        return np.searchsorted(np.cumsum(power) / power.sum(), 0.9)

    assert ringing("room") < ringing("hall") < ringing("cathedral")
    left, right = affected(click, "hall", SETTING)[:, 3000:40_000]
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.4


def test_tremolo_gate_and_side_chain_follow_the_beat():
    hum = np.tile(np.sin(2 * np.pi * 1000 * np.arange(LOOP_SAMPLES) / SAMPLE_RATE), (2, 1)).astype(np.float32)
    for name, floor in (("tremolo", 0.2), ("gate", 0.02), ("side chain", 0.2)):
        level = np.abs(affected(hum, name, SETTING)[0]).reshape(-1, 441).max(axis=1)
        assert level.min() < floor < 0.9 < level.max() + 0.05, name
    kicks = (0, LOOP_SAMPLES // 2)
    level = np.abs(affected(hum, "side chain", Setting(8, 1, kicks))[0]).reshape(-1, 441).max(axis=1)
    assert {int(k) // 64 for k in np.flatnonzero(level < 0.5)} <= {0, 3, 4, 7}


def test_auto_pan_goes_from_side_to_side(treated_music):
    left, right = (treated_music["auto pan"] ** 2).reshape(2, 64, -1).mean(axis=2) + 1e-9
    balance = 10 * np.log10(left / right)
    assert balance.max() > 8 and balance.min() < -8


def test_effects_on_some_tracks_leave_the_others(music):
    drums = np.roll(music, 777, axis=1)
    assert np.allclose(treated({"drums": drums}, (), SETTING), drums)
    both = treated({"parts": music, "drums": drums}, ("tremolo",), SETTING)
    assert np.allclose(both - affected(music, "tremolo", SETTING), drums, atol=1e-5)
    # where there is nothing to treat but drums, drums are treated
    assert np.allclose(treated({"drums": drums}, ("tremolo",), SETTING), affected(drums, "tremolo", SETTING))


def test_an_unknown_effect_is_refused_by_name(music):
    with pytest.raises(ValueError, match="'fuzz' is no effect; expected one of room"):
        affected(music, "fuzz", SETTING)
