"""Textual inversion training: one new word's embedding is a parameter, everything else stays as it is.

References
----------
Gal et al., "An image is worth one word: Personalizing text-to-image generation using textual inversion", 2022.
"""

from typing import Any

import torch
from torch import nn

from riffkit.models.checkpoint import Checkpoint
from riffkit.models.textual_inversion import add_word


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

    def __init__(self, base: Checkpoint, word: str, like: str) -> None:
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

    def _replace(self, module: nn.Module, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        new = (inputs[0] == self.number)[..., None]
        return torch.where(new, self.vector.to(output.dtype), output)

    def forward(self, tokens: torch.Tensor) -> Any:
        """Encode `tokens` [shape=(batch, n), int64]; what transformers' text encoder returns."""
        return self.text_encoder(tokens)
