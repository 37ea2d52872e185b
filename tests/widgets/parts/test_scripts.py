"""Scripts and styles: every file is checked by tsc, and every file is some widget's."""

import re

import pytest

from riffkit.widgets.compare import Comparison
from riffkit.widgets.denoising_film import Strip
from riffkit.widgets.parts.drawing import DrawingSurface
from riffkit.widgets.parts.file_field import FileField
from riffkit.widgets.parts.live_sound import LiveSound
from riffkit.widgets.parts.scripts import CSS, JS
from riffkit.widgets.parts.slider import Slider
from riffkit.widgets.parts.square import Square
from riffkit.widgets.parts.takes import Takes
from riffkit.widgets.player import Player
from riffkit.widgets.word_map import WordOverlay

WIDGETS = (Player, Comparison, DrawingSurface, Strip, WordOverlay, LiveSound, Takes, Square, Slider, FileField)


def test_every_script_asks_to_be_checked():
    assert [path.name for path in JS.glob("*.js") if not path.read_text().startswith("// @ts-check\n")] == []


def test_every_file_is_some_widgets():
    pages = "\n".join(f"{one._esm}\n{one._css}" for one in WIDGETS)
    assert [path.name for path in (*JS.glob("*.js"), *CSS.glob("*.css")) if path.read_text() not in pages] == []


@pytest.mark.parametrize("widget", WIDGETS)
def test_a_page_is_one_module_in_which_no_name_is_given_twice(widget):
    page = str(widget._esm)
    assert len(re.findall(r"^export default ", page, re.M)) == 1
    names = re.findall(r"^(?:async )?(?:const|let|class|function) (\w+)", page, re.M)
    assert sorted(names) == sorted(set(names))
