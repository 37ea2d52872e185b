"""The doors to every way to riff: vary, inpaint, extend, loop, story, interpolate, replay. The words are Python's."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import riffkit
from riffkit.cli.arguments import (
    add_running,
    add_sampling,
    box,
    chapter,
    lora,
    number,
    options_of,
    positive,
    seed_number,
    words,
)

if TYPE_CHECKING:
    from PIL import Image

    from riffkit.riffing.riff import Riff, Walk
    from riffkit.riffing.riffer import Riffer


def vary(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff":
    """Repaint a recording or picture towards words."""
    return riffer.vary(arguments.source, arguments.prompt, strength=arguments.strength, **options)


def inpaint(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff":
    """Repaint one place of a recording or picture, and keep the rest as it is."""
    if (arguments.mask is None) == (not arguments.box):
        raise ValueError(
            "give either --mask FILE or --box START-END (once or more), so that it is clear what to repaint"
        )
    mask = arguments.box or picture(arguments.mask, "a mask is white where it is to be repainted")
    return riffer.inpaint(arguments.source, mask, arguments.prompt, **options)


def extend(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff":
    """Let a recording, picture or riff go on, or begin earlier."""
    return riffer.extend(
        arguments.source, arguments.prompt, duration=arguments.duration, side=arguments.side, **options
    )


def loop(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff":
    """Words to a loop without a seam."""
    length = {"duration": arguments.duration, "bars": arguments.bars, "bpm": arguments.bpm}
    return riffer.riff(arguments.prompt, loop=True, **length, **options)


def story(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff":
    """One piece whose words change over time."""
    return riffer.story(arguments.chapters, arguments.duration, transition=arguments.transition, **options)


def interpolate(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Walk":
    """Riffs between two ends, one after the other in one file: words, or recordings."""
    a, b = (path if (path := _file(end)) is not None else end for end in (arguments.a, arguments.b))
    seed = options.pop("seed")
    seeds = (seed, seed + 1 if arguments.seed_b is None else arguments.seed_b)
    return riffer.interpolate(a, b, count=arguments.count, strength=arguments.strength, seed=seeds, **options)


def _file(end: str) -> Path | None:
    """The file that an end names; None if it is words, however long."""
    try:
        return Path(end) if Path(end).is_file() else None
    except OSError:  # longer than a name may be
        return None


def replay(riffer: "Riffer", arguments: argparse.Namespace, options: dict[str, Any]) -> "Riff | Walk":
    """Make a saved riff again, bit for bit."""
    return riffer.replay(arguments.source, progress=options["progress"])


EXAMPLES: dict[Callable[..., Any], str] = {
    vary: 'riffkit vary song.wav "jazz piano" --strength 0.5 -o out.wav',
    inpaint: 'riffkit inpaint song.wav "solo violin" --box 1.5-3 --box 4-5,200-2000 -o out.wav',
    extend: 'riffkit extend song.wav "funk" --duration 10 --side right -o longer.wav',
    loop: 'riffkit loop "lo-fi beat" --bars 2 --bpm 94 -o loop.wav',
    story: 'riffkit story "0: church bells" "10: techno" --duration 30 -o story.wav',
    interpolate: 'riffkit interpolate "church bells" "electronic beats" --count 9 -o walk.wav',
    replay: "riffkit replay bells.wav -o again.wav",
}


def add_riff(one: argparse.ArgumentParser) -> None:
    """Add to the command `one` what `riffkit riff` takes."""
    one.add_argument("prompt", type=words, help='the words, e.g. "funky slap bass and drums"')
    one.add_argument("-o", "--output", type=Path, help="file to write (.wav .flac .ogg .mp3, or .png for the picture); "
                     "default: a new .wav named after prompt and seed")  # fmt: skip
    one.add_argument("--seed", type=seed_number, help="same seed, same sound; default: a new one each time, and told")
    one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="length of the sound")
    one.add_argument("--loop", action="store_true", help="make the end join the beginning")
    add_sampling(one)
    one.add_argument("--lora", type=lora, action="append", default=[], metavar="FILE[@SCALE]",
                     help="what `riffkit finetune` made; several times for several")  # fmt: skip
    add_running(one)


def add_commands(command: Callable[[Callable[..., Any], str], argparse.ArgumentParser]) -> None:
    """Add the other doors to the command line: `command(function, example)` makes one."""
    for function, example in EXAMPLES.items():
        one = command(function, example)
        if function in (vary, inpaint, extend, replay):
            one.add_argument("source", type=Path, help="sound file, spectrogram picture, or saved riff")
        if function in (vary, inpaint, loop):
            one.add_argument("prompt", type=words, help='the words, e.g. "jazz piano"')
        if function is extend:
            one.add_argument("prompt", type=words, nargs="?", help="the words; default: the riff's")
            one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="how much to add")
            one.add_argument("--side", choices=("right", "left"), default="right", help="after the end, or before")
        if function is inpaint:
            one.add_argument("--mask", type=Path, help="a picture: white is repainted, black is kept")
            one.add_argument("--box", action="append", type=box, default=[], metavar="START-END[,LOW-HIGH]",
                             help="seconds, and hertz if you like; may be given several times")  # fmt: skip
        if function is story:
            one.add_argument("chapters", nargs="+", type=chapter, metavar='"SECONDS: WORDS"', help="the first at 0")
            one.add_argument("--transition", type=number, default=2.56, metavar="SECONDS", help="from words to words")
        if function is interpolate:
            one.add_argument("a", help="words, or a sound file or picture")
            one.add_argument("b", help="the same for the other end")
            one.add_argument("--count", type=positive(int), default=9, help="riffs, both ends counted: 2 to 1000")
            one.add_argument("--seed-b", type=seed_number, help="seed of the second end; default: the next one")
        if function in (vary, interpolate):
            one.add_argument("--strength", type=number, default=0.6 if function is vary else None,
                             help="0 keeps a recording, 1 ignores it")  # fmt: skip
        if function in (loop, story):
            one.add_argument("--duration", type=positive(float), required=function is story, metavar="SECONDS")
        if function is loop:
            one.add_argument("--bars", type=positive(int), help="length in bars; together with --bpm")
            one.add_argument("--bpm", type=positive(float), help="beats per minute")
        one.add_argument("-o", "--output", type=Path, required=True, help="file to write (.wav .flac .ogg .mp3 .png)")
        if function is not replay:
            one.add_argument("--seed", type=seed_number, default=0, help="same seed, same sound (default 0)")
            add_sampling(one)
        add_running(one)


def loaded(arguments: argparse.Namespace) -> "Riffer":
    """Load the riffer that `arguments` ask for: its checkpoint, with LoRAs, or its few-step twin."""
    riffer = riffkit.load(arguments.checkpoint, device=arguments.device)
    for path, scale in getattr(arguments, "lora", []):
        riffer = riffer.with_lora(path, scale)
    return riffer.live() if getattr(arguments, "live", False) else riffer


def make(function: Callable[..., Any], arguments: argparse.Namespace, progress: Callable[..., Any]) -> "Riff | Walk":
    """Load the checkpoint and run one of the functions above.

    Parameters
    ----------
    function : callable
    arguments : argparse.Namespace
    progress : callable
        As in `Riffer.riff`.
    """
    return function(loaded(arguments), arguments, options_of(arguments) | {"progress": progress})


def picture(path: Path, expected: str) -> "Image.Image":
    """Read a picture, or raise the ValueError that says what was expected.

    Parameters
    ----------
    path : Path
    expected : str
    """
    from riffkit.sound.files import open_image

    try:
        return open_image(path)
    except ValueError as error:
        raise ValueError(f"{error}; {expected}") from None
