"""requirements.lock can be installed by every Python that is promised, the oldest first of all."""

import importlib.util
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# 3.11.2 is what Debian 12 has; of the newer ones the first that came out
PROMISED = ["3.11.0", "3.11.1", "3.11.2", "3.12.0", "3.13.0", "3.14.0"]


def locked(name="requirements.lock"):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines if not line.startswith("#")}


def test_the_oldest_python_is_where_the_ranges_begin():
    assert PROMISED[0] in SpecifierSet(PROJECT["requires-python"])
    assert "3.10.99" not in SpecifierSet(PROJECT["requires-python"])


@pytest.mark.parametrize("python", PROMISED)
def test_every_package_can_be_installed(python):
    wanted, asked = locked(), {}
    for one in metadata.distributions():
        # what is installed in another version says nothing about the lock
        if wanted.get(canonicalize_name(one.name)) == one.version.split("+")[0]:
            asked[f"{one.name}=={one.version}"] = one.metadata["Requires-Python"] or ""
    assert len(asked) > 50, "too little of the lock is installed to tell"
    assert [f"{name} asks for {words}" for name, words in asked.items() if python not in SpecifierSet(words)] == []


def test_it_holds_what_the_project_asks_for():
    wanted, extras = locked(), PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *extras["train"], *extras["app"], *extras["dev"]]:
        need = Requirement(line)
        assert canonicalize_name(need.name) in wanted, f"{need.name} is not in requirements.lock; run `make lock`"
        assert wanted[canonicalize_name(need.name)] in need.specifier, line


def test_it_names_one_version_each_and_no_build():
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9a-z.]+", line)] == []
    assert len(lines) == len(locked())
    assert lines == sorted(lines, key=lambda line: line.split("==")[0].lower())


def test_it_asks_for_no_card():
    assert [name for name in locked() if name.startswith(("nvidia-", "cuda-", "triton"))] == []


def test_what_pip_would_install_becomes_lines():
    spec = importlib.util.spec_from_file_location("write_lock", ROOT / ".ci" / "write_lock.py")
    spec.loader.exec_module(write_lock := importlib.util.module_from_spec(spec))
    packages = {
        "torch": "2.13.0+cpu",
        "Zlib": "1",
        "riffkit": "0.2.0",
        "nvidia-nccl": "2",
        "triton": "3",
        "attrs": "26.1.0",
    }
    report = {"install": [{"metadata": {"name": name, "version": version}} for name, version in packages.items()]}
    assert write_lock.lines_of(report) == ["attrs==26.1.0", "torch==2.13.0", "Zlib==1"]
