"""Textual inversion: read, save and apply a new word's learnt embedding. Nothing else of the model changes.

References
----------
Gal et al., "An image is worth one word: Personalizing text-to-image generation using textual inversion", 2022.
"""

import copy
import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from riffkit.models.checkpoint import Checkpoint
from riffkit.sound.files import replacing

FILE_NAME = "learned_embeds.safetensors"


def add_word(base: Checkpoint, word: str, vector: torch.Tensor) -> int:
    """Add a token and its embedding to a checkpoint's tokenizer and text encoder, in place.

    Parameters
    ----------
    base : Checkpoint
    word : str
        Must be new to the tokenizer.
    vector : torch.Tensor [shape=(width,)]

    Returns
    -------
    int
        The token's number.

    Raises
    ------
    ValueError
        If the word is known already, is empty, or the vector has another width than the checkpoint's words.
    """
    table = base.text_encoder.get_input_embeddings().weight
    if vector.shape != table.shape[1:]:
        raise ValueError(
            f"the word {word!r} has {vector.numel()} numbers, those of {base.name} have {table.shape[1]}: it was"
            " made for another model"
        )
    known = word in base.tokenizer.get_vocab()
    if not word.strip() or known or base.tokenizer.add_tokens([word]) != 1:
        raise ValueError(f"the word {word!r} is empty or known already; choose a new one, such as '<{word.strip()}>'")
    number = base.tokenizer.convert_tokens_to_ids(word)
    if number >= len(table):
        base.text_encoder.resize_token_embeddings(number + 1, mean_resizing=False)
    with torch.no_grad():
        base.text_encoder.get_input_embeddings().weight[number] = vector.to(table)
    return number


def save_word(folder: str | Path, word: str, vector: torch.Tensor) -> Path:
    """Save a word's embedding as stock diffusers' `load_textual_inversion` reads it.

    Parameters
    ----------
    folder : str or Path
        Gets `learned_embeds.safetensors`; what has that name is replaced.
    word : str
    vector : torch.Tensor [shape=(width,)]
        Written in float32.

    Returns
    -------
    pathlib.Path
        Of the file.
    """
    path = Path(folder) / FILE_NAME
    with replacing(path, True) as temporary:
        save_file({word: vector.detach().float().cpu().contiguous()}, temporary)
    return path


@dataclass(frozen=True)
class CheckpointWithWord(Checkpoint):
    """A checkpoint with the words of a textual inversion file added to its vocabulary.

    Parameters
    ----------
    plain : Checkpoint
        The one without them.
    learned : Path
        The file.
    """

    # fields of `Checkpoint` have defaults, so these need some
    plain: Checkpoint = None  # type: ignore[assignment]  # always given
    learned: Path = None  # type: ignore[assignment]  # always given

    @property
    def label(self) -> str:
        """As that of a plain checkpoint, with the words."""
        return self.plain.label + self.name.removeprefix(self.plain.name)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the plain checkpoint's hash and the file."""
        return hashlib.sha256(self.plain.hash.encode() + self.learned.read_bytes()).hexdigest()


def with_word(plain: Checkpoint, path: str | Path) -> CheckpointWithWord:
    """Return a copy of a checkpoint with the words of a textual inversion file; `plain` is unchanged.

    Parameters
    ----------
    plain : Checkpoint
    path : str or Path
        `learned_embeds.safetensors`, of riffkit or of diffusers, or the folder it lies in.

    Returns
    -------
    CheckpointWithWord

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, holds no words, or was made for a model of another width.
    """
    path = Path(path).expanduser()
    path = path / FILE_NAME if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; expected {FILE_NAME} or the folder it lies in")
    try:
        words = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is no safetensors file ({error})") from None
    parts: dict[str, Any] = {field.name: getattr(plain, field.name) for field in fields(Checkpoint)}
    parts |= {name: copy.deepcopy(parts[name]) for name in ("tokenizer", "text_encoder")}
    if parts["vocabulary"] is not None:
        parts["vocabulary"] = parts["vocabulary"] | {"".join(c for c in word.lower() if c.isalpha()) for word in words}
    parts["name"] = f"{plain.name} + {', '.join(words)}"
    learned = CheckpointWithWord(**parts, plain=plain, learned=path.resolve())
    for word, vector in words.items():
        add_word(learned, word, vector.squeeze())
    return learned
