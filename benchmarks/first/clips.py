"""Clips of a benchmark: generated in batches or played by the soundfont, measured, and kept, so that scoring is quick.

Everything is kept in chunks under one folder; a call that was interrupted goes on where it stopped.
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.first.hearing import Views
from benchmarks.first.judge import views_of_sounds
from riffkit.compose.soundfont import LOOP_SAMPLES, SAMPLE_RATE, Player, picture_from_loop
from riffkit.diffusion.latents import latents_from_pixels, pixels_from_latents
from riffkit.listening.music import chroma_of, onset_strength, onset_times, tracked_bpm
from riffkit.riffing.riff import sound_of
from riffkit.sound.clip import Clip
from riffkit.sound.image import image_from_pixels
from riffkit.sound.params import SpectrogramParams

CHUNK = 40  # clips in one file
MOST_ONSETS = 128


def looped(sound):
    """A sound [shape=(n,)], cut or padded to 5.12 s."""
    return np.pad(sound[:LOOP_SAMPLES], (0, max(0, LOOP_SAMPLES - len(sound))))


@dataclass(frozen=True)
class Measured:
    """What was measured on n clips.

    `views` for the judge; `chroma` [shape=(n, 12)]; `bpm` [shape=(n,)]; `onsets` [shape=(n, 128), s, NaN where there
    are no more]; `peak` [shape=(n,), NaN where samples are not finite].
    """

    views: Views
    chroma: np.ndarray
    bpm: np.ndarray
    onsets: np.ndarray
    peak: np.ndarray

    def __len__(self):
        return len(self.peak)

    def __getitem__(self, chosen):
        chosen = np.asarray(chosen, int)
        return Measured(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))

    @classmethod
    def of(cls, sounds):
        """Measure sounds [each shape=(n,), float32, 44.1 kHz]."""
        loops = [looped(x) for x in sounds]
        onsets = np.full((len(loops), MOST_ONSETS), np.nan, np.float32)
        heard = [Clip(loop, SAMPLE_RATE) for loop in loops]
        strengths = [onset_strength(clip) for clip in heard]
        for row, strength in zip(onsets, strengths, strict=True):
            found = onset_times(strength)[:MOST_ONSETS]
            row[: len(found)] = found
        return cls(
            views_of_sounds(loops),
            np.stack([chroma_of(clip) for clip in heard]),
            np.array([tracked_bpm(strength) for strength in strengths]),
            onsets,
            np.array([np.abs(loop).max() for loop in loops]),
        )

    @classmethod
    def join(cls, parts):
        plain = [name for name in cls.__dataclass_fields__ if name != "views"]
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in plain}
        return cls(views=Views.join([part.views for part in parts]), **joined)

    def save(self, path):
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "views"}
        np.savez(path.with_suffix(".new.npz"), **plain, **vars(self.views))
        path.with_suffix(".new.npz").replace(path)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        views = Views(arrays.pop("timbre"), arrays.pop("rhythm"), arrays.pop("pitch"))
        return cls(views=views, **arrays)


class Deadline:
    """How long a call may still work; raises `TimeoutError` once it is over."""

    def __init__(self, minutes=None):
        self.end = None if minutes is None else time.monotonic() + 60 * minutes

    def check(self):
        if self.end is not None and time.monotonic() > self.end:
            raise TimeoutError("the minutes are over; call again to go on")


def played(folder, name, pieces, deadline, change=lambda sound: sound):
    """Real renders of pieces, each changed by `change`, measured."""
    player = None
    parts = []
    for start in range(0, len(pieces), CHUNK):
        some = pieces[start : start + CHUNK]
        path = Path(folder) / f"{name}-{start}-{_digest(some)}.npz"
        if not path.exists():
            deadline.check()
            player = player or Player()
            path.parent.mkdir(parents=True, exist_ok=True)
            Measured.of([change(player.play(piece)) for piece in some]).save(path)
            print(f"  played {name} {start + CHUNK}", flush=True)
        parts.append(Measured.load(path))
    return Measured.join(parts)


def redrawing(riffer, *, autoencoder):
    """For `played`: each sound is drawn as the first models' pictures and played from that, all but the UNet's part.

    With `autoencoder` the picture goes through the riffer's on its way.
    """

    def redraw(sound):
        pixels = picture_from_loop(sound)
        if autoencoder:
            pixels = pixels_from_latents(riffer.checkpoint, latents_from_pixels(riffer.checkpoint, pixels))
        return sound_of(image_from_pixels(pixels, SpectrogramParams())).mono().samples[0]

    return redraw


def generated(folder, name, riffer, captions, deadline, **settings):
    """Clips of captions, painted in batches and measured; the seeds are their numbers in the list, `settings` riff's.

    Returns
    -------
    Measured, list of np.ndarray
        The second are the chunks of pictures [shape=(up to 40, 512, 512), uint8], as memory maps.
    """
    parts, pictures = [], []
    for start in range(0, len(captions), CHUNK):
        some = captions[start : start + CHUNK]
        path = Path(folder) / f"{name}-{start}-{_digest(some)}.npz"
        drawn = path.with_suffix(".npy")
        if not path.exists():
            deadline.check()
            path.parent.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            seeds = list(range(start, start + len(some)))
            riffs = riffer.riff(some, seeds, progress=False, **settings)
            sounds = [riff.clip.mono().samples[0] for riff in riffs]
            if riffer.params == SpectrogramParams():
                np.save(drawn, np.stack([np.asarray(riff.image.convert("L")) for riff in riffs]))
            else:  # other pictures are drawn again as the first models' are
                np.save(drawn, np.stack([picture_from_loop(looped(sound)) for sound in sounds]))
            riffed = time.monotonic() - began
            Measured.of(sounds).save(path)
            both = time.monotonic() - began
            print(f"  {name} {start + len(some)}: {riffed:.0f} s riffing, {both - riffed:.0f} s measuring", flush=True)
        parts.append(Measured.load(path))
        pictures.append(np.load(drawn, mmap_mode="r"))
    return Measured.join(parts), pictures


def _digest(values):
    return hashlib.sha256(repr(values).encode()).hexdigest()[:8]
