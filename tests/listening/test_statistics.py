"""Figures of many clips: intervals hold their share, clouds keep their distance, a turned copy is found."""

import numpy as np
import pytest

from riffkit.listening.statistics import frechet_distance, nearest_distances, wilson


@pytest.mark.parametrize("hits, n", [(0, 10), (10, 10), (57, 93)])
def test_an_interval_holds_its_share(hits, n):
    share, low, high, count = wilson(hits, n)
    assert 0 <= low <= share <= high <= 1 and count == n


@pytest.mark.parametrize("truth", [0.5, 0.9])
def test_the_true_share_lies_in_nineteen_of_twenty_intervals(truth):
    counts = np.random.default_rng(0).binomial(40, truth, 2000)
    inside = [low <= truth <= high for _, low, high, _ in (wilson(hits, 40) for hits in counts)]
    assert 0.92 < np.mean(inside) < 0.98


def test_a_clouds_distance_to_itself_is_nothing_and_grows_with_a_shift():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 400, 6))
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)
    near, far = frechet_distance(a, b), frechet_distance(a, b + 2)
    assert near < 0.2 and far == pytest.approx(6 * 4, rel=0.1)


def test_small_clouds_seem_farther_apart():
    rng = np.random.default_rng(0)
    small, large = (np.mean([frechet_distance(*rng.standard_normal((2, n, 6))) for _ in range(20)]) for n in (20, 200))
    assert small > 4 * large


def test_a_turned_copy_is_found():
    rng = np.random.default_rng(0)
    library = rng.integers(0, 256, (5, 512, 512)).astype(np.uint8)
    turned = np.roll(library[3], 64, axis=1)[None]
    distance, index = nearest_distances(turned, library)
    assert index[0] == 3 and distance[0] < 0.1
    assert nearest_distances(turned, library[:3])[0][0] > 1
