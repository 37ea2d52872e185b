"""The state of a training on disk: one safetensors file, checked against what it is to be read into.

Runs are passed on, so nothing in a state is trusted: it holds no pickles, and whatever does not fit is refused by name.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from riffkit.sound.files import replacing
from riffkit.training.averaging import AveragedWeights

OTHER = 4096  # numbers of a part of 8-bit Adam's state that is no moment: its table, or scales of a small layer


def write_state(
    path: Path, averages: Sequence[AveragedWeights], optimizer: torch.optim.Optimizer, notes: dict[str, Any]
) -> None:
    """Write weights, averages and moments to `path`, and `notes` (as JSON takes them); the last state is replaced.

    Parameters
    ----------
    path : Path
    averages : sequence of AveragedWeights
        All of the same parameters.
    optimizer : torch.optim.Optimizer
    notes : dict
    """
    parameters = averages[0].parameters
    tensors = {f"average.{i}": average for i, average in enumerate(averages[0].average)}
    for number, longer in enumerate(averages[1:], 1):
        tensors |= {f"average{number}.{i}": average for i, average in enumerate(longer.average)}
    for i, parameter in enumerate(parameters):
        tensors[f"weight.{i}"] = parameter.detach()
        for name, value in optimizer.state.get(parameter, {}).items():
            if name.startswith("qmap"):  # 8-bit Adam's table is one for all, but each file entry is its own
                value = value.clone()
            tensors[f"{name}.{i}"] = torch.as_tensor(value)
    with replacing(path, True) as temporary:
        tensors = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
        save_file(tensors, temporary, {"riffkit": json.dumps(notes)})


def read_state(path: Path, averages: Sequence[AveragedWeights], optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Read the state at `path` into weights, averages and moments; returns its notes.

    Parameters
    ----------
    path : Path
    averages : sequence of AveragedWeights
    optimizer : torch.optim.Optimizer
        Both as given to `write_state`; changed in place.

    Returns
    -------
    dict
        "step", "n_updates" (int), "recent" (list of float), and "scaler" where there was one.

    Raises
    ------
    ValueError
        If the file is damaged, or is the state of another training.
    """
    parameters = averages[0].parameters
    try:
        with safe_open(path, "pt") as file, torch.no_grad():
            notes = _checked_notes((file.metadata() or {}).get("riffkit"))
            found: dict[int, set[str]] = {i: set() for i in range(len(parameters))}
            for name, i, key in _keys(file.keys(), len(parameters)):
                found[i].add(name)
                tensor, parameter = file.get_tensor(key), parameters[i]
                _check_tensor(key, tensor, parameter)
                if name == "weight":
                    parameter.copy_(tensor)
                elif name.startswith("average"):
                    _average(averages, name)[i].copy_(tensor)
                else:
                    optimizer.state[parameter][name] = _moment(tensor, parameter.device)
            _check_whole(found, len(averages))
    except (SafetensorError, ValueError) as error:
        raise ValueError(
            f"{path} is damaged, or the state of another training ({error}); remove it to begin again, or name another"
            " output"
        ) from None
    for average in averages:
        average.n_updates = notes["n_updates"]
    return notes


def _checked_notes(text: str | None) -> dict[str, Any]:
    try:
        notes = json.loads(text or "")
    except (ValueError, RecursionError):
        raise ValueError("its notes are no JSON") from None
    wanted = {"step": _is_count, "n_updates": _is_count, "recent": _is_losses}
    wrong = [name for name, fits in wanted.items() if not (isinstance(notes, dict) and fits(notes.get(name)))]
    if wrong or not isinstance(notes.get("scaler", {}), dict):
        raise ValueError(f"its notes say nothing usable of {(wrong or ['scaler'])[0]}")
    return notes


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _is_losses(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, float) or _is_count(one) for one in value)


def _keys(keys: Sequence[str], count: int) -> Iterator[tuple[str, int, str]]:
    """Names and numbers of tensors, such as ("weight", 3, "weight.3")."""
    for key in keys:
        name, _, i = key.rpartition(".")
        if not (name and i.isascii() and i.isdecimal() and len(i) < 10 and int(i) < count):
            raise ValueError(f"it holds {key[:60]!r}; this training has {count} weights")
        yield name, int(i), key


def _check_tensor(key: str, tensor: torch.Tensor, parameter: torch.Tensor) -> None:
    own = key.startswith(("weight", "average"))
    if tensor.shape != parameter.shape and (own or tensor.numel() > max(OTHER, parameter.numel())):
        raise ValueError(f"{key} has the shape {tuple(tensor.shape)}, expected {tuple(parameter.shape)}")
    if tensor.is_floating_point() and not torch.isfinite(tensor).all():
        raise ValueError(f"{key} holds numbers that are not finite")


def _average(averages: Sequence[AveragedWeights], name: str) -> list[torch.Tensor]:
    number = name.removeprefix("average") or "0"
    if not (number.isascii() and number.isdecimal() and len(number) < 4 and int(number) < len(averages)):
        raise ValueError(f"it holds {name[:60]!r}; this training has {len(averages)} averages")
    return averages[int(number)].average


def _check_whole(found: dict[int, set[str]], n_averages: int) -> None:
    """All weights and averages are there; what has moments has all of those that others of its kind have."""
    own = {"weight", "average", *(f"average{number}" for number in range(1, n_averages))}
    kinds = {frozenset(names - own) for names in found.values()}
    for i, names in found.items():
        larger = next((kind for kind in kinds if names - own < kind), None)
        missing = own - names or (larger is not None and bool(names - own) and larger - names)
        if missing:
            raise ValueError(f"it lacks {sorted(missing)[0]}.{i}")


def _moment(value: torch.Tensor, device: torch.device) -> torch.Tensor | float:
    """A part of the optimizer's state where it belongs: step counts stay on the CPU."""
    if value.ndim == 0:
        return value if value.is_floating_point() else value.item()
    return value.to(device)
