"""Captions as people have them: what is there is read, and what is not read gets a line in the report."""

import json
import os
import unicodedata

import numpy as np
import pytest
import soundfile

from riffkit.training.data.collections import read_collection
from riffkit.training.data.folders import read_folder
from riffkit.training.data.recordings import Skipped
from riffkit.training.data.texts import read_text

UMLAUT = "B\u00e4r \u00e9t\u00e9"


def sound(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.full(2205, 0.1), 22050)
    return path


def said(found):
    """All captions by file name, and all that the report would say."""
    captions = {recording.path.name: recording.captions for recording in found.recordings}
    return captions, [*map(str, found.skipped), *found.notes]


TABLES = {
    "commas": ("metadata.csv", "file_name,text\na.wav,slow piano\n"),
    "semicolons": ("metadata.csv", "file_name;text\na.wav;slow piano\n"),
    "tabs": ("metadata.csv", "file_name\ttext\na.wav\tslow piano\n"),
    "bars": ("metadata.csv", "file_name|text\na.wav|slow piano\n"),
    "a blank after it": ("metadata.csv", "file_name, text\na.wav, slow piano\n"),
    "quoted": ("metadata.csv", '"file_name", "text"\r\n"a.wav", "slow piano"\r\n'),
    "old Macs": ("metadata.csv", "file_name,text\ra.wav,slow piano\r"),
    "a spreadsheet": ("metadata.csv", "sep=;\r\nfile_name;text\r\na.wav;slow piano\r\n"),
    "utf-16": ("metadata.csv", "\ufefffile_name\ttext\r\na.wav\tslow piano\r\n".encode("utf-16-le")),
    "utf-16 unmarked": ("metadata.csv", "file_name;text\r\na.wav;slow piano\r\n".encode("utf-16-le")),
    "a mark": ("metadata.csv", "\ufefffile_name,text\na.wav,slow piano\n"),
    "capitals": ("metadata.csv", "File_Name,Caption\na.wav,slow piano\n"),
    "other columns": ("metadata.csv", "path;description\na.wav;slow piano\n"),
    "another name": ("captions.csv", "file,caption\na.wav,slow piano\n"),
    "tsv": ("my songs.tsv", "file\tcaption\na.wav\tslow piano\n"),
    "no header": ("captions.csv", "a.wav,slow piano\n"),
    "jsonl by another name": ("train.jsonl", '{"audio": "a.wav", "text": "slow piano"}\n'),
    "a list": ("captions.json", '[{"file_name": "a.wav", "text": "slow piano"}]'),
    "by name": ("captions.json", '{"a.wav": "slow piano"}'),
    "as kohya's": ("meta_cap.json", '{"a": {"caption": "slow piano"}}'),
    "a backslash": ("metadata.csv", "file_name,text\n.\\a.wav,slow piano\n"),
    "other capitals": ("metadata.csv", "file_name,text\nA.WAV,slow piano\n"),
    "no ending": ("metadata.csv", "file_name,text\na,slow piano\n"),
    "beside it": ("a.caption", "slow piano"),
    "beside it, with its whole name": ("a.wav.txt", "slow piano"),
    "beside it, in capitals": ("A.TXT", "slow\n piano"),
    "beside it, in UTF-16": ("a.txt", "\ufeffslow piano".encode("utf-16-le")),
}


@pytest.mark.parametrize("kind", TABLES)
def test_captions_are_read_wherever_people_write_them(tmp_path, kind):
    name, text = TABLES[kind]
    sound(tmp_path / "a.wav")
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": ("slow piano",)}, lines
    assert not [line for line in lines if "a.wav" in line]


@pytest.mark.parametrize("cut", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_lines_end_at_line_ends_only(tmp_path, cut, kind):
    for name in "ab":
        sound(tmp_path / f"{name}.wav")
    rows = [(f"{name}.wav", f"slow{cut}piano {name}") for name in "ab"]
    text = {
        "csv": "file_name,text\n" + "".join(f"{name},{words}\n" for name, words in rows),
        "jsonl": "".join(f'{{"file_name": "{name}", "text": "{words}"}}\n' for name, words in rows),
    }[kind]
    if cut < " " and kind == "jsonl":
        text = text.replace(cut, json.dumps(cut)[1:-1])
    (tmp_path / f"metadata.{kind}").write_text(text, encoding="utf-8", newline="")
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": ("slow piano a",), "b.wav": ("slow piano b",)}, lines


def test_a_caption_of_several_lines_is_one(tmp_path):
    for name in "ab":
        sound(tmp_path / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text('file_name,text\na.wav,"slow\npiano"\nb.wav,drums\ngone.wav,x\n')
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": ("slow piano",), "b.wav": ("drums",)}
    assert lines == ["gone.wav: metadata.csv, line 5 names it, but it is not there"], "the line as an editor counts"


@pytest.mark.parametrize(("table", "file"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFC", "NFC")])
@pytest.mark.parametrize("where", ["table", "beside"])
def test_two_spellings_of_a_letter_are_one(tmp_path, table, file, where):
    name = unicodedata.normalize(table, UMLAUT)
    path = sound(tmp_path / unicodedata.normalize(file, UMLAUT) / (unicodedata.normalize(file, UMLAUT) + ".wav"))
    if where == "table":
        row = {"file_name": f"{name}/{name}.wav", "text": "slow piano"}
        (tmp_path / "metadata.jsonl").write_text(json.dumps(row))
    else:
        (path.parent / f"{name}.txt").write_text("slow piano")
    captions, lines = said(read_folder(tmp_path))
    assert captions == {path.name: ("slow piano",)} and not lines


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_other_encodings_are_read_and_said(tmp_path, encoding):
    sound(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_bytes(f"file_name,text\na.wav,{UMLAUT}\n".encode(encoding))
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": (UMLAUT,)} and "metadata.csv: it is not UTF-8, and was read as cp1252" in lines[0]


def test_letters_of_the_east_are_read_in_a_text_of_some_length(tmp_path):
    words = "медленное пианино, тихие барабаны и далекие колокола в старой церкви"
    (tmp_path / "a.txt").write_bytes(words.encode("cp1251"))
    assert read_text(tmp_path / "a.txt").text == words


def test_commas_in_the_last_column_are_part_of_the_caption(tmp_path):
    sound(tmp_path / "a.wav")
    (tmp_path / "metadata.csv").write_text("file_name,text\na.wav,slow piano, with drums\n")
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": ("slow piano, with drums",)} and "line 2 has commas in its caption" in lines[0]
    (tmp_path / "metadata.csv").write_text("text,file_name\nslow piano, with drums,a.wav\n")
    assert any("line 2 has 3 values for 2 columns" in line for line in said(read_folder(tmp_path))[1])


def test_a_table_that_names_no_files_says_its_columns(tmp_path):
    sound(tmp_path / "bells" / "a.wav")
    (tmp_path / "bells" / "songs.csv").write_text("titel;worte\na.wav;slow piano\n")
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"a.wav": ("bells",)}, "a table that names no recording keeps none out"
    assert any("no column names files" in line and "semicolons" in line and "titel, worte" in line for line in lines)


def test_what_is_not_read_is_named(tmp_path):
    sound(tmp_path / "10_church bells" / "a.wav")
    for name in ("phone call.m4a", "-v.wma", "tune.mid", "songs.zip", "songs.tar.gz", "captions.xlsx", "lyrics.txt",
                 "data.json", "README.txt", "LICENSE.txt", "cover.png"):  # fmt: skip
        (tmp_path / "10_church bells" / name).write_bytes(b"{}")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "a.wav").write_bytes(b"nothing")
    captions, lines = said(read_folder(tmp_path))
    report = "\n".join(lines)
    assert captions == {"a.wav": ("church bells",)}
    for expected in ("ffmpeg -i 'phone call.m4a' 'phone call.wav'", "ffmpeg -i ./-v.wma ./-v.wav", "holds notes",
                     "songs.zip: it is an archive", "songs.tar.gz: it is an archive", "captions.xlsx",
                     "lyrics.txt", "data.json", "for a caption: church bells; the number before it"):  # fmt: skip
        assert expected in report, report
    for silent in ("README", "LICENSE", "cover.png", "MACOSX"):
        assert silent not in report


def test_an_archive_alone_is_named(tmp_path):
    (tmp_path / "songs.zip").write_bytes(b"PK")
    for folder, error in ((tmp_path, ValueError), (tmp_path / "songs.zip", NotADirectoryError)):
        with pytest.raises(error, match="unpack it first"):
            read_folder(folder)


def test_linked_folders_are_read_once(tmp_path):
    sound(tmp_path / "elsewhere" / "a.wav")
    home = tmp_path / "in"
    home.mkdir()
    (home / "bells").symlink_to(tmp_path / "elsewhere")
    (home / "again").symlink_to(home)
    (home / "around").symlink_to(tmp_path)
    (home / "nothing.wav").symlink_to(tmp_path / "gone.wav")
    found = read_folder(home)
    assert len([r for r in found.recordings if r.path.name == "a.wav"]) == 1


@pytest.mark.parametrize("name", ["../private.wav", "{outside}", "x/../../private.wav", "..\\private.wav"])
def test_no_table_leads_out_of_its_folder(tmp_path, name):
    sound(tmp_path / "private.wav")
    sound(tmp_path / "in" / "a.wav")
    name = name.replace("{outside}", str(tmp_path / "private.wav"))
    rows = [{"file_name": name, "text": "x"}, {"file_name": str(tmp_path / "in" / "a.wav"), "text": "y"}]
    (tmp_path / "in" / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    captions, lines = said(read_folder(tmp_path / "in"))
    assert captions == {"a.wav": ("y",)}, "a whole path within the folder is none that leads out"
    assert any("line 1 leads out of" in line for line in lines)


def test_no_collection_leads_out_of_its_folder(tmp_path):
    sound(tmp_path / "private.wav")
    song = tmp_path / "song"
    (song / "audio").mkdir(parents=True)
    (song / "song_describer.csv").write_text(
        f"track_id,path,caption\n1,{tmp_path / 'private.wav'},x\n2,../private.wav,y\n"
    )
    found = read_collection(song, "song-describer")
    assert found.recordings == [] and all("leads out" in str(one) for one in found.skipped) and len(found.skipped) == 2


def test_names_that_are_no_utf8_are_read(tmp_path):
    try:
        sound(tmp_path / "a.wav").rename(tmp_path / os.fsdecode(b"b\xe4r.wav"))
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such names")
    (recording,) = read_folder(tmp_path).recordings
    assert recording.path.name == os.fsdecode(b"b\xe4r.wav")


def test_reports_are_shown_not_obeyed():
    line = str(Skipped("\x1b[2J\u202egnp.wav", "it\x07 rings"))
    assert line.isprintable() and "\\x1b[2J" in line and "gnp.wav" in line


HOSTILE = {
    "deep lists": "[" * 100_000,
    "deep objects": '{"a": ' * 100_000,
    "a long number": "1" * 5000,
    "half a letter": '{"file_name": "\\ud800.wav", "text": "x"}',
    "an object for a name": '{"file_name": {}, "text": "x"}',
    "a zero in a name": '{"file_name": "a\\u0000.wav", "text": 1}',
    "a name without end": f'{{"file_name": "{"x" * 5000}", "text": "x"}}',
    "no number": "NaN",
    "a mark": "\ufeff",
    "nothing": "\n\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_lines_are_left_out_with_a_reason(tmp_path, text):
    sound(tmp_path / "a.wav")
    (tmp_path / "metadata.jsonl").write_text(text + '\n{"file_name": "a.wav", "text": "slow piano"}\n')
    captions, _ = said(read_folder(tmp_path))
    assert captions in ({"a.wav": ("slow piano",)}, {})


def test_a_field_beyond_all_measure_is_named(tmp_path):
    for name in "ab":
        sound(tmp_path / f"{name}.wav")
    (tmp_path / "metadata.csv").write_text(f"file_name,text\na.wav,{'x' * 200_000}\nb.wav,drums\n")
    captions, lines = said(read_folder(tmp_path))
    assert captions == {"b.wav": ("drums",)} and any("line 2 cannot be read (field larger" in line for line in lines)
