"""Schedulers: which timesteps a run takes, for any checkpoint, count and strength; the solvers are diffusers'."""

import importlib
import warnings
from collections.abc import Mapping
from inspect import signature
from typing import Any

import torch

Scheduler = Any  # one of diffusers', which share no class that says what they have in common
MAX_STEPS = 1000

# name: (module, class, options that the algorithm needs whatever a checkpoint's own scheduler says)
SCHEDULERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "dpm++": ("dpmsolver_multistep", "DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "pndm": ("pndm", "PNDMScheduler", {"skip_prk_steps": True}),
    "ddim": ("ddim", "DDIMScheduler", {"clip_sample": False}),
    "lms": ("lms_discrete", "LMSDiscreteScheduler", {}),
    "euler": ("euler_discrete", "EulerDiscreteScheduler", {}),
    "euler_ancestral": ("euler_ancestral_discrete", "EulerAncestralDiscreteScheduler", {}),
    "lcm": ("lcm", "LCMScheduler", {"clip_sample": False}),
}
FRESH_NOISE = ("euler_ancestral", "lcm")  # they draw it at every step


def make_scheduler(name: str, config: Mapping[str, Any], num_inference_steps: int, strength: float = 1.0) -> Scheduler:
    """Make a fresh scheduler, ready to run the last part of its timesteps.

    One rule for every scheduler: of `num_inference_steps` timesteps the last n = round(strength * num_inference_steps)
    are run, at least one if strength > 0 and none if strength = 0. The noise put into a picture belongs to the first
    timestep that is run. The UNet is called n times, PNDM calls it n + 1 times (its first step is taken twice).

    Parameters
    ----------
    name : str
        One of `SCHEDULERS`.
    config : dict
        The checkpoint's scheduler configuration: betas, prediction type and timestep spacing are taken from it.
    num_inference_steps : int, 1..1000
    strength : float, 0..1

    Returns
    -------
    diffusers scheduler
    """
    if name not in SCHEDULERS:
        raise ValueError(f"scheduler {name!r} is none of {', '.join(SCHEDULERS)}")
    whole = isinstance(num_inference_steps, int) and not isinstance(num_inference_steps, bool)
    if not whole or not 1 <= num_inference_steps <= MAX_STEPS:
        raise ValueError(f"num_inference_steps is {num_inference_steps!r}, expected a whole number in 1..{MAX_STEPS}")
    check_strength(strength)
    module_name, class_name, options = SCHEDULERS[name]
    if name in ("pndm", "ddim") and config.get("timestep_spacing") == "linspace":
        options = {**options, "timestep_spacing": "leading"}  # they step by whole ratios, which linspace does not have
    module = importlib.import_module(f"diffusers.schedulers.scheduling_{module_name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of numpy, about how diffusers calls it
        cls = getattr(module, class_name)
        understood = signature(cls.__init__).parameters  # what another scheduler left in the file means nothing here
        scheduler = cls.from_config({k: v for k, v in config.items() if k in understood}, **options)
    if name == "lcm" and num_inference_steps > scheduler.config.original_inference_steps:
        most = scheduler.config.original_inference_steps
        raise ValueError(f"num_inference_steps is {num_inference_steps}, lcm takes 1..{most} (4 to 8 are usual)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        scheduler.set_timesteps(num_inference_steps)
    n = number_of_steps(num_inference_steps, strength)
    if name == "lcm":
        scheduler.num_inference_steps = n  # by which it knows its last step, the one without fresh noise
    return _keep_last(scheduler, n)


def check_strength(strength: float) -> None:
    """Raise the ValueError that says what a `strength` may be."""
    number = isinstance(strength, (int, float)) and not isinstance(strength, bool)
    if not number or not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength!r}, expected 0 (keep everything) .. 1 (free)")


def number_of_steps(num_inference_steps: int, strength: float) -> int:
    """Return how many of `num_inference_steps` are run at a `strength`; the rule is stated in `make_scheduler`."""
    return max(round(strength * num_inference_steps), 1) if strength > 0 else 0


def _keep_last(scheduler: Scheduler, n: int) -> Scheduler:
    # The schedule itself is cut, rather than entered in the middle: LMS and PNDM start up wrongly when entered there.
    timesteps = torch.unique_consecutive(scheduler.timesteps)
    if n < len(timesteps):
        kept = timesteps[len(timesteps) - n :]
        if len(timesteps) < len(scheduler.timesteps) and n > 1:  # PNDM evaluates its second timestep twice
            kept = torch.cat([kept[:2], kept[1:]])
        scheduler.timesteps = kept
        if hasattr(scheduler, "sigmas"):
            scheduler.sigmas = scheduler.sigmas[len(scheduler.sigmas) - (n + 1) :]
    return scheduler
