"""The model card of a fine-tuning: how its weights were made. And a whole checkpoint, where all of it was trained."""

import html
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from riffkit.compose.score import LOOP_SECONDS
from riffkit.models.checkpoint import Checkpoint
from riffkit.sound.files import replacing
from riffkit.training.data.dataset import Dataset
from riffkit.training.data.texts import clean
from riffkit.training.finetune.config import Tuning
from riffkit.training.losses import losses_of
from riffkit.training.output_folder import read_settings
from riffkit.training.whole_folder import whole_folder


def save_full(output: str | Path, base: Checkpoint) -> Path:
    """Save a fully fine-tuned checkpoint: a copy of the base checkpoint's folder with the new UNet in it.

    Parameters
    ----------
    output : str or Path
        Gets `model`; what has that name is replaced.
    base : Checkpoint
        Its UNet has learnt.

    Returns
    -------
    pathlib.Path
        `<output>/model`.
    """
    model = Path(output) / "model"
    with whole_folder(model) as new:
        shutil.copytree(base.folder, new, ignore=shutil.ignore_patterns("unet", ".*"), dirs_exist_ok=True)
        base.unet.save_pretrained(new / "unet")
    return model


def write_card(output: str | Path, made: Path, base: Checkpoint, dataset: Dataset, tuning: Tuning) -> None:
    """Write the model card: data, captions, settings, losses, licences.

    Parameters
    ----------
    output : str or Path
        Of the run; gets `README.md`.
    made : Path
        The weights that the card is about.
    base : Checkpoint
        That was fine-tuned.
    dataset : Dataset
    tuning : Tuning
        Completed.
    """
    checked = [entry for entry in losses_of(output) if "validation_loss" in entry]
    lines = [
        f"# {plain(Path(output).resolve().name)}",
        "",
        *_said_of_the_weights(made, base, tuning),
        *_said_of_the_data(dataset),
        *_said_of_the_rest(tuning),
        "## Losses",
        "",
        "| step | validation loss | other things moved by |",
        "| ---: | ---: | ---: |",
        *(f"| {entry['step']} | {entry['validation_loss']:.4f} | {_moved(entry)} |" for entry in checked),
        "",
        "## Settings",
        "",
        "```json",
        json.dumps(read_settings(Path(output) / "finetune.json")["tuning"], indent=2),
        "```",
    ]
    with replacing(Path(output) / "README.md", True) as temporary:
        Path(temporary).write_text("\n".join(lines) + "\n", encoding="utf-8")


def plain(text: str) -> str:
    """Escape `text` that strangers wrote, so that Markdown shows it as it stands: no links, no HTML, no pictures."""
    said = html.escape(clean(text), quote=False)
    return re.sub(r"([\\`*_{}\[\]()#!|~])", r"\\\1", said)


def public_name(base: Checkpoint) -> str:
    """Name the checkpoint `base` without the folders of the machine that it lies on."""
    local = Path(base.name).exists() or Path(base.name).is_absolute()
    return Path(base.name).name if local else base.name


def _said_of_the_weights(made: Path, base: Checkpoint, tuning: Tuning) -> list[str]:
    word = plain(str(tuning.word))
    kind = {"full": "A fine-tuned copy", "lora": "A LoRA", "word": f"The word {word}, a textual inversion"}
    name = public_name(base)
    load = {
        "full": "riffkit.load(folder)",
        "lora": f'riffkit.load({name!r}).with_lora("{made.name}")',
        "word": f'riffkit.load({name!r}).with_word("{made.name}")',
    }
    begun = f" It went on from the LoRA {plain(Path(tuning.start).name)}." if tuning.start is not None else ""
    stock = {
        "lora": ["    pipe.load_lora_weights(folder)"],
        "word": [f"    pipe.load_textual_inversion('{made.name}')"],
    }
    return [
        f"{kind[tuning.method]} of {plain(name)} ({base.hash[:16]}), made with riffkit.{begun}",
        "",
        f"    riffer = {load[tuning.method]}",
        *stock.get(tuning.method, []),
        "",
    ]


def _said_of_the_data(dataset: Dataset) -> list[str]:
    rows = [row for split in dataset.rows.values() for row in split]
    licenses = Counter(str(row.get("license") or "not stated") for row in rows)
    sources = Counter(str(row.get("source") or "not stated") for row in rows)
    captions = list(dict.fromkeys(row["text"] for row in rows))
    return [
        "## Data",
        "",
        f"{len(dataset.rows['train'])} pictures to learn from, {len(dataset.rows['validation'])} for validation, of"
        f" {len({row['track'] for row in rows})} tracks, {LOOP_SECONDS * len(rows) / 60:.1f} minutes in all.",
        "",
        *(f"- licence {plain(name)}: {count}" for name, count in licenses.most_common()),
        *(f"- source {plain(name)}: {count}" for name, count in sources.most_common(20)),
        "",
        "What is made with these weights may owe something to these recordings: mind their licences.",
        "",
        "## Captions",
        "",
        *(f"- {plain(caption)}" for caption in captions[:20]),
        *([f"- and {len(captions) - 20} more"] if len(captions) > 20 else []),
        "",
    ]


def _moved(entry: dict[str, Any]) -> str:
    return f"{entry['moved']:.4f}" if "moved" in entry else "not measured"


def _said_of_the_rest(tuning: Tuning) -> list[str]:
    """What was done so that the model does not forget what it played before."""
    if not tuning.preserve:
        return ["What the model plays of other things was not preserved.", ""] if tuning.method != "word" else []
    shown = plain(", ".join(tuning.repertoire[:8])) + (" ..." if len(tuning.repertoire) > 8 else "")
    return [
        "## Other things",
        "",
        f"To stay as they were, {tuning.preserve:.0%} of the examples were what the model itself had said before, of"
        f" {len(tuning.repertoire)} prompts at most: {shown}",
        "",
    ]
