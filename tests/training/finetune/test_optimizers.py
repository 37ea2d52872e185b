"""Adam is Adam in eight bits too, and goes on after a kill as if nothing had happened."""

import dataclasses

import pytest
import torch
from safetensors.torch import load_file

import riffkit
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.lora import add_lora, add_text_lora
from riffkit.training.finetune.memory_layout import settle
from riffkit.training.finetune.optimizers import make_adam
from riffkit.training.finetune.run import finetune

TOY = Tuning(rank=2, n_steps=6, batch=2, warmup=2, mixed_precision="no", checkpoint_every=2, validation_steps=0)


def walk(kind, dtype=torch.float32):
    """Thirty steps down a bent valley, from the same start."""
    generator = torch.Generator().manual_seed(0)
    weights = [torch.nn.Parameter(torch.randn(shape, generator=generator).to(dtype)) for shape in ((64, 128), (70,))]
    goals = [torch.randn(weight.shape, generator=generator) for weight in weights]
    optimizer = make_adam([{"params": weights[:1]}, {"params": weights[1:]}], kind)
    for step in range(30):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 / (1 + step / 10)
        loss = sum(((weight.float() - goal) ** 4).mean() for weight, goal in zip(weights, goals, strict=True))
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return [weight.detach().clone() for weight in weights], float(loss.detach())


def test_in_eight_bits_it_walks_nearly_the_same_way():
    pytest.importorskip("bitsandbytes")
    (plain, loss), (eight, other) = walk("adam"), walk("adam8bit")
    assert other == pytest.approx(loss, rel=0.1)
    assert torch.corrcoef(torch.stack([plain[0].flatten(), eight[0].flatten()]))[0, 1] > 0.97


def test_without_bitsandbytes_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install bitsandbytes"):
        make_adam([{"params": [torch.nn.Parameter(torch.zeros(2))]}], "adam8bit")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["adam", "adam8bit"])
def test_cut_off_and_called_again_it_ends_with_the_same_bits(mini, data, tmp_path, kind):
    if kind == "adam8bit":
        pytest.importorskip("bitsandbytes")
    tuning = dataclasses.replace(TOY, optimizer=kind, rank=32)  # some of the matrices are large enough for eight bits
    whole = finetune(data, tmp_path / "whole", tuning, checkpoint=mini, cpu=True, tracker=None)
    with pytest.raises(riffkit.Cancelled):
        finetune(data, tmp_path / "cut", tuning, checkpoint=mini, cpu=True, tracker=None,
                 progress=lambda step, total, _: not (total == 6 and step == 5))  # fmt: skip
    assert load_file(tmp_path / "cut" / "run" / "state.safetensors")
    again = finetune(data, tmp_path / "cut", tuning, checkpoint=mini, cpu=True, tracker=None)
    assert again.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("precision", ["no", "bf16"])
def test_laid_out_for_training_a_model_says_the_same(toy_folder, precision):
    base = riffkit.load(toy_folder, dtype="float32", device="cpu").checkpoint
    learning = add_lora(base.unet, rank=2) + add_text_lora(base.text_encoder, rank=2)
    generator = torch.Generator().manual_seed(0)
    shape = (2, base.latent_channels, base.rows, base.window)
    noisy, tokens = torch.randn(shape, generator=generator), torch.arange(16).expand(2, 16)

    def said():
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            return base.unet(noisy, torch.tensor([3, 800]), base.text_encoder(tokens)[0]).sample.float()

    before = said()
    settle(base.unet, base.text_encoder, precision=precision, device=torch.device("cuda"))
    assert torch.equal(said(), before), "frozen weights are rounded once, to what they would be rounded to at each step"
    settle(base.unet, base.text_encoder, precision=precision, device=torch.device("cpu"))
    assert (said() - before).abs().max() < {"no": 1e-5, "bf16": 0.1}[precision] * before.std(), "sums in another order"
    assert all(weight.dtype == torch.float32 for weight in learning)
    low = [w for w in base.unet.parameters() if w.dtype == torch.bfloat16]
    assert bool(low) == (precision == "bf16") and not any(weight.requires_grad for weight in low)
    assert all(weight.dtype == torch.float32 for name, weight in base.unet.named_parameters() if "norm" in name)
