"""A real JupyterLab and a real browser, started once for all tests of this folder.

What a test does: `lab.fresh(cells)` writes and runs a notebook of its own, gestures go through `lab.page`, and
`lab.py("player.region")` reads the state back from the kernel. `lab.hear(seconds)` gives the samples that the page
sent to the loudspeaker, whoever made them.

Page and kernel tell each other what they did, later. What one of them shows after a gesture or after the other did
something is waited for, with `lab.sees` in the page and `lab.until` in the kernel; a time to sleep is never enough on
a busy machine. Keys go to a place (`locator.press`), never to whatever has the focus.
"""

import ast
import base64
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from pathlib import Path

import nbformat
import numpy as np
import pytest

from riffkit.cli.doctor import find_browser

ROOT = Path(__file__).resolve().parents[2]
SHOTS = Path(__file__).parent / "shots"
# The last three keep the browser from calling home at every start.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
LIGHT = "JupyterLab Light"
PATIENCE = 90  # s until what page and kernel should have done counts as not done; a busy machine takes its time
IDLE = "document.querySelector('.jp-NotebookPanel .jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
NO_STAR = "![...document.querySelectorAll('.jp-InputPrompt')].some(prompt => prompt.textContent.includes('*'))"
# Whatever any script connects to a loudspeaker is connected to a recorder as well. Each context has one, and its own
# count of frames: the stream has a context beside that of the players, which runs on for a while after the last note.
RECORDER = """
(() => {
  const connect = AudioNode.prototype.connect;
  const heard = (window.heardByTest = { on: false, chunks: [], contexts: [], taps: [], pressed: 0 });
  addEventListener("pointerdown", () => (heard.pressed = performance.now()), true);
  addEventListener("keydown", () => (heard.pressed = performance.now()), true);
  const taps = new WeakMap();
  const code = `registerProcessor("tap", class extends AudioWorkletProcessor {
    process([input]) {
      const [left, right] = input.length ? [input[0], input[1] ?? input[0]] : [new Float32Array(128), null];
      this.port.postMessage([currentFrame, left, right ?? left]);
      return true;
    }
  })`;
  const tap = async (context) => {
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    const node = new AudioWorkletNode(context, "tap");
    node.port.onmessage = ({ data }) => heard.on && heard.chunks.push([context, performance.now(), ...data]);
    connect.call(node, context.destination);
    return node;
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      if (!taps.has(this.context)) {
        taps.set(this.context, tap(this.context));
        heard.taps.push(taps.get(this.context));
        heard.contexts.push(this.context);
      }
      heard.context = this.context;
      taps.get(this.context).then((node) => connect.call(this, node));
    }
    return connect.call(this, target, ...rest);
  };
})();
"""
# True once every context that runs has told so many seconds.
ENOUGH = """(seconds) => {
  const running = heardByTest.contexts.filter((context) => context.state === "running");
  const told = (context) => heardByTest.chunks.filter((chunk) => chunk[0] === context).length;
  return running.every((context) => told(context) * 128 >= seconds * context.sampleRate);
}"""
# For each 128 samples: the number of their context, milliseconds when they arrived, and the count of frames there.
TAKE = """() => {
  const { contexts, chunks } = window.heardByTest;
  const rate = chunks.length ? chunks[0][0].sampleRate : 0;
  const frames = chunks.map(([context, arrived, frame]) => [contexts.indexOf(context), arrived, frame]);
  const samples = new Float32Array(chunks.length * 256);
  chunks.forEach(([, , , left, right], i) => { samples.set(left, i * 256); samples.set(right, i * 256 + 128); });
  const bytes = new Uint8Array(samples.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return { rate, frames, data: btoa(text) };
}"""


# Milliseconds from the last key or click to the first sample louder than -60 dB, as it leaves for the loudspeaker.
WAITED = """() => {
  const { chunks, pressed } = window.heardByTest;
  const first = ([, , , left, right]) => left.findIndex((value, i) => Math.abs(value) + Math.abs(right[i]) > 2e-3);
  const loud = chunks.find((chunk) => first(chunk) >= 0);
  if (!loud) return null;
  const [context, , frame] = loud;
  const { contextTime, performanceTime } = context.getOutputTimestamp();
  return performanceTime + ((frame + first(loud)) / context.sampleRate - contextTime) * 1000 - pressed;
}"""


# What a gesture may aim at, and what a picture shows.
BOXES = """[...document.querySelectorAll(".jp-NotebookPanel, .jp-Cell, .jp-OutputArea canvas, .jp-OutputArea button")]
    .flatMap((one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height]; })"""


def laid_out(frames, pieces, rate):
    """What all contexts sound like together, (2, n); what one of them missed while it told is NaN.

    Parameters
    ----------
    frames : list of (context, milliseconds, frame)
        Where each piece belongs: exactly, among those of its context; as it arrived, among those of others.
    pieces : ndarray, (m, 2, 128)
    rate : float
        Frames per second, of every context.
    """
    whole = np.zeros((2, 0), np.float32)
    for context in sorted({one[0] for one in frames}):
        own = [i for i, one in enumerate(frames) if one[0] == context]
        _, arrived, begin = frames[own[0]]
        samples = np.full((2, frames[own[-1]][2] - begin + 128), np.nan, np.float32)
        for i in own:
            samples[:, frames[i][2] - begin :][:, :128] = pieces[i]
        assert np.isnan(samples).sum() <= 0.3 * samples.size, "the recorder missed too much"
        later = round((arrived - frames[0][1]) / 1000 * rate)
        end = max(whole.shape[1], later + samples.shape[1])
        whole = np.pad(whole, ((0, 0), (0, end - whole.shape[1])))
        whole[:, later : later + samples.shape[1]] += samples
    return whole


class Lab:
    """One page with JupyterLab in it, and what a person would do there."""

    def __init__(self, page, url, runtime):
        self.page, self.url, self.runtime, self.complaints = page, url, runtime, []
        self.client = self.scratch = None
        self.themed = False
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(RECORDER)

    def fresh(self, *cells, run=True):
        """Open a notebook of these code cells, and run them."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        self.remove_scratch()
        self.scratch = ROOT / "work" / f"browser-{uuid.uuid4().hex[:8]}.ipynb"
        self.scratch.parent.mkdir(exist_ok=True)
        nbformat.write(notebook, self.scratch)
        self.open(self.scratch.relative_to(ROOT).as_posix())
        if run:
            self.run_all()
            assert self.errors() == []

    def py(self, code, timeout=60, wait=True):
        """Run code in the kernel of the open notebook, past the page; the value of its last line, if it is plain."""
        if self.client is None:
            from jupyter_client import BlockingKernelClient

            kernel = json.load(urllib.request.urlopen(f"{self.url}/api/sessions"))[0]["kernel"]["id"]
            self.client = BlockingKernelClient(connection_file=str(self.runtime / f"kernel-{kernel}.json"))
            self.client.load_connection_file()
            self.client.start_channels()
            self.client.wait_for_ready(timeout=PATIENCE)
        *before, last = ast.parse(code).body
        if isinstance(last, ast.Expr):
            code = "\n".join([*map(ast.unparse, before), f"_told = repr({ast.unparse(last.value)})"])
        if not wait:
            return self.client.execute(code, store_history=False)
        reply = self.client.execute_interactive(
            code, timeout=timeout, store_history=False, user_expressions={"told": "_told"}, output_hook=lambda _: None
        )["content"]
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", [str(reply)]))
        if not isinstance(last, ast.Expr):
            return None
        told = ast.literal_eval(reply["user_expressions"]["told"]["data"]["text/plain"])
        try:
            return ast.literal_eval(told)
        except (ValueError, SyntaxError):
            return told

    def occupy(self, condition, seconds=120):
        """Keep the kernel busy, as a running cell does, while a condition is true in it; not longer than this."""
        code = f"import time\n_end = time.monotonic() + {seconds}\n"
        self.py(f"{code}while ({condition}) and time.monotonic() < _end: time.sleep(0.05)", wait=False)
        self.sees(r"/ipykernel\) \| Busy/.test(document.body.innerText)")

    def until(self, condition, seconds=PATIENCE):
        """Wait until an expression is true in the kernel."""
        deadline = time.monotonic() + seconds
        while not (value := self.py(condition)):
            assert time.monotonic() < deadline, f"{condition} stayed {value!r} for {seconds} s"
            time.sleep(0.1)
        return value

    def sees(self, look, wanted=bool, seconds=PATIENCE):
        """Wait until the page shows what is wanted, and return what it shows.

        Parameters
        ----------
        look : str or callable
            A JavaScript expression, tried at every frame; or a function without arguments, such as `buttons.count`.
        wanted : value or callable
            What `look` should give, or a function that is true of it.
        """
        if isinstance(look, str) and wanted is bool:
            patient = f"() => {{ try {{ return {look}; }} catch {{ return false; }} }}"
            return self.page.wait_for_function(patient, timeout=1000 * seconds).json_value()
        deadline, value = time.monotonic() + seconds, None
        while True:
            value = self.page.evaluate(look) if isinstance(look, str) else look()
            if wanted(value) if callable(wanted) else value == wanted:
                return value
            assert time.monotonic() < deadline, f"the page showed {value!r} for {seconds} s, not {wanted!r}"
            self.page.wait_for_timeout(50)

    def settled(self, *locators):
        """Wait until nothing in the notebook moves or changes its size any more; the boxes of `locators` then."""

        def look():
            # two frames: one for the layout, one for what watches it
            self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            return self.page.evaluate(BOXES), [locator.bounding_box() for locator in locators]

        deadline, before, now = time.monotonic() + PATIENCE, None, look()
        while now != before:
            assert time.monotonic() < deadline, "the page does not come to rest"
            self.page.wait_for_timeout(100)
            before, now = now, look()
        return now[1]

    def box(self, locator):
        """Where something is in the window, once it is in sight and rests there: {"x", "y", "width", "height"}."""
        locator.scroll_into_view_if_needed()
        return self.settled(locator)[0]

    def sounds_on(self, seconds=0.1):
        """Wait until the page's sound is that much further: what was asked for before is at the loudspeaker."""
        clock = "heardByTest.context.currentTime"
        self.sees(f"{clock} > {self.page.evaluate(clock) + seconds}")

    def silent(self, seconds=PATIENCE):
        """Wait until the page is silent."""
        self.sees(lambda: self.loudest(0.6), 0, seconds)

    def loudest(self, seconds):
        """The largest magnitude in the last fifth of a second of what `hear` gives; 0 if nothing plays at all."""
        samples, rate = self.hear(seconds)
        return np.nan_to_num(np.abs(samples[:, -rate // 5 :] if rate else samples)).max(initial=0)

    def hear(self, seconds, meanwhile=None):
        """What the page sounds like from now on: samples (2, n) and their rate; n is 0 if nothing plays at all.

        `meanwhile` is called once while the recorder runs. On a busy machine the recorder is passed over now and then;
        what it missed is NaN.
        """
        self.page.evaluate("heardByTest.chunks = []; heardByTest.on = true; 0")
        if meanwhile:
            meanwhile()
        self.page.wait_for_timeout(1000 * seconds)
        # a busy machine needs its time, until the recorder is there, and then for the sound itself
        self.page.evaluate("Promise.all(heardByTest.taps)")
        self.page.wait_for_function(ENOUGH, arg=seconds, timeout=1000 * PATIENCE)
        self.page.evaluate("heardByTest.on = false")
        taken = self.page.evaluate(TAKE)
        pieces = np.frombuffer(base64.b64decode(taken["data"]), np.float32).reshape(-1, 2, 128)
        return laid_out(taken["frames"], pieces, taken["rate"]), taken["rate"]

    def waited(self, gesture, seconds=60):
        """Milliseconds from the last click or key of `gesture` to the first sound; silence must reign before."""
        self.page.evaluate("heardByTest.chunks = []; heardByTest.on = true; 0")
        gesture()
        deadline = time.monotonic() + seconds
        while (waited := self.page.evaluate(WAITED)) is None:
            assert time.monotonic() < deadline, f"no sound for {seconds} s"
            self.page.wait_for_timeout(250)
        self.page.evaluate("heardByTest.on = false")
        return waited

    def theme(self, name):
        """Choose a theme for pages opened from now on, such as "JupyterLab Dark"; the next test begins in light."""
        self.themed = name != LIGHT
        body = json.dumps({"raw": json.dumps({"theme": name})}).encode()
        url = f"{self.url}/lab/api/settings/@jupyterlab/apputils-extension:themes"
        urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}, method="PUT"))

    def resize(self, width=1280, height=1000, zoom=1.0):
        """Give the window a size (pixels of the screen) and a zoom: what is zoomed has fewer pixels to live on."""
        self.page.set_viewport_size({"width": round(width / zoom), "height": round(height / zoom)})
        if width / zoom < 700:
            self.put_files_away()
        self.settled()

    def put_files_away(self):
        """Fold the file browser, as anybody would in a narrow window: it takes most of it."""
        files, tab = self.page.locator("#filebrowser"), self.page.locator('.lm-TabBar-tab[data-id="filebrowser"]')
        for patience in (3000, 10_000, 30_000):
            if files.is_visible():
                tab.click()
            with contextlib.suppress(Exception if patience < 30_000 else ()):
                return files.wait_for(state="hidden", timeout=patience)

    def close(self):
        if self.client is not None:
            self.client.stop_channels()
            self.client = None
        self.remove_scratch()
        if self.themed:
            self.theme(LIGHT)

    def remove_scratch(self):
        if self.scratch is not None:
            self.scratch.unlink(missing_ok=True)
            self.scratch = None

    def open(self, notebook):
        """Open a notebook in a fresh kernel, and wait until it is connected."""
        if self.client is not None:
            self.client.stop_channels()
            self.client = None
        for session in json.load(urllib.request.urlopen(f"{self.url}/api/sessions")):
            url = f"{self.url}/api/sessions/{session['id']}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"))
        self.page.goto(f"{self.url}/lab/workspaces/test-{uuid.uuid4().hex[:6]}/tree/{notebook}?reset", timeout=90_000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        self.page.wait_for_function(IDLE, timeout=60_000)
        # "Run All" before the kernel is connected does nothing, and the indicator does not tell
        self.page.wait_for_function(r"/ipykernel\) \| Idle/.test(document.body.innerText)", timeout=60_000)

    def run_all(self, timeout=150_000):
        """Choose Run > Run All Cells, and wait until every cell has a new number."""
        numbers = r"""[...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')]
            .map(prompt => +(prompt.textContent.match(/\d+/) ?? [0])[0])"""
        before = self.page.evaluate(f"Math.max(0, ...{numbers})")
        stopped = "document.querySelector('[data-mime-type=\"application/vnd.jupyter.error\"]')"
        begun = f"{stopped} || !({NO_STAR}) || {numbers}.some(number => number > {before})"
        for patience in (20_000, 20_000, timeout):  # a kernel that is not quite there drops what it is asked
            self.choose("Run", "Run All Cells")
            with contextlib.suppress(Exception if patience < timeout else ()):
                self.page.wait_for_function(begun, timeout=patience)
                break
        done = f"{numbers}.every(number => number > {before}) && {IDLE} && {NO_STAR}"
        self.page.wait_for_function(f"{stopped} || ({done})", timeout=timeout)

    def choose(self, menu, item):
        """Choose an item of one of JupyterLab's menus, as often as it takes to open it."""
        for patience in (3000, 10_000, 30_000):
            with contextlib.suppress(Exception if patience < 30_000 else ()):
                self.page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click(timeout=patience)
                return self.page.locator(".lm-Menu-itemLabel", has_text=item).first.click(timeout=patience)
            self.page.locator("body").press("Escape")  # it may be half open

    def saved(self):
        """Save the notebook of `fresh` with all outputs, and read it (dict, as in the file)."""
        cells, before = self.page.locator(".jp-NotebookPanel .jp-CodeCell").count(), self.scratch.stat().st_mtime_ns
        self.choose("File", "Save Notebook")
        self.sees(lambda: self.scratch.stat().st_mtime_ns > before and self.scratch.read_text().endswith("}\n"))
        notebook = json.loads(self.scratch.read_text())
        assert len(notebook["cells"]) == cells
        return notebook

    def run_last_cell(self):
        """Run the last cell by its key, and wait until it has a new number."""
        cell = self.page.locator(".jp-NotebookPanel .jp-CodeCell").last
        number = cell.locator(".jp-InputPrompt").inner_text
        before = number()
        cell.locator(".cm-content").click()
        cell.locator(".cm-content").press("Control+Enter")
        self.sees(number, lambda text: text != before and any(map(str.isdigit, text)), 60)

    def errors(self):
        """Texts of all errors that the notebook shows, in cells and inside widgets."""
        return self.page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()

    def shoot(self, name, selector=None):
        """Keep a picture of the page, or of what a selector finds first, in tests/browser/shots."""
        SHOTS.mkdir(exist_ok=True)
        seen = self.page if selector is None else self.page.locator(selector).first
        seen.screenshot(path=SHOTS / f"{name}.png")


@contextlib.contextmanager
def serving(scratch):
    """A JupyterLab that serves this checkout to this machine only: its address and its runtime folder."""
    settings = {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        # cells out of sight stay in the page, so that outputs can be counted and seen wherever the page was scrolled to
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in settings.items():
        file = scratch / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))
    homes = {name: str(scratch / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}
    homes |= {
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "spaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"]
    command += ["--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={ROOT}"]
    with (scratch / "log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | homes, stdout=log, stderr=log)
    runtime = Path(homes["JUPYTER_RUNTIME_DIR"])
    try:
        yield wait_for_address(process, runtime, scratch / "log"), runtime
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_address(process, runtime, log, seconds=180):
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


@contextlib.contextmanager
def browsing():
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), headless=True, args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def page_of(server, chromium):
    """A `Lab` in a browser context of its own; `server` is what `serving` gave."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(1000 * PATIENCE)
    lab = Lab(context.new_page(), *server)
    try:
        yield lab
    finally:
        lab.close()
        context.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    pytest.importorskip("playwright", reason="playwright is not installed (pip install playwright)")
    if find_browser() is None:
        pytest.skip("no Chromium on this machine (sudo apt-get install chromium)")
    with serving(tmp_path_factory.mktemp("jupyter")) as server:
        yield server


@pytest.fixture(scope="session")
def chromium(server):
    with browsing() as browser:
        yield browser


@pytest.fixture
def lab(server, chromium, request):
    with page_of(server, chromium) as lab:
        yield lab
        with contextlib.suppress(Exception):
            lab.shoot(f"end_of_{request.node.name}")  # what it looked like when it failed
