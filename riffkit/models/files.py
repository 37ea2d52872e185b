"""A checkpoint's files: resolve a name to a folder (local or from the Hub) and validate it before it is opened.

safetensors only: pickled weights can run any code, and are refused with the way out.
"""

import contextlib
from pathlib import Path
from typing import Any

from riffkit.models.configs import check_tokenizer, read_json, read_object, read_part_config
from riffkit.progress import PACKAGE

EMBEDDED = "mini"
LIVE = "live/pytorch_lora_weights.safetensors"  # inside a checkpoint's folder
WEIGHTS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
HOW_TO_RIFF = "defaults.json"


def find_folder(checkpoint: str | Path) -> Path:
    """Resolve a checkpoint's name to its folder: embedded model, path, or (only then over the network) Hub id.

    Parameters
    ----------
    checkpoint : str or Path
        "mini" (the embedded model), a folder in diffusers' layout, or a Hub id such as
        "riffusion/riffusion-model-v1".

    Returns
    -------
    pathlib.Path
        Not looked into yet, see `check_folder`.

    Raises
    ------
    FileNotFoundError
        If there is no such folder, and the name is no Hub id either.
    ValueError
        If it is a single file, or the Hub has pickled weights only.
    OSError
        If the Hub does not have it or cannot be reached.
    """
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


def _from_hub(hub_id: str) -> Path:
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


def check_folder(folder: Path) -> None:
    """Validate every file of a checkpoint's `folder` before a library does, so that an error names the file at fault.

    Raises
    ------
    FileNotFoundError, ValueError
        If a file is missing; if one is damaged, or the weights are pickles.
    """
    from safetensors import SafetensorError, safe_open

    read_object(folder / "model_index.json")
    for part, stem in WEIGHTS.items():
        read_part_config(folder / part / "config.json")
        for path in weight_files(folder / part, stem)[0]:
            try:
                with safe_open(path, framework="pt"):
                    pass
            except (SafetensorError, OSError) as error:
                raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error
    read_object(folder / "scheduler" / "scheduler_config.json")
    check_tokenizer(folder / "tokenizer")


def weight_files(part: Path, stem: str) -> tuple[list[Path], str | None]:
    """List the safetensors files of one part of a checkpoint, whole or in shards.

    Parameters
    ----------
    part : Path
        The part's folder, such as `<checkpoint>/unet`.
    stem : str
        The file's name without variant and suffix: a value of `WEIGHTS`.

    Returns
    -------
    files : list of Path
    variant : str or None
        "fp16" where only half precision is there.

    Raises
    ------
    FileNotFoundError, ValueError
        If there are no weights; if there are pickled ones only.
    """
    for variant in (None, "fp16"):
        dotted = f"{stem}.{variant}" if variant else stem
        whole = part / f"{dotted}.safetensors"
        shards = sorted(part.glob(f"{dotted}-*-of-*.safetensors"))
        if whole.is_file() or shards:
            return ([whole] if whole.is_file() else shards), variant
    pickled = [*part.glob("*.bin"), *part.glob("*.ckpt"), *part.glob("*.pt")]
    if pickled:
        raise ValueError(_pickle_message(str(pickled[0]), True))
    raise FileNotFoundError(f"{part / stem}.safetensors does not exist; restore the folder")


def _pickle_message(where: str, pickled: bool) -> str:
    if not pickled:
        return f"{where} holds no weights in safetensors format"
    return (
        f"{where}: these weights are pickles, which can run any code when opened, so riffkit refuses them. If you trust"
        " their source, convert them once with diffusers: StableDiffusionPipeline.from_pretrained(source)"
        ".save_pretrained(folder, safe_serialization=True), then riffkit.load(folder)"
    )


def read_vocabulary(folder: Path) -> frozenset[str] | None:
    """Read the words that the checkpoint in `folder` was trained on, in lower case; None if it does not say."""
    path = folder / "vocabulary.json"
    if not path.is_file():
        return None
    words = read_json(path)
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{path} holds {repr(words)[:60]}, expected a list of words; correct or delete it")
    return frozenset(word.lower() for word in words)


def read_defaults(folder: Path) -> dict[str, Any]:
    """Read the inference options that the checkpoint in `folder` recommends: keywords of `riff`, {} without any."""
    path = folder / HOW_TO_RIFF
    told = read_json(path) if path.is_file() else {}
    if not isinstance(told, dict):
        raise ValueError(
            f"{path} holds {told!r}, expected an object of keywords and their values; correct or delete it"
        )
    return told


def read_scheduler(folder: Path) -> dict[str, Any]:
    """Read the scheduler's configuration of the checkpoint in `folder`; `make_scheduler` checks its values."""
    return read_object(folder / "scheduler" / "scheduler_config.json")
