"""The linear code: pictures to latents and back by principal components, in closed form.

Each patch of 16 x 16 pixels (of both channels, where a picture is stereo) becomes its largest principal components,
fitted in seconds, so that latents exist before any network is trained. `autoencoder.py` then trains a standard
`AutoencoderKL` that speaks the same code.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riffkit.sound.files import replacing

# what NumPy raises over damaged archives
DAMAGED = (OSError, ValueError, LookupError, TypeError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error,
           struct.error)  # fmt: skip
PATCH = 16
CHANNELS = 24
WHITENING = 0.6  # 1 makes every component equally strong, 0 leaves them as they are: half way is easiest to denoise


def to_signal(pictures: np.ndarray) -> np.ndarray:
    """Scale 8-bit `pictures` [any shape, uint8] to floats in -1..1: white (silence) is 1, black (loudest) is -1."""
    return np.asarray(pictures, np.float32) / 127.5 - 1


def to_pixels(signal: Any) -> np.ndarray:
    """Invert `to_signal`: a `signal` [any shape, -1..1] to uint8, rounded and limited to 0..255."""
    return np.clip(np.rint((np.asarray(signal, np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class PatchCode:
    """Principal component analysis of patches of 16 x 16 pixels, as an encoder and decoder with a closed form.

    Parameters
    ----------
    mean : np.ndarray [shape=(256,) or (512,), float32]
        The mean patch; of stereo pictures the left one and the right one.
    directions : np.ndarray [shape=(256 or 512, channels), float32]
        The leading components, orthonormal.
    spread : np.ndarray [shape=(channels,), float32]
        Standard deviation of patches along each.
    """

    mean: np.ndarray
    directions: np.ndarray
    spread: np.ndarray

    @classmethod
    def fit(
        cls,
        pictures: np.ndarray,
        channels: int = CHANNELS,
        *,
        keep: PatchCode | None = None,
        patches_per_picture: int = 200,
        seed: int = 0,
    ) -> PatchCode:
        """Fit the principal components of a random choice of patches.

        Parameters
        ----------
        pictures : np.ndarray [shape=(n, height, width) or (n, 2, height, width), uint8]
            Height and width are multiples of 16; two channels are coded together.
        channels : int [1..256]
            Components that are kept.
        keep : PatchCode or None
            A code whose components stay the first ones; the others are fitted to what it leaves over.
        patches_per_picture : int, >= 1
            At most; they are drawn at random.
        seed : int
        """
        rng = np.random.default_rng(seed)
        drawn = []
        for picture in pictures:
            patches = _patches(picture[None])[0]
            patches = patches.reshape(-1, patches.shape[-1])
            drawn.append(patches[rng.permutation(len(patches))[:patches_per_picture]])
        chosen = np.concatenate(drawn)
        mean = chosen.mean(axis=0) if keep is None else keep.mean
        left = chosen - mean
        if keep is not None:
            left = left - left @ keep.directions @ keep.directions.T
        variances, directions = np.linalg.eigh(left.T @ left / len(left))
        strongest = np.argsort(-variances)[: channels - (len(keep.spread) if keep else 0)]
        directions, spread = directions[:, strongest], np.sqrt(variances[strongest])
        if keep is not None:
            directions, spread = np.hstack([keep.directions, directions]), np.hstack([keep.spread, spread])
        return cls(mean.astype(np.float32), directions.astype(np.float32), spread.astype(np.float32))

    @property
    def _scale(self) -> np.ndarray:
        """What each component is divided by: latents have a standard deviation of one in all."""
        return self.spread**WHITENING * np.sqrt((self.spread ** (2 - 2 * WHITENING)).mean())

    def of_the_middle(self) -> PatchCode:
        """Make of a code of grey pictures one of stereo pictures: it gives the same latents for two equal channels."""
        return PatchCode(np.tile(self.mean, 2), np.tile(self.directions, (2, 1)) / 2**0.5, self.spread * 2**0.5)

    @property
    def sides(self) -> int:
        """Channels of the pictures: 1, or 2 of stereo ones."""
        return len(self.mean) // (PATCH * PATCH)

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Encode 8-bit `pictures` as `fit` takes them to latents [shape=(n, channels, height / 16, width / 16)]."""
        return np.ascontiguousarray(
            ((_patches(pictures) - self.mean) @ self.directions / self._scale).transpose(0, 3, 1, 2)
        )

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Decode `latents` [shape=(n, channels, rows, columns)] to 8-bit pictures like those that were encoded."""
        patches = (np.asarray(latents).transpose(0, 2, 3, 1) * self._scale) @ self.directions.T + self.mean
        n, rows, columns, _ = patches.shape
        signal = patches.reshape(n, rows, columns, self.sides, PATCH, PATCH).transpose(0, 3, 1, 4, 2, 5)
        pixels = to_pixels(signal.reshape(n, self.sides, rows * PATCH, columns * PATCH))
        return pixels if self.sides > 1 else pixels[:, 0]

    def save(self, path: str | Path) -> None:
        """Save the code as the NumPy archive `path`, which it replaces."""
        with replacing(path, True) as temporary, Path(temporary).open("wb") as file:
            np.savez(file, mean=self.mean, directions=self.directions, spread=self.spread)

    @classmethod
    def load(cls, path: str | Path) -> PatchCode:
        """Load a code from the NumPy archive `path`, as `save` writes it.

        Raises
        ------
        ValueError
            If the file is damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                mean, directions, spread = (np.asarray(file[n], np.float32) for n in ("mean", "directions", "spread"))
        except FileNotFoundError:
            raise
        except DAMAGED as error:
            raise ValueError(f"{path} cannot be read as a linear code ({error}); remove it to make it again") from None
        whole = mean.ndim == spread.ndim == 1 and directions.shape == (len(mean), len(spread)) and len(spread) > 0
        if not whole or not all(np.isfinite(part).all() for part in (mean, directions, spread)) or spread.min() < 0:
            raise ValueError(f"{path} is no linear code, or a damaged one; remove it to make it again")
        return cls(mean, directions, spread)


def _patches(pictures: np.ndarray) -> np.ndarray:
    """(n, height, width) or (n, sides, height, width) uint8 to (n, height / 16, width / 16, 256 x sides) float32."""
    signal = to_signal(pictures)
    signal = signal if signal.ndim == 4 else signal[:, None]
    n, sides, height, width = signal.shape
    blocks = signal.reshape(n, sides, height // PATCH, PATCH, width // PATCH, PATCH).transpose(0, 2, 4, 1, 3, 5)
    return blocks.reshape(n, height // PATCH, width // PATCH, sides * PATCH * PATCH)
