"""WordMap: cross-attention of each word of the prompt, in time and frequency."""

import html
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from PIL import Image

from riffkit.progress import Reporter
from riffkit.riffing.attention import WordMaps, word_maps
from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer, riffer_of
from riffkit.sound.metadata import params_from_image
from riffkit.widgets.parts.jobs import Job
from riffkit.widgets.parts.panel import Panel
from riffkit.widgets.parts.pictures import axes_of, png_of
from riffkit.widgets.parts.run_bar import RunBar
from riffkit.widgets.parts.scripts import PLOT, script, style

WIDEST = 4096  # columns of the picture that are sent


class WordOverlay(anywidget.AnyWidget):
    """A spectrogram picture under the map of one word.

    Attributes
    ----------
    words : list of dict
        word (text), map (PNG, one grey pixel for each cell, white is most), low, high (shares of the attention).
    chosen : int
        Which word's map is shown; -1 for none.
    strength : float, 0..1
        Of the overlay.
    """

    _esm = script(*PLOT, "word_map.js")
    _css = style("player.css")

    picture = traitlets.Bytes(b"").tag(sync=True)
    about = traitlets.Dict().tag(sync=True)  # see `axes_of`
    duration = traitlets.Float(0.0).tag(sync=True)
    words: traitlets.List[Any] = traitlets.List().tag(sync=True)
    span = traitlets.Int(1).tag(sync=True)  # columns that the maps cover
    chosen = traitlets.Int(-1).tag(sync=True)
    strength = traitlets.Float(0.8, min=0.0, max=1.0).tag(sync=True)
    height = traitlets.Int(256, min=40, max=2000).tag(sync=True)


class WordMap(Panel):
    """Cross-attention maps: where each word of a prompt acted, laid over the riff's picture.

    When the button is pressed, the riff is made again from its recipe, to the same bits, while the attention that the
    UNet pays to each word is written down and averaged over steps, heads and layers.

    Parameters
    ----------
    riff : Riff
        From `riff`, `vary` or `inpaint`.
    riffer : Riffer, optional
        That made it; needed unless the embedded model did: what a recipe names is never loaded.

    Attributes
    ----------
    maps : WordMaps or None
        The numbers, as `riffkit.riffing.attention.word_maps` gives them.
    overlay : WordOverlay
        `overlay.chosen` is the word that is shown.

    References
    ----------
    Tang et al., "What the DAAM: interpreting Stable Diffusion using cross attention", 2022. Taught in
    notebooks/02_inference.ipynb.
    """

    def __init__(self, riff: Riff, riffer: Riffer | None = None) -> None:
        self.riff, self.riffer = riff, riffer
        self.maps: WordMaps | None = None
        self.run_bar = RunBar("Find the words", "make the riff again, and write down where each word acts")
        self.run_bar.on_click(self.find)
        params = params_from_image(riff.image)
        columns = min(riff.image.width, WIDEST)
        self._squeezed = riff.image.width / columns
        picture = riff.image.convert("L").resize((columns, riff.image.height), Image.Resampling.BILINEAR)
        self.overlay = WordOverlay(
            picture=png_of(picture),
            about=axes_of(params, squeezed=self._squeezed),
            duration=params.seconds_of(max(riff.image.width - 1, 1)),
        )
        self.note = ipywidgets.HTML()
        super().__init__([self.run_bar, self.overlay, self.note], [self.run_bar])

    def find(self) -> Job:
        """Record the maps in a worker, as the button does."""
        return self.run_bar.run(self._find, on_done=self._found)

    def _find(self, progress: Reporter) -> tuple[WordMaps, float]:
        if self.riffer is None:
            self.riffer = riffer_of(self.riff)
        maps, checkpoint = word_maps(self.riff, self.riffer, progress=progress), self.riffer.checkpoint
        columns = checkpoint.window * checkpoint.factor / maps.sizes[0][1]  # of one cell of the finest attention
        return maps, params_from_image(self.riff.image).seconds_of(columns)

    def _found(self, found: tuple[WordMaps, float]) -> None:
        maps, finest = found
        self.maps = maps
        words = []
        for word, values in zip(maps.words, maps.maps, strict=True):
            low, high = float(values.min()), float(values.max())
            grey = np.rint(255 * (values - low) / max(high - low, 1e-9)).astype(np.uint8)
            words.append({"word": word, "map": png_of(Image.fromarray(grey)), "low": low, "high": high})
        with self.overlay.hold_sync():
            self.overlay.span = round(maps.span / self._squeezed)
            self.overlay.words, self.overlay.chosen = words, 0
        rest = f"{maps.rest.mean():.0%}"
        sizes = " and ".join(f"{rows} × {columns}" for rows, columns in maps.sizes)
        text = (
            f"The model attends in {sizes} cells of one window; finer shades are interpolated, so an edge here is no"
            f" sharper than {finest:.2f} s. {rest} of the attention went to the marks around the words."
            " What the prompt does as a whole has no place and is not seen."
        )
        self.note.value = f'<div style="line-height:1.4;max-width:960px">{html.escape(text)}</div>'
