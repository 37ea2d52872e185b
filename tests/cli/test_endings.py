"""Every end of a command: its exit code, its one line, and what a signal leaves behind."""

import signal
import subprocess
import sys
import threading

import pytest

from riffkit.cli import main
from riffkit.cli.endings import Stopped, ended
from riffkit.progress import Cancelled


class Odd(BaseException):
    """What a library in another language raises."""


def raising(error):
    def run():
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("strength is 2"), 2, "error: strength is 2"),
        (FileNotFoundError(2, "No such file or directory", "a.wav"), 2, "error: a.wav: no such file or directory"),
        (OSError(28, "No space left on device"), 2, "error: no space left on device"),
        (Cancelled("stopped"), 2, "error: stopped"),
        (MemoryError("the GPU cannot hold one step. --batch 4 would help"), 2, "error: the GPU cannot hold one step."),
        (MemoryError(), 2, "error: there is not enough memory for this; ask for less"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), 2, "error: there is not enough memory"),
        (IndexError("list index out of range"), 1, "this is a fault of riffkit: IndexError: list index out of range"),
        (KeyError("prompt"), 1, "this is a fault of riffkit: KeyError: 'prompt'"),
        (Odd("panicked"), 1, "this is a fault of riffkit: Odd: panicked"),
        (ValueError("two\nlines \x1b[31m and a \udcff"), 2, "error: two lines \\x1b[31m and a \\udcff"),
        (AssertionError(), 1, "this is a fault of riffkit: AssertionError: AssertionError"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_each_error_has_a_code_and_one_line(error, code, said, capsys):
    assert ended(raising(error)) == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"riffkit: {said}")
    assert ("please report it" in line) == (code == 1)


def test_a_fault_names_its_line(capsys):
    assert ended(lambda: signal_of_nothing()) == 1
    assert "(riffkit/cli/endings.py:" in capsys.readouterr().err


def signal_of_nothing():
    """A fault within riffkit: a signal that there is not, which only our own code could have meant."""
    try:
        Stopped(99999)
    except ValueError as error:
        raise LookupError("no such signal") from error


def test_debug_shows_where_an_error_came_from(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in (["--debug", "encode", "gone.wav", "a.png"], ["encode", "gone.wav", "a.png", "--debug"]):
        assert main.main(words) == 2
        told = capsys.readouterr().err
        assert "Traceback" in told and told.splitlines()[-1].startswith("riffkit: error: gone.wav")
    assert main.main(["encode", "gone.wav", "a.png"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "riffkit: stopped; no file is half-written"),
        (Stopped(signal.SIGTERM), 143, "riffkit: stopped by SIGTERM; no file is half-written"),
    ],
)
def test_who_is_stopped_says_so(error, code, said, capsys):
    assert ended(raising(error)) == code
    assert capsys.readouterr().err == f"{said}\n"
    assert ended(raising(error), resumable=True) == code
    assert "the same command goes on" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["dataset", "finetune", "train-mini"])
def test_training_goes_on_after_a_stop(command, capsys, monkeypatch):
    """Also train-mini said that nothing was written."""
    words = {"dataset": ["a", "b"], "finetune": ["a", "-o", "b"], "train-mini": ["--output", "b"]}[command]
    real = main.read

    def read(argv):
        arguments = real(argv)
        arguments.function = lambda _: (_ for _ in ()).throw(KeyboardInterrupt)
        return arguments

    monkeypatch.setattr(main, "read", read)
    assert main.main([command, *words]) == 130
    assert capsys.readouterr().err == "riffkit: stopped; what was done is kept, and the same command goes on\n"


def test_help_tells_the_exit_codes(capsys):
    with pytest.raises(SystemExit):
        main.main(["--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "exit codes: 0 done; 1 riffkit has a fault" in told and "130 Ctrl-C" in told and "--debug" in told


LONG = """
import sys, time
from riffkit.cli import main
def forever(arguments):
    try:
        print("there", flush=True)
        while True:
            time.sleep(0.05)
    finally:
        print("tidy", flush=True)
main.doctor = forever
sys.argv = ["riffkit", "doctor"]
sys.exit(main.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_is_one_line_and_128_and_its_number(name):
    number = getattr(signal, name)
    run = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))  # fmt: skip
    assert run.stdout.readline() == "there\n"
    run.send_signal(number)
    out, told = run.communicate(timeout=60)
    assert (run.returncode, out) == (128 + number, "tidy\n")
    assert len(told.splitlines()) == 1 and told.startswith("riffkit: stopped")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of Unix")
def test_who_was_told_to_outlive_the_terminal_does():
    """`nohup riffkit ...` ignores SIGHUP, and goes on ignoring it."""
    code = LONG.replace("import sys, time", "import signal, sys, time; signal.signal(signal.SIGHUP, signal.SIG_IGN)")
    run = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "there\n"
    run.send_signal(signal.SIGHUP)
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) == 143
    run.communicate()


def test_commands_called_from_other_threads_leave_signals_alone(capsys):
    seen = []
    thread = threading.Thread(target=lambda: seen.append(main.main(["encode", "gone.wav", "a.png"])))
    before = signal.getsignal(signal.SIGTERM)
    thread.start()
    thread.join()
    assert seen == [2] and signal.getsignal(signal.SIGTERM) is before
    capsys.readouterr()
