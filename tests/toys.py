"""Two toy checkpoints of real classes with random weights: one laid out like the embedded model, one like SD 1.5."""

import string

import numpy as np
import torch

BPE_WORDS = ("piano", "drums", "church", "bells", "slow", "fast", "jazz", "techno", "a", "and")


def make_tokenizer(length):
    """Letters, some whole words, and the two marks: unknown words are spelled."""
    from transformers.models.clip.tokenization_clip import CLIPTokenizer

    pieces = [*string.ascii_letters, *string.digits, *string.punctuation]
    vocab = {piece: i for i, piece in enumerate(dict.fromkeys([*pieces, *(p + "</w>" for p in pieces)]))}
    merges = []
    for word in BPE_WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pair = (parts[0], parts[1])
            if pair not in merges:
                merges.append(pair)
                vocab.setdefault("".join(pair), len(vocab))
            parts = ["".join(pair), *parts[2:]]
    for mark in ("<|startoftext|>", "<|endoftext|>"):
        vocab[mark] = len(vocab)
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=length)


def save_toy(folder, *, like):
    """Build and save a toy checkpoint with stock diffusers, as anybody's checkpoint was saved."""
    from diffusers import (
        AutoencoderKL,
        DPMSolverMultistepScheduler,
        PNDMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(11)
    mini = like == "mini"
    width = 32 if mini else 48
    tokenizer = make_tokenizer(16 if mini else 20)
    text = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=tokenizer.model_max_length,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    betas = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
    if mini:
        unet = {"sample_size": 8, "in_channels": 16, "out_channels": 16, "norm_num_groups": 8}
        unet |= {"block_out_channels": (16, 32), "addition_embed_type": "text", "addition_embed_type_num_heads": 2}
        vae = {
            "block_out_channels": (8, 8, 16, 16, 16),
            "latent_channels": 16,
            "scaling_factor": 1.0,
            "sample_size": 128,
        }
        vae |= {"norm_num_groups": 4, "mid_block_add_attention": False, "force_upcast": False}
        scheduler = DPMSolverMultistepScheduler(**betas, prediction_type="v_prediction", timestep_spacing="trailing")
    else:
        unet = {"sample_size": 16, "in_channels": 4, "out_channels": 4, "norm_num_groups": 8}
        unet |= {"block_out_channels": (16, 32)}
        vae = {
            "block_out_channels": (8, 8, 16, 16),
            "latent_channels": 4,
            "scaling_factor": 0.18215,
            "sample_size": 128,
        }
        vae |= {"norm_num_groups": 4}
        scheduler = PNDMScheduler(**betas, skip_prk_steps=True)
    levels = len(vae["block_out_channels"])
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(
            down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels, **vae
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=UNet2DConditionModel(
            layers_per_block=1,
            cross_attention_dim=width,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(2, 4) if mini else 8,
            **unet,
        ),
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(folder)
    return folder


FEW = {"num_inference_steps": 4}


def pixels(riff):
    """The picture of a riff as an array."""
    return np.asarray(riff.image)


def same(a, b):
    """Whether two riffs have the same bits, picture and sound."""
    return np.array_equal(pixels(a), pixels(b)) and np.array_equal(a.clip.samples, b.clip.samples)
