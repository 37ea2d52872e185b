"""Turns of phrase: names of keys, numbers of BPM, and how words stand together in what people type."""

from collections.abc import Collection, Sequence
from random import Random

from riffkit.compose.lexicon.rules import MODES, beats_of
from riffkit.compose.pieces.piece import LOOP_SECONDS

KEY_NAMES = (
    ("c",), ("c sharp", "d flat", "c#", "db"), ("d",), ("e flat", "d sharp", "eb", "d#"), ("e",), ("f",),
    ("f sharp", "g flat", "f#", "gb"), ("g",), ("a flat", "g sharp", "ab", "g#"), ("a",),
    ("b flat", "a sharp", "bb", "a#"), ("b",),
)  # fmt: skip
"""What each pitch class is called."""

ROLE_PHRASES = {
    "c": ("{} chords", "chords on {}", "{} harmony"),
    "a": ("{} arpeggio", "arpeggiated {}", "{} pattern"),
    "m": ("{} melody", "{} tune", "a {} melody", "melody on {}", "{} theme"),
    "b": ("{} bassline", "{} line", "{} groove line"),
    "p": ("sustained {}", "long {} notes", "{} holding notes"),
    "x": ("{}", "{} rhythm"),
}
"""How a player is named with its part: chords, arpeggio, melody, bass, pad or percussion."""

SCENES = {
    "places": ("in {}", "from {}", "{}", "{}", "on a {} street", "{} style", "{} vibe", "a {} scene", "{} feel"),
    "eras": ("{}", "from the {}", "{} style", "{} feel", "like the {}"),
    "seasons": ("{}", "{}", "{} mood", "{} vibe"),
    "people": ("style of {}", "in the style of {}", "{} style", "like {}", "inspired by {}", "{}"),
    "moods": ("{}", "{}", "{}", "{} mood", "{} feel", "for a {} scene"),
    "rooms": ("{}",),
    "scenes": ("{}", "{}", "{} scene", "{} vibe", "like {}", "for a {} video"),
    "genres": ("{} style", "{} feel", "like {}"),
    "sounds": ("{}", "with {}", "{} in the background"),
}
"""How a scene is put beside the music; background and mood say nothing by themselves."""


def bpm_said(beats: int, rng: Random) -> str:
    """A tempo as a number: mostly what it is, else one that people ask for and that has no nearer tempo.

    Parameters
    ----------
    beats : int [5..20]
        In the loop.
    rng : random.Random
    """
    bpm = round(beats * 60 / LOOP_SECONDS)
    if rng.random() < 0.5:
        near = speeds(beats)
        bpm = rng.choice([round_one for round_one in near if round_one % 5 == 0] or near)
    return rng.choice(("{} bpm", "{} bpm", "at {} bpm", "{}bpm", "tempo {} bpm")).format(bpm)


SENTENCES = (
    "can you make {it}",
    "i want to hear {core}",
    "please play {core}",
    "give me {core}",
    "create {it}",
    "there is {it}",
    "someone is playing {core}",
    "i need {core} for a video",
    "generate {core}",
    "make it sound like {core}",
    "a loop with {core}",
    "{core} is all i need",
)
"""Whole sentences, as people write to a machine."""


def speeds(beats: int) -> list[int]:
    """All whole numbers of BPM to which a number of beats in the loop is the nearest, from slow to fast.

    Parameters
    ----------
    beats : int [5..20]
    """
    bpm = round(beats * 60 / LOOP_SECONDS)
    return [near for near in range(bpm - 6, bpm + 7) if beats_of(near) == beats]


def key_said(key: int, scale: str | None, rng: Random) -> str:
    """A key by name: "in d dorian", "f# minor", "in the key of e flat".

    Parameters
    ----------
    key : int [0..11]
    scale : str or None
        Said too where it has a name that keys have.
    rng : random.Random
    """
    names = KEY_NAMES[key]
    name = names[0] if rng.random() < 0.6 else rng.choice(names)
    modes = [mode for mode, facts in MODES.items() if scale and f"scale {scale}" in facts and len(mode) > 1]
    plain = {"major": "major", "minor": "minor", "harmonic minor": "minor", "melodic minor": "minor"}.get(scale or "")
    if modes and rng.random() < 0.85:
        mode = plain if plain and rng.random() < 0.7 else rng.choice(modes)
        return rng.choice(("in {} {}", "{} {}", "in {} {}", "key of {} {}")).format(name, mode)
    return rng.choice(("in {}", "in the key of {}", "key of {}")).format(name)


def joined(parts: Sequence[str], rng: Random) -> str:
    """Several players in one phrase: "bongos, harp and a flute".

    Parameters
    ----------
    parts : sequence of str
    rng : random.Random
    """
    if len(parts) < 2:
        return "".join(parts)
    last = rng.choice((" and ", ", ", " with ", " over ", " and ", " + ", " plus "))
    return ", ".join(parts[:-1]) + last + parts[-1]


def article(words: str) -> str:
    """The article that goes before some words, with a space: "a " or "an ".

    Parameters
    ----------
    words : str
    """
    return "an " if words[:1] in "aeio" else "a "


def sentence(core: str, traits: Sequence[str], scenes: Sequence[str], rng: Random) -> str:
    """What is played, how, and where, in one of the orders that people type.

    Parameters
    ----------
    core : str
        Players and genre; may be empty.
    traits, scenes : sequence of str
        How it is played; what it makes one see.
    rng : random.Random
    """
    if rng.random() < 0.25:  # a list of tags
        tags = [tag for tag in (core, *traits, *scenes) if tag]
        rng.shuffle(tags)
        return ", ".join(tags)
    if core and rng.random() < 0.1:  # a whole sentence
        rest = [*traits, *scenes]
        rng.shuffle(rest)
        told = rng.choice(SENTENCES).format(core=core, it=article(core) + core)
        return told + (rng.choice((", ", ", ", " and ", " that is ", " and it is ")) + ", ".join(rest) if rest else "")
    led = [trait for trait in traits if " " not in trait]
    before = led[: rng.choice((0, 1, 1, 1, 2))] if core else led
    scene = [*scenes, *(trait for trait in traits if trait not in before)]
    rng.shuffle(scene)
    start = " ".join([*before, core]).strip()
    if core and not core.startswith("a ") and rng.random() < 0.2:
        start = rng.choice(("{a}", "some ", "the sound of ")).format(a=article(start)) + start
    after = rng.choice((", ", ", ", " ")).join(scene)
    return f"{start}{rng.choice((', ', ' ', ' ')) if start and after else ''}{after}"


def counted(facts: Collection[str], players: int, rng: Random) -> str:
    """How many play, in a word: solo, duo; nothing where the facts don't tell.

    Parameters
    ----------
    facts : collection of str
    players : int
    rng : random.Random
    """
    if "solo" in facts and rng.random() < 0.4:
        return rng.choice(("solo", "only", "just", "unaccompanied", "alone", "nothing but"))
    return rng.choice(("duo", "duet")) if players == 2 and "ensemble" in facts and rng.random() < 0.15 else ""
