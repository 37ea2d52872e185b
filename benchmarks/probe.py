"""The model as a program: seconds and memory of a fresh process, stock diffusers, prompts nobody planned for."""

import numpy as np
import torch

import riffkit
from riffkit.sound.metadata import params_from_image

# Run with `python -c` and a model, "words" or "live", and "file" if a sound file shall be written each time: prints one
# line of JSON. A process of its own, so that its memory is that of riffkit alone.
FACTS_OF_A_PROCESS = """
import json, pathlib, sys, tempfile, time
from benchmarks.peak import peak_memory
started = time.perf_counter()
import riffkit
riffer = riffkit.load(sys.argv[1])
load = time.perf_counter() - started
if sys.argv[2] == "live":
    riffer = riffer.live()
seconds, home = [], pathlib.Path(tempfile.mkdtemp())
for seed, words in enumerate(["warm up", *["church bells", "funky slap bass with drums", "slow sad strings"] * 5]):
    started = time.perf_counter()
    riff = riffer.riff(words, seed=seed, progress=False)
    if "file" in sys.argv:
        riff.clip.save(home / "riff.wav", overwrite=True)
    riff.clip
    seconds.append(time.perf_counter() - started)
seconds = sorted(seconds[1:])
print(json.dumps({
    "load": load, "seconds": seconds[len(seconds) // 2], "best": seconds[0], "n": len(seconds),
    "duration": riff.clip.duration, "channels": riff.clip.n_channels, "memory_gb": peak_memory() / 2**30,
}))
(home / "riff.wav").unlink(missing_ok=True)
home.rmdir()
"""


def stock_difference(folder, words, seed, steps, guidance):
    """Largest difference in grey levels between riffkit's picture and stock diffusers' from the same start.

    Both run in float32 from the same noise, drawn on the CPU from the same seed, and guide at every step.

    Returns
    -------
    int, float
        Largest and mean difference, of 255.
    """
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(seed)
    stock = pipe(words, num_inference_steps=steps, guidance_scale=guidance, generator=generator).images[0]
    always = dict(guidance_scale=guidance, guidance_interval=(0, 1000))  # stock pipelines know no interval
    ours = riffkit.load(folder, device="cpu", dtype="float32").riff(
        words, seed=seed, num_inference_steps=steps, progress=False, **always
    )
    if params_from_image(ours.image).stereo:  # green and blue are left and right
        a, b = (np.asarray(image.convert("RGB"), np.int16)[..., 1:] for image in (stock, ours.image))
    else:
        a, b = (np.asarray(image.convert("L"), np.int16) for image in (stock, ours.image))
    return int(np.abs(a - b).max()), float(np.abs(a - b).mean())


def odd_prompts(riffer):
    """Letter case, accents, emoji, 500 words, nothing at all: "n of m" that gave finite, audible sound."""
    prompts = ("PIANO Solo", "café señorita", "🎹🎸", "drums " * 500, "")
    riffs = [riffer.riff(prompt, num_inference_steps=2, progress=False) for prompt in prompts]
    sounds = [riff.clip.samples for riff in riffs]
    good = sum(bool(np.isfinite(sound).all() and np.abs(sound).max() > 0.01) for sound in sounds)
    return f"{good} of {len(prompts)}"
