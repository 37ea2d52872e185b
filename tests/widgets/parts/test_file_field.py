"""What is uploaded comes from somebody else's browser: it is measured here, and its name is not believed."""

from pathlib import Path

import pytest

from riffkit.widgets.parts import file_field
from riffkit.widgets.parts.file_field import FileField, name_of


def uploaded(field, name, data):
    """What the page would say, as one message."""
    field.set_state({"name": name, "data": memoryview(data)})


def test_a_file_arrives_and_is_gone_with_the_field():
    field = FileField()
    uploaded(field, "a.wav", b"abc")
    path = field.saved()
    assert path.read_bytes() == b"abc" and path.name == "a.wav"
    uploaded(field, "a.wav", b"def")
    assert field.saved() != path and path.read_bytes() == b"abc", "an upload before it was replaced"
    folder = field._folder
    folder.cleanup()
    assert not path.exists() and not Path(folder.name).exists()


def test_what_is_too_large_is_refused_here_too_whatever_the_page_says():
    field = FileField(largest=10)
    field.set_state({"largest": 10**12})
    uploaded(field, "a.wav", bytes(11))
    assert field.data == b"" and "more than 0.0 MB cannot be uploaded" in field.error
    with pytest.raises(ValueError, match="no file was uploaded"):
        field.saved()
    uploaded(field, "a.wav", bytes(10))
    assert field.saved().stat().st_size == 10


def test_there_is_an_end_to_it(monkeypatch):
    monkeypatch.setattr(file_field, "MOST", 2)
    field = FileField()
    uploaded(field, "a.wav", b"abc")
    field.saved(), field.saved()
    with pytest.raises(ValueError, match="2 files were uploaded here; reload the page"):
        field.saved()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../my tone.wav", "my tone.wav"),
        ("C:\\Users\\me\\It's (1) 教会.wav", "It's (1) 教会.wav"),
        ("..", "upload"),
        ("", "upload"),
        ("a/..", "upload"),
        (".bashrc", "bashrc"),
        ("a\0b\n\x1b[31m.wav", "ab[31m.wav"),
        ("\udcff.wav", "wav"),
        ("🎷" * 200 + ".wav", "🎷" * 49 + ".wav"),
    ],
)
def test_names_lead_nowhere_and_fit_a_disk(name, kept, tmp_path):
    assert name_of(name) == kept
    (tmp_path / name_of(name)).write_bytes(b"x")
    assert [path.name for path in tmp_path.iterdir()] == [kept]
