"""What is measured without a judge: known tempi, keys and rhythms come back, noise and shuffled ones do not."""

import numpy as np
import pytest

from benchmarks import measures
from riffkit.training.oscillators import play
from riffkit.training.score import LOOP_SECONDS, Corpus, compose

N = round(LOOP_SECONDS * measures.SAMPLE_RATE)
TIME = np.arange(N) / measures.SAMPLE_RATE


def clicks(beats):
    """A loop with a short tone on every beat."""
    loop = np.zeros(N, np.float32)
    stroke = (np.sin(2 * np.pi * 880 * TIME[:2000]) * np.exp(-TIME[:2000] * 200)).astype(np.float32)
    for beat in range(beats):
        start = round(beat * N / beats)
        loop[start : start + len(stroke)] += stroke[: N - start]
    return loop


def tones(semitones):
    """Long tones, one after the other."""
    hertz = 440 * 2 ** ((np.repeat(semitones, -(-N // len(semitones)))[:N] - 69) / 12)
    return np.sin(2 * np.pi * np.cumsum(hertz) / measures.SAMPLE_RATE).astype(np.float32)


def pieces(count, **choice):
    """Pieces of plain instruments with harmony in them."""
    instruments = ("piano", "organ", "strings", "nylon guitar")
    corpus = Corpus("test", instruments, max_parts=2, textures=(), articulations=(), **choice)
    found = (compose(seed, corpus) for seed in range(100 * count))
    return [piece for piece in found if piece.genre is None and piece.parts and piece.pattern is None][:count]


@pytest.mark.parametrize("beats", [8, 12])
def test_clicks_come_back_at_their_tempo(beats):
    wanted = 60 * beats / LOOP_SECONDS
    assert measures.tempo_agrees(measures.tracked_bpm(measures.onset_strength_of(clicks(beats))), wanted)[1]


def test_relatives_of_a_tempo_are_told_from_it():
    assert measures.tempo_agrees(100, 103) == (True, True)
    assert measures.tempo_agrees(50, 100) == (False, True)
    assert measures.tempo_agrees(85, 100) == (False, False)


def test_onsets_are_on_their_grid_and_not_on_another():
    onsets = measures.onsets_of(measures.onset_strength_of(clicks(8)))
    assert len(onsets) == 8
    share, chance = measures.share_on_grid(onsets, 8)
    assert share == 1 and 0 < chance < 0.5
    assert measures.share_on_grid(onsets, 7)[0] < 0.7
    assert np.isnan(measures.share_on_grid(np.zeros(0), 8)[0])


def test_a_scale_lies_on_itself():
    chroma = measures.chroma_of(tones(62 + np.array([0, 2, 4, 5, 7, 9, 11, 12])))  # D major
    assert measures.share_on_scale(chroma, 2, "major") > 0.95
    assert measures.share_on_scale(chroma, 8, "major") < 0.5
    assert measures.best_share_on_scale(chroma) == pytest.approx(measures.share_on_scale(chroma, 2, "major"))
    assert chroma.sum() == pytest.approx(1)


def test_keys_of_composed_pieces_come_back_and_shuffled_ones_are_at_chance():
    made = pieces(24)
    found = [measures.key_of(measures.chroma_of(play(piece))) for piece in made]
    right = np.mean([root == piece.key for (root, _), piece in zip(found, made, strict=True)])
    shuffled = np.mean([root == other.key for (root, _) in found for other in made])
    assert right > 0.4 and shuffled < 0.2, (right, shuffled)
    on, off = (
        np.mean([measures.share_on_scale(measures.chroma_of(play(p)), p.key + turn, p.mode) for p in made[:8]])
        for turn in (0, 6)
    )
    assert on > 0.85 and off < 0.55


def test_a_clouds_distance_to_itself_is_nothing_and_grows_with_a_shift():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 400, 6))
    assert measures.frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    near, far = measures.frechet_distance(a, b), measures.frechet_distance(a, b + 2)
    assert near < 0.2 and far == pytest.approx(6 * 4, rel=0.1)


def test_a_turned_copy_is_found():
    rng = np.random.default_rng(0)
    library = rng.integers(0, 256, (5, 512, 512)).astype(np.uint8)
    turned = np.roll(library[3], 64, axis=1)[None]
    distance, index = measures.nearest_distances(turned, library)
    assert index[0] == 3 and distance[0] < 0.1
    assert measures.nearest_distances(turned, library[:3])[0][0] > 1
