"""Weight averaging: an exponential moving average (EMA) of the parameters, which is what is saved and sampled from.

A class of our own and not `diffusers.training_utils.EMAModel`: that puts its averages into the model with a third copy
of all weights beside, and rounds its updates otherwise; here both are exchanged in place, and exactly back.
"""

from collections.abc import Iterable

import torch


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
        decay = min(self.decay, (1 + self.n_updates) / (10 + self.n_updates))
        torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self.parameters], 1 - decay)

    @torch.no_grad()
    def exchange(self) -> None:
        """Put the averages into the model and keep its weights; a second call undoes it."""
        for parameter, average in zip(self.parameters, self.average, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(average)
            average.copy_(kept)
