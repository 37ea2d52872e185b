"""Forty sounds to listen to, beside real renders of the same pieces: python -m benchmarks.page

It paints each prompt with the embedded model (or --model FOLDER) and writes one HTML file, work/page/sounds.html, with
pictures (left above right) and players inside: open it in a browser. Needs the soundfont for the real renders;
--no-real leaves them out.
"""

import argparse
import base64
import io
import random
import tempfile
import warnings
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

import riffkit
from benchmarks.judging.hearing import looped
from benchmarks.judging.renders import play
from benchmarks.trial.prompts import aimed_prompts, effect_prompts, held_out_prompts, names_alone
from riffkit.compose.rendering import PARAMS
from riffkit.compose.sounding.loops import SAMPLE_RATE
from riffkit.compose.sounding.picture import picture_of
from riffkit.sound.clip import Clip

SHARES = {"instrument": 10, "genre": 10, "sound": 6, "percussion": 4}  # by name; then sides, production, long captions
SIZE = (256, 128)  # pixels of one channel's picture
STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; width: 100% } td, th { padding: .4em .6em; vertical-align: top; text-align: left }
tr { border-top: 1px solid #ddd } img, audio { display: block; width: 256px } audio { height: 32px; margin-top: 4px }
.none { color: #888 }
"""


def chosen_prompts(count, seed=0):
    """Prompts of all kinds, always the same ones for the same count.

    Parameters
    ----------
    count : int
    seed : int
        Another one takes other names.

    Returns
    -------
    list of Prompt
    """
    rng, found = random.Random(seed), []
    for kind, share in SHARES.items():
        names = names_alone(kind)
        found += rng.sample(names, min(round(share * count / 40), len(names)))
    found += aimed_prompts("side", 1)[: count // 10] + rng.sample(effect_prompts(1), max(count // 10, 1))
    return (found + held_out_prompts(count))[:count]


def picture(loop):
    """A loop's picture, left above right, as it stands in a page."""
    channels = [Image.fromarray(channel).resize(SIZE, Image.Resampling.BOX) for channel in picture_of(loop, PARAMS)]
    both = Image.fromarray(np.concatenate([np.asarray(channel) for channel in channels]))
    file = io.BytesIO()
    both.save(file, "webp", quality=70)
    return f'<img alt="spectrogram, left above right" src="data:image/webp;base64,{_text(file.getvalue())}">'


def player(loop):
    """A player with its sound inside."""
    with tempfile.TemporaryDirectory() as home:
        path = Clip(loop, SAMPLE_RATE).save(Path(home) / "sound.ogg")
        sound = _text(path.read_bytes())
    return f'<audio controls loop preload="none" src="data:audio/ogg;base64,{sound}"></audio>'


def row(number, words, painted, real):
    """One line of the page; `real` is a loop or None."""
    cells = [
        picture(loop) + player(loop) if loop is not None else '<span class="none">-</span>' for loop in (painted, real)
    ]
    return f"<tr><td>{number}</td><td>{escape(words)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _text(data):
    return base64.b64encode(data).decode()


def main():
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--sounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0, help="of the choice and of the clips")
    parser.add_argument("--no-real", action="store_true", help="without real renders beside them")
    parser.add_argument("--output", type=Path, default=Path("work/page/sounds.html"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    riffer = riffkit.load(options.model)
    prompts = chosen_prompts(options.sounds, options.seed)
    rows = []
    for number, prompt in enumerate(prompts, 1):
        riff = riffer.riff(prompt.words, seed=options.seed + number, progress=False)
        real = None if options.no_real else play(prompt.piece)
        rows.append(row(number, prompt.words, looped(riff.clip), real))
        print(f"{number:3d} {prompt.words}", flush=True)
    title = f"{len(rows)} sounds of {escape(riffer.checkpoint.hash[:12])}"
    head = "<tr><th></th><th>words</th><th>painted</th><th>a real render of a piece of which they are true</th></tr>"
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1><table>{head}{''.join(rows)}</table></html>\n",
        encoding="utf-8",
    )
    print(f"{options.output}, {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
