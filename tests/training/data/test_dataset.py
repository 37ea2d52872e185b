"""A folder of recordings becomes a data set: nothing torn, nothing lost, every file left out is named."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from PIL import Image

from riffkit.progress import Cancelled
from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode
from riffkit.training.data import collections
from riffkit.training.data.dataset import build_dataset, open_dataset
from riffkit.training.data.folders import read_folder
from riffkit.training.data.pieces import fingerprint
from riffkit.training.data.recordings import Found, Recording, Skipped
from riffkit.training.data.segment import Cutting, cut_recording
from riffkit.training.data.splits import ALIKE, SPLITS

RATE = 44100
WINDOW = 5.12  # seconds in 512 columns


def music(seconds, seed=0, rate=RATE):
    """Notes of half a second, other ones for every seed: float32 samples."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    notes = 110 * 2 ** (rng.integers(0, 36, int(seconds * 2) + 1) / 12)
    pitch = notes[np.minimum((t * 2).astype(int), len(notes) - 1)]
    return (0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / rate) * (1 - t * 2 % 1)).astype(np.float32)


def save(path, samples, rate=RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate)
    return path


def captioned(folder, lines):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def songs(tmp_path):
    """Four songs in four formats and rates, of two windows and a bit each, with captions and more in a table."""
    folder = tmp_path / "songs"
    lines = []
    for seed, (suffix, rate) in enumerate([("wav", 44100), ("flac", 48000), ("ogg", 22050), ("mp3", 44100)]):
        save(folder / f"song {seed}.{suffix}", music(11.5, seed, rate), rate)
        lines.append({"file_name": f"song {seed}.{suffix}", "text": f"tune number {seed}", "bpm": 120, "key": "A minor",
                      "license": "CC0", "source": "made here", "mood": "happy"})  # fmt: skip
    captioned(folder, lines)
    return folder


def reasons(dataset):
    return {skipped.file: skipped.reason for skipped in dataset.skipped}


def tree(folder):
    """Every file below a folder with its bytes; the journals aside, whose order of lines may differ."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("pieces"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_pictures_have_512_columns_and_keep_their_words(songs, tmp_path):
    dataset = build_dataset(songs, tmp_path / "out", validation=0.25)
    rows = [row for split in SPLITS for row in dataset.rows[split]]
    assert len(rows) == 8 and dataset.skipped == []
    for row in rows:
        with Image.open(row["path"]) as image:
            assert image.size == (512, 512)
        assert {name: row[name] for name in ("bpm", "key", "license", "source")} == {
            "bpm": 120.0, "key": "A minor", "license": "CC0", "source": "made here"}  # fmt: skip
        assert row["text"] == f"tune number {row['original'][5]}" and row["start"] in (0, WINDOW)
    reopened = open_dataset(tmp_path / "out")
    assert {s: [r["file_name"] for r in reopened.rows[s]] for s in SPLITS} == {
        s: [r["file_name"] for r in dataset.rows[s]] for s in SPLITS}  # fmt: skip
    assert reopened.pictures("train").shape == (6, 512, 512)


def test_a_window_is_what_a_whole_spectrogram_shows_there(tmp_path):
    path = save(tmp_path / "long.wav", music(80, 3))
    cut = cut_recording(Recording(path, ("long",), "long"), Cutting())
    assert len(cut.pictures) == 15
    whole = np.asarray(encode(Clip.load(path), rounding=True).convert("L"), float)
    level = [float(image.getexif()[11080]) for image in cut.pictures]
    for number in (1, 11, 12, 14):  # 11 and 12 lie on both sides of where the file is read on
        window = (255 - np.asarray(cut.pictures[number].convert("L"), float)) * (level[number] / max(level)) ** 0.25
        assert np.abs(window - (255 - whole[:, number * 512 : (number + 1) * 512])).max() <= 3


def test_tracks_are_never_torn_between_splits(tmp_path):
    folder = tmp_path / "in"
    lines = []
    for seed in range(12):
        save(folder / f"{seed}.wav", music(6, seed))
        lines.append({"file_name": f"{seed}.wav", "caption": "tune", "track": f"album {seed // 3}"})
    captioned(folder, lines)
    sizes = set()
    for seed in range(3):
        dataset = build_dataset(folder, tmp_path / f"out{seed}", validation=0.25, seed=seed)
        tracks = {split: {row["track"] for row in dataset.rows[split]} for split in SPLITS}
        assert tracks["train"] & tracks["validation"] == set()
        assert (len(tracks["train"]), len(tracks["validation"])) == (3, 1)
        sizes.add(tuple(sorted(tracks["validation"])))
    assert len(sizes) > 1, "the seed chooses the tracks"


def test_silence_and_near_duplicates_are_left_out_and_named(tmp_path):
    folder = tmp_path / "in" / "odd songs"
    tune = music(WINDOW, 1)
    save(folder / "a.wav", tune)
    save(folder / "b.ogg", np.roll(tune, 900) * 0.5)  # quieter, 20 ms later, lossy
    save(folder / "c.wav", np.concatenate([music(WINDOW, 2), np.zeros(round(WINDOW * RATE), "f")]))
    save(folder / "d.wav", np.zeros(RATE * 6, "f"))
    dataset = build_dataset(tmp_path / "in", tmp_path / "out", validation=0)
    assert sorted(row["original"] for row in dataset.rows["train"]) == ["odd songs/a.wav", "odd songs/c.wav"]
    assert {row["text"] for row in dataset.rows["train"]} == {"odd songs"}, "the folder's name is the caption"
    assert reasons(dataset)["odd songs/b.ogg"] == "sounds like odd songs/a.wav from 0.00 s"
    assert [(s.file, s.start) for s in dataset.skipped if s.reason == "silence"] == [
        ("odd songs/c.wav", WINDOW), ("odd songs/d.wav", 0)]  # fmt: skip
    lines = (tmp_path / "out" / "skipped.jsonl").read_text().splitlines()
    assert len(lines) == len(dataset.skipped) == 3
    assert len(list((tmp_path / "out").rglob("*.png"))) == 2


def test_fingerprints_tell_other_music_apart():
    marks = [fingerprint(encode(Clip(music(WINDOW, seed), RATE))).astype(float) for seed in range(8)]
    marks = np.stack(marks) / np.linalg.norm(marks, axis=1, keepdims=True)
    alike = marks @ marks.T - 2 * np.eye(8)
    assert alike.max() < ALIKE - 0.05


def test_captions_come_from_the_nearest_place(tmp_path):
    folder = tmp_path / "in"
    for seed, name in enumerate(
        ["side/a.wav", "side/b.wav", "side/c.wav", "table/d.wav", "table/e.wav", "slow-jazz/f.wav"]
    ):
        save(folder / name, music(1, seed))
    (folder / "side" / "a.txt").write_text("  slow\n piano ")
    (folder / "side" / "b.json").write_text('{"prompt": "fast drums", "tempo": 170, "licence": "CC BY"}')
    (folder / "table" / "metadata.csv").write_text('file_name,description,bpm\nd.wav,"flute, alone",90\n')
    found = read_folder(folder)
    said = {r.path.relative_to(folder).as_posix(): r.captions for r in found.recordings}
    assert said == {"side/a.wav": ("slow piano",), "side/b.wav": ("fast drums",), "table/d.wav": ("flute, alone",),
                    "slow-jazz/f.wav": ("slow jazz",)}  # fmt: skip
    columns = {r.path.name: r.columns for r in found.recordings}
    assert columns["b.wav"] == {"bpm": 170.0, "license": "CC BY"} and columns["d.wav"] == {"bpm": 90.0}
    assert {s.file for s in found.skipped} == {"side/c.wav", "table/e.wav"}
    assert all("no caption" in s.reason for s in found.skipped)


def test_everything_odd_is_reported_in_words(tmp_path):
    folder = tmp_path / "in"
    save(folder / "good.wav", music(6, 1))
    save(folder / "good.flac", music(6, 2))
    save(folder / "empty.wav", np.zeros(0, "f"))
    save(folder / "blink.wav", music(0.1, 3))
    (folder / "broken.mp3").write_bytes(b"this is no music")
    (folder / "nothing.wav").write_bytes(b"")
    (folder / "phone.m4a").write_bytes(b"....")
    (folder / "._good.wav").write_bytes(b"mac")
    save(folder / "unnamed.wav", music(6, 4))
    save(folder / "wordless.wav", music(6, 5))
    names = ["good.wav", "good.wav", "good.flac", "empty.wav", "blink.wav", "broken.mp3", "nothing.wav", "gone.wav"]
    captioned(
        folder, [{"file_name": name, "text": "tune"} for name in names] + [{"file_name": "wordless.wav", "text": " "}]
    )
    with (folder / "metadata.jsonl").open("a") as file:
        file.write('{"file_name": \n["a list"]\n{"text": "no file"}\n')
    dataset = build_dataset(folder, tmp_path / "out", validation=0)
    said = reasons(dataset)
    assert {row["original"] for row in dataset.rows["train"]} == {"good.wav", "good.flac"}
    for name, words in {
        "empty.wav": "zero length",
        "blink.wav": "lasts 0.10 s",
        "broken.mp3": "cannot read broken.mp3 as sound",
        "nothing.wav": "cannot read nothing.wav as sound",
        "phone.m4a": "ffmpeg -i phone.m4a phone.wav",
        "gone.wav": "it is not there",
        "unnamed.wav": "no caption",
        "wordless.wav": "caption is empty",
    }.items():
        assert words in said[name], (name, said[name])
    lines = [s.reason for s in dataset.skipped if s.file == "metadata.jsonl"]
    assert len(lines) == 3 and sum("is not a JSON object" in line for line in lines) == 2
    notes = "\n".join(dataset.notes)
    assert "good.flac, good.wav" in notes and "good.wav: the same caption stands there 2 times" in notes
    assert "phone.m4a" in dataset.report()


def test_folders_without_music_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no recordings"):
        build_dataset(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="is no folder"):
        build_dataset(tmp_path / "nowhere", tmp_path / "out")
    save(tmp_path / "quiet" / "a.wav", np.zeros(RATE * 6, "f"))
    with pytest.raises(ValueError, match="nothing is left to learn from: a.wav from 0.00 s: silence"):
        build_dataset(tmp_path / "quiet", tmp_path / "out")


def test_a_folder_with_something_else_is_never_touched(songs, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="holds something else"):
        build_dataset(songs, out)
    assert tree(out) == {"diary.txt": b"mine"}
    build_dataset(songs, tmp_path / "data")
    with pytest.raises(ValueError, match="begun with another seed"):
        build_dataset(songs, tmp_path / "data", seed=1)


def test_an_interrupted_call_goes_on_and_ends_the_same(songs, tmp_path):
    build_dataset(songs, tmp_path / "whole")
    with pytest.raises(Cancelled):
        build_dataset(songs, tmp_path / "broken", workers=1, progress=lambda step, total, _: step < 2)
    with (tmp_path / "broken" / "pieces.jsonl").open("a") as file:
        file.write('{"file": "song 3.mp3", "pie')  # killed in the middle of a line
    steps = []
    build_dataset(songs, tmp_path / "broken", progress=lambda step, total, _: steps.append(step))
    assert steps[0] == 2, "what was done is not done again"
    assert tree(tmp_path / "whole") == tree(tmp_path / "broken")
    again = []
    build_dataset(songs, tmp_path / "broken", progress=lambda step, total, _: again.append(step))
    assert again == [4] and tree(tmp_path / "whole") == tree(tmp_path / "broken")


def test_new_and_changed_recordings_are_added(songs, tmp_path):
    build_dataset(songs, tmp_path / "out", validation=0)
    save(songs / "song 0.wav", music(6, 9))
    steps = []
    dataset = build_dataset(songs, tmp_path / "out", validation=0, progress=lambda step, *_: steps.append(step))
    assert steps == [3, 4] and len(dataset.rows["train"]) == 7
    assert len(list((tmp_path / "out").rglob("*.png"))) == 7


def test_unreadable_tracks_do_not_count_for_the_split(tmp_path):
    folder = tmp_path / "in"
    for number in range(8):
        (folder / "tune").mkdir(parents=True, exist_ok=True)
        (folder / "tune" / f"broken {number}.wav").write_bytes(b"no music")
    for number in range(2):
        save(folder / "tune" / f"{number}.wav", music(6, number))
    dataset = build_dataset(folder, tmp_path / "out", validation=0.3)
    assert [len(dataset.rows[split]) for split in SPLITS] == [1, 1] and len(dataset.skipped) == 8
    for number in range(2, 8):
        save(folder / "tune" / f"{number}.wav", music(6, number))
    dataset = build_dataset(folder, tmp_path / "out", validation=0.3)
    assert [len(dataset.rows[split]) for split in SPLITS] == [6, 2]
    assert all(row["path"].is_file() for split in SPLITS for row in dataset.rows[split])
    assert len(list((tmp_path / "out").rglob("*.png"))) == 8


def test_shards_make_the_same_as_one_machine(songs, tmp_path):
    build_dataset(songs, tmp_path / "one")
    for number in range(2):
        build_dataset(songs, tmp_path / "two", shard=(number, 2))
        assert not (tmp_path / "two" / "train" / "metadata.jsonl").exists()
    steps = []
    build_dataset(songs, tmp_path / "two", progress=lambda step, *_: steps.append(step))
    assert steps == [4], "nothing is left to cut"
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


@pytest.mark.slow
def test_a_full_disk_stops_with_words_and_loses_nothing(songs, tmp_path):
    code = f"""
import resource, sys
from riffkit.training.data.dataset import build_dataset
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # what a full disk looks like to a program
try:
    build_dataset({str(songs)!r}, {str(tmp_path / "out")!r}, workers=1)
except OSError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert "what was done is kept" in done.stdout and "it goes on" in done.stdout
    assert not [p for p in (tmp_path / "out").rglob("*") if p.suffix in (".tmp", ".png")]
    assert len(build_dataset(songs, tmp_path / "out").rows["train"]) == 6


def test_loops_stay_loops(tmp_path):
    folder = tmp_path / "in"
    t = np.arange(round(WINDOW * RATE)) / RATE
    save(folder / "loop.wav", (0.4 * np.sin(2 * np.pi * 440.0390625 * t)).astype("f"))  # whole periods
    captioned(folder, [{"file_name": "loop.wav", "text": "a tone", "loop": True}])
    (row,) = build_dataset(folder, tmp_path / "out").rows["train"]
    assert row["loop"] is True
    with Image.open(row["path"]) as image:
        pixels = np.asarray(image.convert("L"), int)
        clip = decode(image, periodic=True, quality="fast")
    loud = pixels.mean(1) < 180
    assert loud.any() and np.abs(pixels - pixels[:, :1])[loud].max() <= 1, "no seam: every column is the same"
    assert clip.samples.shape[1] == round(WINDOW * RATE)


def clicks(bpm, seconds):
    """A click on each beat, the first of four lower and louder."""
    samples = np.zeros(round(seconds * RATE), np.float32)
    t = np.arange(2000) / RATE
    for beat in range(int(seconds * bpm / 60)):
        at = round(beat * 60 / bpm * RATE)
        tone = np.sin(2 * np.pi * (500 if beat % 4 == 0 else 1500) * t) * np.exp(-t * 60)
        samples[at : at + 2000] += (0.9 if beat % 4 == 0 else 0.4) * tone[: len(samples) - at]
    return samples


def test_on_bars_every_picture_is_whole_bars(tmp_path):
    path = save(tmp_path / "beat.wav", clicks(100, 20))
    cut = cut_recording(Recording(path, ("beat",), "beat", {"bpm": 100.0}), Cutting(on_bars=True))
    assert len(cut.pictures) >= 3 and all(row["bars"] == 2 and row["loop"] for row in cut.rows)
    starts = np.diff([row["start"] for row in cut.rows])
    assert np.allclose(starts, 4.8, atol=0.002), "two bars of 2.4 s"
    for image in cut.pictures:
        assert image.size == (512, 512)
        dark = 255 - np.asarray(image.convert("L"), float).mean(0)
        beats = dark.reshape(8, 64).argmax(1)
        assert np.ptp((beats + 32) % 64) <= 8, "eight beats, evenly in the picture"


def test_tempo_and_key_are_said_on_request(tmp_path):
    path = save(tmp_path / "beat.wav", clicks(100, 12))
    told = Recording(path, ("beat",), "beat", {"bpm": 100.0, "key": "A minor"})
    cut = cut_recording(told, Cutting(add_tempo=True, add_key=True))
    assert {row["text"] for row in cut.rows} == {"beat, 100 bpm, in A minor"}
    found = cut_recording(Recording(path, ("beat",), "beat"), Cutting(add_tempo=True))
    assert abs(found.rows[0]["bpm"] - 100) < 2 and found.rows[0]["text"] == f"beat, {found.rows[0]['bpm']:.0f} bpm"
    assert cut_recording(Recording(path, ("beat",), "beat"), Cutting()).rows[0]["text"] == "beat"


def test_cleaning_whitens_hiss_and_nothing_else(tmp_path):
    hiss = 1e-5 * np.random.default_rng(0).standard_normal(round(WINDOW * RATE))
    path = save(tmp_path / "tone.flac", (music(WINDOW, 1) + hiss).astype("f"))
    plain, clean = (
        np.asarray(cut_recording(Recording(path, ("t",), "t"), Cutting(clean=c)).pictures[0].convert("L"), int)
        for c in (False, True)
    )
    assert (clean == 255).mean() > (plain == 255).mean() + 0.05
    loud = plain < 255 * 0.78
    assert loud.mean() > 0.05 and np.abs(plain - clean)[loud].max() <= 1


# -- collections, each as a hand-made sample of its layout ------------------------------------------------------------


def only(found):
    (recording,) = found.recordings
    return recording


def test_musiccaps(tmp_path):
    rows = "ytid,start_s,end_s,audioset_positive_labels,aspect_list,caption,"
    rows += "author_id,is_balanced_subset,is_audioset_eval\n"
    rows += "abc-_1,30,40,/m/0140xf,\"['slow', 'piano']\",\"A slow piano, recorded at home.\",4,False,True\n"
    rows += "gone,0,10,/m/0,[],Not there.,4,False,False\nlong,2,12,/m/0,[],The second part.,4,False,True\n"
    (tmp_path / "musiccaps-public.csv").write_text(rows)
    save(tmp_path / "wav" / "abc-_1.wav", music(10, 1, 8000), 8000)
    save(tmp_path / "wav" / "long.wav", music(20, 2, 8000), 8000)
    found = collections.read_collection(tmp_path, "musiccaps")
    first, second = found.recordings
    assert (first.captions, first.start, first.end) == (("A slow piano, recorded at home.",), 0, None)
    assert (second.start, second.end) == (2, 12)
    assert [s.file for s in found.skipped] == ["gone"]
    cut = cut_recording(second, Cutting())
    assert [row["start"] for row in cut.rows] == [2.0], "one window of the ten seconds that the caption is about"


def test_song_describer(tmp_path):
    rows = "caption_id,track_id,caption,is_valid_subset,familiarity,artist_id,album_id,path,duration\n"
    rows += "1,948,A sad guitar,True,0,7,8,48/948.mp3,120\n2,948,Acoustic and warm,False,1,7,8,48/948.mp3,120\n"
    rows += "3,11,Techno,True,0,7,8,11/11.mp3,120\n"
    (tmp_path / "song_describer.csv").write_text(rows)
    save(tmp_path / "audio" / "48" / "948.2min.mp3", music(11, 1))
    found = collections.read_collection(tmp_path, "song-describer")
    assert only(found).captions == ("A sad guitar", "Acoustic and warm") and only(found).track == "948"
    assert [s.file for s in found.skipped] == ["11/11.mp3"]
    assert [row["text"] for row in cut_recording(only(found), Cutting()).rows] == ["A sad guitar", "Acoustic and warm"]


def test_a_reader_of_ones_own(songs, tmp_path):
    """As the docstring of `collections` writes one."""

    def read_mine(folder):
        found = Found(notes=["mine"], skipped=[Skipped("7", "its sound is not there")])
        for path in sorted(folder.glob("*.wav")):
            found.recordings.append(Recording(path, (f"my {path.stem}",), path.stem))
        return found

    dataset = build_dataset(songs, tmp_path / "out", kind=read_mine, validation=0)
    assert {row["text"] for row in dataset.rows["train"]} == {f"my {path.stem}" for path in songs.glob("*.wav")}
    assert "mine" in dataset.notes and "its sound is not there" in dataset.report()
    assert json.loads((tmp_path / "out" / "dataset.json").read_text())["kind"] == "read_mine"
    with pytest.raises(TypeError, match="expected a .*Found"):
        build_dataset(songs, tmp_path / "other", kind=lambda folder: [])
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"kind": "spotify"}, ValueError, "expected one of folder"),
        ({"validation": 0.7}, ValueError, "0..0.5"),
        ({"seed": "x"}, ValueError, "seed is 'x'"),
        ({"workers": 0}, ValueError, "workers is 0"),
        ({"shard": (3, 2)}, ValueError, "shard is"),
        ({"cutting": "bars"}, TypeError, "expected a Cutting"),
        ({"progress": "yes"}, TypeError, "progress is 'yes'"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(songs, tmp_path, wrong, error, said):
    with pytest.raises(error, match=said):
        build_dataset(songs, tmp_path / "out", **wrong)
    assert not (tmp_path / "out").exists()
    for step_seconds in (0, -1, float("nan")):
        with pytest.raises(ValueError, match="step_seconds"):
            Cutting(step_seconds=step_seconds)


def test_killed_while_its_first_file_was_written_it_goes_on(songs, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".dataset-abc123.tmp").write_text('{"sour')
    assert build_dataset(songs, tmp_path / "out").rows["train"]


def test_unknown_collections_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected one of folder, musiccaps"):
        collections.read_collection(tmp_path, "spotify")
    with pytest.raises(FileNotFoundError, match="another collection"):
        collections.read_collection(tmp_path, "musiccaps")


@pytest.mark.slow
def test_hugging_face_reads_it_as_an_imagefolder(songs, tmp_path):
    datasets = pytest.importorskip("datasets")
    build_dataset(songs, tmp_path / "out", validation=0.25)
    read = datasets.load_dataset("imagefolder", data_dir=str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {name: len(part) for name, part in read.items()} == {"train": 6, "validation": 2}
    assert read["train"][0]["image"].size == (512, 512) and read["train"][0]["text"].startswith("tune number")
