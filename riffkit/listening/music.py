"""What can be counted in music without anybody who learnt to listen: tempo, beginnings of notes, pitches, key.

Tempo is found in three ways, each for its own material: `tracked_bpm` hears a loop as it sounds over and over,
`find_beats` a recording with its beats, `beat_columns` sees the pulse of a picture. Keys are all found by `key_of`.

What is not said to be for recordings hears a clip as a loop: riffs are loops, and in longer pieces one seam does not
matter. None of these figures is right every time, not even on music that was played from notes. So measure real music
too, and compare. Taught in notebooks/06_measuring.ipynb.
"""

import math

import numpy as np

from riffkit.compose.score import KEYS, SCALES
from riffkit.sound.clip import Clip
from riffkit.sound.params import SpectrogramParams

SAMPLE_RATE = 44100  # of what pitches are found in
RATE, HOP = 22050, 256  # of the onset strength: 5.12 s are 441 hops exactly
AROUND = 16 * HOP  # of the other end that is heard before each end
RELATIVES = (1 / 2, 2)  # one may tap one's foot half or twice as often
# How well each semitone above the root fits (Krumhansl, "Cognitive foundations of musical pitch", 1990).
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}


def onset_strength(clip: Clip) -> np.ndarray:
    """Onset strength (spectral flux): how suddenly a clip gets louder, in all bands together.

    Parameters
    ----------
    clip : Clip
        Of any length and sample rate; channels are mixed down.

    Returns
    -------
    np.ndarray [shape=(n_frames,), >= 0]
        One number for 256 samples at 22,050 Hz, that is for 11.6 ms; an end that fills no frame is left away.

    References
    ----------
    Boeck & Widmer, "Maximum filter vibrato suppression for onset detection", 2013, as librosa has it.
    """
    import librosa

    sound = librosa.resample(clip.mono().samples[0], orig_sr=clip.sample_rate, target_sr=RATE, res_type="soxr_qq")
    n_frames = max(len(sound) // HOP, 1)
    sound = np.pad(sound, (0, max(n_frames * HOP - len(sound), 0)))[: n_frames * HOP]
    strength = librosa.onset.onset_strength(y=np.pad(sound, AROUND, mode="wrap"), sr=RATE, hop_length=HOP)
    return strength[AROUND // HOP : AROUND // HOP + n_frames]


def tracked_bpm(strength: np.ndarray) -> float:
    """Tempo of a loop in beats per minute, by librosa's beat tracker on three rounds.

    Parameters
    ----------
    strength : np.ndarray [shape=(n_frames,)]
        From `onset_strength`.

    Returns
    -------
    float [bpm]
        0 where it hears no beat.

    References
    ----------
    Ellis, "Beat tracking by dynamic programming", 2007.
    """
    import librosa

    tempo, _ = librosa.beat.beat_track(onset_envelope=np.tile(strength, 3), sr=RATE, hop_length=HOP)
    return float(np.squeeze(tempo))


def find_beats(clip: Clip) -> tuple[float, list[float]]:
    """Tempo and beats of a recording, by librosa's beat tracker.

    Parameters
    ----------
    clip : Clip
        Of any length and sample rate; channels are mixed down.

    Returns
    -------
    bpm, beats : float [bpm], list of float [s]

    Raises
    ------
    ValueError
        If there is no pulse to be found.

    References
    ----------
    Ellis, "Beat tracking by dynamic programming", 2007.
    """
    import librosa

    samples = clip.mono().samples[0]
    if np.abs(samples).max() == 0:
        raise ValueError("the recording is silent: it has no tempo")
    tempo, beats = librosa.beat.beat_track(y=samples, sr=clip.sample_rate, units="time")
    bpm = float(np.atleast_1d(tempo)[0])
    if not bpm > 0 or len(beats) == 0:
        raise ValueError("no tempo was found in the recording; pass bpm and start")
    if len(beats) > 3:  # finer than the tracker's grid of frames
        bpm = 60 * (len(beats) - 1) / (beats[-1] - beats[0])
    return bpm, list(beats)


def beat_columns(pixels: np.ndarray, params: SpectrogramParams) -> float:
    """Beat period of a picture, by the autocorrelation of where it darkens.

    Parameters
    ----------
    pixels : np.ndarray [shape=(n_mels, n_frames), uint8]
    params : SpectrogramParams
        For the tempo that a period means.

    Returns
    -------
    float [columns from beat to beat]

    Raises
    ------
    ValueError
        If there is no pulse to be found.
    """
    darkness = 255.0 - pixels.astype(np.float32)
    onset = np.maximum(np.diff(darkness, axis=1), 0).mean(0)
    onset -= onset.mean()
    n = len(onset)
    spectrum = np.abs(np.fft.rfft(onset, 2 * n)) ** 2
    correlation = np.fft.irfft(spectrum)[:n] / np.arange(n, 0, -1)
    lags = np.arange(n)
    bpm = 60000 / params.hop_ms / np.maximum(lags, 1)
    prior = np.exp(-0.5 * (np.log2(bpm / 110) / 0.9) ** 2)  # people tap around 110
    scored = np.where((bpm >= 40) & (bpm <= 240) & (lags < 0.8 * n), correlation * prior, -np.inf)
    best = int(np.argmax(scored))
    if not np.isfinite(scored[best]) or correlation[best] <= 0:
        raise ValueError("no tempo was found in a recording; leave align out, or cut it to bars with cut_seed")
    if 0 < best < n - 1:  # parabola through the peak
        a, b, c = correlation[best - 1 : best + 2]
        if a - 2 * b + c < 0:
            return best + 0.5 * (a - c) / (a - 2 * b + c)
    return float(best)


def tempo_agrees(found: float, wanted: float, tolerance: float = 0.04) -> tuple[bool, bool]:
    """Tell whether a tempo is the one wanted.

    Parameters
    ----------
    found, wanted : float [bpm]
    tolerance : float [share of the wanted one]

    Returns
    -------
    so, related : bool, bool
        Exactly so; or so, half or double.
    """
    close = [abs(found / (wanted * factor) - 1) <= tolerance for factor in (1, *RELATIVES)]
    return close[0], any(close)


def onset_times(strength: np.ndarray) -> np.ndarray:
    """Onset times of a loop, by librosa's peak picking, also at the seam.

    Parameters
    ----------
    strength : np.ndarray [shape=(n_frames,)]
        From `onset_strength`.

    Returns
    -------
    np.ndarray [shape=(n,), s, rising]
    """
    import librosa

    n = len(strength)
    peaks = librosa.onset.onset_detect(onset_envelope=np.tile(strength, 3), sr=RATE, hop_length=HOP, units="frames")
    return (peaks[(peaks >= n) & (peaks < 2 * n)] - n) * HOP / RATE


def share_on_grid(onsets: np.ndarray, step: float, tolerance: float = 0.02) -> tuple[float, float]:
    """How many onsets lie near a grid, wherever its first line is, and how many would by chance.

    Parameters
    ----------
    onsets : np.ndarray [shape=(n,), s]
        From `onset_times`.
    step : float [s]
        From line to line: of sixteenths, a quarter of a beat.
    tolerance : float [s]
        How near.

    Returns
    -------
    share, chance : float, float [0..1]
        The share is NaN where there is no onset.
    """
    chance = min(1.0, 2 * tolerance / step)
    if not len(onsets):
        return math.nan, chance
    turns = np.exp(2j * np.pi * np.asarray(onsets, float) / step)
    off = np.angle(turns * np.conj(turns.mean())) / (2 * np.pi) * step
    return float((np.abs(off) <= tolerance).mean()), chance


def pitches_of(clip: Clip) -> np.ndarray:
    """How strongly each semitone sounds.

    Spectral peaks between 60 and 2,000 Hz, in windows of 0.37 s; each counts for the nearest semitone, and so do the
    overtones of a note.

    Parameters
    ----------
    clip : Clip
        As in `onset_strength`.

    Returns
    -------
    np.ndarray [shape=(128,), >= 0]
        By MIDI number: 69 is the A of 440 Hz, 60 the middle C.
    """
    size, hop = 16384, 4096
    samples = clip.mono().resample(SAMPLE_RATE).samples[0]
    around = np.pad(samples, (0, size), mode="wrap")
    frames = np.lib.stride_tricks.sliding_window_view(around, size)[: len(samples) : hop]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1))
    hertz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    low, high = np.searchsorted(hertz, (60, 2000))
    middle = magnitude[:, low:high]
    peaks = (middle > magnitude[:, low - 1 : high - 1]) & (middle >= magnitude[:, low + 1 : high + 1])
    strength = np.where(peaks, middle, 0).sum(axis=0)
    numbers = np.rint(12 * np.log2(hertz[low:high] / 440) + 69).astype(int)
    return np.bincount(numbers, weights=strength, minlength=128)


def chroma_of(clip: Clip) -> np.ndarray:
    """Chroma: how strongly each pitch class sounds, whatever its octave, adding up to 1 (0 in silence).

    Parameters
    ----------
    clip : Clip

    Returns
    -------
    np.ndarray [shape=(12,), 0..1, from C]
    """
    pitches = pitches_of(clip)
    chroma = np.bincount(np.arange(128) % 12, weights=pitches)
    return chroma / max(chroma.sum(), 1e-9)


def pitch_height(clip: Clip) -> float:
    """The MIDI number about which a `clip` sounds: the mean of `pitches_of`; NaN in silence."""
    pitches = pitches_of(clip)
    return float((pitches * np.arange(128)).sum() / pitches.sum()) if pitches.any() else math.nan


def key_of(chroma: np.ndarray) -> tuple[int, str]:
    """The key that fits best (Krumhansl-Schmuckler): a guess that often takes a key for its relative.

    Parameters
    ----------
    chroma : np.ndarray [shape=(12,), from C]

    Returns
    -------
    root, mode : int [0..11, from C], "major" or "minor"
    """
    fits = {}
    with np.errstate(invalid="ignore"):  # what is the same everywhere, or silent, fits nothing
        for mode, profile in PROFILES.items():
            for root in range(12):
                fits[root, mode] = np.corrcoef(np.roll(profile, root), chroma)[0, 1]
    return max(fits, key=lambda key: np.nan_to_num(fits[key], nan=-1.0))


def find_key(clip: Clip) -> str | None:
    """The most likely key of a recording in words, such as "A minor".

    Parameters
    ----------
    clip : Clip
        As in `find_beats`.

    Returns
    -------
    str or None
        None for silence.
    """
    import librosa

    chroma = librosa.feature.chroma_stft(y=clip.mono().samples[0], sr=clip.sample_rate).mean(1)
    if not chroma.std() > 0:
        return None
    root, mode = key_of(chroma)
    return f"{KEYS[root].capitalize()} {mode}"


def share_on_scale(chroma: np.ndarray, root: int, mode: str) -> float:
    """How much of the sound lies on the seven notes of a key (0..1); evenly spread energy gives 0.583.

    Parameters
    ----------
    chroma : np.ndarray [shape=(12,), 0..1, from C]
        From `chroma_of`.
    root : int [0..11, from C]
    mode : str
        "major" or "minor".
    """
    return float(chroma[[(root + degree) % 12 for degree in SCALES[mode]]].sum())


def best_share_on_scale(chroma: np.ndarray) -> float:
    """`share_on_scale` of a `chroma` for the scale that fits best (0..1)."""
    return max(share_on_scale(chroma, root, "major") for root in range(12))  # minor scales are the same twelve sets
