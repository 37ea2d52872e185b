"""Does fine-tuning teach a new sound, and leave the others alone?    python -m benchmarks.finetune

For each timbre in data/timbres, none of which the embedded model has heard: cut the clips to a data set, train a LoRA,
make sounds from held-out prompts with the same seeds before and after, and print how far they are from real renders of
these prompts (energy distance of mel statistics; real against real is what is possible), and how far prompts about
other things have moved. Needs the soundfont for the real renders.

    python -m benchmarks.finetune --steps 150                  fewer steps
    python -m benchmarks.finetune --speed                      samples per second beside stock diffusers' LoRA loop
    python -m benchmarks.finetune --full-size                  a step with Stable Diffusion 1.5's configuration
    python -m benchmarks.finetune --write-clips data/timbres   how the clips were made (needs the soundfont)
"""

import argparse
import dataclasses
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import torch

import riffkit
from riffkit.diffusion.lora_weights import with_lora
from riffkit.diffusion.riffer import Riffer
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams
from riffkit.training.captions import caption
from riffkit.training.cutting import Cutting
from riffkit.training.dataset import build_dataset, open_dataset
from riffkit.training.finetune import Tuning, finetune
from riffkit.training.render import LOOP_SAMPLES, SAMPLE_RATE, Player
from riffkit.training.score import NARROW, Corpus, compose
from riffkit.training.tuner import losses_of

TIMBRES = ("sitar", "steel drums")
CLIPS = 20
CLIP_SEED, HELD_OUT_SEED = 60_000_000, 61_000_000  # no training corpus, judge or example has these
OTHERS = ("piano", "flute", "nylon guitar", "violin", "church organ", "marimba")
TUNING = Tuning(rank=16, n_steps=300, batch=8, text_encoder=True, checkpoint_every=1000, validation_steps=0)


def solos(instrument, first_seed, count):
    """Pieces that one instrument plays alone, in the embedded model's tempo and keys."""
    corpus = Corpus(instrument, instruments=(instrument,) * 3, tempi=NARROW.tempi, keys=NARROW.keys, max_parts=1)
    found, seed = [], first_seed
    while len(found) < count:
        piece = compose(seed, corpus)
        seed += 1
        if len(piece.parts) == 1 and piece.pattern is None and piece.genre is None and piece.density != "sparse":
            found.append(piece)
    return found


def words_for(piece):
    """A caption that begins with the instrument's name and says the rest as the corpus does."""
    name = piece.parts[0].instrument
    said = caption(dataclasses.replace(piece), random.Random(f"words {piece.seed}"))
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


def generate(riffer, prompts, seed=0):
    riffs = [riffer.riff(prompt, seed=seed + i, progress=False) for i, prompt in enumerate(prompts)]
    return [riff.clip.mono().samples[0] for riff in riffs]


def tuned(timbre, folder, tuning):
    """Data set and LoRA of a timbre; returns (path of the LoRA, seconds of training)."""
    slug = timbre.replace(" ", "-")
    data = build_dataset(Path("data/timbres") / slug, folder / f"{slug}-data", cutting=Cutting(clean=True))
    started = time.perf_counter()
    made = finetune(data, folder / f"{slug}-lora", tuning, cpu=not torch.cuda.is_available(), say=print)
    seconds = time.perf_counter() - started
    checked = [entry["validation_loss"] for entry in losses_of(folder / f"{slug}-lora") if "validation_loss" in entry]
    print(f"{timbre}: {data}; {seconds:.0f} s; validation loss {checked[0]:.4f} -> {checked[-1]:.4f}")
    return made, seconds


def main_table(options):
    folder = options.folder or Path(tempfile.mkdtemp())
    tuning = dataclasses.replace(TUNING, n_steps=options.steps, reach=options.reach)
    player, base = Player(), riffkit.load()
    other_prompts = [f"{name} melody" for name in OTHERS for _ in range(options.prompts // 4)]
    others = statistics(generate(base, other_prompts, 500))
    others_again = statistics(generate(base, other_prompts, 900))
    for timbre in options.timbres:
        made, _ = tuned(timbre, folder, tuning)
        pieces = solos(timbre, HELD_OUT_SEED, 2 * options.prompts)
        real = statistics([player.play(piece) for piece in pieces])
        one, two = real[: options.prompts], real[options.prompts :]
        prompts = [words_for(piece) for piece in pieces[: options.prompts]]
        riffer = Riffer(with_lora(base.checkpoint, made))
        before, after = statistics(generate(base, prompts)), statistics(generate(riffer, prompts))
        moved = statistics(generate(riffer, other_prompts, 500))
        print(f"\n{timbre}: energy distance (dB per band), {options.prompts} held-out prompts")
        for name, a, b in (
            ("base to real", before, two),
            ("LoRA to real", after, two),
            ("real to real", one, two),
            ("other prompts, LoRA to base, same seeds", moved, others),
            ("other prompts, base to base, other seeds", others_again, others),
        ):
            print(f"  {name:42s}{energy_distance(a, b):7.2f}")
        shift = float(np.sqrt(((moved - others) ** 2).mean(1)).mean())
        usual = float(np.sqrt(((others_again - others) ** 2).mean(1)).mean())
        print(f"  the same prompt and seed moves by {shift:.2f} dB; another seed moves it by {usual:.2f} dB")


# -- speed ------------------------------------------------------------------------------------------------------------


def stock_loop(data, n_steps, batch):
    """The inner loop of diffusers' train_text_to_image_lora.py, on the same model and data (rank and layers too)."""
    from diffusers import DDPMScheduler
    from peft import LoraConfig

    base = riffkit.load(device="cpu", dtype="float32").checkpoint
    unet, vae, text_encoder = base.unet, base.vae, base.text_encoder
    scheduler = DDPMScheduler.from_config({k: v for k, v in base.scheduler_config.items() if k[0] != "_"})
    unet.add_adapter(LoraConfig(r=16, lora_alpha=16, init_lora_weights="gaussian",
                                target_modules=["to_k", "to_q", "to_v", "to_out.0"]))  # fmt: skip
    learning = [p for p in unet.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-4)
    rows = open_dataset(data).rows["train"]
    from PIL import Image

    seconds = []
    for step in range(n_steps + 2):
        started = time.perf_counter()
        chosen = [rows[(step * batch + i) % len(rows)] for i in range(batch)]
        pixels = np.stack([np.asarray(Image.open(row["path"]).convert("RGB"), np.float32) for row in chosen])
        pixels = torch.from_numpy(pixels / 127.5 - 1).permute(0, 3, 1, 2)
        ids = base.tokenizer(
            [row["text"] for row in chosen], padding="max_length", truncation=True, return_tensors="pt"
        )
        with torch.autocast("cpu", torch.bfloat16):
            latents = vae.encode(pixels).latent_dist.sample() * vae.config.scaling_factor
            noise = torch.randn_like(latents)
            timesteps = torch.randint(0, scheduler.config.num_train_timesteps, (batch,)).long()
            noisy = scheduler.add_noise(latents, noise, timesteps)
            words = text_encoder(ids.input_ids)[0]
            target = scheduler.get_velocity(latents, noise, timesteps)
            loss = (unet(noisy, timesteps, words).sample.float() - target.float()).pow(2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - started)
    return np.median(seconds[2:])


def our_loop(data, n_steps, batch):
    """Ours with the same rank, layers and batch: seconds a step. Latents are computed before, and not counted."""
    stamps = []
    tuning = Tuning(rank=16, reach="attention", n_steps=n_steps + 2, batch=batch, validation_steps=0,
                    checkpoint_every=10_000, mixed_precision="bf16")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        finetune(data, Path(folder) / "run", tuning, cpu=True, tracker=None,
                 progress=lambda step, total, _: stamps.append((step, time.perf_counter())))  # fmt: skip
    times = [when for step, when in stamps if step >= 2]
    return np.median(np.diff(times))


def speed(options):
    """Each loop in a process of its own, so that peak memory is its own."""
    folder = options.folder or Path(tempfile.mkdtemp())
    build_dataset("data/timbres/sitar", folder / "sitar-data", cutting=Cutting(clean=True))
    print(f"{'':28s}{'samples/s':>12s}{'peak memory':>14s}")
    for name in ("stock_loop", "our_loop"):
        command = [sys.executable, "-m", "benchmarks.finetune", "--one", name, "--folder", str(folder)]
        command += ["--steps", str(options.steps)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="", flush=True)


def one_loop(options):
    seconds = globals()[options.one](options.folder / "sitar-data", options.steps, 8)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    label = {"stock_loop": "stock diffusers' loop", "our_loop": "riffkit"}[options.one]
    print(f"{label:28s}{8 / seconds:12.2f}{peak:11.2f} GB")


def full_size(options):
    """Time and memory of a LoRA step (batch 1) for a UNet of Stable Diffusion 1.5's configuration, random weights."""
    from diffusers import UNet2DConditionModel

    from riffkit.training.lora import add_lora

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8).to(device)
    learning = add_lora(unet, rank=8)
    unet.train()
    optimizer = torch.optim.AdamW(learning, lr=1e-4)
    for checkpointing in (False, True):
        if checkpointing:
            unet.enable_gradient_checkpointing()
        seconds = []
        for _ in range(options.steps):
            started = time.perf_counter()
            with torch.autocast(device.type, torch.bfloat16):
                x, words = torch.randn(1, 4, 64, 64, device=device), torch.randn(1, 77, 768, device=device)
                unet(x, torch.tensor([500], device=device), words).sample.float().pow(2).mean().backward()
            optimizer.step()
            optimizer.zero_grad()
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - started)
        peak = torch.cuda.max_memory_allocated() if device.type == "cuda" else (
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)  # fmt: skip
        size = sum(p.numel() for p in unet.parameters()) / 1e6
        print(f"{size:.0f} M parameters, {device}, gradient checkpointing {checkpointing}:"
              f" {min(seconds):.2f} s a step, {peak / 1e9:.1f} GB peak (of this process so far)")  # fmt: skip


def main():
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--timbres", nargs="+", default=TIMBRES)
    parser.add_argument("--reach", choices=("attention", "all"), help="default: the checkpoint's")
    parser.add_argument("--folder", type=Path, help="keep data sets and LoRAs here")
    parser.add_argument("--write-clips", type=Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--full-size", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.write_clips:
        write_clips(options.write_clips)
    elif options.one:
        one_loop(options)
    elif options.speed:
        options.steps = options.steps or 10
        speed(options)
    elif options.full_size:
        options.steps = options.steps or 2
        full_size(options)
    else:
        options.steps = options.steps or TUNING.n_steps
        main_table(options)


if __name__ == "__main__":
    main()
