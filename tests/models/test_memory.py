"""How a checkpoint is made to fit: what is chosen, what is said, and that the riffs stay what they were."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import riffkit
from riffkit.models import checkpoint as checkpoints
from riffkit.models.memory import Memory, choose_memory

FEW = {"num_inference_steps": 3, "quality": "fast"}


def pixels(riff):
    return np.asarray(riff.image).astype(int)


def parts_of(riffer):
    return {name: getattr(riffer.checkpoint, name) for name in ("unet", "vae", "text_encoder")}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cuda", "mps", "cpu"])
def test_less_room_means_more_is_done_and_said(toy, kind):
    device, seen = torch.device(kind), []
    for free in np.geomspace(1e10, 1e4, 200):
        memory, said = choose_memory(parts_of(toy), device, free)
        done = (memory.narrow_vae, memory.sliced_attention, memory.offload)
        assert bool(said) == any(done) and all(words in said for words in [str(memory), kind, "GB"] if said)
        if not seen or seen[-1][0] != done:
            seen.append((done, memory.together))
    first, last = seen[0], seen[-1]
    assert first[0] == (False, False, False), "with plenty of room nothing is done"
    assert first[1] == {"cuda": 16, "mps": 4, "cpu": 1}[kind], "and riffs are painted in batches"
    assert last[0] == (True, kind == "mps", kind != "cpu") and memory.together == 1
    assert "will hardly fit" in said and ("riffkit.load(..., device='cpu')" in said) == (kind != "cpu")


def test_loading_says_what_it_does(mini_folder, monkeypatch):
    plenty = riffkit.load(mini_folder, dtype="float32")
    assert plenty.checkpoint.memory == Memory() and str(plenty.checkpoint.memory) == ""
    assert riffkit.load(mini_folder, dtype="bfloat16").checkpoint.memory.together == 1, "see the last test"
    monkeypatch.setattr("riffkit.models.memory.free_memory", lambda device: 3e6)
    with pytest.warns(UserWarning, match=r"are free on cpu.*autoencoder sees half windows") as warned:
        short = riffkit.load(mini_folder, dtype="float32")
    assert warned[0].filename == __file__ and "half windows" in repr(short)
    assert np.abs(pixels(short.riff("a", **FEW)) - pixels(plenty.riff("a", **FEW))).mean() < 16
    assert checkpoints.load_checkpoint(mini_folder, memory=Memory()).memory == Memory(), "who chooses is believed"


def test_attention_in_slices_is_the_same_attention(toy_folder, toy):
    sliced = riffkit.load(toy_folder, dtype="float32", memory=Memory(sliced_attention=True))
    assert np.abs(pixels(sliced.riff("jazz", 1, **FEW)) - pixels(toy.riff("jazz", 1, **FEW))).max() <= 1


def test_on_demand_only_one_part_is_on_the_device_and_no_bit_changes(toy_folder, toy, monkeypatch):
    offloaded = riffkit.load(toy_folder, dtype="float32", memory=Memory(offload=True))
    names = {id(part): name for name, part in parts_of(offloaded).items()}
    there, order = set(), []
    move = torch.nn.Module.to

    def watched(part, *where, **how):
        if id(part) in names:
            there.discard(names[id(part)])
            if where == (torch.device("cpu"),):  # the shelf's device; back it goes to "cpu"
                there.add(names[id(part)])
                order.append(names[id(part)])
            assert len(there) <= 1, "two parts at once"
        return move(part, *where, **how)

    monkeypatch.setattr(torch.nn.Module, "to", watched)
    riff = offloaded.riff("jazz", 1, **FEW)
    assert order == ["text_encoder", "unet", "vae"]
    assert np.array_equal(pixels(riff), pixels(toy.riff("jazz", 1, **FEW)))
    looked = offloaded.vary(riff, "jazz", progress=lambda step, total, draw: draw and (draw(), None)[1], **FEW)
    assert np.array_equal(pixels(looked), pixels(toy.vary(toy.riff("jazz", 1, **FEW), "jazz", **FEW)))
    assert order[3:6] == ["text_encoder", "unet", "vae"] and "unet" in order[6:], "for a look into the loop it comes"


def test_a_copy_with_a_lora_shares_the_shelf(mini_folder, tmp_path):
    from safetensors.torch import save_file

    offloaded = riffkit.load(mini_folder, dtype="float32", memory=Memory(offload=True))
    layer = next(n for n, m in offloaded.checkpoint.unet.named_modules() if n.endswith("attn1.to_q"))
    outputs, inputs = offloaded.checkpoint.unet.get_submodule(layer).weight.shape
    tensors = {
        f"unet.{layer}.lora.down.weight": torch.ones(1, inputs),
        f"unet.{layer}.lora.up.weight": torch.ones(outputs, 1),
    }
    save_file(tensors, tmp_path / "lora.safetensors")
    other = offloaded.with_lora(tmp_path / "lora.safetensors", 0.0)
    assert np.array_equal(pixels(other.riff("jazz", 1, **FEW)), pixels(offloaded.riff("jazz", 1, **FEW)))
    shelf = next(iter(offloaded.checkpoint.unet._forward_pre_hooks.values())).shelf
    hook = next(iter(other.checkpoint.unet._forward_pre_hooks.values()))
    assert hook.shelf is shelf and hook.part is other.checkpoint.unet


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", ["dpm++", "lcm"])
def test_in_a_batch_riffs_come_out_as_alone(toy, scheduler):
    together = riffkit.Riffer(replace(toy.checkpoint, memory=Memory(together=2)))
    long = "piano and drums and " * 9  # of two chunks: in a batch of its own
    prompts, steps = ["church bells", "techno", "jazz", long, "a"], []

    def listen(step, total, estimate):
        steps.append((step, total))
        assert estimate is None or estimate().size[0] in (128, 256), "those of a batch side by side"

    options = FEW | {"scheduler": scheduler, "negative_prompt": "slow", "progress": listen}
    riffs = together.riff(prompts, [1, 2, 3, 4, 5], **options)
    assert [riff.recipe["arguments"]["prompt"] for riff in riffs] == prompts
    assert [step for step, _ in steps] == sorted(step for step, _ in steps) and steps[-1] == (25, 25)
    for seed, riff in enumerate(riffs, 1):
        alone = toy.riff(prompts[seed - 1], seed, **FEW, scheduler=scheduler, negative_prompt="slow")
        assert np.abs(pixels(riff) - pixels(alone)).max() <= 1
        assert {**alone.recipe["arguments"]} == riff.recipe["arguments"]


@pytest.mark.slow
@pytest.mark.parametrize("guidance_scale", [4, 1])
def test_riffs_of_a_list_are_those_made_alone(guidance_scale):
    """The embedded model on this CPU, in the type chosen for it: if some are painted together, no bit tells."""
    riffer = riffkit.load(device="cpu")
    options = {"num_inference_steps": 2, "quality": "fast", "progress": False, "guidance_scale": guidance_scale}
    several = riffer.riff("church bells", [1, 2, 3, 4], **options)
    alone = riffer.riff("church bells", 3, **options)
    assert np.array_equal(np.asarray(several[2].image), np.asarray(alone.image))
    assert np.array_equal(several[2].clip.samples, alone.clip.samples)
