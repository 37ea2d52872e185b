"""LoRA laws at toy size: only the LoRA learns, it is heard, and stock diffusers makes the same picture with it."""

import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import riffkit
from riffkit.diffusion.sampling import clean_and_noise
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.models.lora import export_merged, with_lora
from riffkit.riffing.riffer import Riffer
from riffkit.training.data.dataset import open_dataset
from riffkit.training.denoising import min_snr_weights
from riffkit.training.finetune.batches import Batches, augmented
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.run import finetune
from riffkit.training.losses import losses_of
from riffkit.training.trainer_config import cosine_with_warmup

TOY = Tuning(rank=2, n_steps=6, batch=2, warmup=2, mixed_precision="no", checkpoint_every=2, validation_steps=0)


def toy(**changes):
    return dataclasses.replace(TOY, **changes)


def grey(image):
    return np.asarray(image.convert("L"), int)


def stronger(file, folder, factor=30):
    """The same LoRA, louder: after a few steps a toy's is too weak to move a pixel."""
    tensors = load_file(file)
    up = {key: value * (factor if ".up." in key or "lora_B" in key else 1) for key, value in tensors.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(up, folder / file.name)
    return folder / file.name


@pytest.fixture(scope="session")
def trained(toy_folder, data, tmp_path_factory):
    """A LoRA of the UNet with its convolutions and of the text encoder, made loud enough to be seen."""
    output = tmp_path_factory.mktemp("run") / "out"
    file = finetune(data, output, toy(text_encoder=True, reach="all"), checkpoint=toy_folder, cpu=True)
    return stronger(file, output / "loud")


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 0.4])
def test_stock_diffusers_makes_the_same_picture(toy_folder, trained, scale):
    from diffusers import StableDiffusionPipeline

    plain = riffkit.load(toy_folder, dtype="float32", device="cpu")
    options = {"num_inference_steps": 4, "guidance_scale": 5.0}
    ours = plain.with_lora(trained, scale).riff("slow piano", seed=3, **options)
    pipe = StableDiffusionPipeline.from_pretrained(toy_folder, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = make_scheduler("dpm++", plain.checkpoint.scheduler_config, 4)
    pipe.load_lora_weights(str(trained.parent), adapter_name="toy")
    pipe.set_adapters(["toy"], [scale])
    generator = torch.Generator().manual_seed(3)
    latents = pipe("slow piano", generator=generator, output_type="latent", **options).images
    with torch.no_grad():
        stock = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample.mean(1)[0]
    stock = ((stock / 2 + 0.5).clamp(0, 1) * 255).round().numpy()
    assert np.abs(stock - grey(ours.image)).max() <= 1
    base = plain.riff("slow piano", seed=3, **options)
    assert np.abs(grey(base.image) - grey(ours.image)).max() > 5, "and it is another than without the LoRA"


@pytest.mark.slow
def test_scales_and_several_loras(toy_folder, trained):
    plain = riffkit.load(toy_folder, dtype="float32", device="cpu")

    def picture(checkpoint):
        return grey(Riffer(checkpoint).riff("fast drums", seed=1, num_inference_steps=3).image)

    base = picture(plain.checkpoint)
    assert np.array_equal(picture(with_lora(plain.checkpoint, trained, 0)), base)
    once = picture(with_lora(plain.checkpoint, trained, 0.6))
    twice = picture(with_lora(with_lora(plain.checkpoint, trained, 0.2), trained.parent, 0.4))
    assert np.abs(once - twice).max() <= 1, "0.2 and 0.4 of the same is 0.6 of it"
    away = picture(with_lora(with_lora(plain.checkpoint, trained, 0.7), trained, -0.7))
    assert np.abs(away - base).max() <= 1
    assert np.array_equal(picture(plain.checkpoint), base), "the checkpoint given is never changed"


@pytest.mark.slow
def test_merged_it_needs_no_lora(toy_folder, trained, tmp_path):
    plain = riffkit.load(toy_folder, dtype="float32", device="cpu")
    changed = with_lora(plain.checkpoint, trained, 0.8)
    merged = riffkit.load(export_merged(changed, tmp_path / "merged"), dtype="float32", device="cpu")
    options = {"seed": 2, "num_inference_steps": 3}
    one, other = Riffer(changed).riff("slow piano", **options), merged.riff("slow piano", **options)
    assert np.abs(grey(one.image) - grey(other.image)).max() <= 1
    assert not [name for name, _ in merged.checkpoint.unet.named_parameters() if "lora" in name]
    with pytest.raises(FileExistsError):
        export_merged(changed, tmp_path / "merged")
    with pytest.raises(ValueError, match="carries no LoRA"):
        export_merged(plain.checkpoint, tmp_path / "other")


def test_recipes_name_the_lora(mini, data, tmp_path):
    file = finetune(data, tmp_path / "out", toy(n_steps=1), checkpoint=mini, cpu=True)
    plain = riffkit.load(mini, dtype="float32", device="cpu").checkpoint
    one, other = with_lora(plain, file, 1), with_lora(plain, file.parent, 0.5)
    assert len({plain.hash, one.hash, other.hash}) == 3 and one.hash == with_lora(plain, file, 1.0).hash
    recipe = Riffer(other).riff("piano", num_inference_steps=1).recipe
    assert recipe["checkpoint"]["hash"] == other.hash and "out at 0.5" in recipe["checkpoint"]["name"]


def test_what_does_not_fit_is_refused(mini, sd, data, tmp_path):
    plain = riffkit.load(mini, dtype="float32", device="cpu").checkpoint
    file = finetune(data, tmp_path / "out", toy(n_steps=1, reach="attention"), checkpoint=sd, cpu=True)
    with pytest.raises(ValueError, match="was made for another model"):
        with_lora(plain, file)
    with pytest.raises(FileNotFoundError, match="pytorch_lora_weights.safetensors"):
        with_lora(plain, tmp_path)
    with pytest.raises(ValueError, match="no LoRA matrices"):
        with_lora(plain, mini / "unet" / "diffusion_pytorch_model.safetensors")
    (tmp_path / "lora.bin").write_bytes(b"pickle")
    with pytest.raises(ValueError, match="pickled weights"):
        with_lora(plain, tmp_path / "lora.bin")
    for scale, error in (("1", TypeError), (float("nan"), ValueError)):
        with pytest.raises(error, match="such as 0.8"):
            with_lora(plain, file, scale)


@pytest.mark.slow
def test_only_the_lora_learns_and_it_learns(toy_folder, data, tmp_path):
    before = load_file(toy_folder / "unet" / "diffusion_pytorch_model.safetensors")
    tuning = toy(n_steps=60, batch=4, learning_rate=2e-2, checkpoint_every=30, rank=4)
    said = []
    made = finetune(data, tmp_path / "out", tuning, checkpoint=toy_folder, cpu=True, say=said.append)
    after = load_file(toy_folder / "unet" / "diffusion_pytorch_model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)
    checked = {e["step"]: e["validation_loss"] for e in losses_of(tmp_path / "out") if "validation_loss" in e}
    assert list(checked) == [0, 30, 60] and checked[60] < 0.97 * checked[0]
    assert "60 steps of" in said[0] and "GB of memory" in said[0], "the estimate comes first"
    assert all("lora" in key for key in load_file(made)) and made.name == "pytorch_lora_weights.safetensors"
    card = (tmp_path / "out" / "README.md").read_text()
    for words in ("licence CC0: 6", "slow piano", f"| 60 | {checked[60]:.4f} |", "load_lora_weights", '"rank": 4',
                  "50% of the examples were what the model itself had said before"):  # fmt: skip
        assert words in card


@pytest.mark.slow
def test_validation_is_sound_with_the_same_seeds(mini, data, tmp_path):
    tuning = toy(n_steps=2, validation_steps=1, prompts=("slow piano", "fast drums"))
    finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True)
    heard = tmp_path / "out" / "validation"
    assert sorted(p.relative_to(heard).as_posix() for p in heard.rglob("*.flac")) == [
        "base/0.flac", "base/1.flac", "step-000002/0.flac", "step-000002/1.flac"]  # fmt: skip
    base = riffkit.load(mini, dtype="float32", device="cpu").riff("fast drums", seed=1, num_inference_steps=1)
    with Image.open(heard / "base" / "1.png") as image:
        assert np.abs(grey(image) - grey(base.image)).max() <= 1
    assert riffkit.Clip.load(heard / "base" / "1.flac").duration == base.clip.duration


def test_full_fine_tuning_gives_a_checkpoint(mini, data, tmp_path):
    tuning = toy(method="full", n_steps=4, learning_rate=1e-3)
    made = finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True)
    new, old = (load_file(f / "unet" / "diffusion_pytorch_model.safetensors") for f in (made, mini))
    assert new.keys() == old.keys() and not all(torch.equal(new[key], old[key]) for key in new)
    assert riffkit.load(made, device="cpu").riff("piano", num_inference_steps=1).image.size == (128, 128)


@pytest.mark.slow
def test_a_new_word_is_one_vector_and_stock_diffusers_reads_it(toy_folder, data, tmp_path):
    from diffusers import StableDiffusionPipeline

    tuning = toy(method="word", word="<stripes>", like="piano", n_steps=60, batch=4, learning_rate=5e-2, warmup=2,
                 checkpoint_every=30)  # fmt: skip
    made = finetune(data, tmp_path / "out", tuning, checkpoint=toy_folder, cpu=True)
    (word,) = load_file(made)
    assert word == "<stripes>"
    checked = [e["validation_loss"] for e in losses_of(tmp_path / "out") if "validation_loss" in e]
    assert checked[-1] < checked[0]
    plain = riffkit.load(toy_folder, dtype="float32", device="cpu")
    options = {"num_inference_steps": 3, "guidance_scale": 5.0}
    ours = plain.with_word(made.parent).riff("slow <stripes>", seed=3, **options)
    pipe = StableDiffusionPipeline.from_pretrained(toy_folder, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = make_scheduler("dpm++", plain.checkpoint.scheduler_config, 3)
    pipe.load_textual_inversion(str(made))
    generator = torch.Generator().manual_seed(3)
    latents = pipe("slow <stripes>", generator=generator, output_type="latent", **options).images
    with torch.no_grad():
        stock = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample.mean(1)[0]
    assert np.abs(((stock / 2 + 0.5).clamp(0, 1) * 255).round().numpy() - grey(ours.image)).max() <= 1
    with pytest.raises(ValueError, match="known already"):
        plain.with_word(made).with_word(made)
    assert len(plain.checkpoint.tokenizer) == len(riffkit.load(toy_folder, device="cpu").checkpoint.tokenizer)
    save_file({"<other>": torch.zeros(7)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="7 numbers.*made for another model"):
        plain.with_word(tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="needs word="):
        toy(method="word")


def test_min_snr_caps_the_error_of_the_clean_picture():
    """Whatever the model predicts, an error of x0 counts min(snr, gamma) times its square."""
    generator = torch.Generator().manual_seed(0)
    x0, noise, off = (torch.randn(64, generator=generator).double() for _ in range(3))
    for alpha_bar in torch.tensor([0.999, 0.9, 0.5, 0.1, 0.002], dtype=torch.float64):
        a, b = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        truth = {"epsilon": noise, "v_prediction": a * noise - b * x0}
        snr = alpha_bar / (1 - alpha_bar)
        for kind, target in truth.items():
            said, _ = clean_and_noise(a * x0 + b * noise, target + off, alpha_bar, kind)
            counted = min_snr_weights(snr, 5.0, kind) * off.pow(2).mean()
            assert torch.isclose(counted, snr.clamp(max=5) * (said - x0).pow(2).mean(), rtol=1e-6)
    with pytest.raises(ValueError, match="none of epsilon"):
        min_snr_weights(torch.ones(1), 5.0, "flow")


def test_the_learning_rate_warms_up_and_falls():
    rates = [cosine_with_warmup(step, 100, 10) for step in range(100)]
    assert rates[0] == 0.1 and rates[9] == 1 == rates[10] and abs(rates[55] - 0.5) < 0.01 and rates[-1] < 0.002
    assert all(a >= b for a, b in zip(rates[10:], rates[11:], strict=False))


def test_every_picture_is_seen_equally_often(mini, data):
    base = riffkit.load(mini, dtype="float32", device="cpu").checkpoint
    dataset = open_dataset(data)
    seen, dropped, times = [], 0, []

    class Watched(Batches):
        def noised(self, x0, noise, t):
            seen.extend(x0[:, 0, 0, 0].tolist())
            return super().noised(x0, noise, t)

        def errors(self, module, device, noisy, t, words, target):
            nonlocal dropped
            times.extend(t.tolist())
            dropped += sum(1 for one in words if torch.equal(one, self.words[""]))
            return torch.zeros(len(noisy))

    class OneProcess:
        module, device = None, None

        def rng(self, step):
            return np.random.default_rng(step), torch.Generator().manual_seed(step)

        def drawn(self, batch):
            return 2 * batch

        def part(self, batch, micro):
            return slice(micro * batch, (micro + 1) * batch)

    words = {text: torch.full((2, 2), float(i)) for i, text in enumerate(["", "slow piano", "fast drums"])}
    latents = np.arange(4, dtype=np.float32).reshape(4, 1, 1, 1) * np.ones((4, 2, 2, 2), np.float32)
    batches = Watched(dataset, latents, base, toy(batch=4, accumulation=2, caption_dropout=0.3), words)
    for step in range(50):
        list(batches.losses(OneProcess(), step))
    assert [seen.count(value) for value in range(4)] == [100] * 4
    assert 0.2 < dropped / 400 < 0.4
    eighths = np.bincount(np.array(times) * 8 // 1000, minlength=8)
    assert eighths.tolist() == [50] * 8, "every part of the schedule at every step"


def test_only_loops_are_turned_and_by_whole_beats():
    rng = np.random.default_rng(0)
    latent = np.arange(16.0).reshape(1, 1, 16) * np.ones((2, 3, 1))
    assert augmented(latent, {}, rng) is latent
    starts = {int(augmented(latent, {"loop": True, "bars": 2}, rng)[0, 0, 0]) for _ in range(100)}
    assert starts == set(range(0, 16, 2))


@pytest.mark.slow
def test_gradient_checkpointing_changes_nothing_but_memory(mini, data, tmp_path):
    one = load_file(finetune(data, tmp_path / "a", toy(n_steps=2), checkpoint=mini, cpu=True))
    two = load_file(
        finetune(data, tmp_path / "b", toy(n_steps=2, gradient_checkpointing=True), checkpoint=mini, cpu=True)
    )
    assert all(torch.allclose(one[key], two[key], atol=1e-5) for key in one)
