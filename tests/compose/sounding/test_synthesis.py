"""Laws of our own synthesis: every instrument sounds, is itself, is in tune, and ends without a click."""

import numpy as np
import pytest

from riffkit.compose.sounding.drumming import stroke
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone, hertz_of
from riffkit.compose.sounding.percussion import PERCUSSION
from riffkit.compose.sounding.synthesis.machines import MACHINES
from riffkit.compose.sounding.synthesis.orchestra import LINES, VOICES, play
from tests.compose.sounding.laws import cents_off, nearest_pairs, seam

OWN = sorted([*VOICES, *LINES])
SPOKEN = ("whisper", "rap", "shout", "beatbox", "shepard tone")  # whose pitch is none, or moves on


def middle(name):
    return (INSTRUMENTS[name].low + INSTRUMENTS[name].high) // 2


def played(name, tones, seed=0):
    return play(name, tones, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def notes():
    """Every instrument's middle note, held for a second."""
    return {name: played(name, [Tone(3000, SAMPLE_RATE, middle(name), 100)]) for name in OWN}


@pytest.mark.parametrize("name", OWN)
def test_a_note_sounds_without_offset_or_seam(name, notes):
    loop = notes[name]
    assert loop.shape[-1] == LOOP_SAMPLES and loop.dtype == np.float32 and np.isfinite(loop).all()
    assert np.abs(loop).max() > 0.03
    assert np.abs(loop.mean(axis=-1)).max() < 0.02 * np.abs(loop).max()
    assert seam(loop) <= 1


def test_no_two_instruments_are_alike(notes):
    distance, one, other = nearest_pairs(notes)
    assert distance > 0.12, f"{one} and {other} differ by {distance:.3f} only"


@pytest.mark.parametrize("name", [name for name in OWN if name not in SPOKEN])
def test_notes_are_in_tune_over_the_range(name):
    low, high = INSTRUMENTS[name].low, INSTRUMENTS[name].high
    for pitch in (low + 2, middle(name), high - 2):
        loop = played(name, [Tone(2000, SAMPLE_RATE, pitch, 100)])
        assert abs(cents_off(loop[..., 5000:42_000], hertz_of(pitch))) < 20, pitch


@pytest.mark.parametrize("name", ["ukulele", "erhu", "supersaw", "theremin", "fm piano", "fm bass"])
def test_bends_are_followed(name):
    pitch, bend = middle(name), ((0, 0.0), (4000, 0.0), (8000, 2.0))
    loop = played(name, [Tone(0, 60_000, pitch, 100, bend)])
    assert abs(cents_off(loop[..., 14_000:50_000], hertz_of(pitch + 2))) < 25


@pytest.mark.parametrize("name", OWN)
def test_notes_end_without_a_click(name):
    if name == "shepard tone":
        return
    voice = VOICES.get(name)
    tone = Tone(0, 9000, middle(name), 110)
    sound = voice(tone, np.random.default_rng(0)) if voice else played(name, [tone])[: 9000 + SAMPLE_RATE]
    last = np.abs(np.atleast_2d(sound)[:, -8:]).max()
    assert last < 0.01 * np.abs(sound).max()


@pytest.mark.parametrize("name", ["supersaw", "chip lead", "hoover", "pluck lead", "brass lead"])
def test_high_notes_fold_nothing_back(name):
    pitch = INSTRUMENTS[name].high
    loop = played(name, [Tone(0, 100_000, pitch, 110)])
    mono = loop if loop.ndim == 1 else loop.mean(axis=0)
    spectrum = np.abs(np.fft.rfft(mono[30_000:90_000] * np.hanning(60_000)))
    hertz = np.fft.rfftfreq(60_000, 1 / SAMPLE_RATE)
    below = spectrum[(hertz > 40) & (hertz < hertz_of(pitch) * 0.4)].max()
    assert below < 0.01 * spectrum.max()


def test_louder_is_brighter():
    def treble(velocity, name):
        loop = played(name, [Tone(0, 30_000, middle(name), velocity)])
        spectrum = np.abs(np.fft.rfft(loop if loop.ndim == 1 else loop[0])) ** 2
        hertz = np.fft.rfftfreq(LOOP_SAMPLES, 1 / SAMPLE_RATE)
        return (spectrum * hertz).sum() / spectrum.sum()

    for name in ("fm piano", "ukulele", "brass lead", "duduk", "hang"):
        assert treble(120, name) > 1.03 * treble(45, name), name


def test_voices_say_something_new_each_time():
    for name in ("singer", "rap", "whisper"):
        loop = played(name, [Tone(0, 9000, middle(name), 100), Tone(100_000, 9000, middle(name), 100)])
        assert not np.allclose(loop[:9000], loop[100_000:109_000], atol=1e-3)


def test_the_same_seed_plays_the_same_samples():
    for name in ("erhu", "acid bass", "chant", "guzheng"):
        tones = [Tone(k * 20_000, 15_000, middle(name) + k % 3, 90 + k) for k in range(5)]
        assert np.array_equal(played(name, tones, 4), played(name, tones, 4))


def test_an_unknown_instrument_is_refused_by_name():
    with pytest.raises(ValueError, match="'kazoo' is not synthesized; expected one of"):
        played("kazoo", [])


DRUMS = [(name, key) for name, one in PERCUSSION.items() if one.own for key in one.keys]
DRUMS += [(machine, key) for machine in MACHINES for key in (36, 38, 39, 42, 46, 49, 51, 45)]


def test_strokes_sound_and_differ():
    sounds = {f"{name} {key}": stroke(name, key, 8) for name, key in DRUMS}
    for name, sound in sounds.items():
        assert np.isfinite(sound).all() and 0.1 < np.abs(sound).max() < 4, name
        assert np.abs(sound[-1]) < 1e-3, name
    padded = {name: np.pad(sound, (0, LOOP_SAMPLES))[:LOOP_SAMPLES] for name, sound in sounds.items()}
    del padded["808 clap 39"]  # which is the 808's
    distance, one, other = nearest_pairs(padded)
    assert distance > 0.1, f"{one} and {other} differ by {distance:.3f} only"


@pytest.mark.parametrize("machine", MACHINES)
def test_cymbals_reach_above_ten_kilohertz(machine):
    for key in (42, 46, 49):
        power = np.abs(np.fft.rfft(stroke(machine, key, 8))) ** 2
        hertz = np.fft.rfftfreq(len(stroke(machine, key, 8)), 1 / SAMPLE_RATE)
        assert power[(hertz > 10_000) & (hertz < 16_000)].sum() > 0.1 * power.sum()


def test_soft_strokes_are_softer_and_duller():
    for name, key in (("909", 38), ("djembe", 62)):
        soft, hard = stroke(name, key, 2), stroke(name, key, 8)
        assert np.abs(soft).max() < 0.5 * np.abs(hard).max()
        spectra = [np.abs(np.fft.rfft(sound)) for sound in (soft, hard)]
        shares = [spectrum[len(spectrum) // 2 :].sum() / spectrum.sum() for spectrum in spectra]
        assert shares[0] < shares[1]
