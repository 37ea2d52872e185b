"""The README's examples run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

import riffkit
from riffkit.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [text for name, text in fenced if name == language]


def test_python_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, *others = blocks("python")
    names = {}
    exec(first, names)
    assert (tmp_path / "bass.wav").exists() and names["clip"].duration > 1
    # the others need a full-size checkpoint, and differ in nothing but its name
    assert all("riffkit.load(" in other for other in others)


def test_commands_are_commands_of_the_command_line():
    lines = [line for block in blocks("") for line in block.splitlines() if line.startswith("riffkit ")]
    assert len(lines) >= 4
    for line in lines:
        command = re.split(r"\s{3,}", line)[0]
        arguments = main.parser().parse_args(shlex.split(command)[1:])
        assert callable(arguments.function)


def test_the_ways_to_install_name_what_is_there():
    quick, *_ = blocks("bash")
    assert [line.split()[:2] for line in quick.splitlines()] == [["make", "riff"], ["make", "lab"]]
    assert "git clone --depth 1" in README.split("```bash")[0], "the whole history is five times as much"
    (pip,) = (block for block in blocks("") if "-m venv" in block)
    files = re.findall(r"-r (\S+)|python (\w+\.py)", pip)
    assert [one or other for one, other in files] == ["torch_build.py", "requirements.lock"], (
        "torch's build comes first"
    )
    assert all((ROOT / (one or other)).exists() for one, other in files)
    assert {"TORCH=cpu", "TORCH=cuda"} <= set(re.findall(r"TORCH=\w+", README))


@pytest.mark.parametrize("path", ["requirements.lock", "environment.yml", "LICENSE", "Makefile", "notebooks", "data"])
def test_what_it_names_is_there(path):
    assert (ROOT / path).exists()


def test_every_make_target_it_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", README, re.MULTILINE))
    assert {"riff", "lab", "test", "lint"} <= named <= targets


def test_an_afternoons_reading_is_as_long_as_it_says():
    section = README.split("## Reading it")[1].split("\n## ")[0]
    (promised,) = re.findall(r"less than ([\d,]+) lines", section)
    lines = 0
    for folder, files in re.findall(r"^\d\. .*?`(riffkit/\w+)`: (.*)$", section, re.MULTILINE):
        for name in re.findall(r"`(\w+\.py)`", files):
            lines += len((ROOT / folder / name).read_text(encoding="utf-8").splitlines())
    assert 3000 < lines < int(promised.replace(",", ""))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_files_and_links_that_pages_name_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:riffkit|tests|benchmarks|data|notebooks)/[\w./-]*)`", text)
    named += re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_version_is_the_same_wherever_it_stands():
    assert f"\nversion: {riffkit.__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {riffkit.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
