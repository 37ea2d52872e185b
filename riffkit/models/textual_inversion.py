"""Textual inversion files: a new word of a checkpoint, as one learnt embedding. Nothing else of the model changes.

References
----------
Gal et al., "An image is worth one word: Personalizing text-to-image generation using textual inversion", 2022.
"""

import copy
import hashlib
import os
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from riffkit.models.checkpoint import Checkpoint

FILE_NAME = "learned_embeds.safetensors"


def add_word(base, word, vector):
    """Teach a checkpoint's tokenizer and text encoder, in place, a word with this embedding; returns its number.

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
    if not word.strip() or base.tokenizer.add_tokens([word]) != 1:
        raise ValueError(f"the word {word!r} is empty or known already; choose a new one, such as '<{word.strip()}>'")
    number = base.tokenizer.convert_tokens_to_ids(word)
    if number >= len(table):
        base.text_encoder.resize_token_embeddings(number + 1, mean_resizing=False)
    with torch.no_grad():
        base.text_encoder.get_input_embeddings().weight[number] = vector.to(table)
    return number


def save_word(folder, word, vector):
    """Write `learned_embeds.safetensors`, as stock diffusers' `load_textual_inversion` reads it."""
    new = Path(folder) / ".word.new"
    save_file({word: vector.detach().float().cpu().contiguous()}, new)
    os.replace(new, Path(folder) / FILE_NAME)
    return Path(folder) / FILE_NAME


@dataclass(frozen=True)
class CheckpointWithWord(Checkpoint):
    """A checkpoint that knows one more word, from the file `learned`."""

    plain: Checkpoint = None
    learned: Path = None

    @cached_property
    def hash(self):
        """SHA-256 over the plain checkpoint's hash and the file."""
        return hashlib.sha256(self.plain.hash.encode() + self.learned.read_bytes()).hexdigest()


def with_word(plain, path):
    """A copy of a checkpoint that knows the words of a textual inversion file; the one given stays as it is.

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
    parts = {field.name: getattr(plain, field.name) for field in fields(Checkpoint)}
    parts |= {name: copy.deepcopy(parts[name]) for name in ("tokenizer", "text_encoder")}
    if parts["vocabulary"] is not None:
        parts["vocabulary"] = parts["vocabulary"] | {"".join(c for c in word.lower() if c.isalpha()) for word in words}
    parts["name"] = f"{plain.name} + {', '.join(words)}"
    learned = CheckpointWithWord(**parts, plain=plain, learned=path.resolve())
    for word, vector in words.items():
        add_word(learned, word, vector.squeeze())
    return learned
