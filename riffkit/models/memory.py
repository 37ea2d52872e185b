"""Memory management: what a checkpoint needs on its device, what is free, and what is done where that is too little.

Parts are offloaded to the CPU by hooks of our own (`Shelf`). accelerate's `cpu_offload_with_hook` is a chain in a fixed
order, each part sending the one before it away; here they come in any order (a look into the denoising loop goes from
the UNet to the autoencoder and back), and copies with a LoRA share the one place on the device.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch

GB = 1e9
ROOM = 0.9  # of what is free: the rest is for what is not counted here
# Riffs in a batch. On CPUs a batch changes the last bits of each, which then could not be made again by itself.
MOST_TOGETHER = {"cpu": 1, "mps": 4, "cuda": 16}
# Activations alive at once, in numbers per latent cell (or pixel) and per channel of the first level: measured with
# Stable Diffusion 1.5's configuration in bf16 on a CPU. The attention's own matrix, where it is made, comes on top.
UNET_ALIVE, VAE_ALIVE = 80, 14


@dataclass(frozen=True)
class Memory:
    """The memory savings that are switched on. By default none: everything lies on the device, all at once.

    Parameters
    ----------
    narrow_vae : bool, default False
        The autoencoder sees half a window of time at once, with crossfades between: half of its activations.
    sliced_attention : bool, default False
        The UNet's attention is calculated one head at a time: slower, and only of use where the whole matrix would be
        made (Apple's MPS).
    offload : bool, default False
        Parts wait on the CPU, and only the one at work is on the device: the largest of the three weights is what must
        fit. Slower by the time it takes to move them.
    together : int, >= 1, default 1
        The largest batch: how many riffs of a list are painted at once.
    """

    narrow_vae: bool = False
    sliced_attention: bool = False
    offload: bool = False
    together: int = 1

    def __str__(self) -> str:
        done = {"narrow_vae": "the autoencoder sees half windows", "sliced_attention": "attention in slices"}
        done |= {"offload": "parts moved to the device on demand"}
        return ", ".join(words for name, words in done.items() if getattr(self, name))


def choose_memory(parts: Mapping[str, Any], device: torch.device, free: float | None = None) -> tuple[Memory, str]:
    """Choose the least memory savings with which these parts work on this device, and what to tell the user.

    Parameters
    ----------
    parts : dict of str to torch.nn.Module
        "unet", "vae" and "text_encoder", in the dtype they will work in.
    device : torch.device
    free : float, optional [bytes]
        Default: what `free_memory` says.

    Returns
    -------
    memory : Memory
    said : str
        Empty if there is nothing to say.
    """
    free = free_memory(device) if free is None else free
    room = ROOM * free
    weights = {name: _bytes_of(part) for name, part in parts.items()}
    if device.type == "cpu":  # they lie there already
        room += ROOM * sum(weights.values())
    unet, vae = _unet_activations(parts["unet"], device), _vae_activations(parts["vae"])

    def needed(memory: Memory) -> float:
        at_work = {"unet": unet[memory.sliced_attention], "vae": vae / (1 + memory.narrow_vae), "text_encoder": 0}
        if memory.offload:
            return max(weights[name] + at_work[name] for name in parts)
        return sum(weights.values()) + max(at_work.values())

    whole = unet[0] > unet[1]  # is the attention's matrix made at all?
    ways = [Memory(narrow_vae=narrow, sliced_attention=slices, offload=offload)
            for offload in (False, True)[: 1 if device.type == "cpu" else 2]
            for slices in (False, True)[: 1 + whole]
            for narrow in (False, True)]  # fmt: skip
    memory = next((way for way in ways if needed(way) <= room), ways[-1])
    lying = weights["unet"] if memory.offload else sum(weights.values())
    most = MOST_TOGETHER.get(device.type, 1)
    together = max(1, min(most, int((room - lying) // unet[memory.sliced_attention])))
    memory = Memory(memory.narrow_vae, memory.sliced_attention, memory.offload, together)
    said = f"{free / GB:.1f} GB are free on {device}, this checkpoint wants {needed(Memory()) / GB:.1f} GB"
    if needed(memory) > room:
        way_out = "a smaller dtype or checkpoint" if device.type == "cpu" else "riffkit.load(..., device='cpu')"
        return memory, f"{said}: it will hardly fit even with {memory}; try {way_out}"
    return memory, f"{said}: {memory}" if str(memory) else ""


def free_memory(device: torch.device) -> int:
    """Free memory of `device` in bytes; on the CPU also within the limit of a container (cgroup)."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    import psutil

    free = psutil.virtual_memory().available
    group = Path("/sys/fs/cgroup")
    limit = group / "memory.max"
    if limit.is_file() and limit.read_text().strip().isdigit():
        told = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        used = int((group / "memory.current").read_text()) - int(told.get("inactive_file", 0))  # cache goes when asked
        free = min(free, int(limit.read_text()) - used)
    return max(free, 0)


def apply_memory(memory: Memory, parts: Mapping[str, Any], device: torch.device) -> None:
    """Apply memory savings to a checkpoint's parts, in place, and move them to where they wait.

    Parameters
    ----------
    memory : Memory
    parts : dict of str to torch.nn.Module
        "unet", "vae" and "text_encoder".
    device : torch.device
        Where they work.
    """
    if memory.sliced_attention:
        parts["unet"].set_attention_slice(1)
    if memory.offload:
        shelf = Shelf(device)
        for part in parts.values():
            shelf.keep(part)
    else:
        for part in parts.values():
            part.to(device)


class Shelf:
    """CPU offloading: parts wait on the CPU, and at most one of them, the one at work, is on the device.

    Copies of a part (with a LoRA, say) are kept on the same shelf.

    Parameters
    ----------
    device : torch.device
        Where the part at work is.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.taken: torch.nn.Module | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def keep(self, part: torch.nn.Module) -> None:
        """Register hooks, so that `part` comes to the device by itself whenever it is called."""
        called = [part]
        if hasattr(part, "decoder"):  # an autoencoder is called by its ends
            called = [child for child in part.children() if child is not None]
        for module in called:
            module.register_forward_pre_hook(_Taking(self, part))

    def take(self, part: torch.nn.Module) -> None:
        """Move `part` to the device, after the one that was there has gone."""
        if self.taken is not part:
            if self.taken is not None:
                self.taken.to("cpu")
            self.taken = part.to(self.device)


class _Taking:
    """The forward pre-hook of one part; an object, no closure, so that a deep copy of a part has one of its own."""

    def __init__(self, shelf: Shelf, part: torch.nn.Module) -> None:
        self.shelf, self.part = shelf, part

    def __call__(self, module: torch.nn.Module, inputs: Any) -> None:
        self.shelf.take(self.part)


def _bytes_of(part: torch.nn.Module) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in part.parameters())


def _unet_activations(unet: Any, device: torch.device) -> tuple[int, int]:
    """Bytes at work for one riff with guidance: with whole attention, and in slices."""
    size = unet.config.sample_size
    rows, columns = (size, size) if isinstance(size, int) else size
    cells, number = rows * columns, 2 * torch.finfo(unet.dtype).bits // 8
    plain = UNET_ALIVE * cells * unet.config.block_out_channels[0] * number
    attending = [module for module in unet.modules() if hasattr(module, "heads")]
    heads = max((module.heads for module in attending), default=0) if device.type == "mps" else 0
    matrix = cells**2 * number
    return plain + heads * matrix, plain + min(heads, 1) * matrix


def _vae_activations(vae: Any) -> int:
    """Bytes at work for one window of pixels."""
    side = vae.config.sample_size
    side = side if isinstance(side, int) else max(side)
    return VAE_ALIVE * side**2 * vae.config.block_out_channels[0] * torch.finfo(vae.dtype).bits // 8
