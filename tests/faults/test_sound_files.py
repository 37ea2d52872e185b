"""Sound files that people bring: read as long and as loud as they are, or refused with the true reason."""

import json
import os
import shlex
import struct
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from mutagen.flac import FLAC
from mutagen.id3 import COMM, ID3, TXXX
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

import riffkit
from riffkit.sound.clip import Clip
from riffkit.sound.files import SoundReader, duration_of, read_metadata, read_samples
from riffkit.sound.files.mpeg import walk
from riffkit.sound.files.opening import opened
from riffkit.sound.loudness import loudness
from riffkit.sound.metadata import recipe_fits
from tests.faults.sounds import (
    RATE,
    encoded,
    flac_without_length,
    id3,
    riff,
    tone,
    variable_mp3,
    wav_kinds,
    without_xing,
)

RECIPE = {"operation": "riff", "prompt": "größer ☃", "list": [1, None, 0.5]}


def load(path, data):
    path.write_bytes(data)
    return Clip.load(path)


@pytest.mark.filterwarnings("ignore:.*header was never finished")
@pytest.mark.parametrize("name, data", wav_kinds().items(), ids=wav_kinds())
def test_every_kind_of_wav_is_as_long_and_loud_as_it_is(tmp_path, name, data):
    clip = load(tmp_path / "a.wav", data)
    assert 0.99 < clip.duration < 1.05 and 0.37 < clip.peak() < 0.43
    assert duration_of(tmp_path / "a.wav") == clip.duration


def test_an_unfinished_header_is_told(tmp_path):
    with pytest.warns(UserWarning, match=r"a\.wav: its header was never finished"):
        load(tmp_path / "a.wav", wav_kinds()["unfinished"])
    for seconds in (0.1, 1.0, 2.9):
        data = bytearray(encoded(tone(seconds), "AIFF"))
        at = data.find(b"SSND")
        data[at + 4 : at + 8] = data[4:8] = b"\0" * 4
        with pytest.warns(UserWarning, match="never finished"):
            assert load(tmp_path / "a.aiff", bytes(data)).duration == pytest.approx(seconds, abs=1e-3)
    empty = riff((b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)), (b"data", b""), (b"LIST", b"INFO"))
    with pytest.raises(ValueError, match="no samples"):  # not the chunk behind it
        load(tmp_path / "b.wav", empty)


def test_mp3s_are_read_to_their_end_whatever_they_tell(tmp_path):
    whole = variable_mp3()
    told = load(tmp_path / "told.mp3", whole)
    assert told.duration == pytest.approx(20)
    bare = load(tmp_path / "bare.mp3", without_xing(whole))
    assert bare.duration == pytest.approx(20, abs=0.05)
    assert duration_of(tmp_path / "bare.mp3") == bare.duration
    tagged = load(tmp_path / "tagged.mp3", id3((b"TIT2", b"\3a")) + without_xing(whole) + b"TAG" + b" " * 125)
    assert np.array_equal(tagged.samples, bare.samples), "tags are no sound"
    part = Clip.load(tmp_path / "bare.mp3", start=15, duration=2)
    assert part.duration == 2
    n = 15 * RATE
    assert np.abs(part.samples - bare.samples[:, n : n + 2 * RATE]).max() < 1e-4


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_mpeg_frames_are_counted(mode, rate, channels):
    sound = np.stack([tone(1.5, rate=rate)] * channels, axis=1)
    (part,) = walk(encoded(sound, "MP3", rate, bitrate_mode=mode))
    assert part.told == part.counted and part.header.rate == rate and part.mono == (channels == 1)
    assert part.counted * part.header.samples == pytest.approx(1.5 * rate, abs=3 * part.header.samples)


@pytest.mark.parametrize("format", ["WAV", "AIFF", "FLAC", "OGG", "MP3"])
def test_files_joined_end_to_end_are_read_to_the_last_end(tmp_path, format):
    first, second = encoded(tone(1.0, 440), format), encoded(tone(1.5, 880), format)
    clip = load(tmp_path / "both", first + second)
    assert clip.duration == pytest.approx(2.5, abs=0.01)
    alone = [load(tmp_path / "one", data).samples for data in (first, second)]
    assert np.array_equal(clip.samples, np.concatenate(alone, axis=1)), "each as if it were alone"
    over = Clip.load(tmp_path / "both", start=0.9, duration=0.3)
    assert over.samples.shape == (1, round(0.3 * RATE))
    assert (
        np.abs(over.samples - clip.samples[:, round(0.9 * RATE) : round(0.9 * RATE) + round(0.3 * RATE)]).max() < 1e-3
    )


def test_mp3s_joined_with_tags_between_are_read(tmp_path):
    one = id3((b"TIT2", b"\3a")) + variable_mp3(2, 1) + b"TAG" + b" " * 125
    assert load(tmp_path / "a.mp3", one * 3).duration == pytest.approx(6, abs=0.01)
    bare = without_xing(variable_mp3(2, 1))
    assert load(tmp_path / "b.mp3", bare * 3).duration == pytest.approx(6, abs=0.2)


def test_what_is_joined_with_another_rate_is_left_out_aloud(tmp_path):
    with pytest.warns(UserWarning, match=r"1\.0 s at its end have another rate"):
        clip = load(tmp_path / "a.wav", encoded(tone(2)) + encoded(tone(1, rate=22050), rate=22050))
    assert clip.duration == 2


@pytest.mark.parametrize("format", ["MP3", "OGG", "FLAC", "WAV"])
@pytest.mark.parametrize("loud", [0.4, 0.002])
def test_a_part_is_that_part_of_the_whole(tmp_path, format, loud):
    """In MP3s that borrow bits from earlier frames, and in the last page of an OGG too; blocks leave no gaps."""
    data = encoded(tone(9.0, 300, peak=loud), format)
    whole = load(tmp_path / "a", data).samples
    assert np.abs(whole[0, : 9 * RATE] - tone(9.0, 300, peak=loud)).max() < 0.2 * loud
    for start in (0.01, 1.5, 3.21, 5.0, 8.3, 8.95):
        n = round(start * RATE)
        part = Clip.load(tmp_path / "a", start=start, duration=0.7).samples
        assert np.abs(part - whole[:, n : n + round(0.7 * RATE)]).max() < 1e-5, start


def test_flac_without_its_length_is_read(tmp_path):
    data = encoded(tone(2.3), "FLAC")
    clip = load(tmp_path / "a.flac", flac_without_length(data))
    assert np.array_equal(clip.samples, load(tmp_path / "b.flac", data).samples)


@pytest.mark.parametrize("format", ["WAV", "FLAC", "MP3", "OGG"])
def test_what_was_cut_is_read_as_far_as_it_goes(tmp_path, format):
    rng = np.random.default_rng(0)
    data = encoded((0.1 * rng.standard_normal(10 * RATE)).astype("f"), format)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        clip = load(tmp_path / "a", data[: len(data) // 2])
    assert 4.4 < clip.duration < 5.2
    assert told or format == "OGG", "an OGG need not tell its length: nothing is missing that it promised"


class Steps(list):
    def __call__(self, step, total, estimate):
        self.append((step, total))


def test_what_is_left_out_is_said_once(tmp_path, monkeypatch):
    from riffkit.sound import image as codec

    data = encoded(np.stack([tone(3.0), -tone(3.0)], 1))
    (tmp_path / "a.wav").write_bytes(data[: len(data) // 2])
    for limit in (1e9, 0.0):
        monkeypatch.setattr(codec, "LONG_SOUND", limit)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            steps = Steps()
            riffkit.encode(tmp_path / "a.wav", progress=steps)
        assert [str(one.message).count("cut") + str(one.message).count("cancel") for one in told] == [1, 1]
        assert steps == sorted(steps) and len({total for _, total in steps}) == 1
        with pytest.raises(riffkit.Cancelled), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            riffkit.encode(tmp_path / "a.wav", progress=lambda *_: False)


def test_names_of_every_kind_are_opened(tmp_path):
    clip = Clip(tone(0.1), RATE)
    for name in ("教会.wav", "50% {x} %s.wav", "-lead.wav", os.fsdecode(b"caf\xe9.wav"), "a\nb.wav", "'\".wav"):
        try:
            clip.save(tmp_path / name)
        except OSError:
            pytest.skip(f"not possible on this file system: {name!r}")
        assert Clip.load(tmp_path / name).duration == clip.duration
        riffkit.save_image(riffkit.encode(clip), tmp_path / f"{name}.png")
        assert riffkit.decode(tmp_path / f"{name}.png", quality="fast").duration == pytest.approx(0.1, abs=0.02)


@pytest.mark.parametrize("name", ["\ud800.wav", "a\0b.wav", "x" * 5000 + ".wav"])
def test_what_can_be_no_name_is_refused_in_few_words(tmp_path, name):
    with pytest.raises(FileNotFoundError) as caught:
        Clip.load(tmp_path / name)
    assert len(str(caught.value)) < 600
    if "x" not in name:
        with pytest.raises(ValueError, match="no file name can have"):
            Clip(tone(0.1), RATE).save(tmp_path / name)


AAC = b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom" + b"\0" * 1000
REFUSED = {
    "memo.m4a": (AAC, "M4A or MP4"),
    "memo.wav": (AAC, "M4A or MP4"),
    "my memo's.m4a": (AAC, "M4A or MP4"),
    "-memo.wav": (AAC, "M4A or MP4"),
    "old.wma": (b"\x30\x26\xb2\x75" + b"\0" * 100, "WMA"),
    "empty.wav": (b"", "empty"),
    "notes.mid": (b"MThd" + b"\0" * 100, "MIDI"),
    "songs.zip": (b"PK\x03\x04" + b"\0" * 100, "ZIP"),
    "page.mp3": (b"<!DOCTYPE html><html>404</html>", "web page"),
    "text.raw": (b"no sound at all", "expected WAV"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_is_called_what_it_is(tmp_path, name):
    data, word = REFUSED[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=word) as caught:
        Clip.load(tmp_path / name)
    assert name in str(caught.value)
    words = shlex.split(str(caught.value).partition("example: ")[2])
    if words:  # can be pasted: reads this file, writes another
        assert len(words) == 4 and words[:2] == ["ffmpeg", "-i"] and Path(words[2]).name == name
        assert words[3] != words[2] and not words[2].startswith("-") and not words[3].startswith("-")


def test_pictures_are_not_called_sound_nor_sounds_pictures(tmp_path):
    image = riffkit.encode(Clip(tone(0.5), RATE))
    for kind in ("bmp", "tif", "gif", "png"):
        image.convert("L").save(tmp_path / f"a.{kind}")
        with pytest.raises(ValueError, match=r"picture.*riffkit\.decode"):
            Clip.load(tmp_path / f"a.{kind}")
    Clip(tone(0.5), RATE).save(tmp_path / "a.wav")
    with pytest.raises(ValueError, match=r"sound \(WAV\).*riffkit\.encode"):
        riffkit.decode(tmp_path / "a.wav")


def test_opposite_channels_do_not_become_silence():
    x = tone()
    with pytest.warns(UserWarning, match="cancel each other in their mean; channel 2 of 2"):
        image = riffkit.encode(Clip(np.stack([0.9 * x, -x]), RATE))
    assert np.array_equal(np.asarray(image), np.asarray(riffkit.encode(Clip(-x, RATE))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for stereo in ([x, x], [x, 0 * x], [x, np.roll(x, 30)], [0 * x, 0 * x]):
            clip = Clip(np.stack(stereo), RATE)
            assert np.array_equal(clip.mono().samples, clip.samples.mean(axis=0, keepdims=True))
        one_of_many = Clip(np.stack([x, *[0 * x] * 15]), RATE)
        assert one_of_many.mono().peak() == pytest.approx(0.4 / 16, rel=1e-3), "quiet, but not cancelled"


@pytest.mark.slow
def test_long_files_are_drawn_as_clips_are(tmp_path, monkeypatch):
    from riffkit.sound import image as codec

    rng = np.random.default_rng(0)
    n = 48000 * 50 + 17
    stereo = (rng.standard_normal((2, n)) * np.linspace(0.01, 0.2, n)).astype("f")
    for channels in (stereo, np.stack([stereo[0], -0.99 * stereo[0]])):
        Clip(channels, 48000).save(tmp_path / "a.wav", overwrite=True)
        for params in (riffkit.SpectrogramParams(), riffkit.SpectrogramParams(stereo=True)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                whole = riffkit.encode(Clip.load(tmp_path / "a.wav"), params)
                monkeypatch.setattr(codec, "LONG_SOUND", 0.0)
                for source in (tmp_path / "a.wav", Clip.load(tmp_path / "a.wav")):
                    long = riffkit.encode(source, params)
                    assert np.array_equal(np.asarray(long), np.asarray(whole)) and long.info == whole.info
                monkeypatch.undo()


@pytest.mark.slow
def test_a_long_file_is_drawn_in_bounded_memory(tmp_path):
    """Four minutes of stereo are 92 MB of samples at 48 kHz, and twice that mixed and resampled as a whole."""
    script = """
import numpy as np, riffkit, riffkit.sound.image as codec
from benchmarks.peak import peak_memory
from riffkit.sound.clip import Clip
codec.LONG_SOUND = 0.0
piece = (np.random.default_rng(0).standard_normal((2, 48000 * 20)) * 0.1).astype("f")
Clip(piece, 48000).save("short.wav")
import soundfile
with soundfile.SoundFile("long.wav", "w", 48000, 2) as file:
    for _ in range(12):
        file.write(piece.T)
del piece
riffkit.encode("short.wav")
before = peak_memory()
image = riffkit.encode("long.wav")
print(peak_memory() - before, image.width)
"""
    places = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=places, capture_output=True, text=True)
    n_bytes, width = map(float, done.stdout.split())
    assert width == 24001 and n_bytes < 90e6, n_bytes  # the picture alone takes 49 MB


def test_paths_are_taken_wherever_a_clip_is(tmp_path):
    clip = Clip(tone(0.5), RATE)
    path = clip.save(tmp_path / "a.wav")
    clip = Clip.load(path)
    for value in (path, str(path)):
        assert np.array_equal(np.asarray(riffkit.encode(value)), np.asarray(riffkit.encode(clip)))
        assert loudness(value) == loudness(clip)
        assert np.array_equal(riffkit.normalize_loudness(value).samples, riffkit.normalize_loudness(clip).samples)
    with pytest.raises(TypeError, match=r"Clip\.load"):
        riffkit.encode(3)


def written(path, suffix):
    return Clip(tone(0.3), RATE).save(path / f"a{suffix}", metadata=RECIPE)


def test_a_recipe_outlives_taggers(tmp_path):
    """Where ffmpeg, Audacity and taggers put what they found in the comment."""
    text = json.dumps(RECIPE)
    for suffix, kind in ((".flac", FLAC), (".ogg", OggVorbis)):
        for key in ("DESCRIPTION", "comment", "COMMENT"):
            path = Clip(tone(0.3), RATE).save(tmp_path / f"a{suffix}", overwrite=True)
            tags = kind(path)
            tags[key] = ["a song", text] if key == "COMMENT" else text
            tags.save()
            assert read_metadata(path) == RECIPE, (suffix, key)
    mp3 = written(tmp_path, ".mp3")
    for frame in (
        TXXX(encoding=3, desc="comment", text=text),
        COMM(encoding=1, lang="eng", desc="", text=text),
        COMM(encoding=0, lang="deu", desc="ID3v1 Comment", text=json.dumps(RECIPE)),
        TXXX(encoding=2, desc="ä", text=text),
    ):
        for version in (3, 4):
            tags = ID3()
            tags.add(frame)
            tags.save(mp3, v2_version=version, v1=0)
            assert read_metadata(mp3) == RECIPE, (frame, version)


def test_a_recipe_is_found_in_any_chunk_of_a_wav(tmp_path):
    text, fmt = json.dumps(RECIPE).encode(), struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    pcm = (tone(0.1) * 32767).astype("<i2").tobytes()
    sub = lambda name, data: name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)  # noqa: E731
    info = b"INFO" + sub(b"ISFT", b"Lavf58.1\0") + sub(b"ICMT", text + b"\0") + sub(b"INAM", b"song\0")
    tag = id3((b"TXXX", b"\3comment\0" + text))
    for name, chunks in {
        "behind": [(b"fmt ", fmt), (b"data", pcm), (b"LIST", info)],
        "before": [(b"fmt ", fmt), (b"LIST", info), (b"data", pcm)],
        "after others": [
            (b"fmt ", fmt),
            (b"LIST", b"adtl" + b"\0" * 20),
            (b"odd ", b"abc"),
            (b"LIST", info),
            (b"data", pcm),
        ],
        "ID3": [(b"fmt ", fmt), (b"data", pcm), (b"id3 ", tag)],
    }.items():
        (tmp_path / "a.wav").write_bytes(riff(*chunks))
        assert read_metadata(tmp_path / "a.wav") == RECIPE, name
    (tmp_path / "a.wav").unlink()
    path = written(tmp_path, ".wav")
    tags = WAVE(path)
    tags.add_tags()
    tags["TIT2"] = TXXX(encoding=3, desc="x", text="y")
    tags.save()
    assert read_metadata(path) == RECIPE


def test_tags_that_unpack_to_anything_are_passed_over(tmp_path):
    frame = b"TXXX" + struct.pack(">I", 60) + b"\0\x80" + b"\3x\0{}" + b"\0" * 55
    (tmp_path / "a.mp3").write_bytes(id3((b"TIT2", b"\3a"), version=3)[:10] + frame)
    assert read_metadata(tmp_path / "a.mp3") is None
    many = id3(*[(b"TIT2", b"\3")] * 20000)  # read in one pass
    (tmp_path / "b.mp3").write_bytes(many)
    assert read_metadata(tmp_path / "b.mp3") is None
    nested = '{"a":' * 100000 + "1" + "}" * 100000
    Clip(tone(0.1), RATE).save(tmp_path / "c.wav", metadata={"a": 1})
    (tmp_path / "c.wav").write_bytes((tmp_path / "c.wav").read_bytes().replace(b'{"a": 1}', b"[[[[[[[["))
    assert read_metadata(tmp_path / "c.wav") is None
    (tmp_path / "d.mp3").write_bytes(id3((b"TXXX", b"\3\0" + nested.encode())))
    with pytest.warns(UserWarning, match="nested deeper"):
        assert read_metadata(tmp_path / "d.mp3") is None


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".wav", ".ogg", ".mp3", ".flac", ".png"])
def test_large_recipes_are_kept_or_refused_before_anything_is_written(tmp_path, suffix):
    clip = Clip(tone(0.1), RATE)
    large = {"operation": "riff", "source": "x" * (17 << 20)}
    if suffix == ".png":
        riffkit.save_image(riffkit.encode(clip), tmp_path / "a.png", recipe=large)
        assert riffkit.sound.image_file.read_image_metadata(tmp_path / "a.png") == large
        with pytest.raises(ValueError, match="PNG carries up to"):
            riffkit.save_image(riffkit.encode(clip), tmp_path / "b.png", recipe={"x": "x" * (64 << 20)})
    elif recipe_fits(len(json.dumps(large)), suffix):
        clip.save(tmp_path / f"a{suffix}", metadata=large)
        assert read_metadata(tmp_path / f"a{suffix}") == large
    else:
        assert suffix == ".flac"
        with pytest.raises(ValueError, match="FLAC carries up to"):
            clip.save(tmp_path / "a.flac", metadata=large)
        assert list(tmp_path.iterdir()) == []
        most = {"x": "x" * ((16 << 20) - 8192)}
        assert recipe_fits(len(json.dumps(most)), ".flac")
        clip.save(tmp_path / "b.flac", metadata=most)
        assert read_metadata(tmp_path / "b.flac") == most


ENDLESS = {
    "chunks": b"RIFF\xff\xff\xff\xffWAVE" + b"abcd\0\0\0\0" * 2_000_000,
    "texts": b"RIFF\xff\xff\xff\xffWAVELIST" + struct.pack("<I", 16_000_004) + b"INFO" + b"ICMT\0\0\0\0" * 2_000_000,
    "frames": id3(*[(b"TIT2", b"\3")] * 20000) * 200,
    "syncs": b"\xff" * 16_000_000,
    "flac": b"fLaC\0\0\0\x22" + b"\0" * 34 + b"\xff\xf8\x19" * 5_000_000,
    "ogg": (b"OggS" + b"\0" * 23) * 600_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ENDLESS)
def test_endless_structures_are_given_up(tmp_path, name):
    (tmp_path / "a").write_bytes(ENDLESS[name])
    start = time.perf_counter()
    assert read_metadata(tmp_path / "a") is None
    with pytest.raises(ValueError, match="a"):
        Clip.load(tmp_path / "a")
    assert time.perf_counter() - start < 20


def test_there_is_a_limit_of_our_own_with_a_way_out(tmp_path):
    path = Clip(tone(3.0), RATE).save(tmp_path / "a.wav")
    with pytest.raises(ValueError, match=r"a\.wav would be 3\.0 s.*limit of 1 s.*longest=2"):
        Clip.load(path, longest=1)
    assert Clip.load(path, longest=2).duration == 3, "mono at 44.1 kHz is less than half of stereo at 48"
    assert Clip.load(path, duration=1, longest=1).duration == 1
    with pytest.raises(ValueError, match="longest is"):
        Clip.load(path, longest=-1)


@pytest.mark.slow
def test_what_unpacks_to_far_more_than_its_file_is_refused(tmp_path):
    silence = np.zeros(65536 * 40, np.float32)
    import soundfile

    with soundfile.SoundFile(tmp_path / "a.flac", "w", RATE, 2) as file:
        for _ in range(20):
            file.write(np.stack([silence, silence], 1))
    assert (tmp_path / "a.flac").stat().st_size < 1_000_000
    with pytest.raises(ValueError, match=r"as no recording does.*longest="):
        Clip.load(tmp_path / "a.flac")
    assert Clip.load(tmp_path / "a.flac", duration=2).duration == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_are_read_or_given_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(ValueError, match="nothing was written"):
        opened(tmp_path / "pipe.wav", patience=0.2)
    data = encoded(tone())
    for read in (Clip.load, riffkit.encode):
        threading.Thread(target=(tmp_path / "pipe.wav").write_bytes, args=(data,), daemon=True).start()
        assert read(tmp_path / "pipe.wav")
    with pytest.raises(ValueError, match="is a device"):
        Clip.load("/dev/zero")


@pytest.mark.filterwarnings("ignore:.*bytes behind the end")
def test_a_file_that_was_just_changed_is_looked_at_again(tmp_path):
    one, two = encoded(tone(1.0)), encoded(tone(0.5))
    for data in (one, two + two[: len(one) - len(two)], one) * 5:
        clip = load(tmp_path / "a.wav", data)
        assert clip.duration == pytest.approx(1.0 if data == one else 0.999, abs=0.002)


def test_the_reader_tells_what_it_reads(tmp_path):
    path = Clip(np.stack([tone(2), tone(2)]), RATE).save(tmp_path / "a.ogg")
    with SoundReader(path) as file:
        assert (file.sample_rate, file.n_channels, file.n_samples, file.duration) == (RATE, 2, 2 * RATE, 2.0)
        blocks = np.concatenate(list(file.blocks(*file.span(0.5, 1.0, None))), axis=1)
    assert np.array_equal(blocks, read_samples(path, 0.5, 1.0)[0])
