"""A quality meter: how far a sound is from the one it should be. Lower is better throughout.

None of these figures is a judgement by ear. Spectral convergence and the distances compare magnitudes, so they do not
punish a phase that is wrong but inaudible; the figures of envelopes.py show what 100 ms windows hide.
Taught in notebooks/01_spectrogram_encoding.ipynb.
"""

import warnings

import numpy as np
from PIL import Image
from scipy.signal import get_window, stft

from riffkit.listening.envelopes import attack_loss, envelope_error, paired, pre_echo
from riffkit.listening.stereo import panorama_error
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode, image_from_mel
from riffkit.sound.mel import mel_from_clip
from riffkit.sound.metadata import read_tags
from riffkit.sound.params import SpectrogramParams

FLOOR = 1e-5  # of the loudest magnitude: quieter than -100 dB counts as equal


def _magnitudes(samples: np.ndarray, n_fft: int, hop: int) -> np.ndarray:
    """|STFT|, Hann window, ends mirrored as in the codec, shape (channels, bins, frames)."""
    n_fft = min(n_fft, samples.shape[1])
    overlap = n_fft - min(hop, n_fft)
    boundary = "even" if n_fft > 1 else None
    return np.abs(
        stft(samples, window=get_window("hann", n_fft), nperseg=n_fft, noverlap=overlap, boundary=boundary)[2]
    )


def _ratio_db(error: np.ndarray, wanted: np.ndarray) -> float:
    """20 log10 of |error| / |wanted|; minus infinity for no error, infinity where something came for nothing."""
    off, size = np.linalg.norm(error), np.linalg.norm(wanted)
    if off == 0:
        return -np.inf
    return float(20 * np.log10(off / size)) if size > 0 else np.inf


def spectral_convergence(reference: Clip, found: Clip) -> float:
    """Spectral convergence: error of the STFT magnitudes (100 ms Hann window, 10 ms hop) over the reference, in dB.

    Parameters
    ----------
    reference, found : Clip
        The same sample rate and channels; the longer one is cut.

    References
    ----------
    Sturmel & Daudet, "Signal reconstruction from STFT magnitude: a state of the art", DAFx 2011.
    """
    a, b = paired(reference, found)
    window, hop = reference.sample_rate // 10, reference.sample_rate // 100
    wanted = _magnitudes(a, window, hop)
    return _ratio_db(_magnitudes(b, window, hop) - wanted, wanted)


def mel_convergence(reference: Clip, found: Clip, params: SpectrogramParams | None = None) -> float:
    """Spectral convergence of the mel magnitudes of a spectrogram picture, in dB.

    Parameters
    ----------
    reference, found : Clip
        The same sample rate and channels; the longer one is cut.
    params : SpectrogramParams or None
        None takes the defaults at the clips' rate.
    """
    params = SpectrogramParams(sample_rate=reference.sample_rate) if params is None else params
    paired(reference, found)
    wanted, got = mel_from_clip(reference, params), mel_from_clip(found, params)
    n = min(wanted.shape[2], got.shape[2])
    return _ratio_db(got[..., :n] - wanted[..., :n], wanted[..., :n])


def mel_log_distance(reference: Clip, found: Clip, n_fft: int = 2048, n_mels: int = 80) -> float:
    """Log-spectral distance of mel magnitudes (RMS over bands, mean over frames), in dB.

    Parameters
    ----------
    reference, found : Clip
        The same sample rate and channels; the longer one is cut.
    n_fft : int [samples]
        512 hears attacks, 8192 pitch.
    n_mels : int
        Bands up to 10 kHz.

    References
    ----------
    Gray & Markel, "Distance measures for speech processing", IEEE TASSP 1976 (the log-spectral distance).
    """
    import librosa

    a, b = paired(reference, found)
    top = min(10000, reference.sample_rate / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # short windows leave narrow filters empty: those are left out
        filters = librosa.filters.mel(
            sr=reference.sample_rate, n_fft=n_fft, n_mels=n_mels, fmax=top, htk=True, norm=None
        )
    filters = filters[filters.any(axis=1)]
    if a.shape[1] < n_fft:
        a, b = (np.pad(x, ((0, 0), (0, n_fft - x.shape[1]))) for x in (a, b))
    a, b = (filters @ _magnitudes(x, n_fft, n_fft // 4) for x in (a, b))
    floor = FLOOR * max(a.max(), 1e-9)
    difference = 20 * np.log10((b + floor) / (a + floor))
    return float(np.sqrt((difference**2).mean(axis=-2)).mean())


def multi_resolution_distance(reference: Clip, found: Clip) -> float:
    """Multi-resolution STFT distance: convergence plus log magnitudes, mean over windows of 512, 1024 and 2048 samples.

    Parameters
    ----------
    reference, found : Clip
        The same sample rate and channels; the longer one is cut.

    References
    ----------
    Yamamoto, Song & Kim, "Parallel WaveGAN", ICASSP 2020, eq. 6 (natural logarithm, means instead of sums).
    """
    a, b = paired(reference, found)
    distances = []
    for n_fft in (512, 1024, 2048):
        wanted, got = _magnitudes(a, n_fft, n_fft // 4), _magnitudes(b, n_fft, n_fft // 4)
        floor = FLOOR * max(wanted.max(), 1e-9)
        convergence = np.linalg.norm(got - wanted) / max(float(np.linalg.norm(wanted)), 1e-9)
        distances.append(convergence + np.abs(np.log((got + floor) / (wanted + floor))).mean())
    return float(np.mean(distances))


def grey_level_error(image: Image.Image, found: Clip, *, periodic: bool = False) -> float:
    """Mean |difference| in 8-bit grey levels between a picture and the picture of the sound it was turned into.

    Anyone can check it without the original sound: it is the round trip picture -> clip -> picture.

    Parameters
    ----------
    image : PIL.Image.Image
        With its tags.
    found : Clip
    periodic : bool
        Both are loops.
    """
    params, level, _ = read_tags(image)
    again = encode(found, params, periodic=periodic, level=level)
    a, b = np.asarray(image.convert("RGB")).astype(float), np.asarray(again.convert("RGB")).astype(float)
    n = min(a.shape[1], b.shape[1])
    used = slice(1, 3) if params.stereo else slice(0, 1)
    return float(np.abs(a[:, :n, used] - b[:, :n, used]).mean())


def seam_click(clip: Clip, place: float | None = None, above: float = 10500.0) -> float:
    """High-frequency energy within 12 ms of a place, against all energy there, in dB. Below -90 there is no click.

    Parameters
    ----------
    clip : Clip
    place : float or None [s]
        None takes the seam of the clip repeated.
    above : float [Hz]
        What counts as high.
    """
    samples, at, rate = _at_seam(clip, place)
    reach = round(0.012 * rate)
    piece = samples[:, at - reach : at + reach].astype(np.float64) * get_window(
        "blackmanharris", 2 * reach, fftbins=False
    )
    power = np.abs(np.fft.rfft(piece, 8 * reach, axis=1)) ** 2
    high = np.fft.rfftfreq(8 * reach, 1 / rate) > above
    total = power.sum()
    return float(10 * np.log10(power[:, high].sum() / total + 1e-15)) if total > 0 else -np.inf


def seam_flux(clip: Clip, place: float | None = None) -> float:
    """Spectral flux: the largest within 30 ms of a place over the median of the clip. About 1: no seam heard.

    Parameters
    ----------
    clip : Clip
    place : float or None [s]
        None takes the seam of the clip repeated.

    References
    ----------
    Dixon, "Onset detection revisited", DAFx 2006 (spectral flux; here both signs).
    """
    samples, at, rate = _at_seam(clip, place)
    hop, window = rate // 200, rate // 50
    change = np.abs(np.diff(_magnitudes(samples, window, hop), axis=2)).sum(axis=(0, 1))
    near = slice(max(round((at - 0.03 * rate) / hop), 0), round((at + 0.03 * rate) / hop))
    return float(change[near].max() / max(np.median(change), 1e-12))


def _at_seam(clip: Clip, place: float | None) -> tuple[np.ndarray, int, int]:
    """The clip (repeated if the place is its own seam), the place in samples, and the rate."""
    if place is None:
        return np.concatenate([clip.samples, clip.samples], axis=1), clip.samples.shape[1], clip.sample_rate
    return clip.samples, round(place * clip.sample_rate), clip.sample_rate


def mel_error_near(
    mel: np.ndarray,
    found: Clip,
    frames: np.ndarray | list[int],
    params: SpectrogramParams | None = None,
    *,
    periodic: bool = False,
) -> tuple[float, float]:
    """Spectral convergence of the mel magnitudes in some frames and elsewhere.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames)]
        What was wanted.
    found : Clip
    frames : array of int [frames]
        Their numbers; counted round the end if periodic.
    params : SpectrogramParams or None
        What the mel was made with; None is the defaults.
    periodic : bool
        Both are loops.

    Returns
    -------
    there, elsewhere : float, float [dB]
    """
    got = mel_from_clip(found, params, periodic=periodic)
    n = min(mel.shape[2], got.shape[2])
    inside = np.zeros(n, bool)
    inside[np.asarray(frames) % n] = True
    error, mel = got[..., :n] - mel[..., :n], mel[..., :n]
    return _ratio_db(error[..., inside], mel[..., inside]), _ratio_db(error[..., ~inside], mel[..., ~inside])


def report(reference: Clip, found: Clip, params: SpectrogramParams | None = None) -> dict[str, float]:
    """All figures of two clips that need no picture; of stereo clips those of stereo.py too.

    Parameters
    ----------
    reference, found : Clip
        The same sample rate and channels; the longer one is cut.
    params : SpectrogramParams or None
        None takes the defaults at the clips' rate.

    Returns
    -------
    dict {name (unit): number}
    """
    params = SpectrogramParams(sample_rate=reference.sample_rate) if params is None else params
    mel = mel_from_clip(reference, params)
    mel = mel if mel.shape[0] == params.channels else mel.mean(axis=0, keepdims=True)
    return {
        "spectral convergence (dB)": spectral_convergence(reference, found),
        "mel convergence (dB)": mel_convergence(reference, found, params),
        "grey levels": grey_level_error(image_from_mel(mel, params), found),
        "log distance 512 (dB)": mel_log_distance(reference, found, 512),
        "log distance 2048 (dB)": mel_log_distance(reference, found, 2048),
        "log distance 8192 (dB)": mel_log_distance(reference, found, 8192),
        "multi-resolution distance": multi_resolution_distance(reference, found),
        "envelope error (dB)": envelope_error(reference, found),
        "pre-echo (dB)": pre_echo(reference, found),
        "attack loss (dB)": attack_loss(reference, found),
    } | (_of_two_channels(reference, found) if reference.n_channels == 2 else {})


def _of_two_channels(reference: Clip, found: Clip) -> dict[str, float]:
    mix = spectral_convergence(reference.mono(), found.mono())
    return {"mono mix, spectral convergence (dB)": mix} | panorama_error(reference, found)
