"""LoRA and textual inversion files of other people: read, or refused by what they are."""

import json
import pickle

import pytest
import torch
from safetensors.torch import save_file

from riffkit.models.lora_files import find_lora, read_lora
from riffkit.models.textual_inversion import read_words


@pytest.fixture(scope="module")
def layers(mini):
    unet = dict(mini.checkpoint.unet.named_modules())
    return {name: layer for name, layer in unet.items() if name.endswith(("to_q", "to_v", "to_out.0"))}


def pairs(layers, spell, rank=2):
    draw = torch.Generator().manual_seed(0)
    tensors = {}
    for name, layer in layers.items():
        down, up = spell(name)
        tensors[down] = 0.05 * torch.randn(rank, layer.in_features, generator=draw)
        tensors[up] = 0.05 * torch.randn(layer.out_features, rank, generator=draw)
    return tensors


def peft(name):
    return f"base_model.model.{name}.lora_A.weight", f"base_model.model.{name}.lora_B.weight"


def kohya(name):
    key = "lora_unet_" + name.replace(".", "_")
    return f"{key}.lora_down.weight", f"{key}.lora_up.weight"


def diffusers(name):
    return f"unet.{name}.lora.down.weight", f"unet.{name}.lora.up.weight"


@pytest.mark.parametrize(("alpha", "factor"), [(None, 1), (1, 0.5), (4, 2)])
def test_what_peft_saved_is_added_by_its_own_alpha(mini, layers, tmp_path, alpha, factor):
    tensors = pairs(layers, peft)
    save_file(tensors, tmp_path / "adapter_model.safetensors")
    if alpha is not None:
        (tmp_path / "adapter_config.json").write_text(json.dumps({"r": 2, "lora_alpha": alpha, "peft_type": "LORA"}))
    made = dict(mini.with_lora(tmp_path).checkpoint.unet.named_modules())
    for name, layer in layers.items():
        down, up = (tensors[key] for key in peft(name))
        assert torch.allclose(made[name].weight, layer.weight + factor * (up @ down), atol=1e-6)


@pytest.mark.parametrize("mark", ["dora_scale", "hada_w1_a", "lokr_w1", "lora_mid.weight"])
def test_what_is_more_than_a_lora_is_refused_by_what_it_is(layers, tmp_path, mark):
    tensors = pairs(layers, kohya)
    tensors[f"lora_unet_mid_block.{mark}"] = torch.ones(2)
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"a.safetensors is an? (DoRA|LoHa|LoKr|LoCon)") as error:
        read_lora(tmp_path / "a.safetensors")
    assert "another model" not in str(error.value) and mark in str(error.value)


def test_a_dora_of_peft_is_known_by_its_configuration_too(layers, tmp_path):
    save_file(pairs(layers, peft), tmp_path / "adapter_model.safetensors")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"use_dora": True}))
    with pytest.raises(ValueError, match="is a DoRA"):
        read_lora(find_lora(tmp_path))


def test_a_link_into_the_cache_of_the_hub_is_followed_and_a_capital_suffix_is_one(mini, layers, tmp_path):
    blob = tmp_path / "blobs" / ("ab" * 32)
    blob.parent.mkdir()
    save_file(pairs(layers, diffusers), blob)
    for name in ("pytorch_lora_weights.safetensors", "OLD.SAFETENSORS"):
        (tmp_path / name).symlink_to(blob)
        assert read_lora(find_lora(tmp_path / name))
    assert mini.with_lora(tmp_path).checkpoint.hash == mini.with_lora(tmp_path / "OLD.SAFETENSORS").checkpoint.hash


def test_a_pickle_behind_any_name_is_refused_unopened(tmp_path, monkeypatch):
    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("it ran",))

    for content in (pickle.dumps(Evil()), b"PK\x03\x04" + b"0" * 100):
        bad = tmp_path / "blob.bin"
        bad.write_bytes(content)
        link = tmp_path / "a.safetensors"
        link.unlink(missing_ok=True)
        link.symlink_to(bad)
        monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("torch.load was called"))
        for read in (read_lora, read_words):
            with pytest.raises(ValueError, match="a pickle, whatever its name"):
                read(link)


def test_errors_about_keys_are_short(layers, tmp_path):
    tensors = {f"lora_unet_{'x' * 60}_{i}.strange": torch.zeros(2) for i in range(300)}
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(ValueError) as error:
        read_lora(tmp_path / "a.safetensors")
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "~nobody-at-all/x.safetensors"])
def test_names_that_no_file_can_have_are_no_file(name):
    for read in (find_lora, read_words):
        with pytest.raises(FileNotFoundError, match="does not exist"):
            read(name)


# -- words ----------------------------------------------------------------------------


def test_a_word_of_automatic1111_is_called_as_its_file(mini, tmp_path):
    width = mini.checkpoint.text_encoder.config.hidden_size
    save_file({"emb_params": torch.ones(1, width)}, tmp_path / "steel-pan.safetensors")
    with pytest.warns(UserWarning, match="write 'steel-pan' in prompts"):
        learned = mini.with_word(tmp_path / "steel-pan.safetensors").checkpoint
    assert learned.tokenizer.convert_tokens_to_ids("steel-pan") == len(learned.tokenizer) - 1


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"<x>": torch.ones(4, 32)}, "has 4 vectors, riffkit reads words of one"),
        ({"clip_g": torch.ones(1, 32), "clip_l": torch.ones(1, 32)}, "Stable Diffusion XL"),
        ({"<x>": torch.full((32,), float("nan"))}, "no numbers"),
        ({"<x>": torch.ones(1, 1, 32)}, "which is no word"),
        ({"<x>": torch.ones(7)}, "made for another model"),
    ],
)
def test_words_are_refused_for_the_true_reason(mini, tmp_path, tensors, message):
    save_file(tensors, tmp_path / "learned_embeds.safetensors")
    with pytest.raises(ValueError, match=message):
        mini.with_word(tmp_path)
