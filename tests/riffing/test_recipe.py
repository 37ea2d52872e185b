"""Recipes make every riff again; progress counts every run and stops it."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from toys import FEW, pixels, same

import riffkit
from riffkit.riffing.riff import Riff

OPERATIONS = {
    "riff": lambda r, b: r.riff("(church:1.2) bells", 5, duration=2, scheduler="euler_ancestral", **FEW),
    "loop": lambda r, b: r.riff("a", 5, loop=True, bars=1, bpm=150, **FEW),
    "vary": lambda r, b: r.vary(b.clip, "jazz", 6, strength=0.5, **FEW),
    "inpaint": lambda r, b: r.inpaint(b, [(0.3, 0.7)], "jazz", 7, **FEW),
    "mask": lambda r, b: r.inpaint(b, Image.radial_gradient("L"), "jazz", 7, **FEW),
    "extend": lambda r, b: r.extend(b, duration=1, side="left", **FEW),
    "story": lambda r, b: r.story([(0, "jazz"), (2, "techno")], 4, **FEW),
    "interpolate": lambda r, b: r.interpolate(b, {"prompt": "techno", "seed": 9}, 0.25, **FEW),
    "inverted": lambda r, b: r.interpolate(b.clip, "techno", 0.25, **FEW),
    "walk": lambda r, b: r.walk(["a", "jazz"], duration=3, **FEW),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_riff_can_be_made_again_from_its_file(toy, bells, name, tmp_path):
    riff = OPERATIONS[name](toy, bells)
    paths = [riff.save(tmp_path / f"riff{suffix}") for suffix in (".png", ".wav", ".flac")]
    assert same(toy.replay(paths[0]), riff)
    opened = [Riff.load(path) for path in paths]
    assert all(one.recipe == riff.recipe for one in opened)
    assert np.array_equal(pixels(opened[0]), pixels(riff))
    assert np.abs(opened[1].clip.samples - riff.clip.samples).max() < 2 / 32768


@pytest.mark.slow
def test_same_recipe_same_bits_in_another_process(mini, mini_folder, tmp_path):
    bells = mini.riff("church bells", 3, **FEW)
    paths = [str(OPERATIONS[name](mini, bells).save(tmp_path / f"{name}.png")) for name in OPERATIONS]
    script = """
import sys, numpy as np, riffkit
from riffkit.riffing.plane import Plane
from riffkit.riffing.riff import Riff
from riffkit.riffing.stream import Stream
riffer = riffkit.load(sys.argv[1], dtype="float32")
for path in sys.argv[2:]:
    assert np.array_equal(np.asarray(riffer.replay(path).image), np.asarray(Riff.load(path).image)), path
"""
    done = subprocess.run([sys.executable, "-c", script, str(mini_folder), *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_recipes_of_another_checkpoint_are_refused_by_name_and_hash(mini, tmp_path, mini_folder):
    riff = mini.riff("a", **FEW)
    riff.recipe["checkpoint"] |= {"name": "somebody/else", "hash": "f" * 64}
    with pytest.raises(ValueError, match=r"somebody/else.*ffffffffffff.*" + mini.checkpoint.hash[:12]):
        mini.replay(riff)
    foreign = tmp_path / "foreign.png"
    Image.new("RGB", (64, 64)).save(foreign)
    with pytest.raises(ValueError, match="no recipe"):
        mini.replay(foreign)


def test_saving_never_overwrites_unasked(mini, tmp_path):
    riff = mini.riff("a", **FEW)
    path = riff.save(tmp_path / "a.wav")
    with pytest.raises(FileExistsError):
        riff.save(path)
    riff.save(path, overwrite=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_progress_counts_to_its_total_and_can_stop_anywhere(mini, name, monkeypatch):
    bells = mini.riff("church bells", 3, **FEW)
    seen = []

    def listen(step, total, estimate):
        seen.append((step, total))

    def with_progress(progress):
        calls = {
            m: getattr(type(mini), m) for m in ("riff", "vary", "inpaint", "extend", "story", "interpolate", "walk")
        }

        class Listening:
            def __getattr__(self, method):
                return lambda *a, **k: calls[method](mini, *a, **k, progress=progress)

        return OPERATIONS[name](Listening(), bells)

    with_progress(listen)
    steps = [step for step, _ in seen]
    assert steps == sorted(steps) and len({total for _, total in seen}) == 1
    assert steps[0] == 0 and steps[-1] == seen[-1][1]
    for stop in {0, len(seen) // 3, len(seen) // 2, len(seen) - 2}:
        count = iter(range(10**6))
        with pytest.raises(riffkit.Cancelled):
            with_progress(lambda step, total, estimate, c=count, s=stop: next(c) < s)


def test_estimates_are_drawn_on_demand_and_near_the_end_are_the_result(mini):
    drawn = []

    def look(step, total, estimate):
        if estimate is not None and step in (1, 4):
            drawn.append(np.asarray(estimate()))

    riff = mini.riff("church bells", 3, progress=look, **FEW)
    assert drawn[0].shape == drawn[-1].shape == pixels(riff).shape[:2]
    assert np.abs(drawn[-1].astype(int) - pixels(riff)[..., 0]).max() <= 1


def test_a_bar_is_shown_when_asked_for(mini, capsys):
    mini.riff("a", num_inference_steps=4, progress=True)
    mini.riff("a", num_inference_steps=4)
    mini.riff("a", num_inference_steps=4, progress=False)
    assert capsys.readouterr().out == ""
    with pytest.raises(TypeError, match="progress"):
        mini.riff("a", num_inference_steps=4, progress=3)


@pytest.mark.parametrize("suffix", [".png", ".wav", ".flac", ".ogg", ".mp3"])
def test_a_recipe_is_read_from_every_kind_of_file_that_carries_one(mini, tmp_path, suffix):
    riff = mini.riff("church bells", 3, **FEW)
    assert riffkit.load_recipe(riff.save(tmp_path / f"bells{suffix}")) == riff.recipe


def test_files_without_a_recipe_are_told_so(mini, tmp_path):
    riff = mini.riff("church bells", 3, **FEW)
    for path in (riff.save(tmp_path / "bells.webp"), riff.clip.save(tmp_path / "plain.wav")):
        with pytest.raises(ValueError, match="carries no recipe"):
            riffkit.load_recipe(path)
    with pytest.raises(FileNotFoundError):
        riffkit.load_recipe(tmp_path / "none.wav")


def test_recipes_of_the_first_format_lead_to_the_same_riff(mini):
    """Format 1 called `duration` of extend `seconds`, `loudness` of the sound `level`, and knew no interval."""
    riff = mini.extend(mini.riff("church bells", 3, **FEW), "techno", 4, duration=0.5, **FEW)
    old = json.loads(json.dumps(riff.recipe)) | {"format": 1}
    old["arguments"]["seconds"] = old["arguments"].pop("duration")
    old["sound"]["level"] = old["sound"].pop("loudness")
    del old["arguments"]["guidance_interval"]
    kept = json.dumps(old)
    assert same(mini.replay(old), riff)
    assert json.dumps(old) == kept, "the recipe given stays as it is"
