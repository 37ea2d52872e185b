import json
import shutil
import threading
import warnings

import pytest
import torch

import riffkit
from riffkit.models.checkpoint import choose_dtype, load_checkpoint


@pytest.fixture
def copy(mini_folder, tmp_path):
    return shutil.copytree(mini_folder, tmp_path / "copy")


def test_loading_prints_and_warns_nothing_even_for_old_layouts(copy, capfd):
    index = json.loads((copy / "model_index.json").read_text())
    index["safety_checker"] = ["stable_diffusion", "StableDiffusionSafetyChecker"]
    index["feature_extractor"] = ["transformers", "CLIPFeatureExtractor"]
    (copy / "model_index.json").write_text(json.dumps(index))
    from safetensors.torch import load_file, save_file

    path = copy / "text_encoder" / "model.safetensors"
    tensors = load_file(path)
    names = {f"text_model.{name.removeprefix('text_model.')}": value for name, value in tensors.items()}
    names["text_model.embeddings.position_ids"] = torch.arange(16)[None]
    save_file(names, path, metadata={"format": "pt"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        old = load_checkpoint(copy, dtype="float32")
    assert capfd.readouterr() == ("", "")
    assert torch.equal(
        old.text_encoder.state_dict()["final_layer_norm.weight"], names["text_model.final_layer_norm.weight"]
    )
    parts = dict(old.text_encoder.named_parameters())
    assert all(torch.equal(value, names[f"text_model.{name}"]) for name, value in parts.items())


@pytest.mark.parametrize(
    "file",
    ["model_index.json", "unet/config.json", "vae/config.json", "scheduler/scheduler_config.json"]
    + ["unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"],
)
def test_damaged_and_missing_files_are_named(copy, file):
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=str(copy / file)):
        load_checkpoint(copy)
    (copy / file).unlink()
    with pytest.raises(FileNotFoundError, match=file):
        load_checkpoint(copy)


def test_missing_tensors_are_named(copy):
    from safetensors.torch import load_file, save_file

    path = copy / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    del tensors["conv_in.weight"]
    save_file(tensors, path)
    with pytest.raises(ValueError, match="conv_in.weight"):
        load_checkpoint(copy)


def test_pickles_are_refused_with_a_way_out(copy):
    path = copy / "unet" / "diffusion_pytorch_model.safetensors"
    path.rename(path.with_suffix(".bin"))
    with pytest.raises(ValueError, match=r"pickles.*safe_serialization=True"):
        load_checkpoint(copy)


def test_empty_tokenizer_is_refused(copy):
    for path in (copy / "tokenizer").glob("*"):
        if path.name not in ("tokenizer_config.json",):
            path.unlink()
    with pytest.raises(FileNotFoundError, match="vocab.json"):
        load_checkpoint(copy)


def test_half_precision_variants_are_found(copy):
    for part, stem in (("unet", "diffusion_pytorch_model"), ("vae", "diffusion_pytorch_model")):
        (copy / part / f"{stem}.safetensors").rename(copy / part / f"{stem}.fp16.safetensors")
    assert load_checkpoint(copy, dtype="float32").unet.dtype == torch.float32


@pytest.mark.parametrize("name", ["nowhere", "./nowhere", "/no/where", "a/b/c", ""])
def test_names_that_are_nothing_are_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="embedded"):
        riffkit.load(name)


def test_a_hub_id_offline_says_so_and_names_the_embedded_model():
    with pytest.raises(OSError, match=r"Hub cannot be reached.*'mini'"):
        riffkit.load("riffusion/riffusion-model-v1")


def test_hash_tells_checkpoints_apart(copy, mini_folder, mini):
    same = load_checkpoint(copy)
    assert same.hash == mini.checkpoint.hash
    (copy / "README.md").write_text("a card")
    assert load_checkpoint(copy).hash == same.hash
    path = copy / "vae" / "diffusion_pytorch_model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    assert load_checkpoint(copy).hash != same.hash


def test_dtype_fits_the_device():
    assert choose_dtype(torch.device("cuda")) == torch.float16
    assert choose_dtype(torch.device("mps")) == torch.float32
    assert choose_dtype(torch.device("cpu")) in (torch.bfloat16, torch.float32)
    with pytest.raises(ValueError, match="float8"):
        riffkit.load("mini", dtype="float8")


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "", 3.5])
def test_devices_that_are_not_there_are_refused(device):
    with pytest.raises(ValueError, match="cannot be used here.*'cpu' always works"):
        riffkit.load("mini", device=device)


def test_loading_in_one_thread_leaves_modules_that_another_makes_alone(mini_folder):
    """Weights of another thread were made without numbers while a checkpoint was loading, and for ever after."""
    stop, made = threading.Event(), []

    def load():
        while not stop.is_set():
            load_checkpoint(mini_folder, dtype="float32")

    loading = [threading.Thread(target=load) for _ in range(2)]
    for thread in loading:
        thread.start()
    for _ in range(300):
        made.append(torch.nn.Linear(2, 2).weight.is_meta)
    stop.set()
    for thread in loading:
        thread.join()
    assert not any(made) and not torch.nn.Linear(2, 2).weight.is_meta


def test_what_paints_two_channels_is_played_as_their_mean_at_its_own_pitch(copy):
    """Red, which is empty in stereo pictures, was heard as the loudest there is."""
    from riffkit.diffusion.latents import latents_from_pixels, pixels_from_latents

    (copy / "spectrogram.json").write_text('{"stereo": true, "fmin": 20.0, "fmax": 20000.0}')
    checkpoint = load_checkpoint(copy, dtype="float32")
    assert (checkpoint.params.fmin, checkpoint.params.fmax, checkpoint.params.stereo) == (20.0, 20000.0, False)
    latents = torch.zeros(1, checkpoint.latent_channels, checkpoint.rows, checkpoint.window)
    before = pixels_from_latents(checkpoint, latents)
    with torch.no_grad():
        checkpoint.vae.decoder.conv_out.bias[0] = -50.0
    pixels = pixels_from_latents(checkpoint, latents)
    assert (pixels == before).all()
    assert latents_from_pixels(checkpoint, pixels).shape == latents.shape
