"""Weight averaging: a moving average of the parameters, which is what is saved and sampled from.

Fine-tuning averages exponentially (EMA). A long training from nothing averages by a power of time: such an average
forgets its start in proportion to its age, and from stored ones of two lengths that of any length can be made
afterwards (`posthoc`), so that the length, which decides much, need not be guessed beforehand.

Classes of our own and not `diffusers.training_utils.EMAModel`: that puts its averages into the model with a third copy
of all weights beside, and rounds its updates otherwise; here both are exchanged in place, and exactly back.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file


class AveragedWeights:
    """Exponential moving average of parameters, kept beside them.

    Early steps are averaged over fewer steps, so that the random start is forgotten: the decay of update n is
    min(`decay`, (1 + n) / (10 + n)).

    Parameters
    ----------
    parameters : iterable of torch.nn.Parameter
    decay : float [0..1]
        0.99 averages about the last hundred steps, 0.999 the last thousand.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], decay: float) -> None:
        self.parameters = list(parameters)
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.decay, self.n_updates = decay, 0

    @torch.no_grad()
    def update(self) -> None:
        """Move the averages towards the present weights, after each step of the optimizer."""
        self.n_updates += 1
        decay = self._decay_now()
        torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self.parameters], 1 - decay)

    def _decay_now(self) -> float:
        return min(self.decay, (1 + self.n_updates) / (10 + self.n_updates))

    @torch.no_grad()
    def exchange(self) -> None:
        """Put the averages into the model and keep its weights; a second call undoes it."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(kept)


class PowerAverage(AveragedWeights):
    """Average of parameters by a power of time: the weight of step s after n steps is proportional to s^gamma.

    Parameters
    ----------
    parameters : iterable of torch.nn.Parameter
    length : float [0.01..0.28]
        Standard deviation of the profile relative to the run so far: 0.1 averages about the last tenth of it.

    References
    ----------
    Karras et al., "Analyzing and Improving the Training Dynamics of Diffusion Models", 2024 (EDM2), section 3.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], length: float) -> None:
        super().__init__(parameters, 0.0)
        self.gamma = power_of_length(length)

    def _decay_now(self) -> float:
        return (1 - 1 / self.n_updates) ** (self.gamma + 1)


def power_of_length(length: float) -> float:
    """Find the power of a profile of relative `length`, gamma: (gamma + 1) / ((gamma + 2)^2 (gamma + 3)) = length^2.

    Raises
    ------
    ValueError
        If the length is not in [0.01..0.28]; a power of 0, the plain mean, has 0.289.
    """
    if not 0.01 <= length <= 0.28:
        raise ValueError(f"length is {length!r}; expected 0.01 to 0.28 of the run")
    roots = np.roots([1, 7, 16 - length**-2, 12 - length**-2])
    return float(roots.real.max())


def read_snapshots(folder: str | Path) -> dict[tuple[int, float], dict[str, torch.Tensor]]:
    """Load the averages that a `Trainer` stored with `snapshot_every`.

    Parameters
    ----------
    folder : str or Path
        `<run>/<stage>/averages`.

    Returns
    -------
    dict of (step, length) to (dict of str to torch.Tensor [float16])
        By the names of the weights; what `posthoc` takes.
    """
    found: dict[tuple[int, float], dict[str, torch.Tensor]] = {}
    for file in sorted(Path(folder).glob("*.safetensors")):
        for key, tensor in load_file(file).items():
            length, name = key.split("/", 1)
            found.setdefault((int(file.stem), float(length)), {})[name] = tensor
    return found


def posthoc(
    snapshots: Mapping[tuple[int, float], Mapping[str, torch.Tensor]], length: float, step: int | None = None
) -> dict[str, torch.Tensor]:
    """Combine stored power averages to one of another length: post-hoc EMA.

    Parameters
    ----------
    snapshots : dict of (step, length) to (dict of str to torch.Tensor)
        Averages as they were after so many updates.
    length : float [0.01..0.28]
        Wanted.
    step : int or None
        After how many updates; None takes the latest snapshot's.

    Returns
    -------
    dict of str to torch.Tensor [float32]

    References
    ----------
    Karras et al., 2024 (EDM2), appendix C: least squares between profiles.
    """
    profiles = [(n, power_of_length(of)) for n, of in snapshots]
    target = (step or max(n for n, _ in profiles), power_of_length(length))
    overlaps = np.array([[_overlap(a, b) for b in profiles] for a in profiles])
    factors = np.linalg.lstsq(overlaps, np.array([_overlap(a, target) for a in profiles]), rcond=None)[0]
    combined: dict[str, torch.Tensor] = {}
    for factor, weights in zip(factors / factors.sum(), snapshots.values(), strict=True):
        for name, tensor in weights.items():
            share = tensor.float() * float(factor)
            combined[name] = combined[name].add_(share) if name in combined else share
    return combined


def _overlap(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Inner product of two power profiles, each (its last step, its power)."""
    (n_a, power_a), (n_b, power_b) = (a, b) if a[0] < b[0] else (b, a)
    return (power_a + 1) * (power_b + 1) * (n_a / n_b) ** power_b / ((power_a + power_b + 1) * n_b)
