"""`riffkit dataset` and `riffkit finetune`, from recordings to a file that is heard."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from toys import save_toy

import riffkit
from riffkit.cli import main

TINY = ["--steps", "2", "--batch", "1", "--rank", "2", "--checkpoint-every", "10", "--prompt", "flute", "--cpu"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with three recordings and a file that is none."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "music" / "slow flute"
    home.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        t = np.arange(round(5.2 * 44100)) / 44100
        swell = np.interp(t, np.arange(7), rng.random(7))
        soundfile.write(home / f"{number}.wav", 0.4 * swell * np.sin(2 * np.pi * (200 + 150 * number) * t), 44100)
    (home / "broken.wav").write_bytes(b"no music")
    return tmp_path


@pytest.mark.slow
def test_recordings_to_a_lora_that_is_heard(folder, capsys):
    save_toy(folder / "toy", like="sd")
    config = folder / "toy" / "unet" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"sample_size": 64}))  # 512 rows, as real ones paint
    assert main.main(["dataset", "music", "data", "--add-key", "--validation", "0.4"]) == 0
    told = capsys.readouterr()
    assert told.out == "data\n"
    assert "2 + 1 pictures of 3 tracks, 1 skipped" in told.err
    assert "broken.wav: cannot read broken.wav as sound" in told.err
    rows = [json.loads(line) for line in Path("data/train/metadata.jsonl").read_text().splitlines()]
    assert all(row["text"].startswith("slow flute, in ") for row in rows)
    Path("others.txt").write_text("drums\n\nviolin \n")
    kept = ["--preserve", "0.25", "--repertoire", "others.txt"]
    assert main.main(["finetune", "data", "-o", "lora", "--checkpoint", "toy", *TINY, *kept]) == 0
    assert json.loads(Path("lora/finetune.json").read_text())["tuning"]["repertoire"] == ["drums", "violin"]
    told = capsys.readouterr()
    assert told.out == "lora/pytorch_lora_weights.safetensors\n" and "2 steps of" in told.err
    assert len(list(Path("lora/validation").rglob("*.flac"))) == 2
    common = ["flute", "--checkpoint", "toy", "--steps", "1", "--device", "cpu"]
    assert main.main(["riff", *common, "--lora", "lora@0.5", "-o", "tuned.wav"]) == 0
    assert riffkit.Riff.load("tuned.wav").recipe["checkpoint"]["name"] == "toy + lora at 0.5"


def test_failures_are_one_line(folder, capsys):
    for words, said in (
        (["dataset", "nowhere", "data"], "nowhere is no folder"),
        (["dataset", "music", "music"], "output is the folder of the recordings"),
        (["dataset", "music", "data", "--kind", "musiccaps"], "has no *musiccaps*.csv"),
        (["finetune", "music", "-o", "lora"], "riffkit dataset"),
        (["finetune", "nowhere", "-o", "lora"], "nowhere is no folder"),
    ):
        assert main.main(words) == 2
        *_, line = capsys.readouterr().err.splitlines()
        assert line.startswith("riffkit: error: ") and said in line
    with pytest.raises(SystemExit):
        main.main(["dataset", "music", "data", "--shard", "4/4"])
    assert "expected I/N" in capsys.readouterr().err
