"""Laws of rendering; what plays needs tinysoundfont and a soundfont, which not every machine has."""

import sys

import numpy as np
import pytest

from riffkit.compose import soundfont
from riffkit.compose.score import NARROW, TEXTURES, compose
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams


@pytest.fixture(scope="module")
def player():
    try:
        return soundfont.Player()
    except (ImportError, FileNotFoundError) as error:
        pytest.skip(str(error))


def test_same_piece_same_samples_whatever_was_played_before(player):
    first = [player.play(compose(seed)) for seed in range(4)]
    again = [player.play(compose(seed)) for seed in (3, 1, 2, 0)]
    for a, b in zip(first, [again[3], again[1], again[2], again[0]], strict=True):
        assert np.array_equal(a, b)


def test_a_loop_has_512_columns_and_no_seam(player):
    for seed in range(12):
        loop = player.play(compose(seed, NARROW))
        assert loop.shape == (512 * 441,) and np.isfinite(loop).all() and np.abs(loop).max() > 0.01
        # Were there a cut at the joint, the frame across it would hold far more treble than its like elsewhere.
        mel = mel_from_samples(loop, SpectrogramParams(), periodic=True)[0]
        assert mel.shape == (512, 512)
        turned = mel_from_samples(np.roll(loop, 100 * 441), SpectrogramParams(), periodic=True)[0]
        assert np.allclose(np.roll(mel, 100, axis=1), turned, atol=1e-3 * mel.max())


def test_pictures_are_loud_where_the_notes_are():
    time = np.arange(soundfont.LOOP_SAMPLES) / soundfont.SAMPLE_RATE
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)
    picture = soundfont.picture_from_loop(tone)
    loudest_row = int(picture.mean(axis=1).argmin())
    mel_of = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    expected = 511 - mel_of(1000) / mel_of(10000) * 513 + 1
    assert abs(loudest_row - expected) <= 1
    assert picture.min() == 0 and (picture == 255).mean() > 0.8


def test_textures_keep_the_loop_and_change_the_sound(player):
    loop = player.play(compose(5, NARROW))
    assert soundfont.textured(loop, None) is loop
    for texture in TEXTURES:
        heard = soundfont.textured(loop, texture)
        assert heard.shape == loop.shape and np.isfinite(heard).all()
        # Turning the loop and then changing its sound is the same as the other way round: there is no seam.
        turned = soundfont.textured(np.roll(loop, 1000), texture)
        assert np.allclose(turned, np.roll(heard, 1000), atol=1e-4 * np.abs(heard).max())
        treble = [np.abs(np.fft.rfft(x))[30_000:].sum() / np.abs(np.fft.rfft(x)).sum() for x in (loop, heard)]
        assert treble[1] < 0.9 * treble[0]


def test_silence_is_a_white_picture():
    assert (soundfont.picture_from_loop(np.zeros(soundfont.LOOP_SAMPLES, np.float32)) == 255).all()


@pytest.mark.slow
def test_one_process_or_two_give_the_same_pictures(player):
    one = [picture for _, picture in soundfont.render_corpus(range(3), NARROW, processes=1)]
    two = [picture for _, picture in soundfont.render_corpus(range(3), NARROW, processes=2)]
    assert np.array_equal(one, two)


def test_a_missing_soundfont_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("RIFFKIT_SOUNDFONT", str(tmp_path / "none.sf2"))
    with pytest.raises(FileNotFoundError, match="none.sf2.*apt-get install"):
        soundfont.find_soundfont()
    with pytest.raises(FileNotFoundError, match="other.sf2"):
        soundfont.Player(tmp_path / "other.sf2")


def test_without_a_synthesizer_it_is_said_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tinysoundfont", None)
    (tmp_path / "one.sf2").write_bytes(b"RIFF\0\0\0\0sfbk")
    with pytest.raises(ImportError, match="pip install --no-deps tinysoundfont"):
        soundfont.Player(tmp_path / "one.sf2")
