"""The ground floor: clip <-> mel <-> picture. Signal processing only; nothing here knows about diffusion."""


def warm_up():
    """Compile what numba compiles (some seconds, once per installation), so that the first sound comes at once.

    The results lie beside the modules (or in numba's cache folder if that cannot be written) and serve all later runs.
    """
    import numpy as np

    from riffkit.sound.clip import Clip
    from riffkit.sound.image import decode, encode

    tick = Clip(np.hanning(8820).astype(np.float32), 44100)
    for periodic in (False, True):
        image = encode(tick, periodic=periodic)
        decode(image, periodic=periodic, quality="fast")
    decode(image, quality="griffin-lim")
