"""Checkpoints, LoRAs and words of strangers: loaded, or refused in words that name the file; nothing else is touched.

Seeded: a few hundred cases, thousands with RIFFKIT_FAULTS=1.
"""

import json
import os
import random
import shutil
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from riffkit.models.checkpoint import load_checkpoint
from riffkit.models.lora_files import read_lora
from riffkit.models.textual_inversion import read_words
from riffkit.riffing.riffer import Riffer
from tests.faults.mutation import count, run
from tests.faults.mutations import mutated, mutated_json

QUICK = {"num_inference_steps": 1, "quality": "fast", "progress": False}
JSON = ("model_index.json", "unet/config.json", "vae/config.json", "text_encoder/config.json")
JSON += ("scheduler/scheduler_config.json", "tokenizer/tokenizer_config.json", "tokenizer/tokenizer.json")
WEIGHTS = ("unet/diffusion_pytorch_model.safetensors", "vae/diffusion_pytorch_model.safetensors")
WEIGHTS += ("text_encoder/model.safetensors",)


def linked(folder, to):
    """A copy of a checkpoint whose files are links, so that it is made at once."""
    return shutil.copytree(folder, to, copy_function=os.link, dirs_exist_ok=True)


def put(path, content):
    path.unlink()
    path.write_bytes(content)


def header_changed(data, choose):
    """A safetensors file whose header says something else, its length mended or not."""
    size = struct.unpack("<Q", data[:8])[0]
    header = json.dumps(mutated_json(json.loads(data[8 : 8 + size]), choose)).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", len(header) if choose.random() < 0.9 else size) + header + data[8 + size :]


@pytest.mark.slow
def test_damaged_checkpoints_load_or_are_refused_by_the_file(mini_folder, tmp_path):
    def one(seed):
        choose = random.Random(seed)
        folder = linked(mini_folder, tmp_path / "case")
        name = choose.choice([*JSON, *JSON, *WEIGHTS])
        data = (folder / name).read_bytes()
        if name in WEIGHTS:
            put(folder / name, header_changed(data, choose) if choose.random() < 0.6 else mutated(data, choose))
        elif choose.random() < 0.8:
            put(folder / name, json.dumps(mutated_json(json.loads(data), choose)).encode("utf-8", "surrogatepass"))
        else:
            put(folder / name, mutated(data, choose))
        try:
            loaded = Riffer(load_checkpoint(folder, device="cpu", dtype="float32"))
            weights = [p for part in (loaded.checkpoint.unet, loaded.checkpoint.vae) for p in part.parameters()]
            if not all(torch.isfinite(p).all() and p.abs().max() < 1e6 for p in weights):
                return True  # numbers that were changed inside the weights are weights like any others
            try:
                riff = loaded.riff("a piano", 1, **QUICK)
            except ValueError as error:
                raise ValueError(f"case: {error}") from error  # an option that the file does not go with
            return bool(np.isfinite(riff.clip.samples).all())
        finally:
            shutil.rmtree(folder)

    n = count(150, 3000)
    assert 0 < run("checkpoints", 1, n, one) < n


@pytest.fixture(scope="module")
def lora(mini):
    layers = dict(mini.checkpoint.unet.named_modules())
    tensors = {}
    for name in [name for name in layers if name.endswith(("to_q", "to_out.0"))]:
        key = "lora_unet_" + name.replace(".", "_")
        tensors[f"{key}.lora_down.weight"] = torch.randn(2, layers[name].in_features) / 20
        tensors[f"{key}.lora_up.weight"] = torch.randn(layers[name].out_features, 2) / 20
        tensors[f"{key}.alpha"] = torch.tensor(1.0)
    return tensors


def as_peft(key):
    for kohya, peft in (("lora_unet_", "base_model.model."), ("lora_down", "lora_A"), ("lora_up", "lora_B")):
        key = key.replace(kohya, peft)
    return key


def test_damaged_loras_and_words_are_read_or_refused_by_the_file(mini, lora, tmp_path):
    width = mini.checkpoint.text_encoder.config.hidden_size
    kinds = {
        "kohya": lora,
        "peft": {as_peft(key): tensor for key, tensor in lora.items() if "alpha" not in key},
        "word": {"<x>": torch.ones(width)},
    }  # fmt: skip
    whole = {}
    for kind, tensors in kinds.items():
        save_file(tensors, tmp_path / "whole.safetensors", metadata={"lora_adapter_metadata": '{"unet.lora_alpha": 2}'})
        whole[kind] = (tmp_path / "whole.safetensors").read_bytes()

    def one(seed):
        choose = random.Random(seed)
        kind = choose.choice(list(whole))
        path = tmp_path / "case.safetensors"
        data = whole[kind]
        path.write_bytes(header_changed(data, choose) if choose.random() < 0.7 else mutated(data, choose))
        if kind == "word":
            return bool(read_words(path))
        additions = read_lora(path)
        if choose.random() < 0.2:
            assert mini.with_lora(path).checkpoint.loras
        return bool(additions)

    n = count(300, 4000)
    assert 0 < run("loras", 1, n, one) < n


SENT_AWAY = {
    "a text instead of an object": ("text_encoder/config.json", '"someone/beacon"'),
    "a number": ("unet/config.json", "3"),
    "a list": ("vae/config.json", "[]"),
    "an attention from the Hub": ("text_encoder/config.json", {"_attn_implementation": "someone/beacon:kernel"}),
    "another attention": ("text_encoder/config.json", {"attn_implementation": "kernels-community/flash"}),
    "weights elsewhere": ("text_encoder/config.json", {"transformers_weights": "../../evil.bin"}),
    "a quantizer": ("unet/config.json", {"quantization_config": {"quant_method": "someone/beacon"}}),
    "code": ("text_encoder/config.json", {"auto_map": {"AutoModel": "someone/beacon--evil.Model"}}),
    "a name": ("unet/config.json", {"_name_or_path": "someone/beacon"}),
    "an adapter": ("text_encoder/adapter_config.json", {"base_model_name_or_path": "someone/beacon"}),
    "a vocabulary elsewhere": ("tokenizer/tokenizer_config.json", {"vocab_file": "/etc/passwd"}),
    "a tokenizer's code": ("tokenizer/tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a/b--x.T", None]}}),
    "tokenizers for versions": ("tokenizer/tokenizer_config.json", {"fast_tokenizer_files": ["../../evil.json"]}),
    "an index": ("unet/diffusion_pytorch_model.safetensors.index.json", {"weight_map": {"conv_in.weight": "evil.bin"}}),
    "an index of the encoder": ("text_encoder/model.safetensors.index.json", {"weight_map": {"a": "../../evil.bin"}}),
}


@pytest.mark.parametrize("what", SENT_AWAY)
def test_no_file_of_a_checkpoint_leads_elsewhere(mini_folder, tmp_path, monkeypatch, what):
    """Neither to the network, nor to a pickle, nor out of its folder: it loads as if that were not there, or not."""
    import builtins
    import socket

    name, content = SENT_AWAY[what]
    folder = linked(mini_folder, tmp_path / "model")
    torch.save({"conv_in.weight": torch.zeros(2)}, tmp_path / "evil.bin")
    shutil.copy(tmp_path / "evil.bin", folder / "unet" / "evil.bin")
    path = folder / name
    if isinstance(content, dict):
        content = json.dumps((json.loads(path.read_text()) if path.exists() else {}) | content)
    path.unlink(missing_ok=True)
    path.write_text(content)
    opened = []
    real = builtins.open
    monkeypatch.setattr(builtins, "open", lambda file, *a, **k: (opened.append(str(file)), real(file, *a, **k))[1])
    for owner, call in ((torch, "load"), (socket, "getaddrinfo"), (socket.socket, "connect")):
        monkeypatch.setattr(owner, call, lambda *a, _of=call, **k: pytest.fail(f"{_of} was called with {a[:2]}"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    try:
        load_checkpoint(folder, device="cpu", dtype="float32")
    except ValueError as error:
        assert str(folder) in str(error)
    assert not [file for file in opened if "passwd" in file or "evil" in file]


def test_a_pickle_behind_a_link_is_never_opened(mini_folder, tmp_path, monkeypatch):
    folder = linked(mini_folder, tmp_path / "model")
    torch.save({"conv_in.weight": torch.zeros(2)}, tmp_path / "evil.bin")
    for name in WEIGHTS:
        (folder / name).unlink()
        (folder / name).symlink_to(tmp_path / "evil.bin")
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("torch.load was called"))
    with pytest.raises(ValueError, match=r"unet.diffusion_pytorch_model.safetensors is damaged"):
        load_checkpoint(folder)


def test_a_cache_of_links_loads(mini_folder, tmp_path):
    """Every file of the Hub's cache is a link to a blob without ending."""
    blobs, folder = tmp_path / "blobs", tmp_path / "snapshots" / "main"
    blobs.mkdir()
    for i, path in enumerate(sorted(p for p in mini_folder.rglob("*") if p.is_file())):
        shutil.copy(path, blobs / f"{i:064x}")
        link = folder / path.relative_to(mini_folder)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blobs / f"{i:064x}")
    assert load_checkpoint(folder).hash == load_checkpoint(mini_folder).hash


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("unet", {"in_channels": 8}, "misshapen"),
        ("unet", {"addition_embed_type": "text_time"}, "more than words"),
        ("unet", {"block_out_channels": [10**9] * 2}, r"block_out_channels is .* expected whole numbers in 1..16384"),
        ("unet", {"layers_per_block": 10**9}, "layers_per_block is 1000000000"),
        ("unet", {"down_block_types": ["DownBlock2D"] * 9999}, "down_block_types is .* expected a list of 1 to 8"),
        ("text_encoder", {"num_hidden_layers": 10**9}, "num_hidden_layers is 1000000000"),
        ("text_encoder", {"hidden_size": 65536}, "text_encoder"),
        ("vae", {"latent_channels": 4}, "vae"),
        ("vae", {"norm_num_groups": 3}, "describes no vae that can be built"),
    ],
)
def test_what_would_take_all_memory_or_all_time_is_refused_first(mini_folder, tmp_path, file, change, message):
    folder = linked(mini_folder, tmp_path / "model")
    path = folder / file / "config.json"
    put(path, json.dumps(json.loads(path.read_text()) | change).encode())
    with pytest.raises(ValueError, match=message):
        load_checkpoint(folder)


def test_the_old_names_of_an_autoencoders_attention_are_read(tmp_path):
    """Riffusion's own files, of diffusers before 0.17, call them query, key, value and proj_attn."""
    from safetensors.torch import load_file
    from toys import save_toy

    folder = save_toy(tmp_path / "sd", like="sd")
    wanted = load_checkpoint(folder, dtype="float32").vae.state_dict()
    path = folder / WEIGHTS[1]
    old = {}
    for name, tensor in load_file(path).items():
        for new, was in (
            (".to_q.", ".query."),
            (".to_k.", ".key."),
            (".to_v.", ".value."),
            (".to_out.0.", ".proj_attn."),
        ):
            name = name.replace(new, was)
        old[name] = tensor
    assert old.keys() != wanted.keys()
    save_file(old, path)
    found = load_checkpoint(folder, dtype="float32").vae.state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in wanted.items())
