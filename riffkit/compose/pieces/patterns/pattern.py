"""A rhythm for several drums as text: a line a drum, a letter a step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

DRUMS = {
    "kick": 36, "rim": 37, "snare": 38, "clap": 39, "floor": 41, "hat": 42, "pedal": 44, "low": 45, "open": 46,
    "mid": 47, "crash": 49, "high": 50, "ride": 51, "china": 52, "bell": 53, "tambourine": 54, "splash": 55,
    "cowbell": 56, "conga": 63, "mute conga": 62, "low conga": 64, "timbale": 65, "agogo": 67, "low agogo": 68,
    "cabasa": 69, "maracas": 70, "guiro": 73, "long guiro": 74, "claves": 75, "block": 76, "low block": 77,
    "triangle": 81, "shaker": 82, "bells": 83, "surdo": 87, "mute surdo": 86,
}  # fmt: skip
"""Names of the lines of a drum set's pattern, and their General MIDI keys."""

ACCENTS = {"X": 14, "x": 0, "o": -30}
"""How much louder (in MIDI velocity) an accent, a stroke and a ghost note are than the piece."""


@dataclass(frozen=True)
class Pattern:
    """A rhythm for several drums, over one or more bars.

    Parameters
    ----------
    lines : tuple of (int, str)
        MIDI key and its steps: X accent, x stroke, o ghost note, anything else a rest.
    beats : int
        How long it is; it begins anew after so many.
    steps : int
        To a beat: 4 are sixteenths, 3 triplets, 2 eighths.
    meter : int [3..7]
        Beats in a bar.
    sixteenths : bool
        Where it swings, sixteenths come late, not eighths.
    """

    lines: tuple[tuple[int, str], ...]
    beats: int
    steps: int = 4
    meter: int = 4
    sixteenths: bool = False

    @property
    def strokes_a_beat(self) -> float:
        """Of the drum that is struck most often."""
        return max(sum(letter in ACCENTS for letter in line) for _, line in self.lines) / self.beats

    def strokes(self, first: int, beats: int) -> Iterator[tuple[float, int, str]]:
        """Yield (start in beats, MIDI key, letter) of a stretch of time.

        Parameters
        ----------
        first : int [beats]
            Where in the pattern the stretch begins.
        beats : int
            Its length; the pattern begins anew as often as it must, and is cut off at the end.
        """
        steps = self.beats * self.steps
        for key, line in self.lines:
            for step in range(beats * self.steps):
                letter = line[(first * self.steps + step) % steps]
                if letter in ACCENTS:
                    yield step / self.steps, key, letter


def written(
    text: str, *, steps: int = 4, meter: int = 4, sixteenths: bool = False, keys: Mapping[str, int] = DRUMS
) -> Pattern:
    """Read a pattern from text.

    Parameters
    ----------
    text : str
        A line a drum: its name and its steps, of which spaces and bar lines are for the eye only.
    steps, meter, sixteenths : int, int, bool
        As of `Pattern`.
    keys : mapping of str to int
        MIDI keys of the names.

    Returns
    -------
    Pattern

    Raises
    ------
    ValueError
        If a line does not fill whole beats, or as many as the first.
    """
    lines = []
    for row in text.strip().splitlines():
        name, _, drawn = row.strip().partition(":")
        lines.append((keys[name.strip()], drawn.replace(" ", "").replace("|", "")))
    length = max(len(line) for _, line in lines)
    for key, line in lines:
        if length % steps or length % len(line):
            raise ValueError(f"key {key}: {len(line)} steps; expected {length}, or a part of it that repeats")
    full = tuple((key, line * (length // len(line))) for key, line in lines)
    return Pattern(full, length // steps, steps, meter, sixteenths)
