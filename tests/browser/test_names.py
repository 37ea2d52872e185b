"""Every control of every widget has a name for screen readers and can be reached with the Tab key."""

import re

import pytest

pytestmark = pytest.mark.browser
WIDGETS = """
import numpy as np, riffkit
from IPython.display import display
from riffkit.sound.clip import Clip
riffer = riffkit.load()
clip = Clip((0.2 * np.sin(np.arange(44100 * 3) * 0.06)).astype("f"), 44100)
riff = riffer.riff("church bells", 3, num_inference_steps=2, quality="fast")
player = riffkit.Player(clip, boxing=True)
both = riffkit.compare(clip, riff)
panel = riffkit.PromptLab(riffer)
panel.start(panel.form.call()).join()
pad = riffkit.BlendPad(riffer, ["church bells", "techno", "jazz", "flute"], num_inference_steps=1)
painter = riffkit.MaskPainter(riffer, clip)
canvas = riffkit.Canvas(riffer)
live = riffkit.LiveRiff(riffer)
film = riffkit.DenoisingFilm(riff, riffer)
film.develop(); film.run_bar.job.join()
words = riffkit.WordMap(riff, riffer)
words.find(); words.run_bar.job.join()
for one in (player, both, panel, pad, painter, canvas, live, film, words):
    display(one)
"""
CONTROL = re.compile(r"- (button|checkbox|combobox|slider|spinbutton|textbox|link|application)\b(?! \")(.*)")
# What takes a click or a value, is shown and enabled, and would be passed over by Tab.
PASSED_OVER = """[...document.querySelectorAll('.jp-OutputArea-output :is(button, input, select, [role=slider])')]
    .filter((one) => one.checkVisibility() && !one.disabled && one.tabIndex < 0).map((one) => one.outerHTML)"""


def test_every_control_has_a_name_and_a_place_in_the_tab_order(lab):
    lab.fresh(WIDGETS)
    outputs = lab.page.locator(".jp-OutputArea-output")
    for name in ("player", "choice", "takes", "square", "drawing", "live", "strip", "word-map", "file"):
        lab.page.locator(f".riffkit-{name}").first.wait_for(state="attached")
    seen = ""
    for folded in ("start from a sound or picture", "settings"):  # one of them opens when the other closes
        lab.page.get_by_text(folded, exact=True).click()
        lab.settled()
        seen += "\n".join(output.aria_snapshot() for output in outputs.all())
    for control in ('button "▶ Play"', 'textbox "words"', 'slider "Volume"', 'button "Generate"', 'slider "steps"'):
        assert control in seen, seen
    steps = lab.page.get_by_label("steps").first
    steps.press("ArrowRight")
    lab.until("panel.form.steps.value == riffer.defaults.num_inference_steps + 1")
    assert [found[0] for found in CONTROL.finditer(seen)] == []
    lab.sees(PASSED_OVER, [])
