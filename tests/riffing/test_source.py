"""A riff stays a riff when it comes back as a file, and a recording costs what its length costs."""

import numpy as np
import pytest
from toys import FEW, pixels, same

import riffkit
from riffkit.riffing import source

SUFFIXES = (".png", ".wav", ".flac", ".ogg", ".mp3")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_saved_riff_knows_its_words(mini, tmp_path, suffix):
    riff = mini.riff("church bells", 3, **FEW)
    extended = mini.extend(riff.save(tmp_path / f"bells{suffix}"), duration=0.5, **FEW)
    assert extended.recipe["arguments"]["prompt"] == "church bells"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_saved_loop_stays_a_loop(mini, tmp_path, suffix):
    loop = mini.riff("church bells", 3, loop=True, **FEW)
    path = str(loop.save(tmp_path / f"loop{suffix}"))
    assert mini.vary(path, "techno", **FEW).loop
    assert not mini.vary(path, "techno", loop=False, **FEW).loop
    assert not mini.vary(loop.clip.save(tmp_path / f"sound{'.wav' if suffix == '.png' else suffix}", True), **FEW).loop


def test_a_riff_and_its_picture_file_give_the_same_bits(mini, tmp_path):
    riff = mini.riff("church bells", 3, **FEW)
    assert same(mini.vary(riff.save(tmp_path / "bells.png"), "techno", **FEW), mini.vary(riff, "techno", **FEW))


def calls_of(riffer, make, monkeypatch):
    """How often `make()` calls the UNet."""
    unet, count = riffer.checkpoint.unet, 0
    forward = unet.forward

    def counting(*arguments, **keywords):
        nonlocal count
        count += 1
        return forward(*arguments, **keywords)

    monkeypatch.setattr(unet, "forward", counting)
    riff = make()
    monkeypatch.undo()
    return count, riff


@pytest.mark.parametrize("windows", [1, 1.5, 2])
def test_one_column_more_opens_no_window_more(mini, monkeypatch, windows):
    """A clip of 1.28 s has 129 columns, the toy's window 128."""
    rng, seconds = np.random.default_rng(0), 1.28 * windows
    clip = riffkit.Clip(0.1 * rng.standard_normal(round(seconds * 44100)).astype("f"), 44100)
    shorter = clip.slice(0, seconds - 0.01)
    ways = {
        "vary": lambda given: mini.vary(given, "techno", **FEW),
        "inpaint": lambda given: mini.inpaint(given, [(0.2, 0.6)], "techno", **FEW),
        "interpolate": lambda given: mini.interpolate(given, given, 0.5, strength=0.5, **FEW),
        "riff": lambda given: mini.riff("techno", duration=given.duration, **FEW),
    }
    for name, way in ways.items():
        few, short = calls_of(mini, lambda way=way: way(shorter), monkeypatch)
        calls, riff = calls_of(mini, lambda way=way: way(clip), monkeypatch)
        assert calls == few, name
        assert riff.image.width == short.image.width + 1
        if name == "vary":
            assert riff.clip.samples.shape == clip.samples.shape


def test_more_than_half_a_cell_is_painted(mini, monkeypatch):
    """What is left out is mirrored back: never more than the analysis window hears anyway."""
    count, riff = calls_of(mini, lambda: mini.riff("techno", duration=1.28 + 0.07, **FEW), monkeypatch)
    longer, _ = calls_of(mini, lambda: mini.riff("techno", duration=1.28 + 0.08, **FEW), monkeypatch)
    assert longer > count
    columns = pixels(riff)
    assert np.array_equal(columns[:, 128:], columns[:, 127 : 127 - (riff.image.width - 128) : -1])


def test_a_source_is_read_once(mini, monkeypatch):
    image = mini.riff("church bells", 3, **FEW).image
    reads = []
    monkeypatch.setattr(source, "read_tags", lambda image, read=source.read_tags: reads.append(1) or read(image))
    seen = source.as_source(image, mini.checkpoint)
    assert seen.params == mini.params and seen.level > 0 and seen.pixels is seen.pixels
    assert len(reads) == 1
