"""Scales, chords and when they change."""

import pytest

from riffkit.compose.pieces.harmony import HARMONIES, SCALES, bars, changes, chord, tone

LOOPS = [(beats, meter) for beats in range(5, 21) for meter in range(3, 8) if meter <= beats]


def test_scales_rise_from_their_root_within_an_octave():
    for name, scale in SCALES.items():
        assert scale.steps[0] == 0 and scale.steps[-1] < 12, name
        assert list(scale.steps) == sorted(set(scale.steps)), name


def test_the_mood_is_that_of_the_third():
    for name, scale in SCALES.items():
        if scale.mood != "other":
            assert ({"major": 4, "minor": 3}[scale.mood]) in scale.steps, name
            assert ({"major": 3, "minor": 4}[scale.mood]) not in scale.steps, name


def test_gamelan_scales_lie_between_the_keys_of_a_piano():
    assert all(any(step % 1 for step in SCALES[name].steps) for name in ("pelog", "slendro", "rast"))


@pytest.mark.parametrize("scale", [name for name, scale in SCALES.items() if not scale.dominant])
def test_chords_are_made_of_the_scale(scale):
    classes = {round(step, 2) for step in SCALES[scale].steps}
    for harmony in HARMONIES:
        for degree in range(len(SCALES[scale].steps)):
            tones = chord(scale, degree, harmony)
            assert tones[0] == tone(scale, degree) and list(tones) == sorted(set(tones))
            assert {round(one % 12, 2) for one in tones} <= classes


def test_chords_are_the_ones_that_everybody_knows():
    assert chord("major", 0, "triads") == (0, 4, 7)
    assert chord("major", 4, "sevenths") == (7, 11, 14, 17)
    assert chord("minor", 0, "ninths") == (0, 3, 7, 10, 14)
    assert chord("blues", 2, "sevenths") == (5, 9, 12, 15)
    assert chord("major", 0, "suspended") == (0, 5, 7)
    assert chord("lydian", 0, "suspended") == (0, 2, 7)
    assert chord("harmonic minor", 4, "triads") == (7, 11, 14)
    assert chord("minor", 3, "power") == (5, 12, 17)


def test_a_suspended_chord_has_no_third():
    for scale in SCALES:
        root, *others = chord(scale, 0, "suspended")
        assert not [one for one in others if 2.8 < one - root < 4.3], scale


def test_progressions_are_of_degrees_that_the_scale_has():
    for name, scale in SCALES.items():
        assert all(degree < len(scale.steps) for one in scale.progressions for degree in one), name


@pytest.mark.parametrize("beats, meter", LOOPS)
def test_bars_fill_the_loop_and_only_the_last_is_longer(beats, meter):
    found = bars(beats, meter)
    assert [start for start, _ in found] == [meter * count for count in range(len(found))]
    assert sum(length for _, length in found) == beats
    assert all(length == meter for _, length in found[:-1]) and found[-1][1] >= meter


@pytest.mark.parametrize("beats, meter", LOOPS)
def test_changes_fill_the_loop(beats, meter):
    for progression in ((0,), (0, 3), (0, 5, 3, 4), (0, 4, 5, 2, 3, 0, 3, 4)):
        found = changes(beats, meter, progression)
        assert found[0][0] == 0 and sum(length for _, length, _ in found) == beats
        assert all(start + length == after for (start, length, _), (after, _, _) in zip(found, found[1:], strict=False))
        assert found[0][2] == progression[0]
        if len(progression) <= beats // 2:
            assert set(progression) == {degree for _, _, degree in found}


def test_four_chords_take_a_bar_each_where_there_are_four_bars():
    assert changes(16, 4, (0, 4, 5, 3)) == ((0, 4, 0), (4, 4, 4), (8, 4, 5), (12, 4, 3))
    assert changes(8, 4, (0, 4, 5, 3)) == ((0, 2, 0), (2, 2, 4), (4, 2, 5), (6, 2, 3))
