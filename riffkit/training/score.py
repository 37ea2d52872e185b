"""Compose short captioned pieces as notes: the music that the embedded model learns from.

A `Piece` says what is played (instruments, drums, genre, tempo, key, mode, density, dynamics); `compose` draws one from
a seed, `notes` writes it out. Every piece fills exactly 5.12 seconds, 512 spectrogram columns, with whole beats: it is
a perfect loop. The words come from `captions.py`, the sound from `render.py`.
"""

import random
from dataclasses import dataclass

from riffkit.training.instruments import CLOSED_HAT, CRASH, DRUM_PATTERNS, GENRES, INSTRUMENTS, KITS, RIDE, SHAKER

LOOP_SECONDS = 5.12

# name: the (beats in the loop, beats in a bar) it may have; 6, 8, 12 and 16 beats in 5.12 s are 70, 94, 141, 188 BPM.
TEMPI = {
    "slow": ((6, 6), (4, 4)),
    "medium": ((8, 4),),
    "fast": ((12, 4),),
    "very fast": ((16, 4),),
    "waltz": ((12, 3), (9, 3)),
}
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
KEYS = ("c", "c sharp", "d", "e flat", "e", "f", "f sharp", "g", "a flat", "a", "b flat", "b")

# Chord roots as scale degrees from 0, one per quarter of the loop.
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4), (3, 4, 0, 0), (0, 2, 3, 4), (1, 4, 0, 0)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 4), (0, 5, 3, 4), (0, 0, 3, 4), (0, 2, 6, 3), (0, 6, 0, 6)),
}
DENSITIES = ("sparse", "normal", "busy")
DYNAMICS = {"soft": 52, "normal": 84, "loud": 118}  # MIDI velocity
REGISTERS = {"low": 0.12, "middle": 0.4, "high": 0.75}  # place in the instrument's range
DRUM_CHANNEL = 9


@dataclass(frozen=True)
class Part:
    """One player: the role (c chords, a arpeggio, m melody, b bass, p pad), the instrument, its register."""

    role: str
    instrument: str
    register: str = "middle"


@dataclass(frozen=True)
class Piece:
    """What is played, before any note is written. Two equal pieces give equal notes.

    `key` is a pitch class (0 is C), `progression` scale degrees, `pattern` and `kit` None where there are no drums.
    """

    parts: tuple[Part, ...]
    pattern: str | None
    kit: str | None
    genre: str | None
    tempo: str
    beats: int
    beats_per_bar: int
    mode: str
    key: int
    progression: tuple[int, ...]
    density: str
    dynamics: str
    seed: int

    @property
    def bpm(self):
        """Beats per minute (float): what a beat tracker should find."""
        return self.beats / LOOP_SECONDS * 60

    @property
    def families(self):
        """The instrument families that sound, as a set of names."""
        return {INSTRUMENTS[part.instrument].family for part in self.parts}


@dataclass(frozen=True)
class Note:
    """One note: `start` and `duration` in beats, `channel` (9 is drums), `pitch` (MIDI), `velocity` (1 to 127)."""

    start: float
    duration: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Corpus:
    """The pieces that `compose` may draw: which instruments, tempi and keys, and how many parts at most."""

    name: str
    instruments: tuple[str, ...] = tuple(INSTRUMENTS)
    tempi: tuple[str, ...] = tuple(TEMPI)
    keys: tuple[int, ...] = tuple(range(12))
    max_parts: int = 3


WIDE = Corpus("wide")
# What two CPU cores can teach a small model in an hour: one tempo, four keys, two parts and drums.
NARROW = Corpus(
    "narrow",
    instruments=(
        "piano", "electric piano", "organ", "church organ", "accordion", "nylon guitar", "clean guitar", "harp",
        "distorted guitar", "violin", "strings", "choir", "trumpet", "brass", "saxophone", "flute", "saw lead",
        "square lead", "warm pad", "marimba", "tubular bells", "glockenspiel", "acoustic bass", "electric bass",
        "slap bass", "synth bass",
    ),
    tempi=("medium",),
    keys=(0, 2, 5, 9),
    max_parts=2,
)  # fmt: skip
CORPORA = {corpus.name: corpus for corpus in (WIDE, NARROW)}


def genres_of(corpus):
    """Names of the genres a corpus draws from, sorted: all, but for the waltz where there is no three-four time."""
    return [name for name in sorted(GENRES) if name != "waltz" or "waltz" in corpus.tempi]


def compose(seed, corpus=WIDE):
    """Draw a piece from a seed.

    About two in five follow a genre recipe; the rest combine instruments freely, alone, together or with drums.

    Parameters
    ----------
    seed : int
        The same seed gives the same piece.
    corpus : Corpus
        What may be drawn.

    Returns
    -------
    Piece
    """
    rng = random.Random(f"piece {seed}")
    genre = rng.choice(genres_of(corpus)) if rng.random() < 0.4 else None
    if genre is not None:
        parts, pattern, kit, tempo, mode = _follow_recipe(GENRES[genre], corpus, rng)
        if not parts and pattern is None:
            genre = None
    if genre is None:
        parts, pattern, kit, tempo, mode = _combine_freely(corpus, rng)
    beats, beats_per_bar = rng.choice(TEMPI[tempo])
    return Piece(
        parts=parts,
        pattern=pattern,
        kit=kit,
        genre=genre,
        tempo=tempo,
        beats=beats,
        beats_per_bar=beats_per_bar,
        mode=mode,
        key=rng.choice(corpus.keys),
        progression=rng.choice(PROGRESSIONS[mode]),
        density=rng.choices(DENSITIES, (1, 1.6, 1))[0],
        dynamics=rng.choices(tuple(DYNAMICS), (1, 2, 1))[0],
        seed=rng.randrange(1 << 30),
    )


def _follow_recipe(recipe, corpus, rng):
    """Parts, drum pattern, kit, tempo and mode of a genre, as far as the corpus can play them."""
    parts = []
    for role, choices in recipe.parts:
        playable = [name for name in choices if name in corpus.instruments]
        if playable:
            parts.append(Part(role, rng.choice(playable)))
    while len(parts) > corpus.max_parts or (len(parts) > 2 and rng.random() < 0.4):
        parts.pop(rng.randrange(len(parts)))
    tempi = [tempo for tempo in recipe.tempi if tempo in corpus.tempi] or list(corpus.tempi)
    tempo = rng.choice(tempi)
    pattern = rng.choice(recipe.patterns) if recipe.patterns else None
    kit = rng.choice(recipe.kits) if pattern else None
    return tuple(parts), pattern, kit, tempo, recipe.mode or rng.choice(tuple(SCALES))


def _combine_freely(corpus, rng):
    """Parts, drum pattern, kit, tempo and mode drawn independently; more than half are solos."""
    weights = {"slow": 2, "medium": 4, "fast": 3, "very fast": 1, "waltz": 1}
    tempo = rng.choices(corpus.tempi, [weights[name] for name in corpus.tempi])[0]
    n_parts = rng.choices((0, 1, 2, 3), (1, 6, 4, 2 if corpus.max_parts > 2 else 0))[0]
    parts = []
    for name in rng.sample(corpus.instruments, n_parts):
        register = rng.choices(tuple(REGISTERS), (1, 3, 1))[0]
        parts.append(Part(rng.choice(INSTRUMENTS[name].roles), name, register))
    pattern = kit = None
    if n_parts == 0 or rng.random() < (0.2 if n_parts == 1 else 0.4):
        patterns = [name for name in DRUM_PATTERNS if (name == "waltz") == (tempo == "waltz")]
        pattern, kit = rng.choice(patterns), rng.choice(sorted(KITS))
    return tuple(parts), pattern, kit, tempo, rng.choice(tuple(SCALES))


def notes(piece):
    """Write a piece out as notes.

    Parameters
    ----------
    piece : Piece

    Returns
    -------
    list of Note
        Starts are in [0, piece.beats); a note may sound past the end, where the loop wraps round.
    """
    writers = {"c": _chords, "p": _pad, "a": _arpeggio, "m": _melody, "b": _bass}
    written = []
    for channel, part in enumerate(piece.parts):
        # Each part has its own stream of chance, so that leaving one out does not change the others.
        hand = _Hand(piece, part, channel, random.Random(f"part {piece.seed} {channel}"))
        written += writers[part.role](hand)
    return written + _drums(piece, random.Random(f"drums {piece.seed}"))


class _Hand:
    """What a part needs to write its notes: harmony, range, touch and its own stream of chance."""

    def __init__(self, piece, part, channel, rng):
        self.piece, self.part, self.channel, self.rng = piece, part, channel, rng
        self.instrument = INSTRUMENTS[part.instrument]
        self.chords = _chords_of(piece)
        self.chord_beats = piece.beats / len(self.chords)
        low, high = self.instrument.low, self.instrument.high
        place = REGISTERS[part.register] + rng.uniform(-0.1, 0.1)
        self.centre = low + (high - low) * min(0.8, max(0.05, place))
        swings = piece.genre is not None and GENRES[piece.genre].swing
        self.swing = 0.1 if swings else 0.0  # beats that every off-beat comes late

    def pitch_class(self, degree):
        """Scale degree (0 is the key's root) to semitones above C, rising with the degree."""
        scale = SCALES[self.piece.mode]
        return self.piece.key + scale[degree % 7] + 12 * (degree // 7)

    def fit(self, semitones, low, high):
        """Move a pitch by octaves into [low, high] where it fits."""
        pitch = semitones + 12 * round((low - semitones) / 12)
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        return int(pitch)

    def octave_from(self, low, span=12):
        """The place nearest to `low` from which `span` semitones upwards are in the instrument's range."""
        return max(self.instrument.low, min(low, self.instrument.high - span))

    def note(self, start, duration, pitch, accent=0):
        """A note at `start` beats; off-beats swing, velocities vary a little as in playing."""
        late = self.swing if abs(start * 2 % 2 - 1) < 1e-6 else 0.0
        velocity = DYNAMICS[self.piece.dynamics] + accent + self.rng.randint(-6, 6)
        return Note(start + late, duration, self.channel, int(pitch), max(20, min(127, velocity)))


def _chords_of(piece):
    """Scale degrees of the chord roots: four to a loop of two or more bars of 4/4, else one to a bar or two in all."""
    bars = piece.beats // piece.beats_per_bar
    if bars == 3:
        return piece.progression[:3]
    if piece.beats >= 8:
        return piece.progression
    return (piece.progression[0], piece.progression[3])


def _chords(hand):
    rng, length = hand.rng, hand.chord_beats
    beats = [float(beat) for beat in range(int(length) or 1)]
    rhythm = {
        "sparse": [[0.0], [0.0, length * 0.75]],
        "normal": [beats, [0.0, 0.75, 1.5], [beat + 0.5 for beat in beats]],
        "busy": [[beat / 2 for beat in range(int(2 * length))], [0, 0.5, 0.75, 1.25, 1.5], [0, 0.25, 0.75, 1, 1.5]],
    }[hand.piece.density]
    rhythm = [start for start in rng.choice(rhythm) if start < length]
    gate = rng.choice((0.35, 0.7, 0.95))
    sevenths = rng.random() < (0.7 if hand.piece.genre in ("jazz", "lo-fi", "funk") else 0.15)
    power = hand.part.instrument == "distorted guitar"  # thirds turn to mud when distorted
    degrees = (0, 4, 7) if power else (0, 2, 4, 6)[: 4 if sevenths else 3]
    written = []
    for index, root in enumerate(hand.chords):
        low = hand.instrument.low if power else hand.octave_from(hand.centre - 5)
        pitches = {hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in degrees}
        for start, end in zip(rhythm, [*rhythm[1:], length], strict=True):
            for pitch in sorted(pitches):
                written.append(hand.note(index * length + start, (end - start) * gate, pitch, accent=-8))
    return written


def _pad(hand):
    low = hand.octave_from(hand.centre - 5)
    written = []
    for index, root in enumerate(hand.chords):
        for pitch in sorted({hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in (0, 2, 4)}):
            written.append(hand.note(index * hand.chord_beats, hand.chord_beats, pitch, accent=-8))
    return written


def _arpeggio(hand):
    rng, length = hand.rng, hand.chord_beats
    step = {"sparse": 1.0, "normal": 0.5, "busy": 0.25}[hand.piece.density]
    shape = rng.choice(("up", "down", "up and down", "alberti", "random"))
    hold = rng.choice((0.8, 1.5, 2.5))
    low = hand.octave_from(hand.centre - 4, span=18)  # room for the octave on top
    scatter = [rng.randrange(4) for _ in range(8)]
    written = []
    for index, root in enumerate(hand.chords):
        ladder = sorted({hand.fit(hand.pitch_class(root + degree), low, low + 12) for degree in (0, 2, 4)})
        ladder.append(ladder[0] + 12)
        order = {
            "up": [0, 1, 2, 3],
            "down": [3, 2, 1, 0],
            "up and down": [0, 1, 2, 3, 2, 1],
            "alberti": [0, 2, 1, 2],
            "random": scatter,
        }[shape]
        for count in range(round(length / step)):
            pitch = ladder[order[count % len(order)] % len(ladder)]
            accent = 6 if count == 0 else 0
            written.append(hand.note(index * length + count * step, step * hold, pitch, accent))
    return written


def _melody(hand):
    rng, piece = hand.rng, hand.piece
    cells = {
        "sparse": ((2.0,), (1.0, 1.0), (1.5, 0.5), (3.0, 1.0)),
        "normal": ((1.0, 0.5, 0.5), (0.5, 0.5, 1.0), (0.75, 0.25, 1.0), (1.5, 0.5), (1.0, 1.0)),
        "busy": ((0.25,) * 4, (0.5, 0.25, 0.25), (0.25, 0.25, 0.5), (0.5, 0.5)),
    }[piece.density]
    octave = round((hand.centre - hand.pitch_class(3)) / 12) * 12
    degree, start, motif, written = rng.randrange(7), 0.0, None, []
    while start < piece.beats - 1e-6:
        if motif and rng.random() < 0.45:  # a tune is a motif that comes back
            cell, moves = motif
        else:
            cell = rng.choice(cells)
            moves = [rng.choice((-2, -1, -1, 0, 1, 1, 2, 3)) for _ in cell]
            motif = motif or (cell, moves)
        for duration, move in zip(cell, moves, strict=True):
            if start >= piece.beats - 1e-6:
                break
            duration = min(duration, piece.beats - start)
            degree = max(-3, min(11, degree + move))
            root = hand.chords[min(len(hand.chords) - 1, int(start / hand.chord_beats))]
            if abs(start % hand.chord_beats) < 1e-6:  # where the chord changes, land on a chord note
                degree = min(range(-3, 12), key=lambda d: ((d - root) % 7 not in (0, 2, 4), abs(d - degree)))
            if start == 0 or rng.random() > 0.1:
                pitch = hand.fit(octave + hand.pitch_class(degree), hand.instrument.low, hand.instrument.high)
                written.append(hand.note(start, duration * 0.92, pitch, accent=4))
            start += duration
    return written


def _bass(hand):
    rng = hand.rng
    patterns = {  # (start, duration) in beats, over two beats
        "sparse": (((0, 2),), ((0, 1),), ((0, 1.5), (1.5, 0.5))),
        "normal": (
            ((0, 0.9), (1, 0.9)),
            ((0, 0.7), (0.75, 0.25), (1.5, 0.5)),
            ((0, 0.5), (1, 0.5), (1.5, 0.5)),
        ),
        "busy": (
            tuple((count / 2, 0.4) for count in range(4)),
            tuple((count / 4, 0.2) for count in range(8)),
            ((0, 0.3), (0.5, 0.2), (0.75, 0.2), (1.25, 0.2), (1.5, 0.3)),
        ),
    }[hand.piece.density]
    walking = hand.piece.genre == "jazz"
    pattern = ((0, 0.95), (1, 0.95)) if walking else rng.choice(patterns)
    written = []
    for index, root in enumerate(hand.chords):
        for pair in range(0, int(hand.chord_beats + 0.999), 2):
            for offset, duration in pattern:
                start = pair + offset
                if start >= hand.chord_beats - 1e-6:
                    continue
                if walking:
                    degree = root if start == 0 else root + rng.choice((0, 2, 4, 1))
                else:
                    degree = root + (4 if rng.random() < 0.12 else 0)
                pitch = hand.fit(hand.pitch_class(degree) + 36, hand.instrument.low, hand.instrument.low + 16)
                written.append(hand.note(index * hand.chord_beats + start, duration, pitch, accent=8))
    return written


def _drums(piece, rng):
    if piece.pattern is None:
        return []
    level = DYNAMICS[piece.dynamics]
    steps = piece.beats * 4
    written = []

    def hit(step, drum, accent):
        velocity = max(20, min(127, level + accent + rng.randint(-6, 6)))
        written.append(Note(step / 4, 0.2, DRUM_CHANNEL, drum, velocity))

    for drum, line in DRUM_PATTERNS[piece.pattern].items():
        cymbal = drum in (CLOSED_HAT, RIDE, SHAKER)
        for step in range(steps):
            played = line[step % len(line)] == "x"
            if played and not (piece.density == "sparse" and cymbal and step % 4):
                hit(step, drum, -16 if cymbal and step % 4 else 6)
            elif piece.density == "busy" and drum == CLOSED_HAT and not played and rng.random() < 0.5:
                hit(step, drum, -26)  # ghost notes
    if rng.random() < 0.3:
        hit(0, CRASH, 0)
    return written
