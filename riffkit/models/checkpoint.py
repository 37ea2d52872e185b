"""Checkpoint loading: the embedded model, a folder in diffusers' Stable Diffusion layout, or a Hub id."""

import contextlib
import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from riffkit.models import forking as forking  # at once: what forks, forks later
from riffkit.models.configs import read_json
from riffkit.models.files import (
    EMBEDDED,
    LIVE,
    WEIGHTS,
    check_folder,
    find_folder,
    read_scheduler,
    read_vocabulary,
    weight_files,
)
from riffkit.models.memory import Memory, apply_memory, choose_memory
from riffkit.models.parts import load_part
from riffkit.models.tokenizers import check_fit, load_tokenizer
from riffkit.progress import notice
from riffkit.sound.params import SpectrogramParams


@dataclass(frozen=True)
class Checkpoint:
    """The parts of a latent diffusion model, on one device in one dtype, and where they came from.

    Every number of the model is read from the parts' own configurations, so that the embedded model and a full-size
    Stable Diffusion checkpoint take the same path.

    Parameters
    ----------
    name : str
        As it was asked for: "mini", a path or a Hub id.
    folder : Path
        Where its files lie.
    unet : UNet2DConditionModel
    vae : AutoencoderKL
    text_encoder : CLIPTextModel
    tokenizer : CLIPTokenizer
    scheduler_config : dict
        Betas, prediction type and timestep spacing, as diffusers writes them.
    vocabulary : frozenset of str, or None
        The words it was trained on, in lower case; None if it does not say.
    device : torch.device
    dtype : torch.dtype
    memory : Memory
        What is done so that it fits the device.
    """

    name: str
    folder: Path
    # diffusers gives its modules neither types for `config` nor one for what a call returns
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler_config: dict[str, Any]
    vocabulary: frozenset[str] | None
    device: torch.device
    dtype: torch.dtype

    memory: Memory = Memory()

    @property
    def loras(self) -> tuple[tuple[Path, float], ...]:
        """The (file, scale) pairs of the LoRAs that it carries, in the order in which they were added."""
        return ()

    @property
    def label(self) -> str:
        """What it is called where others read it: its name, of a local folder the last part alone."""
        return (
            self.name
            if self.name == EMBEDDED or not Path(self.name).expanduser().is_dir()
            else self.folder.resolve().name
        )

    @property
    def factor(self) -> int:
        """Pixels per latent cell, along both axes."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def latent_channels(self) -> int:
        """Channels of the latents."""
        return self.vae.config.latent_channels

    @property
    def rows(self) -> int:
        """Rows of latent cells, from high to low frequencies."""
        size = self.unet.config.sample_size
        return size if isinstance(size, int) else size[0]

    @property
    def window(self) -> int:
        """Columns of latent cells, that is how much time, the UNet was trained on."""
        size = self.unet.config.sample_size
        return size if isinstance(size, int) else size[-1]

    @cached_property
    def picture(self) -> dict[str, Any]:
        """What its pictures show, as `spectrogram.json` in its folder says; empty where there is none: Riffusion's."""
        path = self.folder / "spectrogram.json"
        told = read_json(path) if path.is_file() else {}
        return told if isinstance(told, dict) else {}

    @property
    def stereo(self) -> bool:
        """Whether it paints two channels, left in green and right in blue; red is empty then."""
        return bool(self.picture.get("stereo"))

    @property
    def params(self) -> SpectrogramParams:
        """Parameters of the pictures it is played with: one channel, two are mixed down."""
        edges = {name: self.picture[name] for name in ("fmin", "fmax") if name in self.picture}
        return SpectrogramParams(n_mels=self.rows * self.factor, **edges)

    @property
    def vae_window(self) -> int:
        """Columns of latent cells that the autoencoder sees at once."""
        return self.window // 2 if self.memory.narrow_vae else self.window

    @property
    def live_file(self) -> Path | None:
        """The LoRA file of the distilled few-step twin that came with the checkpoint, or None."""
        path = self.folder / LIVE
        return path if path.is_file() else None

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the weights, the tokenizer and all configurations; computed when first asked for."""
        digest = hashlib.sha256()
        for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
            for path in sorted((self.folder / part).iterdir()):
                if path.suffix in (".json", ".txt") or path in self._weight_files:
                    digest.update(f"{part}/{path.name}".encode())
                    with path.open("rb") as file:
                        digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @property
    def _weight_files(self) -> set[Path]:
        return {file for part in WEIGHTS for file in weight_files(self.folder / part, WEIGHTS[part])[0]}

    def __repr__(self) -> str:
        millions = sum(p.numel() for p in self.unet.parameters()) / 1e6
        dtype = str(self.dtype).removeprefix("torch.")
        memory = f", {self.memory}" if str(self.memory) else ""
        return f"Checkpoint({self.name!r}, UNet of {millions:.1f} M parameters, {self.device}, {dtype}{memory})"


def load_checkpoint(
    checkpoint: str | Path = EMBEDDED,
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    memory: Memory | None = None,
) -> Checkpoint:
    """Load the parts of a checkpoint; prints nothing, and needs no network unless a Hub id is named.

    Parameters
    ----------
    checkpoint : str or Path
        "mini" (the embedded model), a folder, or a Hub id such as "riffusion/riffusion-model-v1".
    device : str or torch.device, optional
        Default: CUDA, else Apple's MPS, else the CPU.
    dtype : str or torch.dtype, optional
        "float32" (or "fp32"), "float16" ("fp16"), "bfloat16" ("bf16"). Default: see `choose_dtype`.
    memory : Memory, optional
        Default: see `choose_memory`; what it does, it says in a warning.

    Returns
    -------
    Checkpoint

    Raises
    ------
    FileNotFoundError
        If the folder or one of its files does not exist.
    ValueError
        If a file is damaged, or if the weights are pickles: those can run code, and are never opened.
    OSError
        If a Hub id cannot be reached.
    """
    device = choose_device() if device is None else _as_device(device)
    dtype = choose_dtype(device) if dtype is None else _as_dtype(dtype)
    folder = find_folder(checkpoint)
    check_folder(folder)
    scheduler_config = read_scheduler(folder)
    with quiet_libraries():
        parts: dict[str, Any] = {name: load_part(folder / name, dtype).eval() for name in WEIGHTS}
        for name in ("unet", "vae"):  # on the CPU, bf16 convolutions are several times slower in the other order
            parts[name].to(memory_format=torch.channels_last)
        tokenizer = load_tokenizer(folder / "tokenizer")
    check_fit(folder, parts, tokenizer)
    if memory is None:
        memory, said = choose_memory(parts, device)
        if said:
            notice(f"{checkpoint}: {said}")
    apply_memory(memory, parts, device)
    return Checkpoint(
        name=str(checkpoint),
        folder=folder,
        tokenizer=tokenizer,
        scheduler_config=scheduler_config,
        vocabulary=read_vocabulary(folder),
        device=device,
        dtype=dtype,
        memory=memory,
        **{name: part.requires_grad_(False) for name, part in parts.items()},
    )


def choose_device() -> torch.device:
    """Choose CUDA if there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_dtype(device: torch.device) -> torch.dtype:
    """Choose a dtype: fp16 on CUDA, bf16 on CPUs that calculate in it, fp32 on any other `device`.

    On MPS fp16 gives noise.
    """
    if device.type == "cuda":
        return torch.float16
    if device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return torch.float32


def _as_device(device: str | torch.device) -> torch.device:
    try:
        device = torch.device(device)
        torch.empty(1, device=device).cpu()  # "meta" takes anything and gives nothing back
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {str(device)!r} cannot be used here ({reason}); 'cpu' always works") from None
    return device


def _as_dtype(dtype: str | torch.dtype) -> torch.dtype:
    known = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
    known |= {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    found = known.get(dtype) if isinstance(dtype, str) else dtype
    if found is None or found not in known.values():
        raise ValueError(f"dtype {dtype!r} is none of {', '.join(known)}")
    return found


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """Silence diffusers' and transformers' logging and progress bars inside a `with`."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    libraries = (diffusers_logging, transformers_logging)
    levels = [library.get_verbosity() for library in libraries]
    bars = [library.is_progress_bar_enabled() for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        for library, level, bar in zip(libraries, levels, bars, strict=True):
            library.set_verbosity(level)
            if bar:
                library.enable_progress_bar()
