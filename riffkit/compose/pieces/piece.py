"""What is played, before any note is written: the piece, its players, and the loop that it fills.

Every piece fills exactly 5.12 seconds, 512 spectrogram columns, with whole beats: it is a perfect loop. Two equal
pieces give equal notes and equal sound.
"""

import hashlib
from dataclasses import dataclass

LOOP_SECONDS = 5.12
BEATS = tuple(range(5, 21))  # in the loop: 59 to 234 BPM, 11.7 apart


@dataclass(frozen=True)
class Part:
    """One player.

    Parameters
    ----------
    role : str
        c chords, a arpeggio, m melody, b bass, p pad, x percussion.
    instrument : str
        One of `compose.sounding.instruments.INSTRUMENTS`; with role x one of `PERCUSSION`.
    register : str
        low, middle or high.
    figure : str or None
        A way of playing with a name, of `compose.pieces.figures.FIGURES`; None is plain.
    pan : float [-1..1]
        Left to right.
    """

    role: str
    instrument: str
    register: str = "middle"
    figure: str | None = None
    pan: float = 0.0


@dataclass(frozen=True)
class Piece:
    """What is played, before any note is written.

    Parameters
    ----------
    parts : tuple of Part
        None to four.
    pattern, kit : str or None
        Of the drum set; None where there is none.
    sounds : tuple of str
        That are not music, of `compose.sounding.noises.SOUNDS`; mostly none.
    genre : str or None
        Whose recipe is followed.
    beats : int [5..20]
        In the loop of 5.12 s.
    beats_per_bar : int [3..7]
        Where the beats are no multiple of it, the last bar is longer.
    feel : str
        straight, swing or shuffle.
    scale : str
        Of `compose.pieces.harmony.SCALES`.
    key : int [0..11]
        Pitch class of the root; 0 is C.
    harmony : str
        Kind of chord, of `compose.pieces.harmony.HARMONIES`.
    progression : tuple of int
        Scale degrees of the chords, from 0.
    density : str
        sparse, normal or busy.
    dynamics : str
        soft, normal or loud.
    articulation : str or None
        staccato or legato; None is plain.
    effects : tuple of str
        Production, of `compose.sounding.effects.EFFECTS`, in the order in which the sound goes through them.
    side : str
        Where it is heard: centre, left, right, wide or narrow; "centre" is an ordinary stereo picture.
    seed : int
        Of the notes, and of whatever else is drawn while playing.
    """

    parts: tuple[Part, ...]
    pattern: str | None
    kit: str | None
    sounds: tuple[str, ...]
    genre: str | None
    beats: int
    beats_per_bar: int
    feel: str
    scale: str
    key: int
    harmony: str
    progression: tuple[int, ...]
    density: str
    dynamics: str
    articulation: str | None
    effects: tuple[str, ...]
    side: str
    seed: int

    @property
    def bpm(self) -> float:
        """Tempo in beats per minute: what a beat tracker should find."""
        return self.beats / LOOP_SECONDS * 60

    @property
    def tempo(self) -> str:
        """The tempo in a word: slow (to 82 BPM), medium (to 117), fast (to 164) or very fast."""
        return (
            "slow" if self.beats <= 7 else "medium" if self.beats <= 10 else "fast" if self.beats <= 14 else "very fast"
        )

    @property
    def held_out(self) -> bool:
        """True for one in twelve combinations of players, sounds, genre and tempo: training never meets these."""
        names = sorted([part.instrument for part in self.parts] + list(self.sounds))
        combination = f"{names} {self.genre} {self.tempo}"
        return bool(names) and int(hashlib.sha256(combination.encode()).hexdigest(), 16) % 12 == 0
