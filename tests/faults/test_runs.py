"""Fine-tunings under what people bring: odd and long captions, finished LoRAs, runs that are damaged or foreign."""

import dataclasses
import importlib.util
import json
import pickle
import stat
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from toys import save_toy

import riffkit
from riffkit.models.checkpoint import load_checkpoint
from riffkit.models.memory import Memory
from riffkit.training.denoising import Denoiser
from riffkit.training.finetune.config import Tuning
from riffkit.training.finetune.encoding import embedded
from riffkit.training.finetune.model_card import plain
from riffkit.training.finetune.run import finetune
from riffkit.training.finetune.words import CHUNKS, chunks_of, equally_long, said_of_length, tokens_of
from riffkit.training.losses import losses_of
from riffkit.training.report import write_page
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

sys.path.insert(0, str(Path(__file__).parent))
from striped import save_stripes

TOY = Tuning(
    rank=2, n_steps=2, batch=2, warmup=1, mixed_precision="no", checkpoint_every=2, validation_steps=0, preserve=0.0
)


def toy(**changes):
    return dataclasses.replace(TOY, **changes)


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return save_toy(tmp_path_factory.mktemp("toys") / "mini", like="mini")


@pytest.fixture(scope="module")
def sd(tmp_path_factory):
    return save_toy(tmp_path_factory.mktemp("toys") / "sd", like="sd")


@pytest.fixture(scope="module")
def stripes(tmp_path_factory):
    return save_stripes(tmp_path_factory.mktemp("stripes") / "data")


@pytest.fixture(scope="module")
def finished(mini, stripes, tmp_path_factory):
    """A finished LoRA with notes of other things."""
    home = tmp_path_factory.mktemp("finished") / "lora"
    return finetune(stripes, home, toy(preserve=0.5, repertoire=("jazz",)), checkpoint=mini, cpu=True, tracker=None)


def bits(path):
    return {name: tensor.numpy().tobytes() for name, tensor in load_file(path).items()}


ODD = ["slow piano (live", "drums]", "a [b (c", "\\", "techno (1:2", "(((", "slow\u2028piano", "café 🎹", "<b>loud</b>"]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lora", "word"])
def test_captions_are_learnt_and_played_as_plain_text(mini, tmp_path, method):
    stripes = save_stripes(tmp_path / "data", ODD)
    options = (
        {"word": "(pan", "like": "drums"} if method == "word" else {"preserve": 0.5, "repertoire": ("jazz (live",)}
    )
    made = finetune(stripes, tmp_path / "out", toy(validation_steps=1, method=method, **options), checkpoint=mini,
                    cpu=True, tracker=None)  # fmt: skip
    assert made.is_file() and len(list((tmp_path / "out" / "validation" / "step-000002").glob("*.flac"))) > 0


def test_given_prompts_are_checked_before_any_work():
    for wrong in ({"prompts": ("a (piano",)}, {"prompts": ("\ud800",)}, {"repertoire": (" ",)}, {"repertoire": (5,)},
                  {"repertoire": ("\udcff",)}):  # fmt: skip
        with pytest.raises((ValueError, TypeError)):
            toy(**wrong)


LONG = "slow piano and fast drums in a church, " * 4


def test_all_chunks_of_a_long_caption_are_embedded_as_a_prompt_is(mini):
    base = load_checkpoint(mini, device="cpu", dtype="float32", memory=Memory())
    from riffkit.models.prompt import embed_prompt

    for caption in ("", "slow piano", LONG):
        mine, prompt = embedded(base, [caption])[caption], embed_prompt(base, caption)[0]
        assert torch.equal(mine[: len(prompt)], prompt) and len(mine) < 2 * len(prompt)
    counts = {len(chunks_of(base.tokenizer, "a " * n)) for n in range(0, 400, 7)}
    assert counts == {1, 2, 4, CHUNKS}


@pytest.mark.parametrize("like", ["mini", "sd"])
def test_a_repeated_caption_is_the_same_caption(request, like):
    """Attention does not notice keys that come twice; the embedded model's pooled words do, a little."""
    base = load_checkpoint(request.getfixturevalue(like), device="cpu", dtype="float32", memory=Memory())
    words = embedded(base, ["slow piano", LONG])
    size = base.unet.config.sample_size
    x = torch.randn(1, base.unet.config.in_channels, size, size, generator=torch.Generator().manual_seed(0))
    short = equally_long([words["slow piano"]])
    repeated = equally_long([words["slow piano"], words[LONG]])[:1]
    with torch.no_grad():
        one, two = (Denoiser(base.unet)(x, torch.tensor([500]), one) for one in (short, repeated))
    assert repeated.shape[1] > short.shape[1] and torch.allclose(one, two, atol=1e-5 if like == "sd" else 2e-2)


def test_a_text_encoder_that_learns_reads_the_same_chunks(mini):
    base = load_checkpoint(mini, device="cpu", dtype="float32", memory=Memory())
    x = torch.randn(2, base.unet.config.in_channels, 8, 8, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([500, 500])
    for captions in (["slow piano", "jazz"], ["slow piano", LONG]):
        words = embedded(base, captions)
        with torch.no_grad():
            looked_up = Denoiser(base.unet)(x, t, equally_long([words[caption] for caption in captions]))
            read = Denoiser(base.unet, base.text_encoder)(x, t, tokens_of(base.tokenizer, captions))
        assert torch.allclose(looked_up, read, atol=1e-5)


@pytest.mark.slow
def test_what_is_longer_than_is_learnt_is_said(mini, tmp_path):
    said = []
    stripes = save_stripes(tmp_path / "data", [LONG * 20, "slow piano", LONG])
    finetune(stripes, tmp_path / "out", TOY, checkpoint=mini, cpu=True, tracker=None, say=said.append)
    assert "1 caption is longer than 112 tokens" in said[0] and "slow piano and fast drums" in said[0]
    base = load_checkpoint(mini, device="cpu", dtype="float32", memory=Memory())
    assert said_of_length(base.tokenizer, ["slow piano", LONG[:20]]) == ""


def test_a_tracker_that_is_not_there_is_said_before_any_work(mini, stripes, tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if "tensorboard" in name else found(name, *a)
    )
    said = []
    finetune(stripes, tmp_path / "out", TOY, checkpoint=mini, cpu=True, say=said.append)
    assert said[0].startswith("tensorboard is not installed")


# -- more steps on a finished LoRA -------------------------------------------------------------------------------------


def test_a_finished_lora_goes_on(finished, mini, stripes, tmp_path):
    nothing_new = toy(n_steps=1, learning_rate=1e-30, start=finished.parent)
    made = finetune(stripes, tmp_path / "same", nothing_new, checkpoint=mini, cpu=True, tracker=None)
    before, after = load_file(finished), load_file(made)
    assert before.keys() == after.keys() and all(torch.allclose(before[k], after[k], atol=1e-6) for k in before)
    more = finetune(stripes, tmp_path / "more", toy(start=str(finished)), checkpoint=mini, cpu=True, tracker=None)
    assert bits(more) != bits(finished)
    card = (tmp_path / "more" / "README.md").read_text()
    assert "It went on from the LoRA pytorch" in card.replace("\\", "") and str(finished.parent) not in card
    again = finetune(stripes, tmp_path / "more", toy(start=finished.parent), checkpoint=mini, cpu=True, tracker=None)
    assert bits(again) == bits(more), "the same file, wherever it is named"


def test_what_a_lora_cannot_go_on_with_is_said(finished, mini, sd, stripes, tmp_path):
    for wrong, checkpoint, said in (
        ({"rank": 4}, mini, "begin with rank=2"),
        ({"reach": "attention"}, mini, "begin with reach='all'"),
        ({}, sd, "another checkpoint"),
        ({"start": tmp_path / "gone"}, mini, "does not exist"),
        ({"start": __file__}, mini, "no .safetensors file"),
    ):
        with pytest.raises((ValueError, FileNotFoundError), match=said):
            tuning = toy(**{"start": finished, **wrong})
            finetune(stripes, tmp_path / "out", tuning, checkpoint=checkpoint, cpu=True, tracker=None)
    with pytest.raises(ValueError, match="expected 'lora'"):
        toy(start=finished, method="full")
    assert not (tmp_path / "out").exists()


# -- runs that are damaged, or somebody else's -------------------------------------------------------------------------


def trainer(folder, width=4):
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(4, width), torch.nn.Linear(width, 1))
    return Trainer("stage", folder, module, [{"params": list(module.parameters())}],
                   TrainerConfig(3, 1e-2, warmup=1, cpu=True, mixed_precision="no"))  # fmt: skip


@pytest.fixture
def state(tmp_path):
    """The state of a finished stage."""
    one = trainer(tmp_path)
    for step in one.steps():
        one.learn(one.module(torch.randn(8, 4, generator=one.rng(step)[1])).pow(2).mean())
    return tmp_path / "stage" / "state.safetensors"


GOOD = {"step": 3, "n_updates": 3, "recent": []}


def changed(path, change, notes=GOOD):
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path, {"riffkit": notes if isinstance(notes, str) else json.dumps(notes)})


TENSORS = {
    "a weight is missing": lambda t: t.pop("weight.0"),
    "an average is missing": lambda t: t.pop("average.1"),
    "a moment is missing": lambda t: t.pop("exp_avg_sq.0"),
    "another shape": lambda t: t.update({"weight.0": torch.zeros(1)}),
    "another weight": lambda t: t.update({"weight.99": torch.zeros(1)}),
    "no number": lambda t: t.update({"weight.x": torch.zeros(1)}),
    "no name": lambda t: t.update({"weights": torch.zeros(1)}),
    "another average": lambda t: t.update({"average7.0": torch.zeros(4, 4)}),
    "not finite": lambda t: t["exp_avg.0"].fill_(float("nan")),
    "too large": lambda t: t.update({"exp_avg.0": torch.zeros(100_000)}),
}
NOTES = {
    "no JSON": "{",
    "depths": "[" * 100_000,
    "a list": [],
    "no step": {**GOOD, "step": "x"},
    "a negative step": {**GOOD, "step": -1},
    "no losses": {**GOOD, "recent": ["x"]},
    "true": {**GOOD, "n_updates": True},
    "a scaler": {**GOOD, "scaler": 5},
}


@pytest.mark.parametrize("kind", [*TENSORS, *NOTES, "cut", "text", "another training"])
def test_a_damaged_state_is_named_and_not_told_as_a_full_disk(state, kind):
    if kind in TENSORS:
        changed(state, TENSORS[kind])
    elif kind in NOTES:
        changed(state, lambda tensors: None, NOTES[kind])
    elif kind != "another training":
        state.write_bytes(state.read_bytes()[:-9] if kind == "cut" else b"no state")
    with pytest.raises(ValueError, match="state.safetensors is damaged, or the state of another training"):
        trainer(state.parents[1], width=5 if kind == "another training" else 4)


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


@pytest.mark.parametrize("name", ["custom_checkpoint_0.pkl", "checkpoint/custom_checkpoint_0.pkl", "optimizer.bin",
                                  "random_states_0.pkl", "state.safetensors"])  # fmt: skip
def test_no_resumed_run_unpickles_anything(state, name):
    path = state.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(pickle.dumps(Evil()))
    if name == "state.safetensors":
        with pytest.raises(ValueError, match="is damaged"):
            trainer(state.parents[1])
    else:
        assert trainer(state.parents[1]).step == 3


@pytest.mark.parametrize("damage", [lambda b: b[:-5], lambda b: b"", lambda b: b"no notes" * 9, None])
def test_damaged_notes_are_named(finished, mini, stripes, tmp_path, damage):
    import shutil

    out = tmp_path / "out"
    shutil.copytree(finished.parent, out)
    note = out / "repertoire" / "0.safetensors"
    note.unlink() if damage is None else note.write_bytes(damage(note.read_bytes()))
    with pytest.raises(ValueError, match="0.safetensors .*to begin again"):
        finetune(stripes, out, toy(preserve=0.5, repertoire=("jazz",)), checkpoint=mini, cpu=True, tracker=None)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"no array"])
def test_damaged_latents_are_made_again(finished, mini, stripes, tmp_path, damage):
    import shutil

    out = tmp_path / "out"
    shutil.copytree(finished.parent, out)
    latents = out / "latents-train.npy"
    before = latents.read_bytes()
    latents.write_bytes(damage(before))
    finetune(stripes, out, toy(preserve=0.5, repertoire=("jazz",)), checkpoint=mini, cpu=True, tracker=None)
    assert latents.read_bytes() == before


def test_damaged_lines_of_losses_are_left_out(finished, tmp_path):
    (tmp_path / "run").mkdir()
    good = '{"step": 1, "loss": 0.5}\n'
    bad = '5\n[]\n{"step": "x", "loss": 1}\n{"loss": 1}\n{"step": 1, "loss": "x"}\n\x00\xff\n' + "[" * 99999 + "\n{}\n"
    (tmp_path / "run" / "losses.jsonl").write_bytes((good + bad + good).encode("latin-1"))
    assert losses_of(tmp_path) == [{"step": 1, "loss": 0.5}] * 2
    (tmp_path / "validation" / "step-000001").mkdir(parents=True)
    for name in ("0.png", "0.flac"):
        (tmp_path / "validation" / "step-000001" / name).write_bytes(b"<script>")
    assert "cannot be read" in write_page(tmp_path).read_text() or "it is no" in write_page(tmp_path).read_text()


# -- what is written ---------------------------------------------------------------------------------------------------


def test_a_card_shows_what_strangers_wrote_and_tells_no_paths(mini, tmp_path):
    stripes = save_stripes(
        tmp_path / "data", ["[x](javascript:alert(1))", "<script>alert(1)</script>\n# loud", "`a` *b* | c"]
    )
    for row in (lines := (stripes / "train" / "metadata.jsonl")).read_text().splitlines()[:1]:
        lines.write_text(row.replace("CC0", "<img src=x onerror=y>\\n# free") + "\n")
    finetune(stripes, tmp_path / "out", TOY, checkpoint=mini, cpu=True, tracker=None)
    card = (tmp_path / "out" / "README.md").read_text()
    words, settings = card.split("## Settings")
    assert "<script" not in words and "<img" not in words and "](javascript" not in words and "\n# loud" not in words
    assert str(tmp_path) not in card and str(mini) not in card
    assert json.loads(settings.split("```json")[1].split("```")[0])["rank"] == 2
    assert plain("slow piano, 120 bpm") == "slow piano, 120 bpm"


@pytest.mark.slow
def test_weights_are_as_readable_as_new_files_are(mini, stripes, tmp_path):
    (tmp_path / "plain").touch()
    usual = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    for method in ("full", "lora"):
        finetune(stripes, tmp_path / method, toy(method=method), checkpoint=mini, cpu=True, tracker=None)
        for path in (
            path for path in (tmp_path / method).rglob("*") if path.is_file() and not path.name.startswith(".")
        ):
            assert stat.S_IMODE(path.stat().st_mode) == usual, path
    assert riffkit.load(tmp_path / "full" / "model")


def test_what_is_drawn_after_a_stage_is_the_same_whether_its_steps_were_done_or_found(tmp_path):
    drawn = []
    for _ in range(2):
        one = trainer(tmp_path)
        for step in one.steps():
            one.learn(one.module(torch.randn(8, 4, generator=one.rng(step)[1])).pow(2).mean() + torch.rand(()))
        drawn.append(torch.rand(()))
    assert drawn[0] == drawn[1], "the next stage draws its first weights here"
