"""The live page: one file, whatever there is so far, and nothing in it that a prompt could break."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from riffkit import Clip
from riffkit.training.report import COLUMNS, write_page


def _checkpoint(folder, name, prompts):
    home = folder / "validation" / name
    home.mkdir(parents=True)
    time = np.arange(4410) / 44100
    for number, prompt in enumerate(prompts):
        Image.new("L", (64, 64), 100).save(home / f"{number}.png")
        Clip(0.2 * np.sin(2 * np.pi * 440 * time), 44100).save(home / f"{number}.flac", metadata={"prompt": prompt})


def _losses(folder, stage, entries, tail=""):
    (folder / stage).mkdir(parents=True)
    (folder / stage / "losses.jsonl").write_text("".join(json.dumps(e) + "\n" for e in entries) + tail)


def test_losses_pictures_and_sounds_are_in_the_one_file(tmp_path):
    _losses(tmp_path, "unet", [{"step": 100 * i, "loss": 1 / i} for i in range(1, 9)], tail='{"step": 900, "lo')
    _losses(tmp_path, "run", [{"step": 0, "validation_loss": 0.5}, {"step": 10, "loss": 0.4}])
    _checkpoint(tmp_path, "base", ["church bells", "techno"])
    _checkpoint(tmp_path, "step-000800", ["church bells", "techno"])
    text = write_page(tmp_path, title="A run").read_text(encoding="utf-8")
    assert text.count("<svg") == 2 and "step 800: loss 0.1250" in text and "validation (dots) 0.5000" in text
    assert text.count("data:image/jpeg;base64,") == text.count("data:audio/ogg;base64,") == 4
    assert text.index("step 800</th>") < text.index("base</th>"), "the newest comes first"
    assert "church bells" in text and not re.findall(r'(?:src|href)="(?!data:|#)', text), "nothing outside"


def test_words_are_shown_not_obeyed(tmp_path):
    _checkpoint(tmp_path, "step-000010", ["<script>alert(1)</script>"])
    text = write_page(tmp_path, title="<b>x</b>").read_text(encoding="utf-8")
    assert "<script>alert" not in text and "&lt;script&gt;" in text and "<b>x" not in text


def test_an_empty_run_has_a_page_and_no_run_has_none(tmp_path):
    text = write_page(tmp_path, refresh=None).read_text(encoding="utf-8")
    assert "No losses yet" in text and "No sounds yet" in text and "<script>" not in text
    with pytest.raises(FileNotFoundError, match="name the output"):
        write_page(tmp_path / "nowhere")


def test_many_checkpoints_are_the_first_and_the_last(tmp_path):
    for step in range(1, 12):
        _checkpoint(tmp_path, f"step-{100 * step:06d}", ["piano"])
    text = write_page(tmp_path).read_text(encoding="utf-8")
    assert text.count("<audio") == COLUMNS and "step 100</th>" in text and "step 1100</th>" in text
    assert not list(tmp_path.glob(".page*"))


def test_plots_are_drawn_in_the_pages_own_ink_and_always_alike(tmp_path):
    _losses(tmp_path, "unet", [{"step": 100 * i, "loss": 1 / i} for i in range(1, 9)])
    text = write_page(tmp_path).read_text(encoding="utf-8")
    assert write_page(tmp_path).read_text(encoding="utf-8") == text
    assert "<text" in text and ">steps</text>" in text, "text is text"
    assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", text)) <= {"currentColor", "none", "#0072b2"}, "dark or light"
