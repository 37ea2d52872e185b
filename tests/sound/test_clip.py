"""Clips: files, formats, bad input, and how they show themselves."""

import base64
import io
import re
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.files import read_metadata
from riffkit.sound.image import decode, encode
from riffkit.sound.loudness import loudness, normalize_loudness, true_peak


@pytest.mark.parametrize("suffix, error", [(".wav", 1e-4), (".flac", 1e-4), (".ogg", 0.1), (".mp3", 0.1)])
def test_files_come_back(tune, tmp_path, suffix, error):
    stereo = Clip(np.concatenate([tune.samples, tune.samples / 2]), 44100)
    stereo.save(tmp_path / f"a{suffix}")
    back = Clip.load(tmp_path / f"a{suffix}")
    assert back.sample_rate == 44100 and back.n_channels == 2
    n = min(back.samples.shape[1], stereo.samples.shape[1])
    assert n >= 0.99 * stereo.samples.shape[1]
    assert np.sqrt(np.mean((back.samples[:, :n] - stereo.samples[:, :n]) ** 2)) < error * stereo.peak()


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_metadata_travels_inside(tune, tmp_path, suffix):
    recipe = {"prompt": "größer " * 2000, "seed": 7, "list": [1, None, 0.5]}
    tune.save(tmp_path / f"a{suffix}", metadata=recipe)
    assert read_metadata(tmp_path / f"a{suffix}") == recipe
    tune.save(tmp_path / f"b{suffix}")
    assert read_metadata(tmp_path / f"b{suffix}") is None
    assert Clip.load(tmp_path / f"a{suffix}").duration == Clip.load(tmp_path / f"b{suffix}").duration


@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000, 192000])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_odd_files_are_read_at_the_same_level(tmp_path, rate, subtype):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate // 4) / rate)
    soundfile.write(tmp_path / "a.wav", np.stack([tone] * 6, axis=1), rate, subtype=subtype)
    clip = Clip.load(tmp_path / "a.wav")
    assert clip.samples.shape == (6, rate // 4)
    assert clip.peak() == pytest.approx(0.5, abs=0.01)
    assert encode(clip).size == (26 if rate != 22050 else 25, 512)


def test_parts_of_files(tune, tmp_path):
    tune.save(tmp_path / "a.wav")
    part = Clip.load(tmp_path / "a.wav", start=1, duration=0.5)
    assert np.allclose(part.samples, tune.slice(1, 1.5).samples, atol=1e-4)
    with pytest.raises(ValueError, match="no samples from"):
        Clip.load(tmp_path / "a.wav", start=99)


def test_what_is_no_sound_is_refused_in_words(tmp_path):
    (tmp_path / "a.mp3").write_text("not a song\n" * 500)
    (tmp_path / "b.wav").write_bytes(b"")
    soundfile.write(tmp_path / "c.wav", np.zeros(0), 44100)
    soundfile.write(tmp_path / "d.wav", np.array([0.0, np.nan, 0.0]), 44100, subtype="FLOAT")
    for name, message in {
        "a.mp3": "cannot read",
        "b.wav": "cannot read",
        "c.wav": "no samples",
        "d.wav": "NaN",
    }.items():
        with pytest.raises(ValueError, match=message) as caught:
            Clip.load(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(FileNotFoundError, match="does not exist"):
        Clip.load(tmp_path / "none.wav")
    with pytest.raises(IsADirectoryError):
        Clip.load(tmp_path)


@pytest.mark.parametrize(
    "samples, rate, message",
    [
        (np.zeros(0), 44100, "at least one"),
        (np.zeros((2, 0)), 44100, "at least one"),
        (np.zeros((1, 2, 3)), 44100, "shape"),
        (np.zeros((44100, 2)), 44100, "samples.T"),
        (np.array([np.inf]), 44100, "infinity"),
        (np.array([20000.0]), 44100, "full scale"),
        (np.zeros(5), 0, "sample_rate"),
    ],
)
def test_bad_samples_are_refused(samples, rate, message):
    with pytest.raises(ValueError, match=message):
        Clip(samples, rate)


def test_integers_are_scaled():
    assert Clip(np.array([-32768, 16384], np.int16), 8000).samples.tolist() == [[-1, 0.5]]
    assert Clip(np.array([0, 128, 192], np.uint8), 8000).samples.tolist() == [[-1, 0, 0.5]]


def test_nothing_is_overwritten_unasked(tune, tmp_path):
    tune.save(tmp_path / "a.wav")
    before = (tmp_path / "a.wav").read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        tune.save(tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == before
    tune.slice(0, 1).save(tmp_path / "a.wav", overwrite=True)
    assert Clip.load(tmp_path / "a.wav").duration == pytest.approx(1)
    with pytest.raises(ValueError, match=r"\.wav, \.flac"):
        tune.save(tmp_path / "a.m4a")
    with pytest.raises(FileNotFoundError, match="folder"):
        tune.save(tmp_path / "no" / "a.wav")


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".png"])
def test_a_full_disk_leaves_nothing_behind(tmp_path, suffix):
    script = f"""
import resource, signal, numpy as np
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode
from riffkit.sound.image_file import save_image
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
clip = Clip(np.random.default_rng(0).standard_normal(200000).astype("f") * 0.1, 44100)
image = encode(clip)
resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))
try:
    clip.save("a{suffix}") if {suffix != ".png"} else save_image(image, "a{suffix}")
except OSError as error:
    print("refused", error)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert "refused" in done.stdout, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_clip_shows_itself_small_and_without_scripts(tune):
    shown = tune._repr_mimebundle_()
    html = shown["text/html"]
    assert sum(map(len, shown.values())) < 110_000  # of three seconds; five seconds of music cost about as much
    assert re.search(r'<img alt="[^"]+" style="[^"]+" src="data:image/webp', html) and "<audio controls" in html
    assert "<script" not in html
    small = Image.open(io.BytesIO(base64.b64decode(shown["image/png"])))
    assert small.width < 500 and shown["text/plain"] == repr(tune)


@pytest.mark.parametrize("samples", [np.zeros(1), np.zeros(44100), np.ones((6, 3000)), np.ones(100)])
def test_odd_clips_show_themselves(samples):
    assert "audio" in Clip(samples, 96000)._repr_mimebundle_()["text/html"]


def test_loudness_is_set_and_never_clips(tune):
    for target in (-30, -16, -5):
        set_to = normalize_loudness(tune, target)
        assert true_peak(set_to) <= -1 + 1e-3
        assert loudness(set_to) == pytest.approx(target, abs=0.1) or true_peak(set_to) == pytest.approx(-1, abs=1e-2)


def test_true_peaks_lie_between_samples():
    tone = np.sin(2 * np.pi * 11025 * np.arange(44100) / 44100 + np.pi / 4)  # samples only reach 0.707
    assert true_peak(Clip(tone.astype(np.float32), 44100)) == pytest.approx(0, abs=0.2)


def test_silence_is_not_turned_up():
    silence = Clip(np.zeros(44100, np.float32), 44100)
    assert normalize_loudness(silence).peak() == 0
    assert true_peak(silence) == loudness(silence) == -np.inf


def test_resampling_keeps_the_tone(tune):
    there = tune.resample(32000)
    assert there.duration == pytest.approx(tune.duration, abs=1e-3)
    back = there.resample(44100)
    n = min(back.samples.shape[1], tune.samples.shape[1])
    middle = slice(2000, n - 2000)
    assert np.abs(back.samples[0, middle] - tune.samples[0, middle]).max() < 0.02


@pytest.mark.slow
def test_long_clips_go_through_in_bounded_memory():
    script = """
import resource, numpy as np
from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
clip = decode(encode(Clip(np.tile(np.sin(np.arange(44100) * 0.05).astype("f"), 240), 44100)), quality="pghi")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, clip.duration)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    kilobytes, seconds = map(float, done.stdout.split())
    assert seconds > 239 and kilobytes < 450_000  # in one go the spectra alone would take more


def test_decoded_silence_is_digital():
    assert decode(encode(Clip(np.zeros((2, 30000), np.float32), 48000))).peak() == 0
