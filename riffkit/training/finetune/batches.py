"""What a fine-tuning looks at: pictures as latents, captions as embeddings, and each step's share of both."""

import contextlib
from dataclasses import replace

import numpy as np
import torch
from accelerate import PartialState
from PIL import Image

from riffkit.diffusion.latents import latents_from_pixels
from riffkit.models.prompt import tokenize
from riffkit.progress import report
from riffkit.training.finetune.tuner import min_snr_weights

# What the error of a note of the repertoire counts beside that of a new sound, which is mostly noise that nobody could
# foretell. Measured on the embedded model; with 1 other prompts still drift, with 16 the new sound is learnt slowly.
NOTE = 3.0


class Batches:
    """The examples of each step, drawn from the step's number alone, and what the model is to say of them."""

    def __init__(self, dataset, latents, base, tuning, words, repertoire=None):
        from diffusers import DDPMScheduler

        self.dataset, self.base, self.tuning, self.repertoire = dataset, base, tuning, repertoire
        self.rows, self.latents = dataset.rows["train"], latents
        self.words = words
        config = {name: value for name, value in base.scheduler_config.items() if name[0] != "_"}
        scheduler = DDPMScheduler.from_config(config)
        self.alphas_bar, self.prediction_type = scheduler.alphas_cumprod, scheduler.config.prediction_type

    def losses(self, trainer, step):
        """Yield the loss of each accumulated part of a step, for this process's examples."""
        n = trainer.drawn(self.tuning.batch)
        captions, t, noisy, target, counted = self.drawn(step, n, *trainer.rng(step))
        for micro in range(trainer.accumulation):
            mine = trainer.part(self.tuning.batch, micro)
            words = self.embedded(captions[mine])
            errors = self.errors(trainer.module, trainer.device, noisy[mine], t[mine], words, target[mine])
            yield (errors * counted[mine].to(errors.device)).mean()

    def drawn(self, step, n, rng, noise_source):
        """The n examples of a step: captions, timesteps, what is seen, what is to be said, what its error counts."""
        notes = np.zeros(n, bool) if self.repertoire is None else self.repertoire.places(step, n)
        new = n - int(notes.sum())
        chosen = rng.permutation(np.arange(max(new, len(self.rows))) % len(self.rows))[:new]
        x0 = np.reshape([turned(self.latents[i], self.rows[i], rng) for i in chosen], (new, *self.latents.shape[1:]))
        captions = ["" if rng.random() < self.tuning.caption_dropout else self.rows[i]["text"] for i in chosen]
        # timesteps from equal parts of the schedule, shuffled: the gradient is less noisy than with free draws
        t = (torch.arange(new) + torch.rand(1, generator=noise_source)) / max(new, 1) * len(self.alphas_bar)
        t = t.long().clamp(max=len(self.alphas_bar) - 1)[torch.randperm(new, generator=noise_source)]
        noise = torch.randn(x0.shape, generator=noise_source)
        seen, to_say = self.noised(torch.from_numpy(x0).float(), noise, t)
        if not notes.any():
            return captions, t, seen, to_say, self.weights(t)
        other_captions, other_t, x_t, said = self.repertoire.take(step, n)
        pairs = (t, other_t), (seen, x_t), (to_say, said), (self.weights(t), NOTE * self.weights(other_t))
        order = np.argsort(np.argsort(notes, kind="stable"))  # new examples and notes back to their places
        return [(captions + other_captions)[i] for i in order], *(torch.cat(pair)[order] for pair in pairs)

    def noised(self, x0, noise, t):
        """Latents with noise, and what the model is to say of them."""
        return noised(x0, noise, self.alphas_bar[t].view(-1, 1, 1, 1), self.prediction_type)

    def errors(self, module, device, noisy, t, words, target):
        """Squared error of the prediction, one number for each example."""
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


def noised(x0, noise, alpha_bar, prediction_type):
    """Latents with noise, and what a model of this kind is to say of them: (x_t, target), both like `x0`."""
    a, b = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
    target = {"epsilon": noise, "v_prediction": a * noise - b * x0, "sample": x0}[prediction_type]
    return a * x0 + b * noise, target


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


def embed_captions(base, dataset, others=()):
    """Every caption's embedding, computed once: {caption: tensor (tokens, width)}; the empty one too, and others."""
    return embedded(base, ["", *(row["text"] for rows in dataset.rows.values() for row in rows), *others])


@torch.no_grad()
def embedded(base, captions):
    """Embeddings of captions, each once and in their order: {caption: tensor (tokens, width)}."""
    with lent(base, "text_encoder") as there:
        return {
            caption: there.text_encoder(tokens_of(base, [caption]).to(there.device))[0][0].float().cpu()
            for caption in dict.fromkeys(captions)
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


@contextlib.contextmanager
def evaluating(model):
    """A model that for a while does not train: nothing in it is dropped, or calculated twice to save memory."""
    training = model.training
    try:
        yield model.eval()
    finally:
        model.train(training)


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
