"""Laws of what a training from nothing reads, of both composers; and of a start from the embedded model."""

import random

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL

from riffkit.compose import score
from riffkit.compose.pieces import drawing
from riffkit.models.files import find_folder
from riffkit.training.scratch.autoencoder import make_autoencoder
from riffkit.training.scratch.material import material_of
from riffkit.training.scratch.tokenizer import build_tokenizer, learn_merges
from riffkit.training.scratch.warm_start import start_autoencoder, start_code

MATERIALS = [material_of(corpus) for corpus in (score.WIDE, drawing.WIDE)]


@pytest.mark.parametrize("material", MATERIALS)
def test_facts_say_what_is_in_the_piece(material):
    for seed in range(30):
        piece = material.compose(seed)
        true = {material.facts[i] for i in np.flatnonzero(material.targets(piece))}
        assert ("drums" in true) == (piece.pattern is not None)
        assert {f"instrument {part.instrument}" for part in piece.parts} <= true


@pytest.mark.parametrize("material", MATERIALS)
def test_what_is_told_right_is_counted_by_kind(material):
    truth = torch.from_numpy(np.stack([material.targets(material.compose(seed)) for seed in range(60)]))
    perfect = material.told_right(truth - 0.5, truth)
    assert {"key", "tempo"} <= set(perfect) and set(perfect.values()) == {1.0}
    assert max(material.told_right(0.5 - truth, truth).values()) == 0
    deaf = material.told_right(torch.randn(truth.shape, generator=torch.Generator().manual_seed(0)), truth)
    assert deaf["key"] < 0.3 and deaf["instrument"] < 0.2


def test_merges_are_those_of_counting_anew_each_time():
    rng = random.Random(0)
    counts = {"".join(rng.choices("abc", k=rng.randint(1, 9))): rng.randint(1, 50) for _ in range(80)}

    def slowly(n):
        words, merges = [([*word[:-1], word[-1] + "</w>"], count) for word, count in sorted(counts.items())], []
        while len(merges) < n:
            pairs = {}
            for parts, count in words:
                for pair in zip(parts, parts[1:], strict=False):
                    pairs[pair] = pairs.get(pair, 0) + count
            if not pairs:
                break
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            merges.append(best)
            for parts, _ in words:
                place = 0
                while place < len(parts) - 1:
                    if (parts[place], parts[place + 1]) == best:
                        parts[place : place + 2] = ["".join(best)]
                    place += 1
        return merges

    assert learn_merges(counts, 60) == slowly(60)
    assert learn_merges(counts, 100_000) == slowly(100_000)


def test_the_tokenizer_knows_common_words_as_one_token():
    tokenizer = build_tokenizer(MATERIALS[1], n_captions=500, vocabulary_size=1500)
    assert len(tokenizer.tokenize("bass guitar")) == 2
    assert len(tokenizer) == 1502  # and the two that begin and end a text


def test_a_stereo_autoencoder_begins_with_what_the_embedded_one_knows():
    folder = find_folder("mini")
    vae = AutoencoderKL.from_pretrained(folder / "vae").eval()
    if (vae.encoder.conv_in.weight[:, 0] == 0).all():
        pytest.skip("the embedded model is a stereo one")
    torch.manual_seed(0)
    stereo = make_autoencoder(32, sides=2).eval()
    start_autoencoder(folder, stereo)
    grey = torch.rand(1, 1, 64, 64) * 2 - 1
    with torch.no_grad():
        old, new = vae.encoder.conv_in(grey.repeat(1, 3, 1, 1)), stereo.encoder.conv_in(grey.repeat(1, 2, 1, 1))
        assert torch.allclose(old, new, atol=1e-3)
        drawn = stereo.decode(torch.randn(1, 32, 4, 4)).sample
    assert torch.allclose(drawn[:, 0], drawn[:, 1])
    assert start_code(folder, 2).sides == 2
