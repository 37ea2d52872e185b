"""Words to a file: seconds, stage by stage; then beside stock diffusers with torchaudio's inversion.

    python -m benchmarks.speed                      make bench-speed
    python -m benchmarks.speed --runs 5 --steps 50

The first table is what a user waits for: the command line from start to end, in a fresh process per run. The second is
one process in which everything is loaded and warm. The peer paints with diffusers' own StableDiffusionPipeline from the
same folder, with the same scheduler and as many steps, in float32 and in the dtype riffkit chose, and inverts as
riffusion-hobby does (see peers.py). All take turns, so that a busy machine is busy for all; medians are printed.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

STAGE = re.compile(r"^  (\w+)\s+([\d.]+) s", re.MULTILINE)


def fresh_process(prompt, steps, seed):
    """Seconds of each stage of one `riffkit riff`, and of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "riffkit", "riff", prompt, "--steps", str(steps), "--seed", str(seed)]
        start = time.perf_counter()
        run = subprocess.run([*command, "-o", f"{folder}/riff.wav"], capture_output=True, text=True, check=True)
        whole = time.perf_counter() - start
        assert Path(folder, "riff.wav").stat().st_size > 100_000
    return {name: float(seconds) for name, seconds in STAGE.findall(run.stderr)} | {"whole process": whole}


def ours(riffer, prompt, steps, seed):
    """Seconds to the picture and from there to the sound."""
    ended = {}

    def listen(step, total, _=None):
        ended.setdefault(total - step, time.perf_counter())  # one step is left when the picture is there

    start = time.perf_counter()
    riffer.riff(prompt, seed, num_inference_steps=steps, progress=listen)
    return ended[1] - start, time.perf_counter() - ended[1]


def stock(pipe, invert, prompt, steps, seed):
    """The same of stock diffusers and the peer's inversion."""
    import torch

    import riffkit

    start = time.perf_counter()
    generator = torch.Generator().manual_seed(seed)
    image = pipe(prompt, num_inference_steps=steps, guidance_scale=5.0, generator=generator).images[0]
    painted = time.perf_counter()
    invert(riffkit.mel_from_image(image, riffkit.SpectrogramParams(n_mels=image.height)))
    return painted - start, time.perf_counter() - painted


def contestants():
    """Name and call of each way from words to sound."""
    import torch
    from diffusers import StableDiffusionPipeline
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    import riffkit
    from benchmarks.peers import Torchaudio

    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()
    riffer = riffkit.load(device="cpu")
    ours_dtype = riffer.checkpoint.dtype
    yield f"riffkit, {str(ours_dtype).removeprefix('torch.')}", lambda *given: ours(riffer, *given)
    invert = Torchaudio(riffer.params).invert
    for dtype in dict.fromkeys([torch.float32, ours_dtype]):
        pipe = StableDiffusionPipeline.from_pretrained(riffer.checkpoint.folder, dtype=dtype, local_files_only=True)
        pipe.set_progress_bar_config(disable=True)
        name = f"diffusers + torchaudio, {str(dtype).removeprefix('torch.')}"
        yield name, lambda *given, pipe=pipe: stock(pipe, invert, *given)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompt", default="church bells")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    given = (options.prompt, options.steps, options.seed)

    runs = [fresh_process(*given) for _ in range(options.runs)]
    print(f"riffkit riff {options.prompt!r}, {options.steps} steps, a fresh process each, median of {options.runs}\n")
    for name in runs[0]:
        print(f"  {name:<16}{median(run[name] for run in runs):8.2f} s")

    import torch

    calls = dict(contestants())
    taken = {name: [] for name in calls}
    for turn in range(options.runs + 1):
        for name, call in calls.items():
            seconds = call(*given)
            if turn:  # the first turn warms up
                taken[name].append(seconds)
    threads = f"{torch.get_num_threads()} threads on {os.cpu_count()} cores"
    print(f"\nwords to sound in one warm process, {options.steps} steps, {threads}, median of {options.runs}\n")
    print(f"  {'':<40}{'picture':>10}{'sound':>10}{'together':>10}")
    for name, seconds in taken.items():
        figures = [median(values) for values in (*zip(*seconds, strict=True), map(sum, seconds))]
        print(f"  {name:<40}" + "".join(f"{figure:8.2f} s" for figure in figures))


if __name__ == "__main__":
    main()
