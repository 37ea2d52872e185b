"""DenoisingFilm and WordMap: scrubbing, hearing a step, choosing a word."""

import numpy as np
import pytest

pytestmark = pytest.mark.browser
RIFF = """
import numpy as np, riffkit
from riffkit.riffing.recorder import Film
riffer, film = riffkit.load(), Film()
riff = riffer.riff("church organ and jazz drums", 3, num_inference_steps=6, quality="fast", progress=film)
"""
# Null, until a plot shows the picture of the chosen step; then its mean and its roughness on the screen.
SHOWN = """async place => {
  const { model, sides } = document.querySelector('.riffkit-strip').riffkit;
  const { side, plot } = sides[place];
  const png = model.get('frames')[model.get('step')]?.[side];
  const wanted = png && (await createImageBitmap(new Blob([png])));
  if (!wanted || !plot.bitmap) return null; // from here on nothing is waited for, so nothing changes
  const pixels = (bitmap) => {
    const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    paper.drawImage(bitmap, 0, 0);
    return paper.getImageData(0, 0, bitmap.width, bitmap.height).data;
  };
  const [here, there] = [plot.bitmap, wanted].map(pixels);
  if (here.some((value, i) => value !== there[i])) return null;
  const { canvas } = plot;
  const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 0, rough = 0;
  for (let i = 4; i < seen.length; i += 4) { sum += seen[i]; rough += Math.abs(seen[i] - seen[i - 4]); }
  return [sum / seen.length * 4, rough / seen.length * 4];
}"""
# Null, until the chosen word's map lies over the picture, or none if none is chosen; then how red three rows are.
GLOW = """async () => {
  const view = document.querySelector('.riffkit-word-map').riffkit;
  const word = view.model.get('words')[view.model.get('chosen')];
  const map = word && (await createImageBitmap(new Blob([word.map])));
  const { plot, grey } = view; // from here on nothing is waited for, so nothing changes
  if (!plot.bitmap || Boolean(word) !== Boolean(plot.glow)) return null;
  if (word) {
    const paper = new OffscreenCanvas(map.width, map.height).getContext('2d');
    paper.drawImage(map, 0, 0);
    const wanted = paper.getImageData(0, 0, map.width, map.height).data.filter((_, i) => i % 4 === 0);
    if (wanted.some((value, i) => value !== grey[i])) return null;
  }
  const { width, height } = plot.canvas;
  const pixels = plot.canvas.getContext('2d').getImageData(0, 0, width, height).data;
  return [0.05, 0.5, 0.95].map((share) => {
    const y = Math.floor(share * height);
    let glow = 0;
    for (let x = 0; x < width; x++) glow += pixels[4 * (y * width + x)] - pixels[4 * (y * width + x) + 2];
    return glow / width;
  });
}"""


def drawn(lab, look, *place):
    """What the page shows, once it shows what was chosen."""
    return lab.sees(lambda: lab.page.evaluate(look, *place), lambda shown: shown is not None)


def test_scrub_through_the_steps_and_hear_one(lab):
    lab.fresh(RIFF, "shown = riffkit.DenoisingFilm(riff, film=film); shown")
    lab.page.get_by_role("button", name="Develop the film").click()
    lab.until("len(shown.strip.frames) == 7", 60)
    slider = lab.page.locator(".riffkit-scrub")
    rough = []
    for step in range(7):
        lab.until(f"shown.strip.step == {step}")
        rough.append(drawn(lab, SHOWN, 0)[1])
        if step in (0, 3):
            lab.page.locator(".riffkit-strip").scroll_into_view_if_needed()
            lab.shoot(f"film_step_{step}")
        slider.press("ArrowRight")
    assert len({round(value, 3) for value in rough}) >= 6, "every step is another picture"
    assert np.allclose(drawn(lab, SHOWN, 1), drawn(lab, SHOWN, 0)), "in the end both are the riff"
    slider.press("Home")
    lab.until("shown.strip.step == 0")
    lab.page.get_by_role("button", name="Hear its guess").click()
    lab.until("shown.player.title == 'what step 1 took it for'", 60)
    assert lab.py("shown.player.playing") is False
    lab.page.get_by_role("button", name="Play").first.click()
    lab.until("shown.player.playing and shown.player.position > 0.1")
    lab.page.locator(".riffkit-strip").get_by_role("button", name="Run").click()
    lab.until("shown.strip.step >= 3")
    assert lab.complaints == []


def test_a_word_glows_where_it_acted(lab):
    lab.fresh(RIFF, "words = riffkit.WordMap(riff, riffer); words")
    lab.page.get_by_role("button", name="Find the words").click()
    lab.until("words.maps is not None and not words.run_bar.job.running", 120)
    buttons = lab.page.get_by_role("group", name="Words of the prompt").get_by_role("button")
    lab.sees(buttons.all_inner_texts, ["church", "organ", "and", "jazz", "drums"])
    for name in ("organ", "drums"):
        lab.page.get_by_role("button", name=name, exact=True).click()
        i = lab.py(f"words.maps.words.index({name!r})")
        lab.until(f"words.overlay.chosen == {i}")
        rows = lab.py(f"[float(words.maps.maps[{i}][row].mean()) for row in (1, 16, 30)]")
        glow = drawn(lab, GLOW)
        assert np.argmax(glow) == np.argmax(rows), (glow, rows)
        lab.page.locator(".riffkit-word-map").scroll_into_view_if_needed()
        lab.shoot(f"word_map_{name}")
    lab.page.get_by_role("button", name="drums", exact=True).click()
    lab.until("words.overlay.chosen == -1")
    assert max(map(abs, drawn(lab, GLOW))) < 1, "without a word there is the picture alone"
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
    assert drawn(lab, SHOWN, 0)[1] > 0
    lab.settled()
    lab.shoot("film_dark")
    lab.resize(480, 1000)
    lab.page.locator(".riffkit-strip").scroll_into_view_if_needed()
    lab.shoot("film_dark_narrow")
    wide = "[...document.querySelectorAll('.riffkit-player')].every(e => e.scrollWidth <= e.clientWidth + 1)"
    lab.sees(wide)  # nothing sticks out
