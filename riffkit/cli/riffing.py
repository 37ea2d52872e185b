"""The doors to every way to riff: vary, inpaint, extend, loop, story, interpolate, replay. The words are Python's."""

import argparse
from pathlib import Path

import riffkit


def vary(riffer, arguments, options):
    """Repaint a recording or picture towards words."""
    return riffer.vary(arguments.source, arguments.prompt, strength=arguments.strength, **options)


def inpaint(riffer, arguments, options):
    """Repaint one place of a recording or picture, and keep the rest as it is."""
    if (arguments.mask is None) == (not arguments.box):
        raise ValueError(
            "give either --mask FILE or --box START-END (once or more), so that it is clear what to repaint"
        )
    return riffer.inpaint(arguments.source, _mask(arguments), arguments.prompt, **options)


def extend(riffer, arguments, options):
    """Let a recording, picture or riff go on, or begin earlier."""
    return riffer.extend(arguments.source, arguments.prompt, seconds=arguments.seconds, side=arguments.side, **options)


def loop(riffer, arguments, options):
    """Words to a loop without a seam."""
    length = {"duration": arguments.duration, "bars": arguments.bars, "bpm": arguments.bpm}
    return riffer.riff(arguments.prompt, loop=True, **length, **options)


def story(riffer, arguments, options):
    """One piece whose words change over time."""
    return riffer.story(arguments.chapters, arguments.duration, transition=arguments.transition, **options)


def interpolate(riffer, arguments, options):
    """Riffs between two ends, one after the other in one file: words, or recordings."""
    ends = [Path(end) if Path(end).is_file() else end for end in (arguments.a, arguments.b)]
    seed = options.pop("seed")
    seeds = (seed, seed + 1 if arguments.seed_b is None else arguments.seed_b)
    return riffer.interpolate(*ends, steps=arguments.count, strength=arguments.strength, seed=seeds, **options)


def replay(riffer, arguments, options):
    """Make a saved riff again, bit for bit."""
    return riffer.replay(arguments.source, progress=options["progress"])


EXAMPLES = {
    vary: 'riffkit vary song.wav "jazz piano" --strength 0.5 -o out.wav',
    inpaint: 'riffkit inpaint song.wav "solo violin" --box 1.5-3 --box 4-5,200-2000 -o out.wav',
    extend: 'riffkit extend song.wav "funk" --seconds 10 --side right -o longer.wav',
    loop: 'riffkit loop "lo-fi beat" --bars 2 --bpm 94 -o loop.wav',
    story: 'riffkit story "0: church bells" "10: techno" --duration 30 -o story.wav',
    interpolate: 'riffkit interpolate "church bells" "electronic beats" --count 9 -o walk.wav',
    replay: "riffkit replay bells.wav -o again.wav",
}


def add_commands(command, positive, seed_number):
    """Add these doors to the command line: `command(function, example)` makes one, the others are argparse types."""
    for function, example in EXAMPLES.items():
        one = command(function, example)
        if function in (vary, inpaint, extend, replay):
            one.add_argument("source", type=Path, help="sound file, spectrogram picture, or saved riff")
        if function in (vary, inpaint, loop):
            one.add_argument("prompt", help='the words, e.g. "jazz piano"')
        if function is extend:
            one.add_argument("prompt", nargs="?", help="the words; default: those of the riff, if it is one")
            one.add_argument("--seconds", type=positive(float), default=5.12, help="how much to add")
            one.add_argument("--side", choices=("right", "left"), default="right", help="after the end, or before")
        if function is inpaint:
            one.add_argument("--mask", type=Path, help="a picture: white is repainted, black is kept")
            one.add_argument("--box", action="append", type=box, default=[], metavar="START-END[,LOW-HIGH]",
                             help="seconds, and hertz if you like; may be given several times")  # fmt: skip
        if function is story:
            one.add_argument("chapters", nargs="+", type=chapter, metavar='"SECONDS: WORDS"', help="the first at 0")
            one.add_argument("--transition", type=float, default=2.56, metavar="SECONDS", help="from words to words")
        if function is interpolate:
            one.add_argument("a", help="words, or a sound file or picture")
            one.add_argument("b", help="the same for the other end")
            one.add_argument("--count", type=positive(int), default=9, help="how many riffs, both ends counted")
            one.add_argument("--seed-b", type=seed_number, help="seed of the second end; default: the next one")
        if function in (vary, interpolate):
            one.add_argument("--strength", type=float, default=0.6 if function is vary else None,
                             help="0 keeps a recording, 1 ignores it")  # fmt: skip
        if function in (loop, story):
            one.add_argument("--duration", type=positive(float), required=function is story, metavar="SECONDS")
        if function is loop:
            one.add_argument("--bars", type=positive(int), help="length in bars; together with --bpm")
            one.add_argument("--bpm", type=positive(float), help="beats per minute")
        _add_common(one, positive, seed_number, replayed=function is replay)


def _add_common(one, positive, seed_number, *, replayed):
    one.add_argument("-o", "--output", type=Path, required=True, help="file to write (.wav .flac .ogg .mp3 .png)")
    one.add_argument("--force", action="store_true", help="replace the output if it exists")
    one.add_argument("--checkpoint", default="mini", help="mini (embedded, default), a folder, or a Hub id")
    one.add_argument("--device", help="cpu, cuda, mps; default: the best there is")
    if replayed:
        return
    one.add_argument("--live", action="store_true", help="with the checkpoint's few-step twin: quicker, less fine")
    one.add_argument("--seed", type=seed_number, default=0, help="same seed, same sound (default 0)")
    one.add_argument("--steps", type=positive(int), help="denoising steps; more is slower and finer")
    one.add_argument("--guidance", type=float, help="how strongly the words pull")
    one.add_argument("--guidance-interval", type=float, nargs=2, metavar=("FROM", "TO"),
                     help="timesteps (1000 is noise, 0 the picture) between which they do; default:"
                     " as the model wants it, 0 1000 is always")  # fmt: skip
    one.add_argument("--negative", metavar="WORDS", help="what it should not sound like")
    one.add_argument("--scheduler", help="dpm++ (default), pndm, ddim, lms, euler, euler_ancestral, lcm")
    one.add_argument("--quality", choices=("fast", "default", "best"), help="of the sound; best is slower")


def options_of(arguments):
    """What the command line said, under Python's names; what it left out is left to Python's defaults."""
    names = {"seed": "seed", "steps": "num_inference_steps", "guidance": "guidance_scale"}
    names |= {"guidance_interval": "guidance_interval"}
    names |= {"negative": "negative_prompt", "scheduler": "scheduler", "quality": "quality"}
    given = {python: getattr(arguments, name, None) for name, python in names.items()}
    return {name: value for name, value in given.items() if value is not None}


def make(function, arguments, progress):
    """Load the checkpoint and run one of the functions above."""
    riffer = riffkit.load(arguments.checkpoint, device=arguments.device)
    riffer = riffer.live() if getattr(arguments, "live", False) else riffer
    return function(riffer, arguments, options_of(arguments) | {"progress": progress})


def chapter(text):
    """An argparse type: "10: techno"."""
    time, colon, words = text.partition(":")
    try:
        return float(time), words.strip() if colon else float("no")
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is no chapter; expected "SECONDS: WORDS"') from None


def box(text):
    """An argparse type: "1.5-3" (seconds) or "1.5-3,200-2000" (seconds, hertz)."""
    try:
        numbers = [float(number) for side in text.split(",") for number in side.split("-")]
        if len(numbers) not in (2, 4):
            raise ValueError
        return tuple(numbers)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no box; expected START-END or START-END,LOW-HIGH") from None


def _mask(arguments):
    if arguments.box:
        return arguments.box
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(arguments.mask) as mask:
            mask.load()
        return mask
    except UnidentifiedImageError:
        raise ValueError(f"{arguments.mask} is no picture; a mask is white where it is to be repainted") from None
