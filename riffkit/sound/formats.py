"""Pictures of sister projects: the same idea with other scales.

- "riffusion": Riffusion's and ours (image.py), with or without tags.
- "sd-webui": sd-webui-riffusion, ComfyUI-Riffusion and riffusion-manipulation. Riffusion's geometry without tags, and a
  fixed scale: black is (50)^4 in 16-bit units, whatever the picture's loudest cell was. Nothing in the pixels tells it
  from an untagged Riffusion picture, so it must be named.
- "audio-diffusion": teticio/audio-diffusion. Slaney mels of the power in decibels, 80 dB from white to black, loud is
  *bright*, low frequencies at the *top*; 22,050 Hz, window 2048, hop 512.
"""

from typing import Unpack

import numpy as np
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.files import image_of
from riffkit.sound.image import mel_from_image
from riffkit.sound.inversion import InversionKeywords, clip_from_mel
from riffkit.sound.mel import mel_filters
from riffkit.sound.metadata import INT16, USUAL_LEVEL, Picture, params_from_image, tags_of
from riffkit.sound.params import SpectrogramParams

DIALECTS = ("riffusion", "sd-webui", "audio-diffusion")
WEBUI_LEVEL = 50.0**4 / INT16
AD_RATE, AD_WINDOW, AD_HOP, AD_RANGE_DB = 22050, 2048, 512, 80.0


def recognise_dialect(image: Picture) -> str:
    """Guess the dialect of a picture: "audio-diffusion" if it is grey, untagged, mostly dark and bright at the top.

    Everything else is taken as "riffusion"; "sd-webui" cannot be told from it.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path

    Returns
    -------
    str [one of DIALECTS]
    """
    image = image_of(image)
    if image.mode != "L" or "sample_rate" in (tags_of(image) or {}) or image.height < 4:
        return "riffusion"
    pixels = np.asarray(image)
    quarter = len(pixels) // 4
    bright_top = pixels[:quarter].mean() > pixels[-quarter:].mean()
    return "audio-diffusion" if bright_top and np.median(pixels) < 128 else "riffusion"


def mel_from_dialect(image: Picture, dialect: str = "auto") -> tuple[np.ndarray, SpectrogramParams]:
    """Read a sister project's picture.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
    dialect : str
        "auto" guesses with `recognise_dialect`.

    Returns
    -------
    mel, params : np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0], SpectrogramParams
        For "audio-diffusion" the bands are read at 256 of ours by interpolation: an approximation, good enough to play.

    Raises
    ------
    ValueError
        If the dialect is unknown.
    """
    image = image_of(image)
    dialect = recognise_dialect(image) if dialect == "auto" else dialect
    if dialect not in DIALECTS:
        raise ValueError(f"dialect is {dialect!r}; expected 'auto' or one of {', '.join(DIALECTS)}")
    if dialect == "audio-diffusion":
        return _from_audio_diffusion(image)
    params = params_from_image(image)
    mel = mel_from_image(image, params)
    if dialect == "sd-webui":
        mel = mel * np.float32(WEBUI_LEVEL / USUAL_LEVEL)  # untagged pictures are read with black at the usual level
    return mel, params


def _from_audio_diffusion(image: Image.Image) -> tuple[np.ndarray, SpectrogramParams]:
    import librosa

    pixels = np.asarray(image.convert("L")).astype(np.float32)
    n_rows = len(pixels)
    power = np.where(pixels > 0, 10 ** ((pixels / 255 - 1) * AD_RANGE_DB / 10), 0)  # black is silence
    filters = librosa.filters.mel(sr=AD_RATE, n_fft=AD_WINDOW, n_mels=n_rows)
    magnitude = np.sqrt(power / np.maximum(filters.sum(axis=1, keepdims=True), 1e-9))  # of a bin under the triangle
    centres = librosa.mel_frequencies(n_mels=n_rows + 2, fmax=AD_RATE / 2)[1:-1]
    params = SpectrogramParams(
        sample_rate=AD_RATE,
        hop_ms=1000 * AD_HOP / AD_RATE,
        window_ms=1000 * AD_WINDOW / AD_RATE,
        padded_ms=1000 * AD_WINDOW / AD_RATE,
        n_mels=256,
        fmax=AD_RATE / 2,
    )
    ours = mel_filters(params)
    bins = np.arange(ours.shape[1]) * AD_RATE / params.n_fft
    spread = np.stack([np.interp(bins, centres, column) for column in magnitude.T], axis=1)
    mel = (ours @ spread).astype(np.float32)
    return mel[None] * np.float32(32.0 / max(float(mel.max()), 1e-9) if mel.any() else 1), params


def decode_dialect(image: Picture, dialect: str = "auto", **options: Unpack[InversionKeywords]) -> Clip:
    """Turn a sister project's picture into sound, its peak at -1 dBFS.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
    dialect : str
        As in `mel_from_dialect`.
    options
        Those of `clip_from_mel` (quality, periodic, seed, progress ...).

    Returns
    -------
    Clip

    Raises
    ------
    ValueError
        If the dialect is unknown.
    """
    mel, params = mel_from_dialect(image, dialect)
    clip = clip_from_mel(mel, params, **options)
    peak = clip.peak()
    return clip if peak == 0 else Clip(clip.samples * np.float32(10 ** (-1 / 20) / peak), clip.sample_rate)
