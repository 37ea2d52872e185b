"""riffkit where hardly anything can be written: a read-only package, no home, no caches; one core, no docstrings.

The package is copied and made read-only. Root could write there all the same, so for root the right to is taken away.
"""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from toys import save_toy

import riffkit

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="modes and rights of Linux")]
OVERRIDE, BOUND = 1, 24  # CAP_DAC_OVERRIDE, PR_CAPBSET_DROP
# What could name a place, or change what is seen.
NAMES = (
    "NUMBA_CACHE_DIR",
    "XDG_CACHE_HOME",
    "MPLCONFIGDIR",
    "HF_HOME",
    "PYTHONOPTIMIZE",
    "PYTHONUTF8",
    "OMP_NUM_THREADS",
)


def without_the_right_to_write():
    """Run in the child, before Python: modes then count for root too."""
    import ctypes

    if os.getuid() == 0 and ctypes.CDLL(None).prctl(BOUND, OVERRIDE, 0, 0, 0) != 0:
        raise OSError("CAP_DAC_OVERRIDE cannot be given up")


def folders_of(folder):
    return [folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the package that cannot be written to, with the embedded model beside it."""
    home = tmp_path_factory.mktemp("shared")
    source = Path(riffkit.__file__).parent
    shutil.copytree(source, home / "riffkit", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "data").symlink_to(source.parent / "data")
    for folder in folders_of(home):
        folder.chmod(0o555)
    try:
        subprocess.run(["true"], preexec_fn=without_the_right_to_write, check=True)
        probe = f"open({str(home / 'riffkit' / 'probe')!r}, 'w')"
        wrote = subprocess.run(
            [sys.executable, "-c", probe], preexec_fn=without_the_right_to_write, capture_output=True
        )
        if wrote.returncode == 0:
            pytest.skip("this user writes wherever it likes")
        yield home
    except (OSError, subprocess.SubprocessError):
        pytest.skip("the right to write cannot be given up here")
    finally:
        for folder in folders_of(home):
            folder.chmod(0o755)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder to work in: a sound, and a toy checkpoint."""
    folder = tmp_path_factory.mktemp("desk")
    soundfile.write(folder / "a.wav", 0.3 * np.sin(np.arange(22050) / 20), 44100)
    save_toy(folder / "toy", like="mini")
    return folder


def run(package, desk, *words, python=(), before=None, **variables):
    """A command of the read-only package by a user without a home."""
    environment = {name: value for name, value in os.environ.items() if name not in NAMES}
    environment |= {"HOME": "/proc/nowhere", "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", **variables}

    def prepare():
        without_the_right_to_write()
        if before is not None:
            before()

    made = subprocess.run([sys.executable, *python, "-m", "riffkit", *words], env=environment, cwd=desk, timeout=500,
                          capture_output=True, text=True, preexec_fn=prepare)  # fmt: skip
    assert "Traceback" not in made.stderr, made.stderr
    return made


RIFF = ["riff", "jazz", "--checkpoint", "toy", "--device", "cpu", "--steps", "1", "--seed", "1", "--quality", "fast",
        "--duration", "0.5", "--force"]  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """A folder for temporary files, where code that one test compiled is kept for the next."""
    return str(tmp_path_factory.mktemp("places"))


def test_a_read_only_package_without_a_home_riffs(package, desk, places):
    made = run(package, desk, *RIFF, "-o", "a.png", TMPDIR=places)
    assert made.returncode == 0, made.stderr
    (kept,) = (path for path in Path(places).iterdir() if path.name.startswith("riffkit-"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700 and any(kept.rglob("*.nbc")), "the next start need not compile"
    for words in (
        ["encode", "a.wav", "b.png", "--force"],
        ["decode", "b.png", "b.wav", "--quality", "fast", "--force"],
    ):
        assert run(package, desk, *words, TMPDIR=places).returncode == 0
    told = run(package, desk, "doctor", TMPDIR=places).stdout
    assert f"WARN compiled      is kept in {kept}" in told and "set NUMBA_CACHE_DIR" in told
    assert "WARN home " in told and "set HOME, or MPLCONFIGDIR and HF_HOME" in told
    assert not any((package / "riffkit").rglob("__pycache__"))


def test_no_place_at_all_costs_time_alone(package, desk, tmp_path):
    """Not even for temporary files; the folder of the result is the only one that can be written to."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    (tmp_path / "site").mkdir()
    cut = f"import tempfile; tempfile._get_default_tempdir = lambda: {str(closed)!r}"
    (tmp_path / "site" / "sitecustomize.py").write_text(cut)
    paths = f"{tmp_path / 'site'}{os.pathsep}{package}"
    made = run(package, desk, "encode", "a.wav", "c.png", "--force", TMPDIR=str(closed), PYTHONPATH=paths)
    assert made.returncode == 0 and (desk / "c.png").exists(), made.stderr
    told = run(package, desk, "doctor", TMPDIR=str(closed), PYTHONPATH=paths).stdout
    assert "WARN compiled      is kept nowhere" in told and f"{closed}, not writable" in told


@pytest.mark.parametrize("words", [["doctor"], RIFF, ["encode", "a.wav", "b.png"]])
def test_a_folder_that_was_deleted_under_one_is_left(words, package, tmp_path):
    """In it torch ended the process from inside, without a word that helps."""
    gone = tmp_path / "gone"
    gone.mkdir()
    made = run(package, gone, *words, before=gone.rmdir)
    assert (made.returncode, made.stderr) == (
        2, "riffkit: error: the folder that this runs in was deleted; go to another one, with `cd`\n"
    )  # fmt: skip


def test_named_folders_one_core_and_a_narrow_encoding(package, desk, tmp_path):
    named = {"NUMBA_CACHE_DIR": str(tmp_path / "code"), "MPLCONFIGDIR": str(tmp_path), "HF_HOME": str(tmp_path)}
    named["PYTHONIOENCODING"] = "ascii"
    before = lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # noqa: E731
    told = run(package, desk, "doctor", before=before, **named).stdout
    assert f"OK   compiled      is kept in {tmp_path / 'code'}" in told and "OK   home " in told
    assert "OK   device        cpu, 1 thread\n" in told or "cuda" in told
    assert "WARN letters       this output takes ascii only" in told
    assert run(package, desk, *RIFF, "-o", "one.png", before=before, **named).returncode == 0
    made = run(package, desk, "encode", "a.wav", "教会.png", "--force", **named)
    assert (made.returncode, made.stdout) == (0, "\\u6559\\u4f1a.png\n") and (desk / "教会.png").exists()


def test_without_docstrings_help_and_doctor_work_and_a_riff_says_why_not(package, desk, places):
    for flag in ("-O", "-OO"):
        made = run(package, desk, "--help", python=[flag])
        assert made.returncode == 0 and "vary" in made.stdout
        assert run(package, desk, "decode", "--help", python=[flag]).returncode == 0
    made = run(package, desk, "doctor", python=["-OO"], TMPDIR=places)
    assert made.returncode == 1 and "FAIL python        runs without docstrings (-OO" in made.stdout
    made = run(package, desk, *RIFF, "-o", "o.png", python=["-OO"], TMPDIR=places)
    if made.returncode:
        assert made.returncode == 2
        assert made.stderr.splitlines()[-1].startswith("riffkit: error: this Python runs without docstrings")
    made = run(package, desk, "encode", "a.wav", "o.png", "--force", python=["-OO"], TMPDIR=places)
    assert made.returncode == 0, "what needs no model works"
