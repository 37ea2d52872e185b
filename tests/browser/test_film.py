"""DenoisingFilm and WordMap: scrubbing, hearing a step, choosing a word."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser
RIFF = """
import numpy as np, riffkit
from riffkit.diffusion.film import Film
riffer, film = riffkit.load(), Film()
riff = riffer.riff("church organ and jazz drums", 3, num_inference_steps=6, quality="fast", progress=film)
"""
SHOWN = """side => {
  const canvas = document.querySelectorAll('.riffkit-strip .riffkit-area canvas')[side];
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0, rough = 0;
  for (let i = 4; i < pixels.length; i += 4) { sum += pixels[i]; rough += Math.abs(pixels[i] - pixels[i - 4]); }
  return [sum / pixels.length * 4, rough / pixels.length * 4];
}"""
GLOW = """() => {
  const canvas = document.querySelector('.riffkit-word-map .riffkit-area canvas');
  const { width, height } = canvas;
  const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const rows = [];
  for (const share of [0.05, 0.5, 0.95]) {
    const y = Math.floor(share * height);
    let glow = 0;
    for (let x = 0; x < width; x++) glow += pixels[4 * (y * width + x)] - pixels[4 * (y * width + x) + 2];
    rows.push(glow / width);
  }
  return rows;
}"""


def test_scrub_through_the_steps_and_hear_one(lab):
    lab.fresh(RIFF, "shown = riffkit.DenoisingFilm(riff, film=film); shown")
    lab.page.get_by_role("button", name="Develop the film").click()
    lab.until("len(shown.strip.frames) == 7", 60)
    slider = lab.page.locator(".riffkit-scrub")
    seen = []
    for step in range(7):  # every step is another picture
        seen.append(lab.sees(lambda: lab.page.evaluate(SHOWN, 0), lambda shown: shown[1] > 0 and shown not in seen))
        lab.until(f"shown.strip.step == {step}")
        if step in (0, 3):
            lab.page.locator(".riffkit-strip").scroll_into_view_if_needed()
            lab.shoot(f"film_step_{step}")
        slider.press("ArrowRight")
    lab.sees(lambda: lab.page.evaluate(SHOWN, 1), lambda guess: np.allclose(guess, seen[-1]))  # in the end: the riff
    slider.press("Home")
    lab.until("shown.strip.step == 0")
    lab.page.get_by_role("button", name="Hear its guess").click()
    lab.until("shown.player.title == 'what step 1 took it for'", 60)
    assert lab.py("shown.player.playing") is False
    lab.page.get_by_role("button", name="Play").first.click()
    lab.until("shown.player.playing and shown.player.position > 0.1")
    lab.page.locator(".riffkit-strip").get_by_role("button", name="Run").click()
    lab.until("shown.strip.step >= 3", 10)
    assert lab.complaints == []


def test_a_word_glows_where_it_acted(lab):
    lab.fresh(RIFF, "words = riffkit.WordMap(riff, riffer); words")
    lab.page.get_by_role("button", name="Find the words").click()
    lab.until("words.maps is not None and not words.run_bar.job.running", 120)
    buttons = lab.page.get_by_role("group", name="Words of the prompt").get_by_role("button")
    lab.sees(buttons.all_inner_texts, ["church", "organ", "and", "jazz", "drums"])
    seen = [lab.page.evaluate(GLOW)]
    for name in ("organ", "drums"):
        lab.page.get_by_role("button", name=name, exact=True).click()
        i = lab.py(f"words.maps.words.index({name!r})")
        lab.until(f"words.overlay.chosen == {i}")
        rows = lab.py(f"[float(words.maps.maps[{i}][row].mean()) for row in (1, 16, 30)]")
        seen.append(lab.sees(lambda: lab.page.evaluate(GLOW), lambda drawn: drawn not in seen))
        assert np.argmax(seen[-1]) == np.argmax(rows), (seen[-1], rows)
        lab.page.locator(".riffkit-word-map").scroll_into_view_if_needed()
        lab.shoot(f"word_map_{name}")
    lab.page.get_by_role("button", name="drums", exact=True).click()
    lab.until("words.overlay.chosen == -1")
    lab.sees(lambda: lab.page.evaluate(GLOW), lambda drawn: max(map(abs, drawn)) < 1)  # the picture alone
    assert lab.complaints == []


def test_run_again_there_is_one_and_it_is_legible_in_the_dark(lab):
    lab.theme("JupyterLab Dark")
    lab.fresh(
        RIFF, "shown = riffkit.DenoisingFilm(riff, film=film); shown", "words = riffkit.WordMap(riff, riffer); words"
    )
    lab.run_all()
    for one in (".riffkit-strip", ".riffkit-word-map"):
        lab.sees(lab.page.locator(one).count, 1)
    lab.py(
        "shown.develop(); shown.run_bar.job.join(60); words.find(); words.run_bar.job.join(120)", timeout=200, wait=True
    )
    lab.page.locator(".riffkit-word-map").scroll_into_view_if_needed()
    lab.sees(lambda: lab.page.evaluate(SHOWN, 0), lambda shown: shown[1] > 0)
    lab.settled()
    lab.shoot("film_dark")
    lab.resize(480, 1000)
    lab.page.locator(".riffkit-strip").scroll_into_view_if_needed()
    lab.shoot("film_dark_narrow")
    wide = "[...document.querySelectorAll('.riffkit-player')].every(e => e.scrollWidth <= e.clientWidth + 1)"
    lab.sees(wide)  # nothing sticks out
