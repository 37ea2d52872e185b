"""What the judge hears of a stereo loop: four small views, all made from the sound, whatever picture it came from.

Pictures of both channels and of the side, squeezed to 128 x 128, say timbre and production; how regularly bands get
louder says tempo; how strong each semitone is says key; levels and coherence by band say where it is heard.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from scipy.ndimage import uniform_filter1d

from riffkit.compose.rendering import PARAMS
from riffkit.compose.sounding.loops import LOOP_SAMPLES, SAMPLE_RATE
from riffkit.compose.sounding.picture import picture_of

SIDE = 128  # rows and columns of the squeezed pictures
SMALL = 64  # of those in which copies are looked for
BANDS, CYCLES = 8, 128  # of the rhythm, and up to how many events a loop are counted
LOWEST, OCTAVES = 36, 6  # MIDI note of the lowest semitone (65 Hz), and how many octaves from there
EDGES = (60.0, 250.0, 1000.0, 4000.0, 9000.0, 16000.0)  # Hz, of the bands of the panorama
WIDE_BANDS = len(EDGES) - 1
WINDOW = 4096  # samples, in which coherence is found
FADE = 661  # samples (15 ms) of clips that are no loops
SHAPES = {
    "timbre": ((2, SIDE, SIDE), np.uint8),
    "rhythm": ((BANDS, CYCLES + 1), np.float32),
    "pitch": ((2, OCTAVES, 12), np.float32),
    "space": ((4, WIDE_BANDS), np.float32),
    "small": ((2, SMALL, SMALL), np.uint8),
}


@dataclass(frozen=True)
class Views:
    """What is heard of n loops, each of the shapes in `SHAPES`. `small` is for copies, not for the judge."""

    timbre: np.ndarray
    rhythm: np.ndarray
    pitch: np.ndarray
    space: np.ndarray
    small: np.ndarray

    def __len__(self):
        return len(self.timbre)

    def __getitem__(self, chosen):
        return Views(**{name: getattr(self, name)[chosen] for name in SHAPES})

    @classmethod
    def of(cls, loops):
        """Views of loops [each shape=(2, 225792)]."""
        return cls.join([_view(loop) for loop in loops])

    @classmethod
    def join(cls, parts):
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in SHAPES})

    def save(self, path):
        new = path.with_suffix(".new.npz")
        np.savez(new, **vars(self))
        new.replace(path)

    @classmethod
    def load(cls, path):
        with np.load(path) as file:
            return cls(**{name: file[name] for name in SHAPES})


def looped(clip):
    """Samples [shape=(2, 225792), float32] of any clip: mono on both sides, at 44.1 kHz, cut or padded to 5.12 s.

    What is no loop of that length already is faded at both ends, or the views would hear a click where they meet.
    """
    whole = clip.resample(SAMPLE_RATE).samples[:2]
    samples = whole[:, :LOOP_SAMPLES]
    if whole.shape[1] != LOOP_SAMPLES:
        fade = np.sin(np.linspace(0, np.pi / 2, min(FADE, samples.shape[1] // 2), dtype=np.float32)) ** 2
        level = np.ones(samples.shape[1], np.float32)
        level[: len(fade)], level[len(level) - len(fade) :] = fade, fade[::-1]
        samples = np.pad(samples * level, ((0, 0), (0, LOOP_SAMPLES - samples.shape[1])))
    return np.repeat(samples, 2, axis=0) if len(samples) == 1 else samples


def _view(loop):
    loop = np.nan_to_num(np.asarray(loop, np.float32), posinf=0, neginf=0)
    pictures = picture_of(loop, PARAMS)
    both = pictures.mean(axis=0, dtype=np.float32)
    side = picture_of(np.stack([loop[0] + loop[1], loop[0] - loop[1]]) / 2, PARAMS)[1]
    squeezed = np.stack([_squeezed(both, SIDE), _squeezed(side, SIDE)])
    return Views(
        np.rint(squeezed).astype(np.uint8)[None],
        rhythm_of(both)[None],
        pitch_of(both, PARAMS)[None],
        space_of(loop)[None],
        np.rint(np.stack([_squeezed(picture, SMALL) for picture in pictures])).astype(np.uint8)[None],
    )


def _squeezed(picture, side):
    rows, columns = picture.shape
    return picture.reshape(side, rows // side, side, columns // side).mean(axis=(1, 3), dtype=np.float32)


def rhythm_of(picture):
    """How regularly bands of a picture get louder: Fourier series, so that it does not matter where a loop begins.

    Parameters
    ----------
    picture : np.ndarray [shape=(512, 512), 0..255]

    Returns
    -------
    np.ndarray [shape=(8, 129), float32]
        By band, from low to high: how much happens, then the strengths of 1 to 128 events a loop.
    """
    level = 1 - picture[::-1] / np.float32(255)
    rises = np.maximum(level - np.roll(level, 2, axis=1), 0).reshape(BANDS, -1, picture.shape[1]).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(rises - rises.mean(axis=1, keepdims=True)))[:, 1 : CYCLES + 1]
    spectrum /= np.linalg.norm(spectrum, axis=1, keepdims=True) + 1e-3
    amount = np.log(rises.mean(axis=1, keepdims=True) + 1e-3) + 5
    return np.hstack([amount, 4 * spectrum]).astype(np.float32)


def pitch_of(picture, params):
    """How strong each semitone from C2 to B7 is, on average and at its strongest.

    Parameters
    ----------
    picture : np.ndarray [shape=(n_mels, n_frames), 0..255]
        With white for silence.
    params : SpectrogramParams
        Of the picture.

    Returns
    -------
    np.ndarray [shape=(2, 6, 12), float32, 0..1]
        Octaves from low to high, pitch classes from C.
    """
    notes = 440 * 2 ** ((np.arange(LOWEST, LOWEST + 12 * OCTAVES) - 69) / 12)
    rows = np.clip(params.row_of(notes), 0, len(picture) - 1.001)
    below = np.floor(rows).astype(int)
    share = (rows - below)[:, None]
    level = (1 - picture[::-1] / np.float32(255)) ** (0.5 / params.contrast)  # the root of the magnitude
    strength = (1 - share) * level[below] + share * level[below + 1]
    strength = uniform_filter1d(strength, 8, axis=1, mode="wrap")
    strength = np.maximum(strength - uniform_filter1d(strength, 7, axis=0), 0)  # what stands out: drums have no pitch
    summed = np.stack([strength.mean(axis=1), strength.max(axis=1)]).reshape(2, OCTAVES, 12)
    return (summed / (summed.max(axis=(1, 2), keepdims=True) + 1e-6)).astype(np.float32)


def space_of(loop):
    """Where a loop is heard, in five bands from 60 Hz to 16 kHz.

    Parameters
    ----------
    loop : np.ndarray [shape=(2, n), float32]

    Returns
    -------
    np.ndarray [shape=(4, 5), float32, -1..1]
        Balance (1 is left), width (the side's share), coherence, and level beside the loudest band; of width and level
        0 dB is 1, -60 dB is 0.
    """
    left, right = scipy.fft.rfft(np.asarray(loop, np.float32))
    hertz = np.fft.rfftfreq(loop.shape[1], 1 / SAMPLE_RATE)
    cuts = np.searchsorted(hertz, EDGES)

    def energy(spectrum):
        return np.array([(np.abs(spectrum[a:b]) ** 2).sum() for a, b in zip(cuts[:-1], cuts[1:], strict=True)])

    of_left, of_right, side = energy(left), energy(right), energy(left - right) / 2
    whole = of_left + of_right
    loudest = max(float(whole.max()), 1e-9)
    none = 1e-7 * loudest  # a band at -70 dB is silent, and its balance says nothing
    level = np.clip(1 + np.log10(np.maximum(whole / loudest, 1e-9)) / 6, 0, 1)
    balance = (of_left - of_right) / (whole + none)
    width = np.clip(1 + np.log10(np.maximum(side / (whole + none), 1e-9)) / 6, 0, 1)
    return np.stack([balance, width, _coherence(loop), level]).astype(np.float32)


def _coherence(loop):
    """`riffkit.listening.stereo.band_coherence` round the loop, in single precision and a fifth of its time."""
    around = np.pad(loop, ((0, 0), (0, WINDOW)), mode="wrap")
    frames = np.lib.stride_tricks.sliding_window_view(around, WINDOW, axis=1)[:, : loop.shape[1] : WINDOW // 2]
    left, right = scipy.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32))
    own = [(np.abs(spectra) ** 2).sum(axis=0) for spectra in (left, right)]
    found = np.abs((left * right.conj()).sum(axis=0)) ** 2 / np.maximum(own[0] * own[1], 1e-20)
    cuts = np.searchsorted(scipy.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE), EDGES)
    return np.array([found[a:b].mean() for a, b in zip(cuts[:-1], cuts[1:], strict=True)])
