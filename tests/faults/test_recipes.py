"""Recipes of strangers: followed, or refused in words; in files they are read, or said to be damaged.

Seeded: a few hundred cases, thousands with RIFFKIT_FAULTS=1.
"""

import json
import random

import numpy as np
import pytest

import riffkit
from riffkit.riffing.riff import Riff
from tests.faults.mutation import count, png_chunks, png_of, run
from tests.faults.mutations import mutated, mutated_json

QUICK = {"num_inference_steps": 1, "quality": "fast", "progress": False}


@pytest.fixture(scope="module")
def riffs(mini):
    t = np.arange(22050) / 44100
    clip = riffkit.Clip(0.3 * np.sin(2 * np.pi * (300 * t + 60 * t * t)), 44100)
    riff = mini.riff("a", 1, duration=0.5, **QUICK)
    plane = mini.plane(["a", "b"], num_inference_steps=1, quality="fast")
    made = [
        riff,
        mini.riff("a", 1, loop=True, bars=1, bpm=300, **QUICK),
        mini.story([(0, "a"), (0.5, "b")], 1, **QUICK),
        mini.vary(clip, "jazz", **QUICK),
        mini.inpaint(clip, [(0.1, 0.2, 100, 2000)], "jazz", **QUICK),
        mini.extend(clip, "jazz", duration=0.3, **QUICK),
        mini.interpolate({"source": riff.image}, "a", 0.5, strength=0.5, **QUICK),
        mini.walk(["a", 3], duration=1, **QUICK),
        plane.at(0.3, progress=False),
        plane.along([(0, 0), (1, 1)], 1, progress=False),
    ]
    frames = [one.recipe for one in mini.interpolate("a", "b", count=2, duration=0.5, **QUICK)]
    return [*made, Riff(riff.image, {**frames[0], "operation": "frames", "frames": frames}, riff.clip)]


@pytest.mark.slow
def test_mutated_recipes_are_followed_or_refused(mini, riffs):
    def one(seed):
        choose = random.Random(seed)
        recipe = mutated_json(choose.choice(riffs).recipe, choose)
        for _ in range(choose.choice((0, 0, 1, 3))):
            recipe = mutated_json(recipe, choose) if isinstance(recipe, dict) else recipe
        try:
            again = mini.replay(recipe if isinstance(recipe, dict) else {"recipe": recipe}, progress=False)
        except (ValueError, TypeError) as error:
            raise ValueError(f"case: {error}") from error
        return bool(np.isfinite(again.clip.samples).all())

    n = count(200, 4000)
    assert 0 < run("recipes", 1, n, one) < n


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".wav"])
def test_files_with_mutated_recipes_are_read_or_refused_by_name(mini, riffs, tmp_path, suffix):
    whole = [riff.save(tmp_path / f"{i}{suffix}").read_bytes() for i, riff in enumerate(riffs[:6])]
    path = tmp_path / f"case{suffix}"

    def one(seed):
        choose = random.Random(seed)
        number = choose.randrange(len(whole))
        if choose.random() < 0.5:
            path.write_bytes(mutated(whole[number], choose))
        else:
            found = {"recipe": mutated_json(riffs[number].recipe, choose)}
            if suffix == ".wav":
                riffs[number].clip.save(path, overwrite=True, metadata=found)
            else:
                _with(path, whole, number, found)
        riffkit.load_recipe(path)
        opened = Riff.load(path)
        assert opened.title and repr(opened)
        try:
            return bool(np.isfinite(mini.vary(path, "b", **QUICK).clip.samples).all())
        except ValueError as error:
            raise ValueError(f"case: {error}") from error

    n = count(60, 1500)
    assert 0 < run(f"files {suffix}", 1, n, one) < n


def _with(path, whole, number, found):
    """The PNG with another text under "riffkit", its checksums right."""
    text = b"riffkit\0\0\0\0\0" + json.dumps(found).encode("utf-8", "surrogatepass")
    chunks = [[b"iTXt", text] if name == b"iTXt" else [name, content] for name, content in png_chunks(whole[number])]
    path.write_bytes(png_of(chunks))
