"""A piece becomes a stereo loop: every part rendered apart, balanced by loudness, panned, treated, put in a room."""

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from riffkit.compose.pieces.note import DRUM_SET, Note
from riffkit.compose.pieces.piece import Part, Piece
from riffkit.compose.pieces.writing import notes as notes_of
from riffkit.compose.sounding.drumming import drum_set, percussion
from riffkit.compose.sounding.effects import in_a_room, treated
from riffkit.compose.sounding.instruments import INSTRUMENTS
from riffkit.compose.sounding.loops import LOOP_SAMPLES, Tone
from riffkit.compose.sounding.mixing import BENEATH, LEVELS, at_level, mastered, shaded
from riffkit.compose.sounding.noises import sound_of
from riffkit.compose.sounding.production.setting import Setting
from riffkit.compose.sounding.soundfont import Soundfont
from riffkit.compose.sounding.stereo import panned, sided
from riffkit.compose.sounding.synthesis import orchestra
from riffkit.compose.sounding.touches import part_of


class Player:
    """What plays composed pieces, one after another; the same piece gives the same samples whatever went before.

    Parameters
    ----------
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3; None takes `soundfont.find_soundfont()`.

    Raises
    ------
    ImportError, FileNotFoundError, ValueError
        If tinysoundfont is not installed, or there is no soundfont: see `soundfont.check_soundfont`.
    """

    def __init__(self, soundfont: str | Path | None = None) -> None:
        self.font = Soundfont(soundfont)

    def play(self, piece: Piece) -> np.ndarray:
        """Write a piece's notes and play them as a loop.

        Parameters
        ----------
        piece : Piece

        Returns
        -------
        np.ndarray [shape=(2, 225792), float32, -0.97..0.97, at 44100 Hz]
            What rings on after the end is heard at the beginning.
        """
        return self.perform(piece, notes_of(piece))

    def perform(self, piece: Piece, notes: Sequence[Note]) -> np.ndarray:
        """Play notes that are written as a loop.

        Parameters
        ----------
        piece : Piece
        notes : sequence of Note

        Returns
        -------
        np.ndarray [shape=(2, 225792), float32, -0.97..0.97, at 44100 Hz]

        Raises
        ------
        KeyError
            If an instrument, kit, sound or effect is not known.
        """
        tones: dict[int, list[Tone]] = {}
        for note in notes:
            tones.setdefault(note.part, []).append(_tone(note, piece.beats))
        buses: dict[str, np.ndarray] = {}
        for index, part in enumerate(piece.parts):
            if index in tones:
                track = shaded(self._part(piece, index, part, tones[index]), piece.dynamics)
                level = LEVELS[part.role] + 20 * np.log10(np.mean([tone.force for tone in tones[index]]) / 0.7) * 0.35
                _add(buses, "bass" if part.role == "b" else "parts", panned(at_level(track, float(level)), part.pan))
        if piece.kit and DRUM_SET in tones:
            track = shaded(drum_set(self.font, piece.kit, tones[DRUM_SET]), piece.dynamics)
            _add(buses, "drums", at_level(track, LEVELS["drums"]))
        for index, name in enumerate(piece.sounds):
            level = LEVELS["sounds"] + (BENEATH if buses and index == 0 else 0.0) - 2 * index
            sound = sound_of(name, zlib.crc32(f"{piece.seed} {name}".encode()))
            _add(buses, "sounds", at_level(sound, level))
        kicks = sorted({tone.start % LOOP_SAMPLES for tone in tones.get(DRUM_SET, []) if tone.pitch in (35, 36)})
        setting = Setting(piece.beats, piece.seed, tuple(kicks))
        mix = treated(buses, piece.effects, setting)
        return mastered(sided(in_a_room(mix, piece.effects, setting), piece.side))

    def _part(self, piece: Piece, index: int, part: Part, tones: list[Tone]) -> np.ndarray:
        """One part, dry [shape=(n,) or (2, n)]."""
        if part.role == "x":
            return percussion(self.font, part.instrument, tones)
        if INSTRUMENTS[part.instrument].program is None:
            return orchestra.play(part.instrument, tones, np.random.default_rng((piece.seed, index)))
        return part_of(self.font, part.instrument, tones, index)


def _tone(note: Note, beats: int) -> Tone:
    """A note in samples."""
    beat = LOOP_SAMPLES / beats
    bend = tuple((round(place * beat), semitones) for place, semitones in note.bend)
    length = max(round(note.duration * beat), 200)
    return Tone(round(note.start * beat) % LOOP_SAMPLES, length, note.pitch, note.velocity, bend)


def _add(buses: dict[str, np.ndarray], name: str, track: np.ndarray) -> None:
    buses[name] = buses[name] + track if name in buses else track
