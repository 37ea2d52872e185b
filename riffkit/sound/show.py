"""How a clip looks at the end of a notebook cell: a static figure and a player, about 110 kB, no scripts."""

import base64
import html
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .clip import MP3_RATES, Clip
from .levels import normalize_loudness
from .mel import mel_from_samples
from .params import SpectrogramParams

LONGEST = 60.0  # seconds embedded; more is said, not heard
WIDTH, HEIGHT = 480, 160
LEFT, BOTTOM = 44, 22


def figure_for_clip(clip):
    """A picture of the clip's mel spectrogram with axes in seconds and hertz (PIL, mode "L")."""
    top = min(10000.0, clip.sample_rate / 2)
    hop_ms = max(10.0, 1000 * clip.duration / WIDTH)
    window_ms = min(max(50.0, hop_ms), 2000.0)
    params = SpectrogramParams(
        sample_rate=clip.sample_rate if 4000 <= clip.sample_rate <= 384000 else 44100,
        hop_ms=min(hop_ms, 1000.0),
        window_ms=window_ms,
        padded_ms=min(4 * window_ms, 8000.0),
        n_mels=HEIGHT,
        fmax=top,
    )
    mono = clip.mono() if params.sample_rate == clip.sample_rate else clip.mono().resample(params.sample_rate)
    mel = mel_from_samples(mono.samples, params)[0][::-1]
    grey = 255 - 255 * (mel / max(float(mel.max()), 1e-9)) ** 0.25
    picture = Image.fromarray(grey.astype(np.uint8)).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    figure = Image.new("L", (LEFT + WIDTH + 12, HEIGHT + BOTTOM + 6), 255)
    figure.paste(picture, (LEFT, 6))
    draw, font = ImageDraw.Draw(figure), ImageFont.load_default(11)
    draw.rectangle((LEFT - 1, 5, LEFT + WIDTH, 6 + HEIGHT), outline=120)
    mels = lambda f: 2595 * np.log10(1 + f / 700)  # noqa: E731
    for hz in (250, 500, 1000, 2000, 4000, 8000):
        if hz < top:
            y = 6 + HEIGHT * (1 - mels(hz) / mels(top))
            draw.line((LEFT - 5, y, LEFT - 1, y), fill=120)
            draw.text((LEFT - 8, y), f"{hz}" if hz < 1000 else f"{hz // 1000}k", fill=60, font=font, anchor="rm")
    draw.text((4, 4), "Hz", fill=60, font=font)
    step = next(s for s in (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 600, 1e9) if clip.duration / s <= 8)
    for i in range(int(clip.duration / step) + 1):
        x = LEFT + WIDTH * i * step / clip.duration
        draw.line((x, 6 + HEIGHT, x, 11 + HEIGHT), fill=120)
        draw.text((x, 13 + HEIGHT), f"{i * step:g}", fill=60, font=font, anchor="ma")
    draw.text((LEFT + WIDTH + 10, 13 + HEIGHT), "s", fill=60, font=font, anchor="ra")
    return figure


def player_for_clip(clip, *, loop=False):
    """An HTML audio element with the clip inside as MP3, at a common loudness (-16 LUFS, true peak -1 dBTP)."""
    heard = clip if clip.duration <= LONGEST else clip.slice(0, LONGEST)
    heard = heard if heard.n_channels <= 2 else heard.mono()
    heard = heard if heard.sample_rate in MP3_RATES else heard.resample(44100)
    data = base64.b64encode(normalize_loudness(heard).to_bytes("mp3")).decode()
    repeat = " loop" if loop else ""
    return f'<audio controls{repeat} style="width:480px" src="data:audio/mpeg;base64,{data}"></audio>'


def html_for_clip(clip):
    """The figure, the player, and a line of text."""
    if not isinstance(clip, Clip):
        raise TypeError(f"expected a Clip, got {type(clip).__name__}")
    buffer = io.BytesIO()
    figure_for_clip(clip).quantize(32).save(buffer, "PNG", optimize=True)
    picture = base64.b64encode(buffer.getvalue()).decode()
    note = repr(clip) + (f", the first {LONGEST:g} s to be heard" if clip.duration > LONGEST else "")
    return (
        f'<div><img alt="mel spectrogram of {html.escape(repr(clip))}" src="data:image/png;base64,{picture}"><br>'
        f"{player_for_clip(clip)}<br><small>{html.escape(note)}</small></div>"
    )
