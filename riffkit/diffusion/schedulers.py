"""Schedulers: which timesteps a run takes, for any checkpoint, count and strength; the solvers are diffusers'."""

import importlib
import math
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

    Raises
    ------
    ValueError
        If a value is out of range, or the configuration is none, or cannot give so many steps.
    """
    if not isinstance(name, str) or name not in SCHEDULERS:
        raise ValueError(f"scheduler {name!r} is none of {', '.join(SCHEDULERS)}")
    whole = isinstance(num_inference_steps, int) and not isinstance(num_inference_steps, bool)
    if not whole or not 1 <= num_inference_steps <= MAX_STEPS:
        raise ValueError(f"num_inference_steps is {num_inference_steps!r}, expected a whole number in 1..{MAX_STEPS}")
    check_strength(strength)
    check_scheduler_config(config)
    scheduler = _from_config(name, config)
    if name == "lcm" and num_inference_steps > scheduler.config.original_inference_steps:
        most = scheduler.config.original_inference_steps
        raise ValueError(f"num_inference_steps is {num_inference_steps}, lcm takes 1..{most} (4 to 8 are usual)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            scheduler.set_timesteps(num_inference_steps)
        except (ValueError, ArithmeticError, IndexError, ImportError) as error:
            raise ValueError(_impossible(name, config, num_inference_steps, str(error))) from error
    n = number_of_steps(num_inference_steps, strength)
    if name == "lcm":
        scheduler.num_inference_steps = n  # by which it knows its last step, the one without fresh noise
    told = _cut(scheduler, name, num_inference_steps, n)
    if told:
        raise ValueError(_impossible(name, config, num_inference_steps, told))
    return scheduler


def check_scheduler_config(config: Any) -> None:
    """Raise the ValueError that says what is wrong with a `config`: it comes from a file that anybody may have written.

    What diffusers' schedulers leave to their callers is looked at here: numbers that are none, a billion of timesteps,
    a prediction that this loop cannot read.
    """
    if not isinstance(config, Mapping):
        raise ValueError(f"the scheduler's configuration is {_short(config)}, expected an object of names and values")
    for key, value in config.items():
        expected = _NUMBERS.get(key)
        if expected and value is not None:
            low, high = expected
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            if not number or not low <= value <= high or (isinstance(low, int) and value != int(value)):
                whole = "a whole number" if isinstance(low, int) else "a number"
                raise ValueError(f"the scheduler's {key} is {_short(value)}, expected {whole} in {low:g}..{high:g}")
        elif key in _CHOICES and value is not None and value not in _CHOICES[key]:
            raise ValueError(f"the scheduler's {key} is {_short(value)}, expected one of {', '.join(_CHOICES[key])}")
        elif key == "trained_betas" and value is not None:
            flat = isinstance(value, (list, tuple)) and 0 < len(value) <= _NUMBERS["num_train_timesteps"][1]
            if not flat or not all(type(beta) in (int, float) and 0 <= beta <= 1 for beta in value):
                raise ValueError(
                    f"the scheduler's trained_betas are {_short(value)}, expected a list of numbers in 0..1"
                )


# What a scheduler's file may say; whole numbers where the bounds are.
_NUMBERS: dict[str, tuple[float, float]] = {
    "num_train_timesteps": (1, 100_000),
    "original_inference_steps": (1, 100_000),
    "beta_start": (0.0, 1.0),
    "beta_end": (0.0, 1.0),
    "steps_offset": (0, 1000),
    "solver_order": (1, 3),
    "timestep_scaling": (0.0, 1e6),
    "flow_shift": (0.0, 1e3),
}
_CHOICES = {
    "prediction_type": ("epsilon", "v_prediction"),
    "beta_schedule": ("linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid"),
    "timestep_spacing": ("linspace", "leading", "trailing"),
    "final_sigmas_type": ("zero", "sigma_min"),
}


def _from_config(name: str, config: Mapping[str, Any]) -> Scheduler:
    module_name, class_name, options = SCHEDULERS[name]
    if name in ("pndm", "ddim") and config.get("timestep_spacing") == "linspace":
        options = {**options, "timestep_spacing": "leading"}  # they step by whole ratios, which linspace does not have
    module = importlib.import_module(f"diffusers.schedulers.scheduling_{module_name}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of numpy, about how diffusers calls it
        cls = getattr(module, class_name)
        understood = signature(cls.__init__).parameters  # what another scheduler left in the file means nothing here
        kept = {key: value for key, value in config.items() if key in understood}
        try:
            return cls.from_config(kept, **options)
        except (TypeError, ValueError, ArithmeticError, ImportError, RuntimeError, NotImplementedError) as error:
            raise ValueError(f"{name} cannot be made of this scheduler's configuration ({error})") from error


def _impossible(name: str, config: Mapping[str, Any], num_inference_steps: int, told: str) -> str:
    said = ("timestep_spacing", "steps_offset", "num_train_timesteps", "use_karras_sigmas")
    file = ", ".join(f"{key} {config[key]!r}" for key in said if key in config)
    return (
        f"num_inference_steps is {num_inference_steps}, which {name} cannot give with this checkpoint's scheduler file"
        f" ({file or 'empty'}): {told}; take fewer (20 to 50 are usual), or another scheduler"
    )


def _short(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= 60 else f"{told[:60]}..."


def check_strength(strength: float) -> None:
    """Raise the ValueError that says what a `strength` may be."""
    number = isinstance(strength, (int, float)) and not isinstance(strength, bool)
    if not number or not 0 <= strength <= 1:
        raise ValueError(f"strength is {strength!r}, expected 0 (keep everything) .. 1 (free)")


def number_of_steps(num_inference_steps: int, strength: float) -> int:
    """Return how many of `num_inference_steps` are run at a `strength`; the rule is stated in `make_scheduler`."""
    return max(round(strength * num_inference_steps), 1) if strength > 0 else 0


def _cut(scheduler: Scheduler, name: str, asked: int, n: int) -> str:
    """Cut a schedule to the last `n` of its timesteps, in place; says why where it has not as many as asked for.

    The schedule itself is cut, rather than entered in the middle: LMS and PNDM start up wrongly when entered there.
    Timesteps and sigmas are cut by position: Karras sigmas and others round several late steps to one timestep.
    """
    timesteps = scheduler.timesteps
    sigmas = getattr(scheduler, "sigmas", None)
    if name == "pndm" and asked > 1:  # which evaluates its second timestep twice
        timesteps = torch.cat([timesteps[:1], timesteps[2:]])
    if len(timesteps) == asked + 1:  # "trailing" steps by a fraction, and sometimes takes one too many, to t = -1
        timesteps = timesteps[:asked]
        sigmas = None if sigmas is None else torch.cat([sigmas[:asked], sigmas[-1:]])
    if len(timesteps) != asked:
        return f"it has {len(timesteps)}"
    last = scheduler.config.num_train_timesteps - 1
    if scheduler.config.get("timestep_type") != "continuous" and not 0 <= timesteps.min() <= timesteps.max() <= last:
        return f"they would go from {float(timesteps.max()):g} to {float(timesteps.min()):g}, it has 0 to {last}"
    places = timesteps if sigmas is None else sigmas[:-1]
    if (places[1:] == places[:-1]).any() or not torch.isfinite(places).all():
        return "several of them would be the same"
    if n < asked or len(scheduler.timesteps) not in (asked, asked + (name == "pndm")):
        kept = timesteps[asked - n :]
        scheduler.timesteps = torch.cat([kept[:2], kept[1:]]) if name == "pndm" and n > 1 else kept
        if sigmas is not None:
            scheduler.sigmas = sigmas[asked - n :]
    if hasattr(
        scheduler, "set_begin_index"
    ):  # else the first step is looked up by its timestep, of which there may be two
        scheduler.set_begin_index(0)
    return ""
