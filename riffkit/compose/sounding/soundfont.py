"""A General MIDI soundfont: parts and drum sets rendered one at a time, each a seamless loop, bends followed.

Only who renders a corpus needs this: `tinysoundfont` and a soundfont, neither of which riffkit's core depends on.
"""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE, Tone

TAIL = round(2.0 * SAMPLE_RATE)  # rendered after the end: what still rings is added to the start
HELD = round(1.2 * SAMPLE_RATE)  # past the seam a note is held no longer than this
FADE = round(0.4 * SAMPLE_RATE)  # in which the rest is gone by the end of the tail
STEP = 512  # samples from one turn of the pitch wheel to the next
WHEEL = 24  # semitones that it reaches, up and down
SOUNDFONTS = (
    "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/opt/homebrew/share/soundfonts/default.sf2",
)
HOW_TO_GET_IT = (
    "get FluidR3 (MIT licence) with `sudo apt-get install fluidr3mono-gm-soundfont` (23 MB) or download any General "
    "MIDI .sf2/.sf3 file, and name it in the environment variable RIFFKIT_SOUNDFONT if it lies elsewhere"
)


def find_soundfont() -> Path:
    """Find the General MIDI soundfont to play through.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If there is none; the message says how to get one.
    """
    named = os.environ.get("RIFFKIT_SOUNDFONT")
    for candidate in (named,) if named else SOUNDFONTS:
        if Path(candidate).is_file():
            return Path(candidate)
    looked = f"RIFFKIT_SOUNDFONT={named}" if named else ", ".join(SOUNDFONTS)
    raise FileNotFoundError(f"no soundfont found (looked at {looked}); {HOW_TO_GET_IT}")


def check_soundfont(soundfont: str | Path | None = None) -> Path:
    """Check that pieces can be rendered, and resolve the soundfont.

    Parameters
    ----------
    soundfont : str, Path or None
        None takes `find_soundfont()`.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    ImportError
        If tinysoundfont is not installed; the message says how to install it.
    FileNotFoundError
        If there is no such soundfont.
    ValueError
        If the file is none.
    """
    path = Path(soundfont) if soundfont is not None else find_soundfont()
    if not path.is_file():
        raise FileNotFoundError(f"soundfont {path} does not exist; {HOW_TO_GET_IT}")
    with path.open("rb") as file:
        head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"sfbk":
        raise ValueError(f"{path} is no soundfont (its first bytes are {head!r}); {HOW_TO_GET_IT}")
    if importlib.util.find_spec("tinysoundfont") is None:
        # Its dependency pyaudio needs PortAudio to build and is used only for playing aloud.
        raise ImportError("rendering needs tinysoundfont; install it with `pip install --no-deps tinysoundfont`")
    return path


class Soundfont:
    """A soundfont that is loaded, and a synthesizer of 16 channels that plays one part of a piece at a time.

    Parameters
    ----------
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3; None takes `find_soundfont()`.

    Raises
    ------
    ImportError, FileNotFoundError, ValueError
        See `check_soundfont`.
    """

    def __init__(self, soundfont: str | Path | None = None) -> None:
        path = check_soundfont(soundfont)
        import tinysoundfont

        self.synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE, gain=-6)
        self.font = self.synth.sfload(str(path))

    def part(self, tones: Sequence[Tone], program: int, bank: int = 0) -> np.ndarray:
        """Play the notes of one instrument.

        Parameters
        ----------
        tones : sequence of Tone
        program : int [0..127]
        bank : int
            Where the soundfont lacks it, bank 0 is taken.

        Returns
        -------
        np.ndarray [shape=(225792,), float32]
            Mono, not limited to [-1, 1].
        """
        if self.synth.sfpreset_name(self.font, bank, program) is None:
            bank = 0
        bent = any(tone.bend for tone in tones)
        for channel in range(16 if bent else 1):
            self.synth.program_select(channel, self.font, bank, program, False)
        return self._play(tones, bent).mean(axis=0)

    def drums(self, tones: Sequence[Tone], program: int) -> np.ndarray:
        """Play the strokes on a drum set.

        Parameters
        ----------
        tones : sequence of Tone
        program : int [0..127]
            Of the drum bank; where the soundfont lacks it, the standard kit is taken.

        Returns
        -------
        np.ndarray [shape=(2, 225792), float32]
        """
        if self.synth.sfpreset_name(self.font, 128, program) is None:
            program = 0
        self.synth.program_select(0, self.font, 128, program, True)
        return self._play(tones, False)

    def _play(self, tones: Sequence[Tone], bent: bool) -> np.ndarray:
        """Notes as a stereo loop [shape=(2, 225792)]; those that bend each on a channel of its own."""
        played, position = np.zeros((LOOP_SAMPLES + TAIL, 2), np.float32), 0
        for sample, kind, channel, pitch, value in self._events(tones):
            self._fill(played, position, sample)
            position = sample
            if kind == 0:
                self.synth.noteoff(channel, pitch)
            elif kind == 1:
                self.synth.pitchbend(channel, value)
            else:
                self.synth.noteon(channel, pitch, value)
        self._fill(played, position, len(played))
        for channel in range(16 if bent else 1):
            self.synth.sounds_off(channel)
            self.synth.pitchbend(channel, 8192)
        self.synth.generate(4096)  # let the voices end, so that the next part starts from silence
        played[-FADE:] *= np.linspace(1, 0, FADE, dtype=np.float32)[:, None] ** 2
        played[:TAIL] += played[LOOP_SAMPLES:]
        return np.ascontiguousarray(played[:LOOP_SAMPLES].T)

    def _events(self, tones: Sequence[Tone]) -> list[tuple[int, int, int, int, int]]:
        """(sample, 0 off | 1 wheel | 2 on, channel, pitch, value), in order."""
        events, busy = [], 0
        for tone in sorted(tones):
            start, channel = tone.start, 0
            end = max(start + 200, min(start + tone.length, LOOP_SAMPLES + HELD))
            if tone.bend:
                channel, busy = 1 + busy % 15, busy + 1
                self.synth.pitchbend_range(channel, WHEEL)
                places = np.arange(0, end - start + SAMPLE_RATE // 4, STEP)
                moves = tone.moved(places)
                wheel = np.rint(8192 * (1 + np.clip(moves, -WHEEL, WHEEL) / WHEEL)).clip(0, 16383).astype(int)
                turns = np.flatnonzero(np.diff(wheel, prepend=-1))
                events += [(start + int(places[i]), 1, channel, tone.pitch, int(wheel[i])) for i in turns]
            events.append((start, 2, channel, tone.pitch, tone.velocity))
            events.append((end, 0, channel, tone.pitch, 0))
        return sorted(events)

    def _fill(self, played: np.ndarray, start: int, end: int) -> None:
        end = min(end, len(played))
        if end > start:
            played[start:end] = np.frombuffer(self.synth.generate(end - start), np.float32).reshape(-1, 2)
