"""The command line: thin doors to what the package does. `riffkit --help` lists them.

Every command ends with exit code 0, or 2 and one line that says what to do, or 130 when it was interrupted. No command
replaces a file unless told to with `--force`, and none leaves a half-written one.
"""

import argparse
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import riffkit
from riffkit.cli import riffing, training
from riffkit.cli.arguments import QUALITIES, add_force, options_of, positive, seed_number
from riffkit.cli.console import Stages, one_line, say


def free_path(folder: str | Path, stem: str, suffix: str) -> Path:
    """Find a path in `folder` that nothing has yet: `<stem><suffix>`, else `<stem>-2<suffix>` and so on."""
    path, number = Path(folder) / f"{stem}{suffix}", 1
    while path.exists():
        number += 1
        path = Path(folder) / f"{stem}-{number}{suffix}"
    return path


def stem_for(prompt: str, seed: int) -> str:
    """Make a file name of a `prompt`: its letters and digits, at most 60 of them, and the `seed`."""
    words = re.sub(r"[\W_]+", "-", prompt.lower()).strip("-")[:60].rstrip("-")
    return f"{words or 'riff'}-{seed}"


def check_output(path: Path, suffixes: Iterable[str], force: bool) -> None:
    """Refuse an output that cannot be written before hours are spent on what would go into it.

    Parameters
    ----------
    path : Path
    suffixes : list of str
        What it may end in.
    force : bool
        It may exist.
    """
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


def sound_suffixes() -> list[str]:
    """Endings of the sound files that can be written."""
    from riffkit.sound.files import FORMATS

    return list(FORMATS)


def riff(arguments: argparse.Namespace) -> None:
    """Words to a sound file (or to the picture it is made from)."""
    import secrets

    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    output = arguments.output or free_path(".", stem_for(arguments.prompt, seed), ".wav")
    check_output(output, (*sound_suffixes(), ".png"), arguments.force)
    options = options_of(arguments) | {"seed": seed, "duration": arguments.duration, "loop": arguments.loop}

    say(f'"{arguments.prompt}", seed {seed}')
    stages = Stages()
    riffkit.load  # noqa: B018  (imports it)
    stages.done("import")
    riffer = riffing.loaded(arguments)
    stages.done("load", riffer.checkpoint.name)
    made = riffer.riff(arguments.prompt, progress=stages.painting(), **options)
    write(made, "inversion", stages, output, arguments.force)


def riff_from(function: Callable[..., Any], arguments: argparse.Namespace) -> None:
    """Run one of the other ways to riff, and write its file.

    Parameters
    ----------
    function : callable
        Of riffkit/cli/riffing.py.
    arguments : argparse.Namespace
    """
    check_output(arguments.output, (*sound_suffixes(), ".png"), arguments.force)
    stages, name = Stages(), function.__name__
    write(riffing.make(function, arguments, stages.progress(name)), name, stages, arguments.output, arguments.force)


def write(made: Any, stage: str, stages: Stages, output: Path, force: bool) -> None:
    """Write a riff, and tell how long it all took.

    Parameters
    ----------
    made : Riff or Walk
    stage : str
        That ends with its sound.
    stages : Stages
    output : Path
    force : bool
        Replace an existing file.
    """
    clip = made.clip
    stages.done(stage)
    made.save(output, overwrite=force)
    stages.done("write")
    print(f"{output}: {clip.duration:.2f} s of sound, made in {stages.seconds:.1f} s")


def encode(arguments: argparse.Namespace) -> None:
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


def decode(arguments: argparse.Namespace) -> None:
    """A spectrogram picture to sound; its parameters are read from the picture."""
    check_output(arguments.output, sound_suffixes(), arguments.force)
    stages = Stages()
    image = riffing.picture(arguments.input, "expected a PNG made by `riffkit encode`")
    stages.done("load", f"{image.width} x {image.height} pixels")
    clip = riffkit.decode(image, quality=arguments.quality, seed=arguments.seed, progress=stages.progress("inversion"))
    stages.done("inversion", arguments.quality)
    clip.save(arguments.output, overwrite=arguments.force)
    stages.done("write")
    print(f"{arguments.output}: {clip.duration:.2f} s of sound")


def learn(function: Callable[..., Any], arguments: argparse.Namespace) -> int | None:
    """Run one of the ways to learn; these can be stopped and go on.

    Parameters
    ----------
    function : callable
        Of riffkit/cli/training.py.
    arguments : argparse.Namespace
    """
    try:
        return function(arguments, say)
    except KeyboardInterrupt:
        say("riffkit: stopped; what was done is kept, and the same command goes on")
        return 130


def doctor(arguments: argparse.Namespace) -> int:
    """Is everything there that riffkit needs?"""  # noqa: D400  (a question, as the help shows it)
    from riffkit.cli.doctor import examine

    return examine()


def train_mini(arguments: argparse.Namespace) -> int:
    """Compose a corpus and train the embedded model from nothing."""
    from riffkit.training.scratch.run import main as train

    return train(arguments.rest)


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands and their options."""
    top = argparse.ArgumentParser(prog="riffkit", description="Words to music by way of spectrogram pictures.")
    top.add_argument("--version", action="version", version=f"riffkit {riffkit.__version__}")
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def command(name: str, function: Callable[..., Any], **keywords: Any) -> argparse.ArgumentParser:
        summary = (function.__doc__ or "").splitlines()[0]
        one = commands.add_parser(name, help=summary, description=summary, **keywords)
        one.set_defaults(function=function)
        return one

    def riffing_command(function: Callable[..., Any], example: str) -> argparse.ArgumentParser:
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: riff_from(function, arguments))
        return one

    def training_command(function: Callable[..., Any], example: str) -> argparse.ArgumentParser:
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: learn(function, arguments))
        return one

    riffing.add_riff(command("riff", riff))
    riffing.add_commands(riffing_command)

    one = command("encode", encode)
    one.add_argument("input", type=Path, help="sound file")
    one.add_argument("output", type=Path, help="picture to write (.png)")
    one.add_argument("--stereo", action="store_true", help="keep left and right apart (as green and blue)")
    one.add_argument("--start", type=float, default=0, metavar="SECONDS", help="where to begin")
    one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="how much; default: all")
    add_force(one)

    one = command("decode", decode)
    one.add_argument("input", type=Path, help="spectrogram picture")
    one.add_argument("output", type=Path, help="sound file to write (.wav .flac .ogg .mp3)")
    one.add_argument("--quality", choices=QUALITIES, default="default", help="how the phase is estimated")
    one.add_argument("--seed", type=seed_number, default=0, help="where the search for the phase begins")
    add_force(one)

    training.add_commands(training_command)
    command("doctor", doctor)
    one = command("train-mini", train_mini, add_help=False)
    one.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` None takes the words of the process."""
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
