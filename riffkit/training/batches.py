"""What a fine-tuning looks at: pictures as latents, captions as embeddings, and each step's share of both."""

import contextlib
from dataclasses import replace

import numpy as np
import torch
from accelerate import PartialState
from PIL import Image

from riffkit.diffusion.latents import latents_from_pixels
from riffkit.diffusion.prompt import tokenize
from riffkit.progress import report
from riffkit.training.tuner import min_snr_weights


class Batches:
    """The examples of each step, drawn from the step's number alone, and what the model is to say of them."""

    def __init__(self, dataset, latents, base, tuning, words):
        from diffusers import DDPMScheduler

        self.dataset, self.base, self.tuning = dataset, base, tuning
        self.rows, self.latents = dataset.rows["train"], latents
        self.words = words
        config = {name: value for name, value in base.scheduler_config.items() if name[0] != "_"}
        scheduler = DDPMScheduler.from_config(config)
        self.alphas_bar, self.prediction_type = scheduler.alphas_cumprod, scheduler.config.prediction_type

    def losses(self, trainer, step):
        """Yield the loss of each accumulated part of a step, for this process's examples."""
        rng, noise_source = trainer.rng(step)
        n = trainer.drawn(self.tuning.batch)
        chosen = rng.permutation(np.arange(max(n, len(self.rows))) % len(self.rows))[:n]
        x0 = np.stack([turned(self.latents[i], self.rows[i], rng) for i in chosen])
        captions = ["" if rng.random() < self.tuning.caption_dropout else self.rows[i]["text"] for i in chosen]
        # timesteps from equal parts of the schedule, shuffled: the gradient is less noisy than with free draws
        t = (torch.arange(n) + torch.rand(1, generator=noise_source)) / n * len(self.alphas_bar)
        t = t.long()[torch.randperm(n, generator=noise_source)]
        noise = torch.randn(x0.shape, generator=noise_source)
        for micro in range(trainer.accumulation):
            mine = trainer.part(self.tuning.batch, micro)
            x, words = torch.from_numpy(x0[mine]).float(), self.embedded(captions[mine])
            errors = self.errors(trainer.module, trainer.device, x, noise[mine], t[mine], words)
            yield (errors * self.weights(t[mine]).to(errors.device)).mean()

    def errors(self, module, device, x0, noise, t, words):
        """Squared error of the prediction, one number for each example."""
        alpha_bar = self.alphas_bar[t].view(-1, 1, 1, 1)
        a, b = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        noisy = a * x0 + b * noise
        target = {"epsilon": noise, "v_prediction": a * noise - b * x0, "sample": x0}[self.prediction_type]
        predicted = module(noisy.to(device), t.to(device), words.to(device)).float()
        return (predicted - target.to(device)).pow(2).mean(dim=(1, 2, 3))

    def weights(self, t):
        """Min-SNR weights of timesteps."""
        if self.tuning.snr_gamma is None:
            return torch.ones(len(t))
        alpha_bar = self.alphas_bar[t]
        return min_snr_weights(alpha_bar / (1 - alpha_bar), self.tuning.snr_gamma, self.prediction_type)

    def embedded(self, captions):
        """What the module takes as words: embeddings, or tokens if the text encoder learns."""
        if self.words is None:
            return tokens_of(self.base, captions)
        return torch.stack([self.words[caption] for caption in captions])


def turned(latent, row, rng):
    """A loop begun at another of its beats, or half way round; what is no loop stays as it is."""
    if not row.get("loop"):
        return latent
    columns = latent.shape[-1]
    beats = round(float(row.get("bpm") or 0) * 5.12 / 60) if not row.get("bars") else row["bars"] * 4
    parts = beats if beats and columns % beats == 0 else 2
    return np.roll(latent, columns // parts * int(rng.integers(0, parts)), axis=-1)


def tokens_of(base, captions):
    """Token numbers of captions, cut at the tokenizer's length [shape=(n, model_max_length), int64]."""
    return torch.stack([tokenize(base.tokenizer, [(caption, 1.0)])[0][0] for caption in captions])


@torch.no_grad()
def embed_captions(base, dataset):
    """Every caption's embedding, computed once: {caption: tensor (tokens, width)}; the empty one too."""
    captions = list(dict.fromkeys(["", *(row["text"] for rows in dataset.rows.values() for row in rows)]))
    with lent(base, "text_encoder") as there:
        return {
            caption: there.text_encoder(tokens_of(base, [caption]).to(there.device))[0][0].float().cpu()
            for caption in captions
        }


@contextlib.contextmanager
def lent(base, *names):
    """A checkpoint with some of its parts on the device of the training; afterwards they are where they were."""
    device, parts = PartialState().device, [getattr(base, name) for name in names]
    homes = [next(part.parameters()).device for part in parts]
    try:
        yield replace(base, device=device, **{name: part.to(device) for name, part in zip(names, parts, strict=True)})
    finally:
        for part, home in zip(parts, homes, strict=True):
            part.to(home)


def cached_latents(output, base, dataset, progress=None):
    """The pictures as latents, computed once and kept beside the run.

    Returns
    -------
    dict of str to np.ndarray [shape=(n, channels, rows, columns), float16, read-only]
    """
    total = sum(len(rows) for rows in dataset.rows.values())
    with PartialState().main_process_first():
        for split, rows in dataset.rows.items():
            path = output / f"latents-{split}.npy"
            if path.exists() or not rows:
                continue
            latents = []
            with lent(base, "vae") as there:
                for row in rows:
                    pixels = _picture(row, base)
                    encoded = latents_from_pixels(there, pixels, circular=bool(row.get("loop")))
                    latents.append(encoded[0].half().cpu().numpy())
                    report(progress, 0, total)
            np.save(output / f".{path.name}", np.stack(latents))
            (output / f".{path.stem}.npy").replace(path)
    empty = np.zeros((0,), np.float16)
    return {s: np.load(output / f"latents-{s}.npy", mmap_mode="r") if r else empty for s, r in dataset.rows.items()}


def _picture(row, base):
    try:
        with Image.open(row["path"]) as image:
            pixels = np.asarray(image.convert("L"))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{row['path']} cannot be read as a picture ({error}); make the data set again") from None
    rows, columns = base.rows * base.factor, base.window * base.factor
    if pixels.shape[0] != rows or pixels.shape[1] % base.factor:
        raise ValueError(
            f"{row['path'].name} has {pixels.shape[1]} x {pixels.shape[0]} pixels; this checkpoint learns from"
            f" pictures of {rows} rows (and usually {columns} columns)"
        )
    return pixels
