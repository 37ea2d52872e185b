"""Previews during training from nothing: a few prompts painted with the averaged weights, drawn by the linear code.

No autoencoder is needed, so there is something to hear from the first minutes on. `Tryout` does it at every checkpoint
and renews the live page.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from riffkit.diffusion.sampling import denoise, guided, start_from
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.models.prompt import token_ids
from riffkit.progress import Reporter
from riffkit.riffing.riff import sound_of
from riffkit.sound.image import image_from_pixels
from riffkit.sound.image_file import save_image
from riffkit.sound.params import SpectrogramParams
from riffkit.training.denoising import Denoiser
from riffkit.training.report import write_page
from riffkit.training.scratch.denoiser import SCHEDULER_CONFIG
from riffkit.training.scratch.patch_code import PatchCode
from riffkit.training.trainer import Trainer

PROMPTS = ("church bells", "funky slap bass with drums", "solo violin", "techno", "bongos", "rain")


@torch.no_grad()
def paint_words(
    denoiser: Denoiser,
    tokenizer: Any,
    prompts: Sequence[str],
    *,
    seed: int = 0,
    num_inference_steps: int = 15,
    guidance_scale: float = 4.0,
    progress: Reporter | None = None,
) -> torch.Tensor:
    """Sample latents from prompts with a UNet and a text encoder that are no checkpoint yet, all in one batch.

    Parameters
    ----------
    denoiser : Denoiser
        With a text encoder.
    tokenizer : CLIPTokenizer
    prompts : sequence of str
    seed : int
        The noise of the first prompt, the next number for the next one, and so on.
    num_inference_steps : int [1..1000]
    guidance_scale : float
        1 or less means no guidance.
    progress : callable or None
        Gets (steps done, steps in all, estimate).

    Returns
    -------
    torch.Tensor [shape=(len(prompts), channels, rows, columns), float32]
    """
    unet = denoiser.unet
    words, nothing = (
        denoiser.text_encoder(token_ids(tokenizer, texts).to(unet.device)).last_hidden_state
        for texts in (prompts, [""])
    )
    size = unet.config.sample_size
    shape = (1, unet.config.in_channels, size, size)
    noise = [torch.randn(shape, generator=torch.Generator().manual_seed(seed + i)) for i in range(len(prompts))]
    scheduler = make_scheduler("dpm++", SCHEDULER_CONFIG, num_inference_steps)
    start = start_from(scheduler, torch.cat(noise).to(unet.device))
    return denoise(guided(unet, words, nothing, guidance_scale), scheduler, start, progress=progress).cpu()


class Tryout:
    """Render fixed prompts and seeds at every checkpoint of a training from nothing.

    Parameters
    ----------
    folder : str or Path
        Of the run: gets `validation/step-000100/0.png`, `0.flac` and so on, and `page.html`.
    denoiser : Denoiser
        As it learns.
    tokenizer : CLIPTokenizer
    code : PatchCode
        Draws the latents.
    params : SpectrogramParams
        Of the pictures.
    prompts : sequence of str
    """

    def __init__(
        self,
        folder: str | Path,
        denoiser: Denoiser,
        tokenizer: Any,
        code: PatchCode,
        params: SpectrogramParams,
        prompts: Sequence[str] = PROMPTS,
    ) -> None:
        self.folder, self.prompts, self.code, self.params = Path(folder), tuple(prompts), code, params
        self.denoiser, self.tokenizer = denoiser, tokenizer

    def __call__(self, trainer: Trainer) -> None:
        """Paint with the averaged weights of `trainer`, save, and write the page."""
        home = self.folder / "validation" / f"step-{trainer.step:06d}"
        home.mkdir(parents=True, exist_ok=True)
        trainer.weights.exchange()
        self.denoiser.eval()
        try:
            with trainer.accelerator.autocast():
                latents = paint_words(self.denoiser, self.tokenizer, self.prompts)
        finally:
            trainer.weights.exchange()
            self.denoiser.train()
        for number, (prompt, pixels) in enumerate(
            zip(self.prompts, self.code.decode(latents.float().numpy()), strict=True)
        ):
            if self.params.stereo:  # red 0, green left, blue right
                pixels = np.stack([np.zeros_like(pixels[0]), *pixels], axis=-1)
            image = image_from_pixels(pixels, self.params)
            save_image(image, home / f"{number}.png", overwrite=True)
            clip = sound_of(image, quality="fast")
            clip.save(home / f"{number}.flac", overwrite=True, metadata={"prompt": prompt, "seed": number})
        write_page(self.folder)
