"""A film of the denoising loop: what every step saw, and what the model took it for."""

from dataclasses import replace

import numpy as np

from riffkit.progress import report, shown
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

    def __init__(self, progress=None):
        self.steps = []
        self._progress = progress

    def __call__(self, step, total, estimate=None):
        if estimate is not None and not (self.steps and self._last is estimate):
            self._last = estimate
            self.steps.append(replace(estimate, x_t=estimate.x_t.cpu(), x_0=estimate.x_0.cpu()))
        report(self._progress, step, total, estimate)

    def __len__(self):
        return len(self.steps)

    def __repr__(self):
        return f"Film({len(self)} steps, {self.nbytes / 2**20:.1f} MiB)"

    @property
    def nbytes(self):
        """Bytes of all latents kept."""
        return sum(latents.nbytes for step in self.steps for latents in (step.x_t, step.x_0))

    def image(self, step, side="guess", like=None):
        """The picture of one step.

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


def film_of(riff, riffer, *, progress=None):
    """The film of a riff that was made without one: its recipe is followed again, and leads to the same bits.

    Parameters
    ----------
    riff : Riff
        Of any one run; of an interpolation's inverted ends there is none.
    riffer : Riffer
        On the checkpoint that made it.
    progress : callable, optional

    Returns
    -------
    Film

    Raises
    ------
    ValueError
        If the recipe belongs to another checkpoint, or leads to another picture (other machine or versions), or has no
        steps.
    """
    with shown(progress, "film") as progress:
        film = Film(progress)
        again = riffer.replay(riff, progress=film)
    if not film.steps:
        raise ValueError(f"{riff!r} took no steps, so there is no film of it (strength 0, or an inverted recording)")
    if not np.array_equal(np.asarray(again.image), np.asarray(riff.image)):
        raise ValueError(
            f"{riff!r} came out otherwise this time, so this would not be its film: it was made on another machine, or"
            f" with other versions; make it again here with progress=Film()"
        )
    return film
