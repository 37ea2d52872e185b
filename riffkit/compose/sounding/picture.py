"""A stereo loop as the 8-bit pictures that a model learns from."""

import numpy as np

from riffkit.sound.mel import mel_from_samples
from riffkit.sound.params import SpectrogramParams

# Hiss of recorded samples at -60 dB and below prints as grey texture (the picture shows the fourth root): levels under
# a tenth of the range go to white, levels over a fifth stay, those between fade.
QUIET, CLEAR = 0.10, 0.20


def picture_of(samples: np.ndarray, params: SpectrogramParams | None = None) -> np.ndarray:
    """Draw a loop as two pictures, left and right under one scale: Riffusion's, with the hiss removed.

    Parameters
    ----------
    samples : np.ndarray [shape=(2, 225792), float32, at 44100 Hz]
    params : SpectrogramParams or None
        None takes `SpectrogramParams.full_band()`.

    Returns
    -------
    np.ndarray [shape=(2, n_mels, 512), uint8]
        Low frequencies at the bottom, loud is dark; all white for silence.
    """
    params = params or SpectrogramParams.full_band()
    mel = mel_from_samples(samples, params, periodic=True)
    loudest = mel.max()
    if loudest <= 0:
        return np.full(mel.shape, 255, np.uint8)
    level = mel[:, ::-1] / loudest
    level = np.sqrt(np.sqrt(level)) if params.contrast == 0.25 else level**params.contrast
    level *= np.clip((level - QUIET) / (CLEAR - QUIET), 0, 1)
    return (255 - np.rint(255 * level)).astype(np.uint8)
