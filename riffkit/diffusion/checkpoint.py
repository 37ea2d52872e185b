"""Where weights come from: the embedded model, a folder in diffusers' Stable Diffusion layout, or a Hub id."""

import contextlib
import hashlib
import json
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from riffkit.diffusion.memory import Memory, apply_memory, choose_memory
from riffkit.diffusion.notice import PACKAGE, notice

EMBEDDED = "mini"
LIVE = "live/pytorch_lora_weights.safetensors"  # inside a checkpoint's folder
WEIGHTS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}


@dataclass(frozen=True)
class Checkpoint:
    """The parts of a latent diffusion model, on one device in one dtype, and where they came from.

    Every number of the model is read from the parts' own configurations, so that the embedded model and a full-size
    Stable Diffusion checkpoint take the same path.
    """

    name: str
    folder: Path
    unet: torch.nn.Module
    vae: torch.nn.Module
    text_encoder: torch.nn.Module
    tokenizer: object
    scheduler_config: dict
    vocabulary: frozenset | None
    device: torch.device
    dtype: torch.dtype

    memory: Memory = Memory()

    base, loras = None, ()  # a plain one carries none, see lora_weights.py

    @property
    def factor(self):
        """Pixels per latent cell, along both axes."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @property
    def latent_channels(self):
        return self.vae.config.latent_channels

    @property
    def rows(self):
        """Rows of latent cells, from high to low frequencies."""
        size = self.unet.config.sample_size
        return size if isinstance(size, int) else size[0]

    @property
    def window(self):
        """Columns of latent cells, that is how much time, the UNet was trained on."""
        size = self.unet.config.sample_size
        return size if isinstance(size, int) else size[-1]

    @property
    def vae_window(self):
        """Columns of latent cells that the autoencoder sees at once."""
        return self.window // 2 if self.memory.narrow_vae else self.window

    @property
    def live_file(self):
        """The LoRA of the few-step twin that came with the checkpoint, or None."""
        path = self.folder / LIVE
        return path if path.is_file() else None

    @cached_property
    def hash(self):
        """SHA-256 over the weights, the tokenizer and all configurations; computed when first asked for."""
        digest = hashlib.sha256()
        for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
            for path in sorted((self.folder / part).iterdir()):
                if path.suffix in (".json", ".txt") or path in self._weight_files:
                    digest.update(f"{part}/{path.name}".encode())
                    with open(path, "rb") as file:
                        digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    @property
    def _weight_files(self):
        return {file for part in WEIGHTS for file in weight_files(self.folder / part, WEIGHTS[part])[0]}

    def __repr__(self):
        millions = sum(p.numel() for p in self.unet.parameters()) / 1e6
        dtype = str(self.dtype).removeprefix("torch.")
        memory = f", {self.memory}" if str(self.memory) else ""
        return f"Checkpoint({self.name!r}, UNet of {millions:.1f} M parameters, {self.device}, {dtype}{memory})"


def load_checkpoint(checkpoint=EMBEDDED, *, device=None, dtype=None, memory=None):
    """Load the parts of a checkpoint; prints nothing, and needs no network unless a Hub id is named.

    Parameters
    ----------
    checkpoint : str or Path
        "mini" (the embedded model), a folder, or a Hub id such as "riffusion/riffusion-model-v1".
    device : str or torch.device, optional
        Default: CUDA, else Apple's MPS, else the CPU.
    dtype : str or torch.dtype, optional
        Default: see `choose_dtype`.
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
    with quiet_libraries():
        from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
        from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
        from transformers.models.clip.modeling_clip import CLIPTextModel
        from transformers.models.clip.tokenization_clip import CLIPTokenizer

        classes = {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
        parts = {name: _load_part(cls, folder / name, dtype).eval() for name, cls in classes.items()}
        for name in ("unet", "vae"):  # on the CPU, bf16 convolutions are several times slower in the other order
            parts[name].to(memory_format=torch.channels_last)
        tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    if not 2 < len(tokenizer) <= parts["text_encoder"].config.vocab_size:
        raise ValueError(
            f"{folder / 'tokenizer'} knows {len(tokenizer)} tokens, the text encoder"
            f" {parts['text_encoder'].config.vocab_size}: the two do not belong together; restore the folder"
        )
    if memory is None:
        memory, said = choose_memory(parts, device)
        if said:
            notice(f"{checkpoint}: {said}")
    apply_memory(memory, parts, device)
    return Checkpoint(
        name=str(checkpoint),
        folder=folder,
        tokenizer=tokenizer,
        scheduler_config=_read_json(folder / "scheduler" / "scheduler_config.json"),
        vocabulary=_read_vocabulary(folder),
        device=device,
        dtype=dtype,
        memory=memory,
        **{name: part.requires_grad_(False) for name, part in parts.items()},
    )


# -- finding ----------------------------------------------------------------------------------------------------------


def find_folder(checkpoint):
    """The folder behind a name: embedded model, path, or (only then over the network) Hub id."""
    if str(checkpoint) == EMBEDDED:
        places = [PACKAGE / "_data" / "models" / EMBEDDED, PACKAGE.parent / "data" / "models" / EMBEDDED]
        for place in places:
            if (place / "model_index.json").is_file():
                return place
        raise FileNotFoundError(f"the embedded model is in none of {', '.join(map(str, places))}; reinstall riffkit")
    path = Path(checkpoint).expanduser()
    if str(checkpoint) and path.is_dir():
        return path
    name = str(checkpoint)
    if path.is_file():
        raise ValueError(
            f"{name} is one file; riffkit reads folders in diffusers' layout. Convert it once with"
            " diffusers' StableDiffusionPipeline.from_single_file(...).save_pretrained(folder)"
        )
    is_hub_id = isinstance(checkpoint, str) and name.count("/") == 1 and name[0] not in "./~" and "\\" not in name
    if not is_hub_id:
        raise FileNotFoundError(
            f"checkpoint {name!r} is neither a folder here nor a Hub id of the form owner/name;"
            f" riffkit.load() gives the embedded model"
        )
    return _from_hub(name)


def _from_hub(hub_id):
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

    with contextlib.suppress(LocalEntryNotFoundError, FileNotFoundError, ValueError):  # what an earlier call fetched
        folder = Path(snapshot_download(hub_id, local_files_only=True))
        check_folder(folder)
        return folder
    away = f"riffkit.load() gives the embedded model {EMBEDDED!r}, which needs no network"
    try:
        files = HfApi().list_repo_files(hub_id)
    except RepositoryNotFoundError as error:
        raise OSError(f"the Hub has no public checkpoint {hub_id!r}; {away}") from error
    except (OSError, HfHubHTTPError, RuntimeError) as error:
        raise OSError(f"checkpoint {hub_id!r} is not on this machine and the Hub cannot be reached; {away}") from error
    except Exception as error:
        if "connect" in f"{type(error).__name__} {error}".lower() or "offline" in type(error).__name__.lower():
            raise OSError(
                f"checkpoint {hub_id!r} is not on this machine and the Hub cannot be reached; {away}"
            ) from error
        raise
    wanted = [f for f in files if (f.endswith((".json", ".txt")) and f.count("/") <= 1) or f == LIVE]
    for part, stem in WEIGHTS.items():
        safe = [f for f in files if f.startswith(f"{part}/{stem}") and f.endswith(".safetensors")]
        if not safe:
            raise ValueError(_pickle_message(f"{hub_id}/{part}", any(f.startswith(f"{part}/{stem}") for f in files)))
        plain = [f for f in safe if f.count(".") == 1]
        wanted += plain or [f for f in safe if ".fp16." in f] or safe
    try:
        return Path(snapshot_download(hub_id, allow_patterns=wanted))
    except Exception as error:
        raise OSError(f"downloading {hub_id!r} stopped: {error}. Call again to go on; {away}") from error


# -- checking ---------------------------------------------------------------------------------------------------------


def check_folder(folder):
    """Look at every file before a library does, so that an error can name the file that is wrong."""
    from safetensors import SafetensorError, safe_open

    _read_json(folder / "model_index.json")
    for part, stem in WEIGHTS.items():
        _read_json(folder / part / "config.json")
        for path in weight_files(folder / part, stem)[0]:
            try:
                with safe_open(path, framework="pt") as tensors:
                    tensors.keys()
            except (SafetensorError, OSError) as error:
                raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error
    _read_json(folder / "scheduler" / "scheduler_config.json")
    tokenizer = folder / "tokenizer"
    if not (tokenizer / "vocab.json").is_file() and not (tokenizer / "tokenizer.json").is_file():
        raise FileNotFoundError(f"{tokenizer} has neither vocab.json nor tokenizer.json; restore the folder")
    for path in tokenizer.glob("*.json"):
        _read_json(path)


def weight_files(part, stem):
    """The safetensors files of one part, and their variant ("fp16" or None)."""
    for variant in (None, "fp16"):
        dotted = f"{stem}.{variant}" if variant else stem
        whole = part / f"{dotted}.safetensors"
        shards = sorted(part.glob(f"{dotted}-*-of-*.safetensors"))
        if whole.is_file() or shards:
            return ([whole] if whole.is_file() else shards), variant
    pickled = [*part.glob("*.bin"), *part.glob("*.ckpt"), *part.glob("*.pt")]
    if pickled:
        raise ValueError(_pickle_message(pickled[0], True))
    raise FileNotFoundError(f"{part / stem}.safetensors does not exist; restore the folder")


def _pickle_message(where, pickled):
    if not pickled:
        return f"{where} holds no weights in safetensors format"
    return (
        f"{where}: these weights are pickles, which can run any code when opened, so riffkit refuses them. If you trust"
        " their source, convert them once with diffusers: StableDiffusionPipeline.from_pretrained(source)"
        ".save_pretrained(folder, safe_serialization=True), then riffkit.load(folder)"
    )


def _read_json(path):
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a checkpoint folder has it (restore the folder)")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error


def _read_vocabulary(folder):
    path = folder / "vocabulary.json"
    return frozenset(word.lower() for word in _read_json(path)) if path.is_file() else None


# -- loading ----------------------------------------------------------------------------------------------------------


def _load_part(cls, folder, dtype):
    _, variant = weight_files(folder, WEIGHTS[folder.name])
    options = {"use_safetensors": True, "local_files_only": True, "output_loading_info": True, "variant": variant}
    try:
        part, info = cls.from_pretrained(folder, dtype=dtype, **options)
    except Exception as error:
        raise ValueError(f"{folder} does not load: {error}") from error
    missing = [key for key in info["missing_keys"] if not key.endswith("position_ids")]
    if missing or info["mismatched_keys"]:
        wrong = missing or info["mismatched_keys"]
        raise ValueError(f"{folder}: {len(wrong)} weights are missing or misshapen (such as {wrong[0]}); restore it")
    return part


def choose_device():
    """CUDA if there is one, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_dtype(device):
    """fp16 on CUDA, bf16 on CPUs that calculate in it, fp32 elsewhere (fp16 gives noise on MPS)."""
    if device.type == "cuda":
        return torch.float16
    if device.type == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return torch.float32


def _as_device(device):
    try:
        device = torch.device(device)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"device {str(device)!r} cannot be used here ({reason}); 'cpu' always works") from None
    return device


def _as_dtype(dtype):
    known = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
    known |= {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    found = known.get(dtype, dtype) if isinstance(dtype, str) else dtype
    if found not in known.values():
        raise ValueError(f"dtype {dtype!r} is none of {', '.join(known)}")
    return found


@contextlib.contextmanager
def quiet_libraries():
    """Keep diffusers' and transformers' notices about old layouts and progress away from the reader."""
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
