"""Words that no list holds, because there is no end of them: beats per minute, keys, meters and years."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from riffkit.compose.lexicon.spelling import Token
from riffkit.compose.pieces.piece import BEATS, LOOP_SECONDS

LETTERS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11, "h": 11}  # h: a German b
_MINORS = ("scale minor", "scale harmonic minor", "scale melodic minor")
MODES: dict[str, tuple[str, ...]] = {
    "major pentatonic": ("scale major pentatonic",),
    "minor pentatonic": ("scale minor pentatonic",),
    "pentatonic major": ("scale major pentatonic",),
    "pentatonic minor": ("scale minor pentatonic",),
    "pentatonic": ("scale major pentatonic", "scale minor pentatonic"),
    "natural minor": ("scale minor",),
    "harmonic minor": ("scale harmonic minor",),
    "melodic minor": ("scale melodic minor",),
    "whole tone": ("scale whole tone",),
    "blues": ("scale blues",),
    "ionian": ("scale major",),
    "dorian": ("scale dorian",),
    "phrygian": ("scale phrygian",),
    "lydian": ("scale lydian",),
    "mixolydian": ("scale mixolydian",),
    "aeolian": ("scale minor",),
    "locrian": ("scale locrian",),
    "major": ("scale major",),
    "maj": ("scale major",),
    "dur": ("scale major",),
    "minor": _MINORS,
    "min": _MINORS,
    "moll": _MINORS,
    "m": _MINORS,
}
"""What may stand behind the name of a key, and the scales that it means."""

_BPM = ("bpm", "bpms", "beats per minute")


@dataclass(frozen=True)
class Ruled:
    """What a rule read: how many tokens, the words it stands for, and the facts in groups as in `Entry`."""

    count: int
    words: str
    groups: tuple[tuple[str, ...], ...]


def beats_of(bpm: float) -> int:
    """Beats in the loop of 5.12 s that are nearest to a tempo; half or twice of it where none is near.

    Parameters
    ----------
    bpm : float [beats per minute, > 0]
        Below 53 it is doubled, above 240 halved, until there is one.
    """
    while bpm < BEATS[0] * 60 / LOOP_SECONDS - 6:
        bpm *= 2
    while bpm > BEATS[-1] * 60 / LOOP_SECONDS + 6:
        bpm /= 2
    return min(BEATS, key=lambda beats: abs(beats * 60 / LOOP_SECONDS - bpm))


def ruled(words: Sequence[Token], at: int) -> Ruled | None:
    """Read a tempo, key, meter or year at one place of a text, if one stands there.

    Parameters
    ----------
    words : sequence of Token
    at : int
        Where to look.
    """
    phrase = [words[at].word]
    for token in words[at + 1 : at + 8]:
        if token.starts:
            break
        phrase.append(token.word)
    if phrase[0][0].isdigit():
        return _number(phrase)
    if phrase[0] in ("bpm", "tempo", "at", "around", "about", "in") and len(phrase) > 1 and phrase[1][0].isdigit():
        said = _number(phrase[1:])
        if said and (said.words.endswith("bpm") or phrase[0] in ("in", "around", "about")):
            return Ruled(said.count + 1, said.words, said.groups)
    return _key(phrase)


def _number(phrase: list[str]) -> Ruled | None:
    word, following = phrase[0], " ".join(phrase[1:4])
    if match := re.fullmatch(r"(\d+)/(\d+)", word):
        above, below = int(match[1]), int(match[2])
        above = {6: 6, 12: 4, 9: 3, 2: 4, 8: 4}.get(above, above) if below in (2, 4, 8, 16) else 0
        return Ruled(1, word, ((f"meter {above}",),)) if 3 <= above <= 7 else None
    digits = word.removesuffix("s")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 4:
        return None
    value = int(digits)
    decade = value % 100 // 10 * 10
    if (1900 <= value < 2030) or (word != digits and value in range(20, 100, 10)):
        century = 20 if value >= 2000 or (value < 30 and value != 20) else 19
        return Ruled(1, f"{century}{decade:02d}s", ())
    if 1000 <= value < 1900:
        return Ruled(1, f"{value // 100 + 1}th century", ())
    for unit in _BPM:
        if following.startswith(unit) and 20 <= value <= 999:
            return _tempo(value, 1 + len(unit.split()))
    return _tempo(value, 1) if 56 <= value <= 240 and word == digits else None


def _tempo(bpm: int, count: int) -> Ruled:
    beats = beats_of(bpm)
    tempo = "slow" if beats <= 7 else "medium" if beats <= 10 else "fast" if beats <= 14 else "very fast"
    return Ruled(count, f"{bpm} bpm", ((f"beats {beats}",), (f"tempo {tempo}",)))


def _key(phrase: list[str]) -> Ruled | None:
    """A key as people write it: "in f sharp minor", "Bb major", "key of d", "c#m", "a-moll", "d dorian"."""
    at = 0
    if phrase[0] == "in" and len(phrase) > 1:
        at = 1
        at += phrase[at] == "the" and len(phrase) > at + 1
    if phrase[at] in ("key", "scale") and len(phrase) > at + 1:
        at += 1 + (phrase[at + 1] in ("of", "is") and len(phrase) > at + 2)
    led, note = at > 0, phrase[at]
    read = re.fullmatch(r"([a-h])(#|b|s|es|is)?(m|min|maj)?", note)
    german = at + 1 < len(phrase) and phrase[at + 1] in ("dur", "moll")
    if not read or (note in ("as", "am", "cs", "fm", "es", "bm", "h") and not led and not german):
        return None
    pitch = LETTERS[read[1]] + {"#": 1, "is": 1, "b": -1, "es": -1, "s": -1, None: 0}[read[2]]
    at += 1
    if at < len(phrase) and phrase[at] in ("sharp", "flat") and not read[2]:
        pitch += 1 if phrase[at] == "sharp" else -1
        at += 1
        led = True
    mode = read[3] or ""
    for words in (2, 1):
        if not mode and " ".join(phrase[at : at + words]) in MODES and at + words <= len(phrase):
            mode = " ".join(phrase[at : at + words])
            at += words
    exact = "#" in note or read[3] in ("min", "maj")
    if (
        note == "a"
        and not led
        and at < len(phrase)
        and phrase[at] in ("key", "chord", "chords", "mode", "mood", "feel")
    ):
        return None  # an article
    if not mode and not exact and not (led and (note != "a" or at == len(phrase))):
        return None
    if read[2] in ("s", "es", "is") and mode not in ("dur", "moll"):
        return None
    groups: tuple[tuple[str, ...], ...] = ((f"key {pitch % 12}",),)
    return Ruled(at, " ".join(phrase[:at]), (*groups, MODES[mode]) if mode else groups)
