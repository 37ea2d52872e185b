"""What moves the weights: Muon for the matrices inside the network, AdamW for everything else, in one optimizer.

Adam scales every number of a matrix by its own history. Muon looks at the matrix as a whole: it makes the update
orthogonal, so that all directions move equally far, also those with small gradients. Per processor second the small
UNet learns about a fifth faster so (measured; the table is in data/models/mini/README.md).
"""

import torch

# The quintic that pushes singular values towards one, from Jordan's note: five turns of it are enough.
_A, _B, _C, _TURNS = 3.4445, -4.7750, 2.0315, 5


class Muon(torch.optim.AdamW):
    """AdamW that gives orthogonal updates to the groups marked `"orthogonal": True`.

    Parameters
    ----------
    groups : list of dict
        As for AdamW; orthogonal groups may hold only tensors of two or more axes (convolutions are taken as matrices
        of shape (out, in x height x width)).
    lr : float
        Of the updates' root mean square: the same learning rates as for AdamW are right.
    momentum : float
        Of the orthogonal groups.

    References
    ----------
    Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024. Liu et al., "Muon is scalable for
    LLM training", 2025 (the factor .2 sqrt(largest side), which makes Adam's learning rates fit).
    """

    def __init__(self, groups, lr=1e-3, *, betas=(0.9, 0.98), weight_decay=0.01, momentum=0.95):
        super().__init__(groups, lr=lr, betas=betas, weight_decay=weight_decay)
        self.momentum = momentum

    def __setstate__(self, state):
        for kept in state.get("state", {}).values():
            kept.setdefault("step", torch.zeros(()))  # AdamW looks for it in every state that it is given back
        super().__setstate__(state)

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            if group.get("orthogonal"):
                for weight in group["params"]:
                    if weight.grad is not None:
                        self._move(weight, group["lr"], group["weight_decay"])
                        weight.grad = None  # so that AdamW, which steps next, passes it by
        return super().step(closure)

    def _move(self, weight, lr, weight_decay):
        average = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
        average.lerp_(weight.grad, 1 - self.momentum)
        update = orthogonal(weight.grad.lerp(average, self.momentum).flatten(1))
        weight.mul_(1 - lr * weight_decay)
        weight.add_(update.view_as(weight), alpha=-lr * 0.2 * max(update.shape) ** 0.5)


def orthogonal(matrix):
    """The nearest matrix with orthogonal rows (or columns), roughly: singular values end between .7 and 1.2.

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
    gram, whole = x @ x.T, None
    for _ in range(_TURNS):
        turn = torch.addmm(gram, gram, gram, beta=_B, alpha=_C)
        turn.diagonal().add_(_A)
        whole = turn if whole is None else turn @ whole
        gram = turn @ gram @ turn
    x = whole @ x
    return (x.T if tall else x).to(matrix.dtype)


def groups_of(module, factor=1.0):
    """A module's weights in two groups: matrices inside it learn by Muon; its first and last layers, vectors and
    embeddings by AdamW.

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
    inner, rest = [], []
    for name, weight in module.named_parameters():
        outer = any(part in name for part in ("conv_in", "conv_out", "embed"))
        (rest if outer or weight.ndim < 2 else inner).append(weight)
    return [{"params": inner, "factor": factor, "orthogonal": True}, {"params": rest, "factor": factor}]
