"""Options of the sampling loop and the inversion that every way to riff takes: names, meanings and checks, once.

Functions take them as `**options: Unpack[OptionKeywords]` and are decorated with `takes_options`, which shows each of
them in the signature and in the docstring.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, TypedDict, TypeVar, get_args

from riffkit.diffusion.schedulers import SCHEDULERS, make_scheduler
from riffkit.models.checkpoint import Checkpoint
from riffkit.models.emphasis import check_prompt
from riffkit.models.files import HOW_TO_RIFF, read_defaults
from riffkit.sound.inversion import ITERATIONS

ALWAYS = (0.0, 1000.0)  # all timesteps


class SharedKeywords(TypedDict, total=False):
    """Options that both ends of an interpolation share."""

    num_inference_steps: int | None
    guidance_interval: tuple[float, float] | None
    scheduler: str | None
    quality: str


class OptionKeywords(SharedKeywords, total=False):
    """All options."""

    negative_prompt: str
    guidance_scale: float | None


MEANINGS = {
    "negative_prompt": """str
    What to stay away from; "" is nothing in particular.""",
    "num_inference_steps": """int, optional [1..1000]
    Denoising steps: more is slower and finer. Default: the riffer's (`riffer.defaults`), mostly 20.""",
    "guidance_scale": """float, optional [0..100]
    Weight of classifier-free guidance: how much the words count; 1 is off. Default: the riffer's, mostly 4.""",
    "guidance_interval": """(float, float), optional [timesteps in 0..1000, the lower first]
    Guide only between these (1000 is pure noise, 0 the picture). Words decide early, so guiding late steps costs time,
    and variety, for little. Default: the riffer's, (600, 1000) for the embedded model; always, (0, 1000), where a run
    begins with a picture or keeps a part of one.""",
    "scheduler": f"""str, optional
    {", ".join(f'"{name}"' for name in SCHEDULERS)}. Default: the riffer's, mostly "dpm++".""",
    "quality": """str
    Of the inversion from picture to sound: "fast", "default" or "best".""",
}


@dataclass(frozen=True)
class Options:
    """Options with a value each: those of a riffer where a call says nothing, or those of one run.

    Parameters
    ----------
    negative_prompt : str
    num_inference_steps : int [1..1000]
    guidance_scale : float [0..100]
    guidance_interval : (float, float) [timesteps in 0..1000]
    scheduler : str
    quality : str
    """

    negative_prompt: str = ""
    num_inference_steps: int = 20
    guidance_scale: float = 4.0
    guidance_interval: tuple[float, float] = ALWAYS
    scheduler: str = "dpm++"
    quality: str = "default"

    @classmethod
    def of_checkpoint(cls, checkpoint: Checkpoint) -> "Options":
        """Read the options a `checkpoint` recommends from its folder (`defaults.json`); others are as usual.

        Raises
        ------
        ValueError
            If the file names something else, or a value is out of range.
        """
        told = read_defaults(checkpoint.folder)
        try:
            for name in told:
                if name not in MEANINGS:
                    raise ValueError(f"{name!r} is none of {', '.join(MEANINGS)}")
            return replace(cls(), **told).checked(checkpoint)
        except ValueError as error:
            raise ValueError(f"{checkpoint.folder / HOW_TO_RIFF}: {error}; correct or delete it") from None

    def asked(self, checkpoint: Checkpoint, keywords: Mapping[str, Any], *, from_picture: bool = False) -> "Options":
        """Return these options with what a call asks for in their place; `self` is unchanged.

        Parameters
        ----------
        checkpoint : Checkpoint
        keywords : dict
            Some of `OptionKeywords`; None stands for these options' own value.
        from_picture : bool
            The run begins with a picture or keeps a part of one. The words have to prevail against it: unless asked
            otherwise it is guided at every step.

        Raises
        ------
        TypeError
            If a keyword is unknown.
        ValueError
            If a value is out of range: before any work is done.
        """
        for name in keywords:
            if name not in MEANINGS:
                raise TypeError(f"{name!r} is an unexpected keyword; options are {', '.join(MEANINGS)}")
        chosen = {name: value for name, value in keywords.items() if value is not None or name == "negative_prompt"}
        if from_picture:
            chosen = {"guidance_interval": ALWAYS} | chosen
        return replace(self, **chosen).checked(checkpoint)

    def checked(self, checkpoint: Checkpoint) -> "Options":
        """Return these options with plain values, or raise the ValueError that says what a `checkpoint` allows."""
        if not isinstance(self.negative_prompt, str):
            raise ValueError(f"negative_prompt is {self.negative_prompt!r}, expected words ('' for none)")
        check_prompt(self.negative_prompt, "negative_prompt")
        if not isinstance(self.quality, str) or self.quality not in ITERATIONS:
            raise ValueError(f"quality is {self.quality!r}, expected one of {', '.join(ITERATIONS)}")
        check_guidance(self.guidance_scale)
        interval = checked_interval(self.guidance_interval)
        make_scheduler(self.scheduler, checkpoint.scheduler_config, self.num_inference_steps)
        return replace(self, guidance_interval=interval)

    @property
    def recipe(self) -> dict[str, Any]:
        """These options as a part of a recipe's arguments, as JSON has them."""
        return asdict(self) | {"guidance_interval": list(self.guidance_interval)}


F = TypeVar("F", bound=Callable[..., Any])


def takes_options(**usual: Any) -> Callable[[F], F]:
    """Decorate a function that has `**options: Unpack[...]` so that signature and docstring show each option.

    Parameters
    ----------
    **usual
        Options whose default is another than elsewhere, such as `quality="fast"`.
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        (keywords,) = get_args(signature.parameters["options"].annotation)
        plain = {"negative_prompt": "", "quality": "default"} | usual
        hints = keywords.__annotations__
        names = [name for name in MEANINGS if name in hints]
        options = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=plain.get(name), annotation=hints[name])
            for name in names
        ]
        others = [parameter for name, parameter in signature.parameters.items() if name != "options"]
        last = [parameter for parameter in others if parameter.name == "progress"]
        first = [parameter for parameter in others if parameter.name != "progress"]
        function.__signature__ = signature.replace(parameters=[*first, *options, *last])  # type: ignore[attr-defined]  # PEP 362
        told = "\n".join(f"{name} : {MEANINGS[name]}" for name in names)
        if function.__name__ == "__init__":  # its class describes the other parameters
            function.__doc__ = f"Take options, beside what the class describes.\n\nParameters\n----------\n{told}"
        elif function.__doc__:
            before, heading, after = inspect.cleandoc(function.__doc__).partition("\n\nReturns\n-------")
            function.__doc__ = f"{before}\n{told}{heading}{after}"
        return function

    return decorate


def check_guidance(guidance_scale: float) -> None:
    """Raise the ValueError that says what a `guidance_scale` may be."""
    number = isinstance(guidance_scale, (int, float)) and not isinstance(guidance_scale, bool)
    if not number or not 0 <= guidance_scale <= 100:
        raise ValueError(f"guidance_scale is {guidance_scale!r}, expected 0..100 (4 is usual)")


def checked_interval(guidance_interval: Any) -> tuple[float, float]:
    """Return a `guidance_interval` as a tuple of two float.

    Raises
    ------
    ValueError
        If it is no pair of timesteps in 0..1000, the lower first.
    """
    told = f"guidance_interval is {guidance_interval!r}, expected two timesteps in 0..1000, the lower first"
    try:
        low, high = (float(t) for t in guidance_interval)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(told) from None
    if not 0 <= low <= high <= 1000:
        raise ValueError(told)
    return low, high
