"""Killed at any write, or with the disk full at any write, the same command ends with the same bits.

A sample of the moments, seeded; every one of them with RIFFKIT_FAULTS=1.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from toys import save_toy

sys.path.insert(0, str(Path(__file__).parent))
from striped import THOROUGH, save_stripes

SAMPLE = 2  # moments of each run

PROGRAM = """
import dataclasses, json, os, random, sys
sys.path[:0] = [{here!r}, {tests!r}]
import warnings
warnings.simplefilter("ignore")
import torch
from injector import tried
kind, how, home, given, thorough, seed = json.loads(sys.argv[1])
from pathlib import Path
home = Path(home)

def numbers(count):
    every = range(1, count + 1)
    if thorough:
        part = os.environ.get("RIFFKIT_FAULTS_PART")  # such as 0/3, for several sittings
        first, step = map(int, part.split("/")) if part else (0, 1)
        return every[first::step]
    return sorted(random.Random(seed).sample(every, min({sample}, count)))

skip = ("page.html",)  # its sounds get another number at every writing, as OGG wants it
if kind == "dataset":
    from riffkit.training.data.dataset import build_dataset
    def run(out):
        build_dataset(given, out, workers=1, progress=False)
elif kind == "train-mini":
    import numpy as np
    from riffkit.compose import rendering
    def played(seeds, *args, **options):
        for seed in seeds:
            yield np.random.default_rng(seed).integers(0, 256, (2, 512, 512)).astype(np.uint8)
    rendering.render_corpus, rendering.check_soundfont, rendering.CHUNK = played, lambda soundfont: None, 3
    from riffkit.training.scratch import run as scratch
    once = dict.fromkeys(("text_steps", "unet_steps", "autoencoder_steps", "distil_steps"), 1)
    recipe = scratch.Recipe(corpus="narrow", n_pieces=6, batch=2, channels=4, widths=(32, 32), text_width=32,
                            text_layers=1, **once)
    from riffkit.training.scratch import export, text_encoder
    build, told = export.build_tokenizer, text_encoder._captions_and_facts  # most of a child's time goes there
    export.build_tokenizer = lambda corpus, **options: build(corpus, n_captions=200, **options)
    text_encoder._captions_and_facts = lambda *args: told(*args[:-1], min(args[-1], 8))
    scratch.Tryout.__call__ = lambda self, trainer: None
    from riffkit.training.trainer import Trainer
    plain = Trainer.__init__
    def untimed(self, name, folder, module, groups, config, **options):
        plain(self, name, folder, module, groups, dataclasses.replace(config, timed=False, save_every=0.0), **options)
    Trainer.__init__ = untimed
    from diffusers.utils import logging
    logging.set_verbosity_error()
    def run(out):
        scratch.train_mini(out, recipe, cpu=True, progress=False)
else:
    from riffkit.training.finetune.config import Tuning
    from riffkit.training.finetune.run import finetune
    more = dict(word="<pan>", like="drums") if kind == "word" else {{}}
    tuning = Tuning(method=kind, rank=2, n_steps=2, batch=2, warmup=1, mixed_precision="no", checkpoint_every=1,
                    validation_steps=int(kind == "lora"), prompts=("jazz",), repertoire=("jazz",), **more)
    data, mini = given
    def run(out):
        finetune(data, out, tuning, checkpoint=mini, cpu=True, tracker=None, progress=False)

events, wrong = tried(run, home, numbers, how, skip)
print(json.dumps([events, wrong]))
"""


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return save_toy(tmp_path_factory.mktemp("toys") / "mini", like="mini")


@pytest.fixture(scope="module")
def stripes(tmp_path_factory):
    return save_stripes(tmp_path_factory.mktemp("stripes") / "data")


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    """Three recordings of one or two pictures, two of them alike."""
    folder = tmp_path_factory.mktemp("songs") / "in"
    folder.mkdir()
    for number, seconds in enumerate((6, 11, 6)):
        t = np.arange(seconds * 8000) / 8000
        pitch = 110 * 2 ** (np.random.default_rng(number % 2).integers(0, 36, 24) / 12)
        samples = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch[(t * 2).astype(int)]) / 8000) * (1 - t * 2 % 1)
        soundfile.write(folder / f"{number}.wav", samples, 8000)
        (folder / f"{number}.txt").write_text(f"tune {number}")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("kind", ["dataset", "lora", "full", "word", "train-mini"])
def test_struck_at_any_write_it_goes_on_to_the_same_bits(request, tmp_path, kind, how):
    given = None
    if kind == "dataset":
        given = str(request.getfixturevalue("songs"))
    elif kind != "train-mini":
        given = [str(request.getfixturevalue(name)) for name in ("stripes", "mini")]
    here = Path(__file__).parent
    program = PROGRAM.format(here=str(here), tests=str(here.parent), sample=SAMPLE)
    asked = json.dumps([kind, how, str(tmp_path), given, THOROUGH, f"{kind} {how}"])
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run([sys.executable, "-c", program, asked], capture_output=True, text=True, env=one_thread)
    assert done.returncode == 0, done.stderr
    events, wrong = json.loads(done.stdout.splitlines()[-1])
    print(f"{kind}, {how}: {events} events")
    assert events > 20 and wrong == []
