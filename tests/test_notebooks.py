"""Every notebook keeps the house style, and runs as committed: offline, with no error in a cell or inside a widget."""

import ast
import html
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def cells_of(notebook, kind):
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def errors_in(notebook):
    """What went wrong in an executed notebook: errors among the outputs of cells, and inside those of widgets.

    A callback of `interact` or of a button that raises does so into an Output widget; the cell itself ends well.
    riffkit's own widgets show errors in an `ErrorBox` or have them as the trait `error`.
    """
    outputs = [output for cell in cells_of(notebook, "code") for output in cell.outputs]
    state = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    told = []
    for model in (model.get("state", {}) for model in state.values()):
        outputs += model.get("outputs", ())
        told += [model["error"]] if model.get("error") else []
        told += [
            html.unescape(words) for words in re.findall(r'class="riffkit-error".*?>(.*?)<', str(model.get("value")))
        ]
    return [f"{output['ename']}: {output['evalue']}" for output in outputs if output["output_type"] == "error"] + told


def run(notebook, folder):
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    return notebook


def shortened(notebook):
    """The notebook with less to do, where it takes long: its parameters' cell says how, as `short` in its metadata."""
    for place, cell in enumerate(notebook.cells):
        if "short" in cell.metadata:
            notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(cell.metadata.short))
            break
    return notebook


@pytest.mark.slow
@each_notebook
def test_runs_without_errors(path):
    assert errors_in(run(shortened(read(path)), path.parent)) == []


def test_errors_inside_widgets_are_seen(tmp_path):
    code = "from ipywidgets import interact\n@interact(x=3)\ndef halve(x):\n    return [1, 2][x]"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    assert errors_in(run(notebook, tmp_path)) == ["IndexError: list index out of range"]


def test_errors_that_our_widgets_show_are_seen(tmp_path):
    code = """
from riffkit.widgets.player import Player
from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.jobs import Job
box = ErrorBox()
Job(lambda progress: {}["a < b"], on_error=box.show).join()
display(box, Player(), Player(error="no sound"))"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    assert sorted(errors_in(run(notebook, tmp_path))) == ["KeyError: 'a < b'", "no sound"]


@each_notebook
def test_is_committed_clean(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor >= 5) == (4, True)
    assert [cell.id for cell in cells_of(notebook, "code") if cell.outputs or cell.execution_count] == []
    assert "widgets" not in notebook.metadata
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    # without a kernelspec JupyterLab asks for a kernel before anything runs
    assert notebook.metadata.kernelspec.name == "python3"
    assert re.fullmatch(r"\d\d_[a-z0-9_]+", path.stem)


@each_notebook
def test_opens_and_closes_in_house_style(path):
    prose = [cell.source for cell in cells_of(read(path), "markdown")]
    assert prose[0].startswith("# ")
    opening, closing = "\n".join(prose[:3]), "\n".join(prose[-2:])
    for heading in ("What you'll do", "What you'll learn", "What you'll need"):
        assert heading in opening, f"{heading!r} is missing from the opening"
    for heading in ("On your own", "Further reading"):
        assert heading in closing, f"{heading!r} is missing from the closing"


@each_notebook
def test_begins_with_imports_and_parameters(path):
    imports, parameters, *_ = cells_of(read(path), "code")
    assert all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.parse(imports.source).body)
    assert "parameters" in parameters.metadata.get("tags", [])
    assert all(isinstance(node, ast.Assign) for node in ast.parse(parameters.source).body)


@each_notebook
def test_explains_more_than_it_computes(path):
    notebook = read(path)
    words = sum(len(cell.source.split()) for cell in cells_of(notebook, "markdown"))
    lines = sum(1 for cell in cells_of(notebook, "code") for line in cell.source.splitlines() if line.strip())
    assert words >= 5 * lines


@pytest.mark.parametrize("path", [*NOTEBOOKS, ROOT / "README.md"], ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in cells_of(read(path), "markdown"))
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|(?:src|href)=\"([^\"#]+)\"", text)
    local = [link or other for link, other in links if not re.match(r"[a-z]+:", link or other)]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize(
    "map_of_the_series", [ROOT / "notebooks" / "00_welcome.ipynb", ROOT / "README.md"], ids=lambda path: path.name
)
def test_every_notebook_is_on_the_map(map_of_the_series):
    text = map_of_the_series.read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        assert f"{path.name})" in text or path == map_of_the_series, f"{path.name} is not linked"
        assert f"{path.stem} (not written yet)" not in text
