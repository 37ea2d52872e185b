"""WordMap: for each word of the prompt, where in time and frequency it acted."""

import html
import io

import anywidget
import ipywidgets
import numpy as np
import traitlets
from PIL import Image

from riffkit.riffing.attention import word_maps
from riffkit.riffing.riffer import load
from riffkit.sound.metadata import params_from_image
from riffkit.widgets.parts.jobs import answer_beside_cells
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
    about = traitlets.Dict().tag(sync=True)  # hop (s), lanes, fmin, fmax (Hz)
    duration = traitlets.Float(0.0).tag(sync=True)
    words = traitlets.List().tag(sync=True)
    span = traitlets.Int(1).tag(sync=True)  # columns that the maps cover
    chosen = traitlets.Int(-1).tag(sync=True)
    strength = traitlets.Float(0.8, min=0.0, max=1.0).tag(sync=True)
    height = traitlets.Int(256, min=40, max=2000).tag(sync=True)


class WordMap(ipywidgets.VBox):
    """Where each word of a prompt acted, laid over the riff's picture.

    When the button is pressed, the riff is made again from its recipe, to the same bits, while the attention that the
    UNet pays to each word is written down and averaged over steps, heads and layers.

    Parameters
    ----------
    riff : Riff
        From `riff`, `vary` or `inpaint`.
    riffer : Riffer, optional
        That made it; without one, its checkpoint is loaded again when needed.

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

    def __init__(self, riff, riffer=None):
        self.riff, self.riffer, self.maps = riff, riffer, None
        self.run_bar = RunBar("Find the words", "make the riff again, and write down where each word acts")
        self.run_bar.on_click(self.find)
        params = params_from_image(riff.image)
        hop = params.hop_length / params.sample_rate
        columns = min(riff.image.width, WIDEST)
        self._squeezed = riff.image.width / columns
        picture = riff.image.convert("L").resize((columns, riff.image.height), Image.Resampling.BILINEAR)
        self.overlay = WordOverlay(
            picture=_png(picture),
            about={"hop": hop * self._squeezed, "lanes": 1, "fmin": params.fmin, "fmax": params.fmax},
            duration=max(riff.image.width - 1, 1) * hop,
        )
        self.note = ipywidgets.HTML()
        super().__init__([self.run_bar, self.overlay, self.note])
        answer_beside_cells(self)

    def find(self):
        """Record the maps in a worker, as the button does.

        Returns
        -------
        Job
        """
        return self.run_bar.run(self._find, on_done=self._found)

    def close(self):
        """Stop what runs, and take the maps off the page."""
        self.run_bar.close()
        super().close()

    def _find(self, progress):
        if self.riffer is None:
            self.riffer = load(self.riff.recipe["checkpoint"]["name"])
        return word_maps(self.riff, self.riffer, progress=progress)

    def _found(self, maps):
        self.maps = maps
        words = []
        for word, values in zip(maps.words, maps.maps, strict=True):
            low, high = float(values.min()), float(values.max())
            grey = np.rint(255 * (values - low) / max(high - low, 1e-9)).astype(np.uint8)
            words.append({"word": word, "map": _png(Image.fromarray(grey)), "low": low, "high": high})
        with self.overlay.hold_sync():
            self.overlay.span = round(maps.span / self._squeezed)
            self.overlay.words, self.overlay.chosen = words, 0
        rest = f"{maps.rest.mean():.0%}"
        sizes = " and ".join(f"{rows} × {columns}" for rows, columns in maps.sizes)
        text = (
            f"The model attends in {sizes} cells of one window; finer shades are interpolated, so an edge here is no"
            f" sharper than {self._finest():.2f} s. {rest} of the attention went to the marks around the words."
            " What the prompt does as a whole has no place and is not seen."
        )
        self.note.value = f'<div style="line-height:1.4;max-width:960px">{html.escape(text)}</div>'

    def _finest(self):
        """Seconds that one cell of the finest attention covers."""
        checkpoint, params = self.riffer.checkpoint, params_from_image(self.riff.image)
        return checkpoint.window * checkpoint.factor / self.maps.sizes[0][1] * params.hop_ms / 1000


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
