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
from safetensors.torch import save_file

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.tensors import existing_file, read_tensors
from riffkit.progress import notice
from riffkit.sound.files import replacing

FILE_NAME = "learned_embeds.safetensors"
A1111 = "emb_params"  # how AUTOMATIC1111 calls every word in its files; the word itself is the file's name
MOST = 1000  # words of one file


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


def read_words(path: str | Path) -> tuple[dict[str, torch.Tensor], Path]:
    """Read the words of a textual inversion file, each with its vector, and where the file lies.

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing; if it holds no words, or words that are no single vectors.
    """
    given = Path(path)
    found = existing_file(given) or existing_file(given / FILE_NAME)
    if found is None:
        raise FileNotFoundError(f"{str(path)[:200]} does not exist; expected {FILE_NAME} or the folder it lies in")
    if found.suffix.lower() in (".pt", ".bin", ".ckpt", ".pkl"):
        raise ValueError(f"{found} is no .safetensors file; pickled weights can run any code and are never opened")
    tensors, _ = read_tensors(found, "a textual inversion")
    if {"clip_g", "clip_l"} & tensors.keys():
        raise ValueError(
            f"{found} was made for Stable Diffusion XL (it holds clip_g or clip_l), which is another model"
        )
    if set(tensors) == {A1111}:
        tensors = {found.stem: tensors[A1111]}
        notice(f"{found.name} comes from AUTOMATIC1111, whose word is the file's name: write {found.stem!r} in prompts")
    if not 0 < len(tensors) <= MOST:
        raise ValueError(f"{found} holds {len(tensors)} words, expected 1 to {MOST}")
    words = {}
    for word, vector in tensors.items():
        shape = tuple(vector.shape)
        if len(shape) not in (1, 2) or len(word) > 200:
            raise ValueError(
                f"{found} holds {word[:60]!r} of shape {shape}, which is no word; is it another kind of file?"
            )
        if len(shape) == 2 and shape[0] != 1:
            raise ValueError(
                f"the word {word[:60]!r} of {found} has {shape[0]} vectors, riffkit reads words of one; train or ask"
                " for one with a single vector"
            )
        if not vector.is_floating_point() or not torch.isfinite(vector).all():
            raise ValueError(f"the word {word[:60]!r} of {found} holds values that are no numbers; fetch it again")
        words[word] = vector.reshape(-1)
    return words, found


def with_word(plain: Checkpoint, path: str | Path) -> CheckpointWithWord:
    """Return a copy of a checkpoint with the words of a textual inversion file; `plain` is unchanged.

    Parameters
    ----------
    plain : Checkpoint
    path : str or Path
        `learned_embeds.safetensors`, of riffkit, diffusers or AUTOMATIC1111 (whose word is the file's name), or the
        folder it lies in.

    Returns
    -------
    CheckpointWithWord

    Raises
    ------
    FileNotFoundError, ValueError
        If the file is missing, holds no words, or was made for a model of another width.
    """
    words, path = read_words(path)
    parts: dict[str, Any] = {field.name: getattr(plain, field.name) for field in fields(Checkpoint)}
    parts |= {name: copy.deepcopy(parts[name]) for name in ("tokenizer", "text_encoder")}
    if parts["vocabulary"] is not None:
        parts["vocabulary"] = parts["vocabulary"] | {"".join(c for c in word.lower() if c.isalpha()) for word in words}
    parts["name"] = f"{plain.name} + {', '.join(words)}"
    learned = CheckpointWithWord(**parts, plain=plain, learned=path.absolute())
    for word, vector in words.items():
        add_word(learned, word, vector)
    return learned
