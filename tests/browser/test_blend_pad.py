"""BlendPad by mouse and keys: the newest point is what is heard, places come back, a recorded path becomes a clip."""

import pytest

pytestmark = pytest.mark.browser
PAD = """
import threading, riffkit
from riffkit.widgets.parts.jobs import MODEL_LOCK
riffer = riffkit.load()
ends = ["church bells", "<b>funky</b> slap bass", "techno", "jazz piano"]
pad = riffkit.BlendPad(riffer, ends, seed=3, num_inference_steps=2)
"""
FIELD = ".riffkit-square-field"


def drag(lab, *places, steps=12):
    box = lab.box(lab.page.locator(FIELD))
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    lab.page.mouse.move(*points[0])
    lab.page.mouse.down()
    for point in points[1:]:
        lab.page.mouse.move(*point, steps=steps)
    lab.page.mouse.up()


def settled(lab, x, y):
    lab.until(f"not pad._newest.running and pad._wanted == ({x}, {y}) and pad._wanted in pad.riffs", 120)


def test_dragging(lab):
    lab.fresh(PAD, "pad")
    lab.sees(lab.page.locator(".riffkit-square-end").nth(1).inner_text, "<b>funky</b> slap bass")
    assert lab.py("len(pad.riffs)") == 0, "it paints by itself"
    lab.py("MODEL_LOCK.acquire()")  # nothing is painted while the point moves
    drag(lab, (0.1, 0.1), (0.8, 0.3), (0.75, 0.75))
    lab.until("pad._wanted == (0.75, 0.75)")
    lab.py("MODEL_LOCK.release()")
    settled(lab, 0.75, 0.75)
    assert lab.py("len(pad.riffs)") <= 2, "points that were overtaken were painted"
    assert "jazz piano 56%" in lab.py("pad.player.title")
    lab.until("pad.player.playing")
    lab.shoot("blend_pad")
    # by keys, and back to where it was: from the cache
    field = lab.page.locator(FIELD)
    field.press("ArrowLeft")
    settled(lab, 0.7, 0.75)
    field.press("ArrowRight")
    settled(lab, 0.75, 0.75)
    lab.sees(lambda: field.get_attribute("aria-valuetext"), lambda text: "jazz piano 56 %" in text)
    field.press("Shift+ArrowUp")
    settled(lab, 0.75, 0.5)
    marks = lab.py("len(pad.riffs)")
    lab.sees(lab.page.locator(f"{FIELD} ellipse").count, marks)
    assert lab.py("pad.run_bar.error.value") == "" and lab.complaints == []


def test_a_path(lab):
    lab.theme("JupyterLab Dark")
    lab.fresh(PAD, "pad.seconds.value = 6\npad")
    lab.page.get_by_role("button", name="Record a path").click()
    lab.until("pad.square.recording")
    drag(lab, (0.02, 0.02), (0.98, 0.02), (0.98, 0.98), steps=8)
    lab.page.get_by_role("button", name="Record a path").click()
    lab.until("not pad.square.recording and len(pad.square.path) > 10")
    lab.page.get_by_role("button", name="Render the path").click()
    lab.until("pad.journey is not None", 180)
    assert abs(lab.py("pad.journey.clip.duration") - 6) < 0.05
    assert lab.py("pad.run_bar.error.value") == ""
    lab.shoot("blend_pad_path_dark")
    lab.resize(480, 900)
    lab.shoot("blend_pad_narrow")


def test_a_line_and_a_second_run(lab):
    lab.fresh(PAD, "line = riffkit.BlendPad(riffer, {'left': 'bells', 'right': 'drums'}, num_inference_steps=1)\nline")
    drag(lab, (0.2, 0.5), (0.6, 0.5), steps=3)
    lab.until("(0.6, 0) in line.riffs and not line._newest.running", 120)
    lab.shoot("blend_line")
    lab.run_last_cell()
    lab.sees(lab.page.locator(FIELD).count, 1)
    lab.until("[t.name for t in threading.enumerate() if t.name == 'riffkit-job'] == []")
