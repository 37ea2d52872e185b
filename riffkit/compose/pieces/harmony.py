"""Scales with their tunings, kinds of chords, and the progressions that each scale is at home in."""

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Scale:
    """A scale.

    Parameters
    ----------
    steps : tuple of float [semitones above the root, 0..12)
        Ascending from 0; not whole where it is not tempered.
    mood : str
        major or minor by its third, or other.
    progressions : tuple of tuple of int
        Chord roots as degrees of the scale, from 0, that it is at home in.
    dominant : bool
        All its chords are dominant sevenths, whatever its steps: the blues.
    """

    steps: tuple[float, ...]
    mood: str
    progressions: tuple[tuple[int, ...], ...]
    dominant: bool = False


_DRONES = ((0,), (0,), (0, 1))

SCALES: dict[str, Scale] = {
    "major": Scale(
        (0, 2, 4, 5, 7, 9, 11),
        "major",
        ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 4, 0), (5, 3, 0, 4), (0, 3, 0, 4), (1, 4, 0, 5), (0, 2, 3, 4),
         (3, 4, 2, 5), (0, 4), (0, 3), (0, 4, 5, 2, 3, 0, 3, 4), (0, 0, 3, 4)),
    ),
    "minor": Scale(
        (0, 2, 3, 5, 7, 8, 10),
        "minor",
        ((0, 5, 2, 6), (0, 6, 5, 4), (0, 3, 6, 2), (0, 5, 3, 4), (0, 3, 4, 0), (0, 6, 5, 6), (0, 2, 6, 3),
         (5, 6, 0, 0), (0, 5), (0, 4, 5, 3), (0, 0, 3, 0)),
    ),
    "dorian": Scale((0, 2, 3, 5, 7, 9, 10), "minor", ((0, 3), (0, 3, 0, 3), (0, 1, 0, 3), (0, 6, 3, 0), (0, 2, 3, 0))),
    "phrygian": Scale((0, 1, 3, 5, 7, 8, 10), "minor", ((0, 1), (0, 1, 2, 1), (0, 1, 0, 6), (3, 2, 1, 0))),
    "lydian": Scale((0, 2, 4, 6, 7, 9, 11), "major", ((0, 1), (0, 1, 4, 0), (0, 1, 0, 6), (0, 4, 1, 0))),
    "mixolydian": Scale((0, 2, 4, 5, 7, 9, 10), "major", ((0, 6, 3, 0), (0, 6), (0, 3, 6, 3), (0, 6, 3, 6))),
    "locrian": Scale((0, 1, 3, 5, 6, 8, 10), "minor", ((0, 1), (0, 4), (0, 1, 4, 0))),
    "harmonic minor": Scale(
        (0, 2, 3, 5, 7, 8, 11), "minor", ((0, 4), (0, 3, 4, 0), (0, 5, 4, 4), (0, 3, 0, 4), (0, 4, 5, 4))
    ),
    "melodic minor": Scale((0, 2, 3, 5, 7, 9, 11), "minor", ((0, 3, 4, 0), (0, 1, 4, 0), (0, 4), (0, 3, 0, 4))),
    "major pentatonic": Scale((0, 2, 4, 7, 9), "major", ((0, 4, 3, 0), (0, 3), (0, 4), (0, 1, 3, 0), (0, 4, 1, 3))),
    "minor pentatonic": Scale((0, 3, 5, 7, 10), "minor", ((0, 2, 0, 4), (0, 4), (0, 1, 4, 0), (0, 1, 2, 0), (0,))),
    "blues": Scale((0, 3, 5, 6, 7, 10), "other", ((0, 2, 0, 4), (0, 2, 4, 0), (0, 0, 2, 0), (0, 2, 0, 4, 2, 0)), True),
    "whole tone": Scale((0, 2, 4, 6, 8, 10), "other", ((0, 1), (0, 2, 1, 3), (0, 1, 2, 1))),
    "chromatic": Scale(tuple(range(12)), "other", ((0, 1), (0, 1, 2, 1), (0, 6), (0, 11, 10, 9), (0, 3, 6, 9))),
    "hijaz": Scale((0, 1, 4, 5, 7, 8, 10), "other", ((0, 1), (0, 1, 0, 6), (3, 2, 1, 0), (0, 3, 1, 0))),
    "hirajoshi": Scale((0, 2, 3, 7, 8), "minor", ((0, 3), (0, 4), (0,), (0, 3, 4, 0))),
    "bhairav": Scale((0, 1, 4, 5, 7, 8, 11), "other", _DRONES),
    "rast": Scale((0, 2, 3.5, 5, 7, 9, 10.5), "other", ((0,), (0, 3), (0, 4))),  # thirds between minor and major
    "pelog": Scale((0, 1.2, 2.7, 6.7, 7.9), "other", _DRONES),  # five of the seven tones, in the mode nem
    "slendro": Scale((0, 2.4, 4.8, 7.2, 9.6), "other", ((0,), (0, 3))),  # five equal steps
    "octatonic": Scale((0, 1, 3, 4, 6, 7, 9, 10), "other", ((0, 2), (0, 2, 4, 6), (0, 4))),
}  # fmt: skip
"""Scales by name. Of pelog and slendro every gamelan has its own tuning; these are typical."""

HARMONIES: dict[str, tuple[float, ...]] = {
    "triads": (0, 3.5, 7),
    "sevenths": (0, 3.5, 7, 10.5),
    "ninths": (0, 3.5, 7, 10.5, 14),
    "suspended": (0, 5, 7),
    "power": (0, 7, 12),
    "quartal": (0, 5, 10, 15),
    "clusters": (0, 1.5, 3),
    "octaves": (0, 12),
    "single": (0,),
}
"""Kinds of chords: semitones above the root; the scale's nearest tones are taken."""


def tone(scale: str, degree: int) -> float:
    """Where a degree of a scale lies.

    Parameters
    ----------
    scale : str
        One of `SCALES`.
    degree : int
        0 is the root; may be negative, or beyond the octave.

    Returns
    -------
    float [semitones above the root]
    """
    steps = SCALES[scale].steps
    octave, step = divmod(degree, len(steps))
    return 12 * octave + steps[step]


@lru_cache(maxsize=4096)
def chord(scale: str, degree: int, harmony: str) -> tuple[float, ...]:
    """Build a chord on a degree of a scale, of tones of the scale: those nearest to what the kind of chord wants.

    Parameters
    ----------
    scale : str
        One of `SCALES`.
    degree : int
        Of the root.
    harmony : str
        One of `HARMONIES`.

    Returns
    -------
    tuple of float [semitones above the root of the scale]
        Ascending, the chord's root first.
    """
    root = tone(scale, degree)
    wanted = HARMONIES[harmony]
    if SCALES[scale].dominant and harmony in ("triads", "sevenths", "ninths"):
        return tuple(root + interval for interval in (0, 4, 7, 10, 14)[: max(4, len(wanted))])
    near = [tone(scale, degree + step) - root for step in range(1, 2 * len(SCALES[scale].steps))]
    if harmony == "clusters":
        return (root, *(root + step for step in near[:2]))
    found = [0.0]
    for interval in wanted[1:]:
        if harmony == "quartal":  # fourths on top of each other, the wider of two that are as near
            best = min(near, key=lambda step: (abs(step - found[-1] - 5), -step))
        else:  # of two that are as near the lower one: a chromatic scale has minor chords
            best = min(near, key=lambda step: (abs(step - interval), step))
        if harmony == "suspended" and 2.5 < best < 4.5:  # no fourth in this scale: a second hangs as well
            best = min(near, key=lambda step: abs(step - 2))
        if best not in found and abs(best - interval) <= 3:
            found.append(best)
    return tuple(root + interval for interval in sorted(found))


def bars(beats: int, beats_per_bar: int) -> tuple[tuple[int, int], ...]:
    """Cut a loop into bars.

    Parameters
    ----------
    beats : int
        In the loop.
    beats_per_bar : int
        Where it does not divide `beats`, the last bar is longer.

    Returns
    -------
    tuple of (int, int)
        First beat and length [beats] of each bar.
    """
    count = max(1, beats // beats_per_bar)
    starts = [bar * beats_per_bar for bar in range(count)]
    return tuple((start, end - start) for start, end in zip(starts, [*starts[1:], beats], strict=True))


@lru_cache(maxsize=4096)
def changes(beats: int, beats_per_bar: int, progression: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
    """Say when which chord sounds: one a bar, or two where there are more chords than bars.

    Parameters
    ----------
    beats, beats_per_bar : int
        As of `bars`.
    progression : tuple of int
        Degrees of the roots.

    Returns
    -------
    tuple of (int, int, int)
        First beat, length [beats] and degree of each chord; neighbours differ, unless there is only one.
    """
    spans = bars(beats, beats_per_bar)
    while len(spans) < len(progression) and max(length for _, length in spans) > 1:
        # the last of the longest ones is cut in two, the first half no shorter
        index = max(range(len(spans)), key=lambda span: (spans[span][1], span))
        start, length = spans[index]
        first = (length + 1) // 2
        spans = (*spans[:index], (start, first), (start + first, length - first), *spans[index + 1 :])
    # more spans than chords: each chord stays as long as it takes to be through at the end, or all come round again
    if len(progression) * 2 > len(spans):
        places = [progression[span * len(progression) // len(spans)] for span in range(len(spans))]
    else:
        places = [progression[span % len(progression)] for span in range(len(spans))]
    joined: list[tuple[int, int, int]] = []
    for (start, length), degree in zip(spans, places, strict=True):
        if joined and joined[-1][2] == degree:
            joined[-1] = (joined[-1][0], joined[-1][1] + length, degree)
        else:
            joined.append((start, length, degree))
    return tuple(joined)
