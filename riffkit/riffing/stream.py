"""Stream: a riff without an end, painted half a window at a time while the part before is played."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Unpack

import numpy as np
import torch
from PIL import Image

from riffkit.diffusion.latents import draw_noise, pixels_from_latents
from riffkit.diffusion.mixing import lerp
from riffkit.diffusion.run import paint
from riffkit.models.emphasis import check_prompt
from riffkit.models.prompt import equal_length
from riffkit.progress import Progress, Reporter, report, shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.options import OptionKeywords, takes_options
from riffkit.riffing.task import checked_seed, ingredients
from riffkit.sound.clip import Clip
from riffkit.sound.image import image_from_pixels, mel_from_image
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.splice import keep_sound

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer

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
    transition : float [s, 0..600]
        How long the music takes from old words to new ones.
    **options
        As in `Riffer.stream`.

    References
    ----------
    After Riffusion's endless stream (Forsgren & Martiros, 2022), which plays separate clips one after the other.
    """

    def __init__(
        self,
        riffer: "Riffer",
        prompt: str,
        seed: int | None = 0,
        *,
        transition: float | None = None,
        **options: Unpack[OptionKeywords],
    ) -> None:
        window = riffer.checkpoint.window * riffer.checkpoint.factor
        transition = window * riffer.params.hop_s if transition is None else transition
        timeline.check_transition(transition)
        check_prompt(prompt)
        keywords: OptionKeywords = {"quality": "fast", **options}
        self.options = riffer.defaults.asked(riffer.checkpoint, keywords, from_picture=True)
        self.riffer, self.seed, self.transition = riffer, checked_seed(seed), transition
        self.index = 0
        self._names = prompt, prompt  # where the words come from, and where they go
        self._words = riffer.embed(prompt), riffer.embed(prompt)
        self._place = 1.0  # of the stretch before: 0 at the old words, 1 at the new
        self._latents: torch.Tensor | None = None  # of the half window before
        self._noise: torch.Tensor | None = None
        self._pixels: np.ndarray | None = None  # CONTEXT columns, and `_edge` more that are not final
        self._sound: np.ndarray | None = None  # of the CONTEXT columns

    @property
    def seconds(self) -> float:
        """What one `next` adds; the first gives nearly twice as much."""
        return self._half * self.riffer.params.hop_s

    @property
    def steps(self) -> int:
        """Denoising steps for one stretch; can be set at any time."""
        return self.options.num_inference_steps

    @steps.setter
    def steps(self, steps: int) -> None:
        self.options = self.options.asked(self.riffer.checkpoint, {"num_inference_steps": steps})

    def go_to(self, prompt: str) -> None:
        """Travel to another `prompt` from the next stretch on; if on the way already, from where it is."""
        check_prompt(prompt)
        if prompt != self._names[1]:
            self._words = self._words_at(self._place), self.riffer.embed(prompt)
            self._names, self._place = (self._names[1], prompt), 0.0

    def next(self, progress: Progress = None) -> Stretch:
        """Paint the next stretch.

        Parameters
        ----------
        progress : callable, bool or None
            As in `riff`.

        Raises
        ------
        riffkit.Cancelled
            If `progress` returned False; the stream then stands where it stood.
        """
        with shown(progress, "stream") as reporter:
            return self._next(reporter)

    def _next(self, progress: Reporter | None) -> Stretch:
        total = self.options.num_inference_steps + 2
        hop, half, edge = self.riffer.params.hop_length, self._half, self._half // 4
        step = self.seconds / self.transition if self.transition > 0 else 1.0
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
    def _half(self) -> int:
        """Columns of half a window."""
        return self.riffer.checkpoint.window // 2 * self.riffer.checkpoint.factor

    def _words_at(self, place: float) -> torch.Tensor:
        old, new = equal_length(self.riffer.checkpoint, *self._words)
        return lerp(old, new, place)

    def _paint(self, place: float, progress: Reporter | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents and noise of a window: the half before as it was, and a new one."""
        checkpoint, chosen = self.riffer.checkpoint, self.options
        seed = int(np.random.SeedSequence([self.seed, self.index]).generate_state(1, np.uint64)[0] >> np.uint64(1))
        made_of = ingredients(self.riffer, "", seed, checkpoint.window, chosen.negative_prompt, chosen.guidance_scale)
        made_of = replace(made_of, words=self._words_at(place))
        if self._latents is not None and self._noise is not None:
            new = draw_noise(checkpoint, seed, checkpoint.window - self._noise.shape[-1])
            known = torch.cat([self._latents, torch.zeros_like(new)], -1)
            free = torch.zeros(checkpoint.rows, checkpoint.window)
            free[:, self._noise.shape[-1] :] = 1
            made_of = replace(made_of, noise=torch.cat([self._noise, new], -1), known=known, free=free)
        latents = paint(
            checkpoint,
            made_of,
            scheduler=chosen.scheduler,
            num_inference_steps=chosen.num_inference_steps,
            guidance_interval=chosen.guidance_interval,
            seeds=[seed],
            progress=progress,
        )
        return latents, made_of.noise

    def _sound_of(self, image: Image.Image, progress: Reporter | None) -> np.ndarray:
        """Samples of a picture, its first CONTEXT columns as they were heard."""
        params = self.riffer.params
        found = clip_from_mel(mel_from_image(image) * LOUDNESS, params, quality=self.options.quality, progress=progress)
        if self._sound is not None:
            kept = np.arange(image.width) < CONTEXT - POOR
            found = keep_sound(found, Clip(self._sound[None], params.sample_rate), kept, params, match_loudness=False)
        return found.samples[0]


@takes_options(quality="fast")
def stream(
    riffer: "Riffer",
    prompt: str,
    seed: int | None = 0,
    *,
    transition: float | None = None,
    **options: Unpack[OptionKeywords],
) -> Stream:
    """Endless generation: every `next` paints half a window onto what was painted before.

    Parameters
    ----------
    prompt : str
        `Stream.go_to` changes it while the music goes on.
    seed : int or None
        The same seed, with the same words asked for before the same stretches, gives the same samples.
    transition : float, optional [s, 0..600]
        How long the music takes from old words to new ones. Default: one window of the model, 5.12 s.

    Returns
    -------
    Stream

    Raises
    ------
    ValueError
        If a value is out of range.

    References
    ----------
    Taught in notebooks/03_latent_interpolation.ipynb.
    """
    return Stream(riffer, prompt, seed, transition=transition, **options)


def bent(samples: np.ndarray) -> np.ndarray:
    """Bend `samples` beyond KNEE towards full scale (soft clipping); the same number always gives the same."""
    beyond = np.maximum(np.abs(samples) - KNEE, 0) / (1 - KNEE)
    return np.where(beyond > 0, np.sign(samples) * (KNEE + (1 - KNEE) * np.tanh(beyond)), samples).astype(np.float32)
