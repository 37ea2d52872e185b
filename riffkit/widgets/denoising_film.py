"""DenoisingFilm: scrub through the steps of a riff, see and hear what each one saw and took it for."""

import io

import anywidget
import ipywidgets
import traitlets
from ipywidgets import Layout
from PIL import Image

from riffkit.progress import report
from riffkit.riffing.recorder import SIDES, film_of
from riffkit.riffing.riff import Riff, sound_of
from riffkit.riffing.riffer import load
from riffkit.sound.metadata import params_from_image
from riffkit.widgets.parts.jobs import ErrorBox, Newest, answer_beside_cells
from riffkit.widgets.parts.run_bar import RunBar, plain_button, row
from riffkit.widgets.parts.scripts import PLOT, script, style
from riffkit.widgets.player import Player

SHOWN = (512, 256)  # columns and rows of a frame, at most


class Strip(anywidget.AnyWidget):
    """Frames under a slider, two pictures each. All of them are in the browser, so scrubbing needs no kernel.

    Attributes
    ----------
    frames : list of dict
        seen, guess (PNG) and told (text).
    step : int
        Which is shown.
    """

    _esm = script(*PLOT, "strip.js")
    _css = style("player.css", "strip.css")

    frames = traitlets.List().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)  # hop (s), lanes, fmin, fmax (Hz)
    duration = traitlets.Float(0.0).tag(sync=True)
    height = traitlets.Int(220, min=40, max=2000).tag(sync=True)


class DenoisingFilm(ipywidgets.VBox):
    """The denoising loop as a film: for each step the noisy latents it saw, and the clean ones it took them for.

    The film is developed when the button is pressed. If it was not kept while the riff was made, the riff is made again
    from its recipe, which leads to the same bits; that takes as long as it took then. A step of 5.12 s takes under
    200 KiB of memory with the embedded model, and some 90 KiB of pictures in the browser.

    Parameters
    ----------
    riff : Riff
    riffer : Riffer, optional
        That made it; without one, its checkpoint is loaded again when needed.
    film : Film, optional
        Kept while it was made: `riffer.riff(..., progress=film)`.

    Attributes
    ----------
    strip : Strip
        `strip.step` is the step that is shown; the last frame is the riff itself.
    film : Film or None

    References
    ----------
    Taught in notebooks/02_inference.ipynb.
    """

    def __init__(self, riff, riffer=None, *, film=None):
        self.riff, self.riffer, self.film = riff, riffer, film
        self.error, self.player = ErrorBox(), Player(compact=True, height=96)
        self.player.layout = Layout(display="none")
        self._decoder = Newest(self._decode, on_done=self._heard, on_error=self.error.show)
        self.run_bar = RunBar("Develop the film", "draw all steps; the riff is made again if its film was not kept")
        self.run_bar.on_click(self.develop)
        params = params_from_image(riff.image)
        columns = min(riff.image.width, SHOWN[0])
        hop = params.hop_length / params.sample_rate * riff.image.width / columns
        self.strip = Strip(
            frames=[self._frame(riff.image, riff.image, "the finished riff")],
            about={"hop": hop, "lanes": 1, "fmin": params.fmin, "fmax": params.fmax},
            duration=max(columns - 1, 1) * hop,
        )
        self.hear_seen = plain_button("Hear what it saw", "decode the noisy picture of this step")
        self.hear_guess = plain_button("Hear its guess", "decode what the model took it for")
        self.hear_seen.on_click(self.error.guards(lambda _: self.hear("seen")))
        self.hear_guess.on_click(self.error.guards(lambda _: self.hear("guess")))
        self.hear_seen.disabled = self.hear_guess.disabled = True
        super().__init__([self.run_bar, self.strip, row(self.hear_seen, self.hear_guess), self.error, self.player])
        answer_beside_cells(self)

    def develop(self):
        """Draw all steps in a worker, as the button does.

        Returns
        -------
        Job
        """
        return self.run_bar.run(self._develop, on_done=self._developed)

    def hear(self, side):
        """Decode the "seen" or "guess" of the shown step in a worker; the player below shows it.

        Raises
        ------
        ValueError
            If the film is not developed, or `side` is neither.
        """
        if side not in SIDES:
            raise ValueError(f"side is {side!r}, expected {' or '.join(map(repr, SIDES))}")
        if self.film is None or len(self.strip.frames) < 2:
            raise ValueError("the film is not developed yet; press the button, or call develop()")
        self.error.clear()
        self._decoder.ask(min(self.strip.step, len(self.film)), side)

    def close(self):
        """Stop what runs, and take the film off the page."""
        self.run_bar.close()
        self._decoder.close()
        super().close()

    def _develop(self, progress):
        if self.film is None:
            if self.riffer is None:
                self.riffer = load(self.riff.recipe["checkpoint"]["name"])
            self.film = film_of(self.riff, self.riffer, progress=progress)
        frames, n = [], len(self.film)
        for i, step in enumerate(self.film.steps):
            report(progress, i, n)
            seen, guess = (self.film.image(i, side, like=self.riff) for side in SIDES)
            frames.append(self._frame(seen, guess, f"step {i + 1} of {n} · timestep {step.timestep:.0f}"))
        report(progress, n, n)
        return frames

    def _developed(self, frames):
        with self.strip.hold_sync():
            self.strip.frames = [*frames, self.strip.frames[-1]]
            self.strip.step = 0
        self.hear_seen.disabled = self.hear_guess.disabled = False

    def _decode(self, step, side, progress):
        if step == len(self.film):
            return self.riff, "the finished riff"
        image = self.film.image(step, side, like=self.riff)
        clip = sound_of(image, loop=self.riff.loop, quality="fast", progress=progress)
        title = f"what step {step + 1} saw" if side == "seen" else f"what step {step + 1} took it for"
        return Riff(image, {}, clip), title

    def _heard(self, found):
        riff, title = found
        self.player.show(riff, title=title, loop=self.riff.loop)
        self.player.layout.display = None

    def _frame(self, seen, guess, told):
        return {"seen": _png(seen), "guess": _png(guess), "told": told}


def _png(image):
    columns = min(image.width, SHOWN[0])
    small = image.convert("L").resize((columns, min(image.height, SHOWN[1])), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    small.quantize(32).save(buffer, "PNG")
    return buffer.getvalue()
