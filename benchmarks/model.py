"""Does the embedded model play what the words say? A judge that only ever heard real renders listens.

    python -m benchmarks.model                     600 held-out prompts and all else (make bench-model)
    python -m benchmarks.model --quick             a tenth of each
    python -m benchmarks.model --only rows,near    some parts: rows, names, aimed, near, twin, copies, understanding,
                                                   cost, laws
    python -m benchmarks.model --minutes 8         stop after so long; the same call again goes on

Clips are kept under work/bench, by the hash of the model, so that scoring can be repeated. Shares stand for real
renders of the pieces, for clips painted from the words, and for the same clips judged by each other's words (what a
model that ignores words would get), each with its 95 % interval. A question is asked only of prompts that say the
answer. The judge is trained by `python -m benchmarks.judging`; real renders need the soundfont (`riffkit doctor` says
how).
"""

import argparse
import functools
import json
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np

import riffkit
from benchmarks.judging import network
from benchmarks.trial import costs, nearness, reading
from benchmarks.trial.clips import Deadline, painted, played, redrawn
from benchmarks.trial.prompts import aimed_prompts, effect_prompts, held_out_prompts, names_alone, other_pieces
from benchmarks.trial.rows import cell, columns_of, print_table, worst
from riffkit.compose.rendering import render_to_disk

KINDS = {"instrument": "solos by name", "genre": "genres by name", "sound": "sounds by name",
         "percussion": "percussion by name"}  # fmt: skip
AIMED = {"side": 25, "effect": 5, "root": 12, "mood": 40, "tempo": 30, "drums": 60}


class Trial:
    """A model, a judge, and where clips are kept."""

    def __init__(self, options):
        self.options, self.deadline = options, Deadline(options.minutes)
        self.riffer = riffkit.load(options.model)
        asked = {"num_inference_steps": options.steps, "guidance_scale": options.guidance,
                 "guidance_interval": options.guidance_interval}  # fmt: skip
        changed = {name: value for name, value in asked.items() if value is not None}
        self.usual = asdict(self.riffer.defaults) | changed
        steps, interval = self.usual["num_inference_steps"], self.usual["guidance_interval"]
        guidance = f"{self.usual['guidance_scale']:g}@{interval[0]:g}-{interval[1]:g}"
        name = self.riffer.checkpoint.hash[:12]
        self.folder = options.work / f"{name}-{steps}-{guidance}"
        print(f"model {name}, {steps} steps, guidance {guidance}")

    @functools.cached_property
    def judge(self):
        """Who listens."""
        judge, name = network.load(self.options.judge)
        print(f"judge {name}")
        return judge

    def count(self, number):
        """So many prompts, or a tenth."""
        return max(number // 10, 2) if self.options.quick else number

    def paint(self, name, prompts):
        """Clips of prompts by the model."""
        words = [prompt.words for prompt in prompts]
        return painted(self.folder, name, self.riffer, words, self.deadline, **self.usual)

    def play(self, name, pieces, change=None):
        """Real renders of pieces."""
        return played(self.options.work / "real", name, pieces, self.deadline, *([change] if change else []))

    def both(self, name, prompts):
        """Real renders and clips of prompts."""
        return self.play(name, [prompt.piece for prompt in prompts]), self.paint(name, prompts)


def report_rows(trial):
    """Held-out captions: every row, faults, brilliance and panorama."""
    prompts = held_out_prompts(trial.count(trial.options.prompts))
    real, clips = trial.both("held-out", prompts)
    print_table(f"{len(prompts)} held-out captions", columns_of(trial.judge, real, clips, prompts))
    nearness.print_faults(clips)
    nearness.print_panorama(real, clips)


def report_names(trial):
    """Nothing but a name: every genre, every instrument alone, every sound, all percussion."""
    for kind, title in KINDS.items():
        prompts = names_alone(kind)
        prompts = prompts[:: max(len(prompts) // 4, 1)] if trial.options.quick else prompts
        real, clips = trial.both(f"names-{kind}", prompts)
        columns = columns_of(trial.judge, real, clips, prompts)
        print_table(title, columns)
        if missed := worst(columns, prompts, kind, 12):
            print(f"  not heard, though in real renders: {', '.join(missed)}")


def report_aimed(trial):
    """Captions that say one thing among others: sides, production, keys, tempi, drums or none."""
    for question, each in AIMED.items():
        each = max(each // 10, 1) if trial.options.quick else each
        prompts = effect_prompts(each) if question == "effect" else aimed_prompts(question, each)
        real, clips = trial.both(f"aimed-{question}", prompts)
        print_table(f"captions that say {question}", columns_of(trial.judge, real, clips, prompts), (question,))


def report_near(trial):
    """Distance to other real renders."""
    prompts = held_out_prompts(trial.count(trial.options.prompts))
    real, clips = trial.both("held-out", prompts)
    pieces = [prompt.piece for prompt in prompts]
    others = trial.play("others", other_pieces(len(prompts)))
    params = trial.riffer.params
    name = f"drawn-{params.n_mels}-{params.fmax:.0f}-{params.channels}"
    drawn = trial.play(name, pieces[: len(pieces) // 2], redrawn(params))
    half = np.arange(len(drawn))
    nearness.print_frechet(trial.judge, clips, others, {"real": real})
    if len(drawn) > nearness.COMPONENTS:
        on_the_way = {"real": real[half], "drawn and played": drawn}
        nearness.print_frechet(trial.judge, clips[half], others[half], on_the_way)


def report_twin(trial):
    """The few-step twin beside the model, on the same prompts."""
    if trial.riffer.checkpoint.live_file is None:
        return print("\nthis model has no few-step twin")
    prompts = held_out_prompts(trial.count(trial.options.prompts * 2 // 5))
    real, clips = trial.both("twin", prompts)
    words = [prompt.words for prompt in prompts]
    quick = painted(trial.folder, "twin-live", trial.riffer.live(), words, trial.deadline)
    ours, theirs = (columns_of(trial.judge, real, some, prompts) for some in (clips, quick))
    columns = {"real": ours["real"], "model": ours["generated"], "generated": theirs["generated"]}
    print_table("few-step twin (generated) and the model itself", columns)
    others = trial.play("others", other_pieces(len(prompts)))
    distances = [nearness.print_frechet(trial.judge, some, others, {"real": real}) for some in (clips, quick)]
    print(f"  the twin's distance is {100 * (distances[1]['generated'] / distances[0]['generated'] - 1):+.0f} %")


def report_copies(trial):
    """Clips against training pictures."""
    recipe = json.loads((trial.riffer.checkpoint.folder / "recipe.json").read_text())
    if not trial.riffer.params.stereo:
        return print("\ncopies: this model learnt from other pictures; python -m benchmarks.first.model looks there")
    prompts = held_out_prompts(trial.count(trial.options.prompts))
    real, clips = trial.both("held-out", prompts)
    if trial.options.run:
        trained = np.load(trial.options.run / "corpus" / "pictures.npy", mmap_mode="r")
    else:
        n = min(recipe["n_pieces"], trial.count(trial.options.library))
        trial.deadline.check()
        first, folder = recipe.get("first_seed", 0), trial.options.work / f"trained-{recipe['corpus']}-{n}"
        trained = render_to_disk(folder, recipe["corpus"], first, n).pictures
    nearness.print_copies(clips, real, trained)


def report_understanding(trial):
    """The text encoder alone."""
    n = trial.count(trial.options.captions)
    learnt = reading.captions_of(reading.LEARNT_SEED, n, held_out=False)
    asked = reading.captions_of(reading.ASKED_SEED, n // 4, held_out=True)
    print(
        f"\ntext encoder alone: a linear probe on {len(learnt)} captions, asked about {len(asked)} of held-out pieces"
    )
    for kind, right in reading.answers_of(trial.riffer.checkpoint, learnt, asked).items():
        print(f"  {kind:12s}{cell(right)}")


def report_cost(trial):
    """Seconds, memory, size."""
    print()
    costs.print_costs(trial.options.model, trial.riffer)


def report_laws(trial):
    """The same bits again, stock diffusers, odd prompts."""
    print()
    costs.print_laws(trial.options.model, trial.riffer, "fast bossa nova with flute, wide", trial.usual)


PARTS = {"rows": report_rows, "names": report_names, "aimed": report_aimed, "near": report_near, "twin": report_twin,
         "copies": report_copies, "understanding": report_understanding, "cost": report_cost,
         "laws": report_laws}  # fmt: skip


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--prompts", type=int, default=600, help="held-out captions")
    parser.add_argument("--quick", action="store_true", help="a tenth of each")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--steps", type=int, help="default: as the model says, and so with the next two")
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--guidance-interval", type=float, nargs=2, metavar=("FROM", "TO"))
    parser.add_argument("--captions", type=int, default=8000, help="from which the probe of the text encoder learns")
    parser.add_argument("--library", type=int, default=2048, help="training pictures to look for copies in")
    parser.add_argument("--run", type=Path, help="folder of the training: look for copies in all its pictures instead")
    parser.add_argument("--judge", type=Path, default=network.WEIGHTS)
    parser.add_argument("--minutes", type=float, help="stop after so long; the same call again goes on")
    parser.add_argument("--work", type=Path, default=Path("work/bench"))
    options = parser.parse_args()
    wanted = options.only.split(",")
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(PARTS)}")
    warnings.simplefilter("ignore")
    try:
        trial = Trial(options)
        for part, report in PARTS.items():
            if part in wanted:
                report(trial)
    except (TimeoutError, FileNotFoundError) as pause:
        raise SystemExit(str(pause)) from None


if __name__ == "__main__":
    main()
