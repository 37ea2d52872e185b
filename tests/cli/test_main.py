"""The doors of the command line: what they write, what they refuse, and how they say so."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import riffkit
from riffkit.cli import main
from riffkit.cli.output import sound_suffixes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to work in, with a second of a 440 Hz tone in tone.wav."""
    monkeypatch.chdir(tmp_path)
    t = np.arange(44100) / 44100
    riffkit.Clip(0.5 * np.sin(2 * np.pi * 440 * t), 44100).save("tone.wav")
    return tmp_path


def failure(capsys, *words):
    """The one line that a failing command says."""
    assert main.main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    *stages, line = captured.err.splitlines()
    assert line.startswith("riffkit: error: ") and all(stage.startswith(("  ", '"')) for stage in stages)
    return line.removeprefix("riffkit: error: ")


def pitch(clip):
    """The strongest frequency of a clip, in Hz."""
    middle = clip.mono().samples[0, 8000:-8000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 2**18))
    return np.argmax(spectrum) * clip.sample_rate / 2**18


def test_a_tone_goes_through_a_picture_and_back(folder):
    assert main.main(["encode", "tone.wav", "tone.png"]) == 0
    assert Image.open("tone.png").height == 512
    for suffix in sound_suffixes():
        assert main.main(["decode", "tone.png", f"again{suffix}", "--quality", "fast"]) == 0
        back = riffkit.Clip.load(f"again{suffix}")
        assert abs(back.duration - 1) < 0.1
        assert abs(pitch(back) - 440) < 5


def test_encode_takes_a_part_and_keeps_channels_apart(folder):
    assert main.main(["encode", "tone.wav", "half.png", "--start", "0.25", "--duration", "0.5"]) == 0
    assert Image.open("half.png").width == pytest.approx(50, abs=2)
    assert main.main(["encode", "tone.wav", "stereo.png", "--stereo"]) == 0
    red, green, blue = np.asarray(Image.open("stereo.png")).transpose(2, 0, 1)
    assert red.max() == 0 and green.min() < 128 and np.array_equal(green, blue)


@pytest.mark.slow
def test_riff_writes_a_new_file_and_tells_the_stages(folder, capsys):
    for _ in range(2):
        assert main.main(["riff", "church bells", "--seed", "7", "--steps", "2"]) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines()[1].startswith("church-bells-7-2.wav: ")
    stages = [line.split()[0] for line in captured.err.splitlines()]
    assert stages == ['"church', "import", "load", "denoise", "picture", "inversion", "write"] * 2
    one, two = (folder / f"church-bells-{name}.wav" for name in ("7", "7-2"))
    assert one.read_bytes() == two.read_bytes(), "the same seed made another sound"
    riff = riffkit.Riff.load(one)
    assert riff.clip.duration > 1 and 0.01 < riff.clip.peak() <= 1
    assert riff.recipe["arguments"]["prompt"] == "church bells"
    assert riff.recipe["arguments"]["num_inference_steps"] == 2


def test_riff_draws_a_seed_and_tells_it(folder, capsys):
    assert main.main(["riff", "piano", "--steps", "1", "-o", "piano.png"]) == 0
    told = int(capsys.readouterr().err.splitlines()[0].removeprefix('"piano", seed '))
    assert riffkit.Riff.load("piano.png").recipe["arguments"]["seed"] == told


@pytest.mark.parametrize("command", [["encode", "tone.wav", "out.png"], ["decode", "out.png", "out.flac"]])
def test_nothing_is_replaced_without_force(folder, capsys, command):
    output = folder / command[2]
    main.main(["encode", "tone.wav", "out.png"])
    output.write_bytes(b"precious")
    capsys.readouterr()
    assert "exists" in failure(capsys, *command) and "--force" in failure(capsys, *command)
    assert output.read_bytes() == b"precious"
    if command[0] == "encode":
        assert main.main([*command, "--force"]) == 0
        assert output.read_bytes() != b"precious"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("encode missing.wav out.png", "missing.wav does not exist"),
        ("encode text.mp3 out.png", "cannot read text.mp3 as sound"),
        ("encode tone.wav out.jpg", "expected one of .png"),
        ("encode tone.wav nowhere/out.png", "does not exist; create it first"),
        ("encode tone.wav out.png --start 5", "tone.wav"),
        ("encode . out.png", "is a folder"),
        ("decode missing.png out.wav", "missing.png does not exist"),
        ("decode text.mp3 out.wav", "is no picture"),
        ("decode tone.wav out.wav", "is no picture"),
        ("decode tone.png out.m4a", "expected one of .wav, .flac, .ogg, .mp3"),
        ("riff bells -o out.txt", "expected one of .wav"),
        ("riff bells --checkpoint ./nothing -o out.wav", "nothing"),
    ],
)
def test_bad_input_gets_one_clear_line_and_leaves_nothing(folder, capsys, command, said):
    (folder / "text.mp3").write_text("not music")
    before = set(folder.iterdir())
    assert said in failure(capsys, *command.split())
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    "command",
    [
        "",
        "sing",
        "riff",
        "riff bells --steps 0",
        "riff bells --seed -1",
        "riff bells --duration nan",
        "decode a b --quality x",
    ],
)
def test_bad_usage_ends_with_2(folder, capsys, command):
    with pytest.raises(SystemExit) as exit:
        main.main(command.split())
    assert exit.value.code == 2
    assert "usage: riffkit" in capsys.readouterr().err


def test_warnings_are_one_line(folder, capsys, monkeypatch):
    import warnings

    def warn(arguments):
        """Warn."""
        warnings.warn("mind the gap", stacklevel=1)

    monkeypatch.setattr(main, "doctor", warn)
    assert main.main(["doctor"]) == 0
    assert capsys.readouterr().err == "riffkit: warning: mind the gap\n"


def test_the_module_is_the_command():
    run = subprocess.run([sys.executable, "-m", "riffkit", "--version"], capture_output=True, text=True, check=True)
    assert run.stdout == f"riffkit {riffkit.__version__}\n"


def test_help_names_what_there_is(capsys):
    """The command line writes names down that live where numpy is needed: it must start without it."""
    from riffkit.cli import arguments, training
    from riffkit.diffusion.schedulers import SCHEDULERS
    from riffkit.sound.image_file import PICTURE_SUFFIXES
    from riffkit.sound.inversion import ITERATIONS
    from riffkit.training.data.collections import READERS

    assert tuple(ITERATIONS) == arguments.QUALITIES and tuple(READERS) == training.KINDS
    for command, names in (("riff", (*sound_suffixes(), *SCHEDULERS)), ("encode", PICTURE_SUFFIXES[:1])):
        with pytest.raises(SystemExit):
            main.main([command, "--help"])
        told = " ".join(capsys.readouterr().out.split())
        assert [name for name in names if name not in told] == []


def test_help_needs_nothing_that_takes_time():
    code = "import sys; from riffkit.cli import main; main.parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"numpy", "torch", "PIL", "scipy"} & set(loaded) == set()


def test_riff_takes_a_scheduler(folder):
    assert main.main(["riff", "bells", "--steps", "2", "--scheduler", "ddim", "--seed", "1", "-o", "bells.wav"]) == 0
    assert riffkit.Riff.load("bells.wav").recipe["arguments"]["scheduler"] == "ddim"
