"""What a fine-tuning leaves behind beside its weights: a card that says how they were made; or a whole checkpoint."""

import json
import os
import shutil
from collections import Counter
from pathlib import Path

from riffkit.training.finetune.tuner import losses_of


def save_full(output, base):
    """Write `<output>/model`: the checkpoint's folder with the new UNet in it.

    Returns
    -------
    pathlib.Path
    """
    new, last = Path(output) / ".model.new", Path(output) / "model"
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(base.folder, new, ignore=shutil.ignore_patterns("unet", ".*"))
    base.unet.save_pretrained(new / "unet")
    shutil.rmtree(last, ignore_errors=True)
    os.replace(new, last)
    return last


def write_card(output, made, base, dataset, tuning):
    """Write `README.md`: data, captions, settings, losses, licences; what somebody who finds the file needs to know."""
    rows = [row for split in dataset.rows.values() for row in split]
    licenses = Counter(str(row.get("license") or "not stated") for row in rows)
    sources = Counter(str(row.get("source") or "not stated") for row in rows)
    losses = losses_of(output)
    checked = [entry for entry in losses if "validation_loss" in entry]
    load = {
        "full": "riffkit.load(folder)",
        "lora": f'riffkit.load({base.name!r}).with_lora("{made.name}")',
        "word": f'riffkit.load({base.name!r}).with_word("{made.name}")',
    }[tuning.method]
    kind = {"full": "A fine-tuned copy", "lora": "A LoRA", "word": f"The word {tuning.word}, a textual inversion"}
    stock = {
        "lora": ["    pipe.load_lora_weights(folder)"],
        "word": [f"    pipe.load_textual_inversion('{made.name}')"],
    }
    captions = list(dict.fromkeys(row["text"] for row in rows))
    lines = [
        f"# {Path(output).resolve().name}",
        "",
        f"{kind[tuning.method]} of {base.name} ({base.hash[:16]}), made with riffkit.",
        "",
        f"    riffer = {load}",
        *stock.get(tuning.method, []),
        "",
        "## Data",
        "",
        f"{len(dataset.rows['train'])} pictures to learn from, {len(dataset.rows['validation'])} for validation, of"
        f" {len({row['track'] for row in rows})} tracks, {5.12 * len(rows) / 60:.1f} minutes in all.",
        "",
        *(f"- licence {name}: {count}" for name, count in licenses.most_common()),
        *(f"- source {name}: {count}" for name, count in sources.most_common(20)),
        "",
        "What is made with these weights may owe something to these recordings: mind their licences.",
        "",
        "## Captions",
        "",
        *(f"- {caption}" for caption in captions[:20]),
        *([f"- and {len(captions) - 20} more"] if len(captions) > 20 else []),
        "",
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
        json.dumps(json.loads((Path(output) / "finetune.json").read_text())["tuning"], indent=2),
        "```",
    ]
    (Path(output) / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _moved(entry):
    return f"{entry['moved']:.4f}" if "moved" in entry else "not measured"


def _said_of_the_rest(tuning):
    """What was done so that the model does not forget what it played before."""
    if not tuning.preserve:
        return ["What the model plays of other things was not preserved.", ""] if tuning.method != "word" else []
    shown = ", ".join(tuning.repertoire[:8]) + (" ..." if len(tuning.repertoire) > 8 else "")
    return [
        "## Other things",
        "",
        f"To stay as they were, {tuning.preserve:.0%} of the examples were what the model itself had said before, of"
        f" {len(tuning.repertoire)} prompts at most: {shown}",
        "",
    ]
