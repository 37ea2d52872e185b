"""Distillation: a LoRA with which the UNet paints in four steps, unguided, what it paints in twenty with guidance.

The way from noise to picture is cut into four stretches. The teacher (the UNet without the LoRA, guided by the words)
walks along one of them in five steps of the solver; the student (the UNet with it) looks at where it began, and must
name the one straight step that leads to where the teacher arrived.

A latent consistency model, which leaps from everywhere to the end of the way and goes back by fresh noise, came out
farther from its teacher: its Frechet distance was 37 % larger than that of the embedded model of its time, this twin's
is 14 % larger than the present one's.
"""

import functools
import pathlib
import random
from collections.abc import Callable, Sequence
from typing import Any

import torch

from riffkit.models.prompt import token_ids
from riffkit.progress import Reporter
from riffkit.training.denoising import Denoiser
from riffkit.training.finetune.lora import add_lora
from riffkit.training.scratch.denoiser import Examples, noise_schedule
from riffkit.training.scratch.warm_start import start_few_steps
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

STRETCHES, STEPS = 4, 5  # the student's steps, and how many of the teacher's make one of them
RANK = 32
GUIDANCE: dict[str, Any] = {
    "guidance_scale": 4.0,
    "guidance_interval": [600, 1000],
}  # the teacher's, and what the model says it wants


def learn_few_steps(
    folder: str | pathlib.Path,
    denoiser: Denoiser,
    examples: Examples,
    *,
    n_steps: int,
    learning_rate: float = 4e-4,
    seed: int = 0,
    cpu: bool = False,
    start: pathlib.Path | None = None,
    progress: Reporter | None = None,
) -> None:
    """Distil the UNet: put a LoRA into it and train that, in place; the UNet's own weights stay as they are.

    The teacher is guided as `GUIDANCE` says. Half of the time the student looks from the beginning of a stretch, else
    from inside it, so that more than four steps make sense too.

    Parameters
    ----------
    folder : str or Path
        Gets `distil/` with the checkpoint and the losses.
    denoiser : Denoiser
        With a text encoder, which does not learn.
    examples : Examples
    n_steps : int, >= 0
    learning_rate : float, > 0
    seed : int
    cpu : bool
        Stay on the CPU even where there is a GPU.
    start : Path or None
        Folder of a model whose few-step twin to begin with, if it has one.
    progress : callable or None
        Gets (steps done, steps in all, None).

    References
    ----------
    Salimans & Ho, "Progressive distillation", 2022. Meng et al., "On distillation of guided diffusion models", 2023.
    Wang et al., "Phased consistency models", 2024 (the stretches).
    """
    unet, text_encoder = denoiser.unet, denoiser.text_encoder
    learning = add_lora(unet, rank=RANK, reach="all", seed=seed)
    if start is not None:
        start_few_steps(start, unet)
    text_encoder.requires_grad_(False)
    config = TrainerConfig(n_steps, learning_rate, warmup=30, ema_decay=0.99, cpu=cpu, seed=seed)
    trainer = Trainer("distil", folder, unet, [{"params": learning}], config)
    path = Path()
    with torch.no_grad():
        nothing = text_encoder(token_ids(examples.tokenizer, [""])).last_hidden_state
    for step in trainer.steps(progress):
        rng, noise_source = trainer.rng(step)
        x0, tokens = examples.draw(rng, random.Random(f"distil {seed} {step}"))
        with torch.no_grad():
            said = text_encoder(tokens).last_hidden_state
        said, unsaid = said.to(trainer.device), nothing.to(trainer.device).expand(len(x0), -1, -1)
        ends = torch.arange(len(x0)) % STRETCHES * STEPS
        n = STEPS if rng.random() < 0.5 else int(rng.integers(1, STEPS))
        begins = ends + n
        x = path.noised(x0, torch.randn(x0.shape, generator=noise_source), begins).to(trainer.device)
        with torch.no_grad(), Without(unet):
            teacher = functools.partial(guided_each, trainer.module, words=said, negative_words=unsaid, **GUIDANCE)
            arrived = path.walk(x, begins, n, teacher)
        predicted = trainer.module(x, path.timesteps[begins].to(x.device), said).sample.float()
        trainer.learn((predicted - path.straight(x, arrived, begins, ends)).pow(2).mean())
    unet.to("cpu")


def guided_each(
    unet: Any,
    x: torch.Tensor,
    t: torch.Tensor,
    *,
    words: torch.Tensor,
    negative_words: torch.Tensor,
    guidance_scale: float,
    guidance_interval: Sequence[float],
) -> torch.Tensor:
    """Classifier-free guidance of latents at timesteps of their own: some lie in the interval, some do not.

    `riffkit.diffusion.sampling.guided` predicts the same for a batch at one timestep.

    Parameters
    ----------
    unet : callable
    x : torch.Tensor [shape=(batch, channels, rows, columns)]
    t : torch.Tensor [shape=(batch,), int64]
    words, negative_words : torch.Tensor [shape=(batch, tokens, width)]
    guidance_scale : float
    guidance_interval : (float, float) [timesteps]

    Returns
    -------
    torch.Tensor [shape as x, float32]
    """
    on = (t >= guidance_interval[0]) & (t <= guidance_interval[1])
    both = unet(torch.cat([x, x[on]]), torch.cat([t, t[on]]), torch.cat([words, negative_words[on]])).sample.float()
    v, v_negative = both.split([len(x), len(both) - len(x)])
    return v.index_put((on,), v_negative + guidance_scale * (v[on] - v_negative))


class Path:
    """The probability-flow path from noise to picture: twenty places, timesteps 999, 949, ... 49, and 0, the picture.

    A place is seen as an angle, x = cos x0 + sin noise; then v is the direction across, and a straight step to another
    place is a turn: x' = cos(turn) x - sin(turn) v.

    In all methods x and v are torch.Tensor [shape=(batch, channels, rows, columns)], places torch.Tensor
    [shape=(batch,), int64, 0..20].
    """

    def __init__(self) -> None:
        alphas_bar = noise_schedule()
        n = STRETCHES * STEPS
        self.timesteps = torch.arange(n + 1) * (len(alphas_bar) // n) - 1  # place 0 has none: there is no noise
        self.angles = torch.cat([torch.zeros(1), alphas_bar[self.timesteps[1:]].sqrt().arccos()])

    def _angle(self, x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        return self.angles[places].to(x.device).view(-1, 1, 1, 1)

    def noised(self, x0: torch.Tensor, noise: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """Add `noise` to the clean latents `x0` as much as lies at `places`, one for each [shape=(batch,)]."""
        angle = self._angle(x0, places)
        return angle.cos() * x0 + angle.sin() * noise

    def step(self, x: torch.Tensor, v: torch.Tensor, places: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
        """Take the straight (DDIM) step from `x` at `places` along the velocity `v` to `ends`."""
        turn = self._angle(x, places) - self._angle(x, ends)
        return turn.cos() * x - turn.sin() * v

    def straight(
        self, x: torch.Tensor, arrived: torch.Tensor, places: torch.Tensor, ends: torch.Tensor
    ) -> torch.Tensor:
        """Invert `step`: the velocity whose straight step leads from `x` at `places` to `arrived` at `ends`."""
        turn = self._angle(x, places) - self._angle(x, ends)
        return (turn.cos() * x - arrived) / turn.sin()

    def walk(
        self,
        x: torch.Tensor,
        places: torch.Tensor,
        n: int,
        predict: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    ) -> torch.Tensor:
        """Take n steps of DPM-Solver++(2M), the way of an ordinary riff, towards the picture.

        Parameters
        ----------
        x : torch.Tensor [shape=(batch, channels, rows, columns)]
        places : torch.Tensor [shape=(batch,), int64, >= n]
        n : int
        predict : callable
            `predict(x, timesteps)` -> v.

        Returns
        -------
        torch.Tensor, like `x`
            At `places - n`.

        References
        ----------
        Lu et al., "DPM-Solver++", 2022, algorithm 2.
        """
        before: tuple[torch.Tensor, torch.Tensor] | None = None
        for place in (places - i for i in range(n)):
            angle, next_angle = self._angle(x, place), self._angle(x, place - 1)
            v = predict(x, self.timesteps[place].to(x.device))
            seen = picture = angle.cos() * x - angle.sin() * v
            if before is not None:  # lean into the curve; not in the very last step, which is infinitely long
                last_picture, last_angle = before
                stride = next_angle.clamp(min=1e-6).tan().log() - angle.tan().log()
                last_stride = angle.tan().log() - last_angle.tan().log()
                leant = picture + (picture - last_picture) * stride / (2 * last_stride)
                picture = torch.where(next_angle > 0, leant, picture)
            before = seen, angle
            x = next_angle.cos() * picture + next_angle.sin() * (x - angle.cos() * picture) / angle.sin()
        return x


class Without:
    """Disable the LoRA of `unet` inside a `with`."""

    def __init__(self, unet: Any) -> None:
        self.unet = unet

    def __enter__(self) -> None:
        self.unet.disable_adapters()

    def __exit__(self, *_: object) -> None:
        self.unet.enable_adapters()
