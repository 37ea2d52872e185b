"""Stream: a riff without an end, painted half a window at a time while the part before is played."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from PIL import Image

from riffkit.diffusion.latents import draw_noise, pixels_from_latents
from riffkit.diffusion.mixing import lerp
from riffkit.diffusion.run import paint
from riffkit.models.prompt import equal_length
from riffkit.progress import report, subtask
from riffkit.riffing.common import How, checked_seed, ingredients
from riffkit.riffing.splice import keep_sound
from riffkit.sound.clip import Clip
from riffkit.sound.image import image_from_pixels, mel_from_image
from riffkit.sound.inversion import clip_from_mel

# in columns of the picture, each 10 ms
CONTEXT = 96  # of what was heard is inverted again, so that the new sound has phases to fit
POOR = 16  # at its end a sound is poor: its last windows see nothing behind it
UNHEARD = 48  # held back at the end of a stretch: POOR, and where the next one is faded in

LOUDNESS = 0.35  # of a picture's sound at Riffusion's level; full scale is rarely reached then
KNEE = 0.7  # samples beyond it are bent, so that none exceeds full scale


@dataclass(frozen=True)
class Stretch:
    """The next samples of a stream.

    Parameters
    ----------
    index : int
        From 0.
    clip : Clip
        Goes on where the stretch before ended, sample by sample.
    image : PIL.Image.Image
        The columns of the picture that these samples come from.
    words : str
        What it was painted for: a prompt, or on the way "old → new".
    """

    index: int
    clip: Clip
    image: Image.Image
    words: str


class Stream:
    """Endless riffing: every `next` paints half a window onto the end of what was painted before.

    The model sees the half before, so beat and key go on. The sound goes on in phase: the last half second of every
    stretch is held back until the next one was fitted to it. Loudness follows the picture, on one scale for all.

    Parameters
    ----------
    riffer : Riffer
    prompt : str
    seed : int or None
        The same seed, with the same words asked for before the same stretches, gives the same samples.
    travel : float [s, >= 0]
        How long the music takes from old words to new ones.
    negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
        As in `Riffer`.

    References
    ----------
    After Riffusion's endless stream (Forsgren & Martiros, 2022), which plays separate clips one after the other.
    """

    def __init__(
        self,
        riffer,
        prompt,
        seed=0,
        *,
        travel=5.12,
        negative_prompt="",
        num_inference_steps=None,
        guidance_scale=None,
        guidance_interval=None,
        scheduler=None,
        quality="fast",
    ):
        if not 0 <= travel <= 600:
            raise ValueError(f"travel is {travel!r}, expected seconds from 0 to 600")
        common = negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality
        self.how = How.of(riffer, *common, known=True)
        self.riffer, self.seed, self.travel = riffer, checked_seed(seed), travel
        self.index = 0
        self._names = prompt, prompt  # where the words come from, and where they go
        self._words = riffer.embed(prompt), riffer.embed(prompt)
        self._place = 1.0  # of the stretch before: 0 at the old words, 1 at the new
        self._latents = self._noise = None  # the half window before
        self._pixels = self._sound = None  # CONTEXT columns, and in pixels `_edge` more that are not final

    @property
    def seconds(self):
        """What one `next` adds; the first gives nearly twice as much."""
        return self._half * self.riffer.params.hop_ms / 1000

    @property
    def steps(self):
        """Denoising steps for one stretch; can be set at any time."""
        return self.how.num_inference_steps

    @steps.setter
    def steps(self, steps):
        self.how = How.of(self.riffer, **self.how.recipe | {"num_inference_steps": steps})

    def go_to(self, prompt):
        """Travel to other words from the next stretch on; if on the way already, from where it is."""
        if prompt != self._names[1]:
            self._words = self._words_at(self._place), self.riffer.embed(prompt)
            self._names, self._place = (self._names[1], prompt), 0.0

    def next(self, progress=None):
        """Paint on.

        Returns
        -------
        Stretch

        Raises
        ------
        riffkit.progress.Cancelled
            If `progress` returned False; the stream then stands where it stood.
        """
        total = self.how.num_inference_steps + 2
        hop, half, edge = self.riffer.params.hop_length, self._half, self._half // 4
        step = self.seconds / self.travel if self.travel > 0 else 1.0
        place = min(self._place + step, 1.0)
        latents, noise = self._paint(place, subtask(progress, 0, total - 2, total))
        pixels = pixels_from_latents(self.riffer.checkpoint, latents, progress=subtask(progress, total - 2, 1, total))
        if self._pixels is not None:  # the decoder had not seen what follows on the last columns: it has now
            seam = pixels[:, half - edge : half]
            share = (np.arange(edge) + 0.5) / edge
            seam = np.rint(self._pixels[:, CONTEXT:] * (1 - share) + seam * share).astype(np.uint8)
            pixels = np.concatenate([self._pixels[:, :CONTEXT], seam, pixels[:, half:]], 1)
        final = pixels.shape[1] - edge
        image = image_from_pixels(np.ascontiguousarray(pixels[:, :final]), self.riffer.params)
        samples = self._sound_of(image, subtask(progress, total - 1, 1, total))
        report(progress, total, total)
        start = 0 if self._sound is None else CONTEXT - UNHEARD
        heard = slice(start * hop, (final - UNHEARD) * hop)
        names = self._names[1] if place >= 1 else " → ".join(self._names)
        clip = Clip(bent(samples[heard])[None], self.riffer.params.sample_rate)
        stretch = Stretch(self.index, clip, image.crop((start, 0, final - UNHEARD, image.height)), names)
        self._pixels, self._sound = pixels[:, final - CONTEXT :], samples[(final - CONTEXT) * hop :]
        cells = self.riffer.checkpoint.window // 2
        self._latents, self._noise, self._place = latents[..., -cells:], noise[..., -cells:], place
        self.index += 1
        return stretch

    @property
    def _half(self):
        return self.riffer.checkpoint.window // 2 * self.riffer.checkpoint.factor

    def _words_at(self, place):
        return lerp(*equal_length(self.riffer.checkpoint, *self._words), place)

    def _paint(self, place, progress):
        """Latents and noise of a window: the half before as it was, and a new one."""
        checkpoint, how = self.riffer.checkpoint, self.how
        seed = int(np.random.SeedSequence([self.seed, self.index]).generate_state(1, np.uint64)[0] >> np.uint64(1))
        made_of = ingredients(self.riffer, "", seed, checkpoint.window, how.negative_prompt, how.guidance_scale)
        made_of = replace(made_of, words=self._words_at(place))
        if self._latents is not None:
            new = draw_noise(checkpoint, seed, checkpoint.window - self._noise.shape[-1])
            known = torch.cat([self._latents, torch.zeros_like(new)], -1)
            free = torch.zeros(checkpoint.rows, checkpoint.window)
            free[:, self._noise.shape[-1] :] = 1
            made_of = replace(made_of, noise=torch.cat([self._noise, new], -1), known=known, free=free)
        options = {name: how.recipe[name] for name in ("scheduler", "num_inference_steps", "guidance_interval")}
        return paint(checkpoint, made_of, **options, seeds=[seed], progress=progress), made_of.noise

    def _sound_of(self, image, progress):
        """Samples of a picture, its first CONTEXT columns as they were heard."""
        params = self.riffer.params
        found = clip_from_mel(mel_from_image(image) * LOUDNESS, params, quality=self.how.quality, progress=progress)
        if self._sound is not None:
            kept = np.arange(image.width) < CONTEXT - POOR
            found = keep_sound(found, Clip(self._sound[None], params.sample_rate), kept, params, match_loudness=False)
        return found.samples[0]


def bent(samples):
    """Samples with those beyond KNEE bent towards full scale; the same number always gives the same."""
    beyond = np.maximum(np.abs(samples) - KNEE, 0) / (1 - KNEE)
    return np.where(beyond > 0, np.sign(samples) * (KNEE + (1 - KNEE) * np.tanh(beyond)), samples).astype(np.float32)
