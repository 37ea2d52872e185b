"""Training laws at toy size: a killed run ends as an unbroken one, the result is a stock checkpoint."""

import dataclasses
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, UNet2DConditionModel
from safetensors.torch import load_file

import riffkit
from riffkit.compose.pieces.drawing import NARROW, compose
from riffkit.compose.rendering import render_to_disk
from riffkit.diffusion.sampling import denoise, guided
from riffkit.diffusion.schedulers import make_scheduler
from riffkit.models.prompt import token_ids
from riffkit.training.averaging import AveragedWeights
from riffkit.training.denoising import Denoiser, shifted
from riffkit.training.finetune.lora import FILE_NAME as LORA_FILE
from riffkit.training.muon import Muon, groups_of, orthogonal
from riffkit.training.scratch import run
from riffkit.training.scratch.denoiser import (
    NOISE_SCHEDULE,
    SCHEDULER_CONFIG,
    Examples,
    denoising_config,
    learn_to_denoise,
    make_unet,
)
from riffkit.training.scratch.distillation import GUIDANCE, Path, guided_each
from riffkit.training.scratch.material import material_of
from riffkit.training.scratch.patch_code import PatchCode
from riffkit.training.scratch.text_encoder import make_text_encoder
from riffkit.training.scratch.tokenizer import build_tokenizer
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig


def _pictures(n, seed=0):
    """Something with lines and beats in it, as pictures have."""
    rng = np.random.default_rng(seed)
    pictures = np.full((n, 512, 512), 255, np.uint8)
    for picture in pictures:
        for row in rng.integers(0, 512, 20):
            picture[row] = rng.integers(0, 200)
        for column in rng.integers(0, 512, 8):
            picture[:, column : column + 6] //= 2
    return pictures


@pytest.fixture
def run_folder(tmp_path):
    """A run whose corpus is already on disk, so that no soundfont is needed."""
    corpus = tmp_path / "run" / "corpus"
    corpus.mkdir(parents=True)
    np.save(corpus / "pictures.npy", _pictures(12).reshape(6, 2, 512, 512))
    state = {"corpus": "narrow", "first_seed": 0, "n_pieces": 6, "seconds": 5.12, "done": 6}
    (corpus / "corpus.json").write_text(json.dumps(state))
    return tmp_path / "run"


TOY = run.Recipe(
    corpus="narrow",
    n_pieces=6,
    text_steps=2,
    unet_steps=2,
    autoencoder_steps=2,
    distil_steps=2,
    batch=4,
    text_width=32,
    text_layers=1,
    widths=(32, 64),
)


@pytest.mark.slow
def test_all_stages_make_a_folder_that_stock_diffusers_loads(run_folder):
    model = run.train_mini(run_folder, TOY, cpu=True)
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(model, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    image = pipe("church bells", num_inference_steps=2, generator=torch.Generator().manual_seed(0)).images[0]
    assert image.size == (512, 512) and np.ptp(np.asarray(image)) > 0
    assert pipe.unet.config.addition_embed_type == "text"
    kept, saved = (folder / "tokenizer" / "tokenizer.json" for folder in (run_folder, model))
    assert saved.read_text() == kept.read_text(), "as it was before it was used"
    assert not DDIMScheduler.from_pretrained(model / "live").config.clip_sample
    defaults = dataclasses.asdict(riffkit.load(model).defaults)
    wanted = {name: defaults[name] for name in GUIDANCE}
    assert json.loads(json.dumps(wanted)) == GUIDANCE, "guided as the twin's teacher was"
    assert {path.suffix for path in model.rglob("*model*") if path.is_file()} <= {".safetensors", ".json"}
    assert "bells" in json.loads((model / "vocabulary.json").read_text())
    page = (run_folder / "page.html").read_text()
    assert page.count("<svg") == 4 and page.count("data:audio/ogg") == 6 and "church bells" in page


@pytest.mark.slow
def test_another_recipe_is_refused_and_more_steps_are_not(run_folder):
    run.train_mini(run_folder, TOY, stages=("text",), cpu=True)
    with pytest.raises(ValueError, match="another batch .4 instead of 16"):
        run.train_mini(run_folder, run.Recipe(corpus="narrow", n_pieces=6, seed=5), stages=("text",), cpu=True)
    begun = json.loads((run_folder / "recipe.json").read_text())
    del begun["shift"]  # as a run from before there was such a thing
    (run_folder / "recipe.json").write_text(json.dumps(begun))
    run.train_mini(run_folder, TOY, stages=("text",), cpu=True)
    with pytest.raises(ValueError, match="another shift .1.0 instead of 2.0"):
        run.train_mini(run_folder, dataclasses.replace(TOY, shift=2.0), stages=("text",), cpu=True)
    with pytest.raises(ValueError, match="unknown stage 'vea'"):
        run.train_mini(run_folder, TOY, stages=("vea",))
    with pytest.raises(FileNotFoundError, match="--stage unet"):
        run.train_mini(run_folder, TOY, stages=("export",), cpu=True)


def test_a_folder_with_another_corpus_is_refused(run_folder):
    with pytest.raises(ValueError, match="holds another corpus"):
        render_to_disk(run_folder / "corpus", "wide", 0, 6)


class _Killed(Exception):
    pass


def _learn_line(folder, n_steps, die_at=None, *, groups=groups_of):
    """Fit a line; `die_at` ends the run without warning, as a kill would, after a checkpoint two steps before."""
    torch.manual_seed(0)
    module = torch.nn.Linear(3, 1)
    config = TrainerConfig(n_steps, learning_rate=0.05, warmup=3, cpu=True, save_every=1e9)
    trainer = Trainer("line", folder, module, groups(module), config)
    for step in trainer.steps():
        rng, _ = trainer.rng(step)
        x = torch.from_numpy(rng.standard_normal((8, 3)).astype(np.float32))
        trainer.learn((trainer.module(x).float() - x.sum(1, keepdim=True)).pow(2).mean())
        if die_at is not None and step == die_at - 2:
            trainer.step += 1
            trainer.save()
            trainer.step -= 1
        if step == die_at:
            raise _Killed
    return [parameter.detach().clone() for parameter in module.parameters()]


def _all_by_adam(module):
    return [{"params": list(module.parameters())}]


@pytest.mark.parametrize("groups", [groups_of, _all_by_adam], ids=["muon", "adam"])
@pytest.mark.parametrize("die_at", [5, 17])
def test_a_killed_run_ends_with_the_same_bits(tmp_path, die_at, groups):
    unbroken = _learn_line(tmp_path / "a", 30, groups=groups)
    with pytest.raises(_Killed):
        _learn_line(tmp_path / "b", 30, die_at, groups=groups)
    resumed = _learn_line(tmp_path / "b", 30, groups=groups)
    assert all(torch.equal(a, b) for a, b in zip(unbroken, resumed, strict=True))


def test_averages_exchange_and_come_back():
    weight = torch.nn.Parameter(torch.zeros(4))
    average = AveragedWeights([weight], 0.9)
    with torch.no_grad():
        weight += 1
    average.update()
    before = weight.detach().clone()
    average.exchange()
    assert not torch.equal(weight, before)
    average.exchange()
    assert torch.equal(weight, before)


def test_words_are_never_lost():
    tokenizer = build_tokenizer(material_of(NARROW), n_captions=300)
    assert len(tokenizer) > 600
    prompts = ["church bells", "church organ", "xqzwy", "ukulele", "", "café 🎹"]
    tokens = token_ids(tokenizer, prompts)
    assert tokens.shape == (6, 40)
    assert len({tuple(row.tolist()) for row in tokens}) == len(prompts)


def test_orthogonal_updates_are_orthogonal_and_zero_stays_zero():
    torch.manual_seed(0)
    for shape in ((8, 72), (40, 10)):
        singular = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert singular.min() > 0.5 and singular.max() < 1.4
    assert torch.equal(orthogonal(torch.zeros(4, 6)), torch.zeros(4, 6))


def test_muon_steps_matrices_by_muon_and_the_rest_by_adam():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 8, 3), torch.nn.GroupNorm(2, 8), torch.nn.Conv2d(8, 2, 3))
    muon = Muon([{**group, "lr": 0.01} for group in _without_factor(groups_of(net))])
    before = {name: weight.detach().clone() for name, weight in net.named_parameters()}
    net(torch.randn(1, 2, 9, 9)).pow(2).mean().backward()
    muon.step()
    moved = {name: (weight - before[name]).detach() for name, weight in net.named_parameters()}
    assert all(change.abs().max() > 0 for change in moved.values())
    change = moved["0.weight"].flatten(1)
    singular = torch.linalg.svdvals(change)
    assert singular.min() > 0.4 * singular.max()  # all directions move about equally far
    assert torch.allclose(moved["1.weight"].abs(), torch.full((8,), 0.01), rtol=0.05)  # Adam's first step: the rate


def _without_factor(groups):
    return [{key: value for key, value in group.items() if key != "factor"} for group in groups]


@pytest.mark.slow
def test_a_model_grows_out_of_another(run_folder):
    first = run.train_mini(run_folder, dataclasses.replace(TOY, channels=4), cpu=True)
    grown = run_folder.parent / "grown"
    shutil.copytree(run_folder / "corpus", grown / "corpus")
    recipe = dataclasses.replace(
        TOY, channels=6, start=str(first), text_steps=0, unet_steps=0, autoencoder_steps=0, distil_steps=0
    )
    model = run.train_mini(grown, recipe, cpu=True)
    old, new = (UNet2DConditionModel.from_pretrained(folder / "unet").state_dict() for folder in (first, model))
    assert new["conv_in.weight"].shape[1] == 6 and torch.equal(new["conv_in.weight"][:, :4], old["conv_in.weight"])
    assert torch.equal(new["mid_block.resnets.0.conv1.weight"], old["mid_block.resnets.0.conv1.weight"])
    old, new = (load_file(folder / "live" / LORA_FILE) for folder in (first, model))
    assert old.keys() == new.keys() and all(torch.equal(old[name], new[name]) for name in old)
    a, b = PatchCode.load(first / "code.npz"), PatchCode.load(model / "code.npz")
    assert np.array_equal(a.directions, b.directions[:, :4]) and b.directions.shape == (512, 6)
    assert np.allclose(b.directions.T @ b.directions, np.eye(6), atol=1e-4)
    with pytest.raises(ValueError, match="latents of 4 channels, the recipe 2"):
        run.train_mini(run_folder.parent / "third", dataclasses.replace(recipe, channels=2), cpu=True)
    with pytest.raises(FileNotFoundError, match="code.npz"):
        (first / "code.npz").unlink()
        run.train_mini(run_folder.parent / "third", recipe, cpu=True)
    assert not (run_folder.parent / "third").exists()


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"start": "nowhere"}, FileNotFoundError, "neither a folder here nor a Hub id"),
        ({"soundfont": "nowhere.sf2"}, FileNotFoundError, "soundfont nowhere.sf2 does not exist"),
        ({"soundfont": __file__}, ValueError, "is no soundfont"),
        ({"threads": 0}, ValueError, "threads is 0"),
        ({"stages": ("text", "export")}, FileNotFoundError, "--stage unet"),
        ({"stages": ("unet",)}, FileNotFoundError, "--stage text"),
        ({"recipe": "wide"}, TypeError, "expected a Recipe"),
        ({"progress": "yes"}, TypeError, "progress is 'yes'"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_done(run_folder, monkeypatch, wrong, error, said):
    def rendered(*args, **options):
        raise AssertionError("the corpus was rendered first")

    monkeypatch.setattr(run, "render_to_disk", rendered)
    if "start" in wrong:
        wrong = {"recipe": dataclasses.replace(TOY, start=wrong["start"])}
    before = sorted(run_folder.rglob("*"))
    with pytest.raises(error, match=said):
        run.train_mini(run_folder, **{"recipe": TOY, **wrong})
    assert sorted(run_folder.rglob("*")) == before


@pytest.mark.parametrize(
    "wrong",
    [{"corpus": "wild"}, {"n_pieces": 0}, {"unet_steps": -1}, {"batch": 0}, {"channels": 513}, {"shift": 0},
     {"widths": (32, 50)}, {"text_width": 100}, {"text_layers": 0}, {"seed": "x"}],
)  # fmt: skip
def test_a_recipe_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        dataclasses.replace(TOY, **wrong)


def test_a_strangers_folder_is_never_touched(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("mine")
    with pytest.raises(FileExistsError, match="holds something else"):
        run.train_mini(tmp_path, TOY, cpu=True)
    assert (tmp_path / "model" / "weights").read_text() == "mine" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_progress_may_be_true(run_folder, capsys):
    run.train_mini(run_folder, TOY, stages=("text",), cpu=True, progress=True)
    with pytest.raises(riffkit.Cancelled):
        run.train_mini(run_folder, TOY, stages=("text", "unet"), cpu=True, progress=lambda step, total, _: step < 2)


def test_contrast_takes_the_distance_from_another_piece_off_the_loss(tmp_path):
    """A UNet that says 0 is as far from its own target as from the other's: the loss is smaller by just that share."""
    tokenizer = build_tokenizer(material_of(NARROW), n_captions=50, vocabulary_size=600)
    losses = []
    for contrast in (0.0, 0.25):
        unet = make_unet(4, 32, widths=(32, 64))
        torch.nn.init.zeros_(unet.conv_out.weight), torch.nn.init.zeros_(unet.conv_out.bias)
        examples = Examples(
            np.zeros((1, 4, 16, 16), np.float16), [compose(0, NARROW)], tokenizer, material_of(NARROW), batch=64
        )
        denoiser = Denoiser(unet, make_text_encoder(tokenizer, width=32, layers=1))
        folder = tmp_path / str(contrast)
        learn_to_denoise(folder, denoiser, examples, denoising_config(1, cpu=True), contrast=contrast)
        losses.append(json.loads((folder / "unet" / "losses.jsonl").read_text())["loss"])
    assert losses[1] == pytest.approx(0.75 * losses[0], rel=0.02)


@pytest.mark.parametrize("shift", [1, 2])
def test_all_noise_levels_count_alike_unless_shifted(tmp_path, shift):
    """A UNet that says 0 of silent latents errs by abar at every timestep: its loss is the mean of all abar drawn."""
    tokenizer = build_tokenizer(material_of(NARROW), n_captions=50, vocabulary_size=600)
    text_encoder = make_text_encoder(tokenizer, width=32, layers=1)
    unet = make_unet(4, 32, widths=(32, 64))
    torch.nn.init.zeros_(unet.conv_out.weight), torch.nn.init.zeros_(unet.conv_out.bias)
    silence = np.zeros((1, 4, 16, 16), np.float16)
    examples = Examples(silence, [compose(0, NARROW)], tokenizer, material_of(NARROW), batch=64)
    learn_to_denoise(tmp_path, Denoiser(unet, text_encoder), examples, denoising_config(1, cpu=True), shift=shift)
    loss = json.loads((tmp_path / "unet" / "losses.jsonl").read_text())["loss"]
    alphas_bar = DDPMScheduler(**NOISE_SCHEDULE).alphas_cumprod
    if shift == 1:
        snr = alphas_bar / (1 - alphas_bar)
        assert loss == pytest.approx(float(alphas_bar.mean()), rel=0.02)
        min_snr = snr.clamp(max=5) / (snr + 1)
        assert loss != pytest.approx(float((alphas_bar * min_snr).mean() / 0.6), rel=0.1)
    else:  # the density of timestep t of 1000 is shift / (shift - (shift - 1) t / 1000)^2
        density = shift / (shift - (shift - 1) * (torch.arange(1000) + 0.5) / 1000) ** 2
        assert float(density.mean()) == pytest.approx(1, abs=1e-4)
        assert loss == pytest.approx(float((alphas_bar * density).mean()), rel=0.02)
        assert loss < 0.8 * float(alphas_bar.mean())


def test_shifted_timesteps_keep_their_order_and_their_ends():
    even = torch.linspace(0, 1, 101)
    for shift in (0.5, 1, 3):
        t = shifted(even, shift)
        assert t[0] == 0 and t[-1] == 1 and (t.diff() > 0).all()
        assert torch.allclose(shifted(t, 1 / shift), even, atol=1e-6)
    assert torch.equal(shifted(even, 1), even)


def _curved(x, t):
    """Some smooth v, which depends on both."""
    return torch.tanh(x) * (1 + t.view(-1, 1, 1, 1) / 1000) - 0.3 * x


def test_the_teacher_walks_as_an_ordinary_riff():
    path, x = Path(), torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    everywhere = torch.full((3,), 20)
    riffed = denoise(_curved, make_scheduler("dpm++", SCHEDULER_CONFIG, 20), x)
    assert torch.allclose(path.walk(x, everywhere, 20, _curved), riffed, atol=1e-4)


def test_the_student_steps_as_ddim_does_and_arrives_where_the_teacher_did():
    path, x = Path(), torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    riffed = denoise(_curved, make_scheduler("ddim", SCHEDULER_CONFIG, 4), x)
    stepped = x
    for place in (20, 15, 10, 5):
        places = torch.full((3,), place)
        stepped = path.step(stepped, _curved(stepped, path.timesteps[places]), places, places - 5)
    assert torch.allclose(stepped, riffed, atol=1e-4)
    begins, ends = torch.tensor([20, 7, 3]), torch.tensor([15, 5, 0])
    arrived = path.walk(x, begins, 2, _curved)
    assert torch.allclose(path.step(x, path.straight(x, arrived, begins, ends), begins, ends), arrived, atol=1e-5)


def test_the_teacher_is_guided_as_a_riff_is():
    torch.manual_seed(0)
    unet = make_unet(4, 32, widths=(32, 64))
    torch.nn.init.normal_(unet.conv_out.weight, std=0.05)
    x, words, nothing = torch.randn(3, 4, 16, 16), torch.randn(3, 7, 32), torch.randn(1, 7, 32)
    timesteps = torch.tensor([999, 600, 599])
    with torch.no_grad():
        taught = guided_each(
            unet, x, timesteps, words=words, negative_words=nothing.expand(3, -1, -1), guidance_scale=4.0,
            guidance_interval=(600, 1000),
        )  # fmt: skip
        for i, t in enumerate(timesteps):
            predict = guided(unet, words[i : i + 1], nothing, 4.0, (600, 1000))
            assert torch.allclose(taught[i : i + 1], predict(x[i : i + 1], t), atol=1e-4)


@pytest.mark.slow
def test_words_have_the_same_numbers_in_every_process():
    program = (
        "from riffkit.compose.pieces.drawing import NARROW; from riffkit.training.scratch.material import material_of;"
        "from riffkit.training.scratch.tokenizer import build_tokenizer;"
        "print(sorted(build_tokenizer(material_of(NARROW), n_captions=300).get_vocab().items()))"
    )
    said = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout for _ in range(2)]
    assert said[0] == said[1] != ""


@pytest.mark.parametrize(("calculates_in_bf16", "precision"), [(True, "bf16"), (False, "no")])
def test_a_processor_learns_in_the_precision_it_calculates_in(tmp_path, monkeypatch, calculates_in_bf16, precision):
    for asked in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, asked, lambda: calculates_in_bf16)
    module = torch.nn.Linear(3, 1)
    trainer = Trainer("line", tmp_path, module, groups_of(module), TrainerConfig(1, learning_rate=0.05, cpu=True))
    assert trainer.accelerator.mixed_precision == precision
