"""Where Adam keeps its memory of past gradients: beside the weights, there in eight bits, or in the main memory.

For each number that learns Adam holds two more, its moments. For a LoRA they are few; for all of a full-size model they
are seven gigabytes, twice the weights themselves, and often what does not fit onto a graphics card.
"""

import torch

BETAS, EPS, WEIGHT_DECAY = (0.9, 0.98), 1e-8, 0.01
OPTIMIZERS = ("adam", "adam8bit", "offload")
ON_DEVICE = {"adam": 8, "adam8bit": 2, "offload": 0}  # bytes of moments for each number that learns
AVERAGE = 4  # bytes of its average, which "offload" keeps in the main memory as well


def make_adam(groups, kind="adam"):
    """AdamW, with its moments where `kind` says.

    Parameters
    ----------
    groups : list of dict
        As for `torch.optim.AdamW`.
    kind : str
        "adam", "adam8bit" (a quarter of the memory) or "offload" (none on the device; slower).

    Returns
    -------
    torch.optim.Optimizer
        With a learning rate of 0, which whoever asks for it sets.

    Raises
    ------
    ImportError
        If "adam8bit" is asked for, and the package bitsandbytes is not installed.
    """
    if kind == "adam8bit":
        try:
            from bitsandbytes.optim import AdamW8bit
        except ImportError:
            raise ImportError(
                'optimizer "adam8bit" needs the package bitsandbytes: pip install bitsandbytes; or take "offload"'
            ) from None
        return AdamW8bit(groups, lr=0.0, betas=BETAS, weight_decay=WEIGHT_DECAY)
    if kind == "offload":
        return OffloadedAdam(groups, lr=0.0)
    return torch.optim.AdamW(groups, lr=0.0, betas=BETAS, weight_decay=WEIGHT_DECAY)


class OffloadedAdam(torch.optim.Optimizer):
    """AdamW that calculates, and keeps its moments, in the main memory, wherever the weights are.

    For each step the gradients travel there, one tensor after the other, and what is added to the weights travels back.

    References
    ----------
    Loshchilov & Hutter, "Decoupled weight decay regularization", 2019. Ren et al., "ZeRO-Offload: Democratizing
    billion-scale model training", 2021.
    """

    def __init__(self, groups, lr=0.0, *, betas=BETAS, eps=EPS, weight_decay=WEIGHT_DECAY):
        super().__init__(groups, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, group)

    def _move(self, weight, group):
        gradient, (beta1, beta2) = weight.grad.to("cpu", torch.float32), group["betas"]
        state = self.state[weight]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(gradient), torch.zeros_like(gradient)
        state["step"] += 1
        m, v, t = state["exp_avg"], state["exp_avg_sq"], float(state["step"])
        m.lerp_(gradient, 1 - beta1)
        v.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        spread = v.div(1 - beta2**t).sqrt_().add_(group["eps"])
        move = m.div(1 - beta1**t).div_(spread)
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(move.to(weight.device, weight.dtype), alpha=-group["lr"])
