"""Whatever training reads may be damaged or hostile: it ends with a result, or with an error that names what is wrong.

Seeded: a few hundred cases, thousands with RIFFKIT_FAULTS=1.
"""

import dataclasses
import json
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from riffkit.compose import rendering
from riffkit.training.data.collections import read_collection
from riffkit.training.data.dataset import build_dataset, open_dataset
from riffkit.training.data.journal import journals
from riffkit.training.data.segment import Cutting
from riffkit.training.finetune.config import Tuning
from riffkit.training.losses import read_losses
from riffkit.training.output_folder import check_output
from riffkit.training.scratch.patch_code import PatchCode
from riffkit.training.scratch.recipe import Recipe
from riffkit.training.trainer import Trainer
from riffkit.training.trainer_config import TrainerConfig

sys.path.insert(0, str(Path(__file__).parent))
from mutations import VALUES, mutated, mutated_json
from striped import THOROUGH

NAMED = (ValueError, TypeError, OSError)  # and what it is about must be in the message


def cases(few):
    return range(few * 10 if THOROUGH else few)


def survives(call, about, seed, *, named=True):
    """The result of a call, or None if it ended with an error that names what it is `about`."""
    try:
        return call()
    except NAMED as error:
        assert not named or about in str(error), f"seed {seed}: {type(error).__name__} does not name {about}: {error}"
        return None


TABLES = {
    "metadata.csv": b'file_name,text,bpm,loop\na.wav,"slow piano, alone",90,true\nb/b.wav,fast drums,,\n',
    "metadata.jsonl": b'{"file_name": "a.wav", "text": "a", "bpm": 120}\n{"file_name": "b/b.wav", "text": "b"}\n',
    "captions.tsv": b"file\tcaption\na.wav\tslow piano\nb\\b.wav\tfast\n",
    "captions.json": b'[{"file_name": "a.wav", "text": "slow"}, {"file_name": "b/b.wav", "caption": ["x", "y"]}]',
    "a.json": b'{"text": "slow piano", "tempo": 120, "license": "CC0", "key": "A minor"}',
    "a.txt": "slow café piano".encode(),
    "b.csv": "sep=;\nfile_name;text\na.wav;Bär\n".encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tables_and_captions(tmp_path, name):
    for path in ("a.wav", "b/b.wav"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        soundfile.write(tmp_path / path, np.full(2205, 0.1), 22050)
    (tmp_path.parent / "private.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    for seed in cases(40):
        (tmp_path / name).write_bytes(mutated(TABLES[name], random.Random(f"{name} {seed}")))
        found = survives(lambda: read_collection(tmp_path, "folder"), str(tmp_path), seed)
        for recording in found.recordings:
            assert recording.path.is_relative_to(tmp_path) and all(recording.captions)
            json.dumps([recording.captions, recording.columns, recording.track], allow_nan=False).encode()
            assert all(line.isprintable() for line in map(str, found.skipped))


COLLECTIONS = {
    "musiccaps": ("musiccaps-public.csv", b'ytid,start_s,end_s,caption\na,30,40,"A slow piano."\nb,0,10,Drums\n'),
    "song-describer": ("song_describer.csv", b"caption_id,track_id,caption,path\n1,9,A guitar,a.wav\n2,9,Sad,a.wav\n"),
}


@pytest.mark.parametrize("kind", COLLECTIONS)
def test_collections(tmp_path, kind):
    name, text = COLLECTIONS[kind]
    (tmp_path / "audio").mkdir()
    for path in ("audio/a.wav", "audio/b.wav"):
        soundfile.write(tmp_path / path, np.full(2205, 0.1), 22050)
    for seed in cases(60):
        (tmp_path / name).write_bytes(mutated(text, random.Random(f"{kind} {seed}")))
        found = survives(lambda: read_collection(tmp_path, kind), str(tmp_path), seed)
        assert all(one.path.is_relative_to(tmp_path) and one.start >= 0 for one in found.recordings)


ROW = {
    "file_name": "a.png",
    "text": "x",
    "track": "a",
    "start": 0.0,
    "bars": 2,
    "bpm": 120.0,
    "loop": True,
    "license": None,
}


def test_rows_and_pictures_of_data_sets(tmp_path):
    Image.effect_noise((64, 64), 80).save(tmp_path / "a.png")
    picture = (tmp_path / "a.png").read_bytes()
    for seed in cases(200):
        choose = random.Random(f"rows {seed}")
        row = mutated_json(ROW, choose) if seed % 2 else ROW
        (tmp_path / "metadata.jsonl").write_text(json.dumps(row) + "\n")
        if not seed % 2:
            (tmp_path / "a.png").write_bytes(mutated(picture, choose))
        dataset = survives(lambda: open_dataset(tmp_path), "metadata.jsonl", seed)
        if dataset is not None:
            survives(dataset.pictures, "a.png", seed)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A data set of one recording, built."""
    home = tmp_path_factory.mktemp("built")
    (home / "in").mkdir()
    t = np.arange(6 * 8000) / 8000
    soundfile.write(home / "in" / "a.wav", 0.3 * np.sin(2 * np.pi * 300 * t) * (1 - t * 2 % 1), 8000)
    build_dataset(home / "in", home / "out", validation=0)
    return home


def test_journals_and_settings(built, tmp_path):
    journal, settings = (built / "out" / name for name in ("pieces.jsonl", "dataset.json"))
    for seed in cases(150):
        choose = random.Random(f"journal {seed}")
        entry = mutated_json(json.loads(journal.read_text()), choose)
        text = json.dumps(entry).encode() + b"\n" if seed % 2 else mutated(journal.read_bytes(), choose)
        (tmp_path / "pieces.jsonl").write_bytes(text)
        for one in journals(tmp_path).values():
            assert all("/" not in piece["row"]["file_name"] for piece in one["pieces"])
        (tmp_path / "dataset.json").write_bytes(mutated(settings.read_bytes(), choose))
        wanted = json.loads(settings.read_text())
        survives(lambda wanted=wanted: check_output(tmp_path, "dataset.json", wanted), str(tmp_path), seed)


def test_a_damaged_data_set_is_built_again(built, tmp_path):
    for seed in cases(4):
        out = tmp_path / f"out{seed}"
        shutil.copytree(built / "out", out)
        journal = out / "pieces.jsonl"
        journal.write_bytes(mutated(journal.read_bytes(), random.Random(f"again {seed}")))
        dataset = build_dataset(built / "in", out, validation=0, workers=1)
        assert len(dataset.rows["train"]) == 1 and dataset.rows["train"][0]["path"].is_file()


def trainer(folder):
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Linear(3, 1))
    config = TrainerConfig(2, 1e-2, warmup=1, cpu=True, mixed_precision="no")
    return Trainer("stage", folder, module, [{"params": list(module.parameters())}], config)


def test_states(tmp_path):
    one = trainer(tmp_path)
    for step in one.steps():
        one.learn(one.module(torch.randn(8, 4, generator=one.rng(step)[1])).pow(2).mean())
    path = tmp_path / "stage" / "state.safetensors"
    whole, losses = path.read_bytes(), tmp_path / "stage" / "losses.jsonl"
    header = int.from_bytes(whole[:8], "little")
    told = losses.read_bytes()
    for seed in cases(150):
        choose = random.Random(f"state {seed}")
        if seed % 3 == 0:
            data = mutated(whole, choose)
        else:  # the header alone: lengths stay true, and more of it is understood
            text = json.dumps(mutated_json(json.loads(whole[8 : 8 + header]), choose)).encode()
            data = len(text).to_bytes(8, "little") + text + whole[8 + header :]
        path.write_bytes(data)
        losses.write_bytes(mutated(told, choose))
        resumed = survives(lambda: trainer(tmp_path), "state.safetensors", seed)
        if resumed is not None:
            assert all(torch.isfinite(parameter).all() for parameter in resumed.weights.parameters)
            assert all(isinstance(entry["step"], int) for entry in read_losses(losses))


def test_linear_codes_and_corpora(tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "check_soundfont", lambda soundfont: None)  # also where there is none
    rng = np.random.default_rng(0)
    PatchCode.fit(rng.integers(0, 256, (2, 64, 64)).astype(np.uint8), 4).save(tmp_path / "code.npz")
    whole = (tmp_path / "code.npz").read_bytes()
    state = {"corpus": "narrow", "first_seed": 0, "n_pieces": 6, "seconds": 5.12, "done": 6}
    for seed in cases(100):
        choose = random.Random(f"code {seed}")
        (tmp_path / "code.npz").write_bytes(mutated(whole, choose))
        survives(lambda: PatchCode.load(tmp_path / "code.npz"), "code.npz", seed)
        (tmp_path / "corpus.json").write_text(json.dumps(mutated_json(state, choose)))
        survives(lambda: rendering.check_corpus(tmp_path, "narrow", 0, 6), str(tmp_path), seed)


@pytest.mark.parametrize("settings", [Tuning, Recipe, Cutting])
def test_settings(settings):
    for seed in cases(150):
        choose = random.Random(f"{settings.__name__} {seed}")
        field = choose.choice(dataclasses.fields(settings)).name
        value = choose.choice([*VALUES, (1, 2), ("x",), object(), 3, "lora", "all"])
        survives(lambda field=field, value=value: settings(**{field: value}), field, seed, named=False)
