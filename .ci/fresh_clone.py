"""Follow the README to the letter in an empty folder, as a newcomer would; then run further commands there.

    python3 .ci/fresh_clone.py CHECKOUT EMPTY_FOLDER [COMMAND ...]

The first commands are read from the README's quick start, so that what it promises is what is tested. `make lab` is
stopped once JupyterLab serves the welcome notebook, and what `make wheel` built is tried away from the checkout.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path


def quick_start(readme):
    """The lines of the first code block under "## Quick start"."""
    block = re.search(r"^## Quick start\n.*?^```bash\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    if block is None:
        sys.exit("the README has no bash block under '## Quick start'")
    return [line for line in block[1].splitlines() if line.strip() and not line.startswith("#")]


def step(command, folder, environment):
    print(f"\n$ {command}", flush=True)
    start = time.monotonic()
    code = subprocess.run(command, shell=True, cwd=folder, env=environment, stdin=subprocess.DEVNULL).returncode
    print(f"  [{time.monotonic() - start:.1f} s]", flush=True)
    if code:
        sys.exit(f"that failed, with exit code {code}: {command}")


def open_lab(command, folder, environment):
    """Run `make lab` until it serves the notebook and has sent a browser there."""
    print(f"\n$ {command}", flush=True)
    start, runtime = time.monotonic(), folder.parent / "jupyter-runtime"
    visited = folder.parent / "visited"
    browser = folder.parent / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {visited}\n')
    browser.chmod(0o755)
    environment = environment | {"BROWSER": str(browser), "JUPYTER_RUNTIME_DIR": str(runtime)}
    with (folder.parent / "lab.log").open("w") as log:
        lab = subprocess.Popen(
            command, shell=True, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while time.monotonic() < start + 300:
            if lab.poll() is not None:
                sys.exit(f"make lab ended:\n{(folder.parent / 'lab.log').read_text()[-3000:]}")
            servers = [json.loads(path.read_text()) for path in runtime.glob("jpserver-*.json")]
            if visited.exists() and visited.read_text().strip() and servers:
                break
            time.sleep(0.2)
        else:
            sys.exit("make lab opened no browser within 300 s")
        page = Path(visited.read_text().strip().removeprefix("file://")).read_text()
        assert "notebooks/00_welcome.ipynb" in page, f"the browser was sent elsewhere: {page}"
        server = servers[0]
        for place in ("lab/tree/notebooks/00_welcome.ipynb", "api/contents/notebooks/00_welcome.ipynb"):
            urllib.request.urlopen(f"{server['url']}{place}?token={server['token']}", timeout=60)
    finally:
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGTERM)
            lab.wait(60)
    print(f"  JupyterLab served the welcome notebook [{time.monotonic() - start:.1f} s]", flush=True)


def try_wheel(folder, environment):
    """A wheel holds everything: away from the checkout, the embedded model speaks from inside it."""
    (wheel,) = (folder / "dist").glob("riffkit-*.whl")
    inside = folder.parent / "from-wheel"
    zipfile.ZipFile(wheel).extractall(inside)
    python = f"{folder}/.venv/bin/python -P"
    environment = environment | {"PYTHONPATH": str(inside)}
    step(f"{python} -m riffkit riff 'church bells' --steps 2 --seed 1 -o {inside}/bells.flac", inside, environment)
    where = "import riffkit.models.files as c; print(c.__file__, c.find_folder('mini'))"
    found = subprocess.run(
        f'{python} -c "{where}"', shell=True, env=environment, cwd=inside, capture_output=True, text=True
    )
    assert found.stdout.count(str(inside)) == 2, f"the checkout was used, not the wheel: {found.stdout}{found.stderr}"


def main(checkout, empty, *commands):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTHONPATH"))}
    environment |= {"HF_HUB_OFFLINE": "1"}
    empty = Path(empty).resolve()
    empty.mkdir(parents=True, exist_ok=True)
    folder = empty / "riffkit"
    step(f"git clone -q {shlex.quote(str(Path(checkout).resolve()))} riffkit", empty, environment)
    start = time.monotonic()
    for command in quick_start((folder / "README.md").read_text(encoding="utf-8")):
        (open_lab if command.startswith("make lab") else step)(command, folder, environment)
        if command.startswith("make riff"):
            sounds = [path for path in folder.glob("*.wav") if path.stat().st_size > 100_000]
            assert sounds, "make riff left no sound"
            print(f"  first sound, {sounds[0].name}, {time.monotonic() - start:.1f} s after the clone", flush=True)
    for command in commands:
        step(command, folder, environment)
        if command == "make wheel":
            try_wheel(folder, environment)
    dirty = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True).stdout
    assert not dirty, f"all this left traces that git sees:\n{dirty}"


if __name__ == "__main__":
    main(*sys.argv[1:])
