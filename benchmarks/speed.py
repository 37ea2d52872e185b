"""Words to a file, in seconds and megabytes: riffkit beside stock diffusers with the peers' inversions.

    python -m benchmarks.speed                             make bench-speed
    python -m benchmarks.speed --runs 5 --steps 20 50
    python -m benchmarks.speed --full-size --steps 2       Stable Diffusion 1.5's size, random weights (see replica.py)

The first table is what a user waits for: the command line from start to end, in a fresh process per run. In the
second, each contestant has a process of its own, loaded and warm. They take turns, so that a busy machine is busy for
all; medians are printed, and the most memory that each process ever held. The third is a list of riffs in one call,
which are painted in batches, beside the same riffs one by one.

The peers paint with diffusers' own StableDiffusionPipeline from the same folder, with the same scheduler, guidance and
number of steps. librosa's mel inversion cannot be asked: for one clip at Riffusion's parameters its least squares want
155 GiB at once. In its place its Griffin-Lim starts from torchaudio's magnitudes, and takes 32 iterations.
"""

import argparse
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

from benchmarks.peak import peak_memory

STAGE = re.compile(r"^  (\w+)\s+([\d.]+) s", re.MULTILINE)
PROMPT, SEED, GUIDANCE = "church bells", 7, 4.0
CONTESTANTS = {
    "riffkit": ("ours", None, None),
    "diffusers + torchaudio": ("stock", None, "torchaudio"),
    "diffusers + librosa": ("stock", None, "librosa"),
    "diffusers in float32 + torchaudio": ("stock", "float32", "torchaudio"),
}


def fresh_process(steps):
    """Seconds of each stage of one `riffkit riff`, and of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "riffkit", "riff", PROMPT, "--steps", str(steps), "--seed", str(SEED)]
        start = time.perf_counter()
        run = subprocess.run([*command, "-o", f"{folder}/riff.wav"], capture_output=True, text=True, check=True)
        whole = time.perf_counter() - start
        assert Path(folder, "riff.wav").stat().st_size > 100_000
    return {name: float(seconds) for name, seconds in STAGE.findall(run.stderr)} | {"whole process": whole}


# -- in processes of their own ----------------------------------------------------------------------------------------


class Contestant:
    """A process that has a model loaded and makes one riff whenever asked."""

    def __init__(self, kind, dtype, inversion, checkpoint):
        context = multiprocessing.get_context("spawn")  # nothing of this process's memory is counted there
        self.pipe, there = context.Pipe()
        arguments = (there, kind, dtype, inversion, checkpoint)
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        there.close()
        self.dtype = self.pipe.recv()

    def seconds(self, steps):
        """Seconds to the picture, and from there to the file."""
        self.pipe.send(steps)
        return self.pipe.recv()

    def end(self):
        """The most memory the process ever held [MB]."""
        self.pipe.send(None)
        peak = self.pipe.recv()
        self.process.join()
        return peak


def _serve(pipe, kind, dtype, inversion, checkpoint):
    warnings.simplefilter("ignore")
    make, dtype = {"ours": _ours, "stock": _stock}[kind](dtype, inversion, checkpoint)
    pipe.send(dtype)
    while (steps := pipe.recv()) is not None:
        with tempfile.TemporaryDirectory() as folder:
            pipe.send(make(steps, f"{folder}/riff.wav"))
    pipe.send(peak_memory() / 1e6)
    pipe.close()


def _ours(dtype, inversion, checkpoint):
    import riffkit

    riffer = riffkit.load(checkpoint, device="cpu", dtype=dtype)

    def make(steps, path):
        ended = {}

        def listen(step, total, _=None):
            ended.setdefault(total - step, time.perf_counter())  # one step is left when the picture is there

        start = time.perf_counter()
        always = {"guidance_scale": GUIDANCE, "guidance_interval": (0, 1000)}  # as stock pipelines do
        options = always | {"num_inference_steps": steps}
        riffer.riff(PROMPT, SEED, scheduler="dpm++", progress=listen, **options).save(path)
        return ended[1] - start, time.perf_counter() - ended[1]

    return make, str(riffer.checkpoint.dtype).removeprefix("torch.")


def _stock(dtype, inversion, checkpoint):
    import soundfile
    import torch
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    import riffkit
    from benchmarks.peers import Torchaudio, librosa_griffin_lim
    from riffkit.models.checkpoint import choose_dtype, quiet_libraries
    from riffkit.models.files import find_folder

    chosen = choose_dtype(torch.device("cpu")) if dtype is None else getattr(torch, dtype)
    with quiet_libraries():
        pipe = StableDiffusionPipeline.from_pretrained(
            find_folder(checkpoint), dtype=chosen, local_files_only=True, safety_checker=None
        )
    pipe.scheduler = DPMSolverMultistepScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    params = riffkit.SpectrogramParams()
    peer = Torchaudio(params)

    def make(steps, path):
        start = time.perf_counter()
        generator = torch.Generator().manual_seed(SEED)
        options = {"num_inference_steps": steps, "guidance_scale": GUIDANCE, "generator": generator}
        image = pipe(PROMPT, **options).images[0]
        painted = time.perf_counter()
        mel = riffkit.mel_from_image(image, params)
        with torch.inference_mode():
            if inversion == "torchaudio":
                samples = peer.invert(mel)[0]
            else:
                samples = librosa_griffin_lim(peer.magnitudes(mel)[0].numpy(), params)
        soundfile.write(path, samples / max(abs(samples).max(), 1e-9), params.sample_rate)
        return painted - start, time.perf_counter() - painted

    return make, str(chosen).removeprefix("torch.")


def side_by_side(checkpoint, names, steps, runs, *, together):
    """Seconds and peak memory of each contestant; `together` they stay loaded and take turns, else one by one."""
    taken = {(name, n): [] for n in steps for name in names}
    peaks, dtypes = {}, {}
    for group in [names] if together else [[name] for name in names]:
        alive = {name: Contestant(*CONTESTANTS[name], checkpoint) for name in group}
        for turn in range(-1, runs):
            for n in steps:
                for name, contestant in alive.items():
                    if turn >= 0:
                        taken[name, n].append(contestant.seconds(n))
                    elif n == steps[0]:
                        contestant.seconds(1)  # warm up
        for name, contestant in alive.items():
            dtypes[name], peaks[name] = contestant.dtype, contestant.end()
    for n in steps:
        print(f"\n  {f'{n} steps':<46}{'picture':>10}{'sound':>10}{'together':>10}{'peak memory':>14}")
        for name in names:
            seconds = taken[name, n]
            figures = [median(values) for values in (*zip(*seconds, strict=True), map(sum, seconds))]
            line = f"  {f'{name} ({dtypes[name]})':<46}" + "".join(f"{figure:8.2f} s" for figure in figures)
            print(f"{line}{peaks[name]:11.0f} MB", flush=True)


def batches(steps, runs, count=8):
    """Seconds per riff of a list of riffs, in batches and one by one."""
    import dataclasses

    import numpy as np

    import riffkit
    from riffkit.models.memory import Memory

    riffer = riffkit.load(device="cpu")
    riffers = {n: riffkit.Riffer(dataclasses.replace(riffer.checkpoint, memory=Memory(together=n))) for n in (1, 4)}
    taken, made = {n: [] for n in riffers}, {}
    for turn in range(runs + 1):
        for n, one in riffers.items():
            start, used = time.perf_counter(), time.process_time()
            options = {"num_inference_steps": steps, "quality": "fast", "progress": False}
            made[n] = one.riff(PROMPT, list(range(count)), **options)
            if turn:
                taken[n].append(((time.perf_counter() - start) / count, (time.process_time() - used) / count))
    print(f"\n{count} riffs in one call, {steps} steps, quality 'fast', per riff\n")
    for n, seconds in taken.items():
        wall, cpu = (min(values) for values in zip(*seconds, strict=True))
        print(f"  {f'{n} at a time':<20}{wall:8.2f} s {cpu:8.2f} s of processor time", flush=True)
    same = [np.array_equal(np.asarray(a.image), np.asarray(b.image)) for a, b in zip(*made.values(), strict=True)]
    print(f"  the same bits: {sum(same)} of {count}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[20, 50])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--full-size", action="store_true", help="a replica of Stable Diffusion 1.5 (about 10 GB)")
    parser.add_argument("--replica", type=Path, help="folder to keep the replica in; default: a temporary one")
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS), metavar="NAME")
    options = parser.parse_args()
    cores = f"{os.cpu_count()} cores"
    if options.full_size:
        from benchmarks.replica import save_replica

        with tempfile.TemporaryDirectory() as folder:
            folder = save_replica(options.replica or folder)
            print(f"words to a file, Stable Diffusion 1.5's configuration with random weights, {cores}")
            side_by_side(folder, options.only, options.steps, options.runs, together=False)
        return
    first = options.steps[0]
    runs = [fresh_process(first) for _ in range(options.runs)]
    print(f"riffkit riff {PROMPT!r}, {first} steps, a fresh process each, median of {options.runs}, {cores}\n")
    for name in runs[0]:
        print(f"  {name:<16}{median(run[name] for run in runs):8.2f} s")
    print(f"\nwords to a file (5.12 s), loaded and warm, each in its own process, median of {options.runs}")
    side_by_side("mini", options.only, options.steps, options.runs, together=True)
    batches(first, options.runs)


if __name__ == "__main__":
    main()
