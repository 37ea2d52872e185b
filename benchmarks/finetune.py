"""Does fine-tuning teach a new sound, and leave the others alone?    python -m benchmarks.finetune

For a timbre in data/timbres, which the embedded model has never heard: cut the clips to a data set, train a LoRA, make
sounds from held-out prompts with the same seeds before and after, and print how far they are from real renders of these
prompts (energy distance of mel statistics; real against real is what is possible), how far prompts about other things
have moved, beside what chance moves, and whether stock diffusers makes the same picture with the file. Needs the
soundfont for the real renders.

    python -m benchmarks.finetune --timbres sitar "steel drums"    both
    python -m benchmarks.finetune --speed                          samples per second beside stock diffusers' LoRA loop
    python -m benchmarks.finetune --full-size                      a step with Stable Diffusion 1.5's configuration
    python -m benchmarks.finetune --write-clips data/timbres       how the clips were made (needs the soundfont)
"""

import argparse
import dataclasses
import json
import random
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import torch

import riffkit
from benchmarks import finetune_steps
from riffkit.compose.captions import caption
from riffkit.compose.score import NARROW, compose
from riffkit.compose.soundfont import LOOP_SAMPLES, SAMPLE_RATE, Player
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.models.checkpoint import quiet_libraries
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams
from riffkit.training.data.dataset import build_dataset
from riffkit.training.data.segment import Cutting
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.run import finetune
from riffkit.training.losses import losses_of

TIMBRES = ("sitar", "steel drums")
CLIPS = 20
CLIP_SEED, HELD_OUT_SEED = 60_000_000, 61_000_000  # no training corpus, judge or example has these
# None of them is a prompt of the repertoire; harpsichord, koto and oboe are not even named in it.
OTHERS = ("piano melody", "flute melody", "nylon guitar melody", "violin melody", "church organ chords",
          "marimba melody", "harpsichord melody", "koto melody", "oboe melody", "slow sad guitar and flute",
          "fast techno beat", "rock drums and electric bass")  # fmt: skip
TAKES = 3  # seeds of each
TUNING = Tuning(rank=16, n_steps=200, text_encoder=True, checkpoint_every=10_000, validation_steps=0)
MINUTES = 5  # of training, at most


def solos(instrument, first_seed, count):
    """Pieces that one instrument plays alone and plainly, in the tempo and the keys of the narrow corpus."""
    corpus = dataclasses.replace(
        NARROW, name=instrument, instruments=(instrument, "piano"), max_parts=1, textures=(), articulations=()
    )
    found, seed = [], first_seed
    while len(found) < count:
        piece = compose(seed, corpus)
        seed += 1
        plain = piece.pattern is None and piece.genre is None and piece.density != "sparse"
        if plain and [part.instrument for part in piece.parts] == [instrument]:
            found.append(piece)
    return found


def words_for(piece):
    """A caption that begins with the instrument's name and says the rest as the corpus does."""
    name = piece.parts[0].instrument
    said = caption(piece, random.Random(f"words {piece.seed}"))
    return said if name in said else f"{name}, {said}"


def write_clips(folder):
    """Render the clips of data/timbres."""
    player = Player()
    for timbre in TIMBRES:
        home = folder / timbre.replace(" ", "-")
        home.mkdir(parents=True, exist_ok=True)
        lines = []
        for number, piece in enumerate(solos(timbre, CLIP_SEED, CLIPS)):
            samples = player.play(piece)
            name = f"{timbre.replace(' ', '-')}-{number:02d}.ogg"
            clip = riffkit.Clip((samples * (0.7 / np.abs(samples).max())).astype(np.float32), SAMPLE_RATE)
            clip.save(home / name, overwrite=True)
            lines.append({"file_name": name, "text": words_for(piece), "bpm": round(piece.bpm, 2), "loop": True,
                          "license": "MIT", "source": "composed and rendered by riffkit"})  # fmt: skip
        (home / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def statistics(loops):
    """What each sound is like whatever it plays: mean and spread over time of 32 mel bands, each sound's own level off.

    Parameters
    ----------
    loops : list of np.ndarray [shape=(n,), 44.1 kHz]

    Returns
    -------
    np.ndarray [shape=(n, 64)]
    """
    params = SpectrogramParams(n_mels=32)
    rows = []
    for samples in loops:
        samples = np.pad(samples[:LOOP_SAMPLES], (0, max(0, LOOP_SAMPLES - len(samples))))
        level = 20 * np.log10(mel_from_samples(samples, params, periodic=True)[0] + 1e-3 * np.abs(samples).max() + 1e-6)
        level -= level.max()
        rows.append(np.concatenate([level.mean(1), level.std(1)]))
    return np.stack(rows)


def energy_distance(a, b):
    """How far two sets of sounds lie apart, in dB per band: 0 for sets from the same source, but for chance.

    References
    ----------
    Szekely & Rizzo, "Energy statistics", Journal of Statistical Planning and Inference 143, 2013.
    """

    def mean_distance(x, y, same):
        d = np.sqrt(((x[:, None] - y[None]) ** 2).mean(-1))
        return d.sum() / (len(x) * (len(x) - 1)) if same else d.mean()

    return 2 * mean_distance(a, b, False) - mean_distance(a, a, True) - mean_distance(b, b, True)


def by_prompt(a, b):
    """Energy distance of takes of the same prompt, the mean over prompts: how far these prompts have moved."""
    return float(np.mean([energy_distance(a[i : i + TAKES], b[i : i + TAKES]) for i in range(0, len(a), TAKES)]))


def by_chance(a, b, share=0.95, shuffles=400):
    """What `by_prompt` stays below in this share of cases, if the takes of each prompt are dealt out at random."""
    rng, distances = np.random.default_rng(0), []
    both = np.concatenate([a.reshape(-1, TAKES, a.shape[-1]), b.reshape(-1, TAKES, b.shape[-1])], 1)
    for _ in range(shuffles):
        dealt = np.stack([takes[rng.permutation(2 * TAKES)] for takes in both])
        distances.append(by_prompt(*(half.reshape(a.shape) for half in (dealt[:, :TAKES], dealt[:, TAKES:]))))
    return float(np.quantile(distances, share))


def generate(riffer, prompts, seed=0):
    riffs = [riffer.riff(prompt, seed=seed + i, progress=False) for i, prompt in enumerate(prompts)]
    return [riff.clip.mono().samples[0] for riff in riffs]


def tuned(timbre, folder, tuning):
    """Data set and LoRA of a timbre; returns the LoRA's path."""
    slug = timbre.replace(" ", "-")
    data = build_dataset(Path("data/timbres") / slug, folder / f"{slug}-data", cutting=Cutting(clean=True))
    started = time.perf_counter()
    made = finetune(data, folder / f"{slug}-lora", tuning, cpu=not torch.cuda.is_available(), say=print)
    seconds = time.perf_counter() - started
    checked = [entry for entry in losses_of(folder / f"{slug}-lora") if "validation_loss" in entry]
    loss, moved = ([entry.get(name, 0.0) for entry in checked] for name in ("validation_loss", "moved"))
    print(f"{data}\n{tuning.n_steps} steps of {tuning.batch} pictures in {seconds:.0f} s"
          f" ({'within' if seconds <= 60 * MINUTES else 'OVER'} {MINUTES} minutes);"
          f" validation loss {loss[0]:.4f} -> {loss[-1]:.4f}, of other things {moved[-1]:.4f}")  # fmt: skip
    return made


def stock_difference(made, prompt):
    """Largest difference, in grey levels of 255, of one picture from riffkit and from stock diffusers, in float32."""
    from diffusers import StableDiffusionPipeline

    plain = riffkit.load(device="cpu", dtype="float32")
    ours = plain.with_lora(made).riff(prompt, seed=1, progress=False)
    settings = ours.recipe["arguments"]
    steps, guidance = settings["num_inference_steps"], settings["guidance_scale"]
    with quiet_libraries():
        pipe = StableDiffusionPipeline.from_pretrained(plain.checkpoint.folder, torch_dtype=torch.float32)
        pipe.load_lora_weights(str(made.parent))
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = make_scheduler("dpm++", plain.checkpoint.scheduler_config, steps)
    stock = pipe(prompt, num_inference_steps=steps, guidance_scale=guidance,
                 generator=torch.Generator().manual_seed(1)).images[0]  # fmt: skip
    one, other = (np.asarray(image.convert("L"), int) for image in (ours.image, stock))
    return int(np.abs(one - other).max()), float(np.abs(one - other).mean())


def main_table(options):
    folder = options.folder or Path(tempfile.mkdtemp())
    tuning = dataclasses.replace(
        TUNING, n_steps=options.steps or TUNING.n_steps, reach=options.reach, preserve=options.preserve
    )
    player, base = Player(), riffkit.load()
    other_prompts = [prompt for prompt in OTHERS for _ in range(TAKES)]
    others = statistics(generate(base, other_prompts, 500))
    others_again = statistics(generate(base, other_prompts, 900))
    for timbre in options.timbres:
        print(f"\n{timbre}")
        made = tuned(timbre, folder, tuning)
        pieces = solos(timbre, HELD_OUT_SEED, 2 * options.prompts)
        real = statistics([player.play(piece) for piece in pieces])
        one, two = real[: options.prompts], real[options.prompts :]
        prompts = [words_for(piece) for piece in pieces[: options.prompts]]
        riffer = base.with_lora(made)
        before, after = statistics(generate(base, prompts)), statistics(generate(riffer, prompts))
        moved = statistics(generate(riffer, other_prompts, 500))
        print(f"energy distance, dB per band ({options.prompts} held-out prompts; {len(OTHERS)} others, {TAKES} takes)")
        for name, distance in (
            (f"{timbre}: base to real", energy_distance(before, two)),
            (f"{timbre}: LoRA to real", energy_distance(after, two)),
            (f"{timbre}: real to other real", energy_distance(one, two)),
            ("other prompts: LoRA to base, other seeds", by_prompt(moved, others_again)),
            ("other prompts: base to base, other seeds", by_prompt(others, others_again)),
            ("other prompts: chance, 95 % below", by_chance(others, others_again)),
            (f"other prompts, to real {timbre}: base", energy_distance(others, two)),
            (f"other prompts, to real {timbre}: LoRA", energy_distance(moved, two)),
        ):
            print(f"  {name:42s}{distance:7.2f}")
        shift = float(np.sqrt(((moved - others) ** 2).mean(1)).mean())
        usual = float(np.sqrt(((others_again - others) ** 2).mean(1)).mean())
        print(f"the same other prompt and seed moves by {shift:.2f} dB; another seed moves it by {usual:.2f} dB")
        most, mean = stock_difference(made, prompts[0])
        print(f"stock diffusers with this file: pictures differ by {most} of 255 at most, {mean:.3f} on average")


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--timbres", nargs="+", choices=TIMBRES, default=TIMBRES[:1])
    parser.add_argument("--reach", choices=("attention", "all"), help="default: the checkpoint's")
    parser.add_argument("--preserve", type=float, default=TUNING.preserve, help="share of the examples; 0 to compare")
    parser.add_argument("--folder", type=Path, help="keep data sets and LoRAs here")
    parser.add_argument("--write-clips", type=Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--full-size", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.write_clips:
        write_clips(options.write_clips)
    elif options.speed:
        finetune_steps.speed(options.steps or 8)
    elif options.full_size:
        finetune_steps.full_size(options.steps or 1)
    else:
        main_table(options)


if __name__ == "__main__":
    main()
