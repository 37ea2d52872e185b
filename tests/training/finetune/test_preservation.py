"""What the model plays already is noted down before it learns, and stays as it was."""

import dataclasses

import numpy as np
import pytest
import torch

import riffkit
from riffkit.cli import main
from riffkit.training.data.dataset import open_dataset
from riffkit.training.finetune.batches import Batches
from riffkit.training.finetune.config import Tuning, completed
from riffkit.training.finetune.encoding import embedded
from riffkit.training.finetune.other_prompts import PROMPTS, others
from riffkit.training.finetune.preservation import STEPS, Repertoire
from riffkit.training.finetune.run import finetune
from riffkit.training.losses import losses_of

TOY = Tuning(rank=2, n_steps=6, batch=2, warmup=2, mixed_precision="no", checkpoint_every=2, validation_steps=0)


def toy(**changes):
    return dataclasses.replace(TOY, **changes)


def noted(folder, tuning, data, output, *, width=16):
    """The notes of a run that has been made, and its checkpoint."""
    base = riffkit.load(folder, dtype="float32", device="cpu").checkpoint
    tuning = completed(tuning, base, open_dataset(data))
    return Repertoire(output, base, tuning, width, tuning.batch), base


@pytest.mark.slow
def test_a_note_is_what_the_model_says_of_what_it_saw(toy_folder, data, tmp_path):
    tuning = toy(n_steps=1)
    finetune(data, tmp_path / "out", tuning, checkpoint=toy_folder, cpu=True)
    repertoire, base = noted(toy_folder, tuning, data, tmp_path / "out")
    captions, t, x_t, said = repertoire.some(1000)
    assert repertoire.size == len(t) == 2 * STEPS and set(captions) == {"", repertoire.prompts[0]}
    words = embedded(base, ["", repertoire.prompts[0]])
    with torch.no_grad():
        again = base.unet(x_t, t, torch.stack([words[caption] for caption in captions])).sample
    assert (again - said).abs().max() < 0.01, "but for rounding to 16 bits"
    assert len(set(t.tolist())) == STEPS and t.max() > 800, "from noise to nearly clean"


@pytest.mark.slow
def test_every_note_is_taken_once_before_any_is_taken_again(mini, data, tmp_path):
    tuning = toy(n_steps=20, batch=4, preserve=0.5)
    finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True)
    repertoire, _ = noted(mini, tuning, data, tmp_path / "out")
    assert repertoire.size == 40
    taken = [tuple(one.flatten()[:4].tolist()) for step in range(20) for one in repertoire.take(step, 4)[3]]
    assert len(taken) == 40 == len(set(taken))


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_the_share_is_kept_however_the_examples_are_dealt(mini, data, tmp_path, share):
    repertoire, _ = noted(mini, toy(preserve=share), data, tmp_path)
    in_eights = np.concatenate([repertoire.places(step, 8) for step in range(50)])
    in_ones = np.concatenate([repertoire.places(step, 1) for step in range(400)])
    assert np.array_equal(in_eights, in_ones) and in_eights.sum() == round(400 * share)
    assert abs(in_eights.reshape(10, 40).sum(1) - 40 * share).max() <= 1, "evenly spread"


def test_a_step_is_made_of_new_sounds_and_notes_in_their_places(mini, data, tmp_path):
    tuning = toy(n_steps=4, batch=4, preserve=0.5)
    finetune(data, tmp_path / "out", tuning, checkpoint=mini, cpu=True)
    repertoire, base = noted(mini, tuning, data, tmp_path / "out")
    dataset = open_dataset(data)
    latents = np.load(tmp_path / "out" / "latents-train.npy")
    batches = Batches(dataset, latents, base, completed(tuning, base, dataset), None, repertoire)
    captions, t, seen, to_say, counted = batches.drawn(3, 4, np.random.default_rng(0), torch.Generator().manual_seed(0))
    assert [caption in ("", *repertoire.prompts) for caption in captions] == [False, True, False, True]
    their_captions, their_t, x_t, said = repertoire.take(3, 4)
    assert captions[1::2] == their_captions and torch.equal(t[1::2], their_t)
    assert torch.equal(seen[1::2], x_t) and torch.equal(to_say[1::2], said)
    assert seen.shape == to_say.shape == (4, *latents.shape[1:]) and counted.shape == (4,)


@pytest.mark.slow
def test_other_things_stay_where_they_were(mini, data, tmp_path):
    common = {"n_steps": 60, "batch": 4, "learning_rate": 2e-2, "rank": 4, "checkpoint_every": 60}
    finetune(data, tmp_path / "new", toy(n_steps=1, seed=9, repertoire=("harpsichord",)), checkpoint=mini, cpu=True)
    unheard, base = noted(mini, toy(n_steps=1, seed=9, repertoire=("harpsichord",)), data, tmp_path / "new")
    captions, t, x_t, said = unheard.some(1000)  # neither this seed nor these words are noted below
    words = embedded(base, ["", "harpsichord"])
    moved = {}
    for preserve in (0.0, 0.5):
        out = tmp_path / f"{preserve}"
        made = finetune(data, out, toy(preserve=preserve, **common), checkpoint=mini, cpu=True)
        tuned = riffkit.load(mini, dtype="float32", device="cpu").with_lora(made).checkpoint
        with torch.no_grad():
            now = tuned.unet(x_t, t, torch.stack([words[caption] for caption in captions])).sample
        moved[preserve] = float((now - said).pow(2).mean())
    assert moved[0.5] < 0.5 * moved[0.0]
    checked = [e for e in losses_of(tmp_path / "0.5") if "validation_loss" in e]
    assert checked[0]["moved"] < 1e-4 and checked[-1]["validation_loss"] < checked[0]["validation_loss"]
    assert not [e for e in losses_of(tmp_path / "0.0") if "moved" in e]
    assert "was not preserved" in (tmp_path / "0.0" / "README.md").read_text()


@pytest.mark.slow
def test_stopped_while_it_plays_it_ends_with_the_same_bits(mini, data, tmp_path):
    tuning = toy(n_steps=24, repertoire=("flute", "drums"), checkpoint_every=100)
    whole = finetune(data, tmp_path / "whole", tuning, checkpoint=mini, cpu=True)
    said = []
    with pytest.raises(riffkit.Cancelled):
        finetune(data, tmp_path / "cut", tuning, checkpoint=mini, cpu=True, say=said.append,
                 progress=lambda step, total, _: total != 2)  # fmt: skip
    assert "to note what it plays already" in said[0], "the estimate comes first"
    assert finetune(data, tmp_path / "cut", tuning, checkpoint=mini, cpu=True).read_bytes() == whole.read_bytes()
    with pytest.raises(ValueError, match="begun with another repertoire"):
        finetune(data, tmp_path / "cut", dataclasses.replace(tuning, repertoire=("flute",)), checkpoint=mini, cpu=True)


def test_what_is_learnt_is_not_preserved():
    assert others(["slow piano", "a piano tune", "fast piano", "piano"]) == tuple(
        prompt for prompt in PROMPTS if "piano" not in prompt.split()
    )
    assert others(["my dog", "a dog barks"], ["dog", "cat"]) == ("dog", "cat"), "little words are no subject"
    assert others(["flute"], ["flute", "flute solo"]) == ("flute", "flute solo"), "rather all than none"


def test_a_whole_checkpoint_preserves_too_and_a_word_needs_not_to(mini, data, tmp_path):
    full = toy(method="full", n_steps=2, learning_rate=1e-3)
    finetune(data, tmp_path / "full", full, checkpoint=mini, cpu=True)
    assert list((tmp_path / "full" / "repertoire").iterdir())
    word = toy(method="word", word="<stripes>", like="piano", n_steps=2)
    finetune(data, tmp_path / "word", word, checkpoint=mini, cpu=True)
    assert not (tmp_path / "word" / "repertoire").exists()


def test_wrong_shares_and_lists_are_named(tmp_path, capsys):
    for wrong, said in (
        ({"preserve": 1}, "below 1"),
        ({"preserve": -0.1}, "0 or more"),
        ({"repertoire": "flute"}, "several"),
    ):
        with pytest.raises(ValueError, match=said):
            toy(**wrong)
    (tmp_path / "empty.txt").write_text("\n\n")
    for name, said in (("empty.txt", "is empty"), ("nowhere.txt", "cannot be read")):
        with pytest.raises(SystemExit):
            main.main(["finetune", "data", "-o", "out", "--repertoire", str(tmp_path / name)])
        assert said in capsys.readouterr().err
