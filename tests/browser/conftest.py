"""A real JupyterLab and a real browser, started once for all tests of this folder."""

import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import pytest

from riffkit.doctor import find_browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).parent / "shots"
# The last three keep the browser from calling home at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
IDLE = "document.querySelector('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
NO_STAR = "![...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))"


class Lab:
    """One page with JupyterLab in it, and what a person would do there."""

    def __init__(self, page, url):
        self.page, self.url, self.complaints = page, url, []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, notebook):
        """Open a notebook in a fresh kernel, and wait until it is connected."""
        for session in json.load(urllib.request.urlopen(f"{self.url}/api/sessions")):
            url = f"{self.url}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"))
        self.page.goto(f"{self.url}/lab/workspaces/test-{uuid.uuid4().hex[:6]}/tree/{notebook}?reset")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        self.page.wait_for_function(IDLE, timeout=60_000)
        # "Run All" before the kernel is connected does nothing, and the indicator does not tell
        self.page.wait_for_function(r"/ipykernel\) \| Idle/.test(document.body.innerText)", timeout=60_000)

    def run_all(self, timeout=240_000):
        """Choose Run > Run All Cells, and wait until every cell has its number."""
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        numbered = "[...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')]"
        numbered += r".every(prompt => /\d/.test(prompt.textContent))"
        stopped = "document.querySelector('[data-mime-type=\"application/vnd.jupyter.error\"]')"
        self.page.wait_for_function(f"{stopped} || ({numbered} && {IDLE} && {NO_STAR})", timeout=timeout)

    def errors(self):
        """Texts of all errors that the notebook shows, in cells and inside widgets."""
        return self.page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()

    def shoot(self, name):
        """Keep a picture of the page in tests/browser/shots."""
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The address of a JupyterLab that serves this checkout to this machine only."""
    pytest.importorskip("playwright", reason="playwright is not installed (pip install playwright)")
    if find_browser() is None:
        pytest.skip("no Chromium on this machine (sudo apt-get install chromium)")
    scratch = tmp_path_factory.mktemp("jupyter")
    news = scratch / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    # cells out of sight stay in the page, so that outputs can be counted and seen wherever the page was scrolled to
    tracker = scratch / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}')
    homes = {name: str(scratch / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    homes |= {
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "spaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={ROOT}"]
    with open(scratch / "log", "w") as log:
        process = subprocess.Popen(command, env=os.environ | homes, stdout=log, stderr=log)
    try:
        yield wait_for_address(process, Path(homes["JUPYTER_RUNTIME_DIR"]), scratch / "log")
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_address(process, runtime, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            try:
                url = json.loads(file.read_text())["url"].rstrip("/")
                urllib.request.urlopen(f"{url}/api", timeout=5)
                return url
            except (OSError, ValueError):
                pass
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def chromium(server):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def lab(server, chromium):
    """A JupyterLab page in a browser context of its own."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    yield Lab(context.new_page(), server)
    context.close()
