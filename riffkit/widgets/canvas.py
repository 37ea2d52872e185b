"""Canvas: a drawing on an empty spectrogram is a sound."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import numpy as np
from PIL import Image

from riffkit.progress import Reporter
from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, image_from_pixels
from riffkit.sound.image_file import save_image
from riffkit.sound.params import SpectrogramParams
from riffkit.widgets.parts.drawing import DrawingSurface
from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.jobs import Job, Newest, answer_beside_cells
from riffkit.widgets.parts.keeper import Keeper, Savable
from riffkit.widgets.parts.panel import Panel
from riffkit.widgets.parts.run_bar import RunBar, row
from riffkit.widgets.parts.slider import Slider
from riffkit.widgets.player import Player

if TYPE_CHECKING:  # a canvas alone needs no model
    from riffkit.riffing.riff import Riff
    from riffkit.riffing.riffer import Riffer

FIELD: dict[str, Any] = {
    "layout": {"width": "auto", "flex": "1 1 240px", "max_width": "316px"},
    "style": {"description_width": "88px"},
}


@dataclass(frozen=True)
class Drawing:
    """What was drawn: a picture, and the sound it is.

    Parameters
    ----------
    image : PIL.Image.Image
        A spectrogram picture.
    clip : Clip
    title : str
    """

    image: Image.Image
    clip: Clip
    title: str = "drawing"

    def save(self, path: str | Path, overwrite: bool = False) -> Path:
        """Write the picture (.png) or the sound (.wav, .flac, .ogg, .mp3) to `path`; `overwrite` as in `Riff.save`."""
        if str(path).lower().endswith(".png"):
            return save_image(self.image, path, overwrite=overwrite)
        return self.clip.save(path, overwrite=overwrite)


class Canvas(Panel):
    """Draw on an empty spectrogram and hear it: a line is a tone, two curves are two.

    Whenever the pen is lifted, the picture is turned into sound; nothing plays until Play is pressed. How dark the ink
    is says how loud: half as dark is 24 dB less. The loudest place is always as loud as a clip may be.

    Parameters
    ----------
    riffer : Riffer, optional
        With one, the drawing can be given to `vary` below the canvas, as a sketch to paint music over.
    duration : float [s, 0.1..80]
    params : SpectrogramParams, optional
        Default: those of the riffer, else Riffusion's.
    folder : str or Path
        Where drawings are saved; made when the first one is.

    Attributes
    ----------
    surface : DrawingSurface
        `surface.draw((0, 220), (5, 880))` draws from Python.
    result : Riff or None
        What `vary` made of it last.

    References
    ----------
    Drawn sound is older than computers: E. A. Scholpo's and A. Avraamov's drawn film tracks, 1930; Xenakis' UPIC, 1977.
    Taught in notebooks/01_spectrogram_encoding.ipynb.
    """

    def __init__(
        self,
        riffer: "Riffer | None" = None,
        *,
        duration: float = 5.12,
        params: SpectrogramParams | None = None,
        folder: str | Path = "drawings",
    ) -> None:
        self.riffer = riffer
        self.result: Riff | None = None
        self._drawing: Drawing | None = None
        self.params = params or (riffer.params if riffer is not None else SpectrogramParams())
        if self.params.stereo:
            raise ValueError("a canvas has one channel; use params with stereo=False")
        if not 0.1 <= duration <= 80:
            raise ValueError(f"duration is {duration!r}, expected 0.1 to 80 s")
        columns = round(duration * 1000 / self.params.hop_ms)
        self._paper = np.full((self.params.n_mels, columns), 255, np.uint8)
        self.surface = DrawingSurface(image_from_pixels(self._paper, self.params), ink=True, label="Canvas")
        self.player = Player(title="drawing", compact=True, height=96)
        self.error = ErrorBox()
        self.keeper = Keeper(self._to_keep, folder)
        self._decoder = Newest(self._hear, on_done=self._heard, on_error=self.error.show)
        self.surface.observe(self.error.guards(lambda _: self._ask()), "drawn")
        self.prompt = ipywidgets.Text(description="words", placeholder="choir", **FIELD)
        self.strength = Slider(0.6, 0, 1, step=0.05, description="strength", layout=FIELD["layout"])
        self.seed = ipywidgets.BoundedIntText(0, min=0, max=2**31 - 1, description="seed", **FIELD)
        self.run_bar = RunBar("Paint over it", "give the drawing to vary, with these words")
        self.run_bar.on_click(self.paint_over)
        self.sung = ipywidgets.VBox()
        self._result_keeper = Keeper(lambda: (self.result, f"{self.prompt.value}-{self.seed.value}"), folder)
        self._settings = row(self.prompt, self.strength, self.seed)
        sketch = [self._settings, self.run_bar, self.sung]
        children = [self.surface, self.error, self.player, self.keeper, *(sketch if riffer is not None else [])]
        super().__init__(children, [self._decoder, self.run_bar])

    @property
    def image(self) -> Image.Image:
        """The drawing as a spectrogram picture: for `riffkit.decode`, `riffer.vary` or `riffer.inpaint`."""
        darkness = self.surface.darkness
        return image_from_pixels(np.rint(self._paper - 255 * darkness).astype(np.uint8), self.params)

    @property
    def clip(self) -> Clip:
        """The sound of the drawing."""
        return decode(self.image)

    # -- the drawing as sound -----------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self.error.clear()
        self._decoder.interrupt()
        self._decoder.ask(self.image)

    def _hear(self, image: Image.Image, progress: Reporter) -> Drawing:
        return Drawing(image, decode(image, quality="fast", progress=progress))

    def _heard(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.player.show(drawing)

    def _to_keep(self) -> tuple[Savable, str]:
        if not self.surface.drawn:
            raise ValueError("nothing is drawn yet")
        return Drawing(self.image, self.clip), "drawing"

    # -- the drawing as a sketch --------------------------------------------------------------------------------------

    def paint_over(self) -> Job:
        """Give the drawing to `riffer.vary` in a worker, as the button does.

        Raises
        ------
        ValueError
            If nothing is drawn, or there is no riffer.
        """
        if self.riffer is None:
            raise ValueError("this canvas has no riffer; make it with riffkit.Canvas(riffer)")
        if not self.surface.drawn:
            raise ValueError("nothing is drawn yet")
        words, seed, strength = self.prompt.value, self.seed.value, self.strength.value
        return self.run_bar.run(self.riffer.vary, self.image, words, seed, strength=strength, on_done=self._sing)

    def _sing(self, riff: "Riff") -> None:
        self.result = riff
        if not self.sung.children:
            self.sung.children = [Player(riff, height=160), self._result_keeper]
            answer_beside_cells(self.sung)
        else:
            self.sung.children[0].show(riff)
