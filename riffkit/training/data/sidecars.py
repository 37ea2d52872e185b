"""Captions beside their files: `bells.txt`, `bells.json` or `bells.caption` beside `bells.wav`."""

import json
from collections.abc import Iterable
from pathlib import Path

from riffkit.training.data.kinds import SIDECARS, folded, is_sound
from riffkit.training.data.tables import Row
from riffkit.training.data.texts import read_text


class Sidecars:
    """The files of captions that lie beside sounds.

    Parameters
    ----------
    files : iterable of Path
        All files of a folder, sounds and others.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._beside: dict[tuple[Path, str], Path] = {}  # by folder and folded name
        self._sounds: set[tuple[Path, str]] = set()
        for path in files:
            if is_sound(path.name):
                self._sounds |= {(path.parent, folded(name)) for name in (path.stem, path.name)}
            elif path.suffix.lower() in SIDECARS:
                self._beside.setdefault((path.parent, folded(path.name)), path)

    def of(self, sound: Path) -> Path | None:
        """Find the captions of the file `sound`: named as it is, or with its ending replaced; None without any."""
        names = (folded(stem + suffix) for suffix in SIDECARS for stem in (sound.stem, sound.name))
        return next((path for name in names if (path := self._beside.get((sound.parent, name)))), None)

    def belongs(self, path: Path) -> bool:
        """Whether the file of captions at `path` lies beside a sound of its name."""
        return path.suffix.lower() in SIDECARS and (path.parent, folded(path.stem)) in self._sounds

    def read(self, path: Path) -> tuple[Row, str]:
        """Read the file of captions at `path`.

        Returns
        -------
        row : dict
        note : str
            What is to be said of it; empty if nothing.

        Raises
        ------
        ValueError
            If it cannot be read.
        """
        try:
            text, note = read_text(path)
        except OSError as error:
            raise ValueError(f"it cannot be read ({error.strerror or error})") from None
        if path.suffix.lower() != ".json":
            return {"text": text}, note
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"it is not JSON ({error})") from None
        if not isinstance(row, dict):
            raise ValueError('it holds no names and values; expected for example {"text": "slow piano"}')
        return row, note
