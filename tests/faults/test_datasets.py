"""Data sets of strangers, damaged ones, and recordings that are odd: a result, or a reason by file and line."""

import json
import resource

import numpy as np
import pytest
import soundfile
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.training.data.dataset import build_dataset, open_dataset
from riffkit.training.data.drawing import one_channel
from riffkit.training.data.journal import journals
from riffkit.training.data.recordings import Recording
from riffkit.training.data.segment import Cutting, cut_recording

RATE = 22050


def tune(seconds, seed=0, rate=RATE):
    """Notes of half a second."""
    t = np.arange(round(seconds * rate)) / rate
    notes = 110 * 2 ** (np.random.default_rng(seed).integers(0, 36, int(seconds * 2) + 1) / 12)
    pitch = notes[np.minimum((t * 2).astype(int), len(notes) - 1)]
    return (0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / rate) * (1 - t * 2 % 1)).astype(np.float32)


@pytest.fixture
def songs(tmp_path):
    """Two recordings of two pictures each, called after their folder."""
    for seed in range(2):
        path = tmp_path / "in" / "tunes" / f"{seed}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tune(11, seed), RATE)
    return tmp_path / "in"


def written(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*") if p.suffix != ".jsonl"}


@pytest.fixture
def foreign(tmp_path):
    """An imagefolder of somebody else; gets the lines of its metadata."""

    def write(*lines, name="metadata.jsonl"):
        home = tmp_path / "data"
        home.mkdir(exist_ok=True)
        Image.new("L", (512, 512), 200).save(home / "a.png")
        Image.new("L", (512, 512), 200).save(tmp_path / "private.png")
        text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (home / name).write_text("\n".join(text) + "\n", encoding="utf-8")
        return home

    return write


@pytest.mark.parametrize("name", ["../private.png", "{outside}", "b/../../private.png"])
def test_no_data_set_leads_out_of_its_folder(foreign, tmp_path, name):
    row = {"file_name": name.replace("{outside}", str(tmp_path / "private.png")), "text": "x"}
    with pytest.raises(ValueError, match="metadata.jsonl, line 2: .* leads out of"):
        open_dataset(foreign({"file_name": "a.png", "text": "x"}, row))


WRONG = {
    "no words": ({"file_name": "a.png", "text": 5}, "text is 5; expected words"),
    "a list of words": ({"file_name": "a.png", "text": ["x"]}, "expected words"),
    "no name": ({"text": "x"}, "needs file_name and text"),
    "a name of another kind": ({"file_name": {"path": "a.png"}, "text": "x"}, "file_name is {'path'"),
    "bars in words": ({"file_name": "a.png", "text": "x", "bars": "two"}, "bars is 'two'; expected a number"),
    "bars in lists": ({"file_name": "a.png", "text": "x", "bars": [2]}, "expected a number"),
    "no tempo": ({"file_name": "a.png", "text": "x", "bpm": float("nan")}, "bpm is nan"),
    "too many beats": ('{"file_name": "a.png", "text": "x", "bpm": 1' + "0" * 400 + "}", "bpm is 1000"),
    "no object": ('["a.png", "x"]', "line 2 is not a JSON object"),
    "half an object": ('{"file_name": "a.png"', "line 2 is not a JSON object"),
    "depths": ("[" * 100_000, "line 2 is not a JSON object"),
    "a long name": ({"file_name": "a" * 5000 + ".png", "text": "x"}, "names .*aaa"),
    "a zero": ({"file_name": "a\0.png", "text": "x"}, "which is not there"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_learnt_from_is_named_by_file_and_line(foreign, kind):
    line, said = WRONG[kind]
    with pytest.raises((ValueError, FileNotFoundError), match=f"metadata.jsonl, line 2.*{said}|{said}"):
        open_dataset(foreign({"file_name": "a.png", "text": "x"}, line))


def test_what_can_be_understood_is(foreign):
    line = {"file_name": "./a.png", "text": "x\u2028y", "bars": 2.0, "bpm": "120", "loop": "True", "license": 4}
    (row,) = open_dataset(foreign(line)).rows["train"]
    assert (row["bars"], row["bpm"], row["loop"], row["license"], row["text"]) == (2, 120.0, True, "4", "x\u2028y")
    home = foreign("file_name;text", "a.png;slow, low", name="metadata.csv")
    (home / "metadata.jsonl").unlink()
    assert [row["text"] for row in open_dataset(home).rows["train"]] == ["slow, low"]


@pytest.mark.parametrize("damage", ["cut", "bomb", "text", "gone"])
def test_a_picture_that_cannot_be_read_is_named(foreign, damage, monkeypatch):
    home = foreign({"file_name": "a.png", "text": "x"})
    dataset, picture = open_dataset(home), home / "a.png"
    if damage == "bomb":
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    elif damage == "gone":
        picture.unlink()
    else:
        picture.write_bytes(picture.read_bytes()[:-100] if damage == "cut" else b"no picture")
    with pytest.raises((ValueError, FileNotFoundError), match="a.png .*make the data set again"):
        dataset.pictures()


def test_a_picture_that_was_lost_is_made_again(songs, tmp_path):
    build_dataset(songs, tmp_path / "out", validation=0)
    before = written(tmp_path / "out")
    sorted((tmp_path / "out" / "train").glob("*.png"))[1].unlink()
    build_dataset(songs, tmp_path / "out", validation=0)
    assert written(tmp_path / "out") == before


def test_what_was_alike_and_left_out_is_made_again_when_it_is_wanted(songs, tmp_path):
    """Of two alike the one for validation is kept; which that is may change when recordings are added."""
    (songs / "tunes" / "0 again.wav").write_bytes((songs / "tunes" / "0.wav").read_bytes())
    seen = set()
    for number in range(2, 9):
        dataset = build_dataset(songs, tmp_path / "out", validation=0.5)
        assert all(row["path"].is_file() for rows in dataset.rows.values() for row in rows)
        seen |= {skipped.file for skipped in dataset.skipped}
        soundfile.write(songs / "tunes" / f"{number}.wav", tune(6, number), RATE)
    assert seen, "something was left out"


ENTRY = {"file": "tunes/0.wav", "stamp": [1, 2], "pieces": [], "skipped": [], "notes": []}
AWAY = {"row": {"file_name": "../../x.png", "text": "", "track": "", "start": 0}, "print": ""}
DAMAGE = {
    "not all": {"file": "tunes/0.wav"},
    "a list": [],
    "nothing": None,
    "no name": ENTRY | {"file": 5},
    "no pieces": ENTRY | {"pieces": [5]},
    "a piece elsewhere": ENTRY | {"pieces": [AWAY]},
    "no reasons": ENTRY | {"skipped": [[0, 5]]},
    "no notes": ENTRY | {"notes": [{}]},
    "depths": "[" * 100_000,
    "no text": "\x00\xff",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_journal_is_cut_again(songs, tmp_path, kind):
    line = DAMAGE[kind] if isinstance(DAMAGE[kind], str) else json.dumps(DAMAGE[kind])
    build_dataset(songs, tmp_path / "out", validation=0)
    before = written(tmp_path / "out")
    with (tmp_path / "out" / "pieces.jsonl").open("a", encoding="latin-1") as file:
        file.write(line + "\n")
    build_dataset(songs, tmp_path / "out", validation=0)
    assert written(tmp_path / "out") == before and len(journals(tmp_path / "out")) == 2


def test_sides_that_cancel_are_said_and_the_louder_is_taken(tmp_path):
    left = tune(6)
    for name, right, alone in (("opposite", -left, True), ("half", -0.5 * left, False), ("same", left, False)):
        soundfile.write(tmp_path / f"{name}.wav", np.stack([left, right], 1), RATE)
        cut = cut_recording(Recording(tmp_path / f"{name}.wav", ("x",), "x"), Cutting())
        assert len(cut.pictures) == 1 and any("cancel" in note for note in cut.notes) == alone
    mixed, _ = one_channel(Clip(np.stack([left, -left]), RATE))
    assert np.array_equal(mixed.samples[0], left)


def test_bars_are_cut_to_the_end_of_a_long_recording(tmp_path, monkeypatch):
    from riffkit.training.data import segment

    t = np.arange(round(40 * RATE)) / RATE
    beat = (0.5 * np.sin(2 * np.pi * 200 * t) * np.exp(-20 * (t * 2 % 1))).astype(np.float32)  # 120 beats a minute
    soundfile.write(tmp_path / "a.wav", beat, RATE)
    recording = Recording(tmp_path / "a.wav", ("x",), "x", {"bpm": 120.0})
    whole = [row["start"] for row in cut_recording(recording, Cutting(on_bars=True)).rows]
    monkeypatch.setattr(segment, "BARS_AT_ONCE", 15.0)
    parts = [row["start"] for row in cut_recording(recording, Cutting(on_bars=True)).rows]
    assert len(whole) == 6 and np.allclose(parts, whole, atol=0.002)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_length_of_a_recording(tmp_path):
    """Pictures are written as they are cut: twenty minutes take what five take (half a gigabyte an hour before)."""
    with soundfile.SoundFile(tmp_path / "long.flac", "w", 8000, 2) as file:
        for seed in range(20):
            file.write(np.stack([tune(60, seed, 8000)] * 2, 1))
    kept = []
    cut_recording(Recording(tmp_path / "long.flac", ("x",), "x", end=300.0), Cutting(), keep=lambda *_: kept.append(1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cut = cut_recording(Recording(tmp_path / "long.flac", ("x",), "x"), Cutting(), keep=lambda *_: kept.append(1))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(kept) == 58 + 234 and cut.pictures == [] and grown < 60_000, f"{grown} kB"


def test_a_report_is_shown_not_obeyed(songs, tmp_path):
    (songs / "tunes" / "\x1b[2J.wav").write_bytes(b"no sound")
    (songs / "tunes" / "\x1b[2J.xlsx").write_bytes(b"")
    report = build_dataset(songs, tmp_path / "out", validation=0).report()
    assert "\x1b" not in report and report.count("\\x1b[2J") >= 2
