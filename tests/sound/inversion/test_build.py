"""A change in any kernel compiles all of them anew: numba by itself watches only a function's own file."""

import subprocess
import sys
from pathlib import Path

import pytest

from riffkit.sound.inversion.kernels import build, fft, frames, loops, radix

FOLDER = Path(build.__file__).parent
KERNELS = [loops.play_rounds, loops._compare, fft.transform, radix.pass_5, radix.last_2, frames.overlap]


@pytest.mark.parametrize("name", [path.name for path in FOLDER.glob("*.py")])
def test_every_file_counts(tmp_path, name):
    for path in FOLDER.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert build.digest_of(tmp_path) == build.SOURCES
    with (tmp_path / name).open("a") as file:
        file.write("#")
    assert build.digest_of(tmp_path) != build.SOURCES


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.py_func.__name__)
def test_a_kernels_name_ends_in_the_digest(kernel):
    assert kernel.py_func.__qualname__.endswith(f"-{build.SOURCES}")


PACKAGE = {
    "first.py": "import numba\n@numba.njit\ndef number():\n    return {number}\n",
    "second.py": """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import first
from riffkit.sound.inversion.kernels import build
build.SOURCES = build.digest_of(Path(sys.argv[1]))
{decorator}
def asked():
    return first.number()
print(asked())
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("decorator", ["@build.compiled", "@build.fast"])
def test_what_is_called_from_another_file_is_compiled_anew(tmp_path, decorator):
    answers = []
    for number in (1, 2):
        (tmp_path / "first.py").write_text(PACKAGE["first.py"].format(number=number))
        if number == 1:  # written once: its own file does not change
            (tmp_path / "second.py").write_text(PACKAGE["second.py"].format(decorator=decorator))
        run = [sys.executable, "-B", str(tmp_path / "second.py"), str(tmp_path)]
        answers.append(subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip())
    assert answers == ["1", "2"]
    assert list(tmp_path.rglob("*.nbi")), "and they are kept"
