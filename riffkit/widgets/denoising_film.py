"""DenoisingFilm: scrub through the steps of a riff, see and hear what each one saw and took it for."""

import io
from typing import Any

import anywidget
import traitlets
from PIL import Image

from riffkit.progress import Reporter, report
from riffkit.riffing.recorder import SIDES, Film, film_of
from riffkit.riffing.riff import Riff, sound_of
from riffkit.riffing.riffer import Riffer, riffer_of
from riffkit.sound.metadata import params_from_image
from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.jobs import Job, Newest
from riffkit.widgets.parts.panel import Panel
from riffkit.widgets.parts.pictures import axes_of
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

    frames: traitlets.List[Any] = traitlets.List().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    about = traitlets.Dict().tag(sync=True)  # see `axes_of`
    duration = traitlets.Float(0.0).tag(sync=True)
    height = traitlets.Int(220, min=40, max=2000).tag(sync=True)


class DenoisingFilm(Panel):
    """The denoising loop, step by step: for each step the noisy latents it saw, and the clean ones it took them for.

    The film is developed when the button is pressed. If it was not kept while the riff was made, the riff is made again
    from its recipe, which leads to the same bits; that takes as long as it took then. A step of 5.12 s takes under
    200 KiB of memory with the embedded model, and some 90 KiB of pictures in the browser.

    Parameters
    ----------
    riff : Riff
    riffer : Riffer, optional
        That made it; needed unless the embedded model did: what a recipe names is never loaded.
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

    def __init__(self, riff: Riff, riffer: Riffer | None = None, *, film: Film | None = None) -> None:
        self.riff, self.riffer, self.film = riff, riffer, film
        self.error, self.player = ErrorBox(), Player(compact=True, height=96)
        self.player.layout.display = "none"
        self._decoder = Newest(self._decode, on_done=self._heard, on_error=self.error.show)
        self.run_bar = RunBar("Develop the film", "draw all steps; the riff is made again if its film was not kept")
        self.run_bar.on_click(self.develop)
        params = params_from_image(riff.image)
        columns = min(riff.image.width, SHOWN[0])
        about = axes_of(params, squeezed=riff.image.width / columns)
        frames, duration = [_frame(riff.image, riff.image, "the finished riff")], max(columns - 1, 1) * about["hop"]
        self.strip = Strip(frames=frames, about=about, duration=duration)
        self.hear_seen = plain_button("Hear what it saw", "decode the noisy picture of this step")
        self.hear_guess = plain_button("Hear its guess", "decode what the model took it for")
        self.hear_seen.on_click(self.error.guards(lambda _: self.hear("seen")))
        self.hear_guess.on_click(self.error.guards(lambda _: self.hear("guess")))
        self.hear_seen.disabled = self.hear_guess.disabled = True
        children = [self.run_bar, self.strip, row(self.hear_seen, self.hear_guess), self.error, self.player]
        super().__init__(children, [self.run_bar, self._decoder])

    def develop(self) -> Job:
        """Draw all steps in a worker, as the button does."""
        return self.run_bar.run(self._develop, on_done=self._developed)

    def hear(self, side: str) -> None:
        """Decode one `side`, "seen" or "guess", of the shown step in a worker; the player below shows it.

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

    def _develop(self, progress: Reporter) -> list[dict[str, Any]]:
        if self.film is None:
            if self.riffer is None:
                self.riffer = riffer_of(self.riff)
            self.film = film_of(self.riff, self.riffer, progress=progress)
        frames, n = [], len(self.film)
        for i, step in enumerate(self.film.steps):
            report(progress, i, n)
            seen, guess = (self.film.image(i, side, like=self.riff) for side in SIDES)
            frames.append(_frame(seen, guess, f"step {i + 1} of {n} · timestep {step.timestep:.0f}"))
        report(progress, n, n)
        return frames

    def _developed(self, frames: list[dict[str, Any]]) -> None:
        with self.strip.hold_sync():
            self.strip.frames = [*frames, self.strip.frames[-1]]
            self.strip.step = 0
        self.hear_seen.disabled = self.hear_guess.disabled = False

    def _decode(self, step: int, side: str, progress: Reporter) -> tuple[Riff, str]:
        if self.film is None or step == len(self.film):
            return self.riff, "the finished riff"
        image = self.film.image(step, side, like=self.riff)
        clip = sound_of(image, loop=self.riff.loop, quality="fast", progress=progress)
        title = f"what step {step + 1} saw" if side == "seen" else f"what step {step + 1} took it for"
        return Riff(image, {}, clip), title

    def _heard(self, found: tuple[Riff, str]) -> None:
        riff, title = found
        self.player.show(riff, title=title, loop=self.riff.loop)
        self.player.layout.display = None


def _frame(seen: Image.Image, guess: Image.Image, told: str) -> dict[str, Any]:
    return {"seen": _small(seen), "guess": _small(guess), "told": told}


def _small(image: Image.Image) -> bytes:
    columns = min(image.width, SHOWN[0])
    small = image.convert("L").resize((columns, min(image.height, SHOWN[1])), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    small.quantize(32).save(buffer, "PNG")
    return buffer.getvalue()
