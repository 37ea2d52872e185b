"""Arguments that several commands take: their types, and the options of everything that riffs."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from riffkit.cli.console import one_line

LONGEST_COMPLAINT = 1000  # letters; what is quoted may be longer than a screen
QUALITIES = ("fast", "default", "best", "griffin-lim", "pghi")
# Python's names of the options of a run.
PYTHON = {
    "seed": "seed",
    "steps": "num_inference_steps",
    "guidance": "guidance_scale",
    "guidance_interval": "guidance_interval",
    "negative": "negative_prompt",
    "scheduler": "scheduler",
    "quality": "quality",
}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, whatever they quote."""

    def error(self, message: str) -> NoReturn:
        """Show the usage, and `message` in one line; end with exit code 2."""
        told = one_line(message)
        super().error(told if len(told) <= LONGEST_COMPLAINT else f"{told[:LONGEST_COMPLAINT]} ...")


def positive(kind: type) -> Callable[[str], Any]:
    """Return an argparse type: a finite number above zero, of a `kind` (int or float)."""

    def read(text: str) -> Any:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    read.__name__ = {int: "whole number", float: "number"}[kind]
    return read


def number(text: str) -> float:
    """Read a finite number from `text`, as an argparse type."""
    value = float(text)
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text} is no finite number")
    return value


def words(text: str) -> str:
    """Read words from `text`, as an argparse type: anything that is text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = text.encode("ascii", "backslashreplace").decode()
        raise argparse.ArgumentTypeError(
            f'"{shown}" holds bytes that are no text in UTF-8; is the terminal set to another encoding?'
        ) from None
    return text


def seed_number(text: str) -> int:
    """Read a seed from `text`, as an argparse type."""
    value = int(text)
    if not 0 <= value < 2**63:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 2**63 - 1")
    return value


seed_number.__name__ = "whole number"  # argparse names it in what it says


def add_force(command: argparse.ArgumentParser) -> None:
    """Add `--force` to a `command`."""
    command.add_argument("--force", action="store_true", help="replace the output if it exists")


def add_checkpoint(command: argparse.ArgumentParser) -> None:
    """Add `--checkpoint` to a `command`."""
    command.add_argument("--checkpoint", default="mini", help="mini (embedded, default), a folder, or a Hub id")


def add_running(command: argparse.ArgumentParser) -> None:
    """Add what every `command` with a model takes: `--force`, `--checkpoint`, `--device`."""
    add_force(command)
    add_checkpoint(command)
    command.add_argument("--device", help="cpu, cuda, mps; default: the best there is")


def add_sampling(command: argparse.ArgumentParser) -> None:
    """Add to a `command` how a riff is made: `--live` and the options of a run, but for the seed."""
    command.add_argument("--live", action="store_true", help="with the checkpoint's few-step twin: quicker, less fine")
    command.add_argument("--steps", type=positive(int), help="denoising steps; more is slower and finer")
    command.add_argument("--guidance", type=number, help="how strongly the words pull")
    command.add_argument("--guidance-interval", type=number, nargs=2, metavar=("FROM", "TO"),
                         help="timesteps (1000 is noise, 0 the picture) between which they do; default:"
                         " as the model wants it, 0 1000 is always")  # fmt: skip
    command.add_argument("--negative", type=words, metavar="WORDS", help="what it should not sound like")
    command.add_argument("--scheduler", help="dpm++ (default), pndm, ddim, lms, euler, euler_ancestral, lcm")
    command.add_argument("--quality", choices=QUALITIES[:3], help="of the sound; best is slower")


def options_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what `arguments` say under Python's names; what they leave out is left to Python's defaults."""
    given = {python: getattr(arguments, name, None) for name, python in PYTHON.items()}
    return {name: value for name, value in given.items() if value is not None}


def lora(text: str) -> tuple[str, float]:
    """Read from `text`, as an argparse type: "my-lora", or "my-lora@0.8" with a scale."""
    path, at, scale = text.rpartition("@")
    try:
        return (path, float(scale)) if at else (text, 1.0)
    except ValueError:
        return text, 1.0  # a name with an @ in it


def chapter(text: str) -> tuple[float, str]:
    """Read from `text`, as an argparse type: "10: techno"."""
    time, colon, said = words(text).partition(":")
    try:
        if not colon:
            raise ValueError
        return float(time), said.strip()
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is no chapter; expected "SECONDS: WORDS"') from None


def box(text: str) -> tuple[float, ...]:
    """Read from `text`, as an argparse type: "1.5-3" (seconds) or "1.5-3,200-2000" (seconds, hertz)."""
    try:
        numbers = [float(edge) for side in text.split(",") for edge in side.split("-")]
        if len(numbers) not in (2, 4) or not all(map(math.isfinite, numbers)):
            raise ValueError
        return tuple(numbers)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no box; expected START-END or START-END,LOW-HIGH") from None


def lines_of(path: str) -> tuple[str, ...]:
    """Read the lines of the file `path`, as an argparse type."""
    try:
        lines = [line.strip() for line in Path(path).read_text(encoding="utf-8-sig").split("\n")]
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read as text ({one_line(error)})") from None
    if not any(lines):
        raise argparse.ArgumentTypeError(f"{path} is empty; expected one prompt in a line")
    return tuple(line for line in lines if line)


def shard(text: str) -> tuple[int, int]:
    """Read from `text`, as an argparse type: "0/4", the first of four parts."""
    number, slash, count = text.partition("/")
    if not (slash and number.isdigit() and count.isdigit() and int(number) < int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard; expected I/N counted from 0, such as 0/4")
    return int(number), int(count)
