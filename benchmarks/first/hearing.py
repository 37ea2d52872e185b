"""What a judge hears: three small views of a spectrogram picture, and real renders seen through them.

The picture is squeezed to 128 x 128 for timbre; where and how often its bands get louder says rhythm; how strong each
semitone is says key. Seeds begin where no training corpus reaches. Needs the soundfont (`riffkit doctor` says how).
"""

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import uniform_filter1d

from riffkit.compose.score import WIDE, compose
from riffkit.compose.soundfont import render_corpus

SIDE = 128
BANDS, CYCLES = 4, 64  # bands of the rhythm, and up to how many events a loop it counts
LOWEST, OCTAVES = 36, 5  # MIDI note of the lowest semitone (65 Hz), and how many octaves from there
FMAX = 10_000.0
CHUNK = 250  # pieces in one file of views


@dataclass(frozen=True)
class Views:
    """What is heard of n loops.

    `timbre` [shape=(n, 128, 128), uint8], `rhythm` [shape=(n, 4, 65), float32], `pitch` [shape=(n, 2, 5, 12), float32].
    """

    timbre: np.ndarray
    rhythm: np.ndarray
    pitch: np.ndarray

    def __len__(self):
        return len(self.timbre)

    def __getitem__(self, chosen):
        return Views(self.timbre[chosen], self.rhythm[chosen], self.pitch[chosen])

    @classmethod
    def of(cls, pictures):
        """Views of 8-bit pictures [shape=(n, 512, 512)]."""
        pictures = np.asarray(pictures)
        n, rows, columns = pictures.shape
        squeezed = pictures.reshape(n, SIDE, rows // SIDE, SIDE, columns // SIDE).mean(axis=(2, 4))
        return cls(
            np.rint(squeezed).astype(np.uint8),
            np.stack([rhythm_of(picture) for picture in pictures]),
            np.stack([pitch_of(picture) for picture in pictures]),
        )

    @classmethod
    def join(cls, parts):
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("timbre", "rhythm", "pitch")))

    def save(self, path):
        new = path.with_suffix(".new.npz")
        np.savez(new, timbre=self.timbre, rhythm=self.rhythm, pitch=self.pitch)
        new.replace(path)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            return cls(file["timbre"], file["rhythm"], file["pitch"])


def rhythm_of(picture):
    """How regularly bands of a picture get louder: Fourier series, so that it does not matter where a loop begins.

    Parameters
    ----------
    picture : np.ndarray [shape=(512, 512), uint8]

    Returns
    -------
    np.ndarray [shape=(4, 65), float32]
        By band, from low to high: how much happens, then the strengths of 1 to 64 events a loop.
    """
    level = 1 - picture[::-1] / np.float32(255)
    rises = np.maximum(level - np.roll(level, 2, axis=1), 0).reshape(BANDS, -1, picture.shape[1]).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(rises - rises.mean(axis=1, keepdims=True)))[:, 1 : CYCLES + 1]
    spectrum /= np.linalg.norm(spectrum, axis=1, keepdims=True) + 1e-3
    amount = np.log(rises.mean(axis=1, keepdims=True) + 1e-3) + 5
    return np.hstack([amount, 4 * spectrum]).astype(np.float32)


def pitch_of(picture):
    """How strong each semitone from C2 to B6 is, on average and at its strongest.

    Returns
    -------
    np.ndarray [shape=(2, 5, 12), float32, 0..1]
        Octaves from low to high, pitch classes from C.
    """
    notes = 440 * 2 ** ((np.arange(LOWEST, LOWEST + 12 * OCTAVES) - 69) / 12)
    mels = 2595 * np.log10(1 + notes / 700)
    rows = mels / (2595 * np.log10(1 + FMAX / 700)) * (len(picture) + 1) - 1  # the filters' peaks are evenly apart
    below = np.floor(rows).astype(int)
    share = (rows - below)[:, None]
    level = (1 - picture[::-1] / np.float32(255)) ** 2  # the picture shows the fourth root of the magnitude
    strength = (1 - share) * level[below] + share * level[below + 1]
    strength = uniform_filter1d(strength, 8, axis=1, mode="wrap")
    summed = np.stack([strength.mean(axis=1), strength.max(axis=1)]).reshape(2, OCTAVES, 12)
    return (summed / (summed.max(axis=(1, 2), keepdims=True) + 1e-6)).astype(np.float32)


def views_of_renders(folder, seeds, *, minutes=None):
    """Compose, play and view pieces, and keep the views; goes on where an earlier call stopped.

    Parameters
    ----------
    folder : path
    seeds : sequence of int
        Of the wide corpus.
    minutes : float or None
        Stop after so long.

    Returns
    -------
    views, pieces : Views and list of Piece, or None and the number of pieces that are ready
    """
    folder, started = Path(folder), time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    parts, pieces = [], []
    for start in range(0, len(seeds), CHUNK):
        some = seeds[start : start + CHUNK]
        composed = [compose(seed, WIDE) for seed in some]
        # another composer would write other pieces for the same seeds
        path = folder / f"views-{some[0]}-{hashlib.sha256(repr(composed).encode()).hexdigest()[:8]}.npz"
        if not path.exists():
            if minutes is not None and time.monotonic() - started > 60 * minutes:
                return None, len(pieces)
            Views.join([Views.of(picture[None]) for _, picture in render_corpus(some, WIDE)]).save(path)
            print(f"  {start + len(some)} of {len(seeds)} rendered", flush=True)
        parts.append(Views.load(path))
        pieces += composed
    return Views.join(parts), pieces
