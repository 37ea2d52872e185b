"""What hands and ears wait for in JupyterLab, and what a saved notebook weighs: measured in a real browser.

    python -m benchmarks.widgets                    make bench-widgets
    python -m benchmarks.widgets --runs 20 --only saved click

A JupyterLab and a headless Chromium are started as for the browser tests, notebooks are run in them, buttons are
clicked, and whatever goes to the loudspeaker is recorded with its time. Times are medians (smallest - largest). The
sound is an example of riffkit's own, 5.12 s in one channel.
"""

import argparse
import json
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from tests.browser.conftest import ROOT, browsing, page_of, serving

SOUND = f"""
import io, warnings
import riffkit
clip = riffkit.Clip.load({str(ROOT / "data/clips/solo-nylon-guitar.ogg")!r})
image = riffkit.encode(clip)
riff = riffkit.Riff(image, {{"operation": "riff", "arguments": {{"prompt": "guitar", "seed": 1}}}}, clip)
"""


# The page's first click also makes the audio context, before any recorder can listen: when was the sound due to start?
DUE = """() => {
  const { voice } = document.querySelector(".riffkit-player").riffkit;
  const { contextTime, performanceTime } = heardByTest.context.getOutputTimestamp();
  return performanceTime + (voice.when - contextTime) * 1000 - heardByTest.pressed;
}"""


def spread(values, unit="ms"):
    return f"{median(values):.0f} {unit} ({min(values):.0f} - {max(values):.0f})"


def saved(lab, runs):
    """Bytes that one output adds to the notebook as saved by JupyterLab, all formats together."""
    ways = {
        "clip": "clip",
        "riff": "riff",
        "picture with axes, no sound": "image",
        "riffkit.Player(clip)": "riffkit.Player(clip)",
        "riffkit.compare(clip, riff)": "riffkit.compare(clip, riff)",
        "peer: IPython.display.Audio": "from IPython.display import Audio; Audio(clip.samples, rate=clip.sample_rate)",
        "peer: bare PIL picture": "plain = image.convert('RGB'); plain.info.clear(); plain.getexif().clear(); plain",
        "peer: matplotlib spectrogram": "import matplotlib.pyplot as plt; plt.specgram(clip.samples[0]); plt.show()",
    }
    lab.fresh(SOUND, *ways.values())
    notebook = lab.saved()
    for name, cell in zip(ways, notebook["cells"][1:], strict=True):
        assert cell["outputs"], f"{name}: no output was saved"
        yield f"saved notebook: {name}", f"{len(json.dumps(cell['outputs'])):,} bytes"
    state = len(json.dumps(notebook["metadata"].get("widgets", "")))
    yield "saved notebook: state of widgets", f"{state if 'widgets' in notebook['metadata'] else 0:,} bytes"


def click(lab, runs):
    """From a click on Play to the first sample."""
    lab.fresh(SOUND, "player = riffkit.Player(clip, loop=True); player")
    play = lab.page.locator(".riffkit-play")
    play.scroll_into_view_if_needed()
    play.click()
    lab.until("player.playing")
    first = lab.page.evaluate(DUE)
    later = []
    for _ in range(runs):
        lab.py("player.pause(); player.seek(0.3)")  # where there is sound at once
        lab.until("not player.playing")
        lab.page.wait_for_timeout(500)
        later.append(lab.waited(play.click))
    yield "Player: the page's first click to sound", f"{first:.0f} ms"
    yield "Player: later clicks to sound", spread(later)


PANELS = "import riffkit\nriffer = riffkit.load()"


def generate(lab, runs):
    """From a click on Generate to the first sample of what was made."""
    for steps in (10, 20):
        lab.fresh(PANELS, f"lab = riffkit.PromptLab(riffer, 'jazz piano'); lab.form.steps.value = {steps}; lab")
        times = []
        for seed in range(runs + 1):
            lab.py(f"lab.player.pause(); lab.form.seed.value = {seed}")
            lab.page.wait_for_timeout(500)
            button = lab.page.get_by_role("button", name="Generate", exact=True)
            times.append(lab.waited(button.click))
        yield f"PromptLab: Generate to sound, {steps} steps", spread(times[1:])


def drag(lab, runs):
    """From the point's arrival at a place to the first sample of it, nothing being painted before."""
    for steps in (4, 10):
        pad = f"pad = riffkit.BlendPad(riffer, ['church bells', 'techno'], num_inference_steps={steps}); pad"
        lab.fresh(PANELS, pad)
        field = lab.page.locator(".riffkit-square-field")
        field.scroll_into_view_if_needed()
        width, times = field.bounding_box()["width"], []
        for i in [*range(runs + 1), *range(runs)]:
            lab.py("pad.player.pause()")
            lab.page.wait_for_timeout(500)
            there = {"x": width * (2 * i + 1) / (2 * runs + 2), "y": 20}
            times.append(lab.waited(partial(field.click, position=there)))
        yield f"BlendPad: a new place to sound, {steps} steps", spread(times[1 : runs + 1])
        yield f"BlendPad: a place painted before to sound, {steps} steps", spread(times[runs + 1 :])


def stream(lab, runs):
    """Seconds of music made while one second is played, in the page and not beside it."""
    for who, options in {"the few-step twin": "", "the model, 10 steps": ", num_inference_steps=10"}.items():
        lab.fresh(PANELS, f"live = riffkit.LiveRiff(riffer{options}); live")
        button = lab.page.locator(".riffkit-live button")
        begins, margins = lab.waited(button.click), []
        for _ in range(runs):
            lab.page.wait_for_timeout(2560)
            margins.append(lab.py("live.margin"))
        gaps = lab.py("live.gaps")
        button.click()
        told = f"{median(margins):.1f} s ({min(margins):.1f} - {max(margins):.1f}), {gaps} gaps"
        yield f"LiveRiff: seconds made in a second, {who}", told
        yield f"LiveRiff: Play to sound, {who}", f"{begins:.0f} ms"


MEASURES = {"saved": saved, "click": click, "generate": generate, "drag": drag, "stream": stream}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10, help="of every time (default %(default)s)")
    parser.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES))
    options = parser.parse_args()
    print("| what | measured |\n| --- | --- |")
    with tempfile.TemporaryDirectory() as scratch, serving(Path(scratch)) as server, browsing() as chromium:
        for name in options.only:
            with page_of(server, chromium) as lab:
                for what, value in MEASURES[name](lab, options.runs):
                    print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
