"""PromptLab by hand: words to sound, cancel, shelf, uploads, with the state read back in Python; and once in Voila."""

import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
PANEL = """
import threading, riffkit
from riffkit.widgets.parts.jobs import Job
riffer = riffkit.load()
lab = riffkit.PromptLab(riffer, "jazz piano", 3)
lab.form.steps.value = 4
steps, ends, pictures, told = [], [], [], []
report = Job._report
Job._report = lambda job, *step: (told.append(job.cancelled), report(job, *step))[1]  # steps, and whether after Cancel
lab.estimate.observe(lambda change: pictures.append(change["new"]), "value")
lab.run_bar.bar.observe(lambda change: steps.append(change["new"]), "value")
lab.run_bar.button.observe(lambda change: change["new"] or ends.append(len(told)), "disabled")
"""
WORDS = 'input[placeholder="church bells"]'


def button(lab, name):
    return lab.page.get_by_role("button", name=name, exact=True)


def take(lab, number, seconds=120):
    lab.until(
        f"lab.takes.newest is not None and lab.takes.newest.number == {number} and not lab.run_bar.job.running", seconds
    )


def test_words_become_sound(lab):
    lab.fresh(PANEL, "lab.form.loop.value = True; lab")  # a loop sounds on, however long the next one takes
    lab.page.locator(WORDS).fill("<b>church</b> bells")
    button(lab, "Generate").click()
    take(lab, 1)
    assert lab.py("any('the picture so far' in picture for picture in pictures)")
    assert lab.py("lab.takes.newest.call.arguments['prompt']") == "<b>church</b> bells"
    lab.sees(lab.page.locator(".riffkit-takes-words").inner_text, lambda text: "<b>church</b> bells" in text)
    assert lab.py("steps")[:7] == [1, 2, 3, 4, 5, 6, 0]
    lab.until("lab.player.playing")  # "play when done" is ticked, and the click on Generate was a gesture
    lab.page.locator(WORDS).fill("funky slap bass")
    lab.page.locator(WORDS).press("Enter")
    take(lab, 2)
    assert lab.py("lab.takes.shown") == 1, "what sounds was taken away"
    lab.page.locator(".riffkit-takes [data-kind=show]").first.click()
    lab.until("lab.takes.shown == 2")
    for kind in ("a", "star"):
        lab.page.locator(f".riffkit-takes [data-number='1'] [data-kind={kind}]").click()
    lab.page.locator(".riffkit-takes [data-number='2'] [data-kind=b]").click()
    lab.until("(lab.takes.a, lab.takes.b, lab.takes.starred) == (1, 2, [1]) and len(lab.comparison.children) == 1")
    lab.page.locator(".jp-OutputArea figure, .jp-OutputArea audio").first.wait_for()
    lab.page.locator(".riffkit-takes summary").click()
    call = "riffer.riff('funky slap bass', seed=3, num_inference_steps=4, loop=True)"
    lab.sees(lab.page.locator(".riffkit-takes pre").inner_text, lambda text: call in text)
    lab.page.locator(".widget-text").first.scroll_into_view_if_needed()
    lab.shoot("prompt_lab")
    # run again: one panel, no thread
    lab.run_last_cell()
    lab.sees(lab.page.locator(".riffkit-takes").count, 1)
    lab.until("[t.name for t in threading.enumerate() if t.name == 'riffkit-job'] == []")
    assert lab.errors() == [] and lab.complaints == []


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "while another cell runs"])
def test_cancel_within_a_step(lab, busy):
    lab.fresh(PANEL, "lab.form.steps.value = 100; lab")
    if busy:
        lab.occupy("not ends")  # until the run has ended
    button(lab, "Generate").click()
    status = "document.querySelector('[role=status]').textContent"
    lab.sees(f"/step [3-9]/.test({status})", seconds=60)
    button(lab, "Cancel").click()
    lab.sees(f"{status} === 'cancelled'")
    lab.until("not lab.run_bar.job.running")
    # Cancel may come while a step is being told: then that one is the last
    assert lab.py("(sum(told) <= 1, len(told) < 100, len(ends))") == (True, True, 1), "it ends with the step under way"
    assert lab.py("(lab.takes.newest, lab.run_bar.button.disabled, lab.run_bar.error.value)") == (None, False, "")


def test_files_and_errors(lab, tmp_path):
    lab.fresh(PANEL, "lab")
    lab.page.get_by_text("start from a sound or picture").click()
    large = tmp_path / "large.wav"
    large.write_bytes(bytes(9_000_000))
    lab.page.locator("input[type=file]").set_input_files(large)
    alert = lab.page.locator(".riffkit-file [role=alert]")
    alert.filter(has_text="large.wav has 9.0 MB").wait_for()
    assert lab.py("(lab.form.file.data, lab.form.source.value)") == (b"", None)
    lab.page.locator("input[type=file]").set_input_files(ROOT / "data/clips/solo-nylon-guitar.ogg")
    lab.until("lab.form.source.value is not None and lab.form.source.value.title == 'solo-nylon-guitar.ogg'")
    button(lab, "Generate").click()
    take(lab, 1)
    assert lab.py("(lab.takes.newest.call.operation, lab.run_bar.error.value)") == ("vary", "")
    path = lab.page.locator("input[placeholder^='path of a sound']")
    path.fill("<i>nothing</i>.wav")
    path.press("Enter")
    error = lab.page.locator(".riffkit-error")
    lab.sees(error.inner_text, lambda text: "<i>nothing</i>.wav" in text)
    assert lab.page.locator(".riffkit-error i").count() == 0


def test_dark_and_narrow(lab):
    lab.theme("JupyterLab Dark")
    lab.fresh(PANEL, "lab.start(lab.form.call()).join()\nlab")
    lab.page.get_by_text("settings", exact=True).click()
    lab.page.locator(".riffkit-takes li").first.wait_for()
    lab.settled()
    lab.shoot("prompt_lab_dark")
    lab.resize(600, 1000, 1.25)
    lab.shoot("prompt_lab_narrow")
    column = lab.page.locator(".jp-OutputArea-output .widget-vbox").first
    column, *boxes = lab.settled(column, lab.page.locator(WORDS), button(lab, "Generate"))
    for box in boxes:
        assert box["x"] + box["width"] <= column["x"] + column["width"] + 1, "it is wider than its column"


@pytest.fixture
def app(tmp_path):
    """The address of the app, as `make app` serves it."""
    pytest.importorskip("voila", reason="voila is not installed (pip install riffkit[app])")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", "notebooks/app/prompt_lab.ipynb", "--no-browser", f"--port={port}"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    try:
        deadline = time.monotonic() + 180
        while not (found := re.search(r"http://\S+:\d+/", (tmp_path / "log").read_text())):
            assert time.monotonic() < deadline and process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.2)
        yield found[0]
    finally:
        process.terminate()
        process.wait(60)


def test_the_app(app, chromium):
    page = chromium.new_page()
    try:
        page.goto(app, timeout=120_000)
        page.get_by_role("button", name="Generate", exact=True).click(timeout=120_000)
        page.wait_for_selector(".riffkit-takes li", timeout=180_000)
        page.locator(".riffkit-takes-words", has_text="church bells").first.wait_for()
        assert page.locator("input[placeholder^='path of']").count() == 0, "others may name files of this machine"
        page.get_by_role("button", name="Save sound", exact=True).click()
        page.get_by_role("link", name="church-bells-7.wav").wait_for()
        assert not (ROOT / "notebooks/app/riffs").exists()
        page.screenshot(path=ROOT / "tests/browser/shots/app.png", full_page=True)
    finally:
        page.close()
