"""Notebook 07 from nothing to a model: how long it takes, and whether the model does what it is told.

    python -m benchmarks.lesson                    runs the notebook as it is (about ten minutes on two quiet cores)
    python -m benchmarks.lesson --minutes 2        with less practice
    python -m benchmarks.lesson --painted FILE     judges again what an earlier run painted

A judge that heard 600 other pieces of the same orchestra listens to clips of held-out prompts. The area under the ROC
curve says how well the families that were asked for stand out from those that were not: 0.5 is deaf, 1 is perfect.
"""

import argparse
import json
import random
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient

from benchmarks.first import judge as judging
from benchmarks.first.hearing import Views
from riffkit.compose.captions import caption
from riffkit.compose.instruments import FAMILIES
from riffkit.compose.score import Corpus, compose
from riffkit.compose.synth import TIMBRES, draw_pieces
from riffkit.listening.statistics import wilson

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "07_training_from_scratch.ipynb"
JUDGE_SEED, HELD_OUT_SEED = 46_000_000, 47_000_000
CORPUS = Corpus("lesson", tuple(TIMBRES), tempi=("medium",), keys=(0, 5), max_parts=2, textures=(), articulations=())

# What is run behind the notebook's last cell, with its own `paint`.
PAINT = """
import json
asked = json.load(open({captions!r}))
chunks = [paint(asked[i : i + 8], seed=10_000 + i) for i in range(0, len(asked), 8)]
np.save({painted!r}, np.concatenate(chunks))
"""


def lesson_pieces(first_seed, count):
    """Pieces as the notebook draws them: no genres."""
    found, seed = [], first_seed
    while len(found) < count:
        piece = compose(seed, CORPUS)
        seed += 1
        if piece.genre is None:
            found.append(piece)
    return found


def run_notebook(captions, folder, minutes=None):
    """Run the notebook, then paint captions with what it trained.

    Returns
    -------
    np.ndarray [shape=(len(captions), 512, 512), uint8], float
        The pictures, and the seconds that the notebook's own cells took.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "captions.json").write_text(json.dumps(captions))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", []))
    if minutes is not None:
        notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(f"minutes = {minutes}"))
    files = {"captions": "captions.json", "painted": "painted.npy"}
    paths = {name: str((folder / file).resolve()) for name, file in files.items()}
    client = NotebookClient(
        notebook, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    with client.setup_kernel():
        started = time.monotonic()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
            if cell.cell_type == "code":
                print(f"  {time.monotonic() - started:6.0f} s  {cell.source.strip().splitlines()[-1][:80]}", flush=True)
        seconds = time.monotonic() - started
        last = nbformat.v4.new_code_cell(PAINT.format(**paths))
        notebook.cells.append(last)
        client.execute_cell(last, len(notebook.cells) - 1)
    nbformat.write(notebook, folder / "run.ipynb")
    return np.load(folder / "painted.npy"), seconds


def families_heard(judge, pictures, pieces):
    """Mean area under the ROC curve over families, and top-1 hits among solos."""
    said = judge.hear(Views.of(pictures))
    truth = judging.truth_of(pieces)["heard"][:, : len(FAMILIES)].numpy()
    scores = said["heard"][:, : len(FAMILIES)].numpy()
    present = [f for f in range(len(FAMILIES)) if 0 < truth[:, f].sum() < len(truth)]
    area = np.mean([judging.area_under_curve(scores[:, f], truth[:, f]) for f in present])
    right = judging.hits(said, pieces)
    return float(area), {row: [hit for hit in right[row] if hit is not None] for row in ("family", "drums")}


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, help="of practice, in place of the notebook's own")
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--painted", type=Path, help="judge these pictures instead of running the notebook")
    parser.add_argument("--work", type=Path, default=Path("work/lesson"))
    options = parser.parse_args()
    pieces = lesson_pieces(HELD_OUT_SEED, options.prompts)
    captions = [caption(piece, random.Random(f"caption {piece.seed}")) for piece in pieces]
    if options.painted:
        painted, seconds = np.load(options.painted), float("nan")
        pieces, captions = pieces[: len(painted)], captions[: len(painted)]
    else:
        painted, seconds = run_notebook(captions, options.work, options.minutes)
    heard = lesson_pieces(JUDGE_SEED, 600)
    judge = judging.train(Views.of(draw_pieces(heard)), heard, epochs=8)
    real = draw_pieces(pieces)
    shuffled = [pieces[i] for i in np.random.default_rng(0).permutation(len(pieces))]
    print(f"notebook 07: {seconds / 60:.1f} minutes from nothing; {len(pieces)} held-out prompts")
    columns = {"real": (real, pieces), "generated": (painted, pieces), "shuffled": (painted, shuffled)}
    for name, (pictures, asked) in columns.items():
        area, rows = families_heard(judge, pictures, asked)
        cells = []
        for row, hits in rows.items():
            share, low, high, n = wilson(sum(hits), len(hits))
            cells.append(f"{row} {100 * share:.1f} % [{100 * low:.1f}, {100 * high:.1f}] n={n}")
        print(f"  {name:10s} family AUC {area:.3f}; " + "; ".join(cells))


if __name__ == "__main__":
    main()
