"""Clips of a benchmark: painted from words or played from notes, measured, and kept in chunks.

So scoring is quick, and a call that was interrupted goes on where it stopped.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.judging.hearing import Views, looped
from benchmarks.judging.renders import digest, orchestra, play
from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.listening.music import onset_strength, tracked_bpm
from riffkit.listening.stereo import EDGES, balance, band_coherence, side_to_middle
from riffkit.riffing.riff import sound_of
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode

CHUNK = 40  # clips in one file
AIR = (10_000.0, 16_000.0)  # Hz: what the first models could not paint
_PLAIN = ("bpm", "peak", "air", "coherence", "width", "balance")


@dataclass(frozen=True)
class Measured:
    """What was measured on n clips.

    `views` for the judge; `bpm` [shape=(n,)]; `peak` [shape=(n,), NaN where samples are not finite]; `air` [shape=(n,),
    dB: energy from 10 to 16 kHz beside all]; `coherence` [shape=(n, 4)] by band; `width` [dB: side over middle] and
    `balance` [dB: left over right].
    """

    views: Views
    bpm: np.ndarray
    peak: np.ndarray
    air: np.ndarray
    coherence: np.ndarray
    width: np.ndarray
    balance: np.ndarray

    def __len__(self):
        return len(self.peak)

    def __getitem__(self, chosen):
        chosen = np.asarray(chosen, int)
        return Measured(self.views[chosen], *(getattr(self, name)[chosen] for name in _PLAIN))

    @classmethod
    def of(cls, loops):
        """Measure loops [each shape=(2, 225792), float32]."""
        peaks = [float(np.abs(loop).max()) for loop in loops]  # NaN stays NaN
        heard = [Clip(np.nan_to_num(loop, posinf=0, neginf=0), SAMPLE_RATE) for loop in loops]
        return cls(
            Views.of(loops),
            np.array([tracked_bpm(onset_strength(Clip(clip.samples.mean(axis=0), SAMPLE_RATE))) for clip in heard]),
            np.array(peaks),
            np.array([air_of(clip.samples) for clip in heard]),
            np.stack([band_coherence(clip) for clip in heard]),
            np.array([side_to_middle(clip) for clip in heard]),
            np.array([balance(clip) for clip in heard]),
        )

    @classmethod
    def join(cls, parts):
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _PLAIN}
        return cls(views=Views.join([part.views for part in parts]), **joined)

    def save(self, path):
        plain = {name: getattr(self, name) for name in _PLAIN}
        np.savez(path.with_suffix(".new.npz"), **plain, **vars(self.views))
        path.with_suffix(".new.npz").replace(path)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            arrays = {name: file[name] for name in file.files}
        plain = {name: arrays.pop(name) for name in _PLAIN}
        return cls(views=Views(**arrays), **plain)


def air_of(samples):
    """Energy from 10 to 16 kHz beside all, in dB, at least -90.

    Parameters
    ----------
    samples : np.ndarray [shape=(channels, n), at 44.1 kHz]
    """
    power = (np.abs(np.fft.rfft(samples * np.hanning(samples.shape[1]))) ** 2).sum(axis=0)
    low, high = np.searchsorted(np.fft.rfftfreq(samples.shape[1], 1 / SAMPLE_RATE), AIR)
    return float(10 * np.log10(max(power[low:high].sum() / max(power.sum(), 1e-12), 1e-9)))


def band_names():
    """Names of the bands of `Measured.coherence`."""
    return [f"{low:.0f} to {high:.0f} Hz" for low, high in zip(EDGES[:-1], EDGES[1:], strict=True)]


class Deadline:
    """How long a call may still work; raises `TimeoutError` once it is over."""

    def __init__(self, minutes=None):
        self.end = None if minutes is None else time.monotonic() + 60 * minutes

    def check(self):
        if self.end is not None and time.monotonic() > self.end:
            raise TimeoutError("the minutes are over; call again to go on")


def played(folder, name, pieces, deadline, change=lambda loop: loop):
    """Real renders of pieces, each changed by `change`, measured."""

    def loops(start, some):
        return [change(play(piece)) for piece in some]

    return _kept(folder, name, pieces, deadline, loops, orchestra())


def redrawn(params):
    """For `played`: each loop is drawn as a model's picture and played from that, all but the model's own part."""

    def redraw(loop):
        image = encode(Clip(loop, SAMPLE_RATE), params, periodic=True, rounding=True)
        return looped(sound_of(image, loop=True))

    return redraw


def painted(folder, name, riffer, words, deadline, first_seed=0, **settings):
    """Clips of words, painted and measured; the seeds are their numbers in the list, `settings` riff's."""

    def loops(start, some):
        seeds = list(range(first_seed + start, first_seed + start + len(some)))
        return [looped(riff.clip) for riff in riffer.riff(some, seeds, progress=False, **settings)]

    return _kept(folder, name, words, deadline, loops, first_seed)


def _kept(folder, name, wanted, deadline, loops, version):
    parts = []
    for start in range(0, len(wanted), CHUNK):
        some = wanted[start : start + CHUNK]
        path = Path(folder) / f"{name}-{start}-{digest(some, version)}.npz"
        if not path.exists():
            deadline.check()
            path.parent.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            found = loops(start, some)
            made = time.monotonic() - began
            Measured.of(found).save(path)
            both = time.monotonic() - began
            told = f"{made:.0f} s making, {both - made:.0f} s measuring"
            print(f"  {path.parent.name}: {name} {start + len(some)} of {len(wanted)}, {told}", flush=True)
        parts.append(Measured.load(path))
    return Measured.join(parts)
