"""The command line: thin doors to what the package does. `riffkit --help` lists them.

Every command ends with exit code 0, or 2 and one line that says what to do, or 130 when it was interrupted. No command
replaces a file unless told to with `--force`, and none leaves a half-written one.
"""

import argparse
import os
import re
import secrets
import sys
import time
import warnings
from pathlib import Path

import riffkit
from riffkit.cli.riffing import add_commands as add_riffing
from riffkit.cli.riffing import make
from riffkit.cli.training import add_commands as add_training

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
QUALITIES = ("fast", "default", "best", "griffin-lim", "pghi")


def say(text, end="\n"):
    """Tell the user something beside the result: on the error stream, over a progress line that stands there."""
    over = "\r\033[K" if sys.stderr.isatty() else ""
    print(f"{over}{text}", end=end, file=sys.stderr, flush=True)


class Stages:
    """Print how long each stage of a command took, as it ends, to the error stream (the result goes to the other)."""

    def __init__(self):
        self.start = self.last = time.perf_counter()

    def done(self, name, note=""):
        now = time.perf_counter()
        say(f"  {name:<10}{now - self.last:7.2f} s   {note}".rstrip())
        self.last = now

    def progress(self, name):
        """A `progress` callable that shows its steps on one line of a terminal; in a log file it stays silent."""

        def show(step, total, estimate=None):
            if sys.stderr.isatty():
                say(f"  {name:<10}{step:4d} of {total}", end="")

        return show

    @property
    def seconds(self):
        return time.perf_counter() - self.start


def free_path(folder, stem, suffix):
    """A path in `folder` that nothing has yet: `bells.wav`, else `bells-2.wav`, `bells-3.wav` and so on."""
    path, number = Path(folder) / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = Path(folder) / f"{stem}-{number}{suffix}"
    return path


def stem_for(prompt, seed):
    """A file name for a prompt: its letters and digits, at most 60 of them, and the seed."""
    words = re.sub(r"[\W_]+", "-", prompt.lower()).strip("-")[:60].rstrip("-")
    return f"{words or 'riff'}-{seed}"


def check_output(path, suffixes, force):
    """Refuse an output that cannot be written before hours are spent on what would go into it."""
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(suffixes)}")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
    if path.exists() and not force:
        raise FileExistsError(f"{path} exists; choose another name, or replace it with --force")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"the folder {path.absolute().parent} does not exist; create it first")
    if not os.access(path.absolute().parent, os.W_OK):
        raise PermissionError(f"the folder {path.absolute().parent} cannot be written to")


def riff(arguments):
    """Words to a sound file (or to the picture it is made from)."""
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    output = arguments.output or free_path(".", stem_for(arguments.prompt, seed), ".wav")
    check_output(output, (*SOUND_SUFFIXES, ".png"), arguments.force)
    options = {
        "num_inference_steps": arguments.steps,
        "guidance_scale": arguments.guidance,
        "guidance_interval": arguments.guidance_interval,
        "negative_prompt": arguments.negative,
        "duration": arguments.duration,
        "loop": arguments.loop or None,
        "quality": arguments.quality,
    }
    options = {name: value for name, value in options.items() if value is not None}

    say(f'"{arguments.prompt}", seed {seed}')
    stages = Stages()
    load = riffkit.load
    stages.done("import")
    riffer = load(arguments.checkpoint, device=arguments.device)
    for path, scale in arguments.lora:
        riffer = riffer.with_lora(path, scale)
    riffer = riffer.live() if arguments.live else riffer
    stages.done("load", riffer.checkpoint.name)
    made = riffer.riff(arguments.prompt, seed=seed, progress=riff_stages(stages), **options)
    clip = made.clip
    stages.done("inversion")
    made.save(output, overwrite=arguments.force)
    stages.done("write")
    print(f"{output}: {clip.duration:.2f} s of sound, made in {stages.seconds:.1f} s")


def riff_stages(stages):
    """A `progress` callable that tells painting from decoding: the last two of a riff's steps are picture and sound."""
    show, ended = stages.progress("denoise"), set()

    def listen(step, total, estimate=None):
        name = {total - 2: "denoise", total - 1: "picture"}.get(step)
        if name and name not in ended:
            ended.add(name)
            stages.done(name, f"{total - 2} steps" if name == "denoise" else "")
        elif step < total - 2:
            show(step, total - 2)

    return listen


def riffing(function, arguments):
    """One of the ways to riff in cli_riffing.py, to a file."""
    check_output(arguments.output, (*SOUND_SUFFIXES, ".png"), arguments.force)
    stages = Stages()
    made = make(function, arguments, stages.progress(function.__name__))
    clip = made.clip
    stages.done(function.__name__)
    made.save(arguments.output, overwrite=arguments.force)
    stages.done("write")
    print(f"{arguments.output}: {clip.duration:.2f} s of sound, made in {stages.seconds:.1f} s")


def encode(arguments):
    """A sound file to its spectrogram picture."""
    check_output(arguments.output, (".png",), arguments.force)
    stages = Stages()
    clip = riffkit.Clip.load(arguments.input, start=arguments.start, duration=arguments.duration)
    stages.done("load", repr(clip))
    image = riffkit.encode(clip, riffkit.SpectrogramParams(stereo=arguments.stereo), progress=stages.progress("encode"))
    stages.done("encode", f"{image.width} x {image.height} pixels")
    riffkit.save_image(image, arguments.output, overwrite=arguments.force)
    stages.done("write")
    print(arguments.output)


def decode(arguments):
    """A spectrogram picture to sound; its parameters are read from the picture."""
    check_output(arguments.output, SOUND_SUFFIXES, arguments.force)
    stages = Stages()
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(arguments.input) as image:
            image.load()
    except UnidentifiedImageError:
        raise ValueError(f"{arguments.input} is no picture; expected a PNG made by `riffkit encode`") from None
    stages.done("load", f"{image.width} x {image.height} pixels")
    clip = riffkit.decode(image, quality=arguments.quality, seed=arguments.seed, progress=stages.progress("inversion"))
    stages.done("inversion", arguments.quality)
    clip.save(arguments.output, overwrite=arguments.force)
    stages.done("write")
    print(f"{arguments.output}: {clip.duration:.2f} s of sound")


def training(function, arguments):
    """One of the ways to learn in cli_training.py; these can be stopped and go on."""
    try:
        return function(arguments, say)
    except KeyboardInterrupt:
        say("riffkit: stopped; what was done is kept, and the same command goes on")
        return 130


def doctor(arguments):
    """Is everything there that riffkit needs?"""
    from riffkit.cli.doctor import examine

    return examine()


def train_mini(arguments):
    """Compose a corpus and train the embedded model from nothing."""
    from riffkit.training.scratch.run import main as train

    return train(arguments.rest)


def positive(kind):
    """An argparse type: a finite number above zero."""

    def read(text):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]
    return read


def lora(text):
    """An argparse type: "my-lora", or "my-lora@0.8" with a scale."""
    path, at, scale = text.rpartition("@")
    try:
        return (path, float(scale)) if at else (text, 1.0)
    except ValueError:
        return text, 1.0  # a name with an @ in it


def seed_number(text):
    value = int(text)
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 2**63 - 1")
    return value


def parser():
    """All commands and their options."""
    top = argparse.ArgumentParser(prog="riffkit", description="Words to music by way of spectrogram pictures.")
    top.add_argument("--version", action="version", version=f"riffkit {riffkit.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def command(name, function, **keywords):
        summary = function.__doc__.splitlines()[0]
        one = commands.add_parser(name, help=summary, description=summary, **keywords)
        one.set_defaults(function=function)
        return one

    def riffing_command(function, example):
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: riffing(function, arguments))
        return one

    def training_command(function, example):
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: training(function, arguments))
        return one

    one = command("riff", riff)
    one.add_argument("prompt", help='the words, e.g. "funky slap bass and drums"')
    one.add_argument("-o", "--output", type=Path, help="file to write (.wav .flac .ogg .mp3, or .png for the picture); "
                     "default: a new .wav named after prompt and seed")  # fmt: skip
    one.add_argument("--seed", type=seed_number, help="same seed, same sound; default: a new one each time, and told")
    one.add_argument("--steps", type=positive(int), help="denoising steps; more is slower and finer")
    one.add_argument("--guidance", type=float, help="how strongly the words pull")
    one.add_argument("--guidance-interval", type=float, nargs=2, metavar=("FROM", "TO"),
                     help="timesteps (1000 is noise, 0 the picture) between which they do; default:"
                     " as the model wants it, 0 1000 is always")  # fmt: skip
    one.add_argument("--negative", metavar="WORDS", help="what it should not sound like")
    one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="length of the sound")
    one.add_argument("--live", action="store_true", help="with the checkpoint's few-step twin: quicker, less fine")
    one.add_argument("--loop", action="store_true", help="make the end join the beginning")
    one.add_argument("--quality", choices=QUALITIES[:3], help="of the sound; best is slower")
    one.add_argument("--checkpoint", default="mini", help="mini (embedded, default), a folder, or a Hub id")
    one.add_argument("--lora", type=lora, action="append", default=[], metavar="FILE[@SCALE]",
                     help="what `riffkit finetune` made; several times for several")  # fmt: skip
    one.add_argument("--device", help="cpu, cuda, mps; default: the best there is")
    one.add_argument("--force", action="store_true", help="replace the output if it exists")

    add_riffing(riffing_command, positive, seed_number)

    one = command("encode", encode)
    one.add_argument("input", type=Path, help="sound file")
    one.add_argument("output", type=Path, help="picture to write (.png)")
    one.add_argument("--stereo", action="store_true", help="keep left and right apart (as green and blue)")
    one.add_argument("--start", type=float, default=0, metavar="SECONDS", help="where to begin")
    one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="how much; default: all")
    one.add_argument("--force", action="store_true", help="replace the output if it exists")

    one = command("decode", decode)
    one.add_argument("input", type=Path, help="spectrogram picture")
    one.add_argument("output", type=Path, help="sound file to write (.wav .flac .ogg .mp3)")
    one.add_argument("--quality", choices=QUALITIES, default="default", help="how the phase is estimated")
    one.add_argument("--seed", type=seed_number, default=0, help="where the search for the phase begins")
    one.add_argument("--force", action="store_true", help="replace the output if it exists")

    add_training(training_command, positive, seed_number)
    command("doctor", doctor)
    one = command("train-mini", train_mini, add_help=False)
    one.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv=None):
    """Run one command; return its exit code."""
    argv = sys.argv[1:] if argv is None else list(argv)
    if argv[:1] == ["train-mini"]:  # argparse would take the options behind it for its own
        arguments = argparse.Namespace(function=train_mini, rest=argv[1:])
    else:
        arguments = parser().parse_args(argv)
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: say(f"riffkit: warning: {message}")
        try:
            return arguments.function(arguments) or 0
        except (ValueError, ArithmeticError, OSError, ImportError) as error:
            say(f"riffkit: error: {one_line(error)}")
            return 2
        except KeyboardInterrupt:
            say("riffkit: stopped; nothing was written")
            return 130


def one_line(error):
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror.lower()}"
    return " ".join(str(error).split()) or type(error).__name__
