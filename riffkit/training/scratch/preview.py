"""Hear a model while it learns: a few prompts painted with its averaged weights, drawn by the linear code.

No autoencoder is needed, so there is something to hear from the first minutes on. `Tryout` does it at every checkpoint
and renews the live page.
"""

from pathlib import Path

import torch

from riffkit.diffusion.sampling import denoise, guided, start_from
from riffkit.diffusion.sampling import make_scheduler as scheduler_for
from riffkit.riffing.riff import sound_of
from riffkit.sound.image import image_from_pixels
from riffkit.sound.params import SpectrogramParams
from riffkit.training.report import write_page
from riffkit.training.scratch.denoiser import make_scheduler
from riffkit.training.scratch.text_encoder import tokenize

PROMPTS = ("church bells", "funky slap bass with drums", "solo violin", "techno")


@torch.no_grad()
def paint_words(
    unet, text_encoder, tokenizer, prompts, *, seed=0, num_inference_steps=15, guidance_scale=4.0, progress=None
):
    """Words to latents with a UNet and a text encoder that are no checkpoint yet, all prompts in one batch.

    Parameters
    ----------
    unet, text_encoder, tokenizer
    prompts : list of str
    seed : int
        The noise of the first prompt, the next number for the next one, and so on.
    num_inference_steps : int
    guidance_scale : float
    progress : callable or None

    Returns
    -------
    torch.Tensor [shape=(len(prompts), channels, rows, columns), float32]
    """
    words = text_encoder(tokenize(tokenizer, list(prompts)).to(unet.device)).last_hidden_state
    nothing = text_encoder(tokenize(tokenizer, [""]).to(unet.device)).last_hidden_state
    size = unet.config.sample_size
    shape = (1, unet.config.in_channels, size, size)
    noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed + i)) for i in range(len(prompts))]
    scheduler = scheduler_for("dpm++", make_scheduler().config, num_inference_steps)
    start = start_from(scheduler, torch.cat(noise).to(unet.device))
    return denoise(guided(unet, words, nothing, guidance_scale), scheduler, start, progress=progress).cpu()


class Tryout:
    """What is painted at every checkpoint of a training from nothing.

    Parameters
    ----------
    folder : path
        Of the run: gets `validation/step-000100/0.png`, `0.flac` and so on, and `page.html`.
    unet, text_encoder, tokenizer
        As they learn.
    code : riffkit.training.scratch.autoencoder.PatchCode
    prompts : sequence of str
    """

    def __init__(self, folder, unet, text_encoder, tokenizer, code, prompts=PROMPTS):
        self.folder, self.prompts, self.code = Path(folder), tuple(prompts), code
        self.parts = unet, text_encoder, tokenizer

    def __call__(self, trainer):
        """Paint with the trainer's averaged weights, save, and write the page."""
        unet, text_encoder, _ = self.parts
        home = self.folder / "validation" / f"step-{trainer.step:06d}"
        home.mkdir(parents=True, exist_ok=True)
        trainer.weights.exchange()
        unet.eval(), text_encoder.eval()
        try:
            with trainer.accelerator.autocast():
                latents = paint_words(*self.parts, self.prompts)
        finally:
            trainer.weights.exchange()
            unet.train(), text_encoder.train()
        for number, (prompt, pixels) in enumerate(zip(self.prompts, self.code.decode(latents.float()), strict=True)):
            image = image_from_pixels(pixels, SpectrogramParams())
            image.save(home / f"{number}.png")
            clip = sound_of(image, quality="fast")
            clip.save(home / f"{number}.flac", overwrite=True, metadata={"prompt": prompt, "seed": number})
        write_page(self.folder)
