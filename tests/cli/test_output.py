"""Files that commands write: names for new ones, and what is refused before work."""

import argparse
from pathlib import Path

import pytest

from riffkit.cli import output
from riffkit.cli.console import Stages


def test_names_of_new_files_tell_prompt_and_seed():
    assert output.stem_for("Church bells, & a (slow) waltz!", 7) == "church-bells-a-slow-waltz-7"
    assert output.stem_for("../../etc/passwd", 1) == "etc-passwd-1"
    assert output.stem_for("Glöckchen", 2) == "glöckchen-2"
    assert output.stem_for("?", 3) == "riff-3"
    assert len(output.stem_for("la " * 100, 4)) <= 62


@pytest.mark.parametrize("letter", ["a", "ö", "鐘", "𝄞", "🎷", "\udcff"])
def test_names_of_new_files_fit_a_disk(letter, tmp_path):
    path = output.free_path(tmp_path, output.stem_for(letter * 300, 2**31 - 1), ".wav")
    path.touch()
    output.free_path(tmp_path, output.stem_for(letter * 300, 2**31 - 1), ".wav").touch()
    assert len(list(tmp_path.iterdir())) == 2


def test_new_files_never_take_a_name_that_is_taken(tmp_path):
    names = []
    for _ in range(3):
        path = output.free_path(tmp_path, "bells-7", ".wav")
        path.touch()
        names.append(path.name)
    assert names == ["bells-7.wav", "bells-7-2.wav", "bells-7-3.wav"]
    (tmp_path / "drums.wav").symlink_to(tmp_path / "nothing")
    assert output.free_path(tmp_path, "drums", ".wav").name == "drums-2.wav"


def test_a_link_to_nothing_is_a_file_that_exists(tmp_path):
    link = tmp_path / "a.wav"
    link.symlink_to(tmp_path / "nothing")
    with pytest.raises(FileExistsError, match="--force"):
        output.check_output(link, [".wav"], force=False)


def test_a_name_that_no_disk_takes_is_refused_before_work(tmp_path):
    with pytest.raises((ValueError, OSError), match="304|too long"):
        output.check_output(tmp_path / ("a" * 300 + ".wav"), [".wav"], force=False)


class Made:
    """A riff that somebody else's file comes before, while it is being written."""

    def __init__(self, thieves):
        self.clip, self.thieves = argparse.Namespace(duration=1.0), thieves

    def save(self, path, overwrite=False):
        assert not overwrite
        if self.thieves:
            self.thieves -= 1
            Path(path).write_text("another's")
        if Path(path).exists():
            raise FileExistsError(path)
        Path(path).write_text("ours")


def test_a_free_name_that_was_taken_meanwhile_does_not_cost_the_riff(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    output.write(Made(2), "sound", Stages(), argparse.Namespace(output=None, force=True), "bells-7")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "bells-7.wav": "another's", "bells-7-2.wav": "another's", "bells-7-3.wav": "ours",
    }  # fmt: skip
    assert capsys.readouterr().out.startswith("bells-7-3.wav: ")
    with pytest.raises(FileExistsError):
        output.write(Made(1), "sound", Stages(), argparse.Namespace(output=Path("a.wav"), force=False))
