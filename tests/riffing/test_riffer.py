"""Laws of every way to riff, on toy checkpoints with random weights."""

import copy
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import riffkit
from riffkit.riffing.plane import Plane
from riffkit.riffing.riff import Riff
from riffkit.riffing.stream import Stream
from riffkit.riffing.riff import Walk

FEW = {"num_inference_steps": 4}


def pixels(riff):
    return np.asarray(riff.image)


def same(a, b):
    return np.array_equal(pixels(a), pixels(b)) and np.array_equal(a.clip.samples, b.clip.samples)


@pytest.fixture(scope="module")
def bells(toy):
    return toy.riff("church bells", 3, **FEW)


@pytest.fixture(scope="module")
def recording(toy):
    """Three seconds of a tone that wobbles, so that every moment can be told from every other."""
    t = np.arange(3 * 44100) / 44100
    return riffkit.Clip(0.3 * np.sin(2 * np.pi * (300 * t + 60 * t * t)), 44100)


# -- riff ------------------------------------------------------------------------------------------


def test_one_seed_repeats_and_two_differ(toy, bells):
    assert same(toy.riff("church bells", 3, **FEW), bells)
    assert not np.array_equal(pixels(toy.riff("church bells", 4, **FEW)), pixels(bells))
    assert not np.array_equal(pixels(toy.riff("techno", 3, **FEW)), pixels(bells))


def test_lists_give_each_what_it_gives_alone(toy, bells):
    riffs = toy.riff(["church bells", "techno"], [3, 4], **FEW)
    assert same(riffs[0], bells) and same(riffs[1], toy.riff("techno", 4, **FEW))
    assert len(toy.riff("techno", [1, 2, 3], **FEW)) == 3
    with pytest.raises(ValueError, match="2 prompts and 3 seeds"):
        toy.riff(["a", "b"], [1, 2, 3])


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


@pytest.mark.parametrize("name", ["vary", "inpaint", "extend", "stream"])
def test_words_that_must_prevail_against_a_picture_are_guided_always(said_early, toy, bells, name):
    how = FEW | ({"source": bells} if name != "stream" else {})
    usual, early = WAYS[name](said_early, **how), WAYS[name](said_early, **how, guidance_interval=(600, 1000))
    assert np.array_equal(pixels(usual), pixels(WAYS[name](toy, **how)))
    assert name == "vary" or not np.array_equal(pixels(usual), pixels(early)), "what is asked for counts more"


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
        ({"steps": 3}, "'steps' is none of num_inference_steps, guidance_scale, guidance_interval, scheduler"),
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


@pytest.mark.parametrize("seconds", [0.2, 1.28, 3.0, 7.0])
def test_durations_are_met(toy, seconds):
    riff = toy.riff("a", duration=seconds, **FEW)
    assert abs(riff.clip.duration - seconds) <= 0.01
    assert abs(riff.image.width - seconds * 100) <= 1


def test_loops_are_exact_and_bars_fit(toy):
    assert toy.riff("a", loop=True, duration=2.37, **FEW).clip.duration == pytest.approx(2.37, abs=1e-6)
    bars = toy.riff("a", loop=True, bars=2, bpm=120, **FEW)
    assert bars.clip.duration == pytest.approx(4.0, abs=1e-6) and bars.image.width == 400
    with pytest.raises(ValueError, match="loop=True"):
        toy.riff("a", bars=2, bpm=120)


def test_periodic_time_has_no_seam(mini):
    """Turning the noise turns the whole picture: the model cannot tell where the circle was cut."""
    from dataclasses import replace

    import torch

    from riffkit.diffusion.latents import pixels_from_latents
    from riffkit.diffusion.run import paint
    from riffkit.diffusion.windows import periodic_time
    from riffkit.riffing.task import ingredients

    checkpoint = mini.checkpoint
    for width in (checkpoint.window, 3 * checkpoint.window):
        made_of = ingredients(mini, "church bells", 1, width, "", 4.0)
        turn = width // 2 if width == checkpoint.window else checkpoint.window  # windows stand alike after a whole one
        turned = replace(made_of, noise=made_of.noise.roll(turn, -1))
        options = {"scheduler": "ddim", "num_inference_steps": 4, "loop": True}
        latents, rolled = paint(checkpoint, made_of, **options), paint(checkpoint, turned, **options)
        assert torch.allclose(latents.roll(turn, -1), rolled, atol=1e-4)
    latents = latents[..., : checkpoint.window].contiguous()
    there = pixels_from_latents(checkpoint, latents, periodic=True)
    back = pixels_from_latents(checkpoint, latents.roll(4, -1), periodic=True)
    assert np.abs(np.roll(there, 64, 1).astype(int) - back).max() <= 1
    x = torch.randn(1, 3, 128, 128)
    with torch.no_grad(), periodic_time(checkpoint.vae):
        encoded = checkpoint.vae.encode(x).latent_dist.mean
        assert torch.allclose(checkpoint.vae.encode(x.roll(64, -1)).latent_dist.mean, encoded.roll(4, -1), atol=1e-5)
    with torch.no_grad():  # and outside the block nothing is circular any more
        plain = checkpoint.vae.encode(x).latent_dist.mean
        assert not torch.allclose(checkpoint.vae.encode(x.roll(64, -1)).latent_dist.mean, plain.roll(4, -1), atol=1e-5)


def test_longer_noise_begins_with_the_shorter_one(toy):
    from riffkit.diffusion.latents import draw_noise

    window = toy.checkpoint.window
    short, long = draw_noise(toy.checkpoint, 5, window), draw_noise(toy.checkpoint, 5, 3 * window)
    assert np.array_equal(long[..., :window], short)


def test_windows_agree_with_one_pass_where_the_model_is_local(toy):
    """Joint windows change nothing if every window predicts the same for the same column."""
    import torch

    from riffkit.diffusion.windows import jointly, padded_width, window_starts

    for columns, circular in ((37, False), (37, True), (9, True), (16, True), (100, False), (17, True)):
        width = padded_width(columns, 16, periodic=circular)
        x = torch.randn(1, 2, 4, width)
        starts = window_starts(width, 16, periodic=circular)
        joint = jointly(lambda x, t: 3 * x + t, starts, 16, width)
        for _ in range(3):
            assert torch.allclose(joint(x, 2.0), 3 * x + 2, atol=1e-5)


@pytest.mark.parametrize("circular", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("width", [16, 17, 30, 100])
def test_pictures_and_latents_are_joined_whole_from_windows(toy, width, circular, narrow):
    """With an autoencoder that changes nothing, what comes out of the windows is what went in."""
    from dataclasses import replace

    import torch

    from riffkit.diffusion.latents import _by_windows, _columns
    from riffkit.models.memory import Memory

    checkpoint = replace(toy.checkpoint, memory=Memory(narrow_vae=narrow))
    x = torch.randn(1, 1, 2, width)
    seen, joined = [], torch.full((1, 1, 2, width * 3), torch.nan)

    def transform(start, n):
        seen.append(n)
        return _columns(x, start, n).repeat_interleave(3, -1)

    for at, part in _by_windows(checkpoint, transform, width, 3, circular, None):
        joined[..., at : at + part.shape[-1]] = part
    assert torch.allclose(joined, x.repeat_interleave(3, -1), atol=1e-6)
    assert max(seen) <= checkpoint.vae_window == checkpoint.window // (1 + narrow)


def test_windows_of_the_autoencoder_fade_into_one_another(toy):
    """Each window is another shade: between two of them it changes step by step, never at once."""
    import itertools

    import torch

    from riffkit.diffusion.latents import _by_windows

    window = toy.checkpoint.window
    for circular in (False, True):
        joined = torch.full((1, 1, 1, 8 * window), torch.nan)
        shades = itertools.count()

        def transform(start, n, shades=shades):
            return torch.full((1, 1, 1, n * 2), float(next(shades)))

        for at, part in _by_windows(toy.checkpoint, transform, 4 * window, 2, circular, None):
            joined[..., at : at + part.shape[-1]] = part
        steps = joined[0, 0, 0].diff()
        assert steps[window // 2 :].min() >= 0 and steps.max() <= 1 / (window // 2 - 1)
        assert circular or steps.sum() == pytest.approx(next(shades) - 1)


# -- vary ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [1, 30, 44100, 100_001])
def test_vary_keeps_the_length_of_any_recording(toy, recording, samples):
    clip = riffkit.Clip(recording.samples[:, :samples], 44100)
    varied = toy.vary(clip, "jazz", strength=0.5, **FEW)
    assert abs(varied.clip.duration - clip.duration) <= 0.01


def test_vary_at_other_rates_and_channels_keeps_the_length(toy, recording):
    stereo = riffkit.Clip(np.concatenate([recording.samples, -recording.samples]), 44100).resample(22050)
    assert abs(toy.vary(stereo, "jazz", strength=0.5, **FEW).clip.duration - stereo.duration) <= 0.01


def test_strength_0_is_the_autoencoder_and_1_ignores_the_source(toy, recording):
    from riffkit.diffusion.latents import latents_from_pixels, pixels_from_latents
    from riffkit.riffing.task import latents_of
    from riffkit.riffing.source import as_source

    given = as_source(recording, toy.checkpoint)
    untouched = toy.vary(recording, "jazz", strength=0, **FEW)
    latents, columns = latents_of(toy.checkpoint, given, False)
    expected = pixels_from_latents(toy.checkpoint, latents)[:, :columns]
    assert np.array_equal(pixels(untouched)[..., 0], expected)
    assert latents_from_pixels(toy.checkpoint, given.pixels[:, :128].copy()).shape[-1] == 128 // toy.checkpoint.factor
    reversed_clip = riffkit.Clip(recording.samples[:, ::-1].copy(), 44100)
    free = [toy.vary(clip, "jazz", 3, strength=1, **FEW) for clip in (recording, reversed_clip)]
    assert np.array_equal(pixels(free[0]), pixels(free[1]))


def test_vary_takes_pictures_riffs_and_files(toy, bells, tmp_path):
    from_riff = toy.vary(bells, "jazz", **FEW)
    from_picture = toy.vary(bells.image, "jazz", **FEW)
    bells.save(tmp_path / "bells.png")
    from_file = toy.vary(tmp_path / "bells.png", "jazz", **FEW)
    assert np.array_equal(pixels(from_riff), pixels(from_picture))
    assert np.array_equal(pixels(from_riff), pixels(from_file))
    with pytest.raises(FileNotFoundError, match="no file"):
        toy.vary("church bells")
    with pytest.raises(ValueError, match="64 rows"):
        toy.vary(Image.new("RGB", (128, 64)))


# -- inpaint and extend ----------------------------------------------------------------------------


def test_inpaint_keeps_black_pixels_bit_for_bit(toy, bells):
    rng = np.random.default_rng(0)
    mask = rng.choice([0, 128, 255], bells.image.size[::-1], p=[0.7, 0.1, 0.2]).astype(np.uint8)
    for kind in (mask, Image.fromarray(mask), mask / 255.0):
        painted = toy.inpaint(bells, kind, "techno", **FEW)
        assert np.array_equal(pixels(painted)[mask == 0], pixels(bells)[mask == 0])
        assert not np.array_equal(pixels(painted)[mask == 255], pixels(bells)[mask == 255])


def test_inpaint_keeps_colours_of_foreign_pictures(toy):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (128, 150, 3), dtype=np.uint8))
    painted = toy.inpaint(noise, [(0.5, 0.8)], **FEW)
    assert painted.image.size == (150, 128)
    assert np.array_equal(pixels(painted)[:, :50], np.asarray(noise)[:, :50])
    assert np.array_equal(pixels(painted)[:, 80:], np.asarray(noise)[:, 80:])


def test_boxes_repaint_what_they_name(toy, bells):
    changed = pixels(toy.inpaint(bells, [(0.4, 0.9, 200, 2000)], "techno", **FEW))[..., 0] != pixels(bells)[..., 0]
    columns, rows = np.flatnonzero(changed.any(0)), np.flatnonzero(changed.any(1))
    assert columns.min() >= 40 and columns.max() < 90
    mel = lambda f: 2595 * np.log10(1 + f / 700) / (2595 * np.log10(1 + 10000 / 700)) * 128  # noqa: E731
    assert rows.min() >= 128 - mel(2000) - 1 and rows.max() <= 128 - mel(200) + 1
    with pytest.raises(ValueError, match="not inside"):
        toy.inpaint(bells, [(9, 12)])


def test_masks_of_any_size_fit(toy, bells):
    small = np.zeros((4, 8), np.uint8)
    small[:, 4:] = 255
    painted = toy.inpaint(bells, small, "techno", **FEW)
    half = bells.image.width // 2
    assert np.array_equal(pixels(painted)[:, :half], pixels(bells)[:, :half])
    with pytest.raises(ValueError, match="mask"):
        toy.inpaint(bells, np.full((4, 4), 3.0))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("seconds", [0.37, 2.5])
def test_extend_leaves_the_old_part_untouched(toy, recording, side, seconds):
    old = toy.riff("church bells", 3, duration=2.2, **FEW)
    longer = toy.extend(old, duration=seconds, side=side, **FEW)
    new = round(seconds * 100)
    assert longer.image.width == old.image.width + new
    kept = slice(new, None) if side == "left" else slice(None, old.image.width)
    assert np.array_equal(pixels(longer)[:, kept], pixels(old))
    assert longer.recipe["arguments"]["prompt"] == "church bells"
    samples, before = longer.clip.samples[0], old.clip.samples[0]
    assert len(samples) == len(before) + new * 441
    away = round(0.35 * 44100)  # from the border
    there = samples[new * 441 :][away:] if side == "left" else samples[: len(before)][:-away]
    wanted = before[away:] if side == "left" else before[:-away]
    error = np.sqrt(np.mean((there - wanted) ** 2)) / np.sqrt(np.mean(wanted**2))
    assert 20 * np.log10(error + 1e-12) <= -40


def test_inpaint_keeps_the_sound_away_from_the_border(toy):
    old = toy.riff("church bells", 3, duration=4.0, **FEW)
    painted = toy.inpaint(old, [(1.6, 2.4)], "techno", **FEW)
    for kept in (slice(0, round(1.25 * 44100)), slice(round(2.75 * 44100), None)):
        a, b = painted.clip.samples[0][kept], old.clip.samples[0][kept]
        assert 20 * np.log10(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)) + 1e-12) <= -40


# -- story -----------------------------------------------------------------------------------------


def test_a_story_of_one_chapter_is_a_riff(toy):
    story = toy.story([(0, "jazz")], 3, seed=2, **FEW)
    assert np.array_equal(pixels(story), pixels(toy.riff("jazz", 2, duration=3, **FEW)))


def test_a_story_begins_and_ends_with_its_own_words(mini):
    story = mini.story([(0, "jazz"), (4, "techno")], 8, transition=0.5, **FEW)
    jazz, techno = (mini.riff(words, duration=8, **FEW) for words in ("jazz", "techno"))
    assert np.array_equal(pixels(story)[:, :32], pixels(jazz)[:, :32])
    assert not np.array_equal(pixels(story)[:, -32:], pixels(jazz)[:, -32:])
    assert (
        np.abs(pixels(story)[:, -32:].astype(int) - pixels(techno)[:, -32:]).mean()
        < np.abs(pixels(story)[:, -32:].astype(int) - pixels(jazz)[:, -32:]).mean()
    )


@pytest.mark.parametrize("chapters", [[], [(1, "a")], [(0, "a"), (0, "b")], [(0, "a"), (9, "b")], "words", [3]])
def test_stories_that_make_no_sense_are_refused(toy, chapters):
    with pytest.raises(ValueError, match="chapter|story"):
        toy.story(chapters, 5)


# -- interpolate and walk --------------------------------------------------------------------------


def test_both_ends_are_the_plain_calls(toy, bells):
    techno = toy.riff("techno", 4, negative_prompt="drums", guidance_scale=2, **FEW)
    walk = toy.interpolate(
        "church bells", "techno", count=3, seed=(3, 4), negative_prompt=("", "drums"), guidance_scale=(4, 2), **FEW
    )
    assert np.array_equal(pixels(walk[0]), pixels(bells)) and np.array_equal(pixels(walk[2]), pixels(techno))
    assert not np.array_equal(pixels(walk[1]), pixels(bells))
    by_riff = toy.interpolate(bells, techno, count=3, **FEW)
    assert all(np.array_equal(pixels(a), pixels(b)) for a, b in zip(walk, by_riff, strict=True))


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5])
def test_turning_the_ends_round_changes_no_bit(toy, alpha):
    a, b = {"prompt": "church bells", "seed": 3}, {"prompt": "techno and " * 9, "seed": 4, "negative_prompt": "a"}
    there, back = toy.interpolate(a, b, alpha, **FEW), toy.interpolate(b, a, 1 - alpha, **FEW)
    assert same(there, back)


def test_ends_with_recordings_are_varied_or_inverted(toy, recording):
    other = riffkit.Clip(recording.samples[:, ::-1].copy(), 44100)
    varied = toy.interpolate(recording, other, count=3, strength=0.5, seed=(1, 2), **FEW)
    assert np.array_equal(pixels(varied[0]), pixels(toy.vary(recording, "", 1, strength=0.5, **FEW)))
    assert np.array_equal(pixels(varied[2]), pixels(toy.vary(other, "", 2, strength=0.5, **FEW)))
    inverted = toy.interpolate(recording, other, count=3, **FEW)
    from riffkit import encode

    n_mels = toy.params.n_mels
    for end, clip in ((inverted[0], recording), (inverted[2], other)):
        expected = encode(clip, riffkit.SpectrogramParams(n_mels=n_mels))
        assert np.array_equal(pixels(end), np.asarray(expected))
    assert same(toy.replay(inverted[1]), inverted[1])
    with pytest.raises(ValueError, match="ddim"):
        toy.interpolate(recording, other, scheduler="euler")
    with pytest.raises(ValueError, match="fresh noise"):
        toy.interpolate("a", "b", scheduler="lcm")


def test_walks_have_no_doubled_joints_and_meet_at_them(toy, recording):
    points = [
        {"source": recording, "prompt": words, "seed": seed} for seed, words in enumerate(("a", "jazz", "techno"))
    ]
    walk = toy.walk(points, count=3, strength=0.5, **FEW)
    assert len(walk) == 5 and walk.alphas == [0, 0.5, 1, 1.5, 2]
    first, second = (toy.interpolate(*points[i : i + 2], count=3, strength=0.5, **FEW) for i in range(2))
    assert np.array_equal(pixels(first[-1]), pixels(second[0]))
    assert np.array_equal(pixels(walk[2]), pixels(second[0])) and np.array_equal(pixels(walk[3]), pixels(second[1]))


def test_a_walk_is_one_clip_one_strip_and_a_file(toy, tmp_path):
    walk = toy.interpolate("a", "jazz", count=3, **FEW)
    assert walk.clip.duration == pytest.approx(3 * 1.28, abs=0.011)
    html = walk._repr_mimebundle_()["text/html"]
    assert walk.strip().width > 3 * 100 and "audio" in html and 'alt="Spectrograms: 3 riffs from ' in html
    assert isinstance(walk[:2], Walk) and len(walk[:2]) == 2
    walk.save(tmp_path / "walk.png")
    again = toy.replay(tmp_path / "walk.png")
    assert all(np.array_equal(pixels(a), pixels(b)) for a, b in zip(walk, again, strict=True))


def test_a_journey_changes_all_the_time(mini):
    journey = mini.walk(["a", "jazz", "techno"], duration=6, seed=[1, 2, 3], **FEW)
    assert journey.clip.duration == pytest.approx(6, abs=0.01)
    start = mini.riff("a", 1, duration=6, **FEW)
    assert (
        np.abs(pixels(journey)[:, :16].astype(int) - pixels(start)[:, :16]).mean()
        < np.abs(pixels(journey)[:, -16:].astype(int) - pixels(start)[:, -16:]).mean()
    )


# -- recipes ---------------------------------------------------------------------------------------

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


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_riff_can_be_made_again_from_its_file(toy, bells, name, tmp_path):
    riff = OPERATIONS[name](toy, bells)
    paths = [riff.save(tmp_path / f"riff{suffix}") for suffix in (".png", ".wav", ".flac")]
    assert same(toy.replay(paths[0]), riff)
    opened = [Riff.load(path) for path in paths]
    assert all(one.recipe == riff.recipe for one in opened)
    assert np.array_equal(pixels(opened[0]), pixels(riff))
    assert np.abs(opened[1].clip.samples - riff.clip.samples).max() < 2 / 32768


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


# -- progress --------------------------------------------------------------------------------------


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


# -- bad input -------------------------------------------------------------------------------------


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


def test_words_that_are_no_words_are_refused(mini):
    with pytest.raises(TypeError, match="prompt is int"):
        mini.riff(3)
    assert mini.riff("", **FEW).clip.peak() >= 0


def test_a_riff_shows_itself_as_a_figure_with_sound(bells):
    html = bells._repr_mimebundle_()["text/html"]
    assert "data:image/webp" in html and "data:audio/mpeg" in html and "church bells" in html and "<script" not in html
    assert f'alt="Spectrogram: church bells, {bells.clip.duration:.1f} s"' in html
    markup = Riff(bells.image, {"operation": "riff", "arguments": {"prompt": '"><i>x</i>'}}, bells.clip)
    assert 'alt="Spectrogram: &quot;&gt;&lt;i&gt;x&lt;/i&gt;, ' in markup._repr_mimebundle_()["text/html"]


def test_nan_from_the_model_is_an_error_not_a_black_picture(mini, monkeypatch):
    vae = mini.checkpoint.vae
    bias = vae.decoder.conv_out.bias.data.clone()
    vae.decoder.conv_out.bias.data[:] = float("nan")
    try:
        with pytest.raises(FloatingPointError, match="float32"):
            mini.riff("a", **FEW)
    finally:
        vae.decoder.conv_out.bias.data[:] = bias
