"""The doctor finds what is missing, says how to mend it, and survives whatever breaks while it looks."""

import subprocess
import sys

import pytest

from riffkit.cli import doctor
from riffkit.cli.doctor import FAIL, OK, WARN, Finding


def report(*checks):
    lines = []
    return doctor.examine(checks, show=lines.append), lines


def test_exit_code_is_zero_unless_something_failed():
    assert report(lambda: [Finding(OK, "a", "fine"), Finding(WARN, "b", "odd", "do c")]) == (
        0,
        ["OK   a             fine", f"WARN b             odd\n{'':19}-> do c", "0 failed, 1 to know about."],
    )
    code, lines = report(lambda: [Finding(OK, "a", "fine")])
    assert (code, lines[-1]) == (0, "All is well.")
    code, lines = report(lambda: [Finding(FAIL, "a", "gone", "get it")])
    assert (code, lines[-1]) == (1, "1 failed, 0 to know about.")


def test_a_check_that_breaks_is_a_finding_and_the_others_still_run():
    def check_sky():
        raise RuntimeError("it fell")
        yield

    code, lines = report(check_sky, lambda: [Finding(OK, "ground", "there")])
    assert code == 1
    assert lines[0].startswith("FAIL sky           RuntimeError: it fell")
    assert lines[1] == "OK   ground        there"


def test_a_missing_package_fails_with_the_line_that_installs_it(monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", ["riffkit-has-no-such-package"])
    (finding,) = doctor.check_packages()
    assert (finding.level, finding.mend) == (FAIL, "pip install riffkit-has-no-such-package")


def test_a_version_that_was_not_tested_is_a_warning(monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", ["numpy"])
    monkeypatch.setattr(doctor, "tested_versions", lambda: {"numpy": "0.1"})
    (finding,) = doctor.check_packages()
    assert finding.level == WARN and "pip install numpy==0.1" in finding.mend


def test_every_needed_package_was_tested():
    tested = doctor.tested_versions()
    assert [name for name in doctor.NEEDED if name not in tested] == []


@pytest.mark.parametrize(
    "check", [doctor.check_sound_formats, doctor.check_fonts, doctor.check_disk], ids=lambda check: check.__name__
)
def test_this_machine_passes(check):
    findings = list(check())
    assert findings and all(finding.level == OK for finding in findings), findings


def test_formats_without_mp3_fail(monkeypatch):
    import soundfile

    real = soundfile.write

    def write(file, samples, rate, format):
        if format == "MP3":
            raise ValueError("Unknown format: 'MP3'")
        real(file, samples, rate, format=format)

    monkeypatch.setattr(soundfile, "write", write)
    failed, rest = doctor.check_sound_formats()
    assert (failed.level, failed.name) == (FAIL, "mp3") and "upgrade soundfile" in failed.mend
    assert rest.text.startswith("wav flac ogg are")


@pytest.mark.slow
def test_the_command_reports_every_check():
    run = subprocess.run([sys.executable, "-m", "riffkit", "doctor"], capture_output=True, text=True, timeout=300)
    assert run.returncode == (1 if "\nFAIL" in run.stdout else 0), run.stderr
    for name in ("riffkit", "packages", "device", "dtype", "model", "formats", "fonts", "kernel", "browser", "disk"):
        assert any(line.split()[1:2] == [name] for line in run.stdout.splitlines()), f"{name} is not in\n{run.stdout}"
