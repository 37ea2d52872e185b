"""How long a recording is: what is planned with must be what will be read."""

from pathlib import Path

import soundfile

from riffkit.sound.clip import Clip


def seconds_of(path: Path) -> float:
    """Measure the duration [s] of the sound file at `path`.

    Raises
    ------
    ValueError, OSError
        If it cannot be read as sound; the message says why.
    """
    try:
        return soundfile.info(str(path)).duration
    except (soundfile.SoundFileError, RuntimeError):
        Clip.load(path)  # raises with the reason in words
        raise
