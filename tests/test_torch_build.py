"""Which build of PyTorch a machine gets: what the user says, else what the machine shows."""

import http.server
import re
import socket
import threading
import time
from pathlib import Path

import pytest

import torch_build

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "choice, system, nvidia, cpu",
    [
        ("", "Linux", False, True),
        ("", "Linux", True, False),
        ("", "Darwin", False, False),
        ("", "Windows", False, False),
        ("cpu", "Linux", True, True),
        ("cpu", "Darwin", False, True),
        ("cuda", "Linux", False, False),
    ],
)
def test_what_is_said_decides_and_else_what_is_there(choice, system, nvidia, cpu):
    assert torch_build.wants_cpu_build(choice, system, nvidia) is cpu


@pytest.mark.parametrize("place", ["dev/nvidia0", "dev/nvidia3", "dev/nvidiactl", "dev/dxg", "proc/driver/nvidia"])
def test_a_device_is_seen_where_linux_shows_it(tmp_path, place):
    assert not torch_build.has_nvidia(tmp_path)
    (tmp_path / place).mkdir(parents=True)
    assert torch_build.has_nvidia(tmp_path)


def test_another_word_is_refused_before_anything_is_done(capsys, monkeypatch):
    monkeypatch.setattr(torch_build, "install", lambda version: pytest.fail("something was installed"))
    assert torch_build.main("gpu") == 2
    assert "TORCH=gpu is not known; TORCH=cpu and TORCH=cuda are" in capsys.readouterr().err


@pytest.mark.parametrize(
    "choice, reached, had, code, asked, said",
    [
        ("", True, True, 0, 1, "took PyTorch's CPU build"),
        ("", True, False, 0, 1, "cannot be had: the plain torch"),
        ("", False, True, 0, 0, "cannot be had: the plain torch"),
        ("cpu", False, True, 0, 1, ""),
        ("cpu", True, False, 1, 1, "TORCH=cpu: no CPU build"),
        ("cuda", True, True, 0, 0, ""),
    ],
)
def test_a_laptop_without_a_card(monkeypatch, capsys, choice, reached, had, code, asked, said):
    installed = []
    monkeypatch.setattr(torch_build.platform, "system", lambda: "Linux")
    monkeypatch.setattr(torch_build, "has_nvidia", lambda: False)
    monkeypatch.setattr(torch_build, "is_installed", lambda version: False)
    monkeypatch.setattr(torch_build, "can_be_reached", lambda url: reached)
    monkeypatch.setattr(torch_build, "install", lambda version: installed.append(version) or had)
    assert torch_build.main(choice) == code
    assert installed == asked * [torch_build.locked_version()]
    out = capsys.readouterr()
    assert said in out.out + out.err and bool(out.err) == bool(code)


def test_what_is_in_place_is_left_alone(monkeypatch):
    monkeypatch.setattr(torch_build, "install", lambda version: pytest.fail("something was installed"))
    monkeypatch.setattr(torch_build, "is_installed", lambda version: True)
    assert torch_build.main("cpu") == torch_build.main() == 0


def test_an_address_that_is_silent_is_given_up_within_seconds():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert not torch_build.can_be_reached(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2)
        assert time.monotonic() - start < 5
    assert not torch_build.can_be_reached("http://127.0.0.1:1/")


def test_an_address_that_answers_is_reached():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.RequestHandlerClass.do_GET = lambda self: (self.send_response(200), self.end_headers())
        server.RequestHandlerClass.log_message = lambda *_: None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert torch_build.can_be_reached(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def test_everybody_who_installs_is_told():
    for name in ("README.md", "environment.yml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "torch_build.py" in text or torch_build.INDEX in text, name
    assert re.fullmatch(r"\d+\.\d+\.\d+", torch_build.locked_version())
