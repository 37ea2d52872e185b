"""Streams as the world gives them: narrow, closed, missing, full, read by nobody. The work is done all the same."""

import io
import os
import subprocess
import sys

import pytest

from riffkit.cli import console

TELL = "from riffkit.cli import console; console.prepare_streams(); console.say('told'); console.tell({!r})"


def run(result, *, before="", **options):
    """A process that tells a result and a line, and then says 3 by its exit code."""
    code = f"{before}\n{TELL.format(result)}\nimport sys; sys.exit(3)"
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([sys.executable, "-c", code], timeout=60, **given)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "cp437"])
def test_a_narrow_encoding_shows_escapes(encoding):
    made = run("教会.png", env=os.environ | {"PYTHONIOENCODING": encoding})
    assert (made.returncode, made.stdout.split(), made.stderr.split()) == (3, [b"\\u6559\\u4f1a.png"], [b"told"])


def test_a_name_that_is_no_text_is_shown_with_escapes():
    assert run("a\udcff.png").stdout.split() == [b"a\\udcff.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="closes streams as a Unix shell does")
@pytest.mark.parametrize("closed", [(2,), (1,), (0, 1, 2)])
def test_closed_streams_are_no_error_and_files_are_not_written_into(closed, tmp_path):
    before = "".join(f"import os; os.close({number});" for number in closed)
    file = tmp_path / "next"
    code = f"{TELL.format('out')}; f = open({str(file)!r}, 'w'); console.say('x'); print('y', flush=True); exit(3)"
    shell = f"import os, sys; {before} os.execv(sys.executable, [sys.executable, '-c', {code!r}])"
    made = subprocess.run([sys.executable, "-c", shell], capture_output=True, timeout=60)
    assert made.returncode == 3 and file.read_bytes() == b""
    assert (made.stdout == b"out\ny\n" or os.linesep != "\n") == (1 not in closed)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux's device that is always full")  # noqa: PTH110
def test_a_full_output_is_said_and_is_no_failure():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        made = run("bells.wav", stdout=full)
        assert made.returncode == 3
        assert b"could not be told (no space left on device): bells.wav" in made.stderr
        assert run("bells.wav", stderr=full).returncode == 3


def test_a_pipe_that_nobody_reads_is_left_in_peace():
    reader, writer = os.pipe()
    os.close(reader)
    try:
        made = run("bells.wav", stdout=writer)
        assert (made.returncode, made.stderr.split()) == (3, [b"told"])
        made = run("bells.wav", stderr=writer)
        assert (made.returncode, made.stdout.split()) == (3, [b"bells.wav"])
    finally:
        os.close(writer)


def test_a_closed_file_and_none_take_everything(monkeypatch):
    closed = io.StringIO()
    closed.close()
    for stream in (closed, None):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(sys, "stdout", stream)
        console.say("to nobody")
        console.tell("to nobody")


def test_what_would_steer_a_terminal_is_shown_as_what_it_is(capsys):
    console.say("a\x1b]0;title\x07b\u202egnp.exe\u2028c\rd\nnext")
    assert capsys.readouterr().err == "a\\x1b]0;title\\x07b\\u202egnp.exe\\u2028c\\rd\nnext\n"
    told = "Glöckchen 教会 \N{NO-BREAK SPACE} 👩\u200d🎤 می\u200cخواهم"
    assert console.plain(told) == told, "letters that people write with are left alone"
