"""Whatever is typed, a command ends with an exit code that its help tells, and with one line; never in a traceback.

A command line that works is drawn, and one or two of its words are exchanged for what people, scripts and shells get
wrong: odd numbers, odd names, files that are empty, cut, or something else, folders for files. Seeded;
RIFFKIT_FAULTS=1 draws thousands.
"""

import contextlib
import functools
import io
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toys import save_toy

import riffkit
from riffkit.cli import main

CHUNKS, CASES = 10, 200 if os.environ.get("RIFFKIT_FAULTS") else 20  # lines in each chunk

NUMBERS = ["0", "-1", "1", "0.5", "1e9", "-1e9", "nan", "inf", "-inf", "1e-300", "1e400", "1_0", "0x10", "٣", "", " ",
           "1,5", "9" * 30, "9" * 5000, "two", "0.0000001", "2**3", "1e", "--5", "True", "None"]  # fmt: skip
WORDS = ["jazz", "", " ", "a" * 3000, "(", ")", "(((jazz", "jazz)", "[jazz:0.5", "(jazz:nan)", "(jazz:1e400)", "a\nb",
         "\x1b[31mred", "\udcff", "教会の鐘", "🎷", "a\0b", "AND", "<lora:x:1>", "-", "-5", "%s%n", "{0}", "\\", "'\"",
         "jazz " * 40, "\u202ejazz", "(" * 40, "\t"]  # fmt: skip
FILES = ["tone.wav", "tone.png", "riff.png", "riff.wav", "gone.wav", "text.mp3", "text.png", "empty.wav", "empty.png",
         "cut.wav", "cut.png", "folder", "folder.wav", "folder.png", "", ".", "..", "/", "/dev/null", "-dash.wav",
         "link.wav", "loop.wav", "new\nline.wav", "\x1b[31m.png", "\udcff.wav", "a" * 300 + ".wav", "tone.wav/x",
         "a\0.wav", "no/such/a.png", "wide.png", "grey.png", "noise.wav", "table.csv", "~/x.wav"]  # fmt: skip
OUTPUTS = ["out.wav", "out.png", "out.flac", "out.ogg", "out.mp3", "OUT.WAV", "out", "out.m4a", "out.wav.", ".wav", "",
           ".", "folder", "folder.wav", "taken.wav", "taken.png", "no/such/out.wav", "a" * 300 + ".wav", "link.wav",
           "/out.wav.x", "\udcff.png", "教会.wav", "new\nline.png", "tone.wav/out.wav", "a\0.wav", "-o",
           "/proc/out.wav"]  # fmt: skip
BOXES = ["0.1-0.2", "0-0.3,200-2000", "0.2-0.1", "-", "nan-1", "0-inf", "0-1-2", "a-b", "0.1-0.2,2000-200", "1e9-2e9",
         "0.1", "0-0.1,0-0", "-1-0.1", "0.1-0.1"]  # fmt: skip
CHAPTERS = ["0: jazz", "0.2: techno", "nan: a", "-1: a", "inf: b", "jazz", ":", "0:", "0: ", "1e9: x", "0:(", "5"]
LORAS = ["gone", "text.mp3", "folder", "tone.wav@2", "folder@nan", "@", "@1", "riff.png@x", "\udcff"]
CHECKPOINTS = ["gone", "folder", "text.mp3", "", "../..", "\udcff", "a\0", "a" * 300, "empty.png", "./folder/"]
FLAGS = ["--force", "--live", "--loop", "--stereo", "--on-bars", "--clean", "--nonsense", "--", "-x", "--debug=1", "-o"]


OPTIONS = {
    "--steps": ["1", "1", "1", *NUMBERS],
    "--guidance": NUMBERS,
    "--guidance-interval": NUMBERS,
    "--negative": WORDS,
    "--scheduler": ["ddim", "pndm", "", "none", "DPM++", "\udcff"],
    "--quality": ["fast", "fast", "best", "", "griffin-lim"],
    "--seed": NUMBERS,
    "--device": ["cpu", "cuda:99", "", "tpu", "cpu:-1", "meta"],
}
RIFFS = {"--strength": NUMBERS, "--count": ["2", *NUMBERS], "--seed-b": NUMBERS, "--transition": NUMBERS,
         "--duration": ["0.3", *NUMBERS], "--bars": NUMBERS, "--bpm": NUMBERS, "--side": ["left", "", "up"],
         "--box": BOXES, "--mask": FILES, "--lora": LORAS}  # fmt: skip
# A line of each command that works, and what may be exchanged in it: the pool of each word, and its options' pools.
SHORT = {"--steps": "1", "--quality": "fast"}
LINES = {
    "riff": ({"prompt": WORDS}, {"--duration": "0.3"}, ["--lora"]),
    "vary": ({"source": FILES, "prompt": WORDS}, {"--strength": "0.6"}, []),
    "inpaint": ({"source": FILES, "prompt": WORDS}, {"--box": "0.1-0.2"}, ["--mask"]),
    "extend": ({"source": FILES, "prompt": WORDS}, {"--duration": "0.2"}, ["--side"]),
    "loop": ({"prompt": WORDS}, {"--duration": "0.3"}, ["--bars", "--bpm"]),
    "story": ({"first": ["0: jazz", *CHAPTERS], "second": CHAPTERS}, {"--duration": "0.5"}, ["--transition"]),
    "interpolate": ({"a": [*WORDS, *FILES], "b": [*WORDS, *FILES]}, {"--count": "2"}, ["--seed-b", "--strength"]),
    "replay": ({"source": ["riff.png", "riff.wav", *FILES]}, {}, []),
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(save_toy(tmp_path_factory.mktemp("toy") / "mini", like="mini"))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, checkpoint):
    """A folder with what people have lying about."""
    folder = tmp_path_factory.mktemp("desk")
    t = np.arange(13230) / 44100
    clip = riffkit.Clip(0.5 * np.sin(2 * np.pi * 440 * t), 44100)
    clip.save(folder / "tone.wav")
    clip.save(folder / "-dash.wav")
    clip.save(folder / "new\nline.wav")
    riffkit.save_image(riffkit.encode(clip), folder / "tone.png")
    riff = riffkit.load(checkpoint, device="cpu").riff(
        "jazz", seed=1, num_inference_steps=1, duration=0.3, quality="fast"
    )
    riff.save(folder / "riff.png")
    riff.save(folder / "riff.wav")
    for name in ("text.mp3", "text.png", "table.csv"):
        (folder / name).write_text("file_name,text\nnot,music\n")
    for name in ("empty.wav", "empty.png", "taken.wav", "taken.png"):
        (folder / name).touch()
    for name in ("tone.wav", "tone.png"):
        (folder / f"cut{name[4:]}").write_bytes((folder / name).read_bytes()[:900])
    (folder / "noise.wav").write_bytes(random.Random(0).randbytes(3000))
    for name in ("folder", "folder.wav", "folder.png"):
        (folder / name).mkdir()
    (folder / "link.wav").symlink_to("nowhere.wav")
    (folder / "loop.wav").symlink_to("loop.wav")
    Image.new("RGB", (40, 3)).save(folder / "wide.png")
    Image.new("L", (40, 512), 128).save(folder / "grey.png")
    return folder


def drawn(choose, checkpoint):
    """A command line with a model: one that works, with a word or two exchanged."""
    name = choose.choice(list(LINES))
    places, options, others = LINES[name]
    pools = RIFFS | OPTIONS if name != "replay" else {}
    words = {place: pool[0] for place, pool in places.items()}
    options = {"-o": "out.png", "--checkpoint": checkpoint} | (options | SHORT if name != "replay" else {})
    pools = {"-o": OUTPUTS, "--checkpoint": CHECKPOINTS} | {
        n: p for n, p in pools.items() if n in {*options, *others, *OPTIONS}
    }
    for _ in range(choose.choice([1, 1, 1, 2])):
        which = choose.choice([*places, *pools, *places])
        if which in places:
            words[which] = choose.choice(places[which])
        else:
            options[which] = choose.choice(pools[which])
    given = [word for option, value in options.items()
             for word in (option, *[value] * (2 if option == "--guidance-interval" else 1))]  # fmt: skip
    given = [name, *words.values(), *given]
    if choose.random() < 0.1:
        given.insert(choose.randrange(1, len(given) + 1), choose.choice(FLAGS))
    if choose.random() < 0.1:
        given.pop(choose.randrange(1, len(given)))
    return given


def coding(choose):
    """Encoding or decoding, with a word or two that are odd."""
    name = choose.choice(["encode", "decode"])
    source, output = {"encode": ("tone.wav", "out.png"), "decode": ("tone.png", "out.wav")}[name]
    words = [name, choose.choice(FILES) if choose.random() < 0.6 else source,
             choose.choice(OUTPUTS) if choose.random() < 0.3 else output]  # fmt: skip
    for option in ("--start", "--duration") if name == "encode" else ("--seed", "--quality"):
        if choose.random() < 0.25:
            words += [option, choose.choice(["fast", "griffin-lim", ""] if option == "--quality" else NUMBERS)]
    return [*words, *[choose.choice(FLAGS)] * (choose.random() < 0.1)]


def learning(choose, checkpoint):
    """The two commands that learn, on what is no data set, and composing with what cannot be."""
    which = choose.choice(["dataset", "finetune", "train-mini"])
    if which == "train-mini":
        names = ["--output", "--stage", "--threads", "--pieces", "--seed", "--unet-steps", "--batch", "--corpus"]
        words = [which, "--stage", choose.choice(["", "all,", "nonsense", "unet", "export", "\udcff"])]
        return [*words, "--output", choose.choice(["text.mp3", "folder", "gone/er", "taken.wav", "a\0", ""]),
                *[choose.choice([*names, *NUMBERS]) for _ in range(choose.randrange(3))]]  # fmt: skip
    numbers = {"dataset": ["--silence", "--validation", "--seed", "--workers", "--shard"],
               "finetune": ["--rank", "--steps", "--batch", "--accumulation", "--learning-rate", "--warmup",
                            "--preserve", "--caption-dropout", "--checkpoint-every", "--seed"]}[which]  # fmt: skip
    source = choose.choice([*FILES, "folder"]) or "folder"
    output = choose.choice(["taken.wav", "gone/er/deep", "a\0", "", "a" * 300, "link.wav", "folder.png", "text.mp3"])
    words = [which, source if source not in (".", "..", "/") else "folder"]
    words += [output] if which == "dataset" else ["-o", output, "--checkpoint", checkpoint, "--cpu"]
    for name in numbers:
        if choose.random() < 0.2:
            words += [name, choose.choice([*NUMBERS, "0/1", "1/1", "0/0"])]
    return words


def ends_of(argv):
    """The exit code of a command line, or the exception that went through, and what it said."""
    told, result = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(result):
        try:
            code = main.main(argv)
        except SystemExit as exit_:
            code = exit_.code
        except BaseException as error:
            return repr(error), told.getvalue()
    return code, told.getvalue()


def complaint(argv, folder, before):
    """What is wrong with how a command line ended; None if nothing is."""
    code, told = ends_of(argv)
    lines = [line for line in told.splitlines() if line.strip()]
    after = {path.name for path in folder.iterdir()}
    if code not in (0, 2):
        return f"exit {code}: {lines[-1:]}"
    if "Traceback" in told:
        return "a traceback"
    if code == 2 and not (lines and lines[-1].startswith("riffkit") and ": error: " in lines[-1]):
        return f"refused without a line: {lines[-1:]}"
    if code == 2 and sum(line.startswith("riffkit: error") for line in lines) > 1:
        return f"more than one line: {lines}"
    if code == 2 and lines and len(lines[-1]) > 4000 + sum(map(len, argv)):
        return f"a line of {len(lines[-1])} letters"
    if code == 2 and after != before:
        return f"refused, and left {after - before}"
    for name in after - before:
        path = folder / name
        if ".tmp" in name or not path.suffix:
            return f"left {name}"
        path.unlink()
    return None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="names and devices of Unix")
@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.filterwarnings("ignore")
def test_every_command_ends_in_one_line(chunk, furnished, checkpoint, monkeypatch):
    monkeypatch.chdir(furnished)
    monkeypatch.setattr(riffkit, "load", functools.cache(riffkit.load))  # two hundred times the same one
    before, wrong = {path.name for path in furnished.iterdir()}, {}
    for case in range(CASES):
        choose = random.Random(f"{chunk} {case}")
        kind = choose.random()
        if kind < 0.55:
            argv = drawn(choose, checkpoint)
        elif kind < 0.8:
            argv = coding(choose)
        elif kind < 0.95:
            argv = learning(choose, checkpoint)
        else:
            argv = [
                choose.choice([*LINES, "doctor", "--", "", "sing", "\udcff"]),
                *choose.choices(FLAGS[6:] + WORDS, k=2),
            ]
        if (said := complaint(argv, furnished, before)) is not None:
            wrong[f"{chunk}/{case}: {said}"] = " ".join(map(ascii, argv))[:600]
        for name in {path.name for path in furnished.iterdir()} - before:
            with contextlib.suppress(OSError):
                (furnished / name).unlink()
    assert wrong == {}
    assert all(Path(name).stat().st_size == 0 for name in ("taken.wav", "taken.png")), "a file was replaced unasked"
