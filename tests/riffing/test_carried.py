"""What a recipe carries, what it may say, and what it must not reach: it comes inside a file from anybody."""

import copy
import json
import socket

import numpy as np
import pytest
import torch
from PIL import Image
from toys import FEW, same

import riffkit
from riffkit.riffing.recipes.packing import compact, expanded, tell_room
from riffkit.riffing.recipes.recipe import make_recipe
from riffkit.riffing.recipes.schema import checked_recipe
from riffkit.riffing.riff import Riff
from riffkit.riffing.source import as_source

QUICK = {"num_inference_steps": 1, "quality": "fast", "progress": False}


@pytest.fixture(scope="module")
def clip():
    t = np.arange(3 * 44100) / 44100
    return riffkit.Clip(0.3 * np.sin(2 * np.pi * (300 * t + 60 * t * t)), 44100)


@pytest.fixture(scope="module")
def varied(mini, clip):
    return mini.vary(clip, "jazz", 3, **QUICK)


def changed(recipe, *path, value):
    recipe = copy.deepcopy(recipe)
    place = recipe
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return recipe


@pytest.mark.parametrize("by", ["text", "dict", "end"])
def test_a_recipe_names_no_files(mini, clip, varied, tmp_path, by):
    secret = str(clip.save(tmp_path / "secret.wav"))
    if by == "end":
        recipe = changed(mini.interpolate("a", "b", 0.5, **QUICK).recipe, "arguments", "a", value={"source": secret})
    else:
        recipe = changed(varied.recipe, "arguments", "source", value=secret if by == "text" else {"picture": secret})
    with pytest.raises(ValueError, match=r"has to lie in it, or be given: replay\(path, source=...\)"):
        mini.replay(recipe)
    if by != "end":
        assert mini.replay(varied, source=secret, progress=False), "whoever replays may name files"


def test_a_recipe_names_no_checkpoints(varied, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: pytest.fail(f"asked for {a[0]}"))
    hostile = Riff(varied.image, changed(varied.recipe, "checkpoint", "name", value="someone/beacon"), varied.clip)
    for panel, work in ((riffkit.WordMap, "_find"), (riffkit.DenoisingFilm, "_develop")):
        with pytest.raises(ValueError, match="someone/beacon.*pass it as riffer="):
            getattr(panel(hostile), work)(None)


def test_a_recipe_tells_nobody_where_a_checkpoint_lies(mini, mini_folder, varied):
    assert varied.recipe["checkpoint"]["name"] == mini_folder.name
    assert str(mini_folder.parent) not in json.dumps(varied.recipe)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("operation",), "load", "operation 'load' is none of riff"),
        (("operation",), ["riff"], "none of"),
        (("operation",), "__class__", "none of"),
        (("format",), 3, "format 3, this version reads 2"),
        (("checkpoint",), None, "its checkpoint is None"),
        (("checkpoint",), {}, "its checkpoint has no 'name'"),
        (("checkpoint", "hash"), 3, "checkpoint say hash is 3"),
        (("arguments",), [], "its arguments are a list of 0"),
        (("arguments", "seed"), "3", "say seed is '3'"),
        (("arguments", "progress"), True, "'progress', which is none of"),
        (("arguments", "source"), {"png": 3}, "source is an object of 'png'"),
        (("arguments", "source"), {"picture": {"png": "*"}}, "damaged"),
        (("arguments", "source"), {"picture": {"png": "UEs="}}, "is no PNG"),
        (("arguments", "source"), {"flac": "UEs="}, "is no FLAC"),
        (("sound",), 3, "sound are 3"),
        (("sound", "n_samples"), 10**12, "n_samples is 1000000000000"),
        (("sound", "quality"), {}, "quality is an empty object"),
    ],
)
def test_what_no_recipe_says_is_refused_by_name(mini, varied, path, value, message):
    recipe = changed(varied.recipe, *path, value=value)
    before = json.dumps(recipe)
    with pytest.raises(ValueError, match=message):
        mini.replay(recipe, progress=False)
    assert json.dumps(recipe) == before


def test_a_damaged_recipe_makes_no_less_of_its_sound(mini, varied, tmp_path):
    bad = Riff(varied.image, changed(varied.recipe, "sound", value="loud"), varied.clip)
    for suffix in (".png", ".wav"):
        path = bad.save(tmp_path / f"bad{suffix}")
        with pytest.raises(ValueError, match=rf"bad{suffix}: the recipe is damaged: its sound are 'loud'"):
            riffkit.load_recipe(path)
        with pytest.warns(UserWarning, match="taken as a file without one"):
            assert mini.vary(path, "jazz", **QUICK).image.width == varied.image.width


def test_a_source_is_carried_once(mini, clip, tmp_path):
    walk = mini.walk([{"source": clip}, "a", {"source": clip}], count=3, strength=0.5, **QUICK)
    path = walk.save(tmp_path / "walk.png")
    packed = walk[0].recipe["arguments"]["a"]["source"]["picture"]["png"]
    assert path.read_bytes().count(packed.encode()) == 1, "it was once for every end of every riff"
    assert riffkit.load_recipe(path)["frames"] == [riff.recipe for riff in walk]
    assert same(mini.replay(path, progress=False)[1], walk[1])


def test_what_is_compacted_expands_to_the_same_and_damage_is_told():
    recipe = {"a": ["x" * 2000, {"b": "x" * 2000}], "c": "y" * 2000, "carried": None}
    del recipe["carried"]
    small = compact(recipe)
    assert json.dumps(small).count("x" * 2000) == 1 and expanded(small) == recipe
    assert expanded(recipe) is recipe and compact({"a": "x" * 2000}) == {"a": "x" * 2000}
    for wrong in (small | {"carried": {}}, small | {"carried": 3}, small | {"carried": {"0": 3}}):
        with pytest.raises(ValueError, match="the recipe is damaged"):
            expanded(wrong)


def test_what_will_not_fit_is_said_before_painting():
    with pytest.warns(UserWarning, match=r"20 MiB .* more than .flac can hold"):
        tell_room({"png": "x" * (20 << 20)}, {"png": "x" * (20 << 20)})


def test_replay_says_other_threads_and_versions_and_nothing_where_all_is_as_then(mini, recwarn):
    riff = mini.riff("a", 3, **QUICK)
    assert riff.recipe["threads"] == torch.get_num_threads()
    mini.replay(riff, progress=False)
    assert not [w for w in recwarn if "bit for bit" in str(w.message)]
    for recipe, said in (
        (changed(riff.recipe, "threads", value=77), "on 77 threads, replayed on"),
        (changed(riff.recipe, "versions", "torch", value="2.3.0"), "with torch 2.3.0, replayed with torch"),
        (changed(riff.recipe, "checkpoint", "dtype", value="float16"), "in float16, replayed on cpu in float32"),
    ):
        with pytest.warns(UserWarning, match=said):
            mini.replay(recipe, progress=False)
    old = {name: value for name, value in riff.recipe.items() if name not in ("threads", "versions")}
    assert same(mini.replay(old, progress=False), riff), "recipes of before say nothing of them"


def test_every_recipe_of_riffkit_passes_its_own_check(mini, clip):
    plane = mini.plane(["a", "b", clip, "d"], strength=0.5, num_inference_steps=1, quality="fast")
    riffs = [
        mini.riff("a", 1, loop=True, bars=1, bpm=150, **QUICK),
        mini.story([(0, "a"), (1, "b")], 2, **QUICK),
        mini.inpaint(clip, [(0.3, 0.7)], "jazz", **QUICK),
        mini.extend(clip, "jazz", duration=0.3, **QUICK),
        mini.walk(["a", 3], duration=2, **QUICK),
        plane.at(0.3, 0.4, progress=False),
        plane.along([(0, 0), (1, 1)], 2, progress=False),
        mini.interpolate(clip, "a", 0, num_inference_steps=2, quality="fast", progress=False),
    ]
    for riff in riffs:
        written = json.loads(json.dumps(riff.recipe))
        assert checked_recipe(written) == written
        assert same(mini.replay(written, progress=False), riff)


def test_ten_minutes_can_be_varied_and_more_are_refused_unread(mini, tmp_path, monkeypatch):
    """A picture of 600 s has 60001 columns, of which the last stands at 600 s: it was taken for 600.01 s."""
    from riffkit.riffing.task import latents_of

    monkeypatch.setattr("riffkit.riffing.task.latents_from_pixels", lambda checkpoint, pixels, **_: pixels)
    ten = Image.new("RGB", (60001, 128), "white")
    assert latents_of(mini.checkpoint, as_source(ten, mini.checkpoint), False)[1] == 60001
    long = riffkit.Clip(np.zeros(44100 * 601, np.float32), 44100)
    path = long.save(tmp_path / "long.wav")
    monkeypatch.setattr(riffkit.Clip, "load", lambda *a, **k: pytest.fail("it was read"))
    monkeypatch.setattr("riffkit.riffing.source.encode", lambda *a, **k: pytest.fail("it was drawn"))
    for source in (path, str(path), long):
        with pytest.raises(ValueError, match=r"the source's length is 601.*up to 600; cut it"):
            mini.vary(source, "jazz")


def test_paths_are_taken_wherever_sounds_and_pictures_are(mini, clip, varied, tmp_path):
    sound, picture = clip.save(tmp_path / "a.wav"), varied.save(tmp_path / "b.png")
    mask = tmp_path / "mask.png"
    Image.new("L", (301, 128), 255).save(mask)
    for given in (sound, str(sound), picture, str(picture)):
        assert mini.vary(given, **QUICK).image.width == 301
        assert mini.inpaint(given, str(mask), **QUICK).image.width == 301
        assert mini.extend(given, "a", duration=0.1, **QUICK).image.width == 311
        assert mini.interpolate({"source": given}, "a", 0.5, strength=0.5, **QUICK).image.width == 301
    assert mini.interpolate(sound, "a", 0.5, strength=0.5, **QUICK).image.width == 301
    assert same(mini.inpaint(sound, mask, **QUICK), mini.inpaint(sound, Image.open(mask), **QUICK))


BRACKET = {
    "vary": lambda r, c: r.vary(c, "(jazz"),
    "inpaint": lambda r, c: r.inpaint(c, [(0.2, 0.4)], "(jazz"),
    "extend": lambda r, c: r.extend(c, "(jazz"),
    "riff, of many the last": lambda r, c: r.riff(["a"] * 9 + ["(jazz"]),
    "negative": lambda r, c: r.vary(c, "jazz", negative_prompt="(jazz"),
    "story": lambda r, c: r.story([(0, "a"), (2, "(jazz")], 4),
    "interpolate": lambda r, c: r.interpolate(c, "(jazz"),
    "interpolate negative": lambda r, c: r.interpolate(c, "a", negative_prompt=("", "(jazz")),
    "walk, of many the last": lambda r, c: r.walk([c, "a", {"prompt": "(jazz"}]),
    "journey": lambda r, c: r.walk(["a", "(jazz"], duration=5),
    "plane": lambda r, c: r.plane([c, "(jazz"]),
    "stream": lambda r, c: r.stream("(jazz"),
}


@pytest.mark.parametrize("way", BRACKET)
def test_prompts_are_looked_at_before_any_work(mini, clip, way, monkeypatch):
    def never(*_, **__):
        raise AssertionError("work was begun")

    for work in ("riffkit.riffing.source.encode", "riffkit.riffing.riffer.embed_prompt"):
        monkeypatch.setattr(work, never)
    if way in ("interpolate", "plane", "interpolate negative"):  # whose first end is a recording
        monkeypatch.setattr("riffkit.riffing.source.encode", riffkit.encode)
    with pytest.raises(ValueError, match=r"position 0: '\(' is never closed"):
        BRACKET[way](mini, clip)


def test_a_walk_of_too_many_is_refused_at_once(mini):
    for call in (mini.interpolate, lambda *ends, **k: mini.walk(list(ends), **k)):
        with pytest.raises(ValueError, match=r"count is 1000000000000, expected a whole number in 2..1000"):
            call("a", "b", count=10**12)


def test_the_recipe_of_a_run_is_made_of_plain_values(mini):
    recipe = make_recipe(mini.checkpoint, "riff", {"prompt": "a", "seed": 0}, {})
    assert json.loads(json.dumps(recipe)) == recipe


def test_foreign_syntax_is_said_once(mini):
    with pytest.warns(UserWarning, match=r"<lora:x:0.8>.*with_lora"):
        mini.riff("a <lora:x:0.8>", 1, **FEW, progress=False)
