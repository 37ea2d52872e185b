"""MaskPainter: paint over the part of a sound you don't like, and have it repainted with words."""

import secrets
from pathlib import Path
from typing import Any

import ipywidgets
from ipywidgets import Layout
from PIL import Image

from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer
from riffkit.riffing.source import as_source
from riffkit.widgets.compare import compare
from riffkit.widgets.parts.drawing import DrawingSurface
from riffkit.widgets.parts.jobs import Job, answer_beside_cells
from riffkit.widgets.parts.keeper import Keeper
from riffkit.widgets.parts.panel import Panel, close_whole
from riffkit.widgets.parts.run_bar import RunBar, plain_button, row
from riffkit.widgets.parts.slider import Slider
from riffkit.widgets.player import Player

WORDS: dict[str, Any] = {
    "layout": {"width": "calc(100% - 4px)", "max_width": "640px"},
    "style": {"description_width": "88px"},
}
NUMBER: dict[str, Any] = {
    "layout": {"width": "auto", "flex": "1 1 240px", "max_width": "316px"},
    "style": {"description_width": "88px"},
}


class MaskPainter(Panel):
    """Inpainting under a brush: `riffer.inpaint` with a mask that is drawn.

    What is painted pink is repainted, everywhere else not one pixel changes; where whole columns are left alone,
    neither does a sample of the sound, away from the border. The model paints in cells of its own (16 x 16 pixels in
    the embedded one): a cell that is touched is thought of anew as a whole, and then cut to the painted shape.

    Parameters
    ----------
    riffer : Riffer
    source : Clip, PIL.Image.Image, Riff, str or Path
        Lasts up to 82 s.
    prompt : str
    seed : int
    folder : str or Path
        Where results are saved; made when the first one is.

    Attributes
    ----------
    surface : DrawingSurface
        `surface.box(1.0, 2.0)` paints a band in time from Python, `surface.draw((0.5, 220), (2, 220), harmonics=32)` a
        note with its overtones.
    result : Riff or None
        What came out last.

    References
    ----------
    Taught in notebooks/04_riffing_on_your_audio.ipynb.
    """

    def __init__(
        self, riffer: Riffer, source: Any, prompt: str = "", seed: int = 0, *, folder: str | Path = "riffs"
    ) -> None:
        self.riffer = riffer
        self.result: Riff | None = None
        self.prompt = ipywidgets.Text(prompt, description="words", placeholder="flute", **WORDS)
        self.seed = ipywidgets.BoundedIntText(seed, min=0, max=2**31 - 1, description="seed", **NUMBER)
        self.dice = plain_button("Another seed", "draw a seed by chance")
        wide = NUMBER["layout"]
        self.steps = Slider(riffer.defaults.num_inference_steps, 1, 100, description="steps", layout=wide)
        self.strength = Slider(1.0, 0.05, 1, step=0.05, description="strength", layout=wide)
        self.run_bar = RunBar("Repaint", "paint the marked part anew, with these words")
        self.go_on = plain_button("Go on from this", "take the result in place of the source, with a clean mask")
        self.keeper = Keeper(lambda: (self.result, f"{self.prompt.value}-{self.seed.value}"), folder)
        self.listening = ipywidgets.VBox()
        self.after = ipywidgets.VBox([row(self.go_on), self.keeper], layout=Layout(display="none"))
        self._take(source)
        self.run_bar.on_click(self.repaint)
        guards = self.run_bar.error.guards
        self.dice.on_click(guards(lambda _: setattr(self.seed, "value", secrets.randbelow(10_000))))
        self.go_on.on_click(guards(lambda _: self._take(self.result)))
        settings = [self.prompt, row(self.seed, self.dice), row(self.steps, self.strength)]
        super().__init__([self.surface, *settings, self.run_bar, self.listening, self.after], [self.run_bar])

    @property
    def mask(self) -> Image.Image:
        """The mask [mode "L", size of the picture]: white where it is painted."""
        return Image.fromarray(self.surface.mask.astype("uint8") * 255)

    def repaint(self) -> Job:
        """Inpaint what is painted over, in a worker, as the button does.

        Raises
        ------
        ValueError
            If nothing is painted over.
        RuntimeError
            If a repaint is running.
        """
        mask = self.mask
        if not mask.getbbox():
            raise ValueError("nothing is painted over yet; brush over the part that should change, or add a band")
        return self.run_bar.run(
            self.riffer.inpaint,
            self.source,
            mask,
            self.prompt.value,
            self.seed.value,
            strength=self.strength.value,
            num_inference_steps=self.steps.value,
            on_done=self._done,
        )

    def _take(self, source: Any) -> None:
        given = as_source(source, self.riffer.checkpoint)
        if not hasattr(self, "surface"):
            self.surface = DrawingSurface(given.image, label="Mask over the sound")
        else:
            self.surface.show(given.image)
        self.source = source
        self._before = source if isinstance(source, Riff) else Riff(given.image, {}, given.clip)
        self.result, self.after.layout.display = None, "none"
        self._listen(Player(self._before, title="before", compact=True, height=120))

    def _done(self, riff: Riff) -> None:
        self.result = riff
        self._listen(compare({"before": self._before, "after": riff}, chosen=1, height=160))
        self.after.layout.display = None

    def _listen(self, player: Player) -> None:
        old, self.listening.children = self.listening.children, [player]
        answer_beside_cells(player)
        close_whole(*old)
