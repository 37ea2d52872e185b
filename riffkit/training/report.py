"""A live page of a training: losses, pictures and sounds in one HTML file that anything can open, also while it runs.

It reads what trainings leave in their folder: `<stage>/losses.jsonl`, and `validation/<step>/<number>.png` with a
`.flac` of the same name. So it serves `riffkit train-mini` and `riffkit finetune` alike.
"""

import base64
import html
import io
import json
import os
from pathlib import Path

import soundfile
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.files import read_metadata

COLUMNS = 7  # checkpoints shown: the first, and the last six
WIDTH, HEIGHT, MARGIN = 460, 150, 48  # of a plot
FOOT = 34  # room under its axis

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; }
svg { max-width: 100%; } svg text { font-size: 11px; fill: currentColor; }
.scroll { overflow-x: auto; } td, th { padding: .3rem .6rem; text-align: left; vertical-align: top; }
td img { width: 160px; height: 160px; display: block; background: #fff; }
audio { width: 160px; height: 32px; }
"""
# The page looks again by itself, but never while somebody listens.
_SCRIPT = """
setInterval(() => {
  const playing = [...document.querySelectorAll("audio")].some((audio) => !audio.paused);
  if (!playing && !document.hidden) location.reload();
}, %d);
"""


def write_page(folder, *, title=None, refresh=30.0):
    """Write `<folder>/page.html`: what there is so far. The old page is replaced in one go.

    Parameters
    ----------
    folder : path
        The output of a training, finished or not.
    title : str or None
        None takes the folder's name.
    refresh : float or None [s]
        How often an open page looks again; None for a training that is over.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    References
    ----------
    Taught in notebooks/07_training_from_scratch.ipynb.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder; name the output of a training")
    title = html.escape(title or folder.resolve().name)
    plots = [_plot(path.parent.name, _entries(path)) for path in sorted(folder.glob("*/losses.jsonl"))]
    parts = [
        "<!doctype html>",
        f'<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>',
        f"<h1>{title}</h1>",
        f'<div class="plots">{"".join(plots) or "<p>No losses yet.</p>"}</div>',
        _samples(folder / "validation"),
        f"<script>{_SCRIPT % round(refresh * 1000)}</script>" if refresh else "",
        "</html>",
    ]
    new = folder / ".page.new"
    new.write_text("\n".join(parts) + "\n", encoding="utf-8")
    os.replace(new, folder / "page.html")
    return folder / "page.html"


def _entries(path):
    """The lines of a losses file; a last line that is still being written is left out."""
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


def _plot(stage, entries):
    """Losses over steps, as a figure in SVG: a line for what is learnt from, dots for validation."""
    curves = {
        name: [(entry["step"], entry[name]) for entry in entries if name in entry]
        for name in ("loss", "validation_loss")
    }
    points = [point for curve in curves.values() for point in curve]
    caption = f"<figcaption>{html.escape(stage)}</figcaption>"
    if not points:
        return f"<figure>{caption}<p>No losses yet.</p></figure>"
    last, low, high = max(x for x, _ in points), min(y for _, y in points), max(y for _, y in points)

    def place(x, y):
        return (
            round(MARGIN + x / max(last, 1) * (WIDTH - MARGIN - 8), 1),
            round(8 + (high - y) / max(high - low, 1e-9) * (HEIGHT - FOOT), 1),
        )

    line = " ".join(f"{x},{y}" for x, y in (place(*point) for point in curves["loss"]))
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="3.5" fill="#d55e00"/>'
        for x, y in (place(*point) for point in curves["validation_loss"])
    )
    if len(curves["loss"]) == 1:  # a line of one point would not be seen
        dots += f'<circle cx="{line.split(",")[0]}" cy="{line.split(",")[1]}" r="2.5" fill="#0072b2"/>'
    now = f"step {last}: loss {curves['loss'][-1][1]:.4f}" if curves["loss"] else f"step {last}"
    if curves["validation_loss"]:
        now += f", validation (dots) {curves['validation_loss'][-1][1]:.4f}"
    return (
        f'<figure>{caption}<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{now}">'
        f'<path d="M{MARGIN} 8V{HEIGHT - FOOT + 8}H{WIDTH - 8}" fill="none" stroke="currentColor" opacity=".4"/>'
        f'<polyline points="{line}" fill="none" stroke="#0072b2" stroke-width="2"/>{dots}'
        f'<text x="0" y="16">{high:.3g}</text><text x="0" y="{HEIGHT - FOOT + 8}">{low:.3g}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - FOOT + 22}" text-anchor="end">{last} steps</text></svg>'
        f"<div>{now}</div></figure>"
    )


def _samples(folder):
    """A table: one row for each prompt, one column for each checkpoint, newest first."""
    steps = sorted(path for path in folder.glob("*") if path.is_dir() and any(path.glob("*.png")))
    if not steps:
        return "<p>No sounds yet: the first ones come with the first checkpoint.</p>"
    steps = (steps if len(steps) <= COLUMNS else [steps[0], *steps[1 - COLUMNS :]])[::-1]
    numbers = sorted({int(path.stem) for step in steps for path in step.glob("*.png") if path.stem.isdigit()})
    head = "".join(f"<th>{html.escape(_title(step.name))}</th>" for step in steps)
    rows = []
    for number in numbers:
        cells = "".join(f"<td>{_cell(step / str(number))}</td>" for step in steps)
        rows.append(f"<tr><th>{html.escape(_prompt(steps, number))}</th>{cells}</tr>")
    table = f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"
    return f'<h2>The same words and seeds</h2><div class="scroll">{table}</div>'


def _title(name):
    return f"step {int(name.removeprefix('step-'))}" if name.removeprefix("step-").isdigit() else name


def _prompt(steps, number):
    for step in steps:
        sound = step / f"{number}.flac"
        if sound.exists():
            return (read_metadata(sound) or {}).get("prompt", "")
    return ""


def _cell(stem):
    """Picture and player, small, inside the page itself."""
    picture, sound = stem.with_suffix(".png"), stem.with_suffix(".flac")
    if not (picture.exists() and sound.exists()):
        return ""
    drawn, played = io.BytesIO(), io.BytesIO()
    with Image.open(picture) as image:
        image.convert("L").resize((256, 256), Image.Resampling.BOX).save(drawn, "JPEG", quality=80)
    clip = Clip.load(sound)
    soundfile.write(played, clip.samples.T, clip.sample_rate, format="OGG", subtype="VORBIS")
    return (
        f'<img alt="spectrogram" src="{_embedded("image/jpeg", drawn)}">'
        f'<audio controls preload="none" src="{_embedded("audio/ogg", played)}"></audio>'
    )


def _embedded(kind, file):
    return f"data:{kind};base64,{base64.b64encode(file.getvalue()).decode()}"
