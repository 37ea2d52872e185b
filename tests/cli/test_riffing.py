"""Every way to riff from the command line, with the toy checkpoint's speed: what is written, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toys import save_toy

import riffkit
from riffkit.cli import main


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(save_toy(tmp_path_factory.mktemp("toy") / "mini", like="mini"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    t = np.arange(2 * 44100) / 44100
    riffkit.Clip(0.5 * np.sin(2 * np.pi * (300 * t + 60 * t * t)), 44100).save("tone.wav")
    return tmp_path


COMMANDS = {
    "vary": ["vary", "tone.wav", "jazz", "--strength", "0.5"],
    "inpaint": ["inpaint", "tone.wav", "jazz", "--box", "0.5-1", "--box", "1.2-1.5,200-2000"],
    "extend": ["extend", "tone.wav", "jazz", "--duration", "0.5", "--side", "left"],
    "loop": ["loop", "techno", "--bars", "1", "--bpm", "120"],
    "story": ["story", "0: jazz", "1: techno", "--duration", "2.5"],
    "interpolate": ["interpolate", "jazz", "tone.wav", "--count", "2"],
}
SECONDS = {"vary": 2, "inpaint": 2, "extend": 2.5, "loop": 2, "story": 2.5, "interpolate": 4}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_way_to_riff_writes_a_file_that_can_be_replayed(name, folder, checkpoint, capsys):
    common = ["--checkpoint", checkpoint, "--device", "cpu"]
    assert main.main([*COMMANDS[name], "-o", "out.png", "--steps", "3", "--seed", "5", *common]) == 0
    assert main.main(["replay", "out.png", "-o", "again.png", *common]) == 0
    first, again = (np.asarray(Image.open(path)) for path in ("out.png", "again.png"))
    assert np.array_equal(first, again) and abs(first.shape[1] / 100 - SECONDS[name]) <= 0.03
    assert "s of sound" in capsys.readouterr().out


def test_outputs_are_not_replaced_unasked(folder, checkpoint, capsys):
    Path("out.wav").write_bytes(b"mine")
    assert main.main([*COMMANDS["vary"], "-o", "out.wav", "--checkpoint", checkpoint]) == 2
    assert "out.wav exists" in capsys.readouterr().err and Path("out.wav").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vary", "gone.wav", "jazz"], "gone.wav"),
        (["vary", "tone.wav", "jazz", "--strength", "2"], "strength is 2"),
        (["inpaint", "tone.wav", "jazz"], "--mask"),
        (["inpaint", "tone.wav", "jazz", "--mask", "tone.wav"], "no picture"),
        (["story", "3: jazz", "--duration", "5"], "first at 0"),
        (["replay", "tone.wav"], "no recipe"),
        (["vary", "tone.wav", "jazz", "--live"], "has no live twin"),
        (["riff", "jazz", "--live"], "has no live twin"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(words, message, folder, checkpoint, capsys):
    assert main.main([*words, "-o", "out.wav", "--checkpoint", checkpoint]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not Path("out.wav").exists()


@pytest.mark.parametrize("name", [*COMMANDS, "replay"])
def test_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit):
        main.main([name, "--help"])
    assert f"riffkit {name} " in capsys.readouterr().out.split("example:")[1]
