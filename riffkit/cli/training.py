"""The doors to fine-tuning: recordings to a data set, a data set to a LoRA or a new checkpoint."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riffkit.cli.arguments import add_checkpoint, lines_of, number, positive, seed_number, shard, words
from riffkit.cli.console import tell

KINDS = ("folder", "musiccaps", "song-describer")

Say = Callable[[str], Any]


def dataset(arguments: argparse.Namespace, say: Say) -> None:
    """A folder of recordings with captions to a data set; again, to go on after an interruption."""
    from riffkit.training.data.dataset import build_dataset
    from riffkit.training.data.segment import Cutting

    cutting = Cutting(on_bars=arguments.on_bars, clean=arguments.clean, silence_db=arguments.silence,
                      add_tempo=arguments.add_tempo, add_key=arguments.add_key)  # fmt: skip
    made = build_dataset(
        arguments.source, arguments.output, kind=arguments.kind, cutting=cutting, validation=arguments.validation,
        seed=arguments.seed, workers=arguments.workers, shard=arguments.shard,
    )  # fmt: skip
    say(made.report())
    tell(made.folder)


def finetune(arguments: argparse.Namespace, say: Say) -> None:
    """Teach a checkpoint the sound of a data set; again, to go on after an interruption."""
    from riffkit.training.finetune.config import Tuning
    from riffkit.training.finetune.run import finetune as tune

    given = {name: getattr(arguments, name) for name in Tuning.__dataclass_fields__ if name in vars(arguments)}
    tuning = Tuning(**{name: value for name, value in given.items() if value is not None})
    made = tune(arguments.source, arguments.output, tuning, checkpoint=arguments.checkpoint, cpu=arguments.cpu,
                tracker=None if arguments.tracker == "none" else arguments.tracker, say=say)  # fmt: skip
    tell(made)


def add_commands(command: Callable[[Callable[..., Any], str], argparse.ArgumentParser]) -> None:
    """Add these doors to the command line: `command(function, example)` makes one."""
    one = command(dataset, "riffkit dataset my-music my-data --on-bars --add-tempo")
    one.add_argument("source", type=Path, help="folder of recordings; captions in metadata.jsonl or .csv, in a .txt or "
                     ".json beside each file, or in the folders' names")  # fmt: skip
    one.add_argument("output", type=Path, help="folder to write")
    one.add_argument("--kind", choices=KINDS, default="folder", help="a known collection (default: any folder)")
    one.add_argument("--on-bars", action="store_true", help="cut whole bars where a tempo is found")
    one.add_argument("--clean", action="store_true", help="draw faint hiss as white, as the embedded model knows it")
    one.add_argument("--silence", type=float, default=-55.0, metavar="DB", help="quieter parts are left out")
    one.add_argument("--add-tempo", action="store_true", help="say the tempo in the caption")
    one.add_argument("--add-key", action="store_true", help="say the key in the caption")
    one.add_argument("--validation", type=number, default=0.1, metavar="SHARE", help="of the tracks (default 0.1)")
    one.add_argument("--seed", type=seed_number, default=0, help="chooses these tracks")
    one.add_argument("--workers", type=positive(int), help="files at once (default: one per core)")
    one.add_argument("--shard", type=shard, metavar="I/N", help="do part I of N only, counted from 0; when all are "
                     "done, once more without it")  # fmt: skip

    one = command(finetune, "riffkit finetune my-data --output my-lora --steps 400")
    one.add_argument("source", type=Path, metavar="dataset", help="what `riffkit dataset` made")
    one.add_argument("-o", "--output", type=Path, required=True, help="folder of the run")
    add_checkpoint(one)
    one.add_argument("--method", choices=("lora", "full"), help="a small file (default), or a whole new checkpoint")
    one.add_argument("--rank", type=positive(int), help="of the LoRA: how much it can learn (default 8)")
    one.add_argument("--reach", choices=("attention", "all"), help="which layers; default: by the checkpoint's size")
    one.add_argument("--text-encoder", action="store_true", help="let the text encoder learn as well")
    one.add_argument("--start", metavar="LORA", help="go on with a finished LoRA: its file, or its folder")
    one.add_argument("--steps", type=positive(int), dest="n_steps", help="default 400")
    one.add_argument("--batch", type=positive(int), help="pictures at once, in each process (default 8)")
    one.add_argument("--accumulation", type=positive(int), help="parts of a step: as a larger batch, in less memory")
    one.add_argument("--learning-rate", type=positive(float), help="default: by the checkpoint's size")
    one.add_argument("--warmup", type=positive(int), help="steps (default: a tenth of all, 20 at most)")
    one.add_argument("--caption-dropout", type=number, help="how often the words are left out (default 0.1 without "
                     "--preserve, else 0)")  # fmt: skip
    one.add_argument("--preserve", type=number, metavar="SHARE", help="of the examples that are about other things, "
                     "so that these stay as they were (default 0.5; 0 lets the model forget)")  # fmt: skip
    one.add_argument("--repertoire", type=lines_of, metavar="FILE", help="prompts about these other things, one in a "
                     "line (default: instruments and styles)")  # fmt: skip
    one.add_argument("--gradient-checkpointing", action="store_true", help="less memory, a third slower")
    one.add_argument("--optimizer", choices=("adam", "adam8bit"), help="adam8bit: less GPU memory")
    one.add_argument("--mixed-precision", choices=("no", "bf16", "fp16"), help="default: what the device does best")
    one.add_argument(
        "--prompt", action="append", type=words, dest="prompts", help="played at every checkpoint; as many as you like"
    )
    one.add_argument("--checkpoint-every", type=positive(int), metavar="STEPS", help="default 100")
    one.add_argument("--seed", type=seed_number, help="default 0")
    one.add_argument("--cpu", action="store_true", help="stay on the CPU")
    one.add_argument(
        "--tracker", default="tensorboard", help="one that accelerate knows, or none (default tensorboard)"
    )
