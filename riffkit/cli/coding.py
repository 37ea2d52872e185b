"""The doors between sound and picture: encode, decode."""

import argparse
from pathlib import Path

import riffkit
from riffkit.cli.arguments import QUALITIES, add_force, number, positive, seed_number
from riffkit.cli.console import Stages, tell
from riffkit.cli.output import check_output, sound_suffixes
from riffkit.cli.riffing import picture


def encode(arguments: argparse.Namespace) -> None:
    """A sound file to its spectrogram picture."""
    from riffkit.sound.image import is_long

    check_output(arguments.output, (".png",), arguments.force)
    stages = Stages()
    source = arguments.input
    if arguments.start == 0 and arguments.duration is None and is_long(source):  # it is read as it is drawn
        stages.done("load", str(source))
    else:
        source = riffkit.Clip.load(source, start=arguments.start, duration=arguments.duration)
        stages.done("load", repr(source))
    image = riffkit.encode(
        source, riffkit.SpectrogramParams(stereo=arguments.stereo), progress=stages.progress("encode")
    )
    stages.done("encode", f"{image.width} x {image.height} pixels")
    riffkit.save_image(image, arguments.output, overwrite=arguments.force)
    stages.done("write")
    tell(arguments.output)


def decode(arguments: argparse.Namespace) -> None:
    """A spectrogram picture to sound; its parameters are read from the picture."""
    check_output(arguments.output, sound_suffixes(), arguments.force)
    stages = Stages()
    image = picture(arguments.input, "expected a PNG made by `riffkit encode`")
    stages.done("load", f"{image.width} x {image.height} pixels")
    clip = riffkit.decode(image, quality=arguments.quality, seed=arguments.seed, progress=stages.progress("inversion"))
    stages.done("inversion", arguments.quality)
    clip.save(arguments.output, overwrite=arguments.force)
    stages.done("write")
    tell(f"{arguments.output}: {clip.duration:.2f} s of sound")


def add_encode(one: argparse.ArgumentParser) -> None:
    """Add to the command `one` what `riffkit encode` takes."""
    one.add_argument("input", type=Path, help="sound file")
    one.add_argument("output", type=Path, help="picture to write (.png)")
    one.add_argument("--stereo", action="store_true", help="keep left and right apart (as green and blue)")
    one.add_argument("--start", type=number, default=0, metavar="SECONDS", help="where to begin")
    one.add_argument("--duration", type=positive(float), metavar="SECONDS", help="how much; default: all")
    add_force(one)


def add_decode(one: argparse.ArgumentParser) -> None:
    """Add to the command `one` what `riffkit decode` takes."""
    one.add_argument("input", type=Path, help="spectrogram picture")
    one.add_argument("output", type=Path, help="sound file to write (.wav .flac .ogg .mp3)")
    one.add_argument("--quality", choices=QUALITIES, default="default", help="how the phase is estimated")
    one.add_argument("--seed", type=seed_number, default=0, help="where the search for the phase begins")
    add_force(one)
