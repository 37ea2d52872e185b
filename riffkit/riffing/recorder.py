"""Recording of the denoising loop: a film of what every step saw, and what the model took it for."""

from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from riffkit.diffusion.sampling import Estimate
from riffkit.progress import Progress, Reporter, report, shown
from riffkit.riffing.riff import Riff
from riffkit.riffing.riffer import Riffer
from riffkit.sound.image import image_from_pixels
from riffkit.sound.metadata import params_from_image

SIDES = ("seen", "guess")


class Film:
    """A `progress` callable that keeps every step of one run: `riffer.riff(..., progress=film)`.

    It keeps latents, on the CPU, and draws only what is asked for. With the embedded model a step of 5.12 s takes
    under 200 KiB (`nbytes` adds them up), and drawing one two tenths of a second.

    Parameters
    ----------
    progress : callable, optional
        Is told of the steps as well, and may stop the run.

    Attributes
    ----------
    steps : list of Estimate
        In the order they were taken; PNDM evaluates one of its timesteps twice, and so has one more.

    References
    ----------
    Taught in notebooks/02_inference.ipynb.
    """

    def __init__(self, progress: Reporter | None = None) -> None:
        self.steps: list[Estimate] = []
        self._progress, self._last = progress, None

    def __call__(self, step: int, total: int, estimate: Any = None) -> None:
        """Keep the `estimate` of a `step` of `total`."""
        if estimate is not None and self._last is not estimate:
            self._last = estimate
            self.steps.append(replace(estimate, x_t=estimate.x_t.cpu(), x_0=estimate.x_0.cpu()))
        report(self._progress, step, total, estimate)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"Film({len(self)} steps, {self.nbytes / 2**20:.1f} MiB)"

    @property
    def nbytes(self) -> int:
        """Bytes of all latents kept."""
        return sum(latents.nbytes for step in self.steps for latents in (step.x_t, step.x_0))

    def image(self, step: int, side: str = "guess", like: Riff | None = None) -> Image.Image:
        """Draw one step.

        Parameters
        ----------
        step : int
            Below `len(film)`; negative numbers count from the end.
        side : str
            "seen", the noisy latents x_t, or "guess", the clean latents that the model took them for.
        like : Riff, optional
            The finished riff: its parameters are written into the picture, and columns beyond its end cut off (the
            model paints whole windows). A loop comes as the model painted it: later it is stretched to its exact length
            and turned to begin where it is quiet.

        Returns
        -------
        PIL.Image.Image
        """
        if side not in SIDES:
            raise ValueError(f"side is {side!r}, expected {' or '.join(map(repr, SIDES))}")
        estimate = self.steps[step]
        image = estimate.draw(estimate.x_t if side == "seen" else estimate.x_0)
        if like is None:
            return image
        pixels = np.asarray(image.convert("L"))
        pixels = pixels if like.loop else pixels[:, : like.image.width]
        return image_from_pixels(np.ascontiguousarray(pixels), params_from_image(like.image))


def film_of(riff: Riff, riffer: Riffer, *, progress: Progress = None) -> Film:
    """Record the denoising of a riff that was made without a film: following its recipe leads to the same bits.

    Parameters
    ----------
    riff : Riff
        Of any one run; of an interpolation's inverted ends there is none.
    riffer : Riffer
        On the checkpoint that made it.
    progress : callable, bool or None

    Returns
    -------
    Film

    Raises
    ------
    ValueError
        If the recipe belongs to another checkpoint, or leads to another picture (other machine or versions), or has no
        steps.
    """
    with shown(progress, "film") as reporter:
        film = Film(reporter)
        again = riffer.replay(riff, progress=film)
    if not film.steps:
        raise ValueError(f"{riff!r} took no steps, so there is no film of it (strength 0, or an inverted recording)")
    if not np.array_equal(np.asarray(again.image), np.asarray(riff.image)):
        raise ValueError(
            f"{riff!r} came out otherwise this time, so this would not be its film: it was made on another machine, or"
            f" with other versions; make it again here with progress=Film()"
        )
    return film
