"""What can be measured on a sound without a learnt judge: tempo, key, notes in the scale, onsets on the beat, likeness.

Each knows the loops it is made for: 5.12 s at 44.1 kHz, time a circle. `benchmarks.model` prints them for real renders
too, because none of them is perfect on those.
"""

import math

import numpy as np

from riffkit.training.score import LOOP_SECONDS, SCALES

SAMPLE_RATE = 44100
RATE, HOP, FRAMES = 22050, 256, 441  # of the onset strength: 5.12 s are 441 hops
RELATIVES = (1 / 2, 2)  # one may tap one's foot half or twice as often
# How well each degree above the root fits (Krumhansl, "Cognitive foundations of musical pitch", 1990).
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def onset_strength_of(loop):
    """How suddenly the loop gets louder, time being a circle.

    Parameters
    ----------
    loop : np.ndarray [shape=(225792,), float32, 44.1 kHz]

    Returns
    -------
    np.ndarray [shape=(441,), >= 0]
        Frames of 256 samples at 22,050 Hz: a loop holds them exactly.
    """
    import librosa

    sound = librosa.resample(np.asarray(loop), orig_sr=SAMPLE_RATE, target_sr=RATE, res_type="soxr_qq")[: FRAMES * HOP]
    sound = np.pad(sound, (0, FRAMES * HOP - len(sound)))
    around = np.concatenate([sound[-16 * HOP :], sound, sound[: 16 * HOP]])
    return librosa.onset.onset_strength(y=around, sr=RATE, hop_length=HOP)[16 : 16 + FRAMES]


def tracked_bpm(strength):
    """Beats per minute by librosa's beat tracker, on the loop played three times.

    Parameters
    ----------
    strength : np.ndarray [shape=(441,)]
        From `onset_strength_of`.

    Returns
    -------
    float
        0 where it hears no beat.

    References
    ----------
    Ellis, "Beat tracking by dynamic programming", 2007.
    """
    import librosa

    tempo, _ = librosa.beat.beat_track(onset_envelope=np.tile(strength, 3), sr=RATE, hop_length=HOP)
    return float(np.squeeze(tempo))


def tempo_agrees(found, wanted, tolerance=0.04):
    """Is a tempo the one wanted, within 4 %: (exactly so; or so, half or double)."""
    close = [abs(found / (wanted * factor) - 1) <= tolerance for factor in (1, *RELATIVES)]
    return close[0], any(close)


def chroma_of(loop):
    """How strongly each pitch class sounds, from C, adding up to 1 [shape=(12,)].

    Spectral peaks between 60 and 2,000 Hz, in windows of 0.37 s; each counts for the nearest semitone.
    """
    size, hop = 16384, 4096
    frames = np.lib.stride_tricks.sliding_window_view(np.concatenate([loop, loop[:size]]), size)[: len(loop) : hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    low, high = np.searchsorted(hertz, (60, 2000))
    middle = magnitude[:, low:high]
    peaks = (middle > magnitude[:, low - 1 : high - 1]) & (middle >= magnitude[:, low + 1 : high + 1])
    strength = np.where(peaks, middle, 0).sum(axis=0)
    semitone = np.rint(12 * np.log2(hertz[low:high] / 440) + 69).astype(int) % 12
    chroma = np.bincount(semitone, weights=strength, minlength=12)
    return chroma / max(chroma.sum(), 1e-9)


def key_of(chroma):
    """The key that fits best: (pitch class of the root, "major" or "minor")."""
    fits = {}
    for mode, profile in PROFILES.items():
        for root in range(12):
            fits[root, mode] = np.corrcoef(np.roll(profile, root), chroma)[0, 1]
    return max(fits, key=lambda key: np.nan_to_num(fits[key], nan=-1.0))


def share_on_scale(chroma, root, mode):
    """How much of the sound lies on the seven notes of a key (0..1); evenly spread energy gives 0.583."""
    return float(chroma[[(root + degree) % 12 for degree in SCALES[mode]]].sum())


def best_share_on_scale(chroma):
    """The same for the scale that fits best."""
    return max(share_on_scale(chroma, root, "major") for root in range(12))  # minor scales are the same twelve sets


def onsets_of(strength):
    """Times [s] at which something begins, by librosa's peak picking on `onset_strength_of`, also at the seam."""
    import librosa

    peaks = librosa.onset.onset_detect(onset_envelope=np.tile(strength, 3), sr=RATE, hop_length=HOP, units="frames")
    return (peaks[(peaks >= FRAMES) & (peaks < 2 * FRAMES)] - FRAMES) * HOP / RATE


def share_on_grid(onsets, beats, tolerance=0.02):
    """How many onsets lie within 20 ms of a sixteenth note, wherever the first one is, and how many would by chance.

    Parameters
    ----------
    onsets : np.ndarray [shape=(n,), s]
    beats : int
        In the loop.
    tolerance : float [s]

    Returns
    -------
    share, chance : float, float [0..1]
        The share is NaN where there is no onset.
    """
    step = LOOP_SECONDS / beats / 4
    chance = min(1.0, 2 * tolerance / step)
    if not len(onsets):
        return math.nan, chance
    turns = np.exp(2j * np.pi * np.asarray(onsets, float) / step)
    off = np.angle(turns * np.conj(turns.mean())) / (2 * np.pi) * step
    return float((np.abs(off) <= tolerance).mean()), chance


def frechet_distance(a, b):
    """Distance between two clouds of vectors, as if both were Gaussian: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^0.5).

    Compare only at equal numbers of vectors: small clouds seem farther apart than they are.

    Parameters
    ----------
    a, b : np.ndarray [shape=(n, d)]

    References
    ----------
    Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", 2017.
    """
    between = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    c1, c2 = np.cov(a.T), np.cov(b.T)
    # The trace of the root of C1 C2 is the sum of the roots of its eigenvalues, real and not negative in theory.
    eigenvalues = np.linalg.eigvals(c1 @ c2).real
    return float(between + np.trace(c1) + np.trace(c2) - 2 * np.sqrt(np.maximum(eigenvalues, 0)).sum())


def nearest_distances(pictures, library, chunk=512):
    """Distance of each picture to the most similar one of a library, wherever either loop begins.

    Parameters
    ----------
    pictures, library : np.ndarray [shape=(n, 512, 512) and (m, 512, 512), uint8]
        The library may be a memory map.

    Returns
    -------
    distances, indices : np.ndarray [shape=(n,)], np.ndarray [shape=(n,), int]
        Root-mean-square grey levels (0..255) between 32 x 64 miniatures, at the best turn of one of them.
    """
    small = _miniatures(pictures)
    waves, energy = np.fft.rfft(small, axis=2), (small**2).sum(axis=(1, 2))
    best, where = np.full(len(small), np.inf), np.zeros(len(small), int)
    for start in range(0, len(library), chunk):
        some = _miniatures(np.asarray(library[start : start + chunk]))
        others, other_energy = np.fft.rfft(some, axis=2).conj(), (some**2).sum(axis=(1, 2))
        for i in range(len(small)):
            overlap = np.fft.irfft((waves[i] * others).sum(axis=1), some.shape[2], axis=1).max(axis=1)
            distance = energy[i] + other_energy - 2 * overlap
            nearest = int(distance.argmin())
            if distance[nearest] < best[i]:
                best[i], where[i] = distance[nearest], start + nearest
    return np.sqrt(np.maximum(best, 0) / small[0].size), where


def _miniatures(pictures):
    n, rows, columns = pictures.shape
    return pictures.reshape(n, 32, rows // 32, 64, columns // 64).mean(axis=(2, 4), dtype=np.float32)
