"""Textual inversion: one new word that means a sound. Nothing of the model changes; a single vector is learnt.

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
from torch import nn

from riffkit.diffusion.checkpoint import Checkpoint
from riffkit.diffusion.riffer import Riffer

FILE_NAME = "learned_embeds.safetensors"


class NewWord(nn.Module):
    """A text encoder whose embedding of one new word is a parameter of its own; all else stays as it is.

    Parameters
    ----------
    base : Checkpoint
        Its tokenizer learns the word, its text encoder gets a row for it; both in place.
    word : str
        What stands for the sound in prompts, such as "<sitar>". Must be new.
    like : str
        Words whose embedding it starts from.
    """

    def __init__(self, base, word, like):
        super().__init__()
        tokenizer, self.text_encoder = base.tokenizer, base.text_encoder
        table = self.text_encoder.get_input_embeddings().weight
        rows = table[tokenizer(like, add_special_tokens=False).input_ids]
        if not len(rows):
            raise ValueError("the new word needs words to start from; name some, such as like='guitar'")
        start = rows.float().mean(0).detach().clone()
        self.number = add_word(base, word, start)
        self.vector = nn.Parameter(start)
        self.text_encoder.get_input_embeddings().register_forward_hook(self._replace)

    def _replace(self, module, inputs, output):
        new = (inputs[0] == self.number)[..., None]
        return torch.where(new, self.vector.to(output.dtype), output)

    def forward(self, tokens):
        return self.text_encoder(tokens)


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


def with_word(riffer, path):
    """A riffer that knows a learnt word; the one given stays as it is.

    Parameters
    ----------
    riffer : Riffer
    path : str or Path
        `learned_embeds.safetensors`, of riffkit or of diffusers, or the folder it lies in.

    Returns
    -------
    Riffer

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
    plain = riffer.checkpoint
    parts = {field.name: getattr(plain, field.name) for field in fields(Checkpoint)}
    parts |= {name: copy.deepcopy(parts[name]) for name in ("tokenizer", "text_encoder")}
    if parts["vocabulary"] is not None:
        parts["vocabulary"] = parts["vocabulary"] | {"".join(c for c in word.lower() if c.isalpha()) for word in words}
    parts["name"] = f"{plain.name} + {', '.join(words)}"
    learned = CheckpointWithWord(**parts, plain=plain, learned=path.resolve())
    for word, vector in words.items():
        add_word(learned, word, vector.squeeze())
    return Riffer(learned, riffer.defaults)
