"""Canvas and MaskPainter, by hand and by key: what is drawn is heard, what is painted over, and only that, changes."""

import numpy as np
import pytest

from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.scripts import PLOT, script

pytestmark = pytest.mark.browser
AREA = ".riffkit-drawing .riffkit-area"
CLIP = """
import numpy as np, riffkit
from riffkit.sound.clip import Clip
riffer = riffkit.load()
time = np.arange(round(5.11 * 44100)) / 44100
clip = Clip((0.2 * sum(np.sin(2 * np.pi * f * time) for f in (300, 700, 1900))).astype(np.float32), 44100)
"""
PITCHES = """
def pitches(clip, at, n):
    frame = clip.samples[0, round((at - 0.1) * 44100):][:8820] * np.hanning(8820)
    level = np.log(np.abs(np.fft.rfft(frame, 44100)) + 1e-12)
    peaks = 1 + np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]))
    return sorted(int(p) for p in peaks[np.argsort(level[peaks])[-n:]])
"""


def decoded(lab, strokes):
    """Wait until there is the sound of that many strokes."""
    lab.until(
        f"len(canvas.surface.drawn) == {strokes} and canvas._drawing is not None"
        " and canvas._drawing.image == canvas.image and not canvas._decoder.running and canvas.player.duration > 0",
    )


PARAMS = SpectrogramParams()


class Pen:
    """The mouse over one drawing surface, in seconds and hertz."""

    def __init__(self, lab, duration, place=0):
        self.lab, self.duration = lab, duration
        self.area = lab.page.locator(AREA).nth(place)

    def draw(self, *points, steps=12):
        box, mouse = self.lab.box(self.area), self.lab.page.mouse
        places = [
            (box["x"] + s / self.duration * box["width"], box["y"] + (1 - PARAMS.height_of(hz)) * box["height"])
            for s, hz in points
        ]
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:] or places:
            mouse.move(*place, steps=steps)
        mouse.up()

    def tool(self, name):
        self.lab.page.locator(".riffkit-drawing").get_by_role("button", name=name, exact=True).click()


def line_at(hz0, hz1, share):
    """Where a line that is straight on the mel axis has come to."""
    return PARAMS.hz_of(PARAMS.row_of(hz0) + share * (PARAMS.row_of(hz1) - PARAMS.row_of(hz0)))


def test_the_pages_mel_scale_is_pythons(chromium):
    page = chromium.new_page()
    seconds, hertz = np.linspace(0, 5.11, 60).tolist(), np.geomspace(1, 12000, 400).tolist()
    for params in (PARAMS, SpectrogramParams(n_mels=256), SpectrogramParams.full_band()):
        about = {"hop": params.hop_s, "lanes": 1, "fmin": params.fmin, "fmax": params.fmax, "rows": params.n_mels}
        inside = [hz for hz in hertz if params.fmin <= hz <= params.fmax]
        page.evaluate(f"{{ {script(*PLOT, 'drawing_plot.js')}\nObject.assign(window, {{ mel, hertz, Drawing }}); }}")
        told = page.evaluate(
            """([about, seconds, hz]) => {
                const drawing = new Drawing(document.body, () => {}, {}, false);
                drawing.about = about;
                const rows = hz.map((one) => drawing.place([0, one])[1]);
                const columns = seconds.map((one) => drawing.place([one, 440])[0]);
                const corners = hz.map((one) => drawing.corner([seconds[hz.indexOf(one) % seconds.length], one]));
                return { rows, columns, corners, back: hz.map((one) => hertz(mel(one))) };
            }""",
            [about, seconds, inside],
        )
        n = params.n_mels
        assert np.allclose(told["rows"], [n - 0.5 - params.row_of(hz) for hz in inside], atol=1e-6)
        assert np.allclose(told["columns"], [0.5 + params.column_of(s) for s in seconds], atol=1e-6)
        assert np.allclose(told["back"], inside)
        for (column, row), i in zip(told["corners"], range(len(inside)), strict=True):
            start, low = seconds[i % len(seconds)], inside[i]
            rows, columns = params.box(start, 600, low, None)
            assert (columns.start, n - rows.start) == (column, row), (start, low)
    page.close()


def test_two_curves_are_two_pitches(lab):
    lab.fresh("import numpy as np, riffkit", PITCHES, "canvas = riffkit.Canvas(); canvas")
    pen = Pen(lab, 5.11)
    pen.draw((0.05, 300), (5.05, 900))
    lab.until("len(canvas.surface.drawn) == 1")
    pen.tool("Line")
    pen.draw((0.05, 2500), (5.05, 1500))
    decoded(lab, 2)
    lab.shoot("canvas")
    for at in (1.0, 2.5, 4.0):
        drawn = [line_at(300, 900, (at - 0.05) / 5), line_at(2500, 1500, (at - 0.05) / 5)]
        heard = lab.py(f"pitches(canvas._drawing.clip, {at}, 2)")
        apart = 1200 * np.abs(np.log2(np.array(heard) / np.array(drawn)))
        assert apart.max() < 50, (heard, drawn)  # a pixel of the screen is 25 cents down there
    assert lab.py("canvas.player.playing") is False, "it plays by itself"
    lab.page.get_by_role("button", name="Play").first.click()
    lab.until("canvas.player.playing and canvas.player.position > 0.1")
    assert lab.complaints == []


def test_the_canvas_by_key(lab):
    lab.fresh("import numpy as np, riffkit", PITCHES, "canvas = riffkit.Canvas(duration=2); canvas")
    drawing = lab.page.locator(".riffkit-drawing")
    fields = drawing.get_by_role("group", name="A line in numbers").locator("input")
    for i, value in enumerate(("0.2", "1.8", "660", "660")):
        fields.nth(i).fill(value)
    fields.nth(3).press("Enter")
    decoded(lab, 1)
    assert abs(lab.py("pitches(canvas._drawing.clip, 1.0, 1)")[0] - 660) <= 3
    area = lab.page.locator(AREA)
    before = lab.page.locator(".jp-Cell").count()
    for key in ("h", "ArrowDown", "Enter", "Shift+ArrowRight", "Shift+ArrowRight", "d", "d", "a", "Enter"):
        area.press(key)
    stroke = lab.until("len(canvas.surface.drawn) == 2 and canvas.surface.drawn[1]")
    assert stroke["harmonics"] == 32 and len(stroke["points"]) == 3
    assert stroke["points"][2][0] - stroke["points"][0][0] == pytest.approx(0.2 * 1.99, abs=0.01)
    assert lab.page.locator(".jp-Cell").count() == before, "a key reached the notebook"
    area.press("Control+z")
    lab.until("len(canvas.surface.drawn) == 1")
    area.press("Control+Shift+Z")
    lab.until("len(canvas.surface.drawn) == 2")
    drawing.get_by_role("button", name="Clear").click()
    lab.until("canvas.image.convert('L').getextrema() == (255, 255)")
    drawing.get_by_role("button", name="Undo").click()
    lab.until("canvas.image.convert('L').getextrema()[0] == 0")


def test_what_is_painted_over_is_repainted_and_nothing_else(lab):
    lab.fresh(CLIP, "painter = riffkit.MaskPainter(riffer, clip, 'flute'); painter.steps.value = 3; painter")
    pen = Pen(lab, 5.11)
    pen.tool("Time band")
    pen.draw((2.0, 1000), (3.0, 2000))
    mask = lab.until("painter.mask.getbbox()")
    assert mask == pytest.approx((200, 0, 301, 512), abs=2)
    pen.tool("Brush")
    pen.draw((4.0, 500), (4.2, 2000), (4.4, 500))
    lab.until("len(painter.surface.drawn) == 2")
    pen.tool("Eraser")
    pen.draw((2.0, 5000), (3.0, 5000))
    pen.tool("Harmonics")
    lab.page.get_by_label("Size").fill("8")
    pen.draw((0.5, 400), (1.2, 400))
    lab.until("len(painter.surface.drawn) == 4")
    rows = lab.py("[int(r) for r in np.flatnonzero(np.diff(painter.surface.mask[:, 85].astype(int)) == 1)]")
    assert len(rows) >= 8, "overtones"
    lab.page.locator(AREA).press("Escape")
    lab.page.locator(".riffkit-drawing").get_by_role("button", name="Undo").click()
    numbers = lab.page.get_by_role("group", name="A band in numbers").locator("input")
    for i, value in enumerate(("0.5", "1", "3000", "6000")):
        numbers.nth(i).fill(value)
    lab.page.get_by_role("button", name="Add band").click()
    lab.until("len(painter.surface.drawn) == 4 and painter.surface.drawn[3]['tool'] == 'box'")
    lab.page.locator(".riffkit-drawing").first.scroll_into_view_if_needed()
    lab.shoot("mask_painter")
    lab.page.get_by_role("button", name="Repaint").click()
    lab.until("painter.result is not None and not painter.run_bar.job.running", 120)
    lab.py("""
white = np.asarray(painter.mask) > 0
old, new = (np.asarray(image.convert('RGB')) for image in (riffkit.encode(clip), painter.result.image))
changed = (old != new).any(-1)
""")
    assert lab.py("(bool(changed[~white].any()), float(changed[white].mean()) > 0.3)") == (False, True)
    apart = lab.py("[float(x) for x in np.abs(clip.samples - painter.result.clip.samples)[0, ::441][:500]]")
    assert max(apart[140:170]) < 2e-4 < max(apart[210:290]), "sound changes only there"
    assert lab.py("painter.run_bar.error.value") == ""
    lab.page.get_by_role("button", name="Go on from this").scroll_into_view_if_needed()
    lab.shoot("mask_painter_result")
    assert lab.complaints == []


def test_cancel_while_another_cell_runs(lab):
    lab.fresh(CLIP, "painter = riffkit.MaskPainter(riffer, clip, 'flute'); painter.surface.box(1, 2); painter", "0")
    lab.py("painter.steps.value = 100; ends = []")
    lab.py("painter.run_bar.button.observe(lambda change: change['new'] or ends.append(1), 'disabled')")
    lab.occupy("not ends")  # until the repaint has ended
    lab.page.get_by_role("button", name="Repaint").click()
    lab.sees(r"/step \d+ of/.test(document.body.innerText)")
    lab.page.get_by_role("button", name="Cancel").click()
    lab.sees("/cancelled/.test(document.body.innerText)")
    assert lab.py("(ends, painter.result is None)") == ([1], True)
    lab.until("not painter.run_bar.job.running")


def test_run_again_there_is_one(lab):
    lab.fresh("import riffkit", "canvas = riffkit.Canvas(duration=1); canvas")
    lab.run_all()
    lab.sees(lab.page.locator(AREA).count, 1)
    Pen(lab, 0.99).draw((0.1, 400), (0.9, 400))
    lab.until("len(canvas.surface.drawn) == 1")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_legible_in_every_theme_and_width(lab, theme):
    lab.theme(theme)
    lab.fresh(
        CLIP,
        "painter = riffkit.MaskPainter(riffer, clip, 'flute')\n"
        "painter.surface.draw((0.5, 220), (2.5, 300), harmonics=32, size=8); painter.surface.box(3, 4); painter",
        "canvas = riffkit.Canvas(riffer)\n"
        "canvas.surface.draw((0.2, 300), (2, 900), (5, 500), size=8, harmonics=6); canvas",
    )
    decoded(lab, 1)
    name = theme.split()[1].lower()
    for place, which in enumerate(("mask_painter", "canvas")):
        lab.page.locator(AREA).nth(place).scroll_into_view_if_needed()
        lab.shoot(f"{which}_{name}")
    lab.resize(480, 1000)
    lab.page.locator(AREA).nth(1).scroll_into_view_if_needed()
    lab.shoot(f"canvas_{name}_narrow")
    lab.page.locator(AREA).first.scroll_into_view_if_needed()
    lab.shoot(f"mask_painter_{name}_narrow")
    wide = "[...document.querySelectorAll('.riffkit-player')].every(e => e.scrollWidth <= e.clientWidth + 1)"
    lab.sees(wide)  # nothing sticks out
