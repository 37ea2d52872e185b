"""Play composed pieces through a General MIDI soundfont, as seamless loops of 5.12 seconds, and draw their pictures.

Only who trains or renders needs this: `tinysoundfont` and a soundfont, neither of which riffkit's core depends on.
`riffkit doctor` says whether they are there and how to get them.
"""

import importlib.util
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from riffkit.compose.arrange import DRUM_CHANNEL, notes
from riffkit.compose.instruments import INSTRUMENTS, KITS
from riffkit.compose.score import LOOP_SECONDS, WIDE, Corpus, Piece, compose
from riffkit.progress import work_quietly
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams

SAMPLE_RATE = 44100
LOOP_SAMPLES = round(LOOP_SECONDS * SAMPLE_RATE)  # 225,792 = 512 hops of 441
TAIL_SECONDS = 1.5  # what still sounds after the end is added to the start: time is a circle
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


class Player:
    """A synthesizer with a soundfont loaded, that plays pieces one after another.

    Parameters
    ----------
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3; None takes `find_soundfont()`.

    Raises
    ------
    ImportError, FileNotFoundError
        If tinysoundfont is not installed, or there is no soundfont: see `check_soundfont`.
    """

    def __init__(self, soundfont: str | Path | None = None) -> None:
        path = check_soundfont(soundfont)
        import tinysoundfont

        self.synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE, gain=-6)
        self.font = self.synth.sfload(str(path))

    def play(self, piece: Piece) -> np.ndarray:
        """Play a piece as a loop: what rings on after the end is added to the beginning.

        Parameters
        ----------
        piece : riffkit.compose.score.Piece

        Returns
        -------
        np.ndarray [shape=(225792,), float32]
            Mono; not limited to [-1, 1].
        """
        for channel, part in enumerate(piece.parts):
            self.synth.program_select(channel, self.font, 0, INSTRUMENTS[part.instrument].program)
        if piece.kit:
            self.synth.program_select(DRUM_CHANNEL, self.font, 128, KITS[piece.kit][0], True)
        events = []
        for note in notes(piece):
            start = int(note.start / piece.beats * LOOP_SAMPLES)
            end = int((note.start + note.duration) / piece.beats * LOOP_SAMPLES)
            events.append((start, 1, note))
            # A pad's last chord is held a little past the seam, as its first one rises.
            events.append((max(start + 200, min(end, LOOP_SAMPLES + 4000)), 0, note))
        events.sort(key=lambda event: event[:2])
        total = LOOP_SAMPLES + round(TAIL_SECONDS * SAMPLE_RATE)
        played, position = np.zeros(total, np.float32), 0
        for sample, sounds, note in events:
            self._fill(played, position, sample)
            position = sample
            if sounds:
                self.synth.noteon(note.channel, note.pitch, note.velocity)
            else:
                self.synth.noteoff(note.channel, note.pitch)
        self._fill(played, position, total)
        for channel in range(16):
            self.synth.sounds_off(channel)
        self.synth.generate(4096)  # let the voices end, so that the next piece starts from silence
        loop = played[:LOOP_SAMPLES]
        loop[: total - LOOP_SAMPLES] += played[LOOP_SAMPLES:]
        return textured(loop, piece.texture)

    def _fill(self, played: np.ndarray, start: int, end: int) -> None:
        if end > start:
            stereo = np.frombuffer(self.synth.generate(end - start), np.float32).reshape(-1, 2)
            played[start:end] = stereo.mean(axis=1)


def textured(loop: np.ndarray, texture: str | None) -> np.ndarray:
    """Filter a loop as heard from far away, through an old radio, or through a wall; it stays a loop.

    Parameters
    ----------
    loop : np.ndarray [shape=(n,), float32, at 44100 Hz]
    texture : str or None
        One of `score.TEXTURES`; None leaves the loop as it is.

    Returns
    -------
    np.ndarray [shape=(n,), float32]
    """
    if texture is None:
        return loop
    spectrum = np.fft.rfft(loop)
    hertz = np.fft.rfftfreq(len(loop), 1 / SAMPLE_RATE)
    if texture == "radio":  # a narrow band, third-order edges
        spectrum *= 1 / np.sqrt((1 + (350 / np.maximum(hertz, 1)) ** 6) * (1 + (hertz / 2800) ** 6))
    elif texture == "warm":
        spectrum *= 1 / np.sqrt(1 + (hertz / 700) ** 4)
    else:  # distant: more of the room than of the player, and the room is dull
        time = np.arange(len(loop)) / SAMPLE_RATE
        room = np.random.default_rng(0).standard_normal(len(loop)) * np.exp(-6.9 * time / 2.2)
        room *= np.sqrt(13.8 / 2.2 / SAMPLE_RATE)  # the energy of a single pulse
        spectrum *= (0.35 + np.fft.rfft(room)) / np.sqrt(1 + (hertz / 2500) ** 4)
    return np.fft.irfft(spectrum, len(loop)).astype(np.float32)


# Hiss of the soundfont's samples at -60 dB and below prints as grey texture (the picture shows the fourth root): levels
# under a tenth of the range go to white, levels over a fifth stay, those between fade.
_QUIET, _CLEAR = 0.10, 0.20


def picture_from_loop(samples: np.ndarray, params: SpectrogramParams | None = None) -> np.ndarray:
    """Draw a loop as the 8-bit picture a model learns from: Riffusion's, with the hiss of the soundfont removed.

    Parameters
    ----------
    samples : np.ndarray [shape=(225792,), float32, at 44100 Hz]
    params : SpectrogramParams or None
        None takes Riffusion's.

    Returns
    -------
    np.ndarray [shape=(n_mels, 512), uint8]
        Low frequencies at the bottom, loud is dark; all white for silence.
    """
    params = params or SpectrogramParams()
    mel = mel_from_samples(samples, params, periodic=True)[0]
    loudest = mel.max()
    if loudest <= 0:
        return np.full(mel.shape, 255, np.uint8)
    level = (mel[::-1] / loudest) ** params.contrast
    level *= np.clip((level - _QUIET) / (_CLEAR - _QUIET), 0, 1)
    return (255 - np.rint(255 * level)).astype(np.uint8)


def render_corpus(
    seeds: Iterable[int],
    corpus: Corpus = WIDE,
    *,
    soundfont: str | Path | None = None,
    processes: int | None = None,
) -> Iterator[tuple[Piece, np.ndarray]]:
    """Compose, play and draw one piece for each seed, on all cores.

    Parameters
    ----------
    seeds : iterable of int, >= 0
    corpus : riffkit.compose.score.Corpus
        What is composed; "wide" as given.
    soundfont : str, Path or None
        A General MIDI .sf2 or .sf3; None takes `find_soundfont()`.
    processes : int or None
        Worker processes; None takes one per core.

    Yields
    ------
    piece, picture : Piece, np.ndarray [shape=(512, 512), uint8]
        In the order of the seeds. The same seeds give the same pictures.
    """
    jobs = ((seed, corpus, soundfont) for seed in seeds)
    processes = processes or os.cpu_count() or 1
    if processes == 1:
        yield from map(_render_one, jobs)
        return
    with ProcessPoolExecutor(processes, initializer=work_quietly) as pool:
        yield from pool.map(_render_one, jobs, chunksize=16)


_players: dict[str | Path | None, Player] = {}


def _render_one(job: tuple[int, Corpus, str | Path | None]) -> tuple[Piece, np.ndarray]:
    seed, corpus, soundfont = job
    os.environ.setdefault("RIFFKIT_THREADS", "1")  # the processes already fill the cores
    if soundfont not in _players:
        _players[soundfont] = Player(soundfont)
    piece = compose(seed, corpus)
    return piece, picture_from_loop(_players[soundfont].play(piece))
