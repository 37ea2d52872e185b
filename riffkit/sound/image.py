"""Mel magnitudes as pictures and back, in Riffusion's exact format; and sound to picture to sound in one call.

Low frequencies at the bottom, loud is dark; mono has three equal channels, stereo has red 0, green left, blue right.
The parameters travel as EXIF tags 11000 to 11080, which PNG, JPEG and WEBP keep. What Riffusion does not know (rounding
or the recipe of a riff) is JSON in a PNG text chunk named "riffkit": its reader chokes on tags that are not its own.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from riffkit.progress import Progress, report, shown
from riffkit.sound.clip import Clip, Sound, clip_of
from riffkit.sound.display import show_pictures
from riffkit.sound.files import duration_of, names_file
from riffkit.sound.inversion import Inversion, check_mel, invert
from riffkit.sound.mel import LONG, mel_columns
from riffkit.sound.metadata import USUAL_LEVEL, Picture, write_tags
from riffkit.sound.params import SpectrogramParams
from riffkit.sound.pixels import COLUMNS, checked_level, draw, read
from riffkit.sound.stretches import LONG as LONG_SOUND
from riffkit.sound.stretches import LongSound


def image_from_mel(
    mel: np.ndarray,
    params: SpectrogramParams,
    *,
    level: float | None = None,
    rounding: bool = False,
    metadata: dict[str, Any] | None = None,
) -> Image.Image:
    """Draw mel magnitudes as an 8-bit picture, low frequencies at the bottom, loud is dark.

    Lossy: magnitudes are divided by the largest one, raised to `params.contrast` and cut down to 256 levels.

    Parameters
    ----------
    mel : np.ndarray [shape=(channels, n_mels, n_frames), >= 0]
        One channel, or two if `params.stereo`. Silence is allowed and gives a white picture.
    params : SpectrogramParams
        Written into the picture, so that `mel_from_image` needs nothing else.
    level : float or None [>= 0]
        The magnitude that is drawn black; None takes the largest. A common level keeps the loudness between clips.
    rounding : bool
        Round to the nearest grey instead of cutting off as Riffusion does: half the error, and pixels that may differ
        from Riffusion's by one. Marked in the picture.
    metadata : dict or None
        More JSON to travel with the picture (PNG only).

    Returns
    -------
    PIL.Image.Image [mode "RGB", size=(n_frames, n_mels); grey "L" beyond 65535 mono frames]

    Raises
    ------
    ValueError
        If `mel` holds NaN, infinity or negative values, or has another shape than `params` says.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    mel = check_mel(mel, params)
    if mel.shape[0] != params.channels:
        raise ValueError(
            f"mel has {mel.shape[0]} channels; expected {params.channels} with stereo={params.stereo} "
            f"(use mel.mean(axis=0, keepdims=True), or replace(params, stereo=...))"
        )
    level = mel.max() if level is None else level
    return draw(lambda c, a, b: mel[c, :, a:b], mel.shape[2], params, level=level, rounding=rounding, metadata=metadata)


def image_from_pixels(
    pixels: np.ndarray, params: SpectrogramParams, level: float | None = None, *, mode: str | None = "RGB"
) -> Image.Image:
    """Pixels as a spectrogram picture with its parameters inside.

    Parameters
    ----------
    pixels : np.ndarray [shape=(n_mels, n_frames) or (n_mels, n_frames, 3), uint8]
        High frequencies first, 0 is loud.
    params : SpectrogramParams
    level : float or None [>= 0]
        The magnitude of black; None is Riffusion's usual one.
    mode : str or None
        Of the picture; None leaves grey pixels grey ("L"), which takes a third of the memory.

    Returns
    -------
    PIL.Image.Image [size=(n_frames, n_mels)]
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image = image if mode in (None, image.mode) else image.convert(mode)
    level = float(checked_level(USUAL_LEVEL if level is None else level))
    write_tags(image, params, level, {"rounding": True})
    return image


def mel_from_image(image: Picture, params: SpectrogramParams | None = None) -> np.ndarray:
    """Read magnitudes from a spectrogram picture.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
        Any mode. Transparent is silent; a mono picture's colours are averaged.
    params : SpectrogramParams or None
        None reads them from the picture, see `params_from_image`.

    Returns
    -------
    np.ndarray [shape=(channels, n_mels, n_frames), float32, >= 0]
        At the level stored in the picture, else with the largest possible magnitude (black) at 30e6 / 32768, as
        Riffusion has it.

    Raises
    ------
    TypeError, ValueError
        If it is no picture, or smaller than 2 rows.
    """
    found = read(image, params)
    return np.stack([found.columns_of(c)(0, found.n_frames) for c in range(found.params.channels)])


def encode(
    clip: Sound,
    params: SpectrogramParams | None = None,
    *,
    periodic: bool = False,
    rounding: bool = False,
    level: float | None = None,
    progress: Progress = None,
) -> Image.Image:
    """Turn a clip into a spectrogram picture. Lossy: phase is dropped.

    Parameters
    ----------
    clip : Clip, str or Path
        A file of any length is read as it is drawn. It is resampled to `params.sample_rate`; several channels are mixed
        down unless `params.stereo` (then one is doubled, and of more than two the mean goes to both sides). Where
        channels cancel each other in their mean, the loudest one is taken, with a warning.
    params : SpectrogramParams or None
        None takes Riffusion's: mono, 512 mels up to 10 kHz.
    periodic : bool
        The clip is a loop (5.12 s are 512 columns).
    rounding : bool
        Round to the nearest grey instead of cutting off as Riffusion does, see `image_from_mel`.
    level : float or None [>= 0]
        The magnitude that is drawn black; None takes the largest.
    progress : callable, bool or None
        A callable gets `(step, total, None)`; return False to stop with `Cancelled`. True shows a bar, False none, None
        one where somebody is watching a clip of more than a minute.

    Returns
    -------
    PIL.Image.Image [mode "RGB", size=(n_frames, n_mels)]
        At the end of a notebook cell it shows itself between axes.

    Raises
    ------
    TypeError, ValueError
        If it is no clip or sound file, or the level no magnitude.

    References
    ----------
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    params = SpectrogramParams() if params is None else params
    if not periodic and is_long(clip):
        return _encode_long(clip, params, rounding=rounding, level=level, progress=progress)
    clip = clip_of(clip)
    if clip.n_channels != params.channels:
        mono = clip.mono()
        clip = Clip(np.repeat(mono.samples, 2, axis=0), clip.sample_rate) if params.stereo else mono
    clip = clip.resample(params.sample_rate)
    n_frames = params.n_frames_of(clip.samples.shape[1], periodic=periodic)

    def columns(channel: int, first: int, last: int) -> np.ndarray:
        out = np.empty((params.n_mels, last - first), np.float32)
        return mel_columns(clip.samples[channel], params, first, last, out, periodic)

    starts = range(0, n_frames, COLUMNS)
    total = len(starts) * params.channels
    kept: dict[tuple[int, int], np.ndarray] = {}  # short clips are transformed once; long ones twice, in bounded memory
    top = 0.0
    with shown(progress, "encode", long=n_frames > LONG) as tell:
        for channel in range(params.channels):
            for i, a in enumerate(starts):
                report(tell, channel * len(starts) + i, total)
                mel = columns(channel, a, min(a + COLUMNS, n_frames))
                top = max(top, float(mel.max()))
                if len(kept) < 16:
                    kept[channel, a] = mel

        def drawn(channel: int, a: int, b: int) -> np.ndarray:
            return kept[channel, a] if (channel, a) in kept else columns(channel, a, b)

        image = draw(drawn, n_frames, params, level=top if level is None else level, rounding=rounding)
        report(tell, total, total)
    show_pictures()
    return image


def is_long(source: Sound) -> bool:
    """True for a `source` of more than ten minutes, which `encode` reads as it draws."""
    if isinstance(source, Clip):
        return source.duration > LONG_SOUND
    # what is no file of its own (a pipe) is read once, or not at all
    return isinstance(source, (str, Path)) and names_file(source) and duration_of(source) > LONG_SOUND


def _encode_long(
    source: Sound, params: SpectrogramParams, *, rounding: bool, level: float | None, progress: Progress
) -> Image.Image:
    """`encode` in bounded memory: once through for the largest magnitude, once more to draw."""
    sound = LongSound(source, params)
    with shown(progress, "encode") as tell:
        half = sound.n_frames
        top = sound.loudest(lambda done: report(tell, done, 2 * half))
        columns = sound.columns()

        def drawn(channel: int, first: int, last: int) -> np.ndarray:
            report(tell, half + min(first, half), 2 * half)
            return columns(channel, first, last)

        image = draw(drawn, sound.n_frames, params, level=top if level is None else level, rounding=rounding)
        report(tell, 2 * half, 2 * half)
    show_pictures()
    return image


def decode(
    image: Picture,
    params: SpectrogramParams | None = None,
    *,
    periodic: bool = False,
    quality: str = "default",
    seed: int = 0,
    loudness: str = "stored",
    device: str = "cpu",
    progress: Progress = None,
) -> Clip:
    """Turn a spectrogram picture into sound: `clip_from_mel` of what `mel_from_image` reads.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
        Any picture can be played; one drawn by hand too.
    params : SpectrogramParams or None
        None reads them from the picture.
    periodic : bool
        The picture is a loop: 512 columns give 5.12 s (225,792 samples) without a seam, otherwise 5.11 s.
    quality : str
        "fast", "default" or "best" (or "griffin-lim", "pghi").
    seed : int
        For the phase of what is too quiet to matter. Same seed, same samples.
    loudness : str
        "stored": as loud as what was encoded, if the picture says how loud that was. "peak": the largest sample is
        -1 dBFS. Pictures that say nothing always get that. What would exceed full scale is turned down to it.
    device : str
        As in `clip_from_mel`.
    progress : callable, bool or None
        A callable gets `(step, total, None)`; return False to stop with `Cancelled`. True shows a bar, False none, None
        one where somebody is watching a picture of more than a minute.

    Returns
    -------
    Clip

    Raises
    ------
    TypeError, ValueError
        If it is no picture, or an option is none of those above.

    References
    ----------
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """
    if loudness not in ("stored", "peak"):
        raise ValueError(f"loudness is {loudness!r}; expected 'stored' or 'peak'")
    how = Inversion(periodic=periodic, quality=quality, seed=seed, device=device)
    found = read(image, params)
    sources = [found.columns_of(c) for c in range(found.params.channels)]
    ceiling = 1.0 if found.level is not None and loudness == "stored" else None
    with shown(progress, "decode", long=found.n_frames > LONG) as tell:
        return invert(sources, found.n_frames, found.params, how, progress=tell, ceiling=ceiling)
