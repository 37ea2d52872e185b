"""A live page of a training: losses, pictures and sounds in one HTML file that anything can open, also while it runs.

It reads what trainings leave in their folder: `<stage>/losses.jsonl`, and `validation/<step>/<number>.png` with a
`.flac` of the same name. So it serves `riffkit train-mini` and `riffkit finetune` alike.
"""

import base64
import html
import io
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image

from riffkit.sound.clip import Clip
from riffkit.sound.files import open_image, read_metadata, replacing
from riffkit.training.data.texts import shown
from riffkit.training.losses import FILE_NAME, read_losses

COLUMNS = 7  # checkpoints shown: the first, and the last six
WIDTH, HEIGHT = 4.8, 2.0  # of a plot, inches of 72 points
INK = "#010203"  # in a plot, of what takes the colour of the page's text: black on white, white on black

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; }
svg { max-width: 100%; height: auto; }
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


def write_page(folder: str | Path, *, title: str | None = None, refresh: float | None = 30.0) -> Path:
    """Write `<folder>/page.html`: what there is so far. The old page is replaced in one go.

    Parameters
    ----------
    folder : str or Path
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
    plots = [_plot(path.parent.name, read_losses(path)) for path in sorted(folder.glob(f"*/{FILE_NAME}"))]
    parts = [
        "<!doctype html>",
        f'<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>',
        f"<h1>{title}</h1>",
        f'<div class="plots">{"".join(plots) or "<p>No losses yet.</p>"}</div>',
        _samples(folder / "validation"),
        f"<script>{_SCRIPT % round(refresh * 1000)}</script>" if refresh else "",
        "</html>",
    ]
    with replacing(folder / "page.html", True) as temporary:
        Path(temporary).write_text("\n".join(parts) + "\n", encoding="utf-8")
    return folder / "page.html"


def _plot(stage: str, entries: list[dict[str, Any]]) -> str:
    """Losses over steps, as a figure in SVG: a line for what is learnt from, dots for validation."""
    caption = f"<figcaption>{html.escape(stage)}</figcaption>"
    learnt, checked = (
        [(entry["step"], entry[name]) for entry in entries if name in entry] for name in ("loss", "validation_loss")
    )
    if not learnt and not checked:
        return f"<figure>{caption}<p>No losses yet.</p></figure>"
    now = f"step {max(step for step, _ in learnt + checked)}"
    if learnt:
        now += f": loss {learnt[-1][1]:.4f}"
    if checked:
        now += f", validation (dots) {checked[-1][1]:.4f}"
    return f"<figure>{caption}{_drawn(stage, learnt, checked, now)}<div>{now}</div></figure>"


def _drawn(stage: str, learnt: list[tuple[int, float]], checked: list[tuple[int, float]], label: str) -> str:
    """An SVG element by matplotlib: its text is text, its ink that of the page, and the same losses give the same."""
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": stage, "font.family": "sans-serif", "font.size": 9}):
        figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        looks: tuple[dict[str, Any], dict[str, Any]] = (
            {"color": "#0072b2"},
            {"color": "#d55e00", "ls": "", "marker": "o"},
        )
        for points, look in zip((learnt, checked), looks, strict=True):
            alone = {"marker": "o"} if len(points) == 1 else {}  # a line of one point would not be seen
            axes.plot(
                [step for step, _ in points],
                [loss for _, loss in points],
                markersize=4,
                clip_on=False,
                **(look | alone),
            )
        axes.set_xlim(left=0)
        axes.set_xlabel("steps", color=INK)
        axes.tick_params(colors=INK)
        for side, spine in axes.spines.items():
            spine.set_visible(side in ("left", "bottom"))
            spine.set_color(INK)
        buffer = io.StringIO()
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        FigureCanvasSVG(figure).print_svg(buffer, metadata=metadata)
    drawn = buffer.getvalue()
    svg = drawn[drawn.index("<svg") :].replace(INK, "currentColor")
    return svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(label)}"', 1)


def _samples(folder: Path) -> str:
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


def _title(name: str) -> str:
    return f"step {int(name.removeprefix('step-'))}" if name.removeprefix("step-").isdigit() else name


def _prompt(steps: list[Path], number: int) -> str:
    for step in steps:
        sound = step / f"{number}.flac"
        if sound.exists():
            return str((read_metadata(sound) or {}).get("prompt", ""))
    return ""


def _cell(stem: Path) -> str:
    """Picture and player, small, inside the page itself."""
    picture, sound = stem.with_suffix(".png"), stem.with_suffix(".flac")
    if not (picture.exists() and sound.exists()):
        return ""
    drawn = io.BytesIO()
    try:  # runs are passed on, and copies of them may be damaged
        image, clip = open_image(picture), Clip.load(sound)
    except (ValueError, OSError) as error:
        return f"<p>{html.escape(shown(str(error)))}</p>"
    image.convert("L").resize((256, 256), Image.Resampling.BOX).save(drawn, "JPEG", quality=80)
    return (
        f'<img alt="spectrogram" src="{_embedded("image/jpeg", drawn.getvalue())}">'
        f'<audio controls preload="none" src="{_embedded("audio/ogg", clip.to_bytes("ogg"))}"></audio>'
    )


def _embedded(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
