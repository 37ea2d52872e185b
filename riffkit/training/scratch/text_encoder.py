"""The text stage: a CLIP text encoder, pretrained to tell from captions what was composed.

Learning to read from the denoising loss alone is slow, so the text encoder first learns, from captions only, to say
what was composed (which instruments, drums or none, tempo, mode ...). Minutes of this save hours later.
"""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from riffkit.models.prompt import token_ids
from riffkit.progress import Reporter
from riffkit.training.scratch.material import Material
from riffkit.training.scratch.tokenizer import MAX_TOKENS, TEXT_SEEDS
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

# Keys and tempi are told by single letters and digits, production and touch seldom: their errors count more, or they
# are never learnt.
_WEIGHTS = {
    "key": 8.0, "tempo": 5.0, "beats": 6.0, "scale": 4.0, "mode": 3.0, "mood": 3.0, "texture": 8.0, "effect": 4.0,
    "side": 8.0, "articulation": 8.0, "register": 2.0, "meter": 3.0, "genre": 3.0, "sound": 3.0, "figure": 2.0,
}  # fmt: skip


def make_text_encoder(tokenizer: Any, *, width: int = 192, layers: int = 3) -> CLIPTextModel:
    """Make a CLIP text model of a few layers with random weights.

    Parameters
    ----------
    tokenizer : CLIPTokenizer
        From `build_tokenizer`.
    width : int
        Of the hidden states; divisible by 32.
    layers : int, >= 1

    Returns
    -------
    transformers.CLIPTextModel
    """
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 32,
        max_position_embeddings=MAX_TOKENS,
        projection_dim=width,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        hidden_act="quick_gelu",
    )
    return CLIPTextModel(config)


class _Reader(nn.Module):
    """Text encoder with a classification head: which facts hold, from its mean output."""

    def __init__(self, text_encoder: Any, n_facts: int) -> None:
        super().__init__()
        self.text_encoder = text_encoder
        self.head = nn.Linear(text_encoder.config.hidden_size, n_facts)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Logits of all facts [shape=(batch, n_facts)] from `tokens` [shape=(batch, n), int64]."""
        return self.head(self.text_encoder(tokens).last_hidden_state.mean(dim=1))


def learn_to_read(
    folder: str | Path,
    tokenizer: Any,
    text_encoder: Any,
    material: Material,
    *,
    n_steps: int,
    batch: int = 96,
    seed: int = 0,
    cpu: bool = False,
    progress: Reporter | None = None,
) -> dict[str, float]:
    """Pretrain the text encoder, in place, to tell from captions what was composed.

    Parameters
    ----------
    folder : str or Path
        Gets `text/` with the checkpoint and the losses.
    tokenizer : CLIPTokenizer
    text_encoder : CLIPTextModel
    material : Material
        Whose captions and facts.
    n_steps : int, >= 0
    batch : int, >= 1
        Captions at a step.
    seed : int
    cpu : bool
        Stay on the CPU even where there is a GPU.
    progress : callable or None
        Gets (steps done, steps in all, None).

    Returns
    -------
    dict of str to float
        `Material.told_right` of captions of 400 held-out pieces, of which every other says all that can be said.
    """
    reader = _Reader(text_encoder, len(material.facts))
    config = TrainerConfig(n_steps, 1.5e-3, warmup=50, cpu=cpu, seed=seed)
    trainer = Trainer("text", folder, reader, [{"params": list(reader.parameters())}], config)
    weights = torch.tensor([_WEIGHTS.get(name.split()[0], 1.0) for name in material.facts]).to(trainer.device)
    for step in trainer.steps(progress):
        tokens, truth = _captions_and_facts(tokenizer, material, TEXT_SEEDS + (1 << 30) + step * batch, batch)
        said, truth = trainer.module(tokens.to(trainer.device)), truth.to(trainer.device)
        trainer.learn(nn.functional.binary_cross_entropy_with_logits(said, truth, weight=weights) * len(weights) / 19)
    tokens, truth = _captions_and_facts(tokenizer, material, TEXT_SEEDS + (1 << 38), 400)
    with torch.no_grad():
        said = trainer.module.eval()(tokens.to(trainer.device)).cpu()
    text_encoder.to("cpu")
    return material.told_right(said, truth)


def _captions_and_facts(
    tokenizer: Any, material: Material, first_seed: int, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    pieces = [material.compose(first_seed + number) for number in range(count)]
    rng = random.Random(f"reading {first_seed}")
    # Every other caption says all it can: keys and numbers of beats are named too seldom to be learnt otherwise.
    captions = [
        material.noisy_caption(piece, rng) if number % 2 else material.caption(piece, rng, thorough=True)
        for number, piece in enumerate(pieces)
    ]
    return token_ids(tokenizer, captions), torch.from_numpy(np.stack([material.targets(piece) for piece in pieces]))
