"""The house keeps its floors: each part of riffkit imports only from those below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import riffkit

PACKAGE = Path(riffkit.__file__).parent
FLOORS = "progress sound models diffusion compose listening riffing training widgets cli".split()
# Doors stand on top and may open any floor; the front page names modules only as text.
DOORS = ("cli", "__main__")
MODULES = sorted(PACKAGE.rglob("*.py"))


def floor_of(name):
    """The floor of a dotted module name: `riffkit.sound.mel` stands on `sound`, `riffkit.cli.doctor` on `cli`."""
    part = name.split(".")[1] if "." in name else "__init__"
    return "cli" if part.startswith(DOORS) else part


def riffkit_imports(source, module):
    """Dotted names of everything below `riffkit` that `source` imports anywhere, functions included.

    `module` is the dotted name of the importing file; a package's own `__init__` counts as `package.__init__`.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            if node.level and not base:
                raise ValueError(f"{module}: a relative import leaves the package (line {node.lineno})")
            origin = ".".join([*base, *([node.module] if node.module else [])])
            # `from riffkit import sound` imports a floor, `from riffkit.sound import mel` a module on it
            names = [f"{origin}.{alias.name}" for alias in node.names] if origin else []
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "riffkit")


def dotted(path):
    return ".".join(["riffkit", *path.relative_to(PACKAGE).with_suffix("").parts])


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_imports_only_from_floors_below(path):
    module = dotted(path)
    if module == "riffkit.__init__":
        assert list(riffkit_imports(path.read_text(), module)) == [], "the front page loads names only when asked"
        return
    own = floor_of(module)
    assert own in FLOORS, f"{module} stands on no known floor; the floors are {FLOORS}"
    for name in riffkit_imports(path.read_text(), module):
        # `from riffkit import Clip` means the floor where Clip lives; `import riffkit` alone could mean any of them
        public = name.split(".")[1] if name.count(".") == 1 else None
        if name == "riffkit":
            assert own in ("widgets", "cli"), f"{module} imports all of riffkit; name the module that is meant"
            continue
        name = {"__version__": "riffkit.progress", **riffkit._HOME_OF}.get(public, name)
        other = floor_of(name)
        assert other in FLOORS, f"{module} imports {name}, which stands on no known floor"
        assert FLOORS.index(other) <= FLOORS.index(own), f"{module} imports {name} from a floor above"


def test_the_reader_of_imports_sees_them_all():
    source = """
import riffkit.sound.mel
from riffkit import training
from . import loudness
from .mel import filters
from ..riffing.riff import Riff
def lazy():
    from riffkit.cli.main import main
import numpy.fft
"""
    assert set(riffkit_imports(source, "riffkit.sound.clip")) == {
        "riffkit.sound.mel",
        "riffkit.training",
        "riffkit.sound.loudness",
        "riffkit.sound.mel.filters",
        "riffkit.riffing.riff.Riff",
        "riffkit.cli.main.main",
    }
    with pytest.raises(ValueError, match="leaves the package"):
        list(riffkit_imports("from ... import os", "riffkit.sound"))


def test_there_is_no_utils():
    assert [dotted(path) for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")] == []


def test_the_engine_is_entered_by_its_front_door():
    """Nobody outside `sound/inversion` imports from inside it, and within it only its modules use the kernels."""
    engine = "riffkit.sound.inversion"
    for path in MODULES:
        module = dotted(path)
        for name in riffkit_imports(path.read_text(), module):
            if name.startswith(f"{engine}.") and not module.startswith(f"{engine}."):
                inside = name.removeprefix(f"{engine}.").split(".")[0]
                assert not (PACKAGE / "sound" / "inversion" / f"{inside}.py").exists(), f"{module} imports {name}"
                assert inside != "kernels", f"{module} imports {name}"


def imports_at_once(path):
    """Modules of riffkit that a file imports when it is loaded: not those in functions, nor those for types only."""
    tree = ast.parse(path.read_text())
    plain = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    for name in riffkit_imports(ast.unparse(plain), dotted(path)):
        parts = name.split(".")
        while parts and not (file_of(parts).exists() or file_of([*parts, "__init__"]).exists()):
            parts.pop()
        yield ".".join(parts)


def file_of(parts):
    return PACKAGE.joinpath(*parts[1:-1], f"{parts[-1]}.py") if len(parts) > 1 else PACKAGE / "__init__.py"


def test_no_module_leads_back_to_itself():
    graph = {dotted(path).removesuffix(".__init__"): set(imports_at_once(path)) for path in MODULES}
    done, open_ = set(), []

    def visit(module):
        assert module not in open_, f"a circle: {' -> '.join([*open_[open_.index(module) :], module])}"
        if module not in done and module in graph:
            open_.append(module)
            for other in graph[module] - {"riffkit"}:
                visit(other)
            open_.pop()
            done.add(module)

    for module in graph:
        visit(module)


def test_sound_has_one_lazy_import_that_leads_back():
    """A clip shows itself, for which it has to be drawn: all other imports within `sound` lead one way."""
    lazy = []
    for path in MODULES:
        module = dotted(path)
        if module.startswith("riffkit.sound.") and not module.endswith("__init__"):
            inner = set(riffkit_imports(path.read_text(), module))
            lazy += [(module, name) for name in inner if not any(name.startswith(n) for n in imports_at_once(path))]
    lazy = {(module, name.rsplit(".", 1)[0]) for module, name in lazy if "iterations_torch" not in name}
    assert lazy == {("riffkit.sound.clip", "riffkit.sound.display")}


def test_rooms_and_modules_are_small():
    """At most 18 files a room, 350 lines a module, half of all modules within 170: what a reader can hold."""
    rooms = {folder for folder in PACKAGE.rglob("*") if folder.is_dir() and folder.name != "__pycache__"} | {PACKAGE}
    own = {room.name: len([f for f in room.iterdir() if f.is_file() and f.name != "__init__.py"]) for room in rooms}
    assert {name: count for name, count in own.items() if count > 18} == {}
    lines = sorted(len(path.read_text().splitlines()) for path in MODULES if path.name != "__init__.py")
    assert max(lines) <= 350 and lines[len(lines) // 2] <= 170


# What users see has as many parameters as it has wishes; everything else is called by us.
WAYS_TO_RIFF = {"riff", "vary", "inpaint", "extend", "story", "interpolate", "walk"}


def test_functions_are_small():
    """At most ten parameters but in the ways to riff, and few functions beyond fifty lines (docstrings aside)."""
    crowded, long = [], []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            arguments = node.args
            count = len([*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]) + bool(arguments.kwarg)
            count -= bool(arguments.args and arguments.args[0].arg in ("self", "cls"))
            if count > 10 and not (node.name in WAYS_TO_RIFF and "riffing" in path.parts):
                crowded.append(f"{dotted(path)}.{node.name}: {count}")
            lines = node.end_lineno - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                lines -= node.body[0].end_lineno - node.body[0].lineno + 1
            if lines > 50:
                long.append(f"{dotted(path)}.{node.name}: {lines}")
    assert crowded == []
    assert len(long) <= 11, long


def test_music_is_composed_without_torch():
    modules = [dotted(path) for path in MODULES if "compose" in path.parts and path.name != "__init__.py"]
    assert "torch" not in imported_by(f"import {', '.join(modules)}")


def test_public_names_exist():
    for name in riffkit.__all__:
        assert getattr(riffkit, name) is not None
    assert set(riffkit.__all__) <= set(dir(riffkit))
    with pytest.raises(AttributeError, match="no attribute 'rif'; it has .*load"):
        _ = riffkit.rif


def imported_by(statement):
    """Names of all modules a fresh interpreter holds after `statement`."""
    code = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize("statement", ["import riffkit", "import riffkit.cli.main, riffkit.cli.doctor"])
def test_importing_is_instant(statement):
    heavy = "torch diffusers transformers numpy scipy numba librosa soundfile matplotlib PIL ipywidgets".split()
    assert imported_by(statement) & set(heavy) == set()


def test_sound_needs_no_model_library():
    modules = imported_by("import riffkit; riffkit.Clip; riffkit.encode")
    assert modules & {"diffusers", "transformers", "ipywidgets"} == set()
