"""How sound looks at the end of a notebook cell: a figure and a player that need no scripts and no kernel.

Five seconds cost about 110 kB of notebook: the figure as WebP, the sound as MP3, and a small PNG for viewers that show
no HTML. riffkit.Player is the live one.
"""

import base64
import html
import io
import sys
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from riffkit.sound.clip import Sound, clip_of
from riffkit.sound.files import MP3_RATES, image_of
from riffkit.sound.loudness import normalize_loudness
from riffkit.sound.mel import mel_from_samples
from riffkit.sound.metadata import Picture, params_from_image, tags_of
from riffkit.sound.params import SpectrogramParams

LONGEST = 60.0  # seconds embedded; more is said, not heard
WIDTH, HEIGHT = 640, 256  # pixels of the picture within the figure
SMALL = (400, 144)  # of the same in PNG
LEFT, TOP, RIGHT, BOTTOM = 44, 7, 12, 22  # pixels around it
QUALITY = 70  # of the WebP, out of 100: greys are off by a few levels, axes are sharp
TICKS = (100, 250, 500, 1000, 2000, 4000, 8000, 16000)  # Hz


def figure_for_clip(clip: Sound, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A picture of a clip's mel spectrogram with axes in seconds and hertz, one lane per channel.

    Parameters
    ----------
    clip : Clip, str or Path
    size : (int, int) [pixels]
        Width and height of the picture within the figure.

    Returns
    -------
    PIL.Image.Image [mode "L"]
    """
    clip = clip_of(clip)
    rate = clip.sample_rate if 4000 <= clip.sample_rate <= 384000 else 44100
    hop_ms = max(10.0, 1000 * clip.duration / size[0])
    window_ms = min(max(50.0, hop_ms), 2000.0)
    shown = clip if clip.n_channels <= 2 else clip.mono()
    params = SpectrogramParams(
        sample_rate=rate,
        hop_ms=min(hop_ms, 1000.0),
        window_ms=window_ms,
        padded_ms=min(4 * window_ms, 8000.0),
        n_mels=size[1] // shown.n_channels,
        fmax=min(10000.0, rate / 2),
    )
    mels = mel_from_samples(shown.resample(rate).samples, params)
    greys = 255 - 255 * (mels / max(float(mels.max()), 1e-9)) ** 0.25
    return _figure(list(greys.astype(np.uint8)[:, ::-1]), clip.duration, params, size)


def figure_for_picture(
    image: Picture, *, duration: float | None = None, size: tuple[int, int] | None = None
) -> Image.Image:
    """A spectrogram picture with axes in seconds and hertz, the left channel of a stereo one above the right.

    Parameters
    ----------
    image : PIL.Image.Image, str or Path
        Its parameters are read from it.
    duration : float, optional [s]
        Of its sound; default that of a plain clip.
    size : (int, int), optional [pixels]
        Width and height of the picture within the figure; default 640 by 256, wider if it lasts more than 10 s.

    Returns
    -------
    PIL.Image.Image [mode "L"]
    """
    image = image_of(image)
    params = params_from_image(image)
    duration = max(params.duration_of(image.width), params.hop_ms / 1000) if duration is None else duration
    size = (WIDTH if duration <= 10 else 3 * WIDTH // 2, HEIGHT) if size is None else size
    lanes = (
        np.moveaxis(np.asarray(image.convert("RGB")), 2, 0)[1:] if params.stereo else [np.asarray(image.convert("L"))]
    )
    return _figure(list(lanes), duration, params, size)


def _figure(lanes: list[np.ndarray], duration: float, params: SpectrogramParams, size: tuple[int, int]) -> Image.Image:
    """Grey lanes (arrays of uint8, low frequencies at the bottom), one above the other, between axes."""
    width, height = size
    tall = height // len(lanes)
    figure = Image.new("L", (LEFT + width + RIGHT, TOP + tall * len(lanes) + BOTTOM), 255)
    draw, font = ImageDraw.Draw(figure), ImageFont.load_default(11)
    for i, lane in enumerate(lanes):
        top = TOP + i * tall
        figure.paste(Image.fromarray(lane).resize((width, tall), Image.Resampling.BILINEAR), (LEFT, top))
        draw.rectangle((LEFT - 1, top - 1, LEFT + width, top + tall), outline=120)
        free = top + tall + 6.0  # from here upwards there is room for a label
        for hz in TICKS:
            y = top + tall * (1 - params.height_of(hz))
            if params.fmin <= hz <= params.fmax and free - y >= 12 and y - top >= 16:
                draw.line((LEFT - 5, y, LEFT - 1, y), fill=120)
                draw.text((LEFT - 8, y), f"{hz}" if hz < 1000 else f"{hz // 1000}k", fill=60, font=font, anchor="rm")
                free = y
        draw.text((4, top), "Hz" if len(lanes) == 1 else f"Hz {'LR'[i]}", fill=60, font=font)
    bottom = TOP + tall * len(lanes)
    step = next(s for s in (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1e9) if duration / s <= width / 60)
    for i in range(int(duration / step + 1e-9) + 1):
        x = LEFT + width * i * step / duration
        draw.line((x, bottom, x, bottom + 5), fill=120)
        draw.text((x, bottom + 7), f"{i * step:g}", fill=60, font=font, anchor="ma")
    draw.text((LEFT + width + 10, bottom + 7), "s", fill=60, font=font, anchor="ra")
    return figure


def player_for_clip(clip: Sound, *, loop: bool = False) -> str:
    """An HTML audio element with a clip inside as MP3, at a common loudness (-16 LUFS, true peak -1 dBTP).

    Parameters
    ----------
    clip : Clip, str or Path
    loop : bool
        It plays over and over.
    """
    clip = clip_of(clip)
    heard = clip if clip.duration <= LONGEST else clip.slice(0, LONGEST)
    heard = heard if heard.n_channels <= 2 else heard.mono()
    heard = heard if heard.sample_rate in MP3_RATES else heard.resample(44100)
    data = base64.b64encode(normalize_loudness(heard).to_bytes("mp3")).decode()
    repeat = " loop" if loop else ""
    return (
        f'<audio controls{repeat} style="width:{WIDTH}px;max-width:100%" src="data:audio/mpeg;base64,{data}"></audio>'
    )


def bundle_for(
    says: str, figure: Image.Image, small: Image.Image, *, alt: str, player: str = "", note: str = ""
) -> dict[str, str]:
    """What Jupyter shows (a MIME bundle): the HTML with everything, a PNG for viewers without HTML, and text.

    Parameters
    ----------
    says : str
        The text.
    figure, small : PIL.Image.Image
        For the HTML, and for the PNG (in 8 greys).
    alt : str
        Read aloud in place of the figure: what it shows, as text.
    player : str
        HTML, from `player_for_clip`.
    note : str
        Small print below, as text.

    Returns
    -------
    dict {MIME type: data}
    """
    buffers = io.BytesIO(), io.BytesIO()
    figure.save(buffers[0], "WEBP", quality=QUALITY)
    small.convert("L").quantize(8).save(buffers[1], "PNG", optimize=True)
    webp, png = (base64.b64encode(buffer.getvalue()).decode() for buffer in buffers)
    shown = (
        f'<div><img alt="{html.escape(alt)}" style="max-width:100%;height:auto" '
        f'src="data:image/webp;base64,{webp}"><br>{player}<br><small>{html.escape(note)}</small></div>'
    )
    return {"text/plain": says, "text/html": shown, "image/png": png}


def bundle_for_clip(clip: Sound) -> dict[str, str]:
    """What Jupyter shows for a `clip`: the figure, the player, and a line of text."""
    clip = clip_of(clip)
    note = repr(clip) + (f", the first {LONGEST:g} s to be heard" if clip.duration > LONGEST else "")
    figures = figure_for_clip(clip), figure_for_clip(clip, SMALL)
    alt = f"Spectrogram: a sound of {clip.duration:.1f} s"
    return bundle_for(repr(clip), *figures, alt=alt, player=player_for_clip(clip), note=note)


def bundle_for_picture(image: Picture) -> dict[str, str] | None:
    """What Jupyter shows for an `image` that carries parameters, without a sound; None for others."""
    image = image_of(image)
    if not _carries_parameters(image):
        return None
    params = params_from_image(image)
    says = f"spectrogram picture, {image.width} × {image.height}, {params.fmin:g} to {params.fmax:g} Hz"
    note = f"{says}; riffkit.decode(image) makes it sound"
    figures = figure_for_picture(image), figure_for_picture(image, size=SMALL)
    alt = f"Spectrogram: a picture of {params.duration_of(image.width):.1f} s"
    return bundle_for(says, *figures, alt=alt, note=note)


def _carries_parameters(image: Image.Image) -> bool:
    return 2 <= image.height <= 4096 and tags_of(image) is not None


def show_pictures() -> None:
    """Let IPython, if this is it, show spectrogram pictures with their axes; other pictures as ever.

    Called wherever a notebook first meets such a picture: by `encode`, `riffkit.load` and the display of a `Clip`.
    """
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        return
    display = shell.display_formatter
    display.mimebundle_formatter.for_type(Image.Image, bundle_for_picture)
    # Pillow would add the whole picture once more as JPEG
    display.formatters["image/jpeg"].for_type(
        Image.Image, lambda image: None if _carries_parameters(image) else image._repr_jpeg_()
    )
