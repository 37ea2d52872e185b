"""The command line: thin doors to what the package does. `riffkit --help` lists them.

Every command ends with an exit code of `riffkit.cli.endings`, and with one line that says what to do where it is not 0;
never with a traceback, unless `--debug` asks for it. No command replaces a file unless told to with `--force`, and none
leaves a half-written one.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import riffkit
from riffkit.cli import coding, riffing, training
from riffkit.cli.arguments import Parser, options_of
from riffkit.cli.console import Stages, give_up, one_line, prepare_streams, say, tell
from riffkit.cli.endings import CODES, ended, hear_signals
from riffkit.cli.output import check_output, free_path, sound_suffixes, stem_for, write

RESUMABLE = ("dataset", "finetune", "train-mini")  # stopped and called again they go on


def riff(arguments: argparse.Namespace) -> None:
    """Words to a sound file (or to the picture it is made from)."""
    import secrets

    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    stem = stem_for(arguments.prompt, seed)
    check_output(arguments.output or free_path(".", stem, ".wav"), (*sound_suffixes(), ".png"), arguments.force)
    options = options_of(arguments) | {"seed": seed, "duration": arguments.duration, "loop": arguments.loop}

    say(one_line(f'"{arguments.prompt}", seed {seed}'))
    stages = Stages()
    riffkit.load  # noqa: B018  (imports it)
    stages.done("import")
    riffer = riffing.loaded(arguments)
    stages.done("load", riffer.checkpoint.name)
    made = riffer.riff(arguments.prompt, progress=stages.painting(), **options)
    write(made, "inversion", stages, arguments, stem)


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
    write(riffing.make(function, arguments, stages.progress(name)), name, stages, arguments)


def doctor(arguments: argparse.Namespace) -> int:
    """Is everything there that riffkit needs?"""  # noqa: D400  (a question, as the help shows it)
    from riffkit.cli.doctor import examine

    return examine(show=tell)


def train_mini(arguments: argparse.Namespace) -> int:
    """Compose a corpus and train the embedded model from nothing."""
    from riffkit.training.scratch.run import main as train

    return train(arguments.rest)


def parser() -> argparse.ArgumentParser:
    """Make the parser of all commands and their options."""
    top = Parser(prog="riffkit", description="Words to music by way of spectrogram pictures.", epilog=CODES)
    top.add_argument("--version", action="version", version=f"riffkit {riffkit.__version__}")
    top.add_argument("--debug", action="store_true", help="show where an error came from (its traceback)")
    commands = top.add_subparsers(required=True, metavar="COMMAND", dest="command")

    def command(name: str, function: Callable[..., Any], **keywords: Any) -> argparse.ArgumentParser:
        summary = next(iter((function.__doc__ or "").splitlines()), "")  # `python -OO` takes docstrings away
        one = commands.add_parser(name, help=summary, description=summary, **keywords)
        one.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        one.set_defaults(function=function)
        return one

    def riffing_command(function: Callable[..., Any], example: str) -> argparse.ArgumentParser:
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: riff_from(function, arguments))
        return one

    def training_command(function: Callable[..., Any], example: str) -> argparse.ArgumentParser:
        one = command(function.__name__, function, epilog=f"example: {example}")
        one.set_defaults(function=lambda arguments: function(arguments, say))
        return one

    riffing.add_riff(command("riff", riff))
    riffing.add_commands(riffing_command)
    coding.add_encode(command("encode", coding.encode))
    coding.add_decode(command("decode", coding.decode))
    training.add_commands(training_command)
    command("doctor", doctor)
    one = command("train-mini", train_mini, add_help=False)
    one.add_argument("rest", nargs=argparse.REMAINDER)
    return top


def read(argv: Sequence[str]) -> argparse.Namespace:
    """Read the words of a command line; raises SystemExit, as argparse does, where they are none."""
    name, *rest = [word for word in argv if word != "--debug"] or [""]
    if name == "train-mini":  # argparse would take the options behind it for its own
        return argparse.Namespace(command=name, function=train_mini, rest=rest, debug="--debug" in argv)
    return parser().parse_args(argv)


def run(arguments: argparse.Namespace) -> int | None:
    """Run the command that `arguments` name, in a folder that exists: torch ends a process in one that was deleted."""
    try:
        Path.cwd()
    except OSError:
        raise FileNotFoundError("the folder that this runs in was deleted; go to another one, with `cd`") from None
    return arguments.function(arguments)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; `argv` None takes the words of the process, and hears its signals."""
    prepare_streams()
    if argv is None:
        hear_signals()
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = read(argv)
        return ended(lambda: run(arguments), debug=arguments.debug, resumable=arguments.command in RESUMABLE)
    finally:
        give_up(sys.stdout, lambda: None)  # what was printed goes out now, where a closed pipe can still be met
