"""Player and compare, by hand and by key, with the state read back in Python and the sound itself recorded."""

import contextlib
import json
import re

import numpy as np
import pytest

pytestmark = pytest.mark.browser
SOUNDS = """
import numpy as np, riffkit
from riffkit.sound.clip import Clip
time = np.arange(44100 * 4) / 44100
wave = lambda *hertz: sum(0.2 * np.sin(2 * np.pi * f * time) for f in hertz).astype(np.float32)
stairs = sum((time // 1 == i) * wave(f) for i, f in enumerate((300, 600, 1200, 2400)))  # an octave up every second
"""
PLOT = ".riffkit-player .riffkit-area"


VOICE = "document.querySelector('.riffkit-player').riffkit.voice"


@contextlib.contextmanager
def sounding_anew(lab):
    """What is done within changes the first player's sound; afterwards only the new one is at the loudspeaker."""
    lab.page.evaluate(f"window.voiceBefore = {VOICE}; 0")
    yield
    lab.sees(f"{VOICE} && {VOICE} !== voiceBefore && {VOICE}.context.currentTime > {VOICE}.when + 0.1")


def turned(lab):
    """Wait until the sound that was chosen last is the one at the loudspeaker."""
    lab.sees(f"{VOICE}.context.currentTime > {VOICE}.turned + 0.1")


def drag(lab, start, end, shift=False, place=0):
    """Drag over the plot, from and to fractions of its width and height (from above)."""
    box = lab.box(lab.page.locator(PLOT).nth(place))
    mouse = lab.page.mouse
    if shift:
        lab.page.keyboard.down("Shift")
    for i, (x, y) in enumerate((start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end)):
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        if i == 0:
            mouse.down()
    mouse.up()
    if shift:
        lab.page.keyboard.up("Shift")


def pitches(samples, rate, window=0.1):
    """The loudest frequency (Hz) of every window in which there is sound."""
    n = round(window * rate)
    mono = samples.mean(axis=0)
    frames = mono[: len(mono) // n * n].reshape(-1, n)
    frames = frames[np.abs(frames).max(axis=1) > 1e-3] * np.hanning(n)  # NaN is not above anything
    return np.abs(np.fft.rfft(frames, 16 * n)).argmax(axis=1) * rate / (16 * n)


def level_at(samples, rate, hertz):
    """How strong one frequency is, in dB, in the longest stretch that was recorded."""
    mono = samples.mean(axis=0)
    mono = max(np.split(mono, np.flatnonzero(np.isnan(mono))), key=len)[1:]
    wave = np.exp(-2j * np.pi * hertz * np.arange(len(mono)) / rate) * np.hanning(len(mono))
    return 20 * np.log10(2 * abs(mono @ wave) / np.hanning(len(mono)).sum() + 1e-12)


def breaks(samples, rate, hertz):
    """The largest departure from one unbroken sine, next to its amplitude: of a click, a gap or a jump it is near 1.

    For a sine, x[n + 1] + x[n - 1] = 2 cos(w) x[n]; the departure is taken over a millisecond.
    """
    mono = samples.mean(axis=0)
    mono = mono[np.flatnonzero(np.abs(mono) > 1e-3)[0] + rate // 10 :]
    k = rate // 1000
    rest = mono[2 * k :] + mono[: -2 * k] - 2 * np.cos(2 * np.pi * hertz * k / rate) * mono[k:-k]
    return np.nanmax(np.abs(rest)) / np.nanmax(np.abs(mono))


def test_by_hand(lab):
    lab.fresh(SOUNDS, "player = riffkit.Player(Clip(stairs, 44100), title='<b>four</b> tones'); player")
    lab.box(lab.page.locator(PLOT))
    assert lab.loudest(0.5) == 0, "it plays by itself"
    lab.sees(lab.page.locator(".riffkit-title").inner_text, "<b>four</b> tones")

    # click to seek, and play from there, round and round
    drag(lab, (0.5, 0.5), (0.5, 0.5))
    lab.until("abs(player.position - 2) < 0.02")
    lab.page.locator(".riffkit-loop").click()
    with sounding_anew(lab):
        lab.page.locator(".riffkit-play").click()
    heard = pitches(*lab.hear(5.0))
    assert {300, 600, 1200, 2400} == set(np.round(heard[np.isin(np.round(heard), (300, 600, 1200, 2400))]))
    lab.until("player.playing")

    # a region in the second second, looped: nothing but its pitch is ever heard
    with sounding_anew(lab):
        drag(lab, (0.28, 0.3), (0.47, 0.7))
    region = lab.until("player.region")
    assert region == pytest.approx([1.12, 1.88], abs=0.02) and lab.py("player.loop")
    lab.until("1 < player.position < 2")
    samples, rate = lab.hear(3.5)  # more than four wraps
    heard = pitches(samples, rate)
    assert len(heard) > 30 and heard.min() > 590 and heard.max() < 610
    assert breaks(samples, rate, 600) < 0.05
    places = [lab.py("player.position") for _ in range(8)]
    assert region[0] <= min(places) and max(places) <= region[1]

    # half the speed: an octave lower, or at the same pitch
    with sounding_anew(lab):
        lab.page.locator(".riffkit-player select").select_option("0.5")
    lab.until("player.speed == 0.5")
    assert np.median(pitches(*lab.hear(1.0))) == pytest.approx(300, abs=5)
    with sounding_anew(lab):
        lab.page.locator(".riffkit-pitch").click()
    lab.until("player.keep_pitch")
    assert np.median(pitches(*lab.hear(1.0))) == pytest.approx(600, abs=5)
    lab.shoot("player_region")
    lab.page.locator(".riffkit-play").click()
    lab.until("not player.playing")
    lab.silent()
    assert lab.errors() == [] and lab.complaints == []


def test_a_box_is_zoomed_into_and_heard_alone(lab):
    lab.fresh(SOUNDS, "player = riffkit.Player(Clip(wave(500, 3000), 44100), loop=True); player")
    with sounding_anew(lab):
        lab.page.locator(".riffkit-play").click()
    both, rate = lab.hear(1.0)
    with sounding_anew(lab):
        drag(lab, (0.2, 0.95), (0.7, 0.65), shift=True)  # the lower third of the picture: 0 to about 1.7 kHz
    low, high = lab.until("player.band")
    assert low < 500 < high < 3000
    boxed, rate = lab.hear(1.5)
    assert level_at(boxed, rate, 500) == pytest.approx(level_at(both, rate, 500), abs=0.3)
    assert level_at(boxed, rate, 3000) < level_at(both, rate, 3000) - 60
    lab.page.locator(".riffkit-zoom").click()
    assert lab.until("player.view") == pytest.approx([*lab.py("player.region"), low, high])
    lab.page.locator(".riffkit-notes").click()
    lab.until("player.notes")
    names = lab.sees(lab.page.locator(".riffkit-rows span").all_inner_texts, lambda names: "C4" in names)
    assert len(names) > 4 and all(re.fullmatch(r"[A-G]♯?\d", name) for name in names)
    lab.shoot("player_zoomed")
    lab.page.locator(".riffkit-clear").click()
    lab.until("player.region == player.band == player.view == []")


def test_by_key(lab):
    lab.fresh(SOUNDS, "player = riffkit.Player(Clip(stairs, 44100)); player", "'d d would delete this cell'")
    area = lab.page.locator(PLOT)
    press = lambda *keys: [area.press(key) for key in keys]  # noqa: E731
    press("PageUp", "ArrowRight", "ArrowRight", "ArrowLeft")
    lab.until("abs(player.position - 1.1) < 1e-6")
    lab.sees(lambda: area.get_attribute("aria-valuetext"), "1.1 of 4.0 seconds")
    assert (area.get_attribute("role"), area.get_attribute("aria-valuemax")) == ("slider", "4.00")
    press("[")
    lab.until("player.region == [1.1, 4.0]")
    press("PageUp", "]")
    lab.until("abs(player.region[1] - 2.1) < 1e-6")
    press("z")
    assert lab.until("player.view")[:2] == pytest.approx([1.1, 2.1])
    press("Escape", "Escape", "End")
    lab.until("player.region == player.view == [] and player.position == 4")
    press("Home", "l", "n", "-", "d", "d", "Space")
    lab.until("player.loop and player.notes and player.speed == 0.75 and player.playing")
    press("Space")
    lab.until("not player.playing and player.position > 0")
    assert lab.page.locator(".jp-CodeCell").count() == 3
    # the fields are the keyboard's way to a box
    press("b")
    for label, value in (("from (s)", "0.5"), ("to (s)", "1.5"), ("low (Hz)", "200"), ("high (Hz)", "700")):
        field = lab.page.get_by_label(label)
        field.click()
        field.press_sequentially(value)
    field.press("Tab")
    lab.until("(player.region, player.band) == ([0.5, 1.5], [200, 700])")
    # and Python may press the keys as well
    lab.py("player.seek(1.2); player.play()")
    lab.until("player.playing and player.position > 1.2")
    lab.py("player.pause()")
    lab.until("not player.playing")


def test_switching_keeps_the_place_and_a_blind_test_counts(lab):
    lab.fresh(
        SOUNDS,
        "a, b, c = (Clip(wave(f), 44100) for f in (440, 440, 660))",
        "names = ['first', '<i>second</i>', 'like the first']",
        "both = riffkit.compare(a, c, b, names=names, loop=True, trials=5); both",
    )
    buttons = lab.page.locator(".riffkit-choice button")
    lab.sees(buttons.all_inner_texts, ["A: first", "B: <i>second</i>", "C: like the first"])
    with sounding_anew(lab):
        lab.page.locator(".riffkit-play").click()
    lab.until("both.playing")

    def there_and_back():
        for i in (2, 0, 2, 0):
            lab.page.wait_for_timeout(900)
            buttons.nth(i).click()

    samples, rate = lab.hear(5.0, there_and_back)  # beyond the end of the loop, which must not be heard either
    assert breaks(samples, rate, 440) < 0.02 and pitches(samples, rate).std() < 1
    buttons.nth(1).click()
    lab.until("both.chosen == 1")
    turned(lab)
    assert np.median(pitches(*lab.hear(0.6))) == pytest.approx(660, abs=5)
    lab.shoot("compare")

    lab.page.get_by_role("button", name="Blind test").click()
    lab.until("both.test")
    lab.sees(buttons.all_inner_texts, ["A", "B", "X"])
    assert "second" not in lab.page.locator(".riffkit-player").inner_text()
    lab.shoot("compare_blind")
    for trial in range(5):
        x = lab.py("both.test['x']")
        lab.page.locator(".riffkit-test").get_by_text(f"trial {trial + 1} of 5").wait_for()
        if trial == 0:
            buttons.nth(2).click()
            lab.until("both.chosen == -1")
            turned(lab)
            assert np.median(pitches(*lab.hear(0.6))) == pytest.approx((440, 660)[x], abs=5)
        lab.page.get_by_role("button", name=f"X is {'AB'[x]}").click()
        lab.until(f"len(both.blind.guesses) == {trial + 1}")
    assert "5 of 5 right" in lab.until("both.verdict") and "p = 0.0312" in lab.py("both.verdict")
    lab.sees(lab.page.locator(".riffkit-verdict").inner_text, lambda text: "5 of 5 right" in text)
    assert lab.errors() == [] and lab.complaints == []


# The page is kept waiting for so many milliseconds between two things that it tells the sound, as on a busy machine.
KEPT_WAITING = """
for (const [kind, name] of [[AudioParam, "setValueAtTime"], [AudioBufferSourceNode, "start"]]) {
  const told = kind.prototype[name];
  kind.prototype[name] = function (...what) {
    const result = told.apply(this, what);
    for (const begun = performance.now(); performance.now() < begun + 60; );
    return result;
  };
}
0
"""


def test_switching_leaves_no_gap_where_the_page_is_kept_waiting(lab):
    """Of two gains that were told one after the other, one turned, and the other when the page came to it."""
    lab.fresh(
        SOUNDS,
        "a, b, c = (Clip(wave(f), 44100) for f in (440, 660, 440))",
        "both = riffkit.compare(a, b, c, loop=True); both",
    )
    buttons = lab.page.locator(".riffkit-choice button")
    lab.page.evaluate(KEPT_WAITING)
    with sounding_anew(lab):
        lab.page.locator(".riffkit-play").click()

    def there_and_back():
        for i in (2, 0, 2):
            buttons.nth(i).click()
            lab.until(f"both.chosen == {i}")
            turned(lab)

    samples, rate = lab.hear(1.0, there_and_back)
    assert breaks(samples, rate, 440) < 0.02 and pitches(samples, rate).std() < 1
    buttons.nth(1).click()
    lab.until("both.chosen == 1")
    turned(lab)
    assert np.median(pitches(*lab.hear(0.6))) == pytest.approx(660, abs=5)
    assert lab.complaints == []


def test_nothing_sounds_that_should_not(lab):
    show = "player = riffkit.Player(Clip(wave(440), 44100), loop=True, compact=True)"
    lab.fresh(SOUNDS, f"{show}\nplayer", "player", "riffkit.Player(Clip(wave(880), 44100), loop=True, compact=True)")
    play = lab.page.locator(".riffkit-play")
    lab.sees(play.count, 3)
    assert lab.loudest(0.5) == 0

    # two views are one sound, and another player silences both
    play.nth(1).click()
    lab.until("player.playing")
    lab.sees(lambda: play.all_inner_texts()[:2], ["❚❚ Pause", "❚❚ Pause"])
    samples, rate = lab.hear(1.0)
    assert level_at(samples[:, rate // 2 :], rate, 440) < -15  # once, not twice
    play.nth(2).click()
    lab.until("not player.playing")
    lab.sounds_on()
    assert np.median(pitches(*lab.hear(1.0))) == pytest.approx(880, abs=5)
    play.nth(0).click()
    lab.until("player.playing")

    # running the cells again leaves as many players, and silence
    lab.run_all()
    lab.sees(play.count, 3)
    lab.silent()

    # closing the notebook ends what sounds
    play.nth(0).click()
    lab.until("player.playing")
    assert lab.loudest(0.8) > 0.01
    lab.page.locator(".lm-TabBar-tabCloseIcon").last.click()
    lab.page.locator(".jp-Dialog-button", has_text="Discard").click()
    lab.sees(play.count, 0)
    lab.silent()
    assert lab.complaints == []


def test_a_saved_notebook_holds_figure_and_sound_and_no_state(lab):
    lab.fresh(SOUNDS, "clip = Clip(stairs, 44100); clip", "riffkit.Player(clip)")
    lab.box(lab.page.locator(PLOT))
    notebook = lab.saved()
    (static,), (player,) = (cell["outputs"] for cell in notebook["cells"][1:])
    shown = "".join(static["data"]["text/html"])
    assert "data:image/webp" in shown and "data:audio/mpeg" in shown and len(shown) < 120_000
    assert "widgets" not in notebook["metadata"] and len(json.dumps(player)) < 1000


def test_how_it_looks(lab):
    cells = (
        SOUNDS,
        "player = riffkit.Player(Clip(np.stack([stairs, wave(440)]), 44100), title='in stereo', notes=True)\n"
        "player.region, player.band = [0.5, 2.5], [400, 1500]; player",
        "riffkit.compare(Clip(stairs, 44100), Clip(wave(440), 44100), names=['stairs', 'one tone'], height=160)",
    )
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        lab.theme(theme)
        lab.fresh(*cells)
        word = theme.split()[1].lower()
        lab.resize(1280, 1300)
        lab.shoot(f"player_{word}")
        lab.resize(1280, 1300, zoom=1.25)
        lab.shoot(f"player_{word}_zoom")
        lab.resize(480, 1500)
        lab.shoot(f"player_{word}_narrow")
        players = "[...document.querySelectorAll('.riffkit-player')]"
        outside = f"{players}.filter(player => player.scrollWidth > player.clientWidth + 1).length"
        lab.sees(outside, 0)
        lab.resize()
