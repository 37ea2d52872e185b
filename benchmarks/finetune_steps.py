"""What a fine-tuning step costs: beside stock diffusers' loop, and at full size. Called by `benchmarks.finetune`.

Every row is measured in a process of its own, so that its peak memory is its own.
"""

import argparse
import functools
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import torch
from torch.nn import Identity

import riffkit
from benchmarks.peak import peak_memory
from riffkit.models.files import find_folder
from riffkit.sound.files import open_image
from riffkit.training.data.dataset import build_dataset, open_dataset
from riffkit.training.data.segment import Cutting
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.encoding import cached_latents, embed_captions
from riffkit.training.finetune.memory_layout import settle
from riffkit.training.finetune.optimizers import make_adam
from riffkit.training.finetune.run import finetune, prepare
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

BATCH, RANK, RUN = 8, 16, 240  # RUN: steps over which what is done once is spread
TARGETS = ["to_k", "to_q", "to_v", "to_out.0"]  # of the stock script
SD15_WORDS, SD15_SIZE = (77, 768), 64
# method, optimizer, gradient checkpointing; on a CPU the first two only: the others need more than 16 GB and minutes
FULL_SIZE = (("lora", "adam", False), ("lora", "adam", True), ("full", "adam", True), ("full", "adam8bit", True))


def speed(n_steps):
    """Samples per second and peak memory of a LoRA of the attention, rank 16, batch 8, on the embedded model."""
    head = f"{'LoRA of the attention, batch 8':32s}{'samples/s':>10s}{f'in {RUN} steps':>14s}"
    print(f"{head}{'CPU s/sample':>14s}{'memory':>12s}")
    with tempfile.TemporaryDirectory() as folder:
        build_dataset("data/timbres/sitar", Path(folder) / "data", cutting=Cutting(clean=True), progress=False)
        for name in ("stock", "ours", "stock", "ours"):  # twice, by turns: machines are never quite quiet
            print(_in_a_process(name, str(Path(folder) / "data"), str(n_steps)), end="", flush=True)


def full_size(n_steps):
    """Seconds and peak memory of a step, batch 1, of a random UNet with Stable Diffusion 1.5's configuration."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"{'860 M parameters, batch 1, ' + device:44s}{'s a step':>10s}{'CPU s':>8s}{'memory':>11s}")
    for number, (method, optimizer, checkpointing) in enumerate(FULL_SIZE):
        if device == "cpu" and number > 1:
            break
        label = f"{method}, {optimizer}" + (", gradient checkpointing" if checkpointing else "")
        print(f"{label:44s}" + _in_a_process("full-size", str(number), str(n_steps)), end="", flush=True)
    if device == "cpu":
        print(f"(this machine: {torch.get_num_threads()} threads, {psutil.virtual_memory().total / 1e9:.0f} GB)")


def _in_a_process(*words):
    command = [sys.executable, "-m", "benchmarks.finetune_steps", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout or f"failed: {done.stderr.strip().splitlines()[-1]}\n"


def _peak():
    """Gigabytes that this process (its GPU, if there is one) held at most."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e9
    return peak_memory() / 1e9


# -- beside stock diffusers -------------------------------------------------------------------------------------------


def stock(data, n_steps):
    """The inner loop of diffusers' train_text_to_image_lora.py with mixed_precision bf16, on the same model and data.

    Returns
    -------
    (float, float, float)
        Seconds a step, the same in processor seconds (all threads), and seconds of work that is done once.
    """
    from diffusers import DDPMScheduler, StableDiffusionPipeline
    from peft import LoraConfig

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    pipe = StableDiffusionPipeline.from_pretrained(find_folder("mini"), torch_dtype=torch.bfloat16).to(device)
    unet, vae, text_encoder, tokenizer = pipe.unet, pipe.vae, pipe.text_encoder, pipe.tokenizer
    for part in (unet, vae, text_encoder):
        part.requires_grad_(False)
    scheduler = DDPMScheduler.from_config(pipe.scheduler.config)
    unet.add_adapter(LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=TARGETS))
    learning = [p for p in unet.parameters() if p.requires_grad]
    for parameter in learning:
        parameter.data = parameter.data.float()
    optimizer = torch.optim.AdamW(learning, lr=1e-4)
    rows = open_dataset(data).rows["train"]
    unet.train()
    stamps = [(time.perf_counter(), time.process_time())]
    for step in range(n_steps + 2):
        chosen = [rows[(step * BATCH + i) % len(rows)] for i in range(BATCH)]
        pixels = np.stack([np.asarray(open_image(row["path"]).convert("RGB"), np.float32) for row in chosen])
        pixels = torch.from_numpy(pixels / 127.5 - 1).permute(0, 3, 1, 2)
        captions = [row["text"] for row in chosen]
        ids = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids
        with torch.autocast(device.type, torch.bfloat16):
            latents = vae.encode(pixels.to(device, torch.bfloat16)).latent_dist.sample() * vae.config.scaling_factor
            noise = torch.randn_like(latents)
            timesteps = torch.randint(0, scheduler.config.num_train_timesteps, (BATCH,), device=device)
            noisy = scheduler.add_noise(latents, noise, timesteps)
            words = text_encoder(ids.to(device))[0]
            target = scheduler.get_velocity(latents, noise, timesteps)
            loss = (unet(noisy, timesteps, words).sample.float() - target.float()).pow(2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        float(loss.detach())  # waits until a GPU has done it
        stamps.append((time.perf_counter(), time.process_time()))
    return *np.median(np.diff(stamps[2:], axis=0), axis=0), 0.0


def ours(data, n_steps):
    """`finetune` with the same rank, layers and batch, all of it new sound; returns what `stock` does."""
    stamps = []
    tuning = Tuning(rank=RANK, reach="attention", n_steps=n_steps + 3, batch=BATCH, validation_steps=0,
                    checkpoint_every=10_000, mixed_precision="bf16", preserve=0.0)  # fmt: skip
    dataset = open_dataset(data)
    with tempfile.TemporaryDirectory() as folder:
        base = riffkit.load(device="cpu", dtype="float32").checkpoint
        started = time.perf_counter()
        cached_latents(Path(folder), base, dataset)
        embed_captions(base, dataset)
        once = time.perf_counter() - started
        finetune(dataset, Path(folder) / "run", tuning, tracker=None,
                 progress=lambda step, *_: stamps.append((step, time.perf_counter(), time.process_time())))  # fmt: skip
    return *np.median(np.diff([when for step, *when in stamps if step >= 2], axis=0), axis=0), once


# -- full size --------------------------------------------------------------------------------------------------------


def full_step(method, optimizer, checkpointing, n_steps):
    """One row of `full_size`: a step as `finetune` does it, latents and embeddings computed before."""
    from diffusers import UNet2DConditionModel

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tuning = Tuning(method=method, reach="attention", gradient_checkpointing=checkpointing, optimizer=optimizer)
    unet = UNet2DConditionModel(sample_size=SD15_SIZE, cross_attention_dim=SD15_WORDS[1], attention_head_dim=8)
    base = SimpleNamespace(unet=unet, vae=Identity(), text_encoder=Identity())
    model, groups = prepare(base, tuning)
    settle(unet, base.text_encoder, precision="bf16", device=device)
    seconds = []
    with tempfile.TemporaryDirectory() as folder:
        config = TrainerConfig(n_steps + 1, learning_rate=1e-5, mixed_precision="bf16")
        make_optimizer = functools.partial(make_adam, kind=optimizer)
        trainer = Trainer("run", folder, model, groups, config, make_optimizer=make_optimizer)
        for _ in range(n_steps + 1):
            started = time.perf_counter(), time.process_time()
            noisy = torch.randn(1, 4, SD15_SIZE, SD15_SIZE, device=device)
            words = torch.randn(1, *SD15_WORDS, device=device)
            timesteps = torch.tensor([500], device=device)
            trainer.learn(trainer.module(noisy, timesteps, words).float().pow(2).mean())
            if device.type == "cuda":
                torch.cuda.synchronize()
            seconds.append((time.perf_counter() - started[0], time.process_time() - started[1]))
    return min(seconds[1:])


def main():
    """One row, for `speed` and `full_size`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("what", choices=("stock", "ours", "full-size"))
    parser.add_argument("which", help="a data set, or the number of a row")
    parser.add_argument("steps", type=int)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.what == "full-size":
        seconds, busy = full_step(*FULL_SIZE[int(options.which)], options.steps)
        print(f"{seconds:10.2f}{busy:8.1f}{_peak():8.1f} GB")
        return
    seconds, busy, once = {"stock": stock, "ours": ours}[options.what](options.which, options.steps)
    label = {"stock": "stock diffusers' loop", "ours": "riffkit finetune"}[options.what]
    print(
        f"{label:32s}{BATCH / seconds:10.2f}{BATCH / (seconds + once / RUN):14.2f}{busy / BATCH:14.3f}{_peak():9.2f} GB"
    )


if __name__ == "__main__":
    main()
