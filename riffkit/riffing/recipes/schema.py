"""Schema: what a recipe may say. It comes inside a file from anybody, and is looked at before any of it is followed.

Values out of range are refused by the ways to riff themselves; here it is seen to that they are values of the kind that
those expect, and that a recipe carries what it is made from. It never names it: paths come from the user only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from riffkit.riffing.options import MEANINGS
from riffkit.riffing.recipes.packing import expanded
from riffkit.sound.inversion import ITERATIONS

FORMAT = 2  # of the recipe
MOST = 10_000  # frames, chapters, points or places of a path

Check = Callable[[Any], bool]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list(check: Check, n: int | None = None) -> Check:
    def checked(value: Any) -> bool:
        fits = isinstance(value, (list, tuple)) and (len(value) <= MOST if n is None else len(value) == n)
        return fits and all(check(one) for one in value)

    return checked


def _dict(**checks: Check) -> Check:
    def checked(value: Any) -> bool:
        return isinstance(value, Mapping) and all(name in checks and checks[name](one) for name, one in value.items())

    return checked


def _packed(value: Any) -> bool:
    """A picture, a recording, or the name of one that was too long: what `pack` gives."""
    one = _dict(png=_text)(value) or _dict(flac=_text)(value)
    return (one or _dict(clip_hash=_text, duration=_number)(value)) and len(value) > 0


def _source(value: Any) -> bool:
    whole = _dict(picture=_packed, clip=_or_none(_packed), loop=_flag, prompt=_text, n_samples=_or_none(_samples))
    return _packed(value) or (whole(value) and "picture" in value)


def _samples(value: Any) -> bool:
    return _whole(value) and 0 < value < 1 << 27  # 600 s at 192 kHz


def _end(value: Any) -> bool:
    fields = {"prompt": _text, "seed": _whole, "negative_prompt": _text, "guidance_scale": _number}
    return _dict(**fields, strength=_or_none(_number), source=_source)(value)


def _mask(value: Any) -> bool:
    boxes = _list(lambda box: _list(_number, 2)(box) or _list(_number, 4)(box))
    return _dict(png=_text)(value) and len(value) == 1 or (boxes(value) and len(value) > 0)


OPTIONS: dict[str, Check] = {
    "negative_prompt": _text,
    "num_inference_steps": _whole,
    "guidance_scale": _number,
    "guidance_interval": _list(_number, 2),
    "scheduler": _text,
    "quality": _text,
}
assert set(OPTIONS) == set(MEANINGS)

_CHAPTERS = _list(lambda chapter: isinstance(chapter, (list, tuple)) and len(chapter) == 2
                  and _number(chapter[0]) and _text(chapter[1]))  # fmt: skip
_MADE = {"prompt": _text, "seed": _whole}
_TIME = {"duration": _or_none(_number), "loop": _flag}
# what each way to riff writes into its recipe, beside the options
ARGUMENTS: dict[str, dict[str, Check]] = {
    "riff": {**_MADE, **_TIME, "bars": _or_none(_whole), "bpm": _or_none(_number)},
    "story": {**_TIME, "chapters": _CHAPTERS, "seed": _whole, "transition": _number},
    "vary": {**_MADE, "strength": _number, "loop": _flag, "source": _source},
    "inpaint": {**_MADE, "strength": _number, "loop": _flag, "source": _source, "mask": _mask},
    "extend": {**_MADE, "duration": _number, "side": _text, "source": _source},
    "interpolate": {**_TIME, "alpha": _number, "align": _flag, "a": _end, "b": _end},
    "walk": {**_TIME, "points": _list(_end), "seed": _list(_whole), "curve": _text, "power": _number},
    "plane": {**_TIME, "ends": _list(_end), "x": _number, "y": _number, "path": _list(_list(_number, 2))},
}
NEEDED = {
    "riff": ("prompt", "seed"),
    "story": ("chapters", "duration"),
    "vary": ("source",),
    "inpaint": ("source", "mask"),
    "extend": ("source",),
    "interpolate": ("a", "b", "alpha"),
    "walk": ("points", "duration"),
    "plane": ("ends",),
}
_SOUND: dict[str, Check] = {
    "loop": _flag,
    "quality": lambda value: value in ITERATIONS if isinstance(value, str) else False,
    "loudness": lambda value: value in ("peak", "stored"),
    "n_samples": _or_none(_samples),
}
_CHECKPOINT: dict[str, Check] = {"name": _text, "hash": _text, "device": _text, "dtype": _text}


def checked_recipe(recipe: Any, *, inside: bool = False) -> dict[str, Any]:
    """Return a recipe that is what `make_recipe` writes, in the words of the present format.

    Parameters
    ----------
    recipe : dict
        Of any format that was ever written, from anywhere.
    inside : bool
        It is one frame of a walk, and may have none itself.

    Returns
    -------
    dict
        The given one stays as it is.

    Raises
    ------
    ValueError
        If it is something else: the message says which of its values, and what was expected.
    """
    if not isinstance(recipe, Mapping):
        raise ValueError(f"the recipe is {short(recipe)}, expected a dict as riff.recipe is one")
    if recipe.get("format") not in (1, FORMAT):
        raise ValueError(f"the recipe has format {short(recipe.get('format'))}, this version reads {FORMAT}")
    recipe = expanded(dict(recipe))
    for name in ("arguments", "sound"):
        if not isinstance(recipe.get(name, {}), Mapping):
            raise ValueError(f"the recipe is damaged: its {name} are {short(recipe[name])}, expected an object")
    recipe = upgraded(recipe, frames=False)
    operation = recipe.get("operation")
    _check_names(recipe, "checkpoint", _CHECKPOINT, needed=tuple(_CHECKPOINT))
    _check_names(recipe, "sound", _SOUND)
    if operation == "frames" and not inside:
        frames = recipe.get("frames")
        if not isinstance(frames, (list, tuple)) or not 0 < len(frames) <= MOST:
            raise ValueError(f"the recipe is damaged: its frames are {short(frames)}, expected a list of recipes")
        return recipe | {"frames": [checked_recipe(frame, inside=True) for frame in frames]}
    if not isinstance(operation, str) or operation not in ARGUMENTS:
        known = ", ".join((*ARGUMENTS, "frames"))
        raise ValueError(f"the recipe's operation {short(operation)} is none of {known}")
    _check_names(recipe, "arguments", ARGUMENTS[operation] | OPTIONS, needed=NEEDED[operation])
    arguments = recipe["arguments"]
    if operation == "plane" and ("duration" if "path" in arguments else "x") not in arguments:
        raise ValueError("the recipe is damaged: its plane has neither a place (x, y) nor a path and its duration")
    return recipe


def _check_names(recipe: Mapping[str, Any], part: str, checks: dict[str, Check], needed: tuple[str, ...] = ()) -> None:
    values = recipe.get(part, {})
    if not isinstance(values, Mapping):
        raise ValueError(f"the recipe is damaged: its {part} is {short(values)}, expected an object")
    missing = [name for name in needed if name not in values]
    if missing:
        raise ValueError(f"the recipe is damaged: its {part} has no {missing[0]!r}")
    for name, value in values.items():
        if name not in checks:
            raise ValueError(
                f"the recipe is damaged: its {part} has {short(name)}, which is none of {', '.join(checks)}"
            )
        if not checks[name](value):
            named = name in ("source", "a", "b", "points", "ends")
            away = "; what it was made from has to lie in it, or be given: replay(path, source=...)" if named else ""
            raise ValueError(f"the recipe is damaged: its {part} say {name} is {short(value)}{away}")


def upgraded(recipe: dict[str, Any], *, frames: bool = True) -> dict[str, Any]:
    """Return a `recipe` of any format that was ever written in the words of the present one; the given one stays.

    Parameters
    ----------
    recipe : dict
    frames : bool
        The recipes inside it too.
    """
    if recipe.get("format") != 1:
        return recipe
    arguments, sound = dict(recipe.get("arguments", {})), dict(recipe.get("sound", {}))
    if "seconds" in arguments:
        arguments["duration"] = arguments.pop("seconds")
    if "guidance_scale" in arguments and arguments.get("guidance_interval") is None:  # of a time when all were guided
        arguments["guidance_interval"] = [0, 1000]
    if "level" in sound:
        sound["loudness"] = sound.pop("level")
    new = recipe | {"format": FORMAT, "arguments": arguments, "sound": sound}
    inner = frames and "frames" in recipe
    return new | ({"frames": [upgraded(frame) for frame in recipe["frames"]]} if inner else {})


def short(value: Any) -> str:
    """Return a `value` as an error quotes it: at most 60 letters."""
    told = repr(value)[:200] if not isinstance(value, (dict, list, tuple)) else _outline(value)
    return told if len(told) <= 60 else f"{told[:60]}..."


def _outline(value: Any) -> str:
    if isinstance(value, dict):
        return f"an object of {', '.join(map(repr, list(value)[:4]))}" if value else "an empty object"
    return f"a list of {len(value)}"
