"""The Muon optimizer for the matrices inside a network, with AdamW for everything else.

Adam scales every number of a matrix by its own history. Muon looks at the matrix as a whole: it makes the update
orthogonal, so that all directions move equally far, also those with small gradients. Per processor second the small
UNet learns about a fifth faster so (measured; the table is in CHANGELOG.md). Not `torch.optim.Muon`: that
takes matrices only, and half of a UNet's weights are convolutions.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch

# The quintic that pushes singular values towards one, from Jordan's note: five turns of it are enough.
_A, _B, _C, _TURNS = 3.4445, -4.7750, 2.0315, 5


class Muon(torch.optim.AdamW):
    """AdamW that gives orthogonal updates to the groups marked `"orthogonal": True`.

    Parameters
    ----------
    groups : iterable of dict
        As for AdamW; orthogonal groups may hold only tensors of two or more axes (convolutions are taken as matrices
        of shape (out, in x height x width)).
    lr : float, > 0
        Of the updates' root mean square: the same learning rates as for AdamW are right.
    betas : (float, float) [0..1]
        Of the groups that AdamW moves.
    weight_decay : float, >= 0
        Decoupled, of all groups.
    momentum : float [0..1]
        Of the orthogonal groups.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. Liu et al., "Muon is scalable for
    LLM training", 2025 (the factor .2 sqrt(largest side), which makes Adam's learning rates fit).
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        lr: float = 1e-3,
        *,
        betas: tuple[float, float] = (0.9, 0.98),
        weight_decay: float = 0.01,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(groups, lr=lr, betas=betas, weight_decay=weight_decay)
        self.momentum = momentum

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move all weights that have a gradient; `closure` is passed on to AdamW, as torch's optimizers do."""
        for group in self.param_groups:
            if group.get("orthogonal"):
                for weight in group["params"]:
                    if weight.grad is not None:
                        self._move(weight, weight.grad, group["lr"], group["weight_decay"])
                        weight.grad = None  # so that AdamW, which steps next, passes it by
        return super().step(closure)

    def _move(self, weight: torch.Tensor, gradient: torch.Tensor, lr: float, weight_decay: float) -> None:
        average = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
        average.lerp_(gradient, 1 - self.momentum)
        update = orthogonal(gradient.lerp(average, self.momentum).flatten(1))
        weight.mul_(1 - lr * weight_decay)
        weight.add_(update.view_as(weight), alpha=-lr * 0.2 * max(update.shape) ** 0.5)


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Orthogonalize a matrix by Newton-Schulz iteration, roughly: singular values end between .7 and 1.2.

    Parameters
    ----------
    matrix : torch.Tensor [shape=(rows, columns)]

    Returns
    -------
    torch.Tensor, like `matrix`
        Zeros stay zeros.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).float()
    x = x / (x.norm() + 1e-7)
    # Every turn multiplies x by a polynomial of x x^T. All of them commute, so the small square matrix turns alone, and
    # x is multiplied once, at the end: half the time of five turns of x in 32 bits, and that of five turns in bf16.
    gram = x @ x.T
    whole: Any = None
    for number in range(_TURNS):
        turn = torch.addmm(gram, gram, gram, beta=_B, alpha=_C)
        turn.diagonal().add_(_A)
        whole = turn if whole is None else turn @ whole
        if number < _TURNS - 1:
            gram = turn @ gram @ turn
    x = whole @ x
    return (x.T if tall else x).to(matrix.dtype)


def groups_of(module: torch.nn.Module, factor: float = 1.0) -> list[dict[str, Any]]:
    """Sort a module's weights into two parameter groups, for Muon and for AdamW.

    Muon moves the matrices inside it; AdamW its first and last layers, vectors and embeddings.

    Parameters
    ----------
    module : torch.nn.Module
    factor : float
        What the learning rate is multiplied with.

    Returns
    -------
    list of dict
        For `Trainer`.
    """
    inner: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, weight in module.named_parameters():
        outer = any(part in name for part in ("conv_in", "conv_out", "embed"))
        (rest if outer or weight.ndim < 2 else inner).append(weight)
    return [{"params": inner, "factor": factor, "orthogonal": True}, {"params": rest, "factor": factor}]
