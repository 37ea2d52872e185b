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
from . import phase
from .mel import filters
from ..diffusion.riff import Riff
def lazy():
    from riffkit.cli.main import main
import numpy.fft
"""
    assert set(riffkit_imports(source, "riffkit.sound.clip")) == {
        "riffkit.sound.mel",
        "riffkit.training",
        "riffkit.sound.inversion.phase",
        "riffkit.sound.mel.filters",
        "riffkit.riffing.riff.Riff",
        "riffkit.cli.main.main",
    }
    with pytest.raises(ValueError, match="leaves the package"):
        list(riffkit_imports("from ... import os", "riffkit.sound"))


def test_there_is_no_utils():
    assert [dotted(path) for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")] == []


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
