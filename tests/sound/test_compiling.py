"""Compiled functions work wherever they run; their code is kept where there is a place, and only in a safe one."""

import os
import subprocess
import sys

import numpy as np
import pytest

from riffkit.sound import compiling

WINDOWS = sys.platform == "win32"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Nothing is named, and the user's caches are in a folder of this test."""
    monkeypatch.delenv(compiling.VARIABLE, raising=False)
    monkeypatch.setattr(compiling.platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path / "caches"))
    monkeypatch.setattr(compiling.tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    return tmp_path


def refuse(monkeypatch, *folders):
    """No file can be written into these folders, or folders in them."""
    real = compiling.takes_files
    inside = lambda path: any(path.is_relative_to(folder) for folder in folders)  # noqa: E731
    monkeypatch.setattr(compiling, "takes_files", lambda path: not inside(path) and real(path))


def test_code_is_kept_beside_the_source_else_with_the_user_else_nowhere(places, monkeypatch):
    assert compiling.code_folder() == compiling.SOUND / "__pycache__"
    refuse(monkeypatch, compiling.SOUND)
    assert compiling.code_folder() == places / "caches"
    refuse(monkeypatch, compiling.SOUND, places / "caches")
    assert compiling.code_folder() is None
    monkeypatch.setenv(compiling.VARIABLE, str(places / "mine"))
    assert compiling.code_folder() == places / "mine"


@pytest.mark.parametrize("librosa", [False, True])
def test_numba_is_given_a_folder_only_where_it_has_none(librosa, places, monkeypatch):
    """Also where riffkit's own folder can be written to, but librosa's, which compiles too, cannot."""
    import numba

    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    compiling.keep_code()
    assert compiling.VARIABLE not in os.environ
    source = compiling._librosa()[0] if librosa else compiling.SOUND
    refuse(monkeypatch, source)
    compiling.keep_code()
    assert compiling.VARIABLE not in os.environ, "the user's caches take it"
    refuse(monkeypatch, source, places / "caches")
    compiling.keep_code()
    folder = os.environ.pop(compiling.VARIABLE)
    assert folder == numba.config.CACHE_DIR == str(compiling.temporary_folder())
    assert (places / "temporary") in compiling.temporary_folder().parents


@pytest.mark.skipif(WINDOWS, reason="owners and modes of Unix")
def test_a_folder_that_others_could_write_to_is_not_taken(places, tmp_path, monkeypatch):
    """What lies there is run: whoever can write there could run anything as us."""
    folder = compiling.temporary_folder()
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    assert compiling.temporary_folder() is None
    folder.rmdir()
    (tmp_path / "theirs").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "theirs")
    assert compiling.temporary_folder() is None
    folder.unlink()
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert compiling.temporary_folder() is None, "a folder of another user"


@pytest.fixture
def doubling(tmp_path):
    """A function in a file of its own that is compiled, and the folder where its code is kept."""
    source = "def twice(x):\n    return x + x\n"
    file = tmp_path / "doubling.py"
    file.write_text(source)
    names = {}
    exec(compile(source, str(file), "exec"), names)
    return names["twice"], tmp_path / "__pycache__"


TWICE = """
import sys
sys.path.insert(0, {folder!r})
from riffkit.sound import compiling
import doubling_alone
twice = compiling.compiled()(doubling_alone.twice)
print(twice(1.0), sum(twice.stats.cache_hits.values()))
"""


def _in_a_run_of_its_own(folder):
    """What the function says there, and whether its code was read."""
    (folder / "doubling_alone.py").write_text("def twice(x):\n    return x + x\n")
    environment = {name: value for name, value in os.environ.items() if name != compiling.VARIABLE}
    program = [sys.executable, "-c", TWICE.format(folder=str(folder))]
    done = subprocess.run(program, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    said, read = done.stdout.split()
    return float(said), read == "1"


def test_code_is_kept_and_read_again(tmp_path):
    assert _in_a_run_of_its_own(tmp_path) == (2, False)
    assert {".nbi", ".nbc"} <= {path.suffix for path in (tmp_path / "__pycache__").iterdir()}
    assert _in_a_run_of_its_own(tmp_path) == (2, True)


def test_without_any_place_a_function_is_compiled_all_the_same(doubling, monkeypatch):
    from numba.core import caching

    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    monkeypatch.setattr(caching.config, "CACHE_LOCATOR_CLASSES", "", raising=False)
    function, folder = doubling
    assert compiling.compiled(fastmath=True)(function)(np.float32(3)) == 6 and not folder.exists()


@pytest.mark.parametrize("cut", ["index", "code"])
def test_damaged_code_is_compiled_anew_and_mended(cut, tmp_path):
    """A file of no bytes, as a power cut leaves it, ended every command in an EOFError."""
    assert _in_a_run_of_its_own(tmp_path) == (2, False)
    (file,) = (tmp_path / "__pycache__").glob("*.nbi" if cut == "index" else "*.nbc")
    file.write_bytes(b"")
    assert _in_a_run_of_its_own(tmp_path) == (2, False)
    assert _in_a_run_of_its_own(tmp_path) == (2, True)


def test_a_full_disk_costs_the_keeping_alone(doubling, monkeypatch):
    from numba.core import caching

    def full(self, path):
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(caching.IndexDataCacheFile, "_open_for_write", full)
    assert compiling.compiled()(doubling[0])(1.0) == 2


def test_all_that_this_floor_keeps_is_compiled_here():
    found = [path.name for path in compiling.SOUND.rglob("*.py") if "cache=True" in path.read_text("utf-8")]
    assert found == ["compiling.py"]
