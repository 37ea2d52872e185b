"""The denoising loop, and the three things it needs: a scheduler, a guided prediction, a way to hold what is known.

Read `denoise` first: it is the whole algorithm. Everything riffkit does with diffusion is this loop with another
starting point (`start_from`), another prediction (windows.py, mixing.py) or a held region (`holding`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

import torch

from riffkit.diffusion.schedulers import Scheduler, make_scheduler
from riffkit.progress import Reporter, report

if TYPE_CHECKING:
    from PIL import Image

Predict = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]  # (x, t) -> the model's prediction, shaped like x
UNet = Any  # diffusers' UNet2DConditionModel, whose types no checker sees


@torch.no_grad()
def denoise(
    predict: Predict,
    scheduler: Scheduler,
    latents: torch.Tensor,
    *,
    generator: torch.Generator | Sequence[torch.Generator] | None = None,
    hold: Callable[[torch.Tensor, int], torch.Tensor] | None = None,
    progress: Reporter | None = None,
    draw: "Callable[[torch.Tensor], Image.Image] | None" = None,
) -> torch.Tensor:
    """Sampling loop, from noise to latents: at each timestep ask the model which way the noise lies, and take one step.

        x_t  <-  scheduler.step(prediction(x_t, t), t, x_t)            for t in the scheduler's timesteps

    The prediction is the noise eps or the velocity v = sqrt(abar) eps - sqrt(1 - abar) x0, as the checkpoint was
    trained; the scheduler knows which, and how long a step is.

    Parameters
    ----------
    predict : callable
        `predict(x, t)` -> the model's prediction, shaped like x.
    scheduler : diffusers scheduler
        From `make_scheduler` (schedulers.py); its state is used up by the loop.
    latents : torch.Tensor [shape=(batch, channels, rows, columns), float32]
        x_T: from `start_from`. Not changed in place.
    generator : torch.Generator or list of them, one for each of the batch, optional
        For schedulers that add fresh noise (`FRESH_NOISE`). On the CPU, so that seeds mean the same everywhere.
    hold : callable, optional
        `hold(x, step)` -> x with its known region put back, called after every step.
    progress : callable, optional
        See `riffkit.progress`.
    draw : callable, optional
        `draw(latents)` -> PIL picture, called only if `progress` asks for it: it gets an `Estimate` of every step.

    Returns
    -------
    torch.Tensor, like `latents`

    References
    ----------
    Ho et al., "Denoising diffusion probabilistic models", 2020. Song et al., "Denoising diffusion implicit models",
    2021. Salimans & Ho, "Progressive distillation", 2022 (v). Taught in notebooks/02_inference.ipynb.
    """
    x, steps = latents, len(scheduler.timesteps)
    fresh_noise = {"generator": generator} if "generator" in signature(scheduler.step).parameters else {}
    estimate = None
    for step, t in enumerate(scheduler.timesteps):
        report(progress, step, steps, estimate)
        x_t = scheduler.scale_model_input(x, t)
        prediction = predict(x_t, t)
        x = scheduler.step(prediction, t, x, **fresh_noise).prev_sample
        if hold is not None:
            x = hold(x, step)
        if draw is not None:
            estimate = Estimate.of(scheduler, x_t, prediction, t, draw)
    report(progress, steps, steps, estimate)
    return x


@dataclass(frozen=True)
class Estimate:
    """What one step of the loop saw and guessed, on its way to `progress`. Called, it draws the guess.

    Parameters
    ----------
    x_t : torch.Tensor [shape=(batch, channels, rows, columns)]
        What the step saw: the clean latents and the noise, mixed in the proportion of timestep t.
    x_0 : torch.Tensor, like `x_t`
        What the model took to be the clean latents when it saw that.
    timestep : float
    draw : callable
        `draw(latents)` -> PIL picture.
    """

    x_t: torch.Tensor
    x_0: torch.Tensor
    timestep: float
    draw: "Callable[[torch.Tensor], Image.Image]"

    @classmethod
    def of(
        cls,
        scheduler: Scheduler,
        x_t: torch.Tensor,
        prediction: torch.Tensor,
        t: torch.Tensor,
        draw: "Callable[[torch.Tensor], Image.Image]",
    ) -> "Estimate":
        """Return the estimate of a step: `scheduler`, what it saw (`x_t`), the `prediction`, timestep `t`, `draw`."""
        alpha_bar = scheduler.alphas_cumprod[int(t)].to(x_t.device)
        x_0, _ = clean_and_noise(x_t, prediction, alpha_bar, scheduler.config.prediction_type)
        return cls(x_t, x_0, float(t), draw)

    def __call__(self) -> "Image.Image":
        """Draw the guess."""
        return self.draw(self.x_0)


def guided(
    unet: UNet,
    words: torch.Tensor,
    negative_words: torch.Tensor,
    guidance_scale: float,
    guidance_interval: tuple[float, float] | None = None,
) -> Predict:
    """Classifier-free guidance: away from the prediction without the words, towards the one with them.

        prediction(x, t) = e(x, t, negative) + w (e(x, t, words) - e(x, t, negative))

    Parameters
    ----------
    unet : UNet2DConditionModel
    words, negative_words : torch.Tensor [shape=(1 or batch, tokens, width)]
        From `embed_prompt`; of equal length (`equal_length`). The negative words are often those of the empty prompt.
    guidance_scale : float
        w. 1 or less means no guidance (one UNet call instead of two).
    guidance_interval : (float, float), optional
        Guide only at timesteps from the first to the second, and predict with the words alone at all others. Default:
        everywhere.

    Returns
    -------
    callable
        `predict(x, t)` for `denoise`.

    References
    ----------
    Ho & Salimans, "Classifier-free diffusion guidance", 2022. Kynkäänniemi et al., "Applying guidance in a limited
    interval improves sample and distribution quality in diffusion models", 2024. For checkpoints distilled with a
    guidance input (`time_cond_proj_dim`): Meng et al., "On distillation of guided diffusion models", 2023.
    """
    distilled = unet.config.time_cond_proj_dim
    dtype = unet.dtype

    def plain(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        w = _guidance_embedding(guidance_scale, distilled).to(x.device, dtype).expand(len(x), -1) if distilled else None
        e = unet(x.to(dtype), t, words.to(dtype).expand(len(x), -1, -1), timestep_cond=w).sample
        return e.float()

    def with_guidance(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        if guidance_interval is not None and not guidance_interval[0] <= float(t) <= guidance_interval[1]:
            return plain(x, t)
        both = torch.cat([negative_words.expand(len(x), -1, -1), words.expand(len(x), -1, -1)])
        e = unet(torch.cat([x, x]).to(dtype), t, both.to(dtype)).sample.float()
        e_negative, e_words = e.chunk(2)
        return e_negative + guidance_scale * (e_words - e_negative)

    return plain if guidance_scale <= 1 or distilled else with_guidance


def start_from(
    scheduler: Scheduler, noise: torch.Tensor, known: torch.Tensor | None = None, strength: float = 1.0
) -> torch.Tensor:
    """Return x at the scheduler's first timestep: pure noise, or known latents with as much noise as belongs there.

    Parameters
    ----------
    scheduler : diffusers scheduler
    noise : torch.Tensor [shape=(batch, channels, rows, columns)]
    known : torch.Tensor, like `noise`, optional
        Latents of a picture. At strength 1 they are ignored: the run is free.
    strength : float, 0..1
    """
    if known is None or strength >= 1:
        return noise * scheduler.init_noise_sigma
    if len(scheduler.timesteps) == 0:
        return known
    return scheduler.add_noise(known, noise, scheduler.timesteps[:1])


def holding(
    scheduler: Scheduler, known: torch.Tensor, noise: torch.Tensor, free: torch.Tensor
) -> Callable[[torch.Tensor, int], torch.Tensor]:
    """Inpainting by holding a region: after every step, put the known latents back there, noised to its timestep.

    `free` may lie between 0 and 1: a cell of .3 is held until 70 % of the steps are done, and painted freely after.

    Parameters
    ----------
    scheduler : diffusers scheduler
    known, noise : torch.Tensor [shape=(batch, channels, rows, columns)]
    free : torch.Tensor [shape=(rows, columns) or broadcastable, 0..1]
        1 is repainted, 0 is kept.

    Returns
    -------
    callable
        `hold(x, step)` for `denoise`.

    References
    ----------
    Lugmayr et al., "RePaint", 2022 (the held region). Levin & Fried, "Differential diffusion", 2023 (grey masks).
    """
    timesteps = scheduler.timesteps
    steps = len(timesteps)

    def hold(x: torch.Tensor, step: int) -> torch.Tensor:
        done = (step + 1) / steps
        there = known if done == 1 else scheduler.add_noise(known, noise, timesteps[step + 1 : step + 2])
        return torch.where((1 - free > done) | (free <= 0), there, x)

    return hold


@torch.no_grad()
def invert(
    predict: Predict,
    config: Mapping[str, Any],
    latents: torch.Tensor,
    num_inference_steps: int,
    *,
    rounds: int = 3,
    progress: Reporter | None = None,
) -> torch.Tensor:
    """DDIM inversion: run the deterministic loop backwards, from a picture's latents to the noise it would come from.

    From x_t we look for the x_s, s > t, from which the loop's own step leads to x_t:

        eps = noise(x_s, s),   x0 = (x_t - sqrt(1 - abar_t) eps) / sqrt(abar_t)
        x_s = sqrt(abar_s) x0 + sqrt(1 - abar_s) eps

    x_s stands on both sides, so the two lines are repeated, beginning with x_s = x_t. `denoise` with the "ddim"
    scheduler, the same words and as many steps leads back.

    Parameters
    ----------
    predict : callable
        `predict(x, t)`, as in `denoise`; best without guidance.
    config : dict
        The checkpoint's scheduler configuration.
    latents : torch.Tensor [shape=(batch, channels, rows, columns)]
    num_inference_steps : int
    rounds : int, >= 1
        How often each step is bettered; 1 is the method as first published, which leads back only roughly.
    progress : callable, optional

    Returns
    -------
    torch.Tensor, like `latents`

    References
    ----------
    Song et al., "Denoising diffusion implicit models", 2021, section 4.3. Pan et al., "Effective real image editing
    with accelerated iterative diffusion inversion", 2023 (the rounds).
    """
    scheduler = make_scheduler("ddim", config, num_inference_steps)
    timesteps = scheduler.timesteps.flip(0)
    x_t, abar_t = latents, scheduler.final_alpha_cumprod
    for step, s in enumerate(timesteps):
        report(progress, step, len(timesteps))
        x_s, abar_s = x_t, scheduler.alphas_cumprod[s]
        for _ in range(rounds):
            _, eps = clean_and_noise(x_s, predict(x_s, s), abar_s, scheduler.config.prediction_type)
            x0 = (x_t - (1 - abar_t).sqrt() * eps) / abar_t.sqrt()
            x_s = abar_s.sqrt() * x0 + (1 - abar_s).sqrt() * eps
        x_t, abar_t = x_s, abar_s
    report(progress, len(timesteps), len(timesteps))
    return x_t


def clean_and_noise(
    x: torch.Tensor, prediction: torch.Tensor, alpha_bar: torch.Tensor, prediction_type: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split x_t = sqrt(abar) x0 + sqrt(1 - abar) eps into x0 and eps, given the model's prediction.

    Parameters
    ----------
    x, prediction : torch.Tensor [shape=(batch, channels, rows, columns)]
    alpha_bar : torch.Tensor [0..1]
        The cumulative product of alphas at the timestep.
    prediction_type : str
        "epsilon" or "v_prediction".
    """
    a, b = alpha_bar**0.5, (1 - alpha_bar) ** 0.5
    if prediction_type == "v_prediction":
        return a * x - b * prediction, b * x + a * prediction
    if prediction_type == "epsilon":
        return (x - b * prediction) / a, prediction
    raise ValueError(f"prediction_type {prediction_type!r} is neither 'epsilon' nor 'v_prediction'")


def _guidance_embedding(guidance_scale: float, width: int) -> torch.Tensor:
    """Sinusoids of 1000 (w - 1), the way distilled checkpoints were told their guidance scale."""
    half = width // 2
    frequency = torch.exp(torch.arange(half) * -(torch.log(torch.tensor(10000.0)) / (half - 1)))
    angle = (guidance_scale - 1) * 1000 * frequency
    return torch.cat([angle.sin(), angle.cos()])[None]
