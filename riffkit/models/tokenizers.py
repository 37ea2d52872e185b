"""Tokenizers: the one of a checkpoint, and whether all of its parts belong together."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from riffkit.models.configs import check_tokenizer


def load_tokenizer(folder: Path) -> Any:
    """Load the CLIP tokenizer in `folder`, after its files were looked at; nothing else is opened or asked.

    Raises
    ------
    FileNotFoundError, ValueError
        If files are missing or damaged.
    """
    from transformers.models.clip.tokenization_clip import CLIPTokenizer

    check_tokenizer(folder)
    try:
        tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # the Rust library beneath raises nothing more special
        told = str(error).strip().split("\n")[0][:300] or type(error).__name__
        raise ValueError(f"{folder} holds no tokenizer that can be built ({told}); restore its files") from error
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        if not isinstance(getattr(tokenizer, name), int):
            raise ValueError(f"{folder} has no {name.removesuffix('_id')} among its tokens; restore its files")
    return tokenizer


def check_fit(folder: Path, parts: Mapping[str, Any], tokenizer: Any) -> None:
    """See that the parts of the checkpoint in `folder` go together, and set the tokenizer's length to the encoder's.

    Parameters
    ----------
    folder : Path
    parts : dict of str to torch.nn.Module
        "unet", "vae" and "text_encoder".
    tokenizer : CLIPTokenizer
        A length that is longer than the text encoder's, or none, becomes that of the text encoder.

    Raises
    ------
    ValueError
        If two of them were made for different checkpoints.
    """
    text, unet, vae = (parts[name].config for name in ("text_encoder", "unet", "vae"))
    most = max(tokenizer.get_vocab().values(), default=0)
    if not 2 < len(tokenizer) <= text.vocab_size or most >= text.vocab_size:
        raise ValueError(
            f"{folder / 'tokenizer'} knows {len(tokenizer)} tokens, the text encoder"
            f" {text.vocab_size}: the two do not belong together; restore the folder"
        )
    if tokenizer.model_max_length > text.max_position_embeddings:
        tokenizer.model_max_length = text.max_position_embeddings
    if tokenizer.model_max_length < 3:
        raise ValueError(
            f"{folder / 'tokenizer'}: model_max_length is {tokenizer.model_max_length}, expected 3 or more"
        )
    size = unet.sample_size if isinstance(unet.sample_size, (list, tuple)) else [unet.sample_size] * 2
    if len(size) != 2 or None in size:
        raise ValueError(f"{folder / 'unet'}: sample_size is {unet.sample_size!r}, expected rows and columns of cells")
    if not unet.in_channels == unet.out_channels == vae.latent_channels:
        raise ValueError(
            f"{folder}: the UNet takes {unet.in_channels} and gives {unet.out_channels} channels, the autoencoder has"
            f" {vae.latent_channels}; models for inpainting or instructions (InstructPix2Pix) are others, and not read"
        )
    width = unet.encoder_hid_dim or unet.cross_attention_dim
    if width != text.hidden_size:
        raise ValueError(
            f"{folder}: the UNet attends to {width} numbers a word, the text encoder gives {text.hidden_size}: the two"
            " do not belong together; restore the folder"
        )
