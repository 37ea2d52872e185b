"""At which noise do words count?    python -m benchmarks.noise

Held-out real renders are noised to several timesteps, and the model says what it sees there: told what is true of a
piece, told the same but for one fact, and told nothing. No clip is painted and no judge is asked. Where the wrong words
cost most, there the words decide; what a model has not learnt to read costs nothing anywhere. Needs the soundfont.

References
----------
Li et al., "Your diffusion model is secretly a zero-shot classifier", 2023 (the same difference, to classify).
"""

import argparse
import dataclasses
import random
import warnings

import numpy as np
import torch

import riffkit
from riffkit.compose.captions import caption
from riffkit.compose.score import TEMPI, WIDE, compose
from riffkit.compose.soundfont import Player, picture_from_loop
from riffkit.diffusion.latents import latents_from_pixels
from riffkit.training.denoising import noised
from riffkit.training.finetune.encoding import embedded

FIRST_SEED = 47_000_000  # no training piece, and no other benchmark's, has these
TIMESTEPS = (999, 900, 800, 700, 500, 300, 100)
BATCH = 32


def other_key(piece, rng):
    return dataclasses.replace(piece, key=(piece.key + rng.randrange(1, 12)) % 12)


def other_mode(piece, _):
    return dataclasses.replace(piece, mode="minor" if piece.mode == "major" else "major")


def other_tempo(piece, rng):
    tempo = rng.choice([name for name in TEMPI if name != piece.tempo])
    beats, beats_per_bar = TEMPI[tempo][0]
    return dataclasses.replace(piece, tempo=tempo, beats=beats, beats_per_bar=beats_per_bar)


def other_instrument(piece, rng):
    first, *rest = piece.parts
    name = rng.choice([name for name in WIDE.instruments if name != first.instrument])
    return dataclasses.replace(piece, parts=(dataclasses.replace(first, instrument=name), *rest))


WRONG = {"key": other_key, "mode": other_mode, "tempo": other_tempo, "instrument": other_instrument}


def told(pieces):
    """What is said of each piece: all of the truth, the same but for one fact, nothing.

    Returns
    -------
    dict of str to list of str
        "truth", "nothing" and the names of `WRONG`.
    """

    def said(piece, number):
        return caption(piece, random.Random(f"words {number}"), thorough=True)

    captions = {"truth": [said(piece, n) for n, piece in enumerate(pieces)]}
    for name, change in WRONG.items():
        rng = random.Random(name)
        captions[name] = [said(change(piece, rng), n) for n, piece in enumerate(pieces)]
    return captions | {"nothing": [""] * len(pieces)}


@torch.no_grad()
def errors(checkpoint, latents, words, timestep):
    """Squared error of the model's prediction, for each piece; the same noise whatever the words.

    Parameters
    ----------
    checkpoint : Checkpoint
    latents : torch.Tensor [shape=(n, channels, rows, columns), float32]
    words : torch.Tensor [shape=(n, tokens, width)]
    timestep : int

    Returns
    -------
    np.ndarray [shape=(n,)]
    """
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(timestep))
    kind = checkpoint.scheduler_config["prediction_type"]
    x_t, target = noised(latents, noise, _alphas_bar(checkpoint)[timestep], kind)
    found = []
    for start in range(0, len(latents), BATCH):
        some = slice(start, start + BATCH)
        x, y = x_t[some].to(checkpoint.device, checkpoint.dtype), words[some].to(checkpoint.device, checkpoint.dtype)
        predicted = checkpoint.unet(x, timestep, y).sample.float().cpu()
        found.append((predicted - target[some]).pow(2).mean(dim=(1, 2, 3)))
    return torch.cat(found).numpy()


def _alphas_bar(checkpoint):
    from diffusers import DDPMScheduler

    return DDPMScheduler.from_config(checkpoint.scheduler_config).alphas_cumprod


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--pieces", type=int, default=96)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    checkpoint = riffkit.load(options.model).checkpoint
    drawn = (compose(seed, WIDE) for seed in range(FIRST_SEED, FIRST_SEED + 10 * options.pieces))
    pieces = [piece for piece in drawn if piece.parts][: options.pieces]
    player = Player()
    pictures = [picture_from_loop(player.play(piece)) for piece in pieces]
    latents = torch.cat([latents_from_pixels(checkpoint, pixels, periodic=True) for pixels in pictures]).cpu()
    captions = told(pieces)
    words = {}
    for name, said in captions.items():
        known = embedded(checkpoint, said)
        words[name] = torch.stack([known[one] for one in said])
    alphas_bar = _alphas_bar(checkpoint)
    others = [name for name in captions if name != "truth"]
    print(f"{len(pieces)} held-out renders: error told the truth, and by how much more of it when told otherwise")
    print("(in brackets the share of pieces for which it is more: a half by chance)\n")
    print(f"{'timestep':>8s}{'SNR':>9s}{'error':>8s}" + "".join(f"{name:>18s}" for name in others))
    for timestep in TIMESTEPS:
        right = errors(checkpoint, latents, words["truth"], timestep)
        line = f"{timestep:8d}{float(alphas_bar[timestep] / (1 - alphas_bar[timestep])):9.3f}{right.mean():8.4f}"
        for name in others:
            wrong = errors(checkpoint, latents, words[name], timestep)
            more, share = 100 * (wrong.mean() / right.mean() - 1), np.mean(wrong > right)
            line += f"{more:+9.2f} % ({100 * share:3.0f} %)"
        print(line, flush=True)


if __name__ == "__main__":
    main()
