"""Options mean the same in every way to riff, and nonsense is refused before any work."""

import copy
import json
import shutil

import numpy as np
import pytest
from toys import FEW, pixels

import riffkit
from riffkit.riffing.plane import Plane
from riffkit.riffing.stream import Stream


def test_guidance_negative_prompt_and_scheduler_each_matter(toy, bells):
    for change in ({"guidance_scale": 1}, {"negative_prompt": "drums"}, {"scheduler": "euler"}):
        assert not np.array_equal(pixels(toy.riff("church bells", 3, **FEW | change)), pixels(bells))


WAYS = {
    "riff": lambda r, **how: r.riff("techno", 4, **how),
    "story": lambda r, **how: r.story([(0, "techno"), (3, "bells")], 6, 4, **how),
    "vary": lambda r, source, **how: r.vary(source, "techno", 4, **how),
    "inpaint": lambda r, source, **how: r.inpaint(source, [(0.5, 1.5)], "techno", 4, **how),
    "extend": lambda r, source, **how: r.extend(source, "techno", 4, duration=1, **how),
    "interpolate": lambda r, **how: r.interpolate("techno", "bells", 0.5, **how),
    "walk": lambda r, **how: r.walk(["techno", "bells"], count=3, **how).riffs[1],
    "journey": lambda r, **how: r.walk(["techno", "bells"], duration=6, **how),
    "plane": lambda r, **how: Plane(r, ["techno", "bells"], **how).at(0.5),
    "along": lambda r, **how: Plane(r, ["techno", "bells"], **how).along([(0, 0), (1, 0)], 6),
    "stream": lambda r, **how: Stream(r, "techno", 4, **how).next(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_guidance_is_on_within_its_interval(toy, bells, name):
    do = WAYS[name]
    how = FEW | ({"source": bells} if name in ("vary", "inpaint", "extend") else {})
    usual, nowhere = do(toy, **how), do(toy, **how, guidance_interval=(1000, 1000))
    assert np.array_equal(pixels(nowhere), pixels(do(toy, **how, guidance_scale=1)))
    assert not np.array_equal(pixels(nowhere), pixels(usual))
    assert np.array_equal(pixels(do(toy, **how, guidance_interval=(0, 1000))), pixels(usual))
    if name != "stream":
        assert nowhere.recipe["arguments"]["guidance_interval"] == [1000, 1000]
        assert np.array_equal(pixels(toy.replay(nowhere)), pixels(nowhere))


@pytest.fixture(scope="module")
def said_early(toy_folder, tmp_path_factory):
    """The toy, asking to be guided in its early steps."""
    said = shutil.copytree(toy_folder, tmp_path_factory.mktemp("early") / "toy")
    (said / "defaults.json").write_text(json.dumps({"num_inference_steps": 5, "guidance_interval": [600, 1000]}))
    return riffkit.load(said, dtype="float32")


def test_a_checkpoint_says_how_it_wants_to_be_riffed(toy, said_early):
    other = said_early
    riff = other.riff("techno", 4)
    asked = toy.riff("techno", 4, num_inference_steps=5, guidance_interval=(600, 1000))
    assert riff.recipe["arguments"] == asked.recipe["arguments"]
    assert np.array_equal(pixels(riff), pixels(asked))
    always = other.riff("techno", 4, guidance_interval=(0, 1000))
    assert not np.array_equal(pixels(always), pixels(riff)), "what is asked for counts more"
    # the recipe says everything: it needs no defaults, and one from before there was an interval guided always
    assert np.array_equal(pixels(toy.replay(riff)), pixels(riff))
    older = copy.deepcopy(always.recipe)
    del older["arguments"]["guidance_interval"]
    assert np.array_equal(pixels(other.replay(older)), pixels(always))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vary", "inpaint", "extend", "stream"])
def test_words_that_must_prevail_against_a_picture_are_guided_always(said_early, toy, bells, name):
    how = FEW | ({"source": bells} if name != "stream" else {})
    usual, early = WAYS[name](said_early, **how), WAYS[name](said_early, **how, guidance_interval=(600, 1000))
    assert np.array_equal(pixels(usual), pixels(WAYS[name](toy, **how)))
    assert name == "vary" or not np.array_equal(pixels(usual), pixels(early)), "what is asked for counts more"


@pytest.mark.slow
def test_a_journey_from_a_repainted_recording_is_guided_always(said_early, recording):
    ends = [{"source": recording, "prompt": "organ", "strength": 0.5}, {"prompt": "techno"}]
    for made in (said_early.interpolate(*ends, 0.5, **FEW), Plane(said_early, ends, **FEW).at(0.5)):
        assert made.recipe["arguments"]["guidance_interval"] == [0, 1000]
    for ends in ([recording, "techno"], ["organ", "techno"]):  # from noise, a recording's own or any
        for made in (said_early.interpolate(*ends, 0.5, **FEW), Plane(said_early, ends, **FEW).at(0.5)):
            assert made.recipe["arguments"]["guidance_interval"] == [600, 1000]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"steps": 3}, "'steps' is none of negative_prompt, num_inference_steps, guidance_scale"),
        ({"num_inference_steps": 0}, "num_inference_steps is 0"),
        ({"guidance_scale": "four"}, "guidance_scale is 'four'"),
        ({"guidance_interval": [900, 400]}, r"guidance_interval is \[900, 400\]"),
        ({"scheduler": "dpm"}, "dpm"),
        ([1, 2], r"holds \[1, 2\], expected an object"),
    ],
)
def test_wishes_that_cannot_be_met_are_told(toy_folder, tmp_path, told, message):
    said = shutil.copytree(toy_folder, tmp_path / "toy")
    (said / "defaults.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match=f"defaults.json.*{message}.*correct or delete it"):
        riffkit.load(said, dtype="float32")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"duration": 0}, "duration is 0"),
        ({"duration": -1}, "duration is -1"),
        ({"duration": 1e9}, "up to 600"),
        ({"duration": float("nan")}, "duration is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"guidance_scale": -1}, "guidance_scale is -1"),
        ({"guidance_scale": float("inf")}, "guidance_scale is inf"),
        ({"guidance_interval": (900, 400)}, r"guidance_interval is \(900, 400\), expected two timesteps in 0..1000"),
        ({"guidance_interval": (0, float("nan"))}, "guidance_interval is"),
        ({"guidance_interval": 500}, "guidance_interval is 500"),
        ({"num_inference_steps": 0}, "num_inference_steps is 0"),
        ({"scheduler": "heun"}, "'heun' is none of dpm"),
        ({"quality": "perfect"}, "quality"),
        ({"negative_prompt": None}, "negative_prompt is None"),
        ({"loop": True, "bars": 0, "bpm": 120}, "bars is 0"),
        ({"loop": True, "bars": 2}, "give both"),
        ({"loop": True, "bars": 2, "bpm": 120, "duration": 4}, "twice"),
        ({"prompt": "(a"}, "position 0"),
    ],
)
def test_absurd_values_are_refused_before_any_work(mini, options, message):
    steps = []
    prompt = options.pop("prompt", "a")
    with pytest.raises(ValueError, match=message):
        mini.riff(prompt, **options, progress=lambda step, total, estimate: steps.append(step))
    assert len(steps) == 0


@pytest.mark.parametrize("name", [name for name in WAYS if name not in ("journey", "along")])
def test_a_keyword_that_nobody_knows_is_named_with_those_that_are(mini, bells, name):
    """Nothing is swallowed by `**options`, which has to know every option by name."""
    source = [bells] if name in ("vary", "inpaint", "extend") else []
    with pytest.raises(TypeError, match="'num_steps' is an unexpected keyword; options are .*num_inference_steps"):
        WAYS[name](mini, *source, num_steps=3)
