"""Configurations: what the JSON files of a checkpoint may say. They come from anybody, and are looked at before use.

Libraries read them to decide how much memory to take, which files to open and whom to ask, so numbers are bounded and
file names are names.
"""

import json
import math
from pathlib import Path
from typing import Any

LARGEST = 256 << 20  # bytes of one JSON file
DEEPEST = 40  # lists and objects inside each other
# Sizes of a part that make it long to build, or that nobody has: whole numbers up to these, alone or in lists.
_MOST = {
    "block_out_channels": 16384,
    "layers_per_block": 16,
    "transformer_layers_per_block": 32,
    "num_hidden_layers": 200,
    "num_attention_heads": 1024,
    "attention_head_dim": 4096,
    "hidden_size": 65536,
    "intermediate_size": 262144,
    "vocab_size": 2_000_000,
    "max_position_embeddings": 65536,
    "cross_attention_dim": 65536,
    "in_channels": 4096,
    "out_channels": 4096,
    "latent_channels": 4096,
    "norm_num_groups": 4096,
    "sample_size": 16384,
}
_NEEDED = {
    "unet": ("block_out_channels", "cross_attention_dim", "in_channels"),
    "vae": ("block_out_channels", "latent_channels"),
    "text_encoder": ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size"),
}
# what would need more than words and noise in every call of the UNet
_WORDS_ONLY = {
    "addition_embed_type": (None, "text"),
    "encoder_hid_dim_type": (None, "text_proj"),
    "class_embed_type": (None,),
    "num_class_embeds": (None,),
    "attention_type": (None, "default"),
}
_BLOCKS = 8  # levels of a UNet or an autoencoder


def read_json(path: Path) -> Any:
    """Parse the JSON file at `path`; an error names it (missing: FileNotFoundError; damaged: ValueError)."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; a checkpoint folder has it (restore the folder)")
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path} has {path.stat().st_size:,} bytes, expected JSON of up to {LARGEST:,}")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, a number of thousands of digits, a well of lists
        raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error
    layer = [found]
    for _ in range(DEEPEST):
        inner = [one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, (dict, list))]
        layer = [one for values in inner for one in values]
    if layer:
        raise ValueError(f"{path} is damaged (nested deeper than {DEEPEST} levels); restore this file")
    return found


def read_object(path: Path) -> dict[str, Any]:
    """Parse the JSON file at `path`, which has to hold an object; errors as in `read_json`."""
    found = read_json(path)
    if not isinstance(found, dict):
        told = repr(found)[:60]
        raise ValueError(f"{path} is damaged (it holds {told}, expected an object); restore this file")
    return found


def read_part_config(path: Path) -> dict[str, Any]:
    """Read the `config.json` of a UNet, an autoencoder or a text encoder, and see that it can be built.

    Parameters
    ----------
    path : Path
        Its folder is called as the part: "unet", "vae" or "text_encoder".

    Raises
    ------
    FileNotFoundError, ValueError
        If it is missing; if it is damaged, or a value is of another kind or size than models have.
    """
    config = read_object(path)
    inner = config.get("text_config")
    if path.parent.name == "text_encoder" and isinstance(inner, dict) and "hidden_size" not in config:
        config = inner
    for name in _NEEDED.get(path.parent.name, ()):
        if config.get(name) is None:
            raise ValueError(f"{path} is damaged (it has no {name}); restore this file")
    for name, value in config.items():
        most = _MOST.get(name)
        if most is None or value is None:
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{path}: {name} is {value!r}, expected a finite number; restore this file")
            continue
        numbers = value if isinstance(value, list) else [value]
        flat = [one for number in numbers for one in (number if isinstance(number, list) else [number])]
        if not 0 < len(flat) <= 64 or not all(type(one) is int and 1 <= one <= most for one in flat):
            raise ValueError(
                f"{path}: {name} is {repr(value)[:60]}, expected whole numbers in 1..{most}; restore this file"
            )
    for name in ("block_out_channels", "down_block_types", "up_block_types"):
        value = config.get(name)
        if value is not None and not (isinstance(value, list) and 1 <= len(value) <= _BLOCKS):
            raise ValueError(f"{path}: {name} is {repr(value)[:60]}, expected a list of 1 to {_BLOCKS}")
    if path.parent.name == "unet":
        for name, understood in _WORDS_ONLY.items():
            if config.get(name) not in understood:
                raise ValueError(
                    f"{path}: {name} is {repr(config[name])[:60]}: this UNet needs more than words to paint"
                )
    return config


def check_tokenizer(folder: Path) -> None:
    """See that the tokenizer's files in `folder` are of the kind that a tokenizer is built of, and name no others.

    Raises
    ------
    FileNotFoundError, ValueError
        If they are missing; if one is damaged.
    """
    vocab, whole = folder / "vocab.json", folder / "tokenizer.json"
    if not vocab.is_file() and not whole.is_file():
        raise FileNotFoundError(f"{folder} has neither vocab.json nor tokenizer.json; restore the folder")
    for path in folder.glob("*.json"):
        read_object(path)
    if vocab.is_file():
        _check_vocabulary(vocab, read_object(vocab), _merges_of(folder / "merges.txt"))
    if whole.is_file():
        model = read_object(whole).get("model")
        if not isinstance(model, dict) or not isinstance(model.get("merges", []), list):
            raise ValueError(f"{whole} is damaged (it has no model); restore this file")
        merges = [one.split(" ") if isinstance(one, str) else one for one in model.get("merges", [])]
        _check_vocabulary(whole, model.get("vocab"), merges)
    config = folder / "tokenizer_config.json"
    for name, value in (read_object(config) if config.is_file() else {}).items():
        named = value if isinstance(value, list) else [value]
        if name in ("vocab_file", "merges_file", "spm_file", "vocab", "merges", "fast_tokenizer_files"):
            if not all(isinstance(one, str) and Path(one).name == one for one in named if one is not None):
                raise ValueError(f"{config}: {name} is {repr(value)[:60]}, expected the name of a file beside it")
        elif name == "model_max_length" and (type(value) not in (int, float) or not value > 2):
            raise ValueError(f"{config}: model_max_length is {repr(value)[:60]}, expected a number above 2")


def _merges_of(path: Path) -> list[list[str]]:
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged ({error}); restore this file from where it came") from error
    return [line.split() for line in lines if line.strip() and not line.startswith("#version")]


def _check_vocabulary(path: Path, vocab: Any, merges: list[Any]) -> None:
    """The library that calculates with these stops the whole process, or takes all memory, where they do not agree."""
    if not isinstance(vocab, dict) or not all(type(i) is int and 0 <= i < _MOST["vocab_size"] for i in vocab.values()):
        raise ValueError(f"{path} is damaged (a vocabulary is an object of words and their numbers); restore this file")
    for pair in merges:
        fits = isinstance(pair, list) and len(pair) == 2 and all(isinstance(piece, str) for piece in pair)
        if not fits or not {*pair, "".join(pair)} <= vocab.keys():
            raise ValueError(
                f"{path.parent} is damaged (the merge {repr(pair)[:60]} is of pieces that the vocabulary has not);"
                " restore its files from where they came"
            )
