"""The few-step twin inside a checkpoint's folder, and LoRA files in the spellings people have."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import riffkit
from riffkit.models.lora import FILE_NAME, read_lora, with_lora
from riffkit.riffing.riffer import LIVE_OPTIONS


def lora_tensors(unet, rank=2, targets=("to_q", "to_v", "conv1")):
    """Random matrices for some layers of a UNet, keyed as diffusers keys them, loud enough to be seen."""
    generator = torch.Generator().manual_seed(5)
    tensors = {}
    for name, layer in unet.named_modules():
        if name.endswith(targets):
            outputs, inputs, *kernel = layer.weight.shape
            down = torch.randn(rank, inputs, *kernel, generator=generator) * 0.3
            up = torch.randn(outputs, rank, *[1] * len(kernel), generator=generator) * 0.3
            tensors |= {f"unet.{name}.lora.down.weight": down, f"unet.{name}.lora.up.weight": up}
    return tensors


@pytest.fixture(scope="module")
def folder(mini_folder, tmp_path_factory):
    """The toy with a twin of random matrices."""
    folder = shutil.copytree(mini_folder, tmp_path_factory.mktemp("twin") / "toy")
    (folder / "live").mkdir()
    save_file(lora_tensors(riffkit.load(mini_folder, dtype="float32").checkpoint.unet), folder / "live" / FILE_NAME)
    return folder


@pytest.fixture(scope="module")
def plain(folder):
    return riffkit.load(folder, dtype="float32")


def pixels(riff):
    return np.asarray(riff.image)


def test_the_twin_takes_four_steps_without_guidance(plain):
    live = plain.live()
    assert live.is_live and not plain.is_live and live.live() is live
    assert "live at 1', UNet of 0.3 M parameters" in repr(live) and len(repr(live)) < 300
    riff, same = live.riff("jazz", 3), live.riff("jazz", 3, num_inference_steps=4, guidance_scale=1, scheduler="lcm")
    arguments = riff.recipe["arguments"]
    assert (arguments["num_inference_steps"], arguments["guidance_scale"], arguments["scheduler"]) == (4, 1.0, "lcm")
    assert np.array_equal(pixels(riff), pixels(same))
    with_twin_off = plain.riff("jazz", 3, num_inference_steps=4, guidance_scale=1, scheduler="lcm")
    assert not np.array_equal(pixels(riff), pixels(with_twin_off))
    assert plain.riff("jazz", 3).recipe["arguments"]["num_inference_steps"] == 20, "the plain one stays as it is"


def test_the_scheduler_beside_the_twin_is_the_one_it_takes(folder, tmp_path):
    said = shutil.copytree(folder, tmp_path / "toy")
    (said / "live" / "scheduler_config.json").write_text(json.dumps({"_class_name": "DDIMScheduler"}))
    live = riffkit.load(said, dtype="float32").live()
    assert live.defaults == dataclasses.replace(LIVE_OPTIONS, scheduler="ddim")
    assert live.riff("jazz", 3).recipe["arguments"]["scheduler"] == "ddim"
    (said / "live" / "scheduler_config.json").write_text(json.dumps({"_class_name": "UniPC"}))
    with pytest.raises(ValueError, match="scheduler_config.json names the scheduler 'UniPC', expected one of"):
        riffkit.load(said, dtype="float32").live()


@pytest.mark.slow
def test_every_way_to_riff_goes_live(plain):
    live = plain.live()
    riff = live.riff("jazz", 3)
    made = [
        live.vary(riff, "techno", strength=0.5),
        live.inpaint(riff, [(0.2, 0.6)], "techno"),
        live.extend(riff, duration=0.5),
        live.story([(0, "jazz"), (1, "techno")], 2),
        live.riff("jazz", loop=True),
        live.walk(["jazz", "techno"], duration=2),
    ]
    for one in made:
        assert one.recipe["arguments"]["scheduler"] == "lcm" and np.array_equal(pixels(live.replay(one)), pixels(one))
    between = live.interpolate("jazz", "techno", 0.5)
    assert between.recipe["arguments"]["scheduler"] == "ddim", "fresh noise has no middle"
    assert between.recipe["arguments"]["num_inference_steps"] == 4


def test_the_plain_riffer_replays_what_its_twin_made(plain, tmp_path):
    riff = plain.live().riff("jazz", 3)
    assert np.array_equal(pixels(plain.replay(riff.save(tmp_path / "riff.png"))), pixels(riff))


def test_a_lora_and_the_twin_add_up(plain, folder, tmp_path):
    tensors = lora_tensors(plain.checkpoint.unet, targets=("to_k",))
    save_file(tensors, tmp_path / "style.safetensors")
    styled = plain.with_lora(tmp_path / "style.safetensors", 0.5)
    one, other = styled.live(), plain.live().with_lora(tmp_path / "style.safetensors", 0.5)
    assert one.is_live and other.is_live and one.defaults == other.defaults == LIVE_OPTIONS
    assert np.abs(pixels(one.riff("a")).astype(int) - pixels(other.riff("a"))).max() <= 1
    assert not np.array_equal(pixels(one.riff("a")), pixels(plain.live().riff("a")))
    riff = one.riff("a")
    assert np.array_equal(pixels(styled.replay(riff)), pixels(riff))


def test_a_checkpoint_without_a_twin_says_so(mini):
    with pytest.raises(FileNotFoundError, match=r"has no live twin.*riffkit.load\(\).live\(\)"):
        mini.live()


def test_the_twin_needs_no_peft(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    assert riffkit.load(folder, dtype="float32").live().riff("a").image.size == (128, 128)


# -- LoRA files --------------------------------------------------------------------------------------------------------

SPELLINGS = {
    "diffusers": lambda key: key,
    "peft": lambda key: key.replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B."),
    "old diffusers": lambda key: (
        key.removeprefix("unet.").replace(".to_", ".processor.to_").replace(".lora.", "_lora.")
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_the_same_matrices_mean_the_same(plain, tmp_path, spelling):
    tensors = lora_tensors(plain.checkpoint.unet, targets=("attn1.to_q", "attn2.to_k"))
    save_file(tensors, tmp_path / "usual.safetensors")
    save_file({SPELLINGS[spelling](key): value for key, value in tensors.items()}, tmp_path / "other.safetensors")
    usual, other = read_lora(tmp_path / "usual.safetensors"), read_lora(tmp_path / "other.safetensors")
    assert usual.keys() == other.keys() and len(usual) == len(tensors) / 2
    assert all(torch.equal(usual[layer].up, other[layer].up) for layer in usual)


def test_alpha_in_the_file_counts(plain, tmp_path):
    layer = next(name for name, _ in plain.checkpoint.unet.named_modules() if name.endswith("attn1.to_q"))
    tensors = {key: value for key, value in lora_tensors(plain.checkpoint.unet).items() if layer in key}
    kohya = "lora_unet_" + layer.replace(".", "_")
    down, up = (tensors[f"unet.{layer}.lora.{side}.weight"] for side in ("down", "up"))
    named = {f"{kohya}.lora_down.weight": down, f"{kohya}.lora_up.weight": up, f"{kohya}.alpha": torch.tensor(1.0)}
    save_file(named, tmp_path / "kohya.safetensors")
    said = json.dumps({"unet.lora_alpha": 6, "unet.r": 2})
    save_file(tensors, tmp_path / "said.safetensors", metadata={"lora_adapter_metadata": said})
    save_file(tensors, tmp_path / "plain.safetensors")
    factors = {name: [a.factor for a in read_lora(tmp_path / f"{name}.safetensors").values()]
               for name in ("kohya", "said", "plain")}  # fmt: skip
    assert factors == {"kohya": [0.5], "said": [3.0], "plain": [1.0]}
    before = plain.checkpoint.unet.get_submodule(layer).weight
    after = with_lora(plain.checkpoint, tmp_path / "said.safetensors", 0.5).unet.get_submodule(layer).weight
    assert torch.allclose(after, before + 0.5 * 3 * up @ down, atol=1e-6)


@pytest.mark.parametrize("damage", ["half a pair", "another kind", "no file"])
def test_damaged_files_are_named(plain, tmp_path, damage):
    tensors = lora_tensors(plain.checkpoint.unet)
    path, first = tmp_path / "lora.safetensors", next(iter(tensors))
    if damage == "half a pair":
        del tensors[first]
    if damage == "another kind":
        tensors[first.replace("lora.down.weight", "lora_magnitude_vector")] = torch.ones(3)
    save_file(tensors, path)
    if damage == "no file":
        path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=str(path)):
        plain.with_lora(path)
