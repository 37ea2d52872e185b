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
    lab.page.keyboard.press("Control+s")
    lab.page.wait_for_timeout(2000)
    notebook = json.loads(lab.scratch.read_text())
    for name, cell in zip(ways, notebook["cells"][1:], strict=True):
        assert cell["outputs"], f"{name}: no output was saved"
        yield f"saved notebook: {name}", f"{len(json.dumps(cell['outputs'])):,} bytes"
    state = len(json.dumps(notebook["metadata"].get("widgets", "")))
    yield "saved notebook: state of widgets", f"{state if 'widgets' in notebook['metadata'] else 0:,} bytes"


def click(lab, runs):
    """From a click on Play to the first sample."""
    lab.fresh(SOUND, "player = riffkit.Player(clip); player")
    play = lab.page.locator(".riffkit-play")
    play.scroll_into_view_if_needed()
    first = lab.waited(play.click)
    later = []
    for _ in range(runs):
        play.click()  # pause
        lab.py("player.seek(0.3)")  # where there is sound at once
        lab.page.wait_for_timeout(500)
        later.append(lab.waited(play.click, 1.0))
    yield "Player: the page's first click to sound", "no sound" if first is None else f"{first:.0f} ms"
    yield "Player: later clicks to sound", spread([ms for ms in later if ms is not None])


MEASURES = {"saved": saved, "click": click}


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
